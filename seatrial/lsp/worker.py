"""The process that judges texts, so that the one that answers the editor never waits for a proof.

Reads requests and writes answers as lines of JSON. Invariant: of the texts that wait only the newest is judged, and
each answer names the request it belongs to.
"""

from __future__ import annotations

import gc
import json
import queue
import sys
import threading
import traceback
from collections.abc import Iterator
from typing import Any, TextIO

from .judged import Judged, Known, Question
from .judging import Judging

_COLLECTED = 50
"""After so many texts all garbage is looked for, not only what is new."""


def serve(requests: TextIO, answers: TextIO) -> None:
    """Until the requests end."""
    waiting: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()

    def listen() -> None:
        for line in requests:
            waiting.put(json.loads(line))
        waiting.put(None)

    threading.Thread(target=listen, daemon=True).start()
    # Reading and proving make hundreds of thousands of objects and no circles that are large: looking through them all
    # time and again takes as long as the work. It is done between two requests.
    gc.disable()
    worker = _Worker(answers)
    done = 0
    while True:
        # While there is something to do nothing is waited for; what came meanwhile goes first.
        if worker.idle or not waiting.empty():
            request = waiting.get()
            if request is None:
                return
            worker.take(request)
            continue
        worker.step()
        if worker.idle and waiting.empty():
            done += 1
            gc.collect(2 if done % _COLLECTED == 0 else 0)


class _Worker:
    def __init__(self, answers: TextIO) -> None:
        self._answers, self._judging = answers, Judging()
        self._text = self._judged = -1
        """The ids of the newest text, and of that of which something was proved."""
        self._stages: Iterator[Judged] | None = None

    @property
    def idle(self) -> bool:
        return self._stages is None

    def take(self, request: dict[str, Any]) -> None:
        if "asked" in request:
            self._text, self._judged = request["id"], -1
            self._stages = self._judging.stages(Question(**request["asked"]))
            return
        # Who asks about an older text has no use for an answer, and waits for one.
        current = request["id"] == self._judged
        known = self._judging.known(request["start"], request["end"]) if current else Known()
        self._tell({"look": request["look"], "known": known.as_json()})

    def step(self) -> None:
        """One stage more of the newest text."""
        assert self._stages is not None
        try:
            judged = next(self._stages)
        except Exception:
            # A bug of ours in one text must not end the service for the next one.
            self._stages = None
            self._tell({"id": self._text, "bug": traceback.format_exc()})
            return
        if judged.final:
            self._stages = None
        if judged.proved:
            self._judged = self._text
        self._tell({"id": self._text, "judged": judged.as_json()})

    def _tell(self, answer: dict[str, Any]) -> None:
        self._answers.write(json.dumps(answer) + "\n")
        self._answers.flush()


if __name__ == "__main__":
    answers = sys.stdout
    # Whatever a library prints must not mix with the answers.
    sys.stdout = sys.stderr
    serve(sys.stdin, answers)
