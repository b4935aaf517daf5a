"""What a period is predicted to cost at the demand that is stated, item by item, against the predicted bill allowed."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from itertools import permutations
from operator import itemgetter

from ...model import Budget, Demand, Fleet, Nodes, Period, Pool
from ...semantics.spend import HOUR_S, Peak, least_peak_seconds, peak_seconds
from ..exact.expression import Expression, Leaf, Order, Relation, derived, total, value
from ..flows import leaves
from ..flows.analysis import ENDS, Analysis, Level
from ..flows.packing import placed
from ..obligation import Condition, Obligation
from ..words import dollars, number


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill: what of (a pool, a node class, a dependency), how much, and the dollars."""

    kind: str
    name: str
    quantity: Fraction
    unit: str
    dollars: Expression
    """At the most."""
    least: Expression


def bills(analysis: Analysis) -> list[Obligation]:
    return [_below(analysis, one, index) for index, one in enumerate(analysis.fleet.bills)]


def _below(analysis: Analysis, one: Budget, index: int) -> Obligation:
    """Unsatisfiable iff the lines of the predicted bill come to the limit or more.

    The prediction: agents and nodes that the steady level needs outside the peaks and the peak level inside them,
    tokens and data of every request, without retries. Of several demands it is not stated which peaks meet: refuted by
    what each comes to alone, proved as though no two met and each were all of them; nor which class of nodes is filled
    first: refuted by the fewest of each, proved by the most. A month is 730 hours; discounts and storage are not
    counted.
    """
    found = lines(analysis, one.period)
    a_period = one.period.one
    rank = f" {index + 1}" if index else ""
    limit = Leaf(f"predicted bill {a_period}{rank}", one.dollars, f"below {dollars(one.dollars.value)} {a_period}")
    id = f"bill/{one.period}{f'/{index + 1}' if index else ''}"
    claim = f"a bill of less than {dollars(limit.number)} {a_period} is predicted"
    if isinstance(found, str):
        return Obligation(id, claim, one.at, "ST2702", must=(), gap=found)
    if not found:
        return Obligation(id, claim, one.at, "ST2702", must=(), gap="nothing in the fleet has a price")
    ordered = sorted(found, key=lambda line: value(line.dollars))
    least, most = least_of(ordered), total(line.dollars for line in ordered)
    told = "; ".join(
        f"{number(round(line.quantity))} {line.unit} of {line.name} {dollars(value(line.dollars))}"
        for line in reversed(ordered)
    )
    text = f"{dollars(value(most))} {a_period} are predicted, {dollars(limit.number)} allowed: {told}"
    sure = Condition(Relation(most, Order.BELOW, limit), text, text)
    if value(least) == value(most):
        return Obligation(id, claim, one.at, "ST2702", must=(sure,), bound=value(most))
    said = f"{dollars(value(least))} {a_period} are predicted at the least, {dollars(limit.number)} allowed"
    return Obligation(
        id,
        claim,
        one.at,
        "ST2702",
        must=(Condition(Relation(least, Order.BELOW, limit), f"{said}; up to {text}", ""),),
        proof=(replace(sure, broken=f"{WHICH_MEET}: at the most {text}"),),
        remedy=APART,
        bound=value(most),
    )


WHICH_MEET = "which peaks meet, or which nodes are filled first, is not stated"
APART = "one demand for all, `on NODES` in the pools, or bounds that do not depend on it, would decide it"


def least_of(found: list[Line]) -> Expression:
    return total(sorted((line.least for line in found), key=value))


def lines(analysis: Analysis, period: Period, seldom: Collection[str] = ()) -> list[Line] | str:
    """The lines of the bill; or what is missing. Peaks come as often as they may, of `seldom` as rarely as they may."""
    if analysis.circle:
        return "calls go in a circle"
    fleet, seconds_ = analysis.fleet, Fraction(period.hours * HOUR_S)
    course = _Course(
        analysis,
        seconds_ / HOUR_S,
        {one.name: seconds_at_peak(one, seconds_, seldom=one.name in seldom) / HOUR_S for one in fleet.demands},
        {one.name: seconds_at_peak(one, seconds_) / HOUR_S for one in fleet.demands},
    )
    agents: dict[Level, dict[str, int]] = {Level.STEADY: {}, Level.PEAK: {}}
    for pool in fleet.pools:
        for level in ENDS:
            needed = _agents(analysis, pool, level)
            if isinstance(needed, str):
                return needed
            agents[level][pool.name] = needed
    found = []
    for pool in fleet.pools:
        price = leaves.agent_price(pool)
        if price is None:
            continue
        passed = {one.name for name in analysis.reached(pool.name) for one in analysis.demands_of(name)}
        ends = agents[Level.STEADY][pool.name], agents[Level.PEAK][pool.name]
        least, most = course.hours_of(ends, passed, itemgetter(pool.name))
        found.append(_line(analysis, "agents", pool.name, (least, most), "agent-hours", price))
    if any(each.dollars_per_hour is not None for each in fleet.nodes):
        steady, top = (_nodes(fleet, agents[level]) for level in (Level.STEADY, Level.PEAK))
        for each in fleet.nodes:
            node_price = leaves.node_price(each)
            if node_price is not None:
                passed = {one.name for one in fleet.demands}
                spans = [
                    course.hours_of(
                        (steady[each.name][end], top[each.name][end]), passed, partial(_of, fleet, each, end)
                    )
                    for end in (0, 1)
                ]
                both = min(spans[0][0], spans[1][1]), spans[1][1]
                found.append(_line(analysis, "nodes", each.name, both, "node-hours", node_price))
    return found + _used(analysis, seconds_, seldom)


def _line(
    analysis: Analysis, kind: str, name: str, both: tuple[Fraction, Fraction], unit: str, price: Expression
) -> Line:
    basis = _basis(analysis)
    least, most = (derived(f"{unit} of {name}", hours, basis) * price for hours in both)
    return Line(kind, name, both[1], unit, most, most if both[0] == both[1] else least)


@dataclass(frozen=True)
class _Course:
    """So many hours, and those of them at which each demand is at its peak; `often`: where all come as often as they
    may."""

    analysis: Analysis
    hours: Fraction
    peaks: Mapping[str, Fraction]
    often: Mapping[str, Fraction]
    _alone: dict[str, dict[str, int] | None] = field(default_factory=dict)

    def hours_of(
        self, ends: tuple[int, int], demands: Collection[str], at: Callable[[dict[str, int]], int]
    ) -> tuple[Fraction, Fraction]:
        """Of what there are so many at the steady level and at the peak of these demands, at the least and at the most;
        `at`: how many, from the agents that there are while one demand alone is at its peak."""
        steady, top = ends
        busy = [name for name in self.peaks if name in demands and self.peaks[name] > 0]
        inside = min(self.hours, sum((self.peaks[name] for name in busy), Fraction(0)))
        if sum((self.often[name] for name in busy), Fraction(0)) >= self.hours:
            inside = self.hours
        most = steady * (self.hours - inside) + top * inside
        if len(busy) < 2 or steady == top:
            return most, most
        least = steady * self.hours
        for name in busy:
            alone = self._agents_alone(name)
            if alone is not None:
                least = max(least, steady * self.hours + (at(alone) - steady) * self.peaks[name])
        return min(least, most), most

    def _agents_alone(self, name: str) -> dict[str, int] | None:
        """While this demand alone is at its peak."""
        if name not in self._alone:
            others = {one.name for one in self.analysis.fleet.demands} - {name}
            analysis = Analysis(steady_at(self.analysis.fleet, others, Level.STEADY))
            counts = {pool.name: _agents(analysis, pool, Level.PEAK) for pool in analysis.fleet.pools}
            known = {pool: count for pool, count in counts.items() if not isinstance(count, str)}
            self._alone[name] = known if len(known) == len(counts) else None
        return self._alone[name]


def steady_at(fleet: Fleet, names: Collection[str], level: Level) -> Fleet:
    """The fleet in which these demands have one level always."""
    demands = []
    for one in fleet.demands:
        if one.name in names:
            stays = one.steady_per_second if level is Level.STEADY else one.peak_per_second
            one = replace(one, steady_per_second=stays, peak_per_second=stays)
        demands.append(one)
    return replace(fleet, demands=tuple(demands))


def _nodes(fleet: Fleet, agents: dict[str, int]) -> dict[str, tuple[int, int]]:
    """Nodes of each class that so many agents need, at the least and at the most: whichever class they fill first."""
    most = {each.name: each.count_max.value for each in fleet.nodes}
    found = {}
    ways = [placed(classes, fleet.pools, agents, most) for classes in _orders(fleet)]
    for each in fleet.nodes:
        low, high = each.count_min.value, each.count_max.value
        counts = [high if used is None else min(max(used.get(each.name, 0), low), high) for used in ways]
        found[each.name] = min(counts), max(counts)
    return found


def _orders(fleet: Fleet) -> list[tuple[Nodes, ...]]:
    """In which agents may fill the classes, which are the scheduler's choice: of many the ends by price."""
    if len(fleet.nodes) <= _MOST_CLASSES:
        return list(permutations(fleet.nodes))
    by_price = sorted(
        fleet.nodes, key=lambda one: (one.dollars_per_hour.value if one.dollars_per_hour else Fraction(0), one.name)
    )
    return [tuple(by_price), tuple(reversed(by_price))]


_MOST_CLASSES = 3


def _of(fleet: Fleet, each: Nodes, end: int, agents: dict[str, int]) -> int:
    return _nodes(fleet, agents)[each.name][end]


def _used(analysis: Analysis, seconds_: Fraction, seldom: Collection[str]) -> list[Line]:
    """Tokens and data of the requests in so many seconds, by dependency."""
    fleet = analysis.fleet
    found = []
    for dependency in fleet.dependencies:
        token_price, byte_price = leaves.token_price(dependency), leaves.byte_price(dependency)
        for kind, unit, size, price in (
            ("tokens", "tokens", Fraction(1), token_price),
            ("data", "GB", Fraction(10**9), byte_price),
        ):
            if price is None:
                continue
            parts: list[Expression] = []
            for call in analysis.into(dependency.name):
                each = leaves.tokens(call) if kind == "tokens" else leaves.data(call)
                if each is None:
                    continue
                for demand in fleet.demands:
                    visits = analysis.visits(demand)
                    if call.caller in visits:
                        at_peak = seconds_at_peak(demand, seconds_, seldom=demand.name in seldom)
                        steady, top = leaves.steady(demand), leaves.peak(demand)
                        requests = steady * (seconds_ - at_peak) + top * at_peak
                        parts.append(requests * visits[call.caller] * leaves.per_request(call) * each)
            amount = total(parts)
            if parts:
                cost = amount * price
                found.append(Line(kind, dependency.name, value(amount) / size, unit, cost, cost))
    return found


def seconds_at_peak(demand: Demand, horizon: Fraction, *, seldom: bool = False) -> Fraction:
    """Of so many seconds, those that a demand is at its peak, at the most or as rarely as it may; 0 where it has
    none."""
    if demand.peak_per_second.value == demand.steady_per_second.value:
        return Fraction(0)
    lasts, every = demand.peak_for_seconds, demand.peak_every_seconds
    peak = Peak(lasts.value if lasts else None, every.value if every else None)
    return least_peak_seconds(horizon, peak) if seldom else peak_seconds(horizon, peak)


def _agents(analysis: Analysis, pool: Pool, level: Level) -> int | str:
    low, high = int(leaves.agents_min(pool).number), int(leaves.agents_max(pool).number)
    if low == high:
        return low
    state = analysis.occupancy(level).of(pool)
    if isinstance(state, str):
        return state
    if pool.may_be_empty:
        return state.unrest
    return min(max(low, math.ceil(state.agents)), high)


def _basis(analysis: Analysis) -> list[Expression]:
    """The literals that decide how many agents run and when."""
    found: list[Expression] = []
    for pool in analysis.fleet.pools:
        found += [leaves.agents_min(pool), leaves.agents_max(pool), leaves.concurrency(pool)]
        found += [leaf for leaf in (leaves.service_mean(pool),) if leaf is not None]
    for demand in analysis.fleet.demands:
        found += [leaves.steady(demand), leaves.peak(demand)]
    return found
