"""A compiled fleet, really running: eight agents, one Envoy, load, faults, and nothing left behind."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from seatrial.chaos.faults.abort import abort_call, undo_abort
from seatrial.chaos.faults.delay import delay_call
from seatrial.chaos.faults.hang import hang_agents, resume_agents
from seatrial.chaos.faults.kill import kill_agents
from seatrial.chaos.faults.partition import partition_calls, undo_partition
from seatrial.chaos.faults.undo import undo_all, undo_fault
from seatrial.chaos.local.admin import request
from seatrial.chaos.local.envoy import Unavailable, find_envoy
from seatrial.chaos.local.fleet import LocalFleet
from seatrial.chaos.local.records import read
from seatrial.chaos.local.tether import Tether
from seatrial.compiler.model import CalleeKind, Signal
from seatrial.compiler.plan import HealthPlan, HoldPlan, Plan, ScalingPlan, StepPolicy

from . import fleets
from .survivors import survivors

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(isinstance(find_envoy(), Unavailable), reason="no Envoy on this machine"),
]

_RATE = 50


def _plan(policy: bool) -> Plan:
    """Eight agents in three pools. With the policy, calls are retried elsewhere and failing agents put aside."""
    careful: dict[str, Any] = (
        {"retry": fleets.RETRY, "breaker": fleets.EJECT, "try_timeout_seconds": Fraction(1, 2)} if policy else {}
    )
    return fleets.plan(
        (fleets.demand("tickets", _RATE),),
        (fleets.dependency("llm", requests_per_second=Fraction(1000)), fleets.dependency("postgres", connections=9)),
        (
            fleets.pool("triage", 2, 2, holds=(HoldPlan("postgres", 1),)),
            fleets.pool("resolver", 4, 4),
            fleets.pool("writer", 2, 2, health=HealthPlan(1, 1), drain_seconds=1),
        ),
        (
            fleets.serves("tickets", "triage"),
            fleets.call("triage", "resolver", **careful),
            fleets.call("triage", "writer", per_request=Fraction(1, 5)),
            fleets.call("resolver", "llm", callee_kind=CalleeKind.DEPENDENCY, tokens_per_call=Fraction(600)),
        ),
    )


class Trial:
    """A running fleet and a client for it."""

    def __init__(self, run_dir: Path, fleet: LocalFleet, session: aiohttp.ClientSession) -> None:
        self.run_dir, self.fleet = run_dir, fleet
        self._session = session
        self._url = f"http://127.0.0.1:{fleet.listeners['tickets--triage']}/"
        self._random = random.Random(5)

    async def load(self, seconds: float) -> list[int]:
        """The statuses of an open load of `_RATE` requests a second."""
        tasks, due, end = [], time.monotonic(), time.monotonic() + seconds
        while due < end:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            tasks.append(asyncio.create_task(self.request()))
            due += self._random.expovariate(_RATE)
        return list(await asyncio.gather(*tasks))

    async def request(self) -> int:
        async with self._session.post(self._url, timeout=aiohttp.ClientTimeout(total=10)) as response:
            await response.read()
            return response.status

    def ready(self) -> dict[str, int]:
        return {name: len(replicas.ready_ports) for name, replicas in self.fleet.replica_sets.items()}

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in read(self.run_dir / "events.jsonl") if event["kind"] == kind]


def _run(tmp_path: Path, plan: Plan, work: Callable[[Trial], Awaitable[Any]], **options: Any) -> Any:
    """What `work` returns of a fleet that runs; afterwards nothing of it may be alive."""
    compiled, run_dir = fleets.emit(plan, tmp_path / "compiled"), tmp_path / "run"
    run_dir.mkdir()

    async def run() -> Any:
        tether = Tether(run_dir)
        try:
            fleet = LocalFleet.prepare(
                run_dir, compiled, tether, scale=Fraction(1), seed=7, origin=time.monotonic(), **options
            )
            assert isinstance(fleet, LocalFleet), fleet
            failure = await fleet.start()
            assert failure is None, failure
            try:
                async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
                    return await work(Trial(run_dir, fleet, session))
            finally:
                await fleet.stop()
                assert survivors(tether) == ()
        finally:
            await tether.close()

    return asyncio.run(run())


async def _strike(trial: Trial, seconds: float, act: Callable[[], object]) -> list[int]:
    """A load during which, after a while, something is done to the fleet."""

    async def later() -> None:
        await asyncio.sleep(0.3)
        await asyncio.to_thread(act)

    acting = asyncio.create_task(later())
    statuses = await trial.load(seconds)
    await acting
    return statuses


def _phases(events: list[dict[str, Any]], agent: str) -> list[str]:
    return [event["phase"] for event in events if event["agent"] == agent]


def test_without_a_policy_a_killed_agent_costs_requests_and_whoever_fails_is_replaced(tmp_path: Path) -> None:
    async def work(trial: Trial) -> tuple[list[int], list[dict[str, Any]], int]:
        run_dir = str(trial.run_dir)
        # No call to the writers fails by it: the other one is the less loaded, and probes notice the hang.
        await asyncio.to_thread(hang_agents, run_dir, 1, "writer", seed=4, count=1)
        statuses = await _strike(trial, 2.0, lambda: kill_agents(run_dir, 0, "resolver", seed=3, share="1/4"))
        end = time.monotonic() + 30
        whole = {"triage": 2, "resolver": 4, "writer": 2}
        while sum(event["phase"] == "removed" for event in trial.events("agent")) < 2 or whole != trial.ready():
            assert time.monotonic() < end, trial.events("agent")
            await asyncio.sleep(0.1)
        return statuses, trial.events("agent"), sum(one.retries for one in (await trial.fleet.stats()).values())

    statuses, events, retries = _run(tmp_path, _plan(policy=False), work)
    assert 502 in statuses
    assert retries == 0
    (killed,) = {event["agent"] for event in events if event["phase"] == "removed" and event["pool"] == "resolver"}
    assert _phases(events, killed) == ["started", "ready", "exited", "removed"]
    assert _phases(events, "resolver-5") == ["started", "ready"]
    (hung,) = {event["agent"] for event in events if event["phase"] == "removed" and event["pool"] == "writer"}
    assert _phases(events, hung) == ["started", "ready", "unready", "restarted", "exited", "removed"]
    assert _phases(events, "writer-3") == ["started", "ready"]


def test_with_retries_and_ejection_a_kill_and_a_hang_cost_no_request(tmp_path: Path) -> None:
    async def work(trial: Trial) -> tuple[list[int], int, list[dict[str, Any]], list[dict[str, Any]]]:
        run_dir = str(trial.run_dir)
        killed = await _strike(trial, 2.0, lambda: kill_agents(run_dir, 0, "resolver", seed=3, share="1/4"))
        hung = await _strike(trial, 2.5, lambda: hang_agents(run_dir, 1, "resolver", seed=4, count=1))
        await asyncio.to_thread(resume_agents, run_dir, 1)
        await asyncio.sleep(1.2)
        retries = (await trial.fleet.stats())["triage--resolver"].retries
        return killed + hung, retries, trial.events("ejection"), trial.events("fault")

    statuses, retries, ejections, faults = _run(tmp_path, _plan(policy=True), work)
    failed = sum(status != 200 for status in statuses)
    assert failed <= 2, f"{failed} of {len(statuses)}"
    assert retries >= 3
    struck = {target for fault in faults for target in fault["targets"]}
    assert struck & {event["host"] for event in ejections if event["phase"] == "ejected"}
    assert [(fault["fault"], fault["phase"], fault["what"]) for fault in faults] == [
        (0, "injected", "kill"),
        (1, "injected", "hang"),
        (1, "undone", "hang"),
    ]


def test_aborts_and_delays_strike_their_call_alone_and_are_taken_back(tmp_path: Path) -> None:
    async def work(trial: Trial) -> None:
        run_dir = str(trial.run_dir)

        async def answer() -> tuple[set[int], float]:
            started = time.monotonic()
            statuses = set(await asyncio.gather(*(trial.request() for _ in range(5))))
            return statuses, time.monotonic() - started

        async def runtime() -> dict[str, Any]:
            body = json.loads(await asyncio.to_thread(request, trial.fleet.admin, "GET", "/runtime"))
            entries: dict[str, Any] = body["entries"]
            return entries

        assert (await answer())[0] == {200}
        await asyncio.to_thread(abort_call, run_dir, 0, "triage--resolver", share=1.0, status=503)
        assert (await answer())[0] == {502}
        await asyncio.to_thread(undo_abort, run_dir, 0)
        assert (await answer())[0] == {200}

        # Two delays overlap: the end of one leaves the other in force.
        await asyncio.to_thread(delay_call, run_dir, 1, "triage--resolver", 0.3)
        await asyncio.to_thread(delay_call, run_dir, 2, "triage--resolver", 0.6)
        assert (await answer())[1] >= 0.6
        await asyncio.to_thread(undo_fault, run_dir, 2)
        assert (await answer())[1] >= 0.3
        assert (await runtime())["seatrial.triage--resolver.delay_ms"]["final_value"] == "300"
        assert json.dumps(await asyncio.to_thread(undo_all, run_dir)).count('"fault": 1') == 1
        assert await asyncio.to_thread(undo_all, run_dir) == {"undone": []}
        assert not any(name.startswith("seatrial.triage--resolver.delay") for name in await runtime())

        # A partition cuts all its calls at once, and they heal together.
        cut = ["triage--resolver", "triage--writer"]
        await asyncio.to_thread(partition_calls, run_dir, 4, cut)
        assert {f"seatrial.{call}.abort_percent" for call in cut} <= set(await runtime())
        assert (await answer())[0] == {502}
        await asyncio.to_thread(undo_partition, run_dir, 4)
        assert (await answer())[0] == {200}

        # A share that is no whole per cent: one request in two hundred.
        await asyncio.to_thread(abort_call, run_dir, 3, "triage--resolver", share=0.005)
        statuses = await trial.load(1.0)
        assert statuses.count(200) >= 0.9 * len(statuses)

    _run(tmp_path, _plan(policy=False), work)


_AGENT = """
import os, sys, time, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Agent(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        time.sleep(0.15)
        with urllib.request.urlopen(os.environ["SEATRIAL_CALL_WEB_SEARCH"], data=b"") as answer:
            body = answer.read()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

assert os.environ["SEATRIAL_PORT"] == sys.argv[2] and os.environ["SEATRIAL_POOL"] == "triage"
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Agent).serve_forever()
"""


def test_a_users_own_command_serves_and_is_autoscaled_by_what_envoy_sees(tmp_path: Path) -> None:
    (tmp_path / "my agent.py").write_text(_AGENT)
    step = StepPolicy(Fraction(1), 15)
    pool = fleets.pool(
        "triage",
        1,
        3,
        run="python 'my agent.py' --port {port}",
        concurrency=20,
        scaling=ScalingPlan(Signal.IN_FLIGHT, Fraction(4), 0, 300, step, step),
    )
    plan = fleets.plan(
        (fleets.demand("tickets", 1),),
        (fleets.dependency("web-search"),),
        (replace(pool, service_mean_seconds=None, service_p99_seconds=None),),
        (
            fleets.serves("tickets", "triage"),
            fleets.call("triage", "web-search", callee_kind=CalleeKind.DEPENDENCY),
        ),
    )

    async def work(trial: Trial) -> tuple[list[int], list[dict[str, Any]], int]:
        statuses = await trial.load(15.5)
        return statuses, trial.events("autoscaler"), trial.fleet.replica_sets["triage"].wanted

    statuses, decisions, wanted = _run(tmp_path, plan, work, cwd=tmp_path)
    assert statuses.count(200) >= 0.98 * len(statuses)
    (decision,) = decisions
    assert decision["metric"] > 4.4
    assert (decision["current"], decision["desired"], wanted) == (1, 2, 2)


def test_an_agent_that_cannot_start_is_named_with_its_last_words(tmp_path: Path) -> None:
    pool = fleets.pool("triage", 1, 1, run="sh -c 'echo no model found; exit 4'")
    plan = fleets.plan((fleets.demand("tickets", 1),), (), (pool,), (fleets.serves("tickets", "triage"),))
    compiled = fleets.emit(plan, tmp_path / "compiled")

    async def run() -> Unavailable | None:
        tether = Tether(tmp_path)
        try:
            fleet = LocalFleet.prepare(tmp_path / "run", compiled, tether, scale=Fraction(1), seed=1, origin=0.0)
            assert isinstance(fleet, LocalFleet)
            return await fleet.start()
        finally:
            assert survivors(tether) == ()
            await tether.close()

    failure = asyncio.run(run())
    assert failure == Unavailable("agent triage-1 exited with 4 before it was ready: no model found")
