"""What fails, and what is late -> the most requests that shedding turns away, in the mean.

Invariant: both are upper bounds for every number of requests in a window, a single one as well.

A caller's proxy that sheds by success counts what it let through in the window: of `n` requests, a part `f` of which
failed, it rejects the next one with a probability of (n - n (1 - f) / threshold) / (n + 1), at most `MOST_REJECTED`:
for every threshold no more than `f`. What it rejects it does not count: one that failed is one of so many fewer.

An agent that sheds by latency looks at its answers of the last `LOOKS_BACK_S` seconds: more than 1 - q of them must be
later than the bound, which by Markov's inequality is no likelier than the share that is late, divided by 1 - q.

Source: Envoy, admission control (configuration/http/http_filters/admission_control_filter); Google SRE book, ch. 21,
"Client-side throttling".
"""

from __future__ import annotations

from fractions import Fraction

MOST_REJECTED = Fraction(80, 100)
"""`max_rejection_probability`, Envoy's default: a fifth always tries whether the callee is well again."""

LOOKS_BACK_S = 10
"""Seconds of answers from which an agent that sheds by latency works out its quantile."""


def rejected(failing: Fraction, rates: Fraction = Fraction(1)) -> Fraction:
    """For one request that fails, where no more than `failing` of those let through do, and arrivals are at most
    `rates` >= 1 times as many at one time of the window as at another."""
    return rates / (1 - min(MOST_REJECTED, failing))


def refused(late: Fraction, quantile: Fraction) -> Fraction:
    """Of requests that an agent sheds by latency, where at most this share of its answers is later than its bound."""
    return min(Fraction(1), late / (1 - quantile))
