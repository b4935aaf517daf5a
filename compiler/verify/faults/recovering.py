"""A trial -> strike after strike, what each leaves until nothing that piled up in it waits any more.

Invariant: upper bounds in the model of `backlogs`; where a strike comes before an earlier one is recovered from, and
together they leave some pool with less than is asked of it, nothing is known.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from seatrial.dsl.source import Span

from ...model import Call, Demand, Trial
from ..flows.analysis import Analysis, Level
from ..flows.ejections import back_after
from ..flows.used import most_used
from ..flows.warming import warm_up
from ..words import seconds
from .backlogs import WorkedOff, failing_into, worked_off_within
from .outages import Outages, Strike, strikes
from .reach import Fault, felt_by, reached_by, shortened_by, told_of
from .rising import Growing, Rising, rising_in
from .sheds import sheds_of
from .traffic import load_of


@dataclass(frozen=True, slots=True)
class Felt:
    """What a strike leaves with fewer slots, or more to do, for `lasts` seconds, after which requests are turned away
    for it for `shed` more; the calls that may give up for what piled up, and those that may have put agents aside for
    what failed, for `back` seconds. `filled` is as in `WorkedOff`."""

    pools: set[str]
    filled: Mapping[str, Fraction]
    lasts: Fraction
    shed: Fraction
    piles: Fraction | None
    """What comes in so many seconds is held back at the most; None: all that comes may be."""
    late: tuple[Call, ...]
    aside: list[Call]
    back: Fraction


class Unknown(NamedTuple):
    """Why it is not known; `overlaps`: an earlier strike is not recovered from."""

    reason: str
    overlaps: bool = False


def course(analysis: Analysis, trial: Trial, *, whole: bool) -> list[tuple[Strike, Felt | Unknown]]:
    """Also where a strike comes before an earlier one is recovered from. `whole`: until all is as before, however long
    the trial is; else a strike that nothing ends lasts as long as the trial. Worked out once."""
    return analysis.kept(f"course of {trial.name}, {whole=}", lambda: _course(analysis, trial, whole=whole))


def _course(analysis: Analysis, trial: Trial, *, whole: bool) -> list[tuple[Strike, Felt | Unknown]]:
    found: list[tuple[Strike, Felt | Unknown]] = []
    known: dict[tuple[Span, str, Fraction | None, tuple[str, ...], tuple[str, ...]], Felt | Unknown] = {}
    rising = rising_in(analysis, trial)
    open_: list[tuple[Strike, Felt]] = []
    for strike in strikes(trial):
        at, what = strike.fault.at, told_of(strike.fault)
        open_ = [one for one in open_ if one[0].start + one[1].back > strike.start]
        aside = {call.name: call for _, was in open_ for call in was.aside}
        room = None if whole else trial.duration_seconds.value - strike.start
        lasts = _outage(analysis, strike, room)
        growing: list[Growing] = []
        while True:
            key = (at, what, lasts, tuple(aside), tuple(one.pool for one in growing))
            if key not in known:
                known[key] = _felt(analysis, trial, strike, lasts, list(aside.values()), growing)
            felt = known[key]
            more = [] if isinstance(felt, Unknown) else _growing_meanwhile(analysis, rising, strike, felt)
            if len(more) <= len(growing):
                break
            growing = more
        found.append((strike, felt))
        if isinstance(felt, Unknown):
            continue
        # What a partition cuts at once is one strike.
        still = [
            (first, was)
            for first, was in open_
            if first.start + was.lasts > strike.start and (first.fault.at, first.start) != (at, strike.start)
        ]
        if still and (first := _too_much(analysis, [*still, (strike, felt)], _busier(growing))) is not None:
            before, was = first
            after = f"{seconds(strike.start - before.start)} after {told_of(before.fault)}"
            why = (
                f"in trial {trial.name} {what} comes {after}, which takes up to {seconds(whole_ms(was.lasts))} to "
                "recover from: how much is then missing at once is not worked out; more time between them would decide "
                "it"
            )
            found.append((strike, Unknown(why, overlaps=True)))
        open_.append((strike, felt))
    return found


def reached_in(analysis: Analysis, trial: Trial) -> set[str]:
    """What its strikes leave with less, or with more to do, or what waits behind that comes to; worked out once."""
    return analysis.kept(f"reached in {trial.name}", lambda: _reached_in(analysis, trial))


def _reached_in(analysis: Analysis, trial: Trial) -> set[str]:
    faults = {id(one.fault): one.fault for one in strikes(trial)}.values()
    return {name for fault in faults for name in reached_by(analysis, fault)}


def _growing_meanwhile(analysis: Analysis, rising: Rising, strike: Strike, felt: Felt) -> list[Growing]:
    """The pools that the strike reaches and whose agents are not yet all there while it is felt."""
    over, reached = strike.start + felt.lasts, set(reached_by(analysis, strike.fault))
    return [
        one
        for one in rising.pools
        if one.begins < over and strike.start < one.ends and not reached.isdisjoint(analysis.reached(one.pool))
    ]


def _busier(growing: Iterable[Growing]) -> dict[str, Fraction]:
    found: dict[str, Fraction] = {}
    for one in growing:
        found[one.pool] = max(one.use, found.get(one.pool, Fraction(0)))
    return found


def _too_much(
    analysis: Analysis, at_once: list[tuple[Strike, Felt]], busier: Mapping[str, Fraction]
) -> tuple[Strike, Felt] | None:
    """The first of these strikes that leaves some pool, with the last one and all others, less than is asked of it."""
    *before, (_, last) = at_once
    for strike, was in before:
        for name in was.pools & last.pools:
            rest = most_used(analysis, name)
            if isinstance(rest, str):
                return strike, was
            rest = max(rest, busier.get(name, rest))
            # What each takes away adds up: who is killed is not killed again, and tries on tries are fewer than that.
            left = 1 - sum(
                max(Fraction(0), 1 - rest / felt.filled[name]) for _, felt in at_once if felt.filled.get(name)
            )
            if rest >= left:
                return strike, was
    return None


def _outage(analysis: Analysis, strike: Strike, room: Fraction | None) -> Fraction | None:
    """Until the struck agents carry their whole part again, or the fault is over; None where nothing ends it."""
    outages = Outages(analysis)
    lasts, pool = outages.repaired(strike), outages.pool_struck(strike)
    warm = warm_up(analysis, pool) if pool is not None else None
    if lasts is not None and warm is not None:
        lasts += warm.number
    return lasts if lasts is not None else room


def _felt(
    analysis: Analysis,
    trial: Trial,
    strike: Strike,
    lasts: Fraction | None,
    before: Sequence[Call],
    growing: Sequence[Growing],
) -> Felt | Unknown:
    fault, outage = strike.fault, Outages(analysis).repaired(strike)
    if lasts is None:
        struck = Outages(analysis).pool_struck(strike)
        assert struck is not None
        return Unknown(
            f"{told_of(strike.fault)} never ends, and {struck.name} has no health check that would restart it"
        )
    if (late := next((one for one in growing if one.use >= 1), None)) is not None:
        meanwhile = f"{told_of(fault)} comes meanwhile, and how long that takes to recover from is not worked out"
        remedy = "a fault at another time, or more agents at the minimum, would decide it"
        return Unknown(f"{late.told}, {meanwhile}; {remedy}" if late.told else late.why)
    off = worked_off_within(analysis, trial, strike, lasts, before, _busier(growing))
    if isinstance(off, str):
        return Unknown(off)
    outage = lasts if outage is None else outage
    pools = set(reached_by(analysis, fault)) if off.seconds > outage else shortened_by(analysis, fault)
    aside = failing_into(analysis, fault, outage)
    back = max(off.seconds, outage + max(map(back_after, aside), default=Fraction(0)))
    shed = _until_nothing_is_shed(analysis, fault, off)
    piles = None if off.short else max(Fraction(0), off.seconds - outage)
    return Felt(pools, off.filled, off.seconds, shed, piles, off.late, aside, back)


def _until_nothing_is_shed(analysis: Analysis, fault: Fault, off: WorkedOff) -> Fraction:
    """From the last that failed, or was late, on: at the calls that feel the fault or give up for what piled up, and
    at every agent that this may make wait."""
    sheds = sheds_of(analysis)
    times = [sheds.seconds_at(name) for name in reached_by(analysis, fault) if analysis.is_pool(name)]
    times += map(sheds.seconds, (*felt_by(analysis, fault), *off.late))
    return max(times, default=Fraction(0))


def whole_ms(bound: Fraction) -> Fraction:
    """Rounded up."""
    return Fraction(math.ceil(bound * 1000), 1000)


def meets_what_waits(analysis: Analysis, trial: Trial, demand: Demand) -> list[tuple[Strike, Fraction]]:
    """The strikes on a demand's way that come while requests still wait behind earlier ones, each with the seconds in
    which as many come: what has piled up is worked off at any speed, and all of it may meet this one too."""
    found: list[tuple[Strike, Fraction]] = []
    open_: list[tuple[Strike, Felt]] = []
    way = {demand.name, *analysis.reached(demand.name)}
    # One fault of a trial may be looked at alone: then nothing else waits.
    whole = (
        trial in analysis.fleet.trials and len(strikes(trial)) > 1 and not way.isdisjoint(reached_in(analysis, trial))
    )
    for strike, felt in course(analysis, trial, whole=False) if whole else ():
        reached = way.intersection(reached_by(analysis, strike.fault))
        piled = [
            since if was.piles is None else min(since, was.piles)
            for first, was in open_
            for since in [strike.start - first.start]
            if 0 < since < was.lasts and not reached.isdisjoint(reached_by(analysis, first.fault))
        ]
        if piled:
            found.append((strike, max(piled)))
        if isinstance(felt, Felt):
            open_.append((strike, felt))
    return found


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The most of a demand's requests in a trial, as a share, that fail for being given up while they wait behind what
    piled up; `why` tells of the first strike that they do, `gaps` why more may."""

    share: Fraction
    why: str
    gaps: list[str]


def given_up(analysis: Analysis, trial: Trial, demand: Demand) -> GivenUp:
    """Where a call on the way may give up, all that come until it is recovered from, and all under way before."""
    load, duration, way = load_of(trial, demand), trial.duration_seconds.value, {demand.name}
    way.update(analysis.reached(demand.name))
    lost, why, gaps = Fraction(0), "", list[str]()
    for strike, felt in course(analysis, trial, whole=False) if reached_in(analysis, trial) & way else ():
        if isinstance(felt, Unknown) and felt.overlaps:
            gaps.append(felt.reason)
            break
        if way.isdisjoint(reached_by(analysis, strike.fault)):
            continue
        if isinstance(felt, Unknown):
            gaps += [felt.reason] if felt.reason not in gaps else []
            continue
        late = next((call for call in felt.late if call.caller in way), None)
        if late is None or load.mean == 0:
            continue
        lasts = min(felt.lasts, duration - strike.start)
        lost += load.most * (lasts + _under_way(analysis, demand))
        why = (
            why
            or f"for {seconds(whole_ms(lasts))} after {told_of(strike.fault)} so many wait that {late.name} may give up"
        )
    return GivenUp(min(Fraction(1), lost / (load.mean * duration)) if lost else lost, why, gaps)


def _under_way(analysis: Analysis, demand: Demand) -> Fraction:
    """Seconds that a request takes in the mean."""
    times = [analysis.occupancy(Level.BETWEEN).response_of(call) for call in analysis.out(demand.name)]
    return sum((Fraction(one.mean) for one in times if not isinstance(one, str) and one.mean < math.inf), Fraction(0))
