"""A peak that a queue levels -> how much its agents take on in a time that begins with a peak.

Invariant: exact (`Fraction` requests, seconds, requests per second). Work-conserving: while something waits, agents
take on as much as they can.

Source: the least of a server's output behind a queue, arrivals convolved with its service curve in min-plus algebra
(Le Boudec and Thiran, "Network Calculus", 2001, section 1.4.1).
"""

from __future__ import annotations

from fractions import Fraction

from .spend import HOUR_S, Peak, worst_spend


def let_go(period: Fraction, steady: Fraction, peak: Fraction, spell: Peak, does: Fraction) -> Fraction:
    """What agents that do at least `does` a second take on in `period` seconds from when a peak begins, nothing waiting
    before: the least, over all moments at which nothing may have waited last, of what had come and what they do after.

    Between peaks no less is done than comes (`does` >= `steady`), so that moment is the beginning of a peak, the first
    or the last of the period, or its end."""

    def came(until: Fraction) -> Fraction:
        return worst_spend(until, steady * HOUR_S, peak * HOUR_S, spell)

    moments = {Fraction(0), period}
    if spell.every is not None:
        moments.add(period // spell.every * spell.every)
    return min(came(moment) + does * (period - moment) for moment in moments)
