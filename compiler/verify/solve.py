"""SMT-LIB text -> sat, unsat or unknown. The one place that knows z3.

Invariant: only text goes in and only an `Answer` comes out, so that the solver can be put into a process of its own
without a change elsewhere. z3 is loaded at the first question, since most specs need none.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

TIMEOUT_MS = 2_000
RESOURCES = 20_000_000
"""z3's own count of steps (`rlimit`): unlike a clock it gives the same answer on a busy machine."""


class Answer(StrEnum):
    SAT = "sat"
    UNSAT = "unsat"
    UNKNOWN = "unknown"


class Session:
    """One script, and questions to it: is it satisfiable with these switches on?

    z3's context is not for two threads at once. A refusal of the text, as any other answer than sat or unsat, counts
    as unknown.
    """

    def __init__(self, script: str, *, timeout_ms: int = TIMEOUT_MS, resources: int = RESOURCES) -> None:
        import z3

        self._z3: Any = z3
        self._context: Any = z3.Context()
        options = f"(set-option :timeout {timeout_ms})\n(set-option :rlimit {resources})\n"
        self._refused = bool(self._ask(options + script).strip())

    def _ask(self, text: str) -> str:
        try:
            return str(self._z3.Z3_eval_smtlib2_string(self._context.ref(), text))
        except self._z3.Z3Exception as refusal:
            return f"(error {refusal})"

    def check(self, switches: Iterable[str]) -> Answer:
        if self._refused:
            return Answer.UNKNOWN
        answer = self._ask(f"(check-sat-assuming ({' '.join(switches)}))").strip()
        return Answer(answer) if answer in ("sat", "unsat") else Answer.UNKNOWN
