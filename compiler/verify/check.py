"""A fleet -> one finding a guarantee.

Invariant: no guarantee is refuted on the word of the fast checks alone: a solver confirmed that the literals of its
core rule it out, else the finding is unknown. Who cannot wait for the solver asks for no more than what is decided, and
gets what the fast checks say, without a core.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from ..model import Fleet
from .decided import Decided, Watch, decide, unwatched, wanted
from .edits.nature import Nature, nature
from .exact.core import Core, confirm
from .exact.expression import Leaf
from .exact.solve import IN_THIS_PROCESS, Answer, Solver
from .finding import CoreClause, Finding, Repair, Status
from .flows.analysis import Analysis
from .obligation import Addition, Judged, Obligation
from .obligations import FAMILIES, LOCAL, READS, Family
from .parts import Parts
from .repairs.bench import MOST_STEPS, Bench, Place, Steps, as_it_stands
from .repairs.repair import repairs

MOST_MENDED = 20
"""Repairs are looked for in so many findings, the first ones: each is tried on the whole fleet, and mending one often
mends others."""

NOT_MINIMAL = "the clash may be smaller than shown: the solver's limits were reached"

BROKEN_OFF = (
    "looking for repairs stopped at its limit of steps, since each is tried on the whole fleet: there may be others"
)

_LATER = f"repairs are looked for in the first {MOST_MENDED} refuted guarantees; mend those first"

_UNCONFIRMED = {
    Answer.SAT: "found a way to keep it",
    Answer.UNKNOWN: "could not decide it in its limits",
    Answer.LATE: "was stopped, because its time was up",
    Answer.LOST: "ended without an answer",
}


class Depth(Enum):
    """How far what is refuted is looked into."""

    DECIDED = "what the fast checks say, and the core where it was found before"
    CONFIRMED = "what the solver confirms, and the core"
    MENDED = "and what mends it"


def check(
    fleet: Fleet, solver: Solver = IN_THIS_PROCESS, watch: Watch = unwatched, steps: int = MOST_STEPS
) -> tuple[Finding, ...]:
    """Every guarantee that the fleet states or implies, in the order of the families and of ids within one.

    `steps` bounds the looking for repairs, as `bench.Steps` counts.
    """
    return findings(decide(fleet, watch), solver, watch, steps)


def findings(
    decided: Decided,
    solver: Solver = IN_THIS_PROCESS,
    watch: Watch = unwatched,
    steps: int = MOST_STEPS,
    place: Place = as_it_stands,
    *,
    depth: Depth = Depth.MENDED,
) -> tuple[Finding, ...]:
    """What is to be said of guarantees that are decided. `place` is for the order of what is otherwise equal.

    Where repairs are not to be looked for (`depth`), nothing is said of them.
    """
    judged = [one for family in decided.families.values() for one in family]
    found = [one.finding() for one in judged]
    refuted = [at for at, one in enumerate(judged) if one.broken is not None]
    to_mend = min(len(refuted), MOST_MENDED) if depth is Depth.MENDED else 0
    offered: list[Repair] = []
    bench: Bench | None = None
    limit = Steps(steps)
    decided.cores.turn()
    for done, at in enumerate(refuted):
        one = judged[at]
        watch(f"looking for what mends {one.id}", done, len(refuted))
        limit.share(to_mend - done)
        core = decided.cores.get(one.exact) if depth is Depth.DECIDED else _core(decided, one.exact, solver)
        if core is None:
            continue
        bench = bench or _bench(decided, limit, place)
        finding = _refuted(bench, one, core)
        if finding.status is Status.REFUTED and depth is Depth.MENDED:
            first = done < to_mend
            finding = _mended(bench, one, core, finding, offered) if first else replace(finding, reason=_LATER)
        offered += finding.repairs
        found[at] = finding
    return tuple(found)


def _core(decided: Decided, refuted: Obligation, solver: Solver) -> Core:
    """As the solver said it of the same obligation before; what it could not decide it is asked again."""
    assert refuted.broken is not None
    known = decided.cores.get(refuted)
    if known is None or not known.minimal:
        known = confirm(refuted.broken.relation, solver)
        decided.cores.put(refuted, known)
    return known


def _bench(decided: Decided, steps: Steps, place: Place) -> Bench:
    parts = decided.parts
    families = {one.id: family for family, one in decided}
    present = {one.id: one for _, one in decided}

    def again(id: str, fleet: Fleet, touched: frozenset[str] | None, proving: bool) -> Obligation | None:
        family = families.get(id)
        if family is None:
            return None
        looked_at = _looked_at(parts, family, fleet, touched)
        like = decided.analysis if looked_at is fleet else None
        return _one(family, Analysis(looked_at, lambda other: other == id, proving), id, like, parts.inside(touched))

    return Bench(
        parts,
        again,
        lambda fleet, touched: judged_again(fleet, parts, touched, decided.analysis),
        present,
        lambda id: present[id].exact if id in present else None,
        steps,
        place,
    )


def statuses(fleet: Fleet) -> dict[str, Status]:
    """What each guarantee comes to by the fast checks, without a solver."""
    analysis = Analysis(fleet)
    return {one.id: one.status for family in FAMILIES for one in family(analysis)}


def judged(fleet: Fleet) -> dict[str, Judged]:
    """The same with all that decided, which takes more room."""
    analysis = Analysis(fleet)
    return {one.id: one for family in FAMILIES for one in family(analysis)}


def reason(fleet: Fleet, id: str) -> str:
    """Why a guarantee is not proved, by the fast checks: what is open, or what refutes it; "" where it is proved."""
    analysis = Analysis(fleet, lambda other: other == id)
    one = next((one for family in FAMILIES for one in family(analysis) if one.id == id), None)
    if one is None or one.status is Status.PROVED:
        return ""
    finding = one.finding()
    return finding.reason or finding.witness


def judged_again(
    fleet: Fleet,
    parts: Parts,
    touched: frozenset[str] | None,
    like: Analysis | None = None,
) -> dict[str, Judged]:
    """The guarantees that a change of literals within the touched parts may have changed.

    `like` is an analysis of the fleet before the change, for what is the same in both.
    """
    if touched is None:
        return judged(fleet)
    alone = Analysis(parts.alone(fleet, touched))
    whole = Analysis(fleet, wanted(parts, touched))
    if like is not None:
        whole.adopt(like, parts.inside(touched))
    changed = parts.changed(fleet)
    found: dict[str, Judged] = {}
    for family in FAMILIES:
        if family in LOCAL or family not in READS or changed & READS[family]:
            found |= {one.id: one for one in family(alone if family in LOCAL else whole)}
    return found


def _refuted(bench: Bench, obligation: Judged, core: Core) -> Finding:
    """With the clauses that rule it out, where the solver confirmed that they do."""
    finding = obligation.finding()
    if core.answer is not Answer.UNSAT:
        return _unconfirmed(finding, core)
    clauses = tuple(_clause(bench, leaf) for leaf in _each_place_once(core.literals))
    return replace(finding, late=not core.minimal, core=clauses)


def _mended(bench: Bench, obligation: Judged, core: Core, finding: Finding, offered: list[Repair]) -> Finding:
    """`offered` are the repairs of others, which may mend this as well."""
    mended, nearly = repairs(bench, obligation.id, core.literals)
    if bench.steps.stopped and not mended:
        mended = tuple(dict.fromkeys(one for one in offered if obligation.id in one.mends))
    added = next((one.text for one in obligation.additions if _mends(bench, obligation.id, one)), "")
    way_out = "" if added else _no_way_out(bench, bool(mended or nearly))
    reason = "; ".join(filter(None, (way_out, "" if core.minimal else NOT_MINIMAL)))
    return replace(finding, repairs=mended, nearly=nearly, addition=added, reason=reason)


def _mends(bench: Bench, id: str, added: Addition) -> bool:
    outcome = bench.tried(id, added.fleet, None)
    return outcome.is_repair or (added.instead and outcome.gone and not outcome.worse)


def _no_way_out(bench: Bench, mended: bool) -> str:
    if bench.steps.stopped:
        return BROKEN_OFF
    return "" if mended else "no change of one or two of these values was found that mends it and makes nothing worse"


def _looked_at(parts: Parts, family: Family, fleet: Fleet, touched: frozenset[str] | None) -> Fleet:
    return fleet if touched is None or family not in LOCAL else parts.alone(fleet, touched)


def _one(
    family: Family, analysis: Analysis, id: str, like: Analysis | None, again: frozenset[str] | None
) -> Obligation | None:
    """`like` is as in `judged_again`, `again` as in `Analysis.adopt`."""
    if like is not None:
        analysis.adopt(like, again)
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
