"""Findings -> what the user is told of them.

Invariant: every refuted finding is in one error, with the clauses of a core as labels, every unknown one a warning with
its reason; what is proved is told by no diagnostic, unless there is a caution with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from seatrial.dsl.diagnostics import Diagnostic, Fix, Label, Severity, in_order
from seatrial.dsl.source import Span

from .finding import CoreClause, Finding, Repair, Status
from .nature import Nature
from .words import listed

MOST_LABELS = 8
"""A clash of more clauses than this is shown by its decisions and its promise; the rest is counted."""
MOST_SHOWN = 3
"""So many other ways out are told of each kind; programs get all of them."""


def to_diagnostics(findings: Iterable[Finding]) -> tuple[Diagnostic, ...]:
    """Sorted by place. Guarantees that fall by the same decision are told once, the others as a note."""
    told: list[Diagnostic] = []
    refuted: list[list[Finding]] = []
    for finding in findings:
        match finding.status:
            case Status.REFUTED:
                group = next((group for group in refuted if _same_cause(group[0], finding)), None)
                if group is None:
                    refuted.append([finding])
                else:
                    group.append(finding)
            case Status.UNKNOWN:
                told.append(_warning(finding))
            case Status.PROVED:
                pass
        if finding.caution:
            told.append(_caution(finding))
    return in_order([*told, *(_error(group) for group in refuted)])


def _same_cause(one: Finding, other: Finding) -> bool:
    """The same rule at the same place, broken by the same decision; what is allowed is told by itself."""
    if one.code != other.code or one.at != other.at or one.allowed or other.allowed:
        return False
    decided = {clause.span for clause in one.core if clause.decided}
    return any(clause.decided and clause.span in decided for clause in other.core)


def _error(group: list[Finding]) -> Diagnostic:
    finding = group[0]
    repairs = _together(group)
    labels, left = _labels(finding)
    defaults = tuple(f"{clause.text}: not written here, {clause.default}" for clause in finding.core if clause.default)
    reason = [finding.reason] if finding.reason else []
    notes = [*defaults, *left, *_also(group), *_others(repairs[1:]), *reason]
    return Diagnostic(
        finding.code,
        Severity.ERROR,
        _sentence(finding.witness),
        labels,
        notes=tuple(notes),
        help=_told(repairs[0]) if repairs else "",
        fixes=tuple(
            Fix(one.span, one.new, one.text, tuple((edit.span, edit.new) for edit in one.edits[1:])) for one in repairs
        ),
        guarantee=finding.id,
        allowed=finding.allowed,
    )


def _together(group: list[Finding]) -> list[Repair]:
    """The repairs of all, each once: by their nature, then what mends most of the group, then the least change."""
    ids = {one.id for one in group}
    unique = {tuple((edit.span, edit.new) for edit in each.edits): each for one in group for each in one.repairs}
    order = list(Nature)
    return sorted(
        unique.values(), key=lambda one: (order.index(one.nature), -len(ids.intersection(one.mends)), one.change)
    )


def _also(group: list[Finding]) -> list[str]:
    others = [one.id for one in group[1 : 1 + MOST_SHOWN]]
    more = len(group) - 1 - len(others)
    told = listed([*others, *([f"{more} more"] if more else [])])
    return [f"the same clause breaks {told}"] if told else []


def _others(repairs: list[Repair]) -> list[str]:
    """The other ways out, a line each; facts together on one."""
    ways = [one for one in repairs if one.nature is not Nature.WORLD][:MOST_SHOWN]
    facts = [one.text.removeprefix("it would hold with ") for one in repairs if one.nature is Nature.WORLD]
    told = [f"or {_told(one)}" for one in ways]
    return [*told, *([f"it would hold too with {', or '.join(facts[:MOST_SHOWN])}"] if facts else [])]


def _told(repair: Repair) -> str:
    return f"{repair.text} (promises less)" if repair.nature is Nature.PROMISE else repair.text


def _labels(finding: Finding) -> tuple[tuple[Label, ...], list[str]]:
    """The place of the guarantee first where it is part of the clash, then the others as they stand in the file.

    And a note on what is left out of a large clash.
    """
    placed: dict[Span, list[CoreClause]] = {}
    for clause in finding.core:
        if not clause.default:
            placed.setdefault(clause.span, []).append(clause)
    inside = [span for span in placed if _within(span, finding.at)]
    first = inside[0] if inside else finding.at
    others = [span for span in placed if span != first]
    # Decisions first: they are what can be changed.
    shown = sorted(others, key=lambda span: not any(clause.decided for clause in placed[span]))[:MOST_LABELS]
    left = [clause for span in others if span not in shown for clause in placed[span]]
    said = {span: ", ".join(clause.text for clause in clauses) for span, clauses in placed.items()}
    primary = Label(first, said.get(first, "this is to hold"))
    in_file = sorted(shown, key=lambda span: (span.source.path, span.start))
    return (primary, *(Label(span, said[span]) for span in in_file)), _left_out(left)


def _left_out(left: list[CoreClause]) -> list[str]:
    """The rest of a clash by kinds: "part of it too: the maximum agents of 212 more, the price of 3 more"."""
    kinds = Counter(clause.name.partition(" of ")[0] for clause in left if clause.name)
    told = [f"the {kind} of {count} more" for kind, count in kinds.most_common(MOST_SHOWN)]
    more = len(left) - sum(count for _, count in kinds.most_common(MOST_SHOWN))
    told += [f"{more} other clauses"] if more > 1 else ["1 other clause"] if more else []
    return [f"part of it too: {listed(told)}"] if told else []


def _within(span: Span, place: Span) -> bool:
    return span.source.path == place.source.path and place.start <= span.start and span.end <= place.end


def _warning(finding: Finding) -> Diagnostic:
    message = f"not decided whether {finding.claim}"
    notes = (_sentence(finding.reason),)
    return Diagnostic(
        finding.code,
        Severity.WARNING,
        message,
        (Label(finding.at),),
        notes=notes,
        guarantee=finding.id,
        allowed=finding.allowed,
    )


def _caution(finding: Finding) -> Diagnostic:
    return Diagnostic(finding.caution_code, Severity.WARNING, finding.caution, (Label(finding.at),))


def _sentence(text: str) -> str:
    return text.rstrip(". ")
