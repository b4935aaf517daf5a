"""Questions to a solver -> answers in bounded time.

z3's own time limit overshoots (a minute became two), so it runs in a process that is started at the first question,
used for all that follow, ended when the time of a guarantee is up, and started anew for the next one. Invariant: no
call takes longer than the time that its session has left, and no process outlives the one that started it.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from seatrial.compiler.verify.exact import solve
from seatrial.compiler.verify.exact.solve import Answer

SECONDS = 10.0
"""What one guarantee may take of the solver, all questions together: a thousand times what it usually takes."""
_WORKER = Path(__file__).with_name("worker.py")


class _Worker:
    """A running solver. `loaded` is the session whose script it has."""

    def __init__(self) -> None:
        self.loaded: Session | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(_WORKER), str(Path(solve.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Ctrl-C at a terminal goes to the command, which ends its solver itself.
            start_new_session=True,
        )
        self.pid = self._process.pid
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(ValueError):
            # What is not an answer is a process that is ending.
            for line in self._process.stdout:
                self._answers.put(Answer(json.loads(line)))
        self._answers.put(Answer.LOST)

    def send(self, request: dict[str, object]) -> None:
        assert self._process.stdin is not None
        # Where it has just ended, the answer says so.
        with contextlib.suppress(OSError):
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()

    def answer(self, seconds: float) -> Answer:
        try:
            return self._answers.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            return Answer.LATE

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.join()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with contextlib.suppress(OSError):
                stream.close()


class ProcessSolver:
    """At most one process, whoever asks. `seconds` is what a session may take in all."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._worker: _Worker | None = None
        self._one_at_a_time = threading.Lock()

    def session(self, script: str) -> Session:
        return Session(self, script)

    @property
    def pid(self) -> int | None:
        """The process that runs, if one does."""
        return None if self._worker is None else self._worker.pid

    def ask(self, session: Session, switches: list[str]) -> Answer:
        with self._one_at_a_time:
            if session.left <= 0:
                return Answer.LATE
            try:
                return self._asked(session, switches)
            except BaseException:
                # Interrupted: an answer that comes later would be taken for that of another question.
                self._end()
                raise

    def _asked(self, session: Session, switches: list[str]) -> Answer:
        if self._worker is None:
            self._worker = _Worker()
        since = time.monotonic()
        if self._worker.loaded is not session:
            self._worker.send({"script": session.script})
            self._worker.loaded = session
        self._worker.send({"check": switches})
        answer = self._worker.answer(session.left)
        session.left -= time.monotonic() - since
        if answer in (Answer.LATE, Answer.LOST):
            self._end()
        return answer

    def _end(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.end()

    def close(self) -> None:
        """Ends the process; a later question starts another."""
        self._end()


class Session:
    """A script and the seconds that its questions have `left`."""

    def __init__(self, solver: ProcessSolver, script: str) -> None:
        self.script = script
        self.left = solver.seconds
        self._solver = solver

    def check(self, switches: Iterable[str]) -> Answer:
        return self._solver.ask(self, list(switches))


@functools.cache
def shared() -> ProcessSolver:
    """The solver of this process, ended with it."""
    solver = ProcessSolver()
    atexit.register(solver.close)
    return solver
