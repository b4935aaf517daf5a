"""`seatrial convert`: the same spec as text, as YAML or as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import click

from seatrial.dsl.clauses import read_clauses
from seatrial.dsl.compose import compose
from seatrial.dsl.diagnostics import Diagnostic, in_order
from seatrial.dsl.diagnostics.render import printable
from seatrial.dsl.exchange import Notation, notation_of, parse_any, write
from seatrial.dsl.source import Source
from seatrial.dsl.syntax import File
from seatrial.loading import USED, declared, used
from seatrial.texts import Unreadable, plain

from .app import HOLDS, USAGE
from .files import write_one
from .paint import show_each
from .refusal import Refused
from .specs import env_option, pairs
from .standard_input import agree, named, stdin_option, text_given

_NOTATIONS = click.Choice([one.value for one in Notation])


@click.command("convert")
@click.argument("spec", metavar="SPEC")
@click.option("--to", "to", type=_NOTATIONS, help="What to write; if not said, the ending of --out tells.")
@click.option("--from", "from_", type=_NOTATIONS, help="What SPEC is; if not said, the ending of its name tells.")
@click.option("--out", default="-", metavar="FILE", help="The file to write; `-`, the default, is stdout.")
@env_option("Write what holds there: see above.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Another value for a let (repeatable).")
@stdin_option
def command(
    spec: str,
    to: str | None,
    from_: str | None,
    out: str,
    environment: str | None,
    settings: tuple[str, ...],
    stdin_name: str | None,
) -> int:
    """Write SPEC in another notation: nothing is lost but layout, and in JSON the comments.

    With --env or --set it is one spec without names, templates, loops, environments, comments and other files: what
    is checked.

    `-` reads stdin (a .fleet text, unless --from or --stdin-filename says otherwise). Exit code 2: SPEC cannot be read.
    """
    agree((spec,), stdin_name)
    name = named(spec, stdin_name)
    target = _target(to, out)
    notation = Notation(from_) if from_ is not None else notation_of(name)
    try:
        text = text_given(spec, stdin_name)
    except Unreadable as error:
        raise Refused(str(error)) from None
    file, errors = parse_any(Source(name, plain(text)), notation)
    comments = len(file.comments) if file is not None else 0
    why = "JSON has none"
    if file is not None and not errors and (environment is not None or settings):
        why = "what is written is put together anew"
        file, errors = _composed(file, environment, pairs("--set", settings, "NAME=VALUE"))
    written: str | Diagnostic | None = None
    if file is not None and not errors:
        written = write(file, target)
        errors = (written,) if isinstance(written, Diagnostic) else ()
    if file is None or not isinstance(written, str):
        show_each(errors)
        click.echo(f"{printable(name)}: not readable, nothing written", err=True)
        return USAGE
    if out == "-":
        click.echo(written, nl=False)
    else:
        write_one(Path(out), written.encode())
    left_out = comments if target is Notation.JSON or not file.comments else 0
    if left_out:
        click.echo(
            f"{name}: {left_out} comment{'s' if left_out > 1 else ''} left out, what they allow too: {why}", err=True
        )
    return HOLDS


def _target(to: str | None, out: str) -> Notation:
    told = Path(out).suffix.lower() in USED
    if to is None and not told:
        raise Refused("say what to write with --to: fleet, yaml or json")
    if to is not None and told and notation_of(out) != to:
        raise Refused(f"--to {to} and --out {out} do not agree: a spec is read as its ending says")
    return notation_of(out) if to is None else Notation(to)


def _composed(file: File, environment: str | None, settings: Mapping[str, str]) -> tuple[File, tuple[Diagnostic, ...]]:
    """The file as it is checked in an environment, with these values."""
    whole = compose(file, used, environment, settings)
    asked = (("environment", () if environment is None else (environment,), whole.environments),
             ("let", settings, whole.lets))  # fmt: skip
    try:
        for what, names, known in asked:
            declared(Path(file.source.path), what, names, known)
    except Unreadable as error:
        raise Refused(str(error)) from None
    wrong = (*whole.diagnostics, *whole.explained(read_clauses(whole.file)[1]))
    # A comment has its place among the statements that it was written among.
    return replace(whole.file, comments=()), in_order(one for one in wrong if one.is_error)
