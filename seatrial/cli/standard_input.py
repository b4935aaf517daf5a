"""`-` in the place of a spec's name: its text comes from standard input, and messages call it as it is asked.

Invariant: what comes that way is read as a file of the name would be, so that an editor gets the same answer for a
text that it has not saved.
"""

from __future__ import annotations

import functools
import sys
from pathlib import Path

import click

from seatrial.texts import Unreadable, decoded, text_of

from .refusal import Refused

DASH = "-"
UNNAMED = "<stdin>"

stdin_option = click.option(
    "--stdin-filename",
    "stdin_name",
    metavar="FILE",
    help="What messages call the text that `-` reads; what it uses is looked for beside it.",
)


def named(spec: Path | str, stdin_name: str | None) -> str:
    """What messages call a spec. Its ending says how the text is written."""
    return (stdin_name or UNNAMED) if str(spec) == DASH else str(spec)


def text_given(spec: Path | str, stdin_name: str | None = None) -> str:
    """The text of a file, or of standard input for `-`. Raises Unreadable."""
    if str(spec) != DASH:
        return text_of(Path(spec))
    name = named(spec, stdin_name)
    try:
        return decoded(_standard_input(), name)
    except OSError as error:
        raise Unreadable(f"{name}: {error.strerror or error}") from None


@functools.cache
def _standard_input() -> bytes:
    """Read once: a second `-` on the same command line is the same text, not an empty one."""
    # As bytes: a terminal's encoding has no say in what a spec is written in. A stream that was closed has no bytes.
    stream = getattr(sys.stdin, "buffer", None)
    return sys.stdin.read().encode() if stream is None else stream.read()


def agree(specs: tuple[Path | str, ...], stdin_name: str | None) -> None:
    """Raises Refused where a name is given for a standard input that nobody reads."""
    if stdin_name is not None and not any(str(spec) == DASH for spec in specs):
        raise Refused("--stdin-filename names the text that `-` reads, and no spec is `-`")
