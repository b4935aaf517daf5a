"""SMT-LIB text -> sat, unsat or unknown. The one place that knows z3.

Invariant: only text goes in and only an `Answer` comes out, so that whoever has processes and a clock can put the
solver into a process of its own and end it (`seatrial.solver`); this module imports nothing of the project, so that
such a process need not load the prover. z3 is loaded at the first question, since most specs need none.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Protocol

TIMEOUT_MS = 2_000
RESOURCES = 20_000_000
"""z3's own count of steps (`rlimit`): unlike a clock it gives the same answer on a busy machine."""
MEMORY_MB = 2_048
_TACTICS = (("(then simplify propagate-values smt)", 10), ("default", 1))
"""In turn, until one decides, and the part of the steps that each may take. To the first a sum of products of open
literals, as a bill is, is nearly linear: products are unknowns of their own, of which the hints say enough. `default`
has a decision procedure for polynomials, which such sums keep busy without end, and finds values where the first does
not."""


class Answer(StrEnum):
    SAT = "sat"
    UNSAT = "unsat"
    UNKNOWN = "unknown"
    """The solver gave up, or refused the text."""
    LATE = "late"
    """The solver was stopped because its time was up."""
    LOST = "lost"
    """The solver ended without an answer, as one does that runs out of memory."""


class Questions(Protocol):
    """One script, and questions to it: is it satisfiable with these switches on?"""

    def check(self, switches: Iterable[str]) -> Answer: ...


class Solver(Protocol):
    """Where scripts are decided. What goes wrong there is an answer, never an exception."""

    def session(self, script: str) -> Questions: ...


class Session:
    """A script in z3, in this process.

    z3's context is not for two threads at once. A refusal of the text, as any other answer than sat or unsat, counts
    as unknown. z3 looks at its clock only now and then and may overshoot `timeout_ms` many times over.
    """

    def __init__(self, script: str, *, timeout_ms: int = TIMEOUT_MS, resources: int = RESOURCES) -> None:
        import z3

        self._z3: Any = z3
        z3.set_param("memory_max_size", MEMORY_MB)
        self._context: Any = z3.Context()
        self._resources = resources
        self._refused = bool(self._ask(f"(set-option :timeout {timeout_ms})\n" + script).strip())

    def _ask(self, text: str) -> str:
        try:
            return str(self._z3.Z3_eval_smtlib2_string(self._context.ref(), text))
        except self._z3.Z3Exception as refusal:
            return f"(error {refusal})"

    def check(self, switches: Iterable[str]) -> Answer:
        if self._refused:
            return Answer.UNKNOWN
        # Asserted, and not only assumed, a literal's value is put in wherever it occurs before anything is searched:
        # what is left of a sum over a hundred pools is linear.
        on = "".join(f"(assert {switch})" for switch in switches)
        for tactic, part in _TACTICS:
            limit = f"(set-option :rlimit {self._resources // part})"
            answer = self._ask(f"{limit}(push){on}(check-sat-using {tactic})(pop)").strip()
            if answer in ("sat", "unsat"):
                return Answer(answer)
        return Answer.UNKNOWN


class InThisProcess:
    """z3 where it is called from: for tests and short questions, since nothing can end it but itself."""

    def session(self, script: str) -> Questions:
        return Session(script)


IN_THIS_PROCESS = InThisProcess()
