"""A real Kubernetes API server on loopback, from the binaries that `KUBEBUILDER_ASSETS` names.

Turns a folder with `etcd`, `kube-apiserver` and `kubectl` (the convention of envtest) into a server that takes what
`kubectl` sends. Invariant: both processes end with the `with` block, and die with this one if it is killed.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

ASSETS = "KUBEBUILDER_ASSETS"
DEFINITIONS = "SEATRIAL_CRDS"
"""Optional: folders of CustomResourceDefinitions (Istio's, KEDA's …) to install first, as in PATH."""

NEEDED = ("etcd", "kube-apiserver", "kubectl")


def missing() -> str | None:
    """Why there is no API server to ask, or None."""
    folder = os.environ.get(ASSETS)
    if not folder:
        return f"{ASSETS} names no folder with {', '.join(NEEDED)}"
    absent = [name for name in NEEDED if not os.access(Path(folder) / name, os.X_OK)]
    return f"{folder} has no {', '.join(absent)}" if absent else None


@dataclass(frozen=True, slots=True)
class ApiServer:
    kubectl_path: Path
    config: Path

    def kubectl(self, *arguments: str | Path, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        command = [str(self.kubectl_path), "--kubeconfig", str(self.config), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=timeout)


@contextmanager
def api_server(folder: Path) -> Iterator[ApiServer]:
    """Ready within a minute; RuntimeError with the end of its log otherwise. `folder` holds its state."""
    assets = Path(os.environ[ASSETS])
    with ExitStack() as stack:
        client, peer, secure = (_free_port() for _ in range(3))
        etcd = f"http://127.0.0.1:{client}"
        stack.enter_context(
            _running(
                folder / "etcd.log",
                *(assets / "etcd", "--data-dir", folder / "etcd", "--listen-client-urls", etcd),
                *("--advertise-client-urls", etcd, "--listen-peer-urls", f"http://127.0.0.1:{peer}"),
                *("--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}"),
                *("--initial-cluster", f"default=http://127.0.0.1:{peer}", "--unsafe-no-fsync"),
            )
        )
        token = secrets.token_hex(16)
        (folder / "tokens.csv").write_text(f'{token},tester,tester,"system:masters"\n')
        key = folder / "account.key"
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
        server = stack.enter_context(
            _running(
                folder / "apiserver.log",
                *(assets / "kube-apiserver", "--etcd-servers", etcd, "--bind-address", "127.0.0.1"),
                *("--secure-port", secure, "--advertise-address", "127.0.0.1", "--cert-dir", folder / "certificates"),
                *("--endpoint-reconciler-type", "none", "--service-cluster-ip-range", "10.0.0.0/24"),
                *("--token-auth-file", folder / "tokens.csv", "--authorization-mode", "RBAC"),
                *("--service-account-issuer", "https://localhost", "--service-account-key-file", key),
                *("--service-account-signing-key-file", key, "--profiling=false"),
                # Without a controller manager nobody makes the service accounts that this one waits for.
                *("--disable-admission-plugins", "ServiceAccount"),
            )
        )
        config = folder / "kubeconfig"
        config.write_text(yaml.safe_dump(_config(secure, token)))
        found = ApiServer(assets / "kubectl", config)
        _wait(found, server, folder / "apiserver.log")
        _define(found)
        yield found


def _define(server: ApiServer) -> None:
    folders = [one for one in os.environ.get(DEFINITIONS, "").split(os.pathsep) if one]
    asked = [("apply", "--server-side", "-R", "-f", one) for one in folders]
    if folders:
        asked.append(("wait", "--for=condition=Established", "crd", "--all", "--timeout=120s"))
    for arguments in asked:
        done = server.kubectl(*arguments)
        if done.returncode:
            raise RuntimeError(f"kubectl {' '.join(arguments)}: {done.stderr}")


def _config(port: int, token: str) -> dict[str, object]:
    cluster = {"server": f"https://127.0.0.1:{port}", "insecure-skip-tls-verify": True}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": cluster}],
        "users": [{"name": "test", "user": {"token": token}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        "current-context": "test",
    }


def _wait(server: ApiServer, process: subprocess.Popen[bytes], log: Path, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        if server.kubectl("get", "--raw=/readyz", timeout=30).returncode == 0:
            return
        time.sleep(0.5)
    raise RuntimeError("the API server did not come up: " + log.read_text()[-2000:])


@contextmanager
def _running(log: Path, *command: object) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen([str(one) for one in command], stdout=out, stderr=out, preexec_fn=_die_with_parent)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _die_with_parent() -> None:
    """Linux: SIGKILL when the parent goes (prctl PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
