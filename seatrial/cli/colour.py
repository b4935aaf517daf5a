"""Whether anybody wants colour: not where NO_COLOR says something (no-color.org), nor on a terminal that has none."""

from __future__ import annotations

import os


def colourless() -> bool:
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
