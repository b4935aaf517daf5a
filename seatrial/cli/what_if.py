"""`seatrial check --what-if CLAUSE`: what becomes of each guarantee if the spec said that. Nothing is written."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import click

from seatrial.compiler.pipeline import Checked
from seatrial.compiler.verify import Finding, Status
from seatrial.solver import ProcessSolver

from .app import FINDINGS, HOLDS, USAGE
from .formats_json import as_json
from .formats_text import conclusion, summary
from .json_text import json_text
from .paint import paint, show_each
from .specs import Choices, loaded

_LEAST_SHIFT = 0.0005
"""A margin that moves by less is told as the same."""
_RANK = {Status.REFUTED: 0, Status.UNKNOWN: 1, Status.PROVED: 2}


@dataclass(frozen=True, slots=True)
class Shift:
    """One guarantee before and after; None where it is there in one of the two only."""

    id: str
    before: Finding | None
    after: Finding | None

    @property
    def rank(self) -> int:
        """What falls first, then what rises, what is new, gone, and what only moved."""
        if self.before is None:
            return 2
        if self.after is None:
            return 3
        change = _RANK[self.after.status] - _RANK[self.before.status]
        return 0 if change < 0 else 1 if change > 0 else 4

    @property
    def after_rank(self) -> int:
        """What is refuted before what is no longer decided."""
        return _RANK[self.after.status] if self.after is not None else 0


def told(
    spec: Path, choices: Choices, clauses: tuple[str, ...], style: str, stdin_name: str | None, seconds: float
) -> int:
    """Prints the comparison; the exit code is that of the spec as it would be. `seconds` is as `checking.answered`."""
    if any(not clause.strip() for clause in clauses):
        raise click.UsageError("--what-if wants a clause, such as 'pool triage agents 10..200'.")
    with closing(ProcessSolver(seconds)) as solver:
        before = loaded(spec, choices, stdin_name, solver).checked
        after = loaded(spec, replace(choices, changes=clauses), stdin_name, solver).checked
    broken = before if before.fleet is None else after if after.fleet is None else None
    if broken is not None:
        show_each(one for one in broken.diagnostics if one.is_error)
        said = "', '".join(clauses)
        click.echo(
            conclusion(broken)
            if broken is before
            else f"--what-if '{said}' cannot be put into {spec}, which is read as it stands",
            err=True,
        )
        return USAGE
    shifts = compared(before, after)
    if style == "json":
        click.echo(json_text(_as_json(clauses, before, after, shifts)), nl=False)
    else:
        click.echo("".join(f"{line}\n" for line in _lines(clauses, before, after, shifts)), nl=False)
    return HOLDS if after.verdict == "feasible" else FINDINGS


def compared(before: Checked, after: Checked) -> list[Shift]:
    """The guarantees that differ, the gravest change first."""
    old, new = ({one.id: one for one in checked.findings} for checked in (before, after))
    shifts = [Shift(id, old.get(id), new.get(id)) for id in dict.fromkeys((*old, *new))]
    return sorted((one for one in shifts if _differs(one)), key=lambda one: (one.rank, one.after_rank, -_moved(one)))


def fallen(before: Checked, after: Checked) -> list[tuple[Finding, Finding]]:
    """Guarantees of both that are worse off after, what is refuted first. Margins are not reckoned."""
    old = {one.id: one for one in before.findings}
    worse = [
        (old[one.id], one) for one in after.findings if one.id in old and _RANK[one.status] < _RANK[old[one.id].status]
    ]
    return sorted(worse, key=lambda pair: _RANK[pair[1].status])


def _differs(shift: Shift) -> bool:
    before, after = shift.before, shift.after
    if before is None or after is None or before.status is not after.status:
        return True
    if before.status is Status.PROVED:
        return _moved(shift) >= _LEAST_SHIFT
    return (before.witness, before.reason) != (after.witness, after.reason)


def _moved(shift: Shift) -> float:
    before, after = shift.before, shift.after
    if before is None or after is None or before.margin_share is None or after.margin_share is None:
        return 0.0
    return abs(float(after.margin_share - before.margin_share))


def _lines(clauses: tuple[str, ...], before: Checked, after: Checked, shifts: list[Shift]) -> list[str]:
    lines = [f"what if: {clause}" for clause in clauses]
    for shift in shifts:
        one = shift.after or shift.before
        assert one is not None
        status = one.status.value if shift.after is not None else "gone"
        text = one.margin or one.witness or one.reason
        lines.append(f"  {paint(f'{status:8}', status)} {shift.id}{_was(shift)}: {text}")
        if shift.after is not None and shift.after.repairs and shift.rank == 0:
            lines.append(f"           {paint('help: ', 'help')}{shift.after.repairs[0].text}")
    same = len(after.findings) - sum(shift.after is not None for shift in shifts)
    lines.append(f"  {same} as before")
    path = after.reading.source.path
    verdict = summary(after)
    lines.append(f"{path}: {verdict}" + ("" if after.verdict == before.verdict else f" (was {before.verdict})"))
    return lines


def _was(shift: Shift) -> str:
    before, after = shift.before, shift.after
    if before is None:
        return " (new)"
    if after is None:
        return ""
    if before.status is not after.status:
        return f" (was {before.status.value})"
    if before.margin_share is None or after.margin_share is None:
        return ""
    return f" ({_share(before)} -> {_share(after)} to spare)"


def _share(finding: Finding) -> str:
    return f"{float(finding.margin_share or 0) * 100:.3g} %"


def _as_json(clauses: tuple[str, ...], before: Checked, after: Checked, shifts: list[Shift]) -> dict[str, object]:
    return {
        "what_if": list(clauses),
        "verdict": as_json([after])["verdict"],
        "verdict_before": as_json([before])["verdict"],
        "changes": [
            {
                "id": shift.id,
                **{f"{name}_before": _field(shift.before, name) for name in ("status", "margin", "margin_share")},
                **{name: _field(shift.after, name) for name in ("status", "margin", "margin_share", "witness")},
            }
            for shift in shifts
        ],
        "guarantees": as_json([after])["guarantees"],
    }


def _field(finding: Finding | None, name: str) -> object:
    if finding is None:
        return None
    if name == "status":
        return finding.status.value
    if name == "margin_share":
        return None if finding.margin_share is None else float(finding.margin_share)
    return getattr(finding, name) or None
