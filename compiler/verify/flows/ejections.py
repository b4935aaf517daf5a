"""A call with `break after` -> how many of its callee's agents its proxies put aside at once, and for how long.

Invariant: upper bounds, whatever makes agents fail. Source: `semantics.outlier`.
"""

from __future__ import annotations

import math
from fractions import Fraction

from ...model import Break, Call
from ...semantics.outlier import back_within, ejectable


def most_aside(breaker: Break, size: int) -> int:
    """The most of so many agents that one proxy puts aside at once."""
    return ejectable(size, math.floor(breaker.eject_share.value * 100))


def ejected_share(call: Call) -> Fraction:
    """Of the callee's agents that may be put aside at once."""
    return call.policy.breaker.eject_share.value if call.policy.breaker is not None else Fraction(0)


def out_for(breaker: Break) -> Fraction:
    """Seconds from an agent's last failure until it is surely back."""
    base, interval = breaker.eject_for_seconds.value, breaker.over_seconds.value
    return back_within(base, interval, by_share=breaker.errors is None)


def back_after(call: Call) -> Fraction:
    """Seconds from the end of what makes agents fail until the call's proxies have surely taken all of them back."""
    breaker, limit = call.policy.breaker, call.policy.patience_seconds
    if breaker is None:
        return Fraction(0)
    # The last of them failed as long after its start as it was waited for.
    return (limit.value if limit is not None else 0) + out_for(breaker)
