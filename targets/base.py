"""What an emitter is and what it returns.

Turns nothing itself: it fixes the door between the plan and the documents. Invariant: an emitter is a pure function of
the plan, so two runs give equal documents in equal order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from seatrial.compiler.plan import Plan
from seatrial.dsl.diagnostics import Diagnostic

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""Data that JSON and YAML write alike; never a Fraction, an enum or a date."""

Object: TypeAlias = dict[str, Json]
"""A JSON object under construction; its keys are written in the order they were set."""

Emitted: TypeAlias = tuple[tuple["Document", ...], tuple[Diagnostic, ...]]


@dataclass(frozen=True, slots=True)
class Document:
    """One file to be. `path` is relative to the output folder, with `/`; its suffix picks the format (.json, .yaml)."""

    path: str
    body: object
    """`Json`: an object of mappings, sequences and scalars. `render` refuses anything else."""


class Emitter(Protocol):
    """One target. `name` is what a user writes after `--target`."""

    @property
    def name(self) -> str: ...

    def emit(self, plan: Plan) -> Emitted:
        """All documents of this target in a fixed order, and what it could not express as ST7 diagnostics.

        An error among the diagnostics means that the documents must not be used: something that the target cannot do
        without is missing from the spec.
        """
        ...
