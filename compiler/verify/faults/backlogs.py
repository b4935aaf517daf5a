"""A fault of a trial -> seconds until what piled up meanwhile is worked off.

Invariant: an upper bound of the fluid model: requests come at the most that the levels allow, each has its mean time.

What waits piles up where the agents are missing and at whoever calls them, and comes on to all that these call: it is
worked off as fast as the fullest of them can, and what lies at agents that were spared as fast as these can; where
several call the same agents, it may all lie at one of them. What struck agents had in hand comes again; a delay, and
agents that hang, keep the slots of callers for so much longer, and what a delay held back comes all at once. Where a
caller sees failures, or waits for less long than requests do, agents that it may put aside count for nothing, and
requests come as often as all its tries do; or there is no bound (Bronson et al., "Metastable Failures in Distributed
Systems", HotOS 2021).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ...model import AbortFault, Call, CallerKind, DelayFault, HangFault, KillFault, Trial
from ...semantics.failures import backlog, bunched, recovery_bound
from ..exact.expression import value
from ..flows.analysis import Analysis, Level
from ..flows.ejections import back_after, ejected_share
from ..flows.uneven import sharing
from ..flows.used import most_used
from ..words import number, seconds, share
from .again import Again, again_in
from .in_turn import never_caught_up, used_unseen
from .outages import Strike, most_met, seen_by_health
from .reach import (
    Fault,
    felt_by,
    further_up,
    may_see_failures,
    patience,
    putting_aside,
    reached_by,
    retried,
    struck,
    summed_up,
)
from .shrinking import of_fewer_agents

_NONE, _ONE = Fraction(0), Fraction(1)
_HARDLY_ANY = Fraction(1, 10**6)
"""Of the agents, where all may be put aside."""


@dataclass(frozen=True, slots=True)
class WorkedOff:
    """After so many seconds from the strike on; `late` calls may give up meanwhile, for what piled up. `filled`: by
    pool or dependency, how much of what it can do meanwhile is asked of it; `short`: of some it is too much."""

    seconds: Fraction
    late: tuple[Call, ...]
    filled: Mapping[str, Fraction]
    short: bool


@dataclass(frozen=True, slots=True)
class _Shortage:
    """Of a pool that is short of slots for `lasts` seconds: the share of its work that it still does, what comes
    besides at the start, in seconds of its arrivals, and the share of its agents at which all that waits lies."""

    pool: str
    left: Fraction
    lasts: Fraction
    besides: Fraction = _NONE
    spared: Fraction = _ONE


@dataclass(frozen=True, slots=True)
class _Course:
    """A fault that is over after `ended` seconds and felt for `lasts`, and by how much longer a request then holds its
    slot, by pool."""

    analysis: Analysis
    fault: Fault
    ended: Fraction
    lasts: Fraction
    longer: Mapping[str, Fraction]

    def fails(self) -> bool:
        """Whether somebody may see a failure while nobody waits for an agent."""
        calls = felt_by(self.analysis, self.fault)
        match self.fault:
            case HangFault():
                restarted = self.analysis.pool(self.fault.pool.value).health is not None
                return restarted or any(patience(call, self.lasts) < self.lasts for call in calls)
            case DelayFault():
                return bool(self.late(_NONE))
            case _:
                return True

    def late(self, waits: Fraction) -> list[Call]:
        """The calls that give up where requests wait for so long at the pools that are short, and at who calls them.

        What then comes on to other pools waits there for no longer, nor for longer than all that their callers have
        slots for.
        """
        felt = felt_by(self.analysis, self.fault)
        found = [call for call in felt if self._gives_up(call, self._waits_behind(call, waits) + self._delayed(call))]
        if waits > 0:
            names = {call.name for call in felt}
            for name in filter(self.analysis.is_pool, reached_by(self.analysis, self.fault)):
                calls = [call for call in self.analysis.into(name) if call.name not in names]
                come = min(waits, self._from_callers(name))
                found += [call for call in calls if self._gives_up(call, come)]
        return found

    def short(self, uses: Mapping[str, Fraction]) -> bool:
        """Whether some pool does less than is asked of it meanwhile, or calls give up."""
        return any(one.left < uses[one.pool] for one in self._shortages({}, self.lasts)) or bool(self.late(_NONE))

    def _waits_behind(self, call: Call, waits: Fraction) -> Fraction:
        """A dependency answers in its own time, whoever waits elsewhere."""
        return waits if self.analysis.is_pool(call.callee) else _NONE

    def _gives_up(self, call: Call, waits: Fraction) -> bool:
        if waits == 0:
            return False
        waits += _held(self.analysis, call.callee) if self.analysis.is_pool(call.callee) else 0
        return patience(call, waits) < waits

    def _delayed(self, call: Call) -> Fraction:
        fault = self.fault
        if not isinstance(fault, DelayFault):
            return _NONE
        own = (call.caller, call.callee) == (fault.caller.value, fault.callee.value)
        return fault.delay_seconds.value if own else self.longer[call.callee]

    def _from_callers(self, name: str) -> Fraction:
        """The longest wait of what callers have slots for, where all of it comes at once."""
        pool, slots = self.analysis.pool(name), _slots_of_callers(self.analysis, name)
        if slots is None:
            return self.lasts
        agents = sharing(self.analysis, name, pool.agents_min.value)
        return _held(self.analysis, name) * slots / (agents * pool.each.concurrency.value)

    def filled(self, uses: Mapping[str, Fraction], aside: Iterable[Call]) -> dict[str, Fraction]:
        """As `WorkedOff.filled`, where such calls put all aside that they may."""
        gone = _gone(aside)
        found = _fewer(uses, gone)
        if isinstance(self.fault, DelayFault):
            found.update({name: 2 * found[name] for name in self._behind_the_delay(self.fault)})
        for one in self._shortages(gone, self.lasts):
            found[one.pool] *= (1 + one.besides / one.lasts) / max(one.left, _HARDLY_ANY)
        return found

    def drained(self, uses: Mapping[str, Fraction], aside: Iterable[Call]) -> tuple[Fraction | None, Fraction]:
        """(until nothing waits any more, the longest wait) where such calls put all aside that they may."""
        gone = _gone(aside)
        fewer = _fewer(uses, gone)
        together = self._together(fewer)
        if together is None:
            return None, self.lasts
        lasts, bunched = together
        short = self._shortages(gone, lasts)
        end, waits = _drained(fewer, short, lasts)
        if end is not None and waits > 0:
            queues = {one.pool for one in short if _queued(fewer, one) > 0}
            # No more than all that waits may lie at one caller, nor more than came to it.
            alone = min(end / (1 / max(fewer.values()) - 1), (end - lasts) * self._unevenly(fewer, queues))
            end, waits = end + alone, waits + alone
        return end, waits + bunched

    def _together(self, uses: Mapping[str, Fraction]) -> tuple[Fraction, Fraction] | None:
        """(until it is over, and what a delay held back waits for no agent any more, how long that waits); None where
        that is never."""
        fault, analysis = self.fault, self.analysis
        if not isinstance(fault, DelayFault):
            return self.lasts, _NONE
        delay = held_back = fault.delay_seconds.value
        rate = sum((value(analysis.call_rate(Level.PEAK, call)) for call in struck(analysis, fault)), _NONE)
        if analysis.is_pool(fault.caller.value) and rate > 0:
            caller = analysis.pool(fault.caller.value)
            # A slot waits for one call.
            held_back = min(delay, caller.agents_most.value * caller.each.concurrency.value / rate)
        behind = map(uses.__getitem__, self._behind_the_delay(fault))
        found = bunched(max(behind, default=_NONE), delay, held_back)
        return None if found is None else (max(self.lasts, self.ended + found[0]), found[1])

    def _behind_the_delay(self, fault: DelayFault) -> list[str]:
        """The pools: at a dependency nobody waits."""
        return [name for name in self.analysis.reached(fault.callee.value) if self.analysis.is_pool(name)]

    def _unevenly(self, uses: Mapping[str, Fraction], queues: set[str]) -> Fraction:
        """How many times more requests come to a pool than to one that waits beside others for the same agents, where
        who has more slots comes first; 0 where none is, as these have slots for all that their callers may send."""
        analysis = self.analysis
        reached = [name for name in reached_by(analysis, self.fault) if analysis.is_pool(name)]
        rates = {name: value(analysis.rate(Level.PEAK, name)) for name in reached}
        beside: list[Fraction] = []
        for name in reached:
            calls = [call for call in analysis.into(name) if rates.get(call.caller)]
            more = ((call, 1 / uses[call.caller] - 1) for call in calls)
            sent = rates[name] + sum(rates[call.caller] * call.per_request.value * part for call, part in more)
            if len(analysis.into(name)) > 1 and calls and (name in queues or uses[name] * sent >= rates[name]):
                beside += [rates[call.caller] for call in calls]
        return max(rates.values()) / min(beside) if beside else _NONE

    def _shortages(self, gone: Mapping[str, Fraction], lasts: Fraction) -> list[_Shortage]:
        found: list[_Shortage] = []
        for name, more in self.longer.items():
            held = _held(self.analysis, name)
            found.append(_Shortage(name, held / (held + more), lasts))
        if isinstance(self.fault, KillFault | HangFault):
            pool = self.analysis.pool(self.fault.pool.value)
            dead, there = most_met(self.analysis, self.fault, pool), max(1 - gone.get(pool.name, _NONE), _HARDLY_ANY)
            if isinstance(self.fault, HangFault) and self.fails():
                # Who is put aside while it hangs stays there for a while when it is well again.
                lasts += max(map(back_after, struck(self.analysis, self.fault)), default=_NONE)
            left = max(_NONE, there - dead) / there
            # Where none is spared all that waits lies at callers.
            found.append(_Shortage(pool.name, left, lasts, dead * _held(self.analysis, pool.name), left or _ONE))
        return found


def worked_off_within(
    analysis: Analysis,
    trial: Trial,
    strike: Strike,
    outage: Fraction,
    before: Sequence[Call],
    busy: Mapping[str, Fraction],
) -> WorkedOff | str:
    """Of a strike of the trial that lasts for `outage` seconds; or why that is not known. The calls of `before` have
    put agents aside that are well; pools of `busy` may be fuller than at rest."""
    fault, anew = strike.fault, again_in(analysis, trial)
    uses: dict[str, Fraction] = {}
    for name in reached_by(analysis, fault):
        use = most_used(analysis, name)
        if isinstance(use, str):
            return use
        uses[name] = max(use, busy.get(name, use))
    fullest = max(uses, key=lambda name: uses[name])
    if uses[fullest] >= 1:
        return f"{fullest} is {share(uses[fullest])} busy at the fullest, so that a backlog never drains"
    if isinstance(fault, HangFault) and (why := never_caught_up(analysis, fault.pool.value, uses[fault.pool.value])):
        return why
    course = _course(analysis, fault, uses, outage, anew)
    fewer = of_fewer_agents(analysis, fault, course.lasts, uses, short=course.short(uses))
    if isinstance(fewer, str):
        return fewer
    uses |= fewer
    failing, up = course.fails(), further_up(analysis, fault)
    aside = [call for call in before if call.callee in uses]
    aside += putting_aside(analysis, may_see_failures(analysis, fault)) if failing else []
    # The proxy that makes an abort stands in front of what would try again.
    again = list(retried(up if isinstance(fault, AbortFault) else [*up, *struck(analysis, fault)])) if failing else []
    anyway, stormy = course.late(_NONE), False
    uses = anew.with_slots_held(fault, uses, anyway) if failing else uses
    busier = anew.with_what_failed(fault, uses, anyway) if failing else uses
    while True:
        if stormy:
            busier = {name: use * anew.at(name) for name, use in uses.items()}
        end, waits = course.drained(busier, aside)
        late = course.late(waits)
        more = [call for call in putting_aside(analysis, late) if call not in aside]
        impatient = list(retried(late))
        if not more and (stormy or not impatient):
            break
        aside += more
        if impatient:
            again, stormy = impatient, True
    if end is not None:
        late = [call for call in late if call not in anyway]
        filled = course.filled(busier, aside)
        return WorkedOff(end, tuple(late), filled, stormy or bool(late) or course.short(busier))
    if course.drained(busier, [])[0] is not None:
        return _told_aside(aside, late, waits)
    worst = max(busier, key=lambda name: busier[name])
    much = number(round(busier[worst], 2))
    return (
        f"requests that meet the fault are tried again by {again[0].name}, and {worst} has {much} times as much to do "
        "as it can while all are; fewer retries, a longer timeout or more agents would decide it"
    )


def failing_into(analysis: Analysis, fault: Fault, outage: Fraction) -> list[Call]:
    """The calls that may put agents aside that are well, for what fails while nobody waits."""
    calls = putting_aside(analysis, may_see_failures(analysis, fault))
    if isinstance(fault, DelayFault) and calls and not _delayed(analysis, fault, outage).fails():
        return []
    return calls


def _told_aside(aside: Iterable[Call], late: list[Call], waits: Fraction) -> str:
    most, call = max(((ejected_share(one), one) for one in aside), key=lambda pair: pair[0])
    why = f"requests wait up to {seconds(waits)}" if call in late else "what these call fails"
    return (
        f"{call.name} takes agents of {call.callee} for broken while {why}, and may put {share(most)} of them aside: a "
        "backlog then never drains; a longer timeout, a smaller share to eject or more agents would decide it"
    )


def _gone(aside: Iterable[Call]) -> dict[str, Fraction]:
    """The most of the agents of each pool that such calls put aside."""
    gone: dict[str, Fraction] = {}
    for call in aside:
        gone[call.callee] = max(gone.get(call.callee, _NONE), ejected_share(call))
    return gone


def _fewer(uses: Mapping[str, Fraction], gone: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """`uses` of what is left."""
    return {name: use / max(1 - gone.get(name, _NONE), _HARDLY_ANY) for name, use in uses.items()}


def _course(analysis: Analysis, fault: Fault, uses: Mapping[str, Fraction], outage: Fraction, again: Again) -> _Course:
    match fault:
        case HangFault():
            lasts = outage + _left_by_the_hung(analysis, fault, uses, outage, again)
            dead = most_met(analysis, fault, analysis.pool(fault.pool.value))
            longer = summed_up(analysis, fault, lambda call: dead * patience(call, lasts))
            return _Course(analysis, fault, outage, lasts, longer)
        case DelayFault():
            return _delayed(analysis, fault, outage)
        case _:
            return _Course(analysis, fault, outage, outage, {})


def _delayed(analysis: Analysis, fault: DelayFault, outage: Fraction) -> _Course:
    longer = summed_up(analysis, fault, lambda call: fault.delay_seconds.value)
    # Who is delayed when the delay ends keeps its slot for as long again.
    return _Course(analysis, fault, outage, outage + max(longer.values(), default=_NONE), longer)


def _left_by_the_hung(
    analysis: Analysis, fault: HangFault, uses: Mapping[str, Fraction], outage: Fraction, again: Again
) -> Fraction:
    """Seconds for what agents that hung have in hand in the end, beside what comes.

    Whoever waits for one comes again when its patience ends, so that no more than came in that time are there, nor
    more than callers have slots for; where failing checks take it out of rotation, no more than came before.
    """
    pool = analysis.pool(fault.pool.value)
    use, calls = uses[pool.name], analysis.into(pool.name)
    dead = most_met(analysis, fault, pool)
    if use == 0:
        return _NONE
    came = max(_held(analysis, pool.name), *(patience(call, outage) for call in calls))
    came = min(one for one in (came, outage, seen_by_health(pool)) if one is not None)
    at_one = came * max(again.tries_of(call, dead) for call in calls)
    in_hand = dead * at_one
    slots = _slots_of_callers(analysis, pool.name)
    if slots is not None:
        in_hand = min(in_hand, slots / value(analysis.rate(Level.PEAK, pool.name)))
    # All of it may lie at those that hung.
    left = in_hand * use / min(use / max(uses.values()) - use, dead * (1 - use))
    each = used_unseen(analysis, pool.name, use)
    return left if each is None else max(left, at_one * each / (1 - each))


def _slots_of_callers(analysis: Analysis, name: str) -> Fraction | None:
    """The most requests that callers wait for at once; None where a demand calls, which has no slots."""
    calls = analysis.into(name)
    if any(call.caller_kind is not CallerKind.POOL for call in calls):
        return None
    callers = [analysis.pool(call.caller) for call in calls]
    return Fraction(sum(one.agents_most.value * one.each.concurrency.value for one in callers))


def _held(analysis: Analysis, name: str) -> Fraction:
    held = analysis.occupancy(Level.PEAK).held(analysis.pool(name))
    assert not isinstance(held, str)
    return Fraction(held.mean)


def _drained(
    uses: Mapping[str, Fraction], short: Iterable[_Shortage], outage: Fraction
) -> tuple[Fraction | None, Fraction]:
    """(until nothing waits any more, the longest wait); rates in parts of what the whole pool can do."""
    worst = max(uses, key=lambda name: uses[name])
    last: Fraction | None = outage
    longest = _NONE
    for one in (*short, _Shortage(worst, _ONE, outage)):
        arrival = uses[one.pool]
        if arrival == 0:
            continue
        capacity, lost = arrival / uses[worst], arrival * one.besides
        reduced, queued = min(capacity, one.left), _queued(uses, one)
        if queued == 0:
            continue
        back = one.lasts + queued / capacity
        longest = max(longest, min(queued / reduced, back) if reduced > 0 else back)
        capacity = min(capacity, arrival + one.spared * (1 - arrival))
        end = recovery_bound(one.lasts, arrival=arrival, capacity=capacity, reduced_capacity=reduced, lost=lost)
        last = None if end is None or last is None else max(last, end)
    return last, longest


def _queued(uses: Mapping[str, Fraction], short: _Shortage) -> Fraction:
    """What waits in the end, in seconds of the whole pool's work."""
    arrival = uses[short.pool]
    reduced = min(arrival / max(uses.values()), short.left) if arrival else short.left
    return backlog(arrival, reduced, short.lasts, arrival * short.besides)
