"""The process that the solver runs in: lines of JSON in, one line out for each question.

`python -P worker.py SOLVE` where SOLVE is the file of `seatrial.compiler.verify.exact.solve`. Both are run by their
paths, so that neither the parser nor the prover is loaded here. Invariant: the process is gone as soon as its standard
input ends, also in the middle of a question, and so never outlives whoever asks.

`{"script": TEXT}` is what the next questions are about, `{"check": [SWITCH…]}` is answered by `"sat"`, `"unsat"` or
`"unknown"`.
"""

from __future__ import annotations

import json
import os
import queue
import runpy
import sys
import threading
from typing import Any


def serve(session_of: Any) -> None:
    requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # Whatever a library prints must not mix with the answers.
    os.dup2(2, 1)

    def listen() -> None:
        # z3 lets other threads run while it works, so that the end of the input is noticed at once.
        for line in sys.stdin.buffer:
            requests.put(json.loads(line))
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    session: Any = None
    while True:
        request = requests.get()
        if "script" in request:
            session = session_of(request["script"])
        else:
            answers.write(json.dumps(str(session.check(request["check"]))) + "\n")
            answers.flush()


if __name__ == "__main__":
    serve(runpy.run_path(sys.argv[1])["Session"])
