"""How far a check is, on standard error while it runs: one line that is drawn over and gone when it ends.

Invariant: nothing is written where standard error is no terminal, nor for a check that is done in a moment.
"""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from types import TracebackType

PATIENCE_SECONDS = 1.0
"""So long nobody wonders what takes the time."""
REDRAW_SECONDS = 0.1
_CLEAR = "\r\x1b[2K"


class Watcher:
    """`tell` is a `compiler.verify.check.Watch` for the spec that `begin` named last."""

    def __init__(self) -> None:
        self._watched = sys.stderr.isatty()
        self._since = self._drawn = time.monotonic()
        self._shown = False
        self._name = ""

    def __enter__(self) -> Watcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            sys.stderr.write(_CLEAR)
            sys.stderr.flush()

    def begin(self, path: Path) -> None:
        self._name = path.name
        self.tell("reading", 0, 0)

    def tell(self, what: str, done: int, of: int) -> None:
        now = time.monotonic()
        if not self._watched or now - self._since < PATIENCE_SECONDS or now - self._drawn < REDRAW_SECONDS:
            return
        self._drawn, self._shown = now, True
        far = f" ({done + 1} of {of})" if of else ""
        line = f"{self._name}: {now - self._since:.0f} s, {what}{far}"
        sys.stderr.write(_CLEAR + line[: max(shutil.get_terminal_size().columns - 1, 10)])
        sys.stderr.flush()
