"""Data -> JSON that any reader takes.

Invariant: the text is UTF-8 whatever the name of a file holds: a byte of it that is no character comes as the escape
that Python reads back (PEP 383).
"""

from __future__ import annotations

import json


def json_text(value: object) -> str:
    text = json.dumps(value, indent=2, ensure_ascii=False, default=str)
    return text.encode("utf-8", "backslashreplace").decode() + "\n"
