"""A wanted number -> that many agents of one pool alive, as a ReplicaSet and the kubelets keep pods.

Invariant: an agent is an endpoint exactly while it counts as ready; a change in who is ready is told to `changed`
before anything else happens.

An agent that was killed is a pod that is lost: another takes its place at once. One that ended by itself is a container
that failed: the first time it is started again at once, then after 10 s, 20 s and so on up to 5 min, and from the start
once it has run for 10 min.

Sources: https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/ (which pods a scale-down takes),
https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/ (restart back-off, termination).
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

import aiohttp

from seatrial.compiler.semantics.probes import EXIT_NOTICED_S

from .contained import Restarts
from .document import Pool
from .launch import Launcher
from .probes import UNREADY_POLL_SECONDS, answers, probing
from .records import Events
from .state import AgentRecord, AgentState
from .tether import Child

_BACKOFF_SECONDS, _BACKOFF_MOST_SECONDS, _BACKOFF_FORGIVEN_SECONDS = 10.0, 300.0, 600.0

_ROUTES_GONE_SECONDS = 0.1
"""Between leaving the endpoints and SIGTERM, as a preStop pause does on a cluster; Envoy takes about 8 ms."""


def backoff_seconds(failures: int, rule: Restarts | None = None) -> float:
    """How long a container waits to be started again that has failed `failures` times before this one.

    By the pool's own `rule` it waits before the first restart, too.
    """
    if rule is not None and rule.backoff_first_seconds is not None and rule.backoff_cap_seconds is not None:
        return min(float(rule.backoff_cap_seconds), float(rule.backoff_first_seconds) * 2.0 ** min(failures, 30))
    if failures == 0:
        return 0.0
    return min(_BACKOFF_MOST_SECONDS, _BACKOFF_SECONDS * 2.0 ** min(failures - 1, 10))


@dataclass(slots=True)
class LocalAgent:
    """`failures`: how often this agent and those whose place it took have ended by themselves. Times are monotonic."""

    name: str
    child: Child
    port: int
    failures: int
    started: float
    state: AgentState = AgentState.STARTING
    restarting: bool = False
    ready_since: float | None = None
    lives: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def record(self) -> AgentRecord:
        return AgentRecord(self.name, self.child.identity, self.port, self.state)

    @property
    def counts(self) -> bool:
        """Whether it is one of the wanted ones, rather than on its way out."""
        return self.state is not AgentState.TERMINATING


class ReplicaSet:
    def __init__(
        self,
        pool: Pool,
        launcher: Launcher,
        session: aiohttp.ClientSession,
        events: Events,
        changed: Callable[[ReplicaSet], None],
        restarts: Restarts | None = None,
    ) -> None:
        self.pool = pool
        self._restarts = restarts
        self.wanted = 0
        self.agents: list[LocalAgent] = []
        self.first_failure = ""
        """Why the first agent to do so ended by itself before it was ever ready; "" when none has."""
        self.bug: BaseException | None = None
        """An exception that nothing caught."""
        self._launcher, self._session, self._events, self._changed = launcher, session, events, changed
        self._probing = probing(pool.health, pool.startup_seconds, pool.startup_limit_seconds)
        self._waiting = 0
        self._number = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    @property
    def stand_in(self) -> bool:
        return self._launcher.stand_in

    @property
    def ready_ports(self) -> list[int]:
        return [agent.port for agent in self.agents if agent.state is AgentState.READY]

    @property
    def present(self) -> list[LocalAgent]:
        return [agent for agent in self.agents if agent.counts]

    def report(self) -> None:
        """Add an event with the counts of now. Running are those whose process runs, stopped ones included."""
        running = sum(agent.child.returncode is None for agent in self.present)
        ready = len(self.ready_ports)
        self._events.add("replicas", pool=self.pool.name, wanted=self.wanted, running=running, ready=ready)

    def want(self, count: int) -> None:
        """Set the wanted number: start agents, or send some away, those that are not ready and the youngest first."""
        self.wanted = count
        self._fill()
        present = sorted(self.present, key=lambda agent: (agent.state is AgentState.READY, -agent.started))
        for agent in present[: max(0, len(present) - count)]:
            agent.state = AgentState.TERMINATING
            self._task(self._terminate(agent))
        self._announce()

    async def stop(self, grace_seconds: float) -> None:
        """SIGTERM to all agents, SIGKILL after the grace; no agent is started any more."""
        self._stopping = True
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        agents, self.agents = self.agents, []
        await asyncio.gather(*(agent.child.stop(grace_seconds) for agent in agents))

    def _fill(self) -> None:
        while not self._stopping and len(self.present) + self._waiting < self.wanted:
            self._start(failures=0)

    def _start(self, failures: int) -> None:
        self._number += 1
        name = f"{self.pool.name}-{self._number}"
        child, port = self._launcher.start(name)
        agent = LocalAgent(name, child, port, failures, time.monotonic())
        self.agents.append(agent)
        self._phase(agent, "started")
        agent.lives = self._task(self._live(agent))
        self._task(self._outlive(agent))

    def _task(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None and self.bug is None:
            self.bug = task.exception()

    def _phase(self, agent: LocalAgent, phase: str) -> None:
        self._events.add("agent", pool=self.pool.name, agent=agent.name, phase=phase)

    def _announce(self) -> None:
        self._changed(self)
        self.report()

    async def _live(self, agent: LocalAgent) -> None:
        """Probe one agent as long as it lives."""
        plan = self._probing
        while not await self._answers(agent):
            if plan.startup_seconds is not None and time.monotonic() - agent.started > plan.startup_seconds:
                await self._restart(agent)
                return
            await asyncio.sleep(UNREADY_POLL_SECONDS)
        self._become_ready(agent)
        if plan.period_seconds is None:
            return
        failed = 0
        while True:
            # An unready pod is probed more often than its period, so that it is back in traffic soon.
            await asyncio.sleep(plan.period_seconds)
            if await self._answers(agent):
                failed = 0
                if agent.state is AgentState.UNREADY:
                    self._become_ready(agent)
                continue
            failed += 1
            if failed >= plan.unready_after and agent.state is AgentState.READY:
                agent.state = AgentState.UNREADY
                self._phase(agent, "unready")
                self._announce()
            if failed >= plan.restart_after:
                await self._restart(agent)
                return

    async def _answers(self, agent: LocalAgent) -> bool:
        waits = self._probing.timeout_seconds
        return await answers(self._session, agent.port, stand_in=self.stand_in, timeout_seconds=waits)

    def _become_ready(self, agent: LocalAgent) -> None:
        agent.state = AgentState.READY
        agent.ready_since = time.monotonic()
        self._phase(agent, "ready")
        self._announce()

    async def _restart(self, agent: LocalAgent) -> None:
        """A kubelet's answer to failed liveness: SIGTERM, the grace period, SIGKILL; `_outlive` starts another."""
        agent.restarting = True
        self._phase(agent, "restarted")
        await agent.child.stop(float(self.pool.drain_seconds))

    async def _outlive(self, agent: LocalAgent) -> None:
        """Wait for the end of one agent, and see to another."""
        returncode = await agent.child.wait()
        self._phase(agent, "exited")
        if agent.state is AgentState.TERMINATING:
            # Whoever sends it away takes it off the list.
            return
        await asyncio.sleep(EXIT_NOTICED_S)
        if agent.lives is not None:
            agent.lives.cancel()
        if agent in self.agents:
            self.agents.remove(agent)
        self._phase(agent, "removed")
        lost = returncode == -signal.SIGKILL and not agent.restarting
        if not lost and agent.ready_since is None and not self.first_failure:
            words = self._last_words(agent)
            self.first_failure = f"agent {agent.name} exited with {returncode} before it was ready{words}"
        lived = time.monotonic() - agent.started
        failures = 0 if lost or lived >= _BACKOFF_FORGIVEN_SECONDS else agent.failures
        self._waiting += 1
        self._announce()
        try:
            if not lost:
                await asyncio.sleep(backoff_seconds(failures, self._restarts))
            await self._unpaused()
        finally:
            self._waiting -= 1
        if not self._stopping and len(self.present) + self._waiting < self.wanted:
            self._start(agent.failures if lost else failures + 1)
            self._announce()

    async def _unpaused(self) -> None:
        """Hold a restart back while more of the pool is failing than its rule lets: gone, or not well."""
        if self._restarts is None or self._restarts.pause_above is None:
            return
        told = False
        while self._failing() > self._restarts.pause_above * self.wanted:
            if not told:
                self._events.add("restarts", pool=self.pool.name, phase="paused", failing=self._failing())
                told = True
            await asyncio.sleep(UNREADY_POLL_SECONDS)

    def _failing(self) -> int:
        return self._waiting + sum(agent.state is AgentState.UNREADY for agent in self.present)

    async def _terminate(self, agent: LocalAgent) -> None:
        """Send one agent away, out of the endpoints already: SIGTERM, and SIGKILL after the drain."""
        if agent.lives is not None:
            agent.lives.cancel()
        await asyncio.sleep(_ROUTES_GONE_SECONDS)
        await agent.child.stop(float(self.pool.drain_seconds))
        if agent in self.agents:
            self.agents.remove(agent)
        self._phase(agent, "removed")
        self._announce()

    def _last_words(self, agent: LocalAgent) -> str:
        try:
            lines = self._launcher.log(agent.name).read_text(errors="replace").strip().splitlines()
        except OSError:
            return ""
        return f": {lines[-1]}" if lines else ""
