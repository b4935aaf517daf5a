"""Findings -> what the user is told of them.

Invariant: every refuted finding is one error with the clauses of its core as labels, every unknown one a warning with
its reason; what is proved is told by no diagnostic, unless there is a caution with it.
"""

from __future__ import annotations

from collections.abc import Iterable

from seatrial.dsl.diagnostics import Diagnostic, Fix, Label, Severity, in_order
from seatrial.dsl.source import Span

from .finding import Finding, Status


def to_diagnostics(findings: Iterable[Finding]) -> tuple[Diagnostic, ...]:
    """Sorted by place."""
    told: list[Diagnostic] = []
    for finding in findings:
        match finding.status:
            case Status.REFUTED:
                told.append(_error(finding))
            case Status.UNKNOWN:
                told.append(_warning(finding))
            case Status.PROVED:
                pass
        if finding.caution:
            told.append(_caution(finding))
    return in_order(told)


def _error(finding: Finding) -> Diagnostic:
    defaults = tuple(f"{clause.text}: not written here, {clause.default}" for clause in finding.core if clause.default)
    help = finding.repairs[0].text if finding.repairs else ""
    others = [repair.text for repair in finding.repairs[1:]]
    notes = [
        *defaults,
        *([f"or: {'; or: '.join(others)}"] if others else []),
        *([finding.reason] if finding.reason else []),
    ]
    return Diagnostic(
        finding.code,
        Severity.ERROR,
        _sentence(finding.witness),
        _labels(finding),
        notes=tuple(notes),
        help=help,
        fixes=tuple(Fix(repair.span, repair.new, repair.text) for repair in finding.repairs),
        guarantee=finding.id,
        allowed=finding.allowed,
    )


def _labels(finding: Finding) -> tuple[Label, ...]:
    """The place of the guarantee first where it is part of the clash, then the others as they stand in the file."""
    placed: dict[Span, list[str]] = {}
    for clause in finding.core:
        if not clause.default:
            placed.setdefault(clause.span, []).append(clause.text)
    inside = [span for span in placed if _within(span, finding.at)]
    first = inside[0] if inside else finding.at
    others = sorted((span for span in placed if span != first), key=lambda span: (span.source.path, span.start))
    primary = Label(first, ", ".join(placed.get(first, ["this is to hold"])))
    return (primary, *(Label(span, ", ".join(placed[span])) for span in others))


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
