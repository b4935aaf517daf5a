"""A spec, in one of its variants -> the documents to be written, or an exit code and why not on standard error."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seatrial import __version__
from seatrial.compiler.pipeline import plan
from seatrial.compiler.plan import Plan
from seatrial.compiler.verify.words import counted
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.diagnostics.render import printable
from seatrial.dsl.exchange.hints import in_its_form
from seatrial.dsl.suppress import idle, mark
from seatrial.targets import USUAL, Document, emit_all

from .app import FINDINGS, USAGE
from .formats_text import summary
from .paint import show_each
from .specs import Choices, loaded
from .standard_input import named

if TYPE_CHECKING:
    from seatrial.loading import Loaded


@dataclass(frozen=True, slots=True)
class Wanted:
    """`targets` empty: the usual ones; `also`: those that are written only where they are asked for."""

    spec: Path
    stdin_name: str | None
    targets: tuple[str, ...]
    also: tuple[str, ...]
    even_if_refuted: bool

    @property
    def names(self) -> tuple[str, ...]:
        return (*(self.targets or USUAL), *self.also)


@dataclass(frozen=True, slots=True)
class Made:
    given: Loaded
    plan: Plan
    documents: tuple[Document, ...]


@dataclass(slots=True)
class Teller:
    """Says each thing once, however many environments it is true of."""

    said: set[Diagnostic]

    def tell(self, found: Iterable[Diagnostic], way: str) -> None:
        """`way`: how to see all, where there are very many of a kind."""
        news = [one for one in map(in_its_form, dict.fromkeys(found)) if one not in self.said]
        self.said.update(news)
        show_each(news, way)


def planned(wanted: Wanted, choices: Choices, teller: Teller) -> tuple[Loaded, Plan] | int:
    """The plan of a spec that can be read, proved or not."""
    given = loaded(wanted.spec, choices, wanted.stdin_name)
    found = [one for one in given.checked.diagnostics if one.guarantee or not one.allowed]
    teller.tell(found, "`seatrial check -v` tells of each")
    made = plan(given.checked, given.assets, __version__)
    if made is None:
        click.echo(f"{_shown(wanted, choices)}: not readable, nothing written", err=True)
        return USAGE
    return given, made


def documents(wanted: Wanted, choices: Choices, teller: Teller) -> Made | int:
    """The documents of a spec that holds, or that may be written all the same."""
    found = planned(wanted, choices, teller)
    if isinstance(found, int):
        return found
    given, made = found
    shown = _shown(wanted, choices)
    if given.checked.verdict == "infeasible" and not wanted.even_if_refuted:
        click.echo(
            f"{shown}: {summary(given.checked)}; nothing written (--even-if-refuted writes it all the same)", err=True
        )
        return FINDINGS
    # Documents are trees, and all of them are kept until they are written: there is nothing to collect.
    gc.disable()
    emitted, diagnostics = emit_all(made, wanted.names)
    diagnostics = mark(given.checked.allowances, diagnostics)
    if not wanted.targets:
        # Only with all of them is it known that nothing of a target is left to allow.
        diagnostics = (*diagnostics, *idle(given.checked.allowances, diagnostics, later=True))
    teller.tell((one for one in diagnostics if not one.allowed), "")
    errors = sum(one.is_error for one in diagnostics)
    if errors:
        click.echo(f"{shown}: nothing written, for {counted(errors, 'error')}", err=True)
        return FINDINGS
    return Made(given, made, emitted)


def told(wanted: Wanted, choices: Choices, made: Made) -> str:
    return f"{_shown(wanted, choices)}: {summary(made.given.checked)}"


def _shown(wanted: Wanted, choices: Choices) -> str:
    name = printable(str(named(wanted.spec, wanted.stdin_name)))
    return name if choices.environment is None else f"{name} ({choices.environment})"
