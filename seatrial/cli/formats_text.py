"""Checked specs -> what a person reads: the diagnostics, a line for each guarantee, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.compiler.pipeline import Checked
from seatrial.compiler.verify import Status
from seatrial.dsl.diagnostics.render import render

from .paint import paint


def text_of(results: Sequence[Checked], quiet: bool, defaults: bool) -> tuple[str, str]:
    """What goes to standard error, and the report itself; both with their last line ends, coloured."""
    aside: list[str] = []
    report: list[str] = []
    for result in results:
        # A warning that someone answers for is settled; a guarantee that does not hold stays in sight.
        shown = [one for one in result.diagnostics if one.guarantee or not one.allowed]
        aside.extend(render(one, paint) + "\n\n" for one in shown)
        lines = _lines(result, quiet, defaults)
        (report if result.fleet is not None else aside).extend(line + "\n" for line in lines)
    return "".join(aside), "".join(report)


def _lines(result: Checked, quiet: bool, defaults: bool) -> list[str]:
    lines: list[str] = []
    if result.fleet is not None and not quiet:
        width = max((len(finding.id) for finding in result.findings), default=0)
        for finding in result.findings:
            status = "allowed" if finding.allowed else finding.status.value
            told = finding.margin or finding.witness or finding.reason
            lines.append(f"  {paint(f'{status:8}', status)} {finding.id:{width}}  {told}")
    if result.fleet is not None and defaults:
        from .formats_defaults import defaults_table

        lines.extend(defaults_table(result.fleet))
    return [*lines, conclusion(result)]


def conclusion(result: Checked) -> str:
    """The last line on a spec."""
    path = result.reading.source.path
    if result.fleet is not None:
        return f"{path}: {summary(result)}"
    errors = sum(one.is_error for one in result.diagnostics)
    return f"{path}: {paint('not readable', 'refuted')}: {errors} error{'s' if errors > 1 else ''}"


def summary(result: Checked) -> str:
    """The verdict and how many guarantees have which answer; what is allowed is counted apart."""
    role = {"feasible": "proved", "infeasible": "refuted", "unknown": "unknown"}[result.verdict]
    numbers = {
        status.value: sum(one.status is status and not one.allowed for one in result.findings) for status in Status
    }
    numbers["allowed"] = sum(bool(one.allowed) for one in result.findings)
    numbers["out of time"] = sum(one.late for one in result.findings)
    told = ", ".join(f"{number} {name}" for name, number in numbers.items() if number)
    return f"{paint(result.verdict, role)}: {told or 'nothing is promised in it'}"
