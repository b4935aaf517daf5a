"""The local Envoy's token buckets are the compiled ones, times the callers that one Envoy stands for."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

from seatrial.chaos.local.document import RuntimeDocument, load
from seatrial.chaos.local.rates import with_buckets
from seatrial.chaos.local.scale import local_size
from seatrial.chaos.local.thresholds import factors
from seatrial.compiler.plan_rates import AdmitPlan

from . import fleets


def _compiled(tmp_path: Path) -> tuple[RuntimeDocument, dict[str, Any]]:
    plan = fleets.plan(
        (fleets.demand("tickets", 50),),
        (),
        (fleets.pool("triage", 4, 8), fleets.pool("resolver", 4, 8)),
        (
            fleets.serves("tickets", "triage", admit=AdmitPlan(Fraction(100), 200)),
            fleets.call("triage", "resolver", admit=AdmitPlan(Fraction(7), 20)),
        ),
    )
    compiled = fleets.emit(plan, tmp_path)
    return load(compiled / "runtime" / "fleet.json"), json.loads((compiled / "envoy" / "envoy.json").read_text())


def _buckets(bootstrap: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        listener["name"]: one["typed_config"]["token_bucket"]
        for listener in bootstrap["static_resources"]["listeners"]
        for one in listener["filter_chains"][0]["filters"][0]["typed_config"]["http_filters"]
        if one["name"] == "envoy.filters.http.local_ratelimit"
    }


def test_a_gate_admits_its_share_and_a_pool_what_all_its_agents_may(tmp_path: Path) -> None:
    document, bootstrap = _compiled(tmp_path)
    scaled = with_buckets(bootstrap, factors(document, Fraction(1, 4), {"triage": 2, "resolver": 2}), 32)
    # A quarter of 100/s with a burst of 50, and twice 7/s with twice 20.
    assert _buckets(scaled) == {
        "tickets--triage": {"max_tokens": 50, "tokens_per_fill": 2, "fill_interval": "0.080s"},
        "triage--resolver": {"max_tokens": 40, "tokens_per_fill": 7, "fill_interval": "0.500s"},
    }
    assert _buckets(bootstrap)["tickets--triage"]["max_tokens"] == 200, "the compiled one is not touched"


def test_a_burst_is_not_divided_below_what_chance_needs(tmp_path: Path) -> None:
    document, bootstrap = _compiled(tmp_path)
    scaled = with_buckets(bootstrap, factors(document, Fraction(1, 100), {"triage": 1, "resolver": 1}), 32)
    assert _buckets(scaled)["tickets--triage"]["max_tokens"] == 32
    assert _buckets(scaled)["triage--resolver"]["max_tokens"] == 20


def test_nothing_else_differs(tmp_path: Path) -> None:
    document, bootstrap = _compiled(tmp_path)
    scaled = with_buckets(bootstrap, factors(document, Fraction(1, 4), {"triage": 2, "resolver": 2}), 32)
    for one in (bootstrap, scaled):
        for bucket in _buckets(one).values():
            bucket.clear()
    assert bootstrap == scaled


def test_a_bucket_for_agents_that_may_not_be_there_is_told_of(tmp_path: Path) -> None:
    document, _ = _compiled(tmp_path)
    notes = local_size(document, Fraction(1, 4)).notes
    assert [one.about for one in notes if "buckets" in one.message] == ["triage--resolver"]
