"""Envoy's outlier detection -> how many hosts it may take out, whether it judges them at all, when it has, and when
they are back.

Invariant: the hosts that are ejected at once never exceed `ejectable`. The panic rule has no part in it: what is
compiled turns it off, as Istio does.

Source: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier and
`api/envoy/config/cluster/v3/outlier_detection.proto` (fields and defaults). The floor in
`ejectable` was measured on Envoy 1.40: of 6 hosts 10 % and 16 % eject none, 17 % and 33 % one, 34 % two, 50 % three.
Each Envoy counts for itself: with many clients the rate per host is the rate that one client sends to it.
Percentages are whole numbers 0..100 as in the API; times seconds, rates per second, exact.
"""

from __future__ import annotations

from fractions import Fraction

MERGE_WINDOW_S = Fraction(1, 1000)
"""For so long an ejection may wait before it is seen (`common_lb_config.update_merge_window`, which the targets
write out; Envoy's own is 1 s): meanwhile the host is sent more."""


SHARE_VOLUME = 10
"""`failure_percentage_request_volume`, as compiled: fewest requests to a host in one interval before its share counts.
Envoy's default of 50 a pool with little traffic per agent never reaches; with 10, one failure is 10 %."""

SHARE_HOSTS = 1
"""`failure_percentage_minimum_hosts`, as compiled: Envoy's default of 5 would turn the clause off in a small pool; how
many may go is `ejectable`'s to say."""


def ejectable(hosts: int, percent: int) -> int:
    """Most hosts out at once under `max_ejection_percent`, without `always_eject_one_host`."""
    return hosts * percent // 100


def detection_by_errors(errors: int, rate_per_host: Fraction, error_latency: Fraction = Fraction(0)) -> Fraction | None:
    """Seconds until `errors` consecutive failures of a dead host were answered; None when it gets no requests.

    The ejection is made inline at the last one, not at the interval, and seen after `MERGE_WINDOW_S`.
    `error_latency` is how long one failure takes to show: near 0 for a refused connection, the timeout for a host
    that hangs. Evenly spaced requests are assumed.
    """
    return errors / rate_per_host + error_latency + MERGE_WINDOW_S if rate_per_host > 0 else None


def detection_by_interval(interval: Fraction, error_latency: Fraction = Fraction(0)) -> Fraction:
    """Seconds until a success-rate or failure-percentage ejection at the latest.

    Shares are judged once an `interval` over the one that ended: a host that dies just after a judgement fills part of
    one interval with failures at worst too few to tell, and the whole of the next.
    """
    return 2 * interval + error_latency


def back_within(base: Fraction, interval: Fraction, *, by_share: bool) -> Fraction:
    """Seconds from a host's last failure until it is surely in rotation again.

    Errors eject at once, a share at the next sweep; a host returns at the first sweep after `base`, and sweeps are one
    `interval` apart (`interval`: "hosts being returned to service"). A further ejection lasts no longer: what is
    compiled makes `max_ejection_time` the base and leaves `max_ejection_time_jitter` at 0. Envoy's own health checks,
    which bring a host back earlier, are not counted on. Measured on Envoy 1.40 with 2 s and sweeps each 3 s, eleven
    ejections one after the other: 2.9 to 4.2 s each, the last as long as the second.
    """
    return base + (2 if by_share else 1) * interval


def judged_by_share(rate_per_host: Fraction, interval: Fraction, answered_after: Fraction | None = None) -> bool:
    """Whether a host is judged by its share of failures at all: it answers `SHARE_VOLUME` requests in one interval.

    `rate_per_host`: what one client sends to each host while all are well, evenly. `answered_after`: how long each
    answer of a host that hangs takes, which is then never sent more than one request at a time by a client that picks
    the less loaded (the least that it can be sent: 1 in each `answered_after` and the time until it is picked again).
    """
    if rate_per_host <= 0:
        return False
    if answered_after is not None:
        rate_per_host = 1 / (1 / rate_per_host + answered_after)
    return rate_per_host * interval >= SHARE_VOLUME
