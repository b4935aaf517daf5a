"""What a trial shows while it runs, and its verdict as a table."""

from __future__ import annotations

import sys
import time
from types import TracebackType

import click
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from seatrial.chaos.progress import Progress
from seatrial.chaos.report.page import figure_text
from seatrial.chaos.verdict.result import Outcome, Verdict

QUIET_SECONDS = 10.0
"""Where nobody watches, a line this often: a log should show that it goes on, and stay short."""


_LOG_COLUMNS = 200
"""Where there is no terminal a table need not fit one: a figure that is cut short helps nobody."""


class Teller:
    """On a terminal a display that is redrawn in place; elsewhere plain lines."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bar = Bar(TextColumn("{task.description:24}"), BarColumn(), TextColumn("{task.fields[told]}"))
        self._task = self._bar.add_task("", total=1.0, told="")
        self._live: Live | None = None
        self._last = 0.0
        self._stage = ""

    def __enter__(self) -> Teller:
        if self._console.is_terminal:
            self._live = Live(self._bar, console=self._console, refresh_per_second=4, transient=True)
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def tell(self, progress: Progress) -> None:
        for text in progress.news:
            self._console.print(Text(text), highlight=False)
        if self._live is not None:
            self._draw(self._live, progress)
        elif time.monotonic() - self._last >= QUIET_SECONDS or progress.stage != self._stage:
            self._last, self._stage = time.monotonic(), progress.stage
            told = _told(progress)
            sys.stderr.write(progress.stage + (f" {progress.seconds:.0f} s: {told}" if told else "") + "\n")
            sys.stderr.flush()

    def _draw(self, live: Live, progress: Progress) -> None:
        done = min(max(progress.seconds, 0.0), progress.duration)
        self._bar.update(
            self._task,
            description=progress.stage,
            total=progress.duration or 1.0,
            completed=done,
            told=f"{done:.0f} of {progress.duration:.0f} s" if progress.duration else "",
        )
        agents = "  ".join(f"{name} {ready}/{wanted}" for name, ready, wanted in progress.agents)
        live.update(Group(self._bar, Text("  " + _told(progress)), Text(f"  agents ready: {agents}" if agents else "")))


def _told(progress: Progress) -> str:
    if progress.success is None:
        return ""
    p95 = f", p95 {progress.p95_seconds * 1000:.0f} ms" if progress.p95_seconds is not None else ""
    return f"{progress.rate:.0f} requests/s, {progress.success:.1%} succeed{p95}"


_COLOURS = {Outcome.PASS: "green", Outcome.FAIL: "bold red", Outcome.INCONCLUSIVE: "yellow", Outcome.UNMEASURED: "dim"}


def show_verdict(verdict: Verdict) -> None:
    """The objectives on standard output, each with what is proved, modelled at this size, and measured."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    model = f"model at 1:{1 / verdict.scale:g}"
    for name in ("objective", "proved", model, "measured", "limit", "verdict"):
        table.add_column(name, justify="left" if name in ("objective", "verdict") else "right", no_wrap=True)
    for one in verdict.judgements:
        table.add_row(
            one.id,
            figure_text(one.proved, one.unit),
            figure_text(one.model, one.unit),
            figure_text(one.measured, one.unit),
            figure_text(one.limit, one.unit),
            Text("not tried" if one.outcome is Outcome.UNMEASURED else one.outcome.value, style=_COLOURS[one.outcome]),
        )
    console = Console(width=None if sys.stdout.isatty() else _LOG_COLUMNS)
    console.print(table)
    for one in verdict.judgements:
        if one.outcome in (Outcome.FAIL, Outcome.INCONCLUSIVE):
            console.print(
                Text(f"{one.outcome.value}: {one.id}: {one.reason}", style=_COLOURS[one.outcome]), soft_wrap=True
            )
    for doubt in verdict.doubts:
        click.echo(f"doubt: {doubt.text}")
