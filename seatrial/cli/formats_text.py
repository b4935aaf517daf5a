"""Checked specs -> what a person reads: the diagnostics, a line for each guarantee, and the verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import itemgetter

from seatrial.compiler.pipeline import Checked
from seatrial.compiler.verify import Finding, Limit, Status, amount, name_of
from seatrial.compiler.verify.cases import told
from seatrial.compiler.verify.words import share
from seatrial.dsl.diagnostics.fewer import fewer
from seatrial.dsl.diagnostics.render import printable, render

from .paint import paint

MOST_TIGHT = 3
"""So many margins are told of a spec that holds."""


MOST_LINES = 500
"""Of a larger fleet what is proved is counted by kind: nobody reads a line each, and each is worked out when read."""


@dataclass(frozen=True, slots=True)
class Shown:
    """How much of it: `quiet` only what is not proved; `verbose` what binds each guarantee."""

    quiet: bool = False
    defaults: bool = False
    verbose: bool = False


def text_of(results: Sequence[Checked], how: Shown) -> tuple[str, str]:
    """What goes to standard error, and the report itself; both with their last line ends, coloured."""
    aside: list[str] = []
    report: list[str] = []
    for result in results:
        # A warning that someone answers for is settled; a guarantee that does not hold stays in sight.
        shown = [one for one in result.diagnostics if one.guarantee or not one.allowed]
        if not how.verbose:
            shown = fewer(shown, way="`-v` tells of each")
        aside.extend(render(one, paint) + "\n\n" for one in shown)
        lines = _lines(result, how)
        (report if result.fleet is not None else aside).extend(line + "\n" for line in lines)
    return "".join(aside), "".join(report)


def _lines(result: Checked, how: Shown) -> list[str]:
    lines: list[str] = []
    if result.fleet is not None and not how.quiet:
        many = len(result.findings) > MOST_LINES and not how.verbose
        listed = [one for one in result.findings if not many or one.status is not Status.PROVED or one.allowed]
        if many:
            lines.extend(_by_kind(result.findings))
        width = max((len(finding.id) for finding in listed), default=0)
        for finding in listed:
            status = "allowed" if finding.allowed else finding.status.value
            said = finding.margin or finding.witness or finding.reason
            lines.append(f"  {paint(f'{status:8}', status)} {finding.id:{width}}  {said}")
            if how.verbose:
                lines.extend(f"{'':11}{paint(line, 'faint')}" for line in _details(finding))
    if result.fleet is not None and how.defaults:
        from .formats_defaults import defaults_table

        lines.extend(defaults_table(result.fleet))
    return [*lines, *([] if how.quiet else _tightest(result)), conclusion(result)]


def _by_kind(findings: Sequence[Finding]) -> list[str]:
    """How many of each kind are proved."""
    kinds = Counter(one.kind for one in findings if one.status is Status.PROVED and not one.allowed)
    width = max((len(kind) for kind in kinds), default=0)
    lines = [f"  {paint('proved  ', 'proved')} {kind:{width}}  {count:,}" for kind, count in sorted(kinds.items())]
    return [*lines, "  (-v tells of each)"] if lines else []


def _details(finding: Finding) -> list[str]:
    """The limit with the clause that sets it, the one that would bind next, and the worst case."""
    lines = [
        f"{what}: {_limit(limit, finding.unit)}"
        for what, limit in (("limit", finding.limit), ("next", finding.next_limit))
        if limit is not None and (finding.unit or limit.clause is not None)
    ]
    return [*lines, f"worst case: {told(finding.case)}"] if finding.case is not None else lines


def _limit(limit: Limit, unit: str) -> str:
    clause = limit.clause
    by = f", by {clause.name} ({clause.span.source.path}:{clause.span.line})" if clause is not None else ""
    if not unit:
        return f"{share(limit.share)} left{by}"
    used, of = amount(limit.used, unit), amount(limit.of, unit)
    # The unit once: 300 of 400 connections.
    used = used.partition(" ")[0] if used.partition(" ")[2].rstrip("s") == of.partition(" ")[2].rstrip("s") else used
    return f"{used} of {of}, {share(limit.share)} left{by}"


def _tightest(result: Checked) -> list[str]:
    """What will run out first, of a spec that holds."""
    if result.fleet is None or result.verdict != "feasible" or len(result.findings) > MOST_LINES:
        return []
    named: dict[str, Fraction] = {}
    for one in result.findings:
        name, left = name_of(one.id), one.margin_share
        if name and left is not None:
            named[name] = min(left, named.get(name, left))
    told = [f"{name}, {share(left)} left" for name, left in sorted(named.items(), key=itemgetter(1))[:MOST_TIGHT]]
    return [f"  tightest: {'; '.join(told)}"] if told else []


def conclusion(result: Checked) -> str:
    """The last line on a spec."""
    path = printable(result.reading.source.path)
    if result.fleet is not None:
        return f"{path}: {summary(result)}"
    errors = sum(one.is_error for one in result.diagnostics)
    return f"{path}: {paint('not readable', 'refuted')}: {errors:,} error{'s' if errors > 1 else ''}"


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
