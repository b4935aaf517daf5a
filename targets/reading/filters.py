"""EnvoyFilters of the kind that `compile` writes to what they say of a call; all others are left.

Invariant: a filter without the mark of compiled objects is left as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from ..names import DEMAND_LABEL
from .common import metadata
from .figures import lasting, part, whole
from .http_routes import once
from .manifest import Fields, texts
from .mesh import Edges
from .policy import Policy
from .spelling import is_rate


def envoy_filter(fields: Fields, edges: Edges) -> None:
    metadata(fields)
    if not fields.manifest.is_ours or once(fields, edges):
        return
    spec = fields.within("spec")
    labels = texts(spec.peek("workloadSelector.labels"))
    callers = edges.callers(labels) if labels else []
    caller, _, callee = fields.manifest.name.partition("--")
    if callers != [caller] or not callee:
        return
    if DEMAND_LABEL in labels:
        edges.entries.setdefault(caller, caller)
    spec.take("workloadSelector")
    policy = edges.policy(caller, callee)
    for patch in spec.each("configPatches"):
        value = patch.within("patch.value")
        if _ejection(value, policy) or _back_off(value, policy) or _filtering(value, policy):
            patch.skip("applyTo", "match", "patch")


def _ejection(value: Fields, policy: Policy) -> bool:
    found = value.peek("outlier_detection")
    if not isinstance(found, Mapping):
        return False
    if found.get("enforcing_failure_percentage") == 100:
        threshold = whole(found.get("failure_percentage_threshold"), least=0, most=100)
        if threshold is None:
            return False
        policy.success_below = 1 - Fraction(threshold, 100)
        policy.at("break", value.place("outlier_detection.failure_percentage_threshold"))
    return set(value.node) <= {"outlier_detection", "common_lb_config"}


def _back_off(value: Fields, policy: Policy) -> bool:
    said = value.peek("route.retry_policy")
    if not isinstance(said, Mapping) or set(said) - {"retry_back_off", "retry_host_predicate"}:
        return False
    found = said.get("retry_back_off")
    cap = lasting(found.get("max_interval")) if isinstance(found, Mapping) else None
    if cap is not None:
        policy.backoff_cap = cap
        policy.at("retry", value.place("route.retry_policy.retry_back_off.max_interval"))
    return cap is not None or "retry_host_predicate" in said


_OURS = ("seatrial.shed.", "seatrial.admit.")


def _filtering(value: Fields, policy: Policy) -> bool:
    """The filters of shedding and of a rate, and what switches them on for their route."""
    named, config = str(value.peek("name")), value.within("typed_config")
    if named.startswith("seatrial.admit."):
        tokens, burst = (whole(config.peek(f"token_bucket.{name}")) for name in ("tokens_per_fill", "max_tokens"))
        each = lasting(config.peek("token_bucket.fill_interval"))
        if tokens is None or burst is None or each is None or not is_rate(tokens / each):
            return False
        policy.admit = (tokens / each, burst)
        for name in ("tokens_per_fill", "fill_interval", "max_tokens"):
            policy.at("admit", config.place(f"token_bucket.{name}"))
        return True
    if named.startswith("seatrial.shed."):
        share = part(config.peek("sr_threshold.default_value.value"))
        window = lasting(config.peek("sampling_window"))
        if share is None or window is None:
            return False
        policy.shed = (share, window)
        for name in ("sr_threshold.default_value.value", "sampling_window"):
            policy.at("shed-failure", config.place(name))
        return True
    switched = value.peek("typed_per_filter_config")
    return isinstance(switched, Mapping) and all(str(name).startswith(_OURS) for name in switched)
