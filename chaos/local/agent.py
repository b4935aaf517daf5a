"""The stand-in agent: a server that takes the declared time, holds the declared slots and makes the declared calls.

`python -m seatrial.chaos.local.agent SETTINGS --socket FD --name NAME --seed N`. Invariant: it answers 200 only when
its own work and each of its calls succeeded; whatever it refuses says so (503 and `x-seatrial-shed` or `-refused`).

It starts some forty times in a trial, so it imports little: no compiler beyond plain arithmetic, no prover, no load
generator.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import socket
import time
from pathlib import Path

import aiohttp
from aiohttp import web

from .shedding import LatencyShedder
from .slots import Slots
from .standin import AgentSettings, DegradeStep, Holding, OutgoingCall, read_agent

PRIORITY = "x-seatrial-priority"
TOKENS = "x-seatrial-tokens"
SHED = "x-seatrial-shed"
REFUSED = "x-seatrial-refused"
REQUEST_ID = "x-request-id"
STARTED = "SEATRIAL_STARTED"
"""CLOCK_MONOTONIC when the fleet started the process: the start-up time includes what the interpreter takes."""

_MARGIN_SECONDS = 1.0
"""Envoy ends a call at its timeout; the client waits this much longer, so that it is Envoy's answer that counts."""
_HOLD_RETRY_SECONDS = 1.0
_BACKLOG = 1024


class CallFailed(Exception):
    """A call of this agent's did not succeed; `status` is what it answers in turn."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Agent:
    def __init__(self, settings: AgentSettings, seed: int) -> None:
        self._settings = settings
        self._random = random.Random(seed)
        self._slots = Slots(settings.concurrency, settings.pending, time.monotonic)
        self._shedder = LatencyShedder(settings.shedding, time.monotonic)
        self._session: aiohttp.ClientSession | None = None
        self._missing = sum(hold.connections for hold in settings.holds)
        self._draining = asyncio.Event()
        self._idle = asyncio.Event()
        self._in_hand = 0
        self._counts = {"arrived": 0, "served": 0, "failed": 0, "shed": 0, "refused": 0, "abandoned": 0, "degraded": 0}

    async def run(self, listener: socket.socket) -> None:
        """Start up, serve until SIGTERM, finish what is in hand, return."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._draining.set)
        started = float(os.environ.get(STARTED, time.monotonic()))
        left = self._settings.startup_seconds - (time.monotonic() - started)
        if left > 0 and await _happens(self._draining, left):
            return
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector) as self._session:
            holds = [
                asyncio.create_task(self._hold(hold)) for hold in self._settings.holds for _ in range(hold.connections)
            ]
            runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.0)
            await runner.setup()
            await web.SockSite(runner, listener, backlog=_BACKLOG).start()
            await self._draining.wait()
            if self._in_hand:
                await _happens(self._idle, self._settings.drain_seconds)
            await runner.cleanup()
            for hold in holds:
                hold.cancel()
            await asyncio.gather(*holds, return_exceptions=True)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        match request.path:
            case "/healthz":
                ready = not self._missing and not self._draining.is_set()
                return web.Response(status=200 if ready else 503)
            case "/stats":
                return web.json_response(self.stats())
            case _:
                return await self._serve(request)

    async def _serve(self, request: web.BaseRequest) -> web.Response:
        arrived = time.monotonic()
        self._counts["arrived"] += 1
        if self._draining.is_set():
            self._counts["refused"] += 1
            return web.Response(status=503, headers={REFUSED: "draining", "connection": "close"})
        if self._shedder.refuses(_priority(request)):
            self._counts["shed"] += 1
            return web.Response(status=503, headers={SHED: "latency"})
        self._in_hand += 1
        try:
            if not await self._slots.take():
                self._counts["refused"] += 1
                return web.Response(status=503, headers={REFUSED: "queue full"})
            try:
                if request.transport is None or request.transport.is_closing():
                    # Its caller gave up while it queued. What already runs goes on, as in most servers.
                    self._counts["abandoned"] += 1
                    return web.Response(status=499)
                await self._work(request)
            finally:
                self._slots.give()
        except CallFailed as failure:
            self._counts["failed"] += 1
            return web.Response(status=failure.status)
        finally:
            self._in_hand -= 1
            if not self._in_hand:
                self._idle.set()
            self._shedder.record(time.monotonic() - arrived)
        self._counts["served"] += 1
        return web.Response(text="ok\n")

    async def _work(self, request: web.BaseRequest) -> None:
        """The agent's own work, then its calls one after the other; what it does instead while it is too busy."""
        step = self._step()
        service = self._settings.service if step is None else step.service
        if service is not None:
            self._slots.work(+1)
            try:
                await asyncio.sleep(self._random.lognormvariate(service.mu, service.sigma))
            finally:
                self._slots.work(-1)
        if step is not None and not step.makes_calls:
            return
        passed_on = {name: request.headers[name] for name in (REQUEST_ID, PRIORITY) if name in request.headers}
        for call in self._settings.calls:
            whole = int(call.per_request)
            times = whole + (self._random.random() < call.per_request - whole)
            for _ in range(times):
                await self._call(call, passed_on)

    def _step(self) -> DegradeStep | None:
        """The last step whose share of busy slots is passed, this request's own slot counted."""
        busy = self._slots.in_use / self._slots.concurrency
        passed = [step for step in self._settings.degradation if busy > step.above_busy]
        if passed:
            self._counts["degraded"] += 1
        return passed[-1] if passed else None

    async def _call(self, call: OutgoingCall, headers: dict[str, str]) -> None:
        assert self._session is not None
        if call.tokens is not None:
            headers = {**headers, TOKENS: f"{call.tokens:g}"}
        total = None if call.timeout_seconds is None else call.timeout_seconds + _MARGIN_SECONDS
        try:
            async with self._session.post(
                f"http://127.0.0.1:{call.port}/", headers=headers, timeout=aiohttp.ClientTimeout(total=total)
            ) as response:
                await response.read()
                status = response.status
        except TimeoutError:
            raise CallFailed(504) from None
        except aiohttp.ClientError:
            raise CallFailed(502) from None
        if status >= 400:
            raise CallFailed(504 if status == 504 else 502)

    async def _hold(self, hold: Holding) -> None:
        """Keep one connection open; the agent is not ready while one of them is missing."""
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", hold.port)
            except OSError:
                await asyncio.sleep(_HOLD_RETRY_SECONDS)
                continue
            try:
                if await reader.readline() == b"ok\n":
                    self._missing -= 1
                    try:
                        await reader.read()
                    finally:
                        self._missing += 1
            except OSError:
                pass
            finally:
                writer.close()
            await asyncio.sleep(_HOLD_RETRY_SECONDS)

    def stats(self) -> dict[str, float]:
        """Counters since the start, what is under way now, and sums over time in seconds for means between readings."""
        sums = self._slots.integrals()
        return {
            **self._counts,
            "in_flight": self._slots.in_use + self._slots.queued,
            "queued": self._slots.queued,
            "busy_share": self._slots.in_use / self._slots.concurrency,
            "concurrency": self._slots.concurrency,
            "busy_slot_seconds": sums.slots_in_use,
            "work_slot_seconds": sums.slots_at_work,
            "queued_seconds": sums.queued,
            "at": time.monotonic(),
        }


async def _happens(event: asyncio.Event, within_seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), within_seconds)
    except TimeoutError:
        return False
    return True


def _priority(request: web.BaseRequest) -> int:
    try:
        return int(request.headers.get(PRIORITY, "0"))
    except ValueError:
        return 0


def main() -> None:
    parser = argparse.ArgumentParser(prog="seatrial.chaos.local.agent")
    parser.add_argument("settings", type=Path)
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--seed", type=int, required=True)
    arguments = parser.parse_args()
    listener = socket.socket(fileno=arguments.socket)
    asyncio.run(Agent(read_agent(arguments.settings), arguments.seed).run(listener))


if __name__ == "__main__":
    main()
