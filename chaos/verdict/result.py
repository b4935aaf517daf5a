"""What a verdict is, and its document.

Turns judgements into `verdict.json`. Invariant: the document has every figure that the outcome rests on, and agrees
with `verdict.schema.json`, which allows no field that it does not name.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib import resources
from typing import Any

from .measures import Measures

SCHEMA_VERSION = 1


class Outcome(StrEnum):
    """UNMEASURED is for what a trial cannot or does not try; it counts neither for nor against the trial."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    UNMEASURED = "unmeasured"


class Unit(StrEnum):
    SECONDS = "seconds"
    SHARE = "share"
    DOLLARS = "dollars"
    PER_SECOND = "per second"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One objective, judged.

    `measured`, `limit`, `proved`, `low` and `high` are in `unit`; `proved` is the checker's bound where it has one;
    `low` and `high` are one-sided confidence bounds of `measured`. `measured` is infinite where there is no such time:
    more requests failed than the quantile leaves out, or the fleet did not recover while it was watched.
    """

    id: str
    kind: str
    claim: str
    outcome: Outcome
    reason: str
    unit: Unit = Unit.NONE
    measured: float | None = None
    limit: float | None = None
    proved: float | None = None
    low: float | None = None
    high: float | None = None
    requests: int = 0
    failed: int = 0
    from_seconds: float = 0.0
    to_seconds: float = 0.0
    details: tuple[str, ...] = ()
    at: str = ""
    """The place of the objective in the spec, `file:line:column`."""
    model: float | None = None
    """What the checker's model says of the fleet at the trial's size and under its load, in `unit`."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something about the trial itself that keeps its result from counting.

    `weakens_pass`: the fleet may have been spared something, so a pass does not count. `weakens_fail`: it may have
    suffered from something that is not in the plan, so a failure does not count.
    """

    code: str
    text: str
    weakens_pass: bool = True
    weakens_fail: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    fleet: str
    trial: str
    outcome: Outcome
    judgements: tuple[Judgement, ...]
    doubts: tuple[Doubt, ...]
    scale: float
    duration_seconds: float
    seed: int
    digest: str
    requests: int
    failed: int
    lateness_p99_seconds: float | None
    measures: Measures | None = None
    """None where nothing was logged at all."""


def document(verdict: Verdict) -> dict[str, Any]:
    """The verdict as `verdict.json` has it. A time that never came is null there, with `never` true."""
    return {
        "schema_version": SCHEMA_VERSION,
        "fleet": verdict.fleet,
        "trial": verdict.trial,
        "outcome": verdict.outcome.value,
        "scale": verdict.scale,
        "duration_seconds": verdict.duration_seconds,
        "seed": verdict.seed,
        "spec_digest": verdict.digest,
        "requests": verdict.requests,
        "failed_requests": verdict.failed,
        "generator_lateness_p99_seconds": verdict.lateness_p99_seconds,
        "measures": None if verdict.measures is None else asdict(verdict.measures),
        "objectives": [_judgement(judgement) for judgement in verdict.judgements],
        "doubts": [
            {
                "code": doubt.code,
                "text": doubt.text,
                "weakens_pass": doubt.weakens_pass,
                "weakens_fail": doubt.weakens_fail,
            }
            for doubt in verdict.doubts
        ],
    }


def render(verdict: Verdict) -> str:
    """The text of `verdict.json`."""
    return json.dumps(document(verdict), indent=2, allow_nan=False) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of `verdict.json`."""
    text = resources.files(__package__).joinpath("verdict.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def _judgement(judgement: Judgement) -> dict[str, Any]:
    return {
        "id": judgement.id,
        "kind": judgement.kind,
        "claim": judgement.claim,
        "at": judgement.at,
        "outcome": judgement.outcome.value,
        "reason": judgement.reason,
        "unit": judgement.unit.value,
        "measured": _finite(judgement.measured),
        "never": judgement.measured is not None and math.isinf(judgement.measured),
        "limit": judgement.limit,
        "proved": judgement.proved,
        "model": judgement.model,
        "low": _finite(judgement.low),
        "high": _finite(judgement.high),
        "evidence": {
            "requests": judgement.requests,
            "failed_requests": judgement.failed,
            "from_seconds": judgement.from_seconds,
            "to_seconds": judgement.to_seconds,
            "details": list(judgement.details),
        },
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
