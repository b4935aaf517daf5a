"""Recovery: after every fault that a trial declares, the fleet is as good as before within the stated time."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial

from seatrial.dsl.source import Span

from ...model import AbortFault, CallerKind, HangFault, KillFault, RecoveryGuarantee, Route, Stated, Trial
from ..cases import in_trial
from ..exact.expression import Derived, Leaf, Order, Relation, derived, value
from ..faults.aside import still_aside, undecided
from ..faults.outages import Outages, Strike, least_dead, strikes, told_headed, unmodelled, waits_before_restart
from ..faults.reach import told_of
from ..faults.recovering import Unknown, course, whole_ms
from ..faults.traffic import beyond_the_peak, load_of
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.ejections import back_after
from ..flows.overtaking import taken_together_on
from ..obligation import Condition, Obligation
from ..words import number, seconds, told_together


def recoveries(analysis: Analysis) -> list[Obligation]:
    if analysis.circle:
        return []
    stated = analysis.fleet.recovery
    return [
        _recovers(analysis, one, "recovery" if index == 0 else f"recovery/{index + 1}")
        for index, one in enumerate(stated)
    ]


def _recovers(analysis: Analysis, guarantee: RecoveryGuarantee, id: str) -> Obligation:
    """Unsatisfiable iff agents are killed where no retry and no ejection hides it, or where those that are left have
    fewer slots than the trial's lowest load holds, and the pause before a restart and the start-up take longer.

    Sufficient: for each strike the time to notice, restart, start and warm up, and then to work off the backlog at the
    worst level (`faults.backlogs`); a delay or abort is over when it ends and the ejections that it caused are; who
    sheds goes on for its window (`faults.sheds`); and no strike comes before the fleet has recovered from the last.
    Between: unknown. Limits: means, chance is left to the latency objectives; a hang that nothing ends is not recovered
    from.
    """
    limit = Leaf(
        f"time to recover{id.removeprefix('recovery').replace('/', ' ')}",
        guarantee.within_seconds,
        f"within {seconds(guarantee.within_seconds.value)}",
    )
    trials = [trial for trial in analysis.fleet.trials if trial.faults]
    obligation = partial(
        Obligation,
        id=id,
        claim=f"the fleet recovers within {seconds(limit.number)} of every declared fault",
        at=guarantee.within_seconds.span,
        code="ST4502",
    )
    if not trials:
        gap = "no fault is declared, so there is nothing to recover from"
        return obligation(must=(), gap=gap, remedy="declare one in a trial, such as `kill 10% of POOL at 10s`")
    must: list[Condition] = []
    proof: list[Condition] = []
    gaps: list[str] = []
    longest = Fraction(0)
    for trial in trials:
        aside = map(undecided, still_aside(analysis, trial))
        batches = filter(None, (taken_together_on(analysis, one) for one in analysis.fleet.demands))
        open_ = (*unmodelled(trial), *aside, *beyond_the_peak(analysis, trial), *batches)
        gaps += [gap for gap in open_ if gap not in gaps]
        bounds, unknown = _bounds(analysis, trial)
        gaps += [gap for gap in unknown if gap not in gaps]
        for strike in _each_fault_once(trial):
            must += _start_up(analysis, trial, strike, limit)
            must += _too_few(analysis, trial, strike, limit)
            times = bounds.get(strike.fault.at)
            if times is None:
                continue
            back = _until_all_are_back(analysis, strike)
            bound = max(max(lasts, back) + shed for lasts, shed in times)
            longest = max(longest, bound)
            what = told_of(strike.fault)
            room = f"after {what} at most {seconds(whole_ms(bound))} of {seconds(limit.number)}"
            broken = f"after {what} it may take {seconds(whole_ms(bound))}, the limit is {seconds(limit.number)}"
            if headed := told_headed(analysis, strike.fault):
                broken += f": {headed}"
            need = Derived(f"recovery after {what}", bound, ())
            case = in_trial(trial, [strike.fault.at])
            proof.append(Condition(Relation(need, Order.AT_MOST, limit), broken, room, case))
    remedy = "faster health checks or start-up, or a shorter ejection, would decide it"
    return obligation(
        must=tuple(must),
        proof=tuple(proof),
        gap=told_together(gaps),
        remedy="" if gaps else remedy,
        bound=None if gaps else whole_ms(longest),
    )


def _bounds(analysis: Analysis, trial: Trial) -> tuple[dict[Span, set[tuple[Fraction, Fraction]]], list[str]]:
    """(by fault `lasts` and `shed` of its strikes, why they are not known)."""
    bounds: dict[Span, set[tuple[Fraction, Fraction]]] = {}
    gaps: list[str] = []
    for strike, felt in course(analysis, trial, whole=True):
        if isinstance(felt, Unknown):
            gaps += [felt.reason] if felt.reason not in gaps else []
            if felt.overlaps:
                break
        else:
            bounds.setdefault(strike.fault.at, set()).add((felt.lasts, felt.shed))
    return bounds, gaps


def _each_fault_once(trial: Trial) -> list[Strike]:
    """The first strike of each fault: the others are like it, or cut by the trial's end."""
    first: dict[int, Strike] = {}
    for strike in strikes(trial):
        first.setdefault(id(strike.fault), strike)
    return list(first.values())


def _start_up(analysis: Analysis, trial: Trial, strike: Strike, limit: Leaf) -> Iterator[Condition]:
    pool = Outages(analysis).pool_struck(strike)
    if pool is None or not isinstance(strike.fault, KillFault):
        return
    served = [call for call in analysis.into(pool.name) if call.caller_kind is CallerKind.DEMAND]
    # By header it may be that nobody wants the agent.
    served = [call for call in served if call.policy.route.value is not Route.BY_HEADER]
    bare = [call for call in served if call.policy.retry is None and call.policy.breaker is None]
    if not bare or pool.health is not None:
        return
    start = leaves.startup(pool)
    text = (
        f"a killed agent of {pool.name} needs {seconds(start.number)} to start, its calls fail meanwhile, and "
        f"the limit is {seconds(limit.number)}"
    )
    yield Condition(Relation(start, Order.AT_MOST, limit), text, "", in_trial(trial, [strike.fault.at]))


def _too_few(analysis: Analysis, trial: Trial, strike: Strike, limit: Leaf) -> Iterator[Condition]:
    """No retry makes up for slots that are not there: until the first killed agent is back requests pile up.

    At the most agents, with the smallest share of them killed, without any waits; a new one has to start as well.
    """
    fault, pool = strike.fault, Outages(analysis).pool_struck(strike)
    if pool is None or not isinstance(fault, KillFault) or pool.degrade:
        return
    demands = analysis.demands_of(pool.name)
    arriving = sum((load_of(trial, one).least * analysis.visits_to(pool.name, one) for one in demands), Fraction(0))
    held = analysis.occupancy(Level.STEADY).least_held.get(pool.name)
    if held is None:
        return
    agents, slots = leaves.agents_max(pool), leaves.concurrency(pool)
    left = agents.number * slots.number * (1 - least_dead(fault, pool))
    if arriving == 0 or arriving * value(held) < left:
        return
    start, pause = leaves.startup(pool), waits_before_restart(strike, pool)
    basis = [start, agents, leaves.agents_min(pool), slots, held, *(leaves.steady(one) for one in demands)]
    sized: Stated[int] | Stated[Fraction] | None = fault.share if fault.share is not None else fault.count
    if sized is not None:
        basis.append(leaves.of_trial(f"killed of {pool.name} in {trial.name}", sized, "killed"))
    need = derived(f"least time to recover after {told_of(strike.fault)} in {trial.name}", start.number + pause, basis)
    text = (
        f"after {told_of(strike.fault)} in {trial.name} {number(left)} slots are left for "
        f"{number(arriving * value(held))} requests in hand, so that they pile up until an agent is back: "
        f"{seconds(value(need))} at the least, the limit is {seconds(limit.number)}"
    )
    yield Condition(Relation(need, Order.AT_MOST, limit), text, "", in_trial(trial, [fault.at]))


def _until_all_are_back(analysis: Analysis, strike: Strike) -> Fraction:
    """Until all are back that callers put aside for what the fault made fail: for an abort, which its own caller never
    sees as a failure (`outages`), those further up; of who was killed or hung the others do the work."""
    fault = strike.fault
    if isinstance(fault, KillFault | HangFault):
        return Fraction(0)
    own = [call for call in analysis.into(fault.callee.value) if call.caller == fault.caller.value]
    above = [call for name in analysis.above(fault.caller.value) for call in analysis.into(name)]
    calls = above if isinstance(fault, AbortFault) else own + above
    return strike.end - strike.start + max(map(back_after, calls), default=Fraction(0))
