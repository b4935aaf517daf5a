"""What a compiler that reads one text after the other remembers of the last one.

Invariant: with a memory, whatever it holds, comes out what comes out without; it only takes less time where two texts
have much in common. Each stage says for itself when what it remembers still holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from seatrial.dsl.clauses import Clause
from seatrial.dsl.compose.remembered import Remembered
from seatrial.dsl.kept import Rows

from .model import Fleet
from .passes.unchanged import Unchanged
from .verify.decided import Decided, Watch, decide


@dataclass(slots=True)
class Memory:
    composed: Remembered = field(default_factory=Remembered)
    clauses: Rows[Clause] = field(default_factory=Rows)
    unchanged: Unchanged = field(default_factory=Unchanged)
    decided: Decided | None = None

    def decide(self, fleet: Fleet, watch: Watch) -> Decided:
        self.decided = decide(fleet, watch) if self.decided is None else self.decided.again(fleet)
        return self.decided
