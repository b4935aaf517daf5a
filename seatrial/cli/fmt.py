"""`seatrial fmt`: one style for all specs."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

import click

from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.exchange import Notation, notation_of, parse_any, write
from seatrial.dsl.format import format_file
from seatrial.dsl.source import Source
from seatrial.texts import Unreadable, decoded, plain, text_of

from .app import FINDINGS, HOLDS, USAGE
from .files import write_atomically
from .paint import show
from .refusal import Refused


@click.command("fmt")
@click.argument("specs", nargs=-1, required=True, metavar="SPEC...")
@click.option("--check", "only_check", is_flag=True, help="Change nothing; exit 1 if a file would change.")
@click.option("--diff", "show_diff", is_flag=True, help="Print what would change instead of changing it.")
def command(specs: tuple[str, ...], only_check: bool, show_diff: bool) -> int:
    """Rewrite each SPEC in the canonical style; comments stay where they are. `-` reads stdin and writes stdout."""
    changed = broken = 0
    for name in specs:
        try:
            text = _stdin() if name == "-" else text_of(Path(name))
        except Unreadable as error:
            raise Refused(str(error)) from None
        notation = notation_of(name)
        file, errors = parse_any(Source("<stdin>" if name == "-" else name, plain(text)))
        if file is None or errors:
            for one in errors:
                show(one)
            broken += 1
            continue
        # A text is put in style word by word; the other form is written anew from what it says.
        formatted = format_file(file) if notation is Notation.FLEET else write(file, notation)
        if isinstance(formatted, Diagnostic):
            show(formatted)
            broken += 1
            continue
        if name == "-" and not only_check and not show_diff:
            click.echo(formatted, nl=False)
            continue
        if formatted == text:
            continue
        changed += 1
        if show_diff:
            click.echo("".join(difflib.unified_diff(text.splitlines(True), formatted.splitlines(True), name, name)))
        elif only_check:
            click.echo(f"would reformat {name}")
        else:
            write_atomically(Path(name), formatted.encode())
            click.echo(f"reformatted {name}")
    if broken:
        return USAGE
    return FINDINGS if changed and (only_check or show_diff) else HOLDS


def _stdin() -> str:
    # As bytes: a terminal's encoding has no say in what a spec is written in.
    stream = getattr(sys.stdin, "buffer", None)
    return sys.stdin.read() if stream is None else decoded(stream.read(), "<stdin>")
