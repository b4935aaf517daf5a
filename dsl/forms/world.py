"""Clauses of node classes, demands and dependencies."""

from __future__ import annotations

from .form import Times, form
from .money import BYTES_PRICE

NODES = (
    form("count", "count <count:count..>", "How many machines of this class there may be.", Times.ONCE),
    form("cpu", "cpu <cpu:cpu>", "Cores that pods may use on one machine.", Times.ONCE),
    form("memory", "memory <memory:bytes>", "Memory that pods may use on one machine.", Times.ONCE),
    form("pods", "pods <pods:positive>", "How many pods one machine takes."),
    form("gpu", "gpu <gpus:count>", "GPUs of one machine."),
    form("price", "price <price:price>", "What one machine costs."),
    form("zones", "zones <zones:positive>", "Over how many zones the machines are spread evenly."),
)

DEMAND = (
    form("steady", "steady <rate:rate>", "The level that lasts."),
    form("peak", "peak <rate:rate> [for <for:duration>] [every <every:duration>]",
       "The highest level, how long it lasts, and how often it comes; without `every` it may last always."),
    form("rises", "rises at most <rate:rate> per <window:duration>", "How fast the level may rise."),
    form("trace", "trace <path:text> [column <column:text>] [at <speed:factor>]",
       "Recorded arrivals: a CSV file with a column of time stamps, replayed at a chosen speed."),
    form("priority:word", "priority <level:low|normal|high|critical>", "How important its requests are."),
    form("priority:number", "priority <number:count>", "How important its requests are, as a number; normal is 0."),
)  # fmt: skip

DEPENDENCY = (
    form("limit", "limit (limits: <amount:number> <what:requests/s|requests/min|requests/h|tokens/s|tokens/min|tokens/h>)+",
       "How much it serves in a time."),
    form("connections", "connections <connections:positive>", "How many connections it takes at once."),
    form("memory", "memory <memory:bytes>", "How much memory it has for the agents' data."),
    form("latency", "latency (points: <quantile:quantile> <latency:duration>)+",
       "How long its answers take: p50 and p99."),
    form("price", "price <price:money> / <amount:positive> tokens", "What tokens cost."),
    form("refused", "refused wait <wait:duration>",
       "What it tells callers that it refuses: not again before this time (Retry-After)."),
    *BYTES_PRICE,
)  # fmt: skip
