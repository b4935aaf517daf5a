"""The compiled `envoy.json` -> the one the local Envoy runs, and its limits as the number of callers changes.

Invariant: only the numbers of `circuit_breakers` differ from what was compiled; every other value is what ships.

A limit in the compiled file is one calling proxy's. Here a single Envoy stands for all callers of an edge: for a pool
it gets the limit once for each agent that is there to call, and for a demand's gateway its share of the demand.
2^32-1 (no limit) stays.

Source for the keys: https://www.envoyproxy.io/docs/envoy/latest/configuration/upstream/cluster_manager/cluster_runtime
(circuit_breakers.<cluster>.<priority>.max_connections and so on override the file).
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from .document import RuntimeDocument

UNLIMITED = 4294967295
_LIMITS = ("max_connections", "max_pending_requests", "max_requests")


def factors(document: RuntimeDocument, scale: Fraction, agents: Mapping[str, int]) -> dict[str, Fraction]:
    """By how much each call's limits are multiplied, with `agents` of each pool there to call (at least 1 counts)."""
    return {call.name: scale if call.from_demand else Fraction(max(1, agents[call.caller])) for call in document.calls}


def scaled_bootstrap(bootstrap: dict[str, Any], factor: Mapping[str, Fraction]) -> dict[str, Any]:
    """A copy of the bootstrap with the limits of each cluster (which bears its call's name) multiplied."""
    scaled = copy.deepcopy(bootstrap)
    for cluster in scaled["static_resources"]["clusters"]:
        for threshold in cluster.get("circuit_breakers", {}).get("thresholds", ()):
            _scale(threshold, factor[cluster["name"]])
    return scaled


def limit_keys(bootstrap: dict[str, Any], factor: Mapping[str, Fraction]) -> dict[str, str]:
    """The runtime keys that bring a running Envoy's limits to what `scaled_bootstrap` would hold."""
    keys = {}
    for cluster in scaled_bootstrap(bootstrap, factor)["static_resources"]["clusters"]:
        for threshold in cluster.get("circuit_breakers", {}).get("thresholds", ()):
            prefix = f"circuit_breakers.{cluster['name']}.{threshold.get('priority', 'DEFAULT').lower()}"
            for name in _LIMITS:
                if threshold.get(name, UNLIMITED) != UNLIMITED:
                    keys[f"{prefix}.{name}"] = str(threshold[name])
            floor = threshold.get("retry_budget", {}).get("min_retry_concurrency")
            if floor is not None:
                keys[f"{prefix}.retry_budget.min_retry_concurrency"] = str(floor)
    return keys


def _scale(threshold: dict[str, Any], factor: Fraction) -> None:
    for name in _LIMITS:
        if threshold.get(name, UNLIMITED) != UNLIMITED:
            threshold[name] = min(UNLIMITED, math.ceil(threshold[name] * factor))
    budget = threshold.get("retry_budget")
    if budget is not None and "min_retry_concurrency" in budget:
        # A floor of retries at once, in every calling proxy: it adds up over callers just as the limits do.
        budget["min_retry_concurrency"] = math.ceil(budget["min_retry_concurrency"] * factor)
