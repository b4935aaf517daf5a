"""`seatrial explain CODE`: the shipped text of a diagnostic."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import takewhile

import click

from seatrial.dsl.diagnostics.codes import CODES, explanation

from .app import HOLDS
from .refusal import Refused


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return [code for code in CODES if code.startswith(incomplete.upper())]


@click.command("explain")
@click.argument("code", required=False, shell_complete=_complete)
def command(code: str | None) -> int:
    """Tell what CODE means, with a spec that shows it and the mended one. Without CODE: list all."""
    if code is None:
        for known, title in CODES.items():
            click.echo(f"{known}  {title}")
        return HOLDS
    text = explanation(code.upper() if not code.isdecimal() else f"ST{code}")
    if text is None:
        # A number is more often wrong at its end than at its start.
        close = get_close_matches(code.upper(), CODES, n=len(CODES), cutoff=0.8)
        near = sorted(close, key=lambda one: -_alike(one, code.upper()))[:3]
        about = [known for known, title in CODES.items() if code.lower() in title.lower()]
        hint = f"did you mean {' or '.join(near)}?" if near else _listed(code, about)
        raise Refused(f"there is no code {code}; {hint}")
    click.echo(text, nl=False)
    return HOLDS


def _listed(word: str, about: list[str]) -> str:
    """What to say to who looks for a word in the place of a code."""
    if about:
        return f"codes that speak of `{word}`: {', '.join(about[:6])}"
    return "codes are those in brackets, as ST2201 in error[ST2201]; `seatrial explain` lists all"


def _alike(one: str, other: str) -> int:
    """How many characters both start with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
