"""A guarantee's id -> the unit of its limits, and what its margin is called in a summary.

Invariant: a kind is here only where all its conditions compare amounts of one unit; of the others the sentence of the
margin is all there is.
"""

from __future__ import annotations

from fractions import Fraction

from .words import dollars, number, seconds, share, size

_UNITS = {
    "capacity": "requests in hand",
    "budget": "dollars",
    "cost": "dollars",
    "bill": "dollars",
    "use": "dollars an hour",
    "unit-cost": "dollars",
    "connections": "connections",
    "rate": "requests/s",
    "cold": "requests/s",
    "tokens": "tokens/s",
    "amplification": "attempts",
    "timeouts": "seconds",
    "retry-after": "seconds",
    "health": "seconds",
    "latency": "seconds",
    "recovery": "seconds",
    "auction": "seconds",
    "negotiation": "seconds",
    "stop": "seconds",
    "starts": "seconds",
    "drain": "seconds",
    "disruption": "agents",
    "loss": "requests in hand",
    "takeover": "requests in hand",
    "storm": "requests in hand",
    "unanswered": "slots",
    "links": "links",
    "memory": "bytes",
    "agent-memory": "bytes",
}

_NAMES = {
    "capacity": "the slots of {0} ({1})",
    "budget": "the {0} budget a {1}",
    "cost": "the cost a {0}",
    "bill": "the bill a {0}",
    "connections": "the connections of {0}",
    "rate": "the requests to {0}",
    "cold": "the requests to {0} with cold caches",
    "tokens": "the tokens of {0}",
    "latency": "{1} of {0}",
    "recovery": "recovery",
    "success": "the failures that {0} may have",
    "loss": "the slots of {0} after a loss",
    "takeover": "the slots of {1} when {0} is lost",
    "storm": "the slots of {0} in a storm of retries",
    "unanswered": "the slots of {1} while {0} does not answer",
    "links": "the links of {0}",
    "memory": "the memory of {0}",
    "agent-memory": "the memory of each {0}",
    "namespace": "the {0} of the namespace",
}
"""What runs out by degrees. Margins of quorums and orders of things are whole numbers, and often 0 with good reason."""


def unit_of(id: str) -> str:
    """ "" where the limits of this kind count different things."""
    if id.startswith("success/"):
        return "share of requests"
    if id.startswith("cold/") and id.endswith("/tokens"):
        return "tokens/s"
    if id.startswith("takeover/") and id.count("/") >= 3:
        return _UNITS.get(id.split("/")[2], "")
    return _UNITS.get(id.partition("/")[0], "")


def amount(value: Fraction, unit: str) -> str:
    """A number of this unit as a user would say it."""
    match unit:
        case "dollars":
            return dollars(value)
        case "dollars an hour":
            return f"{dollars(value)} an hour"
        case "seconds":
            return seconds(value)
        case "share of requests":
            return share(value)
        case "bytes":
            return size(value)
    if value == 1:
        unit = unit.replace("requests", "request").removesuffix("s") if "/" not in unit else unit
    return f"{number(value)} {unit}"


def name_of(id: str) -> str:
    """In a user's words what is left of: "the compute budget a day"; "" for what does not run out by degrees."""
    kind, *rest = id.split("/")
    if kind == "cold" and rest[1:] == ["tokens"]:
        return f"the tokens of {rest[0]} with cold caches"
    if kind == "takeover" and len(rest) >= 3:
        return f"{words.format(rest[2])} when {rest[0]} is lost" if (words := _NAMES.get(rest[1], "")) else ""
    words = _NAMES.get(kind, "")
    try:
        # Of the periods of money, one begins with a vowel to the ear.
        return words.format(*rest).replace(" a hour", " an hour")
    except IndexError:
        return ""
