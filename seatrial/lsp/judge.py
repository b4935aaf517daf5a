"""Keeps one worker process for a file and gives it the newest text; what is no longer wanted is cut short."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Callable
from dataclasses import asdict

from .judged import Judged, Question, judged_from

PAUSE_SECONDS = 0.15
"""So long nothing must be typed before a text is judged that takes long to judge; less where it is judged sooner."""
PATIENCE_SECONDS = 1.5
"""A proof that nobody waits for any more may go on for this long: starting the worker anew takes about as long."""
_LINE = 256 * 1024 * 1024


class Judge:
    """`tell` gets the version of a text with what was found; `bug` the traceback of a judge that broke."""

    def __init__(self, tell: Callable[[int, Judged], None], bug: Callable[[str], None]) -> None:
        self._tell, self._bug = tell, bug
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._waiting: asyncio.Task[None] | None = None
        self._version = -1
        self._since = self._took = 0.0
        self._idle = asyncio.Event()
        self._idle.set()

    def ask(self, version: int, question: Callable[[], Question]) -> None:
        """Judges what a question is about after a pause; a newer one takes its place."""
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = asyncio.create_task(self._judge(version, question))

    async def _judge(self, version: int, question: Callable[[], Question]) -> None:
        await asyncio.sleep(min(PAUSE_SECONDS, self._took))
        left = self._since + PATIENCE_SECONDS - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(max(left, 0)):
                await self._idle.wait()
        except TimeoutError:
            self._kill()
        process = await self._started()
        assert process.stdin is not None
        self._version, self._since = version, asyncio.get_running_loop().time()
        self._idle.clear()
        line = json.dumps({"id": version, "asked": asdict(question())})
        with contextlib.suppress(ConnectionError):
            process.stdin.write(line.encode() + b"\n")

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "seatrial.lsp.worker",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LINE,
            )  # fmt: skip
            self._reader = asyncio.create_task(self._read(self._process))
        return self._process

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            answer = json.loads(line)
            if answer["id"] != self._version or process is not self._process:
                continue
            judged = judged_from(answer["judged"]) if "judged" in answer else None
            if judged is None:
                self._bug(answer["bug"])
            else:
                self._tell(self._version, judged)
            if judged is None or judged.final:
                self._took = asyncio.get_running_loop().time() - self._since
                self._idle.set()
        if process is self._process:
            # It ended by itself: the next text starts another.
            self._process = None
            self._idle.set()

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        self._idle.set()

    def stop(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        self._kill()
