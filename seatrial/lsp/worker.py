"""The process that judges texts, so that the one that answers the editor never waits for a proof.

Reads requests and writes answers as lines of JSON. Invariant: of the requests that wait only the newest is worked on,
and each answer names the request it belongs to.
"""

from __future__ import annotations

import gc
import json
import queue
import sys
import threading
import traceback
from typing import Any, TextIO

from .judged import Question
from .judging import stages
from .readers import Readers

_COLLECTED = 10
"""After so many requests garbage is looked for."""


def serve(requests: TextIO, answers: TextIO) -> None:
    """Until the requests end."""
    waiting: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()

    def listen() -> None:
        for line in requests:
            waiting.put(json.loads(line))
        waiting.put(None)

    threading.Thread(target=listen, daemon=True).start()
    readers = Readers()
    # Reading and proving make hundreds of thousands of objects and no circles that are large: looking through them all
    # time and again takes as long as the work. It is done between two requests.
    gc.disable()
    done = 0
    while True:
        request = waiting.get()
        while not waiting.empty():
            request = waiting.get()
        if request is None:
            return
        try:
            for judged in stages(Question(**request["asked"]), readers):
                answer = {"id": request["id"], "judged": judged.as_json()}
                answers.write(json.dumps(answer) + "\n")
                answers.flush()
        except Exception:
            # A bug of ours in one text must not end the service for the next one.
            answers.write(json.dumps({"id": request["id"], "bug": traceback.format_exc()}) + "\n")
            answers.flush()
        done += 1
        if done % _COLLECTED == 0 and waiting.empty():
            gc.collect()


if __name__ == "__main__":
    answers = sys.stdout
    # Whatever a library prints must not mix with the answers.
    sys.stdout = sys.stderr
    serve(sys.stdin, answers)
