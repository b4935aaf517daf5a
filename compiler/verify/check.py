"""A fleet -> one finding a guarantee.

Invariant: no guarantee is refuted on the word of the fast checks alone: a solver confirmed that the literals of its
core rule it out, else the finding is unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter

from ..model import Fleet
from .analysis import Analysis
from .bench import MOST_STEPS, Bench, Steps
from .core import Core, confirm
from .expression import Leaf
from .finding import CoreClause, Finding, Repair, Status
from .nature import Nature, nature
from .obligation import Addition, Judged, Obligation
from .obligations import FAMILIES, LOCAL, READS, Family
from .parts import Parts
from .repair import repairs
from .solve import IN_THIS_PROCESS, Answer, Solver

_BY_ID = attrgetter("id")

MOST_MENDED = 20
"""Repairs are looked for in so many findings, the first ones: each is tried on the whole fleet, and mending one often
mends others."""

NOT_MINIMAL = "the clash may be smaller than shown: the solver's limits were reached"

BROKEN_OFF = (
    "looking for repairs stopped at its limit of steps, since each is tried on the whole fleet: there may be others"
)

_UNCONFIRMED = {
    Answer.SAT: "found a way to keep it",
    Answer.UNKNOWN: "could not decide it in its limits",
    Answer.LATE: "was stopped, because its time was up",
    Answer.LOST: "ended without an answer",
}

Watch = Callable[[str, int, int], None]
"""Is told what is being worked on, how many of its kind are done, and how many there are."""


def unwatched(what: str, done: int, of: int) -> None:
    """For those who do not look on."""


def check(
    fleet: Fleet, solver: Solver = IN_THIS_PROCESS, watch: Watch = unwatched, steps: int = MOST_STEPS
) -> tuple[Finding, ...]:
    """Every guarantee that the fleet states or implies, in the order of the families and of ids within one.

    `steps` bounds the looking for repairs, as `bench.Steps` counts.
    """
    return _checked(fleet, solver, watch, Steps(steps))


def _checked(fleet: Fleet, solver: Solver, watch: Watch, steps: Steps) -> tuple[Finding, ...]:
    analysis = Analysis(fleet)
    decided: list[tuple[Family, Judged]] = []
    for at, family in enumerate(FAMILIES):
        watch(f"deciding {family.__name__.replace('_', ' ')}", at, len(FAMILIES))
        decided += [(family, one) for one in _obligations(family, analysis)]
    refuted = [one.id for _, one in decided if one.broken is not None]
    to_mend = refuted[:MOST_MENDED]
    mended, offered = set(to_mend), list[Repair]()
    bench = _bench(Parts(fleet), decided, analysis, steps)
    found: list[Finding] = []
    done = 0
    for _, one in decided:
        if one.broken is not None:
            watch(f"looking for what mends {one.id}", done, len(refuted))
            bench.steps.share(len(to_mend) - done)
            done += 1
        finding = _finding(bench, one, one.id in mended, solver, offered)
        offered += finding.repairs
        found.append(finding)
    return tuple(found)


def _bench(parts: Parts, decided: list[tuple[Family, Judged]], analysis: Analysis, steps: Steps) -> Bench:
    families = {one.id: family for family, one in decided}
    present = {one.id: one for _, one in decided}

    def again(id: str, fleet: Fleet, touched: frozenset[str] | None) -> Obligation | None:
        family = families.get(id)
        if family is None:
            return None
        looked_at = _looked_at(parts, family, fleet, touched)
        return _one(family, looked_at, id, analysis if looked_at is fleet else None)

    return Bench(
        parts,
        again,
        lambda fleet, touched: statuses_of(fleet, parts, touched, analysis),
        {one.id: one.status for _, one in decided},
        lambda id: present[id].exact if id in present else None,
        steps,
    )


def statuses(fleet: Fleet) -> dict[str, Status]:
    """What each guarantee comes to by the fast checks, without a solver."""
    analysis = Analysis(fleet)
    return {one.id: one.status for family in FAMILIES for one in family(analysis)}


def statuses_of(
    fleet: Fleet,
    parts: Parts,
    touched: frozenset[str] | None,
    like: Analysis | None = None,
    changed: frozenset[str] | None = None,
) -> dict[str, Status]:
    """The same of all guarantees that a change of literals within the touched parts may have changed.

    `like` is an analysis of the fleet before the change, for what is the same in both. `changed` are the fields of the
    fleet that hold the change; None: those in which it differs.
    """
    if touched is None:
        return statuses(fleet)
    alone = Analysis(parts.alone(fleet, touched))
    succeeds = tuple(f"success/{name}" for name in parts.demands(touched))

    def wants(id: str) -> bool:
        return not id.startswith("success/") or id in succeeds or id.startswith(tuple(f"{one}/" for one in succeeds))

    whole = Analysis(fleet, wants)
    if like is not None:
        whole.adopt(like)
    if changed is None:
        changed = parts.changed(fleet)
    found: dict[str, Status] = {}
    for family in FAMILIES:
        if family in LOCAL or family not in READS or changed & READS[family]:
            found |= {one.id: one.status for one in family(alone if family in LOCAL else whole)}
    return found


def _obligations(family: Family, analysis: Analysis) -> list[Judged]:
    return sorted(family(analysis), key=_BY_ID)


def _finding(bench: Bench, obligation: Judged, mend: bool, solver: Solver, offered: list[Repair]) -> Finding:
    """`offered` are the repairs of others, which may mend this as well."""
    finding = obligation.finding()
    if obligation.broken is None:
        return finding
    core = confirm(obligation.broken.relation, solver)
    if core.answer is not Answer.UNSAT:
        return _unconfirmed(finding, core)
    clauses = tuple(_clause(bench, leaf) for leaf in _each_place_once(core.literals))
    finding = replace(finding, late=not core.minimal)
    if not mend:
        later = f"repairs are looked for in the first {MOST_MENDED} refuted guarantees; mend those first"
        return replace(finding, core=clauses, reason=later)
    mended, nearly = repairs(bench, obligation.id, core.literals)
    if bench.steps.stopped and not mended:
        mended = tuple(dict.fromkeys(one for one in offered if obligation.id in one.mends))
    added = next((one.text for one in obligation.additions if _mends(bench, obligation.id, one)), "")
    way_out = "" if added else _no_way_out(bench, bool(mended or nearly))
    reason = "; ".join(filter(None, (way_out, "" if core.minimal else NOT_MINIMAL)))
    return replace(finding, core=clauses, repairs=mended, nearly=nearly, addition=added, reason=reason)


def _mends(bench: Bench, id: str, added: Addition) -> bool:
    outcome = bench.tried(id, added.fleet, None)
    return outcome.is_repair or (added.instead and outcome.gone and not outcome.worse)


def _no_way_out(bench: Bench, mended: bool) -> str:
    if bench.steps.stopped:
        return BROKEN_OFF
    return (
        "" if mended else "no other value of one or two of these clauses mends it and leaves the rest as good as it is"
    )


def _looked_at(parts: Parts, family: Family, fleet: Fleet, touched: frozenset[str] | None) -> Fleet:
    return fleet if touched is None or family not in LOCAL else parts.alone(fleet, touched)


def _one(family: Family, fleet: Fleet, id: str, like: Analysis | None) -> Obligation | None:
    """`like` is as in `statuses_of`."""
    analysis = Analysis(fleet, lambda other: other == id)
    if like is not None:
        analysis.adopt(like)
    return next((one.exact for one in family(analysis) if one.id == id), None)


def _unconfirmed(finding: Finding, core: Core) -> Finding:
    reason = f"the fast check says it cannot hold ({finding.witness}), but the solver {_UNCONFIRMED[core.answer]}"
    late = core.answer is not Answer.SAT
    return replace(finding, status=Status.UNKNOWN, witness="", reason=reason, late=late)


def _clause(bench: Bench, leaf: Leaf) -> CoreClause:
    paths = bench.paths(leaf) if leaf.stated.written else []
    decided = bool(paths) and nature(paths[0], assumption=leaf.assumption) is Nature.POLICY
    return CoreClause(leaf.stated.span, leaf.demands, leaf.stated.default, leaf.name, decided)


def _each_place_once(literals: tuple[Leaf, ...]) -> list[Leaf]:
    placed: dict[object, Leaf] = {}
    for leaf in literals:
        key: object = leaf.stated.span if leaf.stated.written else leaf.name
        placed.setdefault(key, leaf)
    return list(placed.values())
