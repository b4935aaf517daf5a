"""Auctions: each is over before the work has to start."""

from __future__ import annotations

from ...model.money import Auction, Combinatorial, Dutch, English
from ...semantics.auctions import MOST_STEPS, combinatorial_steps, dutch_steps
from ..exact.expression import Expression, Leaf, Order, Relation, derived, value
from ..flows import leaves
from ..flows.analysis import Analysis
from ..obligation import Condition, Obligation
from ..words import dollars, number, seconds, share

_MOST_ITEMS = 60


def auctions(analysis: Analysis) -> list[Obligation]:
    return [_ends(one) for one in analysis.fleet.auctions]


def _ends(one: Auction) -> Obligation:
    """Unsatisfiable iff the auction's longest course takes longer than its deadline (`semantics.auctions`)."""
    deadline = Leaf(
        f"deadline of {one.name}", one.deadline_seconds, f"over within {seconds(one.deadline_seconds.value)}"
    )
    need, told, gap = _longest(one)
    text = f"{told}, {one.name} has {seconds(deadline.number)}"
    conditions = () if need is None else (Condition(Relation(need, Order.AT_MOST, deadline), text, text),)
    return Obligation(
        id=f"auction/{one.name}",
        claim=f"the auction {one.name} is over before its work has to start",
        at=one.at,
        code="ST3151",
        must=conditions,
        gap=gap,
    )


def _longest(one: Auction) -> tuple[Expression | None, str, str]:
    """Seconds of the longest course, in words too; or why there is no such time."""
    match one.kind:
        case Dutch(start, drop, step, reserve):
            if reserve is None or reserve.value == 0:
                way = "state the reserve that it ends at: `dutch from $… down …% per …s to $…`"
                return None, "", f"a price that falls by a share of itself never reaches zero; {way}"
            steps = dutch_steps(start.value, drop.value, reserve.value)
            if steps is None:
                return None, "", f"the price needs more than {number(MOST_STEPS)} steps down to its reserve"
            basis = [
                Leaf(f"start of {one.name}", start, f"starts at {dollars(start.value)}"),
                Leaf(f"drop of {one.name}", drop, f"{share(drop.value)} less in each step"),
                Leaf(f"reserve of {one.name}", reserve, f"not below {dollars(reserve.value)}"),
            ]
            count = derived(f"steps of {one.name}", steps, basis)
            need: Expression = count * Leaf(f"step of {one.name}", step, f"a step takes {seconds(step.value)}")
            fall = f"from {dollars(start.value)} to {dollars(reserve.value)}"
            return need, f"{number(steps)} steps {fall} take {seconds(value(need))}", ""
        case English(lasting, every):
            need = Leaf(f"length of {one.name}", lasting, f"runs {seconds(lasting.value)}") + Leaf(
                f"time between bids of {one.name}", every, f"a bid every {seconds(every.value)}"
            )
            told = (
                f"{seconds(lasting.value)} and {seconds(every.value)} to answer the last bid are {seconds(value(need))}"
            )
            return need, told, ""
        case Combinatorial(items, lasting, step):
            if items.value > _MOST_ITEMS:
                return None, "", f"bundles of {items.value} items are beyond any search"
            count = derived(
                f"steps of {one.name}",
                combinatorial_steps(items.value),
                [Leaf(f"items of {one.name}", items, f"up to {items.value} items", positive=True)],
            )
            each = leaves.assumed(f"step of {one.name}", step, f"a step takes {seconds(step.value)}")
            need = Leaf(f"bidding of {one.name}", lasting, f"bids for {seconds(lasting.value)}") + count * each
            told = (
                f"bids for {seconds(lasting.value)} and then 3^{items.value} = {number(count.number)} steps take "
                f"{seconds(value(need))}"
            )
            return need, told, ""
