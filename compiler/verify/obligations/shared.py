"""What the fleet shares and does not own: connections, requests and tokens per second of each dependency."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache, partial

from ...model import CallerKind, Dependency, Pool, Stated
from ...semantics.retries import ENVOY_MIN_RETRY_CONCURRENCY
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, largest, lift, smallest, total, value
from ..finding import Status
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.figures import double, surely_below
from ..flows.pods import most_pods
from ..flows.released import most_asked, most_in_all, quickly_in_all, releases
from ..flows.tried import budgeted
from ..flows.waves import passed_on, waves_before
from ..flows.windows import ends_within, surely_made
from ..obligation import Condition, Judged, Obligation, Open, Proven
from ..words import counted, listed, number, share
from .flapping import Count, Held, Holding, agents, flapping, held, running, updating, worst
from .held_back import held_back
from .limits import limit_bounds

UPDATING = "in a rolling update, those that start and those that still leave counted"


def connections(analysis: Analysis) -> list[Judged]:
    """Unsatisfiable iff the agents of all pools, with those that a rolling update adds and those that still leave, or
    with those that an autoscaler sent away as it grows again on a course of demand, hold more than there are.

    Sufficient: what an autoscaler's steps ever allow (`semantics.flapping`).

    What an agent `holds`; or what the limits of its calls let it open, which is no more than the requests it has in
    hand (HTTP/1.1, calls one after the other). Where both are said the larger counts: a proxy's limit covers what is
    held through it. Source: a Deployment's pods during an update (`semantics.updates`): an agent that leaves keeps its
    connections until its drain is over; Envoy, `max_connections` (intro/arch_overview/upstream/circuit_breaking).
    Limit: a call that says neither counts nothing.
    """
    held: dict[str, set[str]] = {}
    most: dict[str, int] = {}
    of_pools = analysis.of_pools("connections", partial(_most_held, analysis))
    for pool, each in zip(analysis.fleet.pools, of_pools, strict=True):
        for name, count in each.items():
            most[name] = most.get(name, 0) + count
            held.setdefault(name, set()).add(pool.name)
    found: list[Judged] = []
    for one in analysis.fleet.dependencies:
        id = f"connections/{one.name}"
        if one.connections is not None and one.name in most and analysis.wants(id):
            make = partial(_connections, analysis, one, held[one.name])
            sure = most[one.name] <= one.connections.value
            found.append(Proven(id, one.connections.span, "ST2301", make) if sure else make())
    return found


def _most_held(analysis: Analysis, pool: Pool) -> dict[str, int]:
    """The most connections that all its pods hold, by what they are to."""
    each: dict[str, int] = {}
    for hold in pool.each.holds:
        each[hold.dependency] = max(each.get(hold.dependency, 0), hold.connections.value)
    for call in analysis.out(pool.name):
        limit = call.policy.limit
        if limit is not None and limit.connections is not None:
            opened = min(limit.connections.value, pool.each.concurrency.value)
            each[call.callee] = max(each.get(call.callee, 0), opened)
    pods = most_pods(pool) if each else 0
    return {name: pods * count for name, count in each.items()}


def _each(analysis: Analysis, pool: Pool, dependency: Dependency) -> list[Expression]:
    found: list[Expression] = []
    for hold in pool.each.holds:
        if hold.dependency == dependency.name:
            said = f"each holds {counted(hold.connections.value, 'connection')} to {dependency.name}"
            found.append(Leaf(f"connections of each {pool.name} to {dependency.name}", hold.connections, said))
    for call in analysis.out(pool.name):
        if call.callee == dependency.name and call.policy.limit is not None:
            bounds = [bound for bound in limit_bounds(call, call.policy.limit) if "connections" in bound.name]
            if bounds:
                found.append(smallest([*bounds, leaves.concurrency(pool)]))
    return found


def _connections(analysis: Analysis, dependency: Dependency, holders: set[str]) -> Obligation:
    assert dependency.connections is not None
    parts = [
        held(analysis, pool, largest(_each(analysis, pool, dependency)))
        for pool in analysis.fleet.pools
        if pool.name in holders
    ]
    parts.sort(key=lambda one: value(one.worst * one.each))
    limit = Leaf(
        f"connections of {dependency.name}",
        dependency.connections,
        f"{dependency.name} takes {counted(dependency.connections.value, 'connection')}",
    )

    @cache
    def need(count: Count) -> Expression:
        return total(count(one) * one.each for one in parts)

    def told(count: Count, when: str = "") -> str:
        whole = value(need(count))
        return f"{_who(parts, count, whole)} hold {counted(whole, 'connection')}{when}, {limit.demands}"

    def room(count: Count, when: str) -> str:
        spare = share(Relation(need(count), Order.AT_MOST, limit).slack)
        return f"{number(value(need(count)))} of {number(limit.number)} connections while {when}, {spare} to spare"

    def more(count: Count) -> str:
        """What a repair must make room for is told too."""
        least, most = value(need(count)), value(need(worst))
        when = "updated, shrink and grow again" if most > value(need(updating)) else "updated"
        return f"; up to {number(most)} while pools are {when}" if most > least else ""

    plain, relation = (Relation(need(count), Order.AT_MOST, limit) for count in (running, updating))
    holding = Holding(parts, limit, need, told, lambda most: f"{counted(most, 'connection')} of {dependency.name}")
    flaps = flapping(analysis, holding, room(worst, "pools are updated, shrink and grow again"))
    return Obligation(
        id=f"connections/{dependency.name}",
        claim=f"the fleet never holds more connections to {dependency.name} than it takes",
        at=dependency.connections.span,
        code="ST2301",
        must=(
            Condition(plain, f"{told(running)}{more(running)}", ""),
            Condition(
                relation, f"{told(updating, f' {UPDATING}')}{more(updating)}", room(updating, "all pools are updated")
            ),
            *flaps.must,
        ),
        proof=flaps.proof or None,
        remedy=flaps.remedy,
        additions=flaps.additions,
    )


def _who(parts: list[Held], count: Count, whole: Fraction) -> str:
    """The three that hold the most, and how many others there are."""
    shown = ", ".join(f"{agents(one, count(one))} with {number(value(one.each))} each" for one in reversed(parts[-3:]))
    if len(parts) <= 3:
        return shown
    rest = whole - sum((value(count(one) * one.each) for one in parts[-3:]), Fraction(0))
    return f"{shown}, and {counted(len(parts) - 3, 'other pool')} with {number(rest)} in all"


def rates(analysis: Analysis) -> list[Judged]:
    """Unsatisfiable iff at the peak more requests, or tokens, per second reach a dependency than it takes.

    Both plain and with every call retried to its last attempt along the whole chain: that is what arrives when the
    dependency begins to refuse, which is just when the limit counts (Google SRE book, ch. 22). Of a peak that is over
    before the limit's own second, minute or hour is, only all that comes in the worst of these refutes. Limit: attempts
    are taken as spread evenly; back-off that delays them into quieter times is not credited. Sufficient where a retry
    budget is on the way: with what it lets through whatever is under way (`flows.tried`); where something may pile up
    before a pool on the way: as much as all its agents ask for that work it off (`flows.released`).
    """
    if analysis.circle:
        return []
    found: list[Judged] = []
    for one in analysis.fleet.dependencies:
        if one.requests_per_second is not None:
            limit, make = one.requests_per_second, partial(_requests, analysis, one, one.requests_per_second)
            arriving = analysis.flow(Level.PEAK, retried=True).get(one.name, 0.0)
            kind = _foreseen(analysis, one.name, limit.value) if surely_below(arriving, double(limit.value)) else None
            id = f"rate/{one.name}"
            if kind is None:
                found.append(make())
            elif kind is Status.PROVED:
                found.append(Proven(id, limit.span, "ST2302", make))
            else:
                told = partial(_requests, analysis, one, limit, must=False)
                found.append(Open(id, limit.span, "ST2302", make, told))
        if one.tokens_per_second is not None:
            used = partial(_tokens, analysis, one, one.tokens_per_second)
            tokens = _tokens_at_most(analysis, one)
            sure = tokens is not None and surely_below(tokens, double(one.tokens_per_second.value))
            sure = sure and not _more_may_come(analysis, one.name)
            found.append(Proven(f"tokens/{one.name}", one.tokens_per_second.span, "ST2303", used) if sure else used())
    return found


def taken_of(analysis: Analysis, dependency: Dependency) -> list[Obligation]:
    """`rates` of one dependency."""
    found = []
    if dependency.requests_per_second is not None:
        found.append(_requests(analysis, dependency, dependency.requests_per_second))
    if dependency.tokens_per_second is not None:
        found.append(_tokens(analysis, dependency, dependency.tokens_per_second))
    return found


def _foreseen(analysis: Analysis, dependency: str, limit: Fraction) -> Status:
    """What `with_more` comes to where no more arrives than it takes."""
    if not _more_may_come(analysis, dependency):
        return Status.PROVED
    quick = quickly_in_all(analysis, dependency)
    if surely_below(quick, double(limit)) or surely_below(double(limit), quick):
        return Status.PROVED if quick < limit else Status.UNKNOWN
    most = most_in_all(analysis, dependency)
    return Status.UNKNOWN if isinstance(most, str) or most > limit else Status.PROVED


def _more_may_come(analysis: Analysis, dependency: str) -> bool:
    return releases(analysis, dependency) or budgeted(analysis, dependency)


def _tokens_at_most(analysis: Analysis, dependency: Dependency) -> float | None:
    """Tokens a second when every call is retried to the end; None where a call does not state its own."""
    found, flow = 0.0, analysis.flow(Level.PEAK, retried=True)
    for call in analysis.into(dependency.name):
        if call.tokens_per_call is None or call.caller_kind is not CallerKind.POOL:
            return None
        made = flow.get(call.caller, 0.0) * double(call.per_request.value) * double(value(analysis.attempts(call)))
        found += made * double(call.tokens_per_call.value)
    return found


def _requests(analysis: Analysis, dependency: Dependency, stated: Stated[Fraction], *, must: bool = True) -> Obligation:
    """`must`: whether to say what it must be, and not only what is enough."""
    made = _rate(dependency, _limit(dependency, stated, "requests"), "requests")
    if must:
        made = _with_rates(analysis, made, dependency, stated, "requests")
        limit, level = _limit(dependency, stated, "requests"), _surely(analysis, dependency.name)
        made = held_back(analysis, made, dependency.name, level, limit, "requests")
    return with_more(analysis, made, dependency.name, _limit(dependency, stated, "requests"), "requests")


def _tokens(analysis: Analysis, dependency: Dependency, stated: Stated[Fraction]) -> Obligation:
    limit = _limit(dependency, stated, "tokens")
    untold = [call.name for call in analysis.into(dependency.name) if call.tokens_per_call is None]
    made = _with_rates(analysis, _rate(dependency, limit, "tokens"), dependency, stated, "tokens")
    if untold:
        made = replace(made, gap=f"{listed(untold)} {'does' if len(untold) == 1 else 'do'} not state tokens")
    made = held_back(analysis, made, dependency.name, _surely(analysis, dependency.name), limit, "tokens")
    return with_more(analysis, made, dependency.name, limit, "tokens")


def _limit(dependency: Dependency, stated: Stated[Fraction], what: str) -> Leaf:
    said = f"{dependency.name} takes {leaves.as_written(stated.value, stated, what)}"
    return Leaf(f"{what.removesuffix('s')} limit of {dependency.name}", stated, said)


def _with_rates(
    analysis: Analysis, made: Obligation, dependency: Dependency, stated: Stated[Fraction], what: str
) -> Obligation:
    """Held against the limit at the peak; where a peak is over before the time in which the limit counts, refuted by
    the worst such time alone, for how evenly it counts within is not stated."""
    limit, (when, at) = _limit(dependency, stated, what), surely_when(analysis, dependency, what)
    plain, worst = (surely_asked(analysis, dependency, what, when, retried=one) for one in (False, True))
    made = replace(made, must=_must(dependency, limit, plain, worst, what, at))
    if isinstance(when, Level):
        return made
    plain, worst = (asked(analysis, dependency, what, Level.PEAK, retried=one) for one in (False, True))
    finer, remedy = unevenly(dependency, what, when)
    proof = _must(dependency, limit, plain, worst, what, "at the peak")
    return replace(made, proof=tuple(replace(one, broken=f"{one.broken}; {finer}") for one in proof), remedy=remedy)


_TIMES = {1: "second", 60: "minute", 3600: "hour"}


def surely_when(analysis: Analysis, dependency: Dependency, what: str) -> tuple[Level | int, str]:
    """When the most comes to a dependency of which it is sure that it comes: at a level, or in the worst so many
    seconds in which its limit counts, where peaks are over before these are; and how that is told."""
    level = _surely(analysis, dependency.name)
    if level is not Level.PEAK:
        return level, "at the steady level"
    period = dependency.requests_period_seconds if what == "requests" else dependency.tokens_period_seconds
    if any(ends_within(one, period) for one in analysis.demands_of(dependency.name)):
        return period, f"in the worst {_TIMES[period]}"
    return level, "at the peak"


def surely_asked(
    analysis: Analysis, dependency: Dependency, what: str, when: Level | int, *, retried: bool
) -> Expression:
    """Requests or tokens a second then; calls that do not state their tokens count none."""
    if isinstance(when, Level):
        return asked(analysis, dependency, what, when, retried=retried)
    return _in_a_window(analysis, dependency, what, when, retried=retried)


def unevenly(dependency: Dependency, what: str, period: int) -> tuple[str, str]:
    """Why the worst such time does not decide it, and what would."""
    finer = f"whether {dependency.name} counts evenly within the {_TIMES[period]} is not stated"
    return finer, f"what {dependency.name} takes in a shorter time, as `limit … {what}/s` says it, would decide it"


def asked(analysis: Analysis, dependency: Dependency, what: str, level: Level, *, retried: bool) -> Expression:
    """Requests or tokens a second; calls that do not state their tokens count none."""
    if what == "requests":
        return analysis.rate(level, dependency.name, retried=retried)
    parts = [
        analysis.call_rate(level, call, retried=retried) * each
        for call in analysis.into(dependency.name)
        if (each := leaves.tokens(call)) is not None
    ]
    return total(sorted(parts, key=value))


def _in_a_window(analysis: Analysis, dependency: Dependency, what: str, period: int, *, retried: bool) -> Expression:
    """As `_asked`, a second, of the worst such time."""
    parts = []
    for call in analysis.into(dependency.name):
        each = lift(1) if what == "requests" else leaves.tokens(call)
        if each is not None:
            parts += [one * each for one in surely_made(analysis, call, period, retried=retried)]
    return total(sorted(parts, key=value))


def with_more(analysis: Analysis, made: Obligation, dependency: str, limit: Leaf, what: str) -> Obligation:
    """With what is enough where agents may work off what has piled up, or a retry budget lets more through."""
    works_off = releases(analysis, dependency)
    if made.gap or not (works_off or budgeted(analysis, dependency)):
        return made
    if made.broken is None and not all(one.holds for one in made.proof or ()):
        # Even less than that is not known to be taken.
        return made
    most = Fraction(0)
    for call in analysis.into(dependency):
        asked, each = most_asked(analysis, call), call.tokens_per_call
        if isinstance(asked, str):
            return replace(made, gap=asked)
        most += asked if what == "requests" or each is None else asked * each.value
    need = Derived(f"most {what} that reach {dependency}", most, ())
    relation, sent = Relation(need, Order.AT_MOST, lift(limit.number)), leaves.as_written(most, limit.stated, what)
    takes = leaves.as_written(limit.number, limit.stated, what)
    if works_off:
        told = f"all agents that work off what has piled up send {dependency} {sent}, which takes {takes}"
        room, fewer = told, "fewer agents at the most or more at the least would decide it"
        remedy = f"`admit at most …` in the call of {dependency}, {fewer}"
    else:
        told = f"{sent} reach {dependency} {ALWAYS}; {dependency} takes {takes}"
        room = f"{sent.partition(' ')[0]} of {takes} reach {dependency} {ALWAYS}: {share(relation.slack)} to spare"
        remedy = "a longer back-off, or fewer retries, would decide it"
    return replace(made, proof=(Condition(relation, told, room),), remedy=remedy)


ALWAYS = (
    f"at the peak when every call is retried to the end, and {ENVOY_MIN_RETRY_CONCURRENCY} retries may run at once in "
    "each proxy whatever its budget"
)


def _surely(analysis: Analysis, dependency: str) -> Level:
    """The level that comes to it whatever queues do: of a peak that they level no more does than agents turn over."""
    levelled = any(not passed_on(analysis, wave) for wave in waves_before(analysis, dependency))
    return Level.STEADY if levelled else Level.PEAK


def _rate(dependency: Dependency, limit: Leaf, what: str) -> Obligation:
    return Obligation(
        id=f"{'rate' if what == 'requests' else 'tokens'}/{dependency.name}",
        claim=f"{dependency.name} is never asked for more {what} per second than it takes",
        at=limit.stated.span,
        code="ST2302" if what == "requests" else "ST2303",
        must=(),
    )


def _must(
    dependency: Dependency, limit: Leaf, plain: Expression, worst: Expression, what: str, at: str
) -> tuple[Condition, ...]:
    def told(rate: Fraction) -> str:
        return leaves.as_written(rate, limit.stated, what)

    def of_limit(rate: Fraction) -> str:
        """200 of 300 tokens/min."""
        return f"{told(rate).partition(' ')[0]} of {told(limit.number)}"

    said = f"{dependency.name} takes {told(limit.number)}"
    usual = f"{told(value(plain))} reach {dependency.name} {at}"
    retried = f"{told(value(worst))} reach {dependency.name} {at} when every call is retried to the end"
    first, second = Relation(plain, Order.AT_MOST, limit), Relation(worst, Order.AT_MOST, limit)
    if value(plain) == value(worst):
        usual_room = f"{of_limit(value(plain))} reach {dependency.name} {at}: {share(first.slack)} to spare"
        return (Condition(first, f"{usual}, even without retries; {said}", usual_room),)
    room = (
        f"{of_limit(value(worst))} reach {dependency.name} {at} when every call is retried to the end: "
        f"{share(second.slack)} to spare"
    )
    fewer = f"retry at fewer of the calls on the way to {dependency.name}: with none {told(value(plain))} reach it"
    return (
        Condition(first, f"{usual}, without any retries; {said}", ""),
        Condition(second, f"{retried} ({told(value(plain))} without retries); {said}", room, remedy=fewer),
    )
