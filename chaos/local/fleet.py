"""Compiled files and a scale -> the fleet, running on this machine.

Invariant: what runs is what was compiled: the supervisor reads `runtime/fleet.json` and `envoy/envoy.json` and nothing
of the plan. In the run folder stand `fleet.json` (who runs, for the fault actions), `events.jsonl` (what happened),
`envoy/` and `agents/` (settings and logs).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Coroutine, Mapping
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import aiohttp

from seatrial.compiler.semantics.controller import SYNC_PERIOD_MS

from .admin import AdminUnreachable
from .autoscaler import Autoscaler
from .document import RuntimeDocument, UnreadableDocument, load
from .endpoints import EndpointFiles, watched_files
from .envoy import OUTLIER_LOG, CallStats, Envoy, Unavailable, find_envoy
from .launch import Launcher, Ports, agent_settings, command_of, start_dependency
from .metrics import HostSampler, Reading, read_stand_ins
from .outliers import OutlierLog
from .probes import UNREADY_POLL_SECONDS, answers
from .rates import with_buckets
from .records import Events
from .replica_set import ReplicaSet
from .scale import BURST_REQUESTS, LocalSize, local_size
from .state import FleetState, write_state
from .tether import Child, Tether
from .thresholds import factors, limit_keys, scaled_bootstrap

_TICK_SECONDS = 1.0
_STOP_GRACE_SECONDS = 3.0
_ENVOY_SECONDS = 30.0
_START_MARGIN_SECONDS = 60.0


class LocalFleet:
    """One fleet. `prepare` reads what was compiled, `start` and `stop` run inside one event loop.

    The processes are children of `tether`, which its owner closes after `stop`.
    """

    def __init__(
        self,
        run_dir: Path,
        tether: Tether,
        document: RuntimeDocument,
        bootstrap: dict[str, Any],
        size: LocalSize,
        envoy: Path,
        *,
        seed: int,
        origin: float,
        cwd: Path,
    ) -> None:
        self.document, self.size = document, size
        self.listeners: dict[str, int] = {}
        self.admin = ""
        self.replica_sets: dict[str, ReplicaSet] = {}
        self._run_dir, self._tether, self._bootstrap = run_dir, tether, bootstrap
        self._binary, self._seed, self._origin, self._cwd = envoy, seed, origin, cwd
        self._events = Events(run_dir, origin)
        self._folder = run_dir / "envoy"
        self._endpoints = EndpointFiles(self._folder, watched_files(bootstrap))
        self._outliers = OutlierLog(self._folder / OUTLIER_LOG, origin)
        self._names: dict[int, str] = {}
        """Every port's last agent or dependency: an ejection may be read after the agent has gone."""
        self._sampler = HostSampler()
        self._dependencies: dict[str, Child] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._seen: dict[str, CallStats] = {}
        self._factors: dict[str, Fraction] = {}
        self._envoy: Envoy | None = None
        self._session: aiohttp.ClientSession | None = None

    @classmethod
    def prepare(
        cls,
        run_dir: Path,
        compiled: Path,
        tether: Tether,
        *,
        scale: Fraction,
        seed: int,
        origin: float,
        initial_per_second: Mapping[str, Fraction] | None = None,
        cwd: Path | None = None,
    ) -> LocalFleet | Unavailable:
        """The fleet at `scale`, or why it cannot run here.

        `origin` is the trial's zero on CLOCK_MONOTONIC, which `begin` may still move; `initial_per_second` each
        demand's rate at the start, full size; `cwd` is where commands of the user's run (this process's own folder).
        """
        envoy = find_envoy()
        if isinstance(envoy, Unavailable):
            return envoy
        try:
            document = load(compiled / "runtime" / "fleet.json")
            bootstrap = json.loads((compiled / "envoy" / "envoy.json").read_text(encoding="utf-8"))
        except (UnreadableDocument, OSError, ValueError) as error:
            return Unavailable(f"the compiled fleet cannot be read: {error}", "compile the spec again")
        for pool in document.pools:
            command = command_of(pool)
            if isinstance(command, Unavailable):
                return command
        size = local_size(document, scale, initial_per_second)
        run_dir.mkdir(parents=True, exist_ok=True)
        return cls(run_dir, tether, document, bootstrap, size, envoy, seed=seed, origin=origin, cwd=cwd or Path.cwd())

    async def start(self, timeout_seconds: float | None = None) -> Unavailable | None:
        """Start everything; returns when each pool has its agents in the endpoints, or with what went wrong.

        After a failure nothing is left running. By default a minute more than the longest start-up time is allowed.
        """
        if timeout_seconds is None:
            longest = max((pool.startup_seconds for pool in self.document.pools), default=Fraction(0))
            timeout_seconds = float(longest) + _START_MARGIN_SECONDS
        try:
            async with asyncio.timeout(timeout_seconds):
                failure = await self._start()
        except TimeoutError:
            failure = Unavailable(f"the fleet was not ready after {timeout_seconds:g} s: {self._not_ready()}")
        except BaseException:
            await self.stop()
            raise
        if failure is not None:
            await self.stop()
        return failure

    def begin(self, origin: float) -> None:
        """Set the trial's zero once the fleet is up: what happened until now then lies before it, at negative times.

        Before any fault or load, for the events are written anew.
        """
        self._origin = origin
        self._events.rebase(origin)
        self._outliers.rebase(origin)
        self._write_state()

    async def _start(self) -> Unavailable | None:
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True))
        folder = self._run_dir / "agents"
        folder.mkdir(parents=True, exist_ok=True)
        ports = {}
        for one in self.document.dependencies:
            child, ports[one.name] = start_dependency(self._tether, folder, one, self.size, self._seed)
            self._dependencies[one.name] = child
        for service in watched_files(self._bootstrap):
            self._endpoints.write(service, ())
        self._envoy = Envoy(self._binary, self._folder, self._session)
        at_start = {size.name: size.agents_at_start for size in self.size.pools}
        self._factors = factors(self.document, self.size.scale, at_start)
        most = {size.name: size.agents_max for size in self.size.pools}
        buckets = with_buckets(self._bootstrap, factors(self.document, self.size.scale, most), BURST_REQUESTS)
        scaled = scaled_bootstrap(buckets, self._factors)
        failure = await self._envoy.start(self._tether, scaled, _ENVOY_SECONDS)
        if failure is not None:
            return failure
        self.admin, self.listeners = self._envoy.admin, self._envoy.listeners
        for name, places in ports.items():
            while not await answers(self._session, places.requests, stand_in=True):
                if self._dependencies[name].returncode is not None:
                    return Unavailable(f"the stand-in of {name} exited: see {folder / name}.log")
                await asyncio.sleep(UNREADY_POLL_SECONDS)
            self._names[places.requests] = name
            self._endpoints.write(name, (places.requests,))
        for pool in self.document.pools:
            self.replica_sets[pool.name] = self._replica_set(pool.name, folder, ports)
        for name, replicas in self.replica_sets.items():
            replicas.want(self.size.pool(name).agents_at_start)
        while any(len(replicas.ready_ports) < replicas.wanted for replicas in self.replica_sets.values()):
            for replicas in self.replica_sets.values():
                if replicas.first_failure:
                    return Unavailable(replicas.first_failure)
            await asyncio.sleep(UNREADY_POLL_SECONDS)
        self._tasks = [asyncio.create_task(work) for work in self._loops()]
        return None

    def _replica_set(self, name: str, folder: Path, ports: Mapping[str, Ports]) -> ReplicaSet:
        assert self._session is not None
        pool = self.document.pool(name)
        command = command_of(pool)
        assert not isinstance(command, Unavailable)
        settings = agent_settings(self.document, pool, self.size, self.listeners, ports)
        launcher = Launcher(self._tether, folder, pool, settings, cwd=self._cwd, command=command, seed=self._seed)
        rule = self.document.contained.restarts.get(pool.name)
        return ReplicaSet(pool, launcher, self._session, self._events, self._changed, rule)

    def _not_ready(self) -> str:
        late = [
            f"{len(one.ready_ports)} of {one.wanted} agents of {name} are ready"
            for name, one in self.replica_sets.items()
            if len(one.ready_ports) < one.wanted
        ]
        return "; ".join(late) or "Envoy or a dependency did not come up"

    def _changed(self, replicas: ReplicaSet) -> None:
        self._names.update((agent.port, agent.name) for agent in replicas.agents)
        self._endpoints.write(replicas.pool.name, replicas.ready_ports)
        self._write_state()

    def _write_state(self) -> None:
        pools = {name: tuple(agent.record for agent in one.agents) for name, one in self.replica_sets.items()}
        write_state(self._run_dir, FleetState(self._origin, self.admin, self.listeners, pools))

    def _loops(self) -> list[Coroutine[None, None, None]]:
        return [self._watch(), self._scale(), *(self._mind(name, one) for name, one in self._dependencies.items())]

    async def _watch(self) -> None:
        """Each second: the counts, what Envoy says, and its limits brought to the number of callers."""
        while True:
            started = time.monotonic()
            for replicas in self.replica_sets.values():
                replicas.report()
            self._report_ejections()
            try:
                await self._follow_envoy()
            except AdminUnreachable as error:
                self._events.add("envoy", phase="unreachable", why=str(error))
            await asyncio.sleep(max(0.0, started + _TICK_SECONDS - time.monotonic()))

    async def _follow_envoy(self) -> None:
        assert self._envoy is not None
        now = await self._envoy.call_stats()
        for call, stats in now.items():
            before = self._seen.get(call)
            overflows = stats.overflows - (before.overflows if before else 0)
            over_budget = stats.retries_over_budget - (before.retries_over_budget if before else 0)
            if overflows or over_budget or stats.open != (before.open if before else False):
                self._events.add(
                    "breaker", call=call, open=stats.open, overflows=overflows, retries_over_budget=over_budget
                )
        self._seen = now
        agents = {name: len(one.present) for name, one in self.replica_sets.items()}
        wanted = factors(self.document, self.size.scale, agents)
        if wanted != self._factors:
            await self._envoy.set_runtime(limit_keys(self._bootstrap, wanted))
            self._factors = wanted
        commands = [one for one in self.replica_sets.values() if not one.stand_in]
        if commands:
            concurrency = {agent.port: one.pool.concurrency for one in commands for agent in one.agents}
            self._sampler.sample(await self._envoy.host_stats(), concurrency, time.monotonic())

    def _report_ejections(self) -> None:
        for ejection in self._outliers.read():
            self._events.add(
                "ejection",
                at=ejection.t,
                call=ejection.call,
                host=self._names.get(ejection.port, f"127.0.0.1:{ejection.port}"),
                phase=ejection.phase if ejection.enforced else "spared",
                cause=ejection.kind,
            )

    async def _scale(self) -> None:
        """The autoscalers' syncs, the first one period after the start."""
        period = SYNC_PERIOD_MS / 1000
        autoscalers = {}
        for pool in self.document.pools:
            if pool.scaling is not None:
                size = self.size.pool(pool.name)
                autoscalers[pool.name] = Autoscaler(pool, pool.scaling, size.agents_min, size.agents_max, self._events)
        while autoscalers:
            # After the work, so that two syncs are never less than a period apart: a scale event of the last sync has
            # then left a policy's window of the same length, as it has for the controller, which waits likewise.
            await asyncio.sleep(period)
            for name, autoscaler in autoscalers.items():
                replicas = self.replica_sets[name]
                readings = await self._readings(replicas)
                autoscaler.sync(replicas, readings, now=time.monotonic())

    async def _readings(self, replicas: ReplicaSet) -> dict[str, Reading]:
        assert self._session is not None
        asked = [agent for agent in replicas.present if agent.ready_since is not None]
        if replicas.stand_in:
            return await read_stand_ins(self._session, asked)
        return self._sampler.readings(asked)

    async def _report_work(self) -> None:
        """What each agent that is still there has done since it was ready: the evidence for fairness and efficiency."""
        if self._session is None:
            return
        for name, replicas in self.replica_sets.items():
            readings = await self._readings(replicas)
            for agent in replicas.present:
                reading = readings.get(agent.name)
                if reading is None or agent.ready_since is None:
                    continue
                self._events.add(
                    "work",
                    pool=name,
                    agent=agent.name,
                    arrived=reading.arrived,
                    busy_slot_seconds=reading.busy_slot_seconds,
                    seconds=reading.at - agent.ready_since,
                    slots=replicas.pool.concurrency,
                )

    async def _mind(self, name: str, child: Child) -> None:
        """A dependency's stand-in is no target of any fault: its end is worth an event, for it spoils the trial."""
        returncode = await child.wait()
        self._events.add("dependency", dependency=name, phase="exited", returncode=returncode)

    async def stats(self) -> dict[str, CallStats]:
        """Envoy's counters of each call; raises AdminUnreachable."""
        assert self._envoy is not None
        return await self._envoy.call_stats()

    async def stop(self) -> None:
        """SIGTERM to all, SIGKILL after three seconds. Idempotent; raises what one of its tasks left uncaught."""
        try:
            await self._end()
        finally:
            # Also where a second Ctrl-C cuts the grace short: what is left open is complained of on the terminal.
            session, self._session = self._session, None
            if session is not None:
                await session.close()

    async def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        await self._report_work()
        if self._envoy is not None and self.admin:
            try:
                for call, stats in (await self._envoy.call_stats()).items():
                    self._events.add("call", call=call, **asdict(stats))
            except AdminUnreachable:
                pass
        sets = list(self.replica_sets.values())
        await asyncio.gather(*(replicas.stop(_STOP_GRACE_SECONDS) for replicas in sets))
        await asyncio.gather(*(child.stop(_STOP_GRACE_SECONDS) for child in self._dependencies.values()))
        if self._envoy is not None:
            await self._envoy.stop(_STOP_GRACE_SECONDS)
            self._report_ejections()
            self._envoy = None
        if self.admin:
            self._write_state()
            self.admin = ""
        bugs = [one for one in ended if isinstance(one, Exception)] + [one.bug for one in sets if one.bug is not None]
        for bug in bugs:
            raise bug
