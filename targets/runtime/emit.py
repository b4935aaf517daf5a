"""Plan to the runtime document.

Turns the plan into `runtime/fleet.json`, what agents and the local trial read at run time, with its JSON Schema beside
it. Invariant: every field is there for every object, null where the spec states nothing, so that a reader never guesses
a default; all times are seconds and all shares are of 1.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from seatrial.compiler.plan import Plan

from ..base import Document, Emitted, Json
from . import records, sections
from .containment import containment

SCHEMA = "seatrial/runtime/v1"

PARTS = ("containment.schema.json",)
"""Further properties of the document, each file a part of the language by itself."""


@dataclass(frozen=True, slots=True)
class RuntimeEmitter:
    """The whole plan but its trials, in one document. Nothing in a plan is beyond it, so it has no diagnostics."""

    @property
    def name(self) -> str:
        return "runtime"

    def emit(self, plan: Plan) -> Emitted:
        return (Document("runtime/fleet.json", fleet(plan)), Document("runtime/fleet.schema.json", schema())), ()


def fleet(plan: Plan) -> dict[str, Json]:
    """The body of `runtime/fleet.json`, valid under `schema()`."""
    return {
        "schema": SCHEMA,
        "fleet": plan.fleet,
        "title": plan.title,
        "version": plan.version,
        "digest": plan.digest,
        "demands": [sections.demand(one) for one in plan.demands],
        "dependencies": [sections.dependency(one) for one in plan.dependencies],
        "pools": [sections.pool(one) for one in plan.pools],
        "calls": [sections.call(one) for one in plan.calls],
        "budgets": [sections.budget(one) for one in plan.budgets],
        "quorums": [sections.quorum(one) for one in plan.quorums],
        "objectives": sections.objectives(plan),
        **containment(plan.containment),
        **records.documents(plan),
    }


@cache
def schema() -> dict[str, Json]:
    """The published JSON Schema (2020-12) of the document. Part of the package, as the code is: reading it is no IO."""
    folder = files(__package__)
    body: dict[str, Any] = json.loads(folder.joinpath("fleet.schema.json").read_text(encoding="utf-8"))
    for part in PARTS:
        more: dict[str, Any] = json.loads(folder.joinpath(part).read_text(encoding="utf-8"))
        body["properties"].update(more)
        body["required"] += list(more)
    body["properties"] = {**body["properties"], **records.schemas()}
    body["required"] = [*body["required"], *records.SECTIONS]
    return body
