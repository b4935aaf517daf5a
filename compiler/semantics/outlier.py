"""Envoy's outlier detection and panic rule -> how many hosts it may take out, when, and for how long.

Invariant: the hosts that are ejected at once never exceed `ejectable`, and in panic ejection has no effect.

Source: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier,
`api/envoy/config/cluster/v3/outlier_detection.proto` (defaults), and
https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/panic_threshold. The floor in
`ejectable` was measured on Envoy 1.40: of 6 hosts 10 % and 16 % eject none, 17 % and 33 % one, 34 % two, 50 % three.
Each Envoy counts for itself: with many clients the rate per host is the rate that one client sends to it.
Percentages are whole numbers 0..100 as in the API; times seconds, rates per second, exact.
"""

from __future__ import annotations

from fractions import Fraction

DEFAULT_CONSECUTIVE_ERRORS = 5
DEFAULT_INTERVAL_S = 10
DEFAULT_BASE_EJECTION_S = 30
DEFAULT_MAX_EJECTION_S = 300
DEFAULT_MAX_EJECTION_PERCENT = 10
DEFAULT_PANIC_PERCENT = 50

MERGE_WINDOW_S = Fraction(1, 1000)
"""For so long an ejection may wait before it is seen (`common_lb_config.update_merge_window`, which the targets
write out; Envoy's own is 1 s): meanwhile the host is sent more."""


def ejectable(hosts: int, percent: int, always_one: bool = False) -> int:
    """Most hosts out at once under `max_ejection_percent`; `always_one` is `always_eject_one_host`."""
    most = hosts * percent // 100
    return min(hosts, max(1, most)) if always_one else most


def least_hosts_to_eject(percent: int) -> int | None:
    """Least hosts at which one can be ejected without `always_eject_one_host`; None for 0 %."""
    return -(-100 // percent) if percent else None


def panics(hosts: int, healthy: int, threshold: int = DEFAULT_PANIC_PERCENT) -> bool:
    """Whether traffic goes to all hosts again, healthy or not: strictly fewer than `threshold` per cent are healthy.

    Threshold 0 never panics (Istio sets it once outlier detection is set): with no healthy host, requests fail.
    """
    return hosts > 0 and healthy * 100 < threshold * hosts


def panic_threshold(hosts: int, threshold: int = DEFAULT_PANIC_PERCENT) -> int:
    """Fewest healthy hosts without panic."""
    return -(-hosts * threshold // 100)


def ejection_causes_panic(
    hosts: int, percent: int, threshold: int = DEFAULT_PANIC_PERCENT, always_one: bool = False
) -> bool:
    """Whether ejecting all that may be ejected brings the panic, so that the ejected hosts get traffic again."""
    return panics(hosts, hosts - ejectable(hosts, percent, always_one), threshold)


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


def share_detectable(rate_per_host: Fraction, interval: Fraction, volume: int, hosts: int, least_hosts: int) -> bool:
    """Whether success-rate or failure-percentage detection judges at all: `volume` requests to a host within one
    interval (`*_request_volume`), on at least `least_hosts` hosts (`*_minimum_hosts`)."""
    return rate_per_host * interval >= volume and hosts >= least_hosts


def ejection_duration(
    base: Fraction, times: int, maximum: Fraction = Fraction(DEFAULT_MAX_EJECTION_S), jitter: Fraction = Fraction(0)
) -> Fraction:
    """Seconds that the `times`-th ejection of a host in a row lasts: base x times, at most the larger of `maximum`
    and `base`, plus `max_ejection_time_jitter`. The return itself waits for the next interval."""
    return min(base * times, max(maximum, base)) + jitter
