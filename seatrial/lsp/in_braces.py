"""What stands before a place in YAML or JSON -> the braces and brackets that are open there, and what they hold so far.

Half-typed text does not parse: quotes, comments and signs are all that is looked at. Limits: a brace that was never
closed counts, in YAML, until a line that stands as far left as the one that it is opened in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_PART = re.compile(
    r'"(?P<quoted>(?:[^"\\\n]|\\.)*)"(?P<colon>[ ]*:)?'
    r"|'[^'\n]*'|(?:^|(?<=[ \t\n]))\#[^\n]*"
    r"|(?P<key>[A-Za-z_$][\w$.-]*):(?=\s|$)|(?P<line>\n[ ]*)|(?P<sign>[{}\[\],])"
)
_BEFORE = re.compile(r"(?:^|[:,\[{\n]|(?:^|\n|[ ])-)[ \t]*$")


@dataclass(slots=True)
class Open:
    """`sign` is the brace or bracket, `at` where it stands; `key` whose value comes next, None where a key does;
    `behind` where what was read of it ends, `whole` where its last entry does that has another one behind it."""

    sign: str
    at: int
    behind: int
    whole: int
    keys: list[str] = field(default_factory=list)
    key: str | None = None


def opened(text: str, *, by_lines: bool) -> list[Open]:
    """Those that are open at the end of a text, the outermost first; `by_lines`: it is YAML, where lines end them."""
    found: list[Open] = []
    left = 0
    for part in _PART.finditer(text):
        here = found[-1] if found else None
        if part["line"] is not None:
            after = text[part.end() : part.end() + 1]
            if found and by_lines and after not in ("\n", "#", "}", "]") and len(part["line"]) - 1 <= left:
                found = []
        elif part["sign"] in ("{", "["):
            if here is not None or _BEFORE.search(text, max(0, part.start() - 200), part.start()):
                if here is None:
                    line = text.rfind("\n", 0, part.start()) + 1
                    left = len(text[line:]) - len(text[line:].lstrip(" "))
                found.append(Open(part["sign"], part.start(), part.end(), part.end()))
        elif part["sign"] in ("}", "]"):
            found = found[:-1]
        elif here is not None and part["sign"] == ",":
            here.key, here.behind, here.whole = None, part.end(), part.start()
        elif here is not None and here.sign == "{" and here.key is None and (part["key"] or part["colon"]):
            here.key, here.behind = part["key"] or part["quoted"], part.end()
            here.keys.append(here.key)
    return found


def closed(text: str, *, by_lines: bool) -> str:
    """A text up to the last entry that is whole, with an end to all that is open."""
    braces = opened(text, by_lines=by_lines)
    if not braces:
        return text
    ends = "".join({"{": "}", "[": "]"}[one.sign] for one in reversed(braces))
    return f"{text[: braces[-1].whole]}{ends}\n"
