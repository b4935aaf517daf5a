"""Envoy's own words for the clauses of a call, shared by every target that speaks to an Envoy.

Turns a retry, breaker, limit or shed clause into fragments of Envoy's v3 API; the local Envoy takes them as they are,
Istio takes through an EnvoyFilter those that its own API lacks. Invariant: every field whose default would change what
the clause means is written out.

Sources: Envoy 1.40 API reference (config.cluster.v3.OutlierDetection, CircuitBreakers, config.route.v3.RetryPolicy,
extensions.filters.http.admission_control.v3, extensions.filters.http.local_ratelimit.v3, Cluster.SlowStartConfig) and
its "Outlier detection", "Admission control", "Local rate limit" and "Slow start" pages.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil

from seatrial.compiler.model import Route
from seatrial.compiler.plan import BreakPlan, CallPlan, LimitPlan, RetryPlan, ShedOnFailurePlan
from seatrial.compiler.plan_rates import AdmitPlan, WarmUpPlan
from seatrial.compiler.semantics.balancing import REDRAWS
from seatrial.compiler.semantics.outlier import MERGE_WINDOW_S, SHARE_HOSTS, SHARE_VOLUME
from seatrial.compiler.semantics.retries import ENVOY_MIN_RETRY_CONCURRENCY
from seatrial.compiler.semantics.shedding import MOST_REJECTED
from seatrial.compiler.semantics.token_bucket import fill

from .base import Json, Object
from .quantity import duration, milliseconds, number, percent_down

TYPE = "type.googleapis.com/envoy"

RETRY_ON = "5xx,reset,connect-failure,refused-stream"
"""5xx already means "any 5xx answer, or none at all: disconnect, reset, time-out of a try" (router filter page,
x-envoy-retry-on); the other three are named so that a reader sees it. Calls are taken to be safe to repeat: a spec that
retries says so."""

LEFT_TO_AGENTS = (Route.BY_SUCCESS, Route.BY_CAPACITY, Route.BY_SKILL)
"""Choices that need what only agents know: a proxy sends to the less loaded of two hosts instead."""

UNLIMITED = 4294967295
"""The largest uint32: what Istio writes where nothing bounds a cluster. Envoy's own default of 1024 connections,
pending and active requests, and of 3 concurrent retries, would be a limit that no one wrote."""

MIN_RETRY_CONCURRENCY = ENVOY_MIN_RETRY_CONCURRENCY
"""Envoy's and Istio's default: so many retries may run at once whatever the budget, or a quiet caller could never retry
(20 % of 4 requests in flight is less than one)."""

HOST_SELECTION_ATTEMPTS = REDRAWS
"""How often a retry looks for a host that it has not tried; Istio's value."""


def timeout(call: CallPlan) -> Fraction | None:
    """The route's timeout: with no second try the time for one try bounds the whole call (Istio drops `perTryTimeout`
    together with the retry policy)."""
    if call.retry.attempts or call.try_timeout_seconds is None:
        return call.timeout_seconds
    return min(call.try_timeout_seconds, call.timeout_seconds or call.try_timeout_seconds)


UPDATE_MERGE_WINDOW = duration(MERGE_WINDOW_S)
"""How long Envoy may hold back changes of its hosts' health to apply them together (CommonLbConfig). By default a
second: of several hosts that die at once all but the first would be called for a second longer, ejected or not; with
three of six agents dead that cost 2 % of all requests, measured. Not 0, which a merge of protobufs may drop."""


def retry_back_off(retry: RetryPlan) -> Object:
    """Base and cap; both at least a millisecond, and the cap not under the base, as Envoy demands."""
    base = milliseconds(retry.backoff_seconds)
    cap = max(base, milliseconds(retry.backoff_cap_seconds))
    return {"base_interval": duration(Fraction(base, 1000)), "max_interval": duration(Fraction(cap, 1000))}


def another_host() -> Object:
    """A retry looks for a host that this request has not tried."""
    return {
        "name": "envoy.retry_host_predicates.previous_hosts",
        "typed_config": {"@type": f"{TYPE}.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"},
    }


def retry_budget(share: Fraction) -> Object:
    """Retries in flight at most this share of the requests in flight and pending."""
    return {"budget_percent": {"value": number(share * 100)}, "min_retry_concurrency": MIN_RETRY_CONCURRENCY}


def circuit_breakers(limit: LimitPlan | None, retry: RetryPlan) -> Object:
    """Bounds of one calling proxy on the whole callee. A budget takes the place of `max_retries`."""

    def bound(value: int | None) -> int:
        return UNLIMITED if value is None else value

    threshold: Object = {
        "priority": "DEFAULT",
        "max_connections": bound(limit.connections if limit else None),
        "max_pending_requests": bound(limit.pending if limit else None),
        "max_requests": bound(limit.in_flight if limit else None),
        "max_retries": UNLIMITED,
    }
    if retry.attempts and retry.budget_share is not None:
        threshold["retry_budget"] = retry_budget(retry.budget_share)
    return {"thresholds": [threshold]}


def failure_percentage_threshold(success_below: Fraction) -> int:
    """Envoy ejects at this share of failures or above, in whole per cent: "below 80 % success" is 20.

    Rounded up and never 0, which would eject a host that has not failed once.
    """
    return max(1, ceil((1 - success_below) * 100))


def ejects(breaker: BreakPlan) -> bool:
    """Whether any host could be put aside: Envoy counts whole per cent, and 0 means nobody."""
    return percent_down(breaker.eject_share) > 0


def outlier_detection(breaker: BreakPlan) -> Object:
    """One detector on, the others off.

    The sweep's interval is also the window of the failure share. `max_ejection_time` equals the base, or Envoy would
    add the base once more for each further ejection of a host, up to 300 s.
    """
    time = duration(breaker.eject_for_seconds)
    found: Object = {
        "interval": duration(breaker.over_seconds),
        "base_ejection_time": time,
        "max_ejection_time": time,
        "max_ejection_percent": percent_down(breaker.eject_share),
        "enforcing_success_rate": 0,
        "enforcing_consecutive_gateway_failure": 0,
    }
    if breaker.errors is not None:
        return {
            **found,
            "consecutive_5xx": breaker.errors,
            "enforcing_consecutive_5xx": 100,
            "enforcing_failure_percentage": 0,
        }
    return {
        **found,
        "enforcing_consecutive_5xx": 0,
        "failure_percentage_threshold": failure_percentage_threshold(breaker.success_below or Fraction(0)),
        "enforcing_failure_percentage": 100,
        "failure_percentage_minimum_hosts": SHARE_HOSTS,
        "failure_percentage_request_volume": SHARE_VOLUME,
    }


def runtime_key(call: CallPlan, name: str) -> str:
    """A key of Envoy's runtime that belongs to one edge alone: `seatrial.triage--resolver.delay_percent`."""
    return f"seatrial.{call.name}.{name}"


def admission_control(call: CallPlan, shed: ShedOnFailurePlan) -> Object:
    """The filter that turns requests away at the caller while the callee's success share is under the threshold.

    It rejects with probability ((total - successes / threshold) / (total + 1)) ^ (1 / aggression); 5xx is failure.
    """
    success: Json = [{"start": 100, "end": 500}]
    return {
        "name": "envoy.filters.http.admission_control",
        "typed_config": {
            "@type": f"{TYPE}.extensions.filters.http.admission_control.v3.AdmissionControl",
            "enabled": {"default_value": True, "runtime_key": runtime_key(call, "shed_enabled")},
            "success_criteria": {"http_criteria": {"http_success_status": success}},
            "sampling_window": duration(shed.over_seconds),
            "sr_threshold": {
                "default_value": {"value": number(shed.success_below * 100)},
                "runtime_key": runtime_key(call, "shed_success_percent"),
            },
            "aggression": {"default_value": 1.0, "runtime_key": runtime_key(call, "shed_aggression")},
            "max_rejection_probability": {
                "default_value": {"value": number(MOST_REJECTED * 100)},
                "runtime_key": runtime_key(call, "shed_max_rejection_percent"),
            },
        },
    }


def local_rate_limit(call: CallPlan, admit: AdmitPlan) -> Object:
    """The filter that turns requests away at the caller, with 429, once its token bucket is empty.

    One bucket for all of the proxy's threads and connections. Both fractions are 0 by default: nothing would be
    limited. Retries are the router's, behind it, and take no tokens.
    """
    tokens, interval = fill(admit.per_second)

    def always(name: str) -> Object:
        return {
            "default_value": {"numerator": 100, "denominator": "HUNDRED"},
            "runtime_key": runtime_key(call, name),
        }

    return {
        "name": "envoy.filters.http.local_ratelimit",
        "typed_config": {
            "@type": f"{TYPE}.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
            "stat_prefix": call.name,
            "token_bucket": {
                "max_tokens": admit.burst,
                "tokens_per_fill": tokens,
                "fill_interval": duration(Fraction(interval, 1000)),
            },
            "filter_enabled": always("admit_enabled"),
            "filter_enforced": always("admit_enforced"),
        },
    }


def slow_start(warm_up: WarmUpPlan) -> Object:
    """A new host's weight is its age over the window, and no less than the share. An aggression of 1 is that line."""
    return {
        "slow_start_window": duration(warm_up.over_seconds),
        "aggression": {"default_value": 1.0, "runtime_key": "seatrial.warm_up_aggression"},
        "min_weight_percent": {"value": number(warm_up.from_share * 100)},
    }
