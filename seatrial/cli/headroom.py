"""`seatrial headroom`: how far demand, times, prices and losses can move before which guarantee falls."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import Variant, judge
from seatrial.compiler.verify import Status
from seatrial.compiler.verify.check import statuses
from seatrial.compiler.verify.headroom import Room, axes, headroom
from seatrial.compiler.verify.words import counted
from seatrial.dsl.diagnostics.render import printable
from seatrial.loading import open_spec
from seatrial.texts import Unreadable

from .abreast import abreast
from .app import HOLDS, USAGE
from .files import write_one
from .json_text import json_text
from .paint import show_each
from .refusal import Refused
from .specs import Choices, spec_options
from .standard_input import DASH, agree, named, stdin_option, text_given
from .watching import Watcher

_COLUMNS = 160
FIELDS = ("what", "unit", "until", "first_to_fall", "becomes", "others", "tried", "returns", "why")


@click.command("headroom")
@click.argument("spec", type=click.Path(path_type=Path))
@click.option("--of", "of", default="", metavar="TEXT", help="Only what has this in its name, such as a pool's.")
@click.option("--format", "style", type=click.Choice(("text", "json", "csv")), default="text", help="How to print it.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="Also a picture: .svg, .png or .pdf.")
@spec_options
@stdin_option
def command(spec: Path, of: str, style: str, plot: Path | None, choices: Choices, stdin_name: str | None) -> int:
    """Move one thing at a time until a guarantee of SPEC is no longer proved, and say which and how far. `-` reads
    stdin.

    Demand, service times, latencies and prices grow in steps of one per cent, at most tenfold; agents and zones are
    lost one by one. Each answer rests on exact checks of the changed fleet, at as many of the steps as the table says:
    a guarantee may be unknown at one between them.
    """
    agree((spec,), stdin_name)
    if plot is not None:
        from .headroom_plot import ready

        ready(plot)
    try:
        traces = {demand: Path(file) for demand, file in choices.traces.items()}
        given: dict[str, str] = {}
        if str(spec) == DASH:
            spec, text = Path(named(spec, stdin_name)), text_given(spec, stdin_name)
            given[str(spec)] = text
        opened = open_spec(spec, Variant(choices.environment, choices.settings), traces, given)
    except Unreadable as error:
        raise Refused(str(error)) from None
    fleet, errors = resolve(opened.reading.clauses, opened.assets)
    wrong = [one for one in (*opened.reading.diagnostics, *errors) if one.is_error]
    if fleet is None or wrong:
        # That there is no fleet at all is no error of any clause.
        show_each(wrong or [one for one in judge(opened.reading, opened.assets).diagnostics if one.is_error])
        click.echo(f"seatrial: {printable(str(spec))}: not readable, so there is nothing to move", err=True)
        return USAGE
    names = [one.name for one in axes(fleet, bool(of))]
    if not any(of in name for name in names):
        if not names:
            raise Refused(f"{spec}: nothing in it may move: no demand, no times, no prices, no agents to lose")
        words = dict.fromkeys(word for name in names for word in name.split())
        close = get_close_matches(of, names, n=1) or get_close_matches(of, words, n=1)
        hint = f"did you mean --of '{close[0]}'?" if close else f"there are: {', '.join(names)}"
        raise Refused(f"nothing that may move has `{of}` in its name; {hint}")
    with Watcher() as watcher:
        watcher.begin(spec)
        rooms = headroom(fleet, of, watcher.tell, abreast)
    standing = {id: status for id, status in statuses(fleet).items() if status is not Status.PROVED}
    click.echo(_printed(rooms, style, standing), nl=False)
    if standing:
        more = f" and {len(standing) - 1} more are" if len(standing) > 1 else " is"
        told = f"{next(iter(standing))}{more} not proved as the spec stands: what is told is when others fall"
        click.echo(f"seatrial: {printable(str(spec))}: {told}", err=True)
    if plot is not None:
        from .headroom_plot import drawn

        write_one(plot, drawn(rooms, fleet.name, plot.suffix[1:]))
    return HOLDS


def _printed(rooms: tuple[Room, ...], style: str, standing: Mapping[str, Status]) -> str:
    """`standing`: what is not proved as the spec stands, of which no room can be told."""
    if style == "json":
        rows = [
            {
                "what": one.axis,
                "unit": one.unit,
                "until": one.until,
                "falls": list(one.falls),
                "becomes": None if one.becomes is None else one.becomes.value,
                "tried": one.tried,
                "returns": one.returns,
                "why": one.why or None,
            }
            for one in rooms
        ]
        open_ = [{"id": id, "status": status.value} for id, status in standing.items()]
        return json_text({"headroom": rows, "not_proved": open_})
    if style == "csv":
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(FIELDS)
        for one in rooms:
            becomes = "" if one.becomes is None else one.becomes.value
            first = one.falls[0] if one.falls else ""
            others, returns = max(len(one.falls) - 1, 0), "yes" if one.returns else "no"
            row = (one.axis, one.unit, one.until, first, becomes, others, one.tried, returns, one.why)
            writer.writerow(row)
        return out.getvalue()
    return _table(rooms)


def _table(rooms: tuple[Room, ...]) -> str:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("what moves", "held until", "steps tried", "then", ""):
        table.add_column(name, no_wrap=True, justify="right" if name in ("held until", "steps tried") else "left")
    for one in rooms:
        table.add_row(one.axis, until(one), "each" if one.each_tried else f"{one.tried} of {one.until:,}", *_then(one))
    console = Console(file=io.StringIO(), width=_COLUMNS)
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    tightest = next((one for one in rooms if one.falls), None)
    told = f"tightest: {tightest.axis}, {until(tightest)}: then {tightest.falls[0]}\n" if tightest else ""
    told_why = reasons(rooms)
    why = ("", "why:", *(f"  {one}" for one in told_why), "") if told_why else ()
    rows = [*console.file.getvalue().splitlines()]
    if not all(one.each_tried for one in rooms):
        rows.append("Where not each step was tried, a guarantee may fall at one that was not.")
    return "".join(f"{line.rstrip()}\n" for line in (*rows, *why)) + told


def reasons(rooms: tuple[Room, ...]) -> list[str]:
    """Why each guarantee falls that is the first to, where it has the least room."""
    met: dict[str, str] = {}
    for one in rooms:
        if one.falls and one.why and one.becomes is not None:
            first, beyond = one.falls[0], replace(one, until=one.until + 1)
            met.setdefault(first, f"{first} is {one.becomes.value} at {one.axis} {until(beyond)}: {one.why}")
    return list(met.values())


def until(room: Room) -> str:
    """+37 %, 4 agents; with "at least" where nothing fell as far as was looked."""
    how_far = f"+{room.until:,} %" if room.unit == "%" else counted(room.until, room.unit)
    return how_far if room.falls else f"at least {how_far}"


def _then(room: Room) -> tuple[str, str]:
    if not room.falls or room.becomes is None:
        return "nothing falls", ""
    more = f" and {len(room.falls) - 1} more" if len(room.falls) > 1 else ""
    beyond = "; holds again farther out: it comes and goes" if room.returns else ""
    return f"{room.falls[0]} is {room.becomes.value}", f"{more.strip()}{beyond}".strip("; ")
