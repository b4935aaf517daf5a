"""The local Envoy's configuration is the compiled one but for the limits of circuit breakers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from seatrial.chaos.local.document import load
from seatrial.chaos.local.thresholds import UNLIMITED, factors, limit_keys, scaled_bootstrap
from seatrial.compiler.plan import LimitPlan

from . import fleets


def _compiled(tmp_path: Path) -> tuple[Any, dict[str, Any]]:
    limit = LimitPlan(1000, 5000, 100)
    plan = fleets.plan(
        (fleets.demand("tickets", 50),),
        (),
        (fleets.pool("triage", 4, 8), fleets.pool("resolver", 4, 8)),
        (
            fleets.serves("tickets", "triage", retry=fleets.RETRY, limit=limit),
            fleets.call("triage", "resolver", retry=fleets.RETRY, breaker=fleets.EJECT, limit=limit),
        ),
    )
    compiled = fleets.emit(plan, tmp_path)
    return load(compiled / "runtime" / "fleet.json"), json.loads((compiled / "envoy" / "envoy.json").read_text())


def _differences(before: Any, after: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    assert type(before) is type(after), path
    if isinstance(before, dict):
        assert before.keys() == after.keys(), path
        for key in before:
            yield from _differences(before[key], after[key], (*path, key))
    elif isinstance(before, list):
        assert len(before) == len(after), path
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differences(one, other, (*path, str(index)))
    elif before != after:
        yield path, before, after


def test_only_the_numbers_of_circuit_breakers_differ(tmp_path: Path) -> None:
    document, bootstrap = _compiled(tmp_path)
    scaled = scaled_bootstrap(bootstrap, factors(document, Fraction(1, 4), {"triage": 2, "resolver": 1}))
    found = {(path[2], path[-1]): (before, after) for path, before, after in _differences(bootstrap, scaled)}
    assert all("circuit_breakers" in path for path, _, _ in _differences(bootstrap, scaled))
    assert found == {
        ("0", "max_connections"): (100, 25),
        ("0", "max_pending_requests"): (1000, 250),
        ("0", "max_requests"): (5000, 1250),
        ("0", "min_retry_concurrency"): (3, 1),
        ("1", "max_connections"): (100, 200),
        ("1", "max_pending_requests"): (1000, 2000),
        ("1", "max_requests"): (5000, 10000),
        ("1", "min_retry_concurrency"): (3, 6),
    }


def test_no_limit_stays_no_limit(tmp_path: Path) -> None:
    document, bootstrap = _compiled(tmp_path)
    scaled = scaled_bootstrap(bootstrap, factors(document, Fraction(1, 4), {"triage": 2, "resolver": 1}))
    for cluster in scaled["static_resources"]["clusters"]:
        assert cluster["circuit_breakers"]["thresholds"][0]["max_retries"] == UNLIMITED


def test_the_runtime_keys_say_what_the_file_would(tmp_path: Path) -> None:
    document, bootstrap = _compiled(tmp_path)
    keys = limit_keys(bootstrap, factors(document, Fraction(1, 4), {"triage": 3, "resolver": 1}))
    assert keys["circuit_breakers.tickets--triage.default.max_requests"] == "1250"
    assert keys["circuit_breakers.triage--resolver.default.max_requests"] == "15000"
    assert keys["circuit_breakers.triage--resolver.default.retry_budget.min_retry_concurrency"] == "9"
    assert not any("max_retries" in key for key in keys)


def test_the_compiled_bootstrap_itself_is_left_alone(tmp_path: Path) -> None:
    document, bootstrap = _compiled(tmp_path)
    before = json.dumps(bootstrap)
    scaled_bootstrap(bootstrap, factors(document, Fraction(1, 4), {"triage": 3, "resolver": 1}))
    assert json.dumps(bootstrap) == before
