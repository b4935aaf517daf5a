"""`seatrial fmt`: one style for all specs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.diagnostics.render import printable
from seatrial.dsl.exchange import Notation, notation_of, parse_any, write
from seatrial.dsl.format import format_file
from seatrial.dsl.source import Source
from seatrial.texts import Unreadable, plain

from .app import FINDINGS, HOLDS, USAGE
from .diffs import unified
from .files import write_one
from .paint import show, show_each
from .refusal import Refused
from .specs import specs_of
from .standard_input import DASH, agree, named, stdin_option, text_given


def _refuse(context: click.Context, option: click.Parameter, value: object) -> None:
    if value:
        name = option.opts[0]
        raise click.UsageError(
            f"fmt has no {name}, for it judges nothing: it styles the whole file, all environments alike. "
            f"Leave {name} out; `seatrial convert SPEC {name} …` writes the spec as it is there.",
            context,
        )


def _not_here(function: Callable[..., int]) -> Callable[..., int]:
    """Options of the commands that judge, for whoever hands the same ones to all: not listed, and told what to do."""
    for name in ("--set", "--env"):
        hidden = click.option(name, multiple=True, hidden=True, expose_value=False, is_eager=True, callback=_refuse)
        function = hidden(function)
    return function


@click.command("fmt")
@click.argument("specs", nargs=-1, required=True, metavar="SPEC...")
@click.option("--check", "only_check", is_flag=True, help="Change nothing; exit 1 if a file would change.")
@click.option("--diff", "show_diff", is_flag=True, help="Print what would change instead of changing it.")
@stdin_option
@_not_here
def command(specs: tuple[str, ...], only_check: bool, show_diff: bool, stdin_name: str | None) -> int:
    """Rewrite each SPEC in the canonical style; comments stay where they are. `-` reads stdin and writes stdout.

    A folder stands for all specs in it. Nothing is judged, so there is no --env: all environments are styled.
    """
    changed = broken = 0
    agree(specs, stdin_name)
    for spec in map(str, specs_of([Path(one) for one in specs])):
        name = named(spec, stdin_name)
        try:
            text = text_given(spec, stdin_name)
        except Unreadable as error:
            Refused(str(error)).show()
            broken += 1
            continue
        notation = notation_of(name)
        file, errors = parse_any(Source(name, plain(text)))
        if file is None or errors:
            show_each(errors)
            broken += 1
            continue
        # A text is put in style word by word; the other form is written anew from what it says.
        formatted = format_file(file) if notation is Notation.FLEET else write(file, notation)
        if isinstance(formatted, Diagnostic):
            show(formatted)
            broken += 1
            continue
        if spec == DASH and not only_check and not show_diff:
            click.echo(formatted, nl=False)
            continue
        if formatted == text:
            continue
        changed += 1
        if show_diff:
            click.echo(unified(text, formatted, name), nl=False)
        elif only_check:
            click.echo(f"would reformat {printable(name)}")
        else:
            write_one(Path(name), formatted.encode())
            click.echo(f"reformatted {printable(name)}")
    if broken:
        return USAGE
    return FINDINGS if changed and (only_check or show_diff) else HOLDS
