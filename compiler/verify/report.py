"""Findings -> what the user is told of them.

Invariant: every refuted finding is in one error, with the clauses of a core as labels, every unknown one a warning with
its reason; what is proved is told by no diagnostic, unless there is a caution with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from seatrial.dsl.diagnostics import Diagnostic, Fix, Label, Severity, in_order
from seatrial.dsl.source import Span

from .edits.nature import Nature
from .finding import CoreClause, Finding, Repair, Status
from .words import listed

MOST_LABELS = 8
"""A clash of more clauses than this is shown by its decisions and its promise; the rest is counted."""
MOST_SHOWN = 3
"""So many other ways out are told of each kind; programs get all of them."""


def to_diagnostics(findings: Iterable[Finding]) -> tuple[Diagnostic, ...]:
    """Sorted by place. What falls by the same clash is told once, the others as a note; and what is not decided only
    because of it: it is proved with the first repair that is offered."""
    given = tuple(findings)
    groups = _groups(one for one in given if one.status is Status.REFUTED)
    told = [_caution(one) for one in given if one.caution]
    open_ = {one.id: one for one in given if one.status is Status.UNKNOWN}
    for group in groups:
        repairs = _together(group)
        settled = [id for id in (repairs[0].settles if repairs else ()) if id in open_ and not open_[id].allowed]
        for id in settled if not group[0].allowed else ():
            del open_[id]
        told.append(_error(group, repairs, settled if not group[0].allowed else []))
    return in_order([*told, *(_warning(group) for group in _with_one_reason(open_.values()))])


def _with_one_reason(unknown: Iterable[Finding]) -> Iterable[list[Finding]]:
    """What is not stated leaves a dozen guarantees open: it is asked for once."""
    groups: dict[object, list[Finding]] = {}
    for one in unknown:
        groups.setdefault(one.id if one.allowed or one.late else one.reason, []).append(one)
    return groups.values()


def _groups(refuted: Iterable[Finding]) -> list[list[Finding]]:
    """Guarantees that fall together: see `_same_cause`; and those whose clash holds all clauses of another's clash by
    the same rule. What is allowed is told by itself."""
    groups: list[list[Finding]] = []
    by_rule: dict[tuple[str, Span], list[list[Finding]]] = {}
    """By code and by the place of the rule, or of the first clause of the clash."""
    for finding in refuted:
        places = {clause.span for clause in finding.core if not clause.default}
        found = None
        if not finding.allowed:
            found = next(
                (group for group in by_rule.get((finding.code, finding.at), ()) if _same_cause(group[0], finding)), None
            ) or next(
                (
                    group
                    for place in places
                    for group in by_rule.get((finding.code, place), ())
                    if _clash(group[0]) <= places or _same_way_out(group[0], finding)
                ),
                None,
            )
        if found is not None:
            found.append(finding)
            continue
        group = [finding]
        groups.append(group)
        if not finding.allowed:
            first = sorted(_clash(finding), key=lambda span: span.start)[:1]
            for place in {finding.at, *first, *(edit.literal for one in finding.repairs[:1] for edit in one.edits)}:
                by_rule.setdefault((finding.code, place), []).append(group)
    return groups


def _clash(finding: Finding) -> set[Span]:
    return {clause.span for clause in finding.core if not clause.default}


def _same_cause(one: Finding, other: Finding) -> bool:
    """The same rule at the same place, broken by the same decision."""
    if one.at != other.at:
        return False
    decided = {clause.span for clause in one.core if clause.decided}
    return any(clause.decided and clause.span in decided for clause in other.core)


def _same_way_out(one: Finding, other: Finding) -> bool:
    """The same decision is the first that mends either."""
    if not one.repairs or not other.repairs or one.repairs[0].nature is not Nature.POLICY:
        return False
    return one.repairs[0].edits == other.repairs[0].edits


def _error(group: list[Finding], repairs: list[Repair], settled: list[str]) -> Diagnostic:
    finding = group[0]
    labels, left = _labels(finding)
    unwritten = [f"{clause.text}: not written here, {clause.default}" for clause in finding.core if clause.default]
    defaults = tuple(dict.fromkeys(unwritten))
    reason = [finding.reason] if finding.reason else []
    help, ways = _ways(group, repairs)
    decided = any(_turn(one)[0] == 0 for one in repairs[:1]) or any(one.addition for one in group)
    if finding.remedy and repairs and help == _told(repairs[0]) and _is_fact(repairs[0]):
        # What can be done goes before what would have to be otherwise, also where no figure of it is known.
        help, ways = finding.remedy, _others(repairs)
    elif finding.remedy and not help:
        help = finding.remedy
    elif finding.remedy and not decided:
        reason.append(finding.remedy)
    mends_too = _mends_too(group, repairs, help)
    notes = [*defaults, *left, *_also(group), *mends_too, *_settled(settled, repairs, help), *ways, *reason]
    return Diagnostic(
        finding.code,
        Severity.ERROR,
        _sentence(finding.witness),
        labels,
        notes=tuple(notes),
        help=help,
        fixes=tuple(Fix(one.span, one.new, one.text, one.changes[1:]) for one in repairs),
        guarantee=finding.id,
        allowed=finding.allowed,
    )


def _together(group: list[Finding]) -> list[Repair]:
    """The repairs of all, each once: by their turn, then what mends most of the group, then the least change."""
    ids = {one.id for one in group}
    unique = {tuple((edit.span, edit.new) for edit in each.edits): each for one in group for each in one.repairs}
    ways = sorted(unique.values(), key=lambda one: (_turn(one), -len(ids.intersection(one.mends)), one.change))
    # What mends only a part of the group would leave the reader with the rest; and what does not mend the first one is
    # no way out of what is told, which are its figures.
    whole = [one for one in ways if ids <= set(one.mends)]
    first = [one for one in ways if group[0].id in one.mends]
    return whole if whole and _turn(whole[0])[0] == _turn(first[0])[0] else first


def _turn(repair: Repair) -> tuple[int, bool]:
    """Decisions first; then more agents with the money for them, which can be done; then facts."""
    if repair.nature is Nature.PROMISE and len(repair.edits) > 1:
        return (0, True)
    return (list(Nature).index(repair.nature), False)


def _also(group: list[Finding]) -> list[str]:
    others = [one.id for one in group[1 : 1 + MOST_SHOWN]]
    more = len(group) - 1 - len(others)
    told = listed([*others, *([f"{more} more"] if more else [])])
    return [f"the same clause breaks {told}"] if told else []


def _settled(ids: list[str], repairs: list[Repair], help: str) -> list[str]:
    """What is unknown and would be proved with the first repair. Its reason may be another one: fewer agents decide
    more than what they are too many for."""
    shown = ids[:MOST_SHOWN]
    more = [f"{len(ids) - len(shown)} more"] if len(ids) > len(shown) else []
    if not ids:
        return []
    which = "the same change decides" if help == _told(repairs[0]) else f"{repairs[0].change_alone} would decide"
    return [f"{which} {listed([*shown, *more])}, unknown as it stands"]


def _ways(group: list[Finding], repairs: list[Repair]) -> tuple[str, list[str]]:
    """The first way out, and a line for each other one: what can be done goes before what would have to be otherwise,
    and a clause that makes the fleet safer before a promise that is made smaller."""
    nearly = group[0].nearly
    addition = next((one.addition for one in group if one.addition), "")
    if repairs and _turn(repairs[0])[0] == 0:
        return _told(repairs[0]), [*([f"or {addition}"] if addition else []), *_others(repairs[1:])]
    if addition:
        return addition, [*([nearly] if nearly else []), *_others(repairs)]
    if nearly and (not repairs or _is_fact(repairs[0])):
        return nearly, _others(repairs)
    if not repairs:
        return "", []
    return _told(repairs[0]), [*([nearly] if nearly else []), *_others(repairs[1:])]


def _is_fact(repair: Repair) -> bool:
    return repair.nature is Nature.WORLD


def _mends_too(group: list[Finding], repairs: list[Repair], help: str) -> list[str]:
    """What else the first way out mends, of what is told by itself."""
    ids = {one.id for one in group}
    mends = repairs[0].mends if repairs and help == _told(repairs[0]) else ()
    others = [id for id in mends if id not in ids]
    more = [f"{len(others) - MOST_SHOWN} more"] if len(others) > MOST_SHOWN else []
    return [f"the same change mends {listed([*others[:MOST_SHOWN], *more])}"] if others else []


def _others(repairs: list[Repair]) -> list[str]:
    """The other ways out, a line each; facts together on one, each literal once."""
    ways = [one for one in repairs if one.nature is not Nature.WORLD][:MOST_SHOWN]
    facts = {one.span: one.change_alone for one in reversed(repairs) if _is_fact(one)}
    told = [f"or {_told(one)}" for one in ways]
    would = f"it would hold too with {', or '.join([*reversed(facts.values())][:MOST_SHOWN])}"
    return [*told, *([would] if facts else [])]


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
    names = {clause.name.partition(" of ")[0]: clause.name for clause in left if clause.name}
    kinds = Counter(clause.name.partition(" of ")[0] for clause in left if clause.name)
    told = [
        f"the {kind} of {count} more" if count > 1 else f"the {names[kind]}"
        for kind, count in kinds.most_common(MOST_SHOWN)
    ]
    more = len(left) - sum(count for _, count in kinds.most_common(MOST_SHOWN))
    told += [f"{more} other clauses"] if more > 1 else ["1 other clause"] if more else []
    return [f"part of it too: {listed(told)}"] if told else []


def _within(span: Span, place: Span) -> bool:
    return span.source.path == place.source.path and place.start <= span.start and span.end <= place.end


def _warning(group: list[Finding]) -> Diagnostic:
    finding = group[0]
    message = f"not decided whether {finding.claim}"
    more = [f"{len(group) - 1 - MOST_SHOWN} more"] if len(group) > 1 + MOST_SHOWN else []
    others = [one.id for one in group[1 : 1 + MOST_SHOWN]]
    also = [f"not decided for the same reason: {listed([*others, *more])}"] if others else []
    return Diagnostic(
        finding.code,
        Severity.WARNING,
        message,
        (Label(finding.at), *((Label(finding.about, "it turns on this"),) if finding.about is not None else ())),
        notes=(_sentence(finding.reason), *also),
        help=finding.remedy,
        guarantee=finding.id,
        allowed=finding.allowed,
    )


def _caution(finding: Finding) -> Diagnostic:
    return Diagnostic(finding.caution_code, Severity.WARNING, finding.caution, (Label(finding.at),))


def _sentence(text: str) -> str:
    return text.rstrip(". ")
