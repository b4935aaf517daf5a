"""`seatrial explain CODE`: the shipped text of a diagnostic."""

from __future__ import annotations

from difflib import get_close_matches

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
    text = explanation(code.upper())
    if text is None:
        close = get_close_matches(code.upper(), CODES, n=3, cutoff=0.5)
        raise Refused(f"there is no code {code}" + (f"; did you mean {' or '.join(close)}?" if close else ""))
    click.echo(text, nl=False)
    return HOLDS
