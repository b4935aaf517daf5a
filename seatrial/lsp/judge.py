"""Keeps one worker process for a file and gives it the newest text; what is no longer wanted is cut short."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from .judged import Judged, Known, Question, judged_from, known_from

PAUSE_SECONDS = 0.15
"""So long nothing must be typed before a text is judged that takes long to judge; less where it is judged sooner."""
PATIENCE_SECONDS = 1.5
"""A proof that nobody waits for any more may go on for this long: starting the worker anew takes about as long."""
LOOK_SECONDS = 1.0
"""So long somebody who wants to know more waits at the most."""
_LINE = 256 * 1024 * 1024


class Judge:
    """`tell` gets the version of a text with what was found; `bug` the traceback of a judge that broke."""

    def __init__(self, tell: Callable[[int, Judged], None], bug: Callable[[str], None]) -> None:
        self._tell, self._bug = tell, bug
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._waiting: asyncio.Task[None] | None = None
        self._version = self._proved = -1
        self._question: Callable[[], Question] | None = None
        """Of the version that is judged; None where it may not be judged once more."""
        self._looks: dict[int, asyncio.Future[Known]] = {}
        self._since = self._took = 0.0
        self._news, self._idle = asyncio.Event(), asyncio.Event()
        self._idle.set()

    def ask(self, version: int, question: Callable[[], Question]) -> None:
        """Judges what a question is about after a pause; a newer one takes its place."""
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = asyncio.create_task(self._judge(version, question, question))

    async def _judge(
        self, version: int, question: Callable[[], Question], once_more: Callable[[], Question] | None
    ) -> None:
        await asyncio.sleep(min(PAUSE_SECONDS, self._took))
        left = self._since + PATIENCE_SECONDS - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(max(left, 0)):
                await self._idle.wait()
        except TimeoutError:
            self._kill()
        try:
            process = await self._started()
        except OSError as error:
            self._bug(f"the process that judges cannot be started: {error}")
            return
        self._version, self._since = version, asyncio.get_running_loop().time()
        self._question = once_more
        self._idle.clear()
        self._send(process, {"id": version, "asked": asdict(question())})

    @staticmethod
    def _send(process: asyncio.subprocess.Process, request: dict[str, Any]) -> None:
        assert process.stdin is not None
        with contextlib.suppress(ConnectionError):
            process.stdin.write(json.dumps(request).encode() + b"\n")

    async def known(self, version: int, start: int, end: int) -> Known:
        """What was found for the clauses between two offsets of a version; nothing where that takes too long."""
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                while version != self._proved:
                    self._news.clear()
                    await self._news.wait()
                return await self._look(version, start, end)
        except TimeoutError:
            return Known()

    async def _look(self, version: int, start: int, end: int) -> Known:
        if self._process is None:
            return Known()
        look = max(self._looks, default=0) + 1
        answer: asyncio.Future[Known] = asyncio.get_running_loop().create_future()
        self._looks[look] = answer
        self._send(self._process, {"id": version, "look": look, "start": start, "end": end})
        try:
            return await answer
        finally:
            del self._looks[look]

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "seatrial.lsp.worker",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LINE,
            )  # fmt: skip
            self._reader = asyncio.create_task(self._read(self._process))
        return self._process

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        # One that is ended while it writes leaves half a line.
        while (line := await process.stdout.readline()).endswith(b"\n"):
            answer = json.loads(line)
            if "look" in answer:
                waiting = self._looks.get(answer["look"])
                if waiting is not None and not waiting.done():
                    waiting.set_result(known_from(answer["known"]))
                continue
            if answer["id"] != self._version or process is not self._process:
                continue
            judged = judged_from(answer["judged"]) if "judged" in answer else None
            if judged is None:
                self._bug(answer["bug"])
            else:
                self._proved = self._version if judged.proved else -1
                self._news.set()
                self._tell(self._version, judged)
            if judged is None or judged.final:
                self._took = asyncio.get_running_loop().time() - self._since
                self._idle.set()
        code = await process.wait()
        if process is self._process:
            self._ended(code)

    def _ended(self, code: int) -> None:
        """Tells that the process ended by itself, by a crash or for want of memory, and judges the text once more: it
        may have been the texts before that were too much."""
        question = self._question if not self._idle.is_set() else None
        why = f"signal {-code}" if code < 0 else f"exit code {code}"
        then = "the text is judged once more" if question is not None else "the next change starts another"
        self._bug(f"the process that judges ended by itself ({why}); {then}")
        self._process, self._proved = None, -1
        self._idle.set()
        for look in self._looks.values():
            if not look.done():
                look.set_result(Known())
        if question is not None and (self._waiting is None or self._waiting.done()):
            self._waiting = asyncio.create_task(self._judge(self._version, question, None))

    def _kill(self) -> None:
        process, self._process, self._proved = self._process, None, -1
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        self._idle.set()

    def stop(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        self._kill()
