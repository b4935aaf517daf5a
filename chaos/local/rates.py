"""The token buckets of a compiled `envoy.json` -> those of the local Envoy.

Invariant: only the numbers of `token_bucket` differ from what was compiled, and the rate is the compiled one times the
callers that it stands for, exactly.

A bucket in the compiled file is one calling proxy's, and one Envoy stands here for all callers of an edge. Of a pool it
gets as much as the most agents of the local size would have, for a bucket cannot be changed while Envoy runs; a
demand's gateway has its share of the demand. Source:
https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/local_rate_limit_filter
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from seatrial.compiler.semantics.token_bucket import fill

FILTER = "envoy.filters.http.local_ratelimit"


def with_buckets(bootstrap: dict[str, Any], factor: Mapping[str, Fraction], least_burst: int) -> dict[str, Any]:
    """A copy of the bootstrap with the bucket of each listener (which bears its call's name) multiplied.

    A burst is not made smaller than `least_burst`, unless it was: how often random arrivals overrun a bucket depends on
    its depth in requests, whatever the rate.
    """
    scaled = copy.deepcopy(bootstrap)
    for listener in scaled["static_resources"]["listeners"]:
        for bucket in _buckets(listener):
            _scale(bucket, factor[listener["name"]], least_burst)
    return scaled


def _buckets(listener: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for chain in listener["filter_chains"]:
        for network in chain["filters"]:
            for one in network["typed_config"].get("http_filters", ()):
                if one["name"] == FILTER:
                    yield one["typed_config"]["token_bucket"]


def _scale(bucket: dict[str, Any], factor: Fraction, least_burst: int) -> None:
    rate = bucket["tokens_per_fill"] / Fraction(bucket["fill_interval"].removesuffix("s"))
    tokens, interval_ms = fill(rate * factor)
    burst = bucket["max_tokens"]
    bucket["max_tokens"] = max(math.ceil(burst * factor), min(burst, least_burst))
    bucket["tokens_per_fill"] = tokens
    whole, rest = divmod(interval_ms, 1000)
    bucket["fill_interval"] = f"{whole}.{rest:03d}s"
