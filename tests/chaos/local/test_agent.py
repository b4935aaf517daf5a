"""The stand-in agent, as the process that it is."""

from __future__ import annotations

import asyncio
import math
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from seatrial.chaos.local.agent import PRIORITY, REFUSED, SHED
from seatrial.chaos.local.document import Dependency, Pool
from seatrial.chaos.local.launch import Launcher, Ports, start_dependency
from seatrial.chaos.local.probes import answers
from seatrial.chaos.local.scale import DependencySize, LocalSize
from seatrial.chaos.local.shedding import LEAST_SAMPLES, ShedRule
from seatrial.chaos.local.standin import AgentSettings, DegradeStep, Draw, Holding, OutgoingCall
from seatrial.chaos.local.tether import Child, Tether

pytestmark = pytest.mark.live

_HALF_SECOND = Draw(mu=-0.6931471805599453, sigma=0.0)
_PLAIN = AgentSettings("triage", 2, None, None, 0.0, 5.0, (), (), ())

Work = Callable[[aiohttp.ClientSession, Child, int], Awaitable[Any]]


def _with_agent(tmp_path: Path, settings: AgentSettings, work: Work) -> Any:
    """What `work` returns, run against an agent that answers."""

    async def run() -> Any:
        tether = Tether(tmp_path)
        try:
            async with aiohttp.ClientSession() as session:
                child, port = _start(tether, tmp_path, settings)
                while not await answers(session, port, stand_in=True):
                    assert child.returncode is None, (tmp_path / "triage-1.log").read_text()
                    await asyncio.sleep(0.05)
                return await work(session, child, port)
        finally:
            await tether.close()

    return asyncio.run(run())


def _start(tether: Tether, folder: Path, settings: AgentSettings) -> tuple[Child, int]:
    pool = Pool("triage", 1, 1, 2, None, None, Fraction(0), 5, None, (), None, None)
    return Launcher(tether, folder, pool, settings, cwd=folder, command=None, seed=1).start("triage-1")


async def _post(session: aiohttp.ClientSession, port: int, **headers: str) -> tuple[int, Any]:
    async with session.post(f"http://127.0.0.1:{port}/", headers=headers) as response:
        await response.read()
        return response.status, response.headers


def test_at_sigterm_it_finishes_what_it_has_refuses_what_is_new_and_exits(tmp_path: Path) -> None:
    async def work(session: aiohttp.ClientSession, child: Child, port: int) -> tuple[int, int, str, int]:
        in_hand = asyncio.create_task(_post(session, port))
        await asyncio.sleep(0.1)
        ending = asyncio.create_task(child.stop(5.0))
        await asyncio.sleep(0.1)
        status, headers = await _post(session, port)
        return (await in_hand)[0], status, headers[REFUSED], await ending

    settings = replace(_PLAIN, service=_HALF_SECOND)
    assert _with_agent(tmp_path, settings, work) == (200, 503, "draining", 0)


def test_beyond_its_slots_requests_wait_their_turn(tmp_path: Path) -> None:
    async def work(session: aiohttp.ClientSession, child: Child, port: int) -> tuple[set[int], float, Any]:
        started = time.monotonic()
        requests = [asyncio.create_task(_post(session, port)) for _ in range(4)]
        await asyncio.sleep(0.25)
        async with session.get(f"http://127.0.0.1:{port}/stats") as response:
            stats = await response.json()
        answered = {(await one)[0] for one in requests}
        return answered, time.monotonic() - started, stats

    statuses, seconds, stats = _with_agent(tmp_path, replace(_PLAIN, service=_HALF_SECOND), work)
    assert statuses == {200}
    assert seconds >= 1.0
    assert (stats["in_flight"], stats["queued"], stats["busy_share"]) == (4, 2, 1.0)


def test_a_call_of_its_that_fails_is_answered_502(tmp_path: Path) -> None:
    async def work(session: aiohttp.ClientSession, child: Child, port: int) -> int:
        return (await _post(session, port))[0]

    nobody = OutgoingCall("resolver", 1, 1.0, None, 1.0)
    assert _with_agent(tmp_path, replace(_PLAIN, calls=(nobody,)), work) == 502


def test_it_sheds_low_priority_once_it_is_slow(tmp_path: Path) -> None:
    async def work(session: aiohttp.ClientSession, child: Child, port: int) -> tuple[int, str | None, int]:
        await asyncio.gather(*(_post(session, port) for _ in range(LEAST_SAMPLES)))
        await asyncio.sleep(0.3)
        low, headers = await _post(session, port, **{PRIORITY: "-100"})
        return low, headers.get(SHED), (await _post(session, port, **{PRIORITY: "100"}))[0]

    rule = ShedRule(priority=-100, quantile=0.5, above_seconds=0.1)
    settings = replace(_PLAIN, concurrency=100, service=_HALF_SECOND, shedding=(rule,))
    assert _with_agent(tmp_path, settings, work) == (503, "latency", 200)


def test_it_answers_less_well_while_it_is_busy(tmp_path: Path) -> None:
    async def work(session: aiohttp.ClientSession, child: Child, port: int) -> tuple[list[int], float, Any]:
        first = asyncio.create_task(_post(session, port))
        await asyncio.sleep(0.1)
        started = time.monotonic()
        degraded = (await _post(session, port))[0]
        took = time.monotonic() - started
        async with session.get(f"http://127.0.0.1:{port}/stats") as response:
            stats = await response.json()
        return [degraded, (await first)[0]], took, stats["degraded"]

    nobody = OutgoingCall("resolver", 1, 1.0, None, 1.0)
    quick = Draw(math.log(0.005), 0.0)
    steps = (DegradeStep(0.5, Draw(math.log(60.0), 0.0), True), DegradeStep(0.9, quick, False))
    settings = replace(_PLAIN, concurrency=2, service=_HALF_SECOND, calls=(nobody,), degradation=steps)
    statuses, took, degraded = _with_agent(tmp_path, settings, work)
    # The second takes the last slot: the last step holds for it, with neither the long work nor the call that fails.
    assert statuses == [200, 502]
    assert took < 0.4
    assert degraded == 1


def test_it_listens_only_after_its_start_up_time(tmp_path: Path) -> None:
    async def run() -> float:
        tether = Tether(tmp_path)
        try:
            async with aiohttp.ClientSession() as session:
                started = time.monotonic()
                _, port = _start(tether, tmp_path, replace(_PLAIN, startup_seconds=1.0))
                while not await answers(session, port, stand_in=True):
                    await asyncio.sleep(0.02)
                return time.monotonic() - started
        finally:
            await tether.close()

    assert asyncio.run(run()) >= 1.0


def test_it_is_not_ready_without_the_connections_it_holds(tmp_path: Path) -> None:
    async def run() -> tuple[bool, bool, dict[str, float]]:
        tether = Tether(tmp_path)
        size = LocalSize(Fraction(1), (), (DependencySize("postgres", None, None, None, None, 3),), ())
        dependency = Dependency("postgres", None, None, None, None, 3)
        try:
            async with aiohttp.ClientSession() as session:
                _, ports = start_dependency(tether, tmp_path, dependency, size, 1)
                while not await answers(session, ports.requests, stand_in=True):
                    await asyncio.sleep(0.05)
                settings = replace(_PLAIN, holds=(Holding("postgres", ports.connections, 2),))
                first, first_port = _start(tether, tmp_path, settings)
                while not await answers(session, first_port, stand_in=True):
                    await asyncio.sleep(0.05)
                # Two of three are taken: the second agent gets one, and never its other.
                _, second_port = _start(tether, tmp_path, settings)
                await _refused(session, ports)
                before = await answers(session, second_port, stand_in=True)
                first.kill()
                while not await answers(session, second_port, stand_in=True):
                    await asyncio.sleep(0.05)
                return before, True, await _stats(session, ports)
        finally:
            await tether.close()

    before, after, stats = asyncio.run(run())
    assert not before
    assert after
    assert stats["connections"] == 2
    assert stats["connections_most"] == 3


async def _stats(session: aiohttp.ClientSession, ports: Ports) -> dict[str, float]:
    async with session.get(f"http://127.0.0.1:{ports.requests}/stats") as response:
        stats: dict[str, float] = await response.json()
        return stats


async def _refused(session: aiohttp.ClientSession, ports: Ports) -> None:
    while (await _stats(session, ports))["connections_refused"] == 0:
        await asyncio.sleep(0.05)


def test_it_imports_neither_the_prover_nor_the_parser_nor_the_load_generator() -> None:
    program = (
        "import sys, seatrial.chaos.local.agent\n"
        "heavy = {'z3', 'lark', 'locust', 'gevent', 'chaoslib', 'kubernetes'}\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & heavy))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
