"""`seatrial convert`: the same spec as text, as YAML or as JSON."""

from __future__ import annotations

from pathlib import Path

import click

from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.exchange import Notation, notation_of, parse_any, write
from seatrial.dsl.source import Source
from seatrial.texts import Unreadable, plain

from .app import HOLDS, USAGE
from .files import write_atomically
from .paint import show
from .refusal import Refused
from .standard_input import agree, named, stdin_option, text_given

_NOTATIONS = click.Choice([one.value for one in Notation])


@click.command("convert")
@click.argument("spec", metavar="SPEC")
@click.option("--to", "to", type=_NOTATIONS, help="What to write; if not said, the ending of --out tells.")
@click.option("--from", "from_", type=_NOTATIONS, help="What SPEC is; if not said, the ending of its name tells.")
@click.option("--out", default="-", metavar="FILE", help="The file to write; `-`, the default, is stdout.")
@stdin_option
def command(spec: str, to: str | None, from_: str | None, out: str, stdin_name: str | None) -> int:
    """Write SPEC in another notation: nothing is lost but layout, and in JSON the comments.

    `-` reads stdin (a .fleet text, unless --from or --stdin-filename says otherwise). Exit code 2: SPEC cannot be read.
    """
    agree((spec,), stdin_name)
    name = named(spec, stdin_name)
    if to is None and out == "-":
        raise Refused("say what to write with --to: fleet, yaml or json")
    target = Notation(to) if to is not None else notation_of(out)
    notation = Notation(from_) if from_ is not None else notation_of(name)
    try:
        text = text_given(spec, stdin_name)
    except Unreadable as error:
        raise Refused(str(error)) from None
    file, errors = parse_any(Source(name, plain(text)), notation)
    written: str | Diagnostic | None = None
    if file is not None and not errors:
        written = write(file, target)
        errors = (written,) if isinstance(written, Diagnostic) else ()
    if file is None or not isinstance(written, str):
        for one in errors:
            show(one)
        click.echo(f"{name}: not readable, nothing written", err=True)
        return USAGE
    if out == "-":
        click.echo(written, nl=False)
    else:
        try:
            write_atomically(Path(out), written.encode())
        except OSError as error:
            raise Refused(f"{out}: {error.strerror or error}") from None
    if target is Notation.JSON and file.comments:
        count = len(file.comments)
        click.echo(
            f"{name}: {count} comment{'s' if count > 1 else ''} left out, what they allow too: JSON has none", err=True
        )
    return HOLDS
