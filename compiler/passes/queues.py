"""Clauses -> queues of work."""

from __future__ import annotations

from seatrial.dsl.clauses import Clause
from seatrial.dsl.diagnostics import Diagnostic

from ..model import QueueOrder, Stated, WorkQueue
from . import defaults, stated
from .symbols import Symbols


def queue(clause: Clause, symbols: Symbols, found: list[Diagnostic]) -> WorkQueue | None:
    feeds, shards, order = clause.child("feeds"), clause.child("shards"), clause.child("order")
    if feeds is None or not symbols.find(feeds.values["pool"], ("pool",), found):
        return None
    return WorkQueue(
        name=clause.values["name"].text,
        at=clause.head,
        pool=stated.word(feeds, "pool"),
        shards=stated.maybe_whole(shards, "shards") or Stated(1, clause.head, "shards 1", defaults.LANGUAGE),
        by_skill=shards is not None and "by" in shards.values,
        order=Stated(QueueOrder.ARRIVAL, clause.head, "order arrival", defaults.LANGUAGE)
        if order is None
        else Stated(QueueOrder(order.values["order"].text), order.values["order"].span, stated.text_of(order)),
        alert_above=stated.maybe_whole(clause.child("alert"), "items"),
        age_seconds=stated.maybe_amount(clause.child("age"), "age"),
        batch=stated.maybe_whole(clause.child("batch"), "items")
        or Stated(1, clause.head, "batch up to 1", defaults.LANGUAGE),
        bound=stated.maybe_whole(clause.child("bound"), "items"),
    )
