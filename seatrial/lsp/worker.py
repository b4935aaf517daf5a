"""The process that judges texts, so that the one that answers the editor never waits for a proof.

Reads requests and writes answers as lines of JSON. Invariant: of the requests that wait only the newest is worked on,
and each answer names the request it belongs to.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
import traceback
from typing import Any, TextIO

from .judging import stages


def serve(requests: TextIO, answers: TextIO) -> None:
    """Until the requests end."""
    waiting: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()

    def listen() -> None:
        for line in requests:
            waiting.put(json.loads(line))
        waiting.put(None)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        request = waiting.get()
        while not waiting.empty():
            request = waiting.get()
        if request is None:
            return
        try:
            for judged in stages(request["path"], request["text"], request["open"]):
                answer = {"id": request["id"], "judged": judged.as_json()}
                answers.write(json.dumps(answer) + "\n")
                answers.flush()
        except Exception:
            # A bug of ours in one text must not end the service for the next one.
            answers.write(json.dumps({"id": request["id"], "bug": traceback.format_exc()}) + "\n")
            answers.flush()


if __name__ == "__main__":
    answers = sys.stdout
    # Whatever a library prints must not mix with the answers.
    sys.stdout = sys.stderr
    serve(sys.stdin, answers)
