"""What a name may be: what a cluster takes as part of the names of objects.

Source: RFC 1123 labels, as Kubernetes has them ("Object Names and IDs"): 63 characters, of which two names and a `--`
between them must fit in.
"""

from __future__ import annotations

import re
import unicodedata

from .diagnostics import Diagnostic, Label, Severity
from .syntax import Item

NAME = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
NAME_LENGTH = 30
NAME_RULE = (
    "a name has lower-case letters, digits and single dashes, begins with a letter, ends with no dash, "
    f"and has at most {NAME_LENGTH} characters"
)
_FACTOR = re.compile(r"x[0-9]+")
"""What is read as a factor and never as a name."""
_DIGITS_FIRST = re.compile(r"([0-9]+)-?(.*)", re.DOTALL)


def no_name(item: Item) -> Diagnostic | None:
    """What is wrong with a name: the rule, and the name that was probably meant; None where nothing is."""
    text = item.text
    if NAME.fullmatch(text) and len(text) <= NAME_LENGTH and "--" not in text and not _FACTOR.fullmatch(text):
        return None
    factor = "; `x` with a number is a factor" if _FACTOR.fullmatch(text) else ""
    mended = name_meant(text)
    return Diagnostic(
        "ST1105",
        Severity.ERROR,
        f"`{text}` cannot be a name in a cluster",
        (Label(item.span, "becomes part of a Kubernetes name"),),
        help=f"{NAME_RULE}{factor}; write " + (f"`{mended}`" if mended else "one in these letters, such as `desk-1`"),
    )


def name_meant(text: str) -> str:
    """The name that a cluster would take, nearest to what was written; "" where nothing is left."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    found = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if digits := _DIGITS_FIRST.fullmatch(found):
        # At the end they still tell `1-north` from `2-north`.
        found = f"{digits[2]}-{digits[1]}" if digits[2][:1].isalpha() else f"n{found}"
    found = found[:NAME_LENGTH].strip("-")
    return f"x-{found[1:]}"[:NAME_LENGTH] if _FACTOR.fullmatch(found) else found
