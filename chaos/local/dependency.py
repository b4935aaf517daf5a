"""The stand-in of a dependency: its declared latency, request and token rates, and connections.

`python -m seatrial.chaos.local.dependency SETTINGS --socket FD --connections FD --seed N`. Invariant: it never serves
more than its limits; what is above them is answered 429, or, for a connection, closed.

On the connections' port a client reads one line: "ok", and the connection is held until either side closes it; or
"full", and it is closed. Tokens of a request stand in `x-seatrial-tokens`.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import socket
import time
from pathlib import Path

from aiohttp import web

from .agent import TOKENS
from .bucket import Bucket
from .standin import DependencySettings, read_dependency

_BACKLOG = 1024


class Dependency:
    def __init__(self, settings: DependencySettings, seed: int) -> None:
        self._settings = settings
        self._random = random.Random(seed)
        self._requests = _bucket(settings.requests_per_second, settings.requests_burst)
        self._tokens = _bucket(settings.tokens_per_second, settings.tokens_burst)
        self._held = 0
        self._in_flight = 0
        self._counts = {"served": 0, "limited": 0, "tokens": 0.0, "connections_refused": 0, "connections_most": 0}
        self._stopped = asyncio.Event()

    async def run(self, listener: socket.socket, connections: socket.socket) -> None:
        """Serve until SIGTERM."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._stopped.set)
        runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.0)
        await runner.setup()
        await web.SockSite(runner, listener, backlog=_BACKLOG).start()
        server = await asyncio.start_server(self._connected, sock=connections)
        await self._stopped.wait()
        server.close()
        await runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        match request.path:
            case "/healthz":
                return web.Response()
            case "/stats":
                return web.json_response(self.stats())
        tokens = _number(request.headers.get(TOKENS))
        if not self._admits(tokens):
            self._counts["limited"] += 1
            return web.Response(status=429)
        latency = self._settings.latency
        if latency is not None:
            self._in_flight += 1
            try:
                await asyncio.sleep(self._random.lognormvariate(latency.mu, latency.sigma))
            finally:
                self._in_flight -= 1
        self._counts["served"] += 1
        self._counts["tokens"] += tokens
        return web.Response(text="ok\n")

    def _admits(self, tokens: float) -> bool:
        # Neither bucket is charged for what the other refuses.
        if self._tokens is not None and not self._tokens.has(tokens):
            return False
        if self._requests is not None and not self._requests.take(1):
            return False
        if self._tokens is not None:
            self._tokens.take(tokens)
        return True

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        limit = self._settings.connections
        try:
            if limit is not None and self._held >= limit:
                self._counts["connections_refused"] += 1
                writer.write(b"full\n")
                await writer.drain()
                return
            self._held += 1
            self._counts["connections_most"] = max(self._counts["connections_most"], self._held)
            try:
                writer.write(b"ok\n")
                await reader.read()
            finally:
                self._held -= 1
        except OSError:
            pass
        finally:
            writer.close()

    def stats(self) -> dict[str, float]:
        return {**self._counts, "in_flight": self._in_flight, "connections": self._held}


def _bucket(rate: float | None, depth: float | None) -> Bucket | None:
    return None if rate is None else Bucket(rate, rate if depth is None else depth, time.monotonic)


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="seatrial.chaos.local.dependency")
    parser.add_argument("settings", type=Path)
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    arguments = parser.parse_args()
    settings = read_dependency(arguments.settings)
    sockets = socket.socket(fileno=arguments.socket), socket.socket(fileno=arguments.connections)
    asyncio.run(Dependency(settings, arguments.seed).run(*sockets))


if __name__ == "__main__":
    main()
