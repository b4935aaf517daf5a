"""An objective and its period -> the burn rates at which an alert is worth somebody's time.

A burn rate of f spends an error budget f times as fast as would use it up exactly by the end of the period. An alert
needs a long window, which says that enough is gone to matter, and a short one, which says that it is still going.
Invariant: no alert is returned that cannot fire: all requests failing burns at 1 / (1 - objective) and no faster.

Source: Google, The Site Reliability Workbook, ch. 5 "Alerting on SLOs", table 5-8: 2 % of a 30-day budget in 1 h and
5 % in 6 h wake somebody, 10 % in 1 d and in 3 d can wait; the short window is a twelfth of the long one. Here the
windows keep these shares of the budget and these rates for a period of any length.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

MONTH_S = 30 * 24 * 3600
"""The table's period, and what is meant where an objective names none."""

SHORTEST_LONG_S = 300
SHORTEST_SHORT_S = 60
"""A rate needs several scrapes, which are 15 s to a minute apart (Prometheus, `rate()`: at least two samples)."""

_SHORT = Fraction(1, 12)


class Urgency(StrEnum):
    """Whether somebody is woken or finds it in the morning."""

    PAGE = "page"
    TICKET = "ticket"


_TABLE: tuple[tuple[Fraction, Fraction, Urgency], ...] = (
    (Fraction(2, 100), Fraction(144, 10), Urgency.PAGE),
    (Fraction(5, 100), Fraction(6), Urgency.PAGE),
    (Fraction(10, 100), Fraction(3), Urgency.TICKET),
    (Fraction(10, 100), Fraction(1), Urgency.TICKET),
)
"""(share of the error budget that is gone, burn rate, urgency)."""


@dataclass(frozen=True, slots=True)
class BurnAlert:
    """Fires while more than `rate` times the error budget's pace is spent in both windows, in whole seconds."""

    rate: Fraction
    long_seconds: int
    short_seconds: int
    urgency: Urgency


def can_fire(rate: Fraction, objective: Fraction) -> bool:
    """Whether any share of failures up to all of them is above `rate` times what `objective` leaves over."""
    return rate * (1 - objective) < 1


@lru_cache(maxsize=1 << 10)
def burn_alerts(objective: Fraction, period_seconds: Fraction | int = MONTH_S) -> tuple[BurnAlert, ...]:
    """The alerts for `objective`, a share below 1, over `period_seconds`; the most urgent first, maybe none.

    A period too short for the table's windows gets longer ones, and so lower rates; those at which the budget would
    last the period are left out.
    """
    found: list[BurnAlert] = []
    for gone, rate, urgency in _TABLE:
        wanted = gone * period_seconds / rate
        seconds = max(_minutes(wanted), SHORTEST_LONG_S)
        actual = rate if seconds == wanted else gone * period_seconds / seconds
        # At a rate of 1 the budget lasts the period: the table's slowest alert stands right there.
        if actual < 1 or not can_fire(actual, objective) or any(one.long_seconds == seconds for one in found):
            continue
        short = max(_minutes(seconds * _SHORT), SHORTEST_SHORT_S)
        found.append(BurnAlert(actual, seconds, short, urgency))
    return tuple(found)


def left_out(objective: Fraction, period_seconds: Fraction | int = MONTH_S) -> bool:
    """Whether a page is missing that the table asks for, since it could never fire."""
    return not any(one.urgency is Urgency.PAGE for one in burn_alerts(objective, period_seconds))


def _minutes(seconds: Fraction) -> int:
    """Rounded to the nearest whole minute, the finest that a window is worth naming."""
    return 60 * math.floor(seconds / 60 + Fraction(1, 2))
