"""Success objectives against the faults that the spec's own trials inject."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial

from seatrial.dsl.source import Span

from ...model import (
    AbortFault,
    Break,
    Call,
    Demand,
    Fleet,
    HangFault,
    KillFault,
    Retry,
    SaturateFault,
    Schedule,
    Stated,
    SuccessGuarantee,
    Trial,
)
from ..cases import in_trial
from ..exact.expression import Derived, Leaf, Order, Relation, derived, lift
from ..faults.aside import still_aside, undecided
from ..faults.failed import failed, failing_in, roughly_failing_in
from ..faults.failing import Failing
from ..faults.late_refusals import LateRefusals
from ..faults.outages import Outages, chains, headed_on, spared, strikes, unmodelled
from ..faults.reach import told_of
from ..faults.recovering import given_up
from ..faults.rising import rising_in
from ..faults.traffic import beyond_the_peak, load_of
from ..faults.unstruck import unstruck_in
from ..finding import Case, Status
from ..flows import leaves
from ..flows.analysis import ENDS, Analysis, Level
from ..flows.ejections import most_aside
from ..flows.figures import double, surely_below
from ..flows.overtaking import taken_together_on
from ..obligation import Addition, Condition, Judged, Obligation, Proven
from ..words import counted, listed, number, seconds, share, told_together
from .refusals import refusals

_TRIED = "tried as a repair"
_SOME = 0.5
_STEPS = 10**6
_SHOWN = 3

_LESSENS = "retries on other agents and `break after … errors` lessen what a fault spoils"


def successes(analysis: Analysis) -> list[Judged]:
    if analysis.circle:
        return []
    met: dict[str, int] = {}
    found: list[Judged] = []
    for guarantee in analysis.fleet.success:
        for demand in analysis.fleet.demands:
            if guarantee.demand is None or guarantee.demand.value == demand.name:
                id = f"success/{demand.name}"
                met[id] = met.get(id, 0) + 1
                told = id if met[id] == 1 else f"{id}/{met[id]}"
                if analysis.wants(told):
                    make = partial(_kept, analysis, guarantee, demand, told)
                    sure = _surely(analysis, guarantee, demand)
                    if not sure and not _untimed(analysis, demand):
                        sure = make(roughly_failing_in).status is Status.PROVED
                    found.append(Proven(told, guarantee.share.span, "ST4501", make) if sure else make())
    return found


def _surely(analysis: Analysis, guarantee: SuccessGuarantee, demand: Demand) -> bool:
    """Where no fault of any trial reaches the demand and tries are hardly ever late."""
    trials = [trial for trial in analysis.fleet.trials if trial.faults]
    if not trials or not analysis.out(demand.name) or _kept_in_a_queue(analysis, demand):
        return False
    allowed = double(1 - guarantee.share.value)
    for trial in trials:
        if any(refusals(analysis, trial, demand)):
            return False
        most = unstruck_in(analysis, trial).share(demand)
        if most is None or not surely_below(most, allowed):
            return False
    return True


def _untimed(analysis: Analysis, demand: Demand) -> bool:
    """Whether requests of the demand wait without end somewhere, or it is not known how long: coarse tails then prove
    nothing that exact ones do not leave open."""
    places = {call.callee for name in (demand.name, *analysis.reached(demand.name)) for call in analysis.out(name)}
    tails = analysis.tails(Level.BETWEEN)
    return any(math.isinf(tails.roughly(place, _SOME)) for place in places)


def _kept(
    analysis: Analysis,
    guarantee: SuccessGuarantee,
    demand: Demand,
    id: str,
    failing_of: Callable[[Analysis, Trial], Failing] = failing_in,
) -> Obligation:
    """Unsatisfiable iff in some trial one fault alone, on a way without retries and ejection, fails more requests than
    the objective allows.

    Sufficient: for every trial the bound over all its faults and the tries that come too late (`failing`), over what
    pools refuse that shed by latency (`late_refusals`) and over what is given up behind what piled up (`recovering`) is
    within it, and the agents that are left carry the load. Between: unknown. The objective's allowance is taken of the
    trial's own time: what holds while faults come that fast holds over the longer window. Limits: `outages`.
    """
    trials = [trial for trial in analysis.fleet.trials if trial.faults]
    allowed = Leaf(
        f"success objective of {id.removeprefix('success/')}",
        guarantee.share,
        f"{share(guarantee.share.value)} of requests succeed",
    )
    obligation = partial(
        Obligation,
        id=id,
        claim=f"{share(guarantee.share.value)} of {demand.name} succeed, the faults of the trials included",
        at=guarantee.share.span,
        code="ST4501",
    )
    if not trials:
        gap = "no fault is declared, so there is nothing to hold it against"
        return obligation(must=(), gap=gap, remedy="declare one in a trial, such as `kill 10% of POOL at 10s`")
    if not analysis.out(demand.name):
        return obligation(must=(), gap=f"no pool serves {demand.name}")
    if unkept := _kept_in_a_queue(analysis, demand):
        return obligation(must=(), gap=unkept, remedy="`age at most …` in its queue says what its items are promised")
    must: list[Condition] = []
    proof: list[Condition] = []
    gaps: list[str] = []
    worst = Fraction(0)
    for trial in trials:
        must += _certain(analysis, trial, demand, allowed)
        failing = failing_of(analysis, trial)
        most, unstated = failed(failing, demand)
        late = LateRefusals(failing, demand).share()
        if isinstance(late, str):
            gaps += [late] if late not in gaps else []
        else:
            most = min(Fraction(1), most + late)
        waiting = given_up(analysis, trial, demand)
        most = min(Fraction(1), most + waiting.share)
        worst = max(worst, most)
        aside = _by(analysis, demand, still_aside(analysis, trial))
        rising = rising_in(analysis, trial)
        open_ = (*unmodelled(trial), *map(undecided, aside), *beyond_the_peak(analysis, trial), *rising.gaps(demand))
        more = [*unstated, *refusals(analysis, trial, demand), *open_]
        gaps += [gap for gap in more or waiting.gaps if gap not in gaps]
        case = partial(_decisive, analysis, trial, demand, most)
        proof.append(
            _within(
                trial,
                demand,
                allowed,
                most,
                headed_on(analysis, trial, demand) or waiting.why or rising.why(demand),
                _weakest(analysis, trial, demand),
                case,
            )
        )
        proof += _carried(analysis, trial, demand)
    remedy = (
        f"{_LESSENS}, and a higher retry budget refuses fewer of them; with more agents at rest each fault strikes a "
        "smaller part"
    )
    return obligation(
        must=tuple(must),
        proof=tuple(proof),
        gap=told_together(gaps),
        remedy="" if gaps else remedy,
        bound=None if gaps else Fraction(math.floor((1 - worst) * _STEPS), _STEPS),
        additions=tuple(_nets(analysis.fleet, demand)) if must else (),
    )


def _kept_in_a_queue(analysis: Analysis, demand: Demand) -> str:
    """Why nothing is known of the answers to a demand whose pool may be empty, or takes items in batches."""
    for call in analysis.out(demand.name):
        if analysis.pool(call.callee).may_be_empty:
            return f"{call.callee} may be empty: {demand.name} waits in its queue, and no proxy sees how an item ends"
    return taken_together_on(analysis, demand)


def _by(analysis: Analysis, demand: Demand, calls: Iterable[Call]) -> list[Call]:
    """Those of the calls that are made on the demand's way."""
    return [call for call in calls if call.caller == demand.name or call.caller in analysis.reached(demand.name)]


def _nets(fleet: Fleet, demand: Demand) -> Iterator[Addition]:
    """The demand's own calls with retries and ejection where they have none: on other agents, past the dead."""
    for retries, eject, budget in ((2, 50, True), (3, 70, True), (2, 50, False), (3, 70, False)):
        calls = []
        for call in fleet.calls:
            if call.caller == demand.name:
                retry = call.policy.retry or _retry(call.at, retries, budget)
                breaker = call.policy.breaker or _breaker(call.at, eject)
                call = replace(call, policy=replace(call.policy, retry=retry, breaker=breaker))
            calls.append(call)
        text = (
            f"write `retry {retries}{' { budget 50% }' if budget else ''}` and "
            f"`break after 2 errors {{ eject at most {eject}% for 10s }}` where {demand.name} comes in"
        )
        yield Addition(text, replace(fleet, calls=tuple(calls)))


def _retry(at: Span, attempts: int, budget: bool) -> Retry:
    wait, cap = Fraction(25, 1000), Fraction(250, 1000)
    half = Stated(Fraction(1, 2), at, default=_TRIED) if budget else None
    return Retry(
        at,
        Stated(attempts, at, default=_TRIED),
        Stated(wait, at, default=_TRIED),
        Stated(Fraction(2), at, default=_TRIED),
        Stated(cap, at, default=_TRIED),
        half,
    )


def _breaker(at: Span, eject: int) -> Break:
    ten = Stated(Fraction(10), at, default=_TRIED)
    return Break(at, Stated(2, at, default=_TRIED), None, ten, Stated(Fraction(eject, 100), at, default=_TRIED), ten)


def _decisive(analysis: Analysis, trial: Trial, demand: Demand, most: Fraction) -> Case:
    """The fault that alone would make the most of it; all of them where none makes any."""
    all_ = [fault.at for fault in trial.faults]
    if len(all_) == 1:
        return in_trial(trial, all_)
    by_itself = {
        fault.at: analysis.kept(
            f"fault {index} of {trial.name} alone", partial(Failing, analysis, replace(trial, faults=(fault,)))
        ).share(demand)
        for index, fault in enumerate(trial.faults)
        if not isinstance(fault, SaturateFault)
    }
    worst = max(by_itself, key=lambda at: by_itself[at], default=None)
    if worst is None or not by_itself[worst]:
        return in_trial(trial, all_)
    others = f"with the {counted(len(trial.faults) - 1, 'other fault')} of the trial {share(most)}"
    return in_trial(
        trial, [worst], f"which by itself fails at most {share(by_itself[worst])} of {demand.name}, {others}"
    )


def _within(
    trial: Trial,
    demand: Demand,
    allowed: Leaf,
    most: Fraction,
    waits: str,
    weakest: Call | None,
    case: Callable[[], Case],
) -> Condition:
    allowance = 1 - allowed.number
    may = f"where {share(allowance)} may fail"
    room = f"in trial {trial.name} at most {share(most)} of {demand.name} fail, {may}"
    faults = list(dict.fromkeys(told_of(fault) for fault in trial.faults))
    shown = listed([*faults[:_SHOWN], *([counted(len(faults) - _SHOWN, "more fault")] if len(faults) > _SHOWN else [])])
    broken = f"in trial {trial.name}, by {shown}, up to {share(most)} of {demand.name} may fail by the bound, {may}"
    if waits:
        broken += f": {waits}"
    need = Derived(f"share of {demand.name} failing in {trial.name}", most, ())
    return Condition(
        Relation(need, Order.AT_MOST, lift(1) - allowed),
        broken,
        room,
        case,
        weakest.at if weakest is not None else None,
    )


def _weakest(analysis: Analysis, trial: Trial, demand: Demand) -> Call | None:
    """Of the calls on the demand's way that a fault strikes, one without retries, else the first."""
    outages = Outages(analysis)
    struck = {pool.name for strike in strikes(trial) if (pool := outages.pool_struck(strike)) is not None}
    on_the_way = [demand.name, *analysis.reached(demand.name)]
    calls = [call for name in on_the_way for call in analysis.out(name) if call.callee in struck]
    return min(calls, key=lambda call: call.policy.retry is not None, default=None)


def _carried(analysis: Analysis, trial: Trial, demand: Demand) -> list[Condition]:
    """After each strike on the demand's way the agents that are left have more slots than the peak holds.

    Those that others still put aside are not counted: what they send goes to the rest.
    """
    found: list[Condition] = []
    outages = Outages(analysis)
    seen = set()
    for strike in strikes(trial):
        pool, fault = outages.pool_struck(strike), strike.fault
        if pool is None or not isinstance(fault, KillFault | HangFault) or fault.at in seen:
            continue
        if pool.name not in analysis.reached(demand.name):
            continue
        seen.add(fault.at)
        aside = [call.policy.breaker for call in still_aside(analysis, trial) if call.callee == pool.name]
        for level in ENDS:
            state = analysis.occupancy(level).of(pool)
            if isinstance(state, str) or state.held.mean == float("inf"):
                continue
            gone = sum(most_aside(breaker, state.agents) for breaker in aside if breaker is not None)
            left = spared(analysis, fault, pool, state.agents, gone) * pool.each.concurrency.value
            in_hand = state.rate * Fraction(state.held.mean)
            text = (
                f"after the fault on {pool.name} its other agents have {number(left)} slots for {number(in_hand)} "
                f"requests in hand"
            )
            need = Derived(f"requests in hand at {pool.name}", in_hand, ())
            case = in_trial(trial, [fault.at])
            remedy = f"more agents of {pool.name} at rest would decide it: a higher minimum, or a lower target"
            found.append(Condition(Relation(need, Order.BELOW, lift(left)), text, "", case, pool.at, remedy))
    return found


def _certain(analysis: Analysis, trial: Trial, demand: Demand, allowed: Leaf) -> list[Condition]:
    """For each fault the failures that nothing can hide, against the allowance."""
    outages, load = Outages(analysis), load_of(trial, demand)
    if load.mean == 0:
        return []
    duration = trial.duration_seconds.value
    found = []
    all_ = strikes(trial)
    for fault in {id(strike.fault): strike.fault for strike in all_}.values():
        own = [strike for strike in all_ if strike.fault is fault]
        best: tuple[Fraction, Fraction, Fraction] = (Fraction(0), Fraction(0), Fraction(0))
        for chain in chains(analysis, demand.name):
            lost = felt = part = Fraction(0)
            for strike, following in zip(own, [*own[1:], None], strict=True):
                part, length = outages.certain(strike, chain)
                # Two strikes that overlap are counted once.
                until = min(duration, following.start if following is not None else duration)
                length = min(length, until - strike.start)
                lost, felt = lost + part * length, felt + length
            best = max(best, (lost, part, felt))
        lost, part, felt = best
        if lost == 0:
            continue
        failing = lost * load.least / (load.mean * duration)
        requests = load.least * lost
        what, basis = _told(analysis.fleet, trial, fault)
        need = derived(f"share of {demand.name} that {what} fails", failing, basis)
        times = f"{len(own)} times" if len(own) > 1 else "once"
        text = (
            f"trial {trial.name}: {what}, {times}, and nothing retries or ejects: {share(part)} of {demand.name} fail "
            f"for {seconds(felt)} of {seconds(duration)}, about {number(round(requests))} requests or "
            f"{share(failing)}, where {share(1 - allowed.number)} may fail"
        )
        case = in_trial(trial, [fault.at])
        found.append(Condition(Relation(need + allowed, Order.AT_MOST, lift(1)), text, "", case, remedy=_LESSENS))
    return sorted(found, key=lambda one: one.relation.slack)


def _told(fleet: Fleet, trial: Trial, fault: object) -> tuple[str, list[Leaf]]:
    """The fault in words, and the literals that its failures rest on."""
    name = f"of trial {trial.name}"
    basis = [
        leaves.of_trial(f"duration {name}", trial.duration_seconds, f"{seconds(trial.duration_seconds.value)} long")
    ]
    if isinstance(fault, AbortFault):
        basis += _schedule(fault.schedule, name)
        basis.append(leaves.of_trial(f"aborted share {name}", fault.share, f"{share(fault.share.value)} aborted"))
        return f"abort of {share(fault.share.value)} of {fault.caller.value} -> {fault.callee.value}", basis
    assert isinstance(fault, KillFault | HangFault)
    verb = "kill" if isinstance(fault, KillFault) else "hang"
    pool = fleet.pool(fault.pool.value)
    basis += _schedule(fault.schedule, f"{name}, {verb} of {pool.name}")
    stated: Stated[int] | Stated[Fraction] | None = fault.share if fault.share is not None else fault.count
    size = ""
    if stated is not None:
        size = share(Fraction(stated.value)) if fault.share is not None else number(stated.value)
        basis.append(
            leaves.of_trial(f"struck by {verb} {name} of {pool.name}", stated, f"{verb}s {size} of {pool.name}")
        )
    basis += [leaves.startup(pool), leaves.agents_min(pool), leaves.agents_max(pool)]
    if pool.health is not None:
        every, fails = pool.health.every_seconds, pool.health.fails_after
        basis.append(Leaf(f"health period of {pool.name}", every, f"looks every {seconds(every.value)}"))
        basis.append(Leaf(f"health failures of {pool.name}", fails, f"until {fails.value} checks failed"))
    return f"{verb} {size} of {pool.name}", basis


def _schedule(schedule: Schedule, name: str) -> list[Leaf]:
    parts = (
        ("start", "from", schedule.at_seconds),
        ("repetition", "every", schedule.every_seconds),
        ("length", "for", schedule.lasting_seconds),
    )
    return [
        leaves.of_trial(f"{what} {name}", stated, f"{said} {seconds(stated.value)}")
        for what, said, stated in parts
        if stated is not None
    ]
