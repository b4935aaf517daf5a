"""Calls that never get an answer -> the slots that they hold, and what is served with the others.

Invariant: a call without an answer holds its caller's slot until the caller gives up, whatever else goes on.

Source: Little's law; Beyer et al., "Site Reliability Engineering" (2016), ch. 22, "Bimodal latency": of 1,000
requests/s on 1,000 threads 5 % never end, and each has a deadline of 100 s, so 5,000 threads are wanted and
19.6 % are served. Rates are per second, times in seconds, shares 0..1; exact.
"""

from __future__ import annotations

from fractions import Fraction


def share_touched(share: Fraction, calls: Fraction) -> Fraction:
    """The least share of requests that make a call without an answer, `calls` being made for each on average.

    A request that makes a call meets it with at least this chance; fewer than one call: so many fewer requests do.
    """
    return share * min(Fraction(1), calls)


def served(slots: Fraction, wanted: Fraction) -> Fraction:
    """The share of requests that find a slot when so many are wanted: who comes finds one as often as there are any."""
    return Fraction(1) if wanted <= slots else slots / wanted
