"""What a period is predicted to cost at the demand that is stated, item by item, against the predicted bill allowed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from ...model import Budget, Fleet, Period, Pool
from ...semantics.spend import HOUR_S, Peak, peak_seconds
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


def bills(analysis: Analysis) -> list[Obligation]:
    return [_below(analysis, one, index) for index, one in enumerate(analysis.fleet.bills)]


def _below(analysis: Analysis, one: Budget, index: int) -> Obligation:
    """Unsatisfiable iff the lines of the predicted bill come to the limit or more.

    The prediction: agents and nodes that the steady level needs outside the peaks and the peak level inside them,
    tokens and data of every request, without retries. A month is 730 hours; discounts and storage are not counted.
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
    need = total(line.dollars for line in ordered)
    told = "; ".join(
        f"{number(round(line.quantity))} {line.unit} of {line.name} {dollars(value(line.dollars))}"
        for line in reversed(ordered)
    )
    text = f"{dollars(value(need))} {a_period} are predicted, {dollars(limit.number)} allowed: {told}"
    return Obligation(
        id=id,
        claim=claim,
        at=one.at,
        code="ST2702",
        must=(Condition(Relation(need, Order.BELOW, limit), text, text),),
        bound=value(need),
    )


def lines(analysis: Analysis, period: Period) -> list[Line] | str:
    """The lines of the bill; or what is missing."""
    if analysis.circle:
        return "calls go in a circle"
    fleet, seconds_ = analysis.fleet, Fraction(period.hours * HOUR_S)
    peak = min(seconds_, sum((seconds_at_peak(fleet, name, seconds_) for name in _names(fleet)), Fraction(0)))
    peak_hours, hours = peak / HOUR_S, seconds_ / HOUR_S
    agents: dict[Level, dict[str, int]] = {Level.STEADY: {}, Level.PEAK: {}}
    for pool in fleet.pools:
        for level in ENDS:
            needed = _agents(analysis, pool, level)
            if isinstance(needed, str):
                return needed
            agents[level][pool.name] = needed
    found = [
        Line(
            "agents",
            pool.name,
            mean * hours,
            "agent-hours",
            derived(f"agent-hours of {pool.name}", mean * hours, _basis(analysis)) * price,
        )
        for pool in fleet.pools
        if (price := leaves.agent_price(pool)) is not None
        for mean in [_mean(agents, pool.name, peak_hours, hours)]
    ]
    if any(each.dollars_per_hour is not None for each in fleet.nodes):
        most = {each.name: each.count_max.value for each in fleet.nodes}
        used = {level: placed(fleet.nodes, fleet.pools, agents[level], most) for level in ENDS}
        for each in fleet.nodes:
            node_price = leaves.node_price(each)
            if node_price is None:
                continue
            counts = {}
            for level in ENDS:
                at = used[level]
                low, high = each.count_min.value, each.count_max.value
                counts[level] = high if at is None else min(max(at.get(each.name, 0), low), high)
            node_hours = counts[Level.PEAK] * peak_hours + counts[Level.STEADY] * (hours - peak_hours)
            cost = derived(f"node-hours of {each.name}", node_hours, _basis(analysis)) * node_price
            found.append(Line("nodes", each.name, node_hours, "node-hours", cost))
    return found + _used(analysis, seconds_)


def _used(analysis: Analysis, seconds_: Fraction) -> list[Line]:
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
                        at_peak = seconds_at_peak(fleet, demand.name, seconds_)
                        steady, top = leaves.steady(demand), leaves.peak(demand)
                        requests = steady * (seconds_ - at_peak) + top * at_peak
                        parts.append(requests * visits[call.caller] * leaves.per_request(call) * each)
            amount = total(parts)
            if parts:
                found.append(Line(kind, dependency.name, value(amount) / size, unit, amount * price))
    return found


def _names(fleet: Fleet) -> list[str]:
    return [demand.name for demand in fleet.demands]


def seconds_at_peak(fleet: Fleet, name: str, horizon: Fraction) -> Fraction:
    """Of so many seconds, those that a demand is at its peak; 0 where it has none."""
    demand = fleet.demand(name)
    if demand.peak_per_second.value == demand.steady_per_second.value:
        return Fraction(0)
    lasts, every = demand.peak_for_seconds, demand.peak_every_seconds
    return peak_seconds(horizon, Peak(lasts.value if lasts else None, every.value if every else None))


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


def _mean(agents: dict[Level, dict[str, int]], pool: str, peak_hours: Fraction, hours: Fraction) -> Fraction:
    spent = agents[Level.PEAK][pool] * peak_hours + agents[Level.STEADY][pool] * (hours - peak_hours)
    return spent / hours


def _basis(analysis: Analysis) -> list[Expression]:
    """The literals that decide how many agents run and when."""
    found: list[Expression] = []
    for pool in analysis.fleet.pools:
        found += [leaves.agents_min(pool), leaves.agents_max(pool), leaves.concurrency(pool)]
        found += [leaf for leaf in (leaves.service_mean(pool),) if leaf is not None]
    for demand in analysis.fleet.demands:
        found += [leaves.steady(demand), leaves.peak(demand)]
    return found
