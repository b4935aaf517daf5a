"""Clauses of a queue of work."""

from __future__ import annotations

from .form import Times, form

QUEUE = (
    form("feeds", "feeds <pool:name>", "The pool whose agents take the items.", Times.ONCE),
    form("shards", "shards <shards:positive> [by <by:skill>]",
       "How many queues there are; by skill, each is worked off by agents of its own."),
    form("order", "order <order:arrival|priority|deadline|value>", "Which item is taken next."),
    form("alert", "alert above <items:positive>", "Someone is told when a shard holds more items."),
    form("age", "age at most <age:duration>", "How long an item may wait."),
    form("batch", "batch up to <items:positive>", "How many small items one agent may take at once."),
    form("bound", "holds at most <items:positive>", "A shard that holds as many items takes no more."),
)  # fmt: skip
"""An item counts as one request of the pool; what a batch saves is not credited."""
