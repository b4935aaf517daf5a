"""What all faults share: the fleet's state, the choice of targets, the event of each phase.

Invariant: a fault that could not strike raises ActivityFailed and leaves a "failed" event; it never passes in silence
(the Chaos Toolkit's exit code does not tell).
"""

from __future__ import annotations

import math
import random
from fractions import Fraction
from pathlib import Path

from chaoslib.exceptions import ActivityFailed

from ..local.admin import AdminUnreachable, set_runtime
from ..local.process import alive
from ..local.records import Events
from ..local.state import AgentRecord, AgentState, FleetState, read_state
from .log import Entry, close_entry, open_entry


class Injection:
    """One occurrence of one fault in a run folder."""

    def __init__(self, run_dir: str, fault: int, what: str) -> None:
        self.run_dir = Path(run_dir)
        self.fault, self.what = fault, what
        state = read_state(self.run_dir)
        if state is None:
            raise ActivityFailed(f"{what}: no fleet runs in {run_dir}")
        self.state: FleetState = state
        self._events = Events(self.run_dir, state.origin)

    def struck(self, targets: tuple[str, ...]) -> None:
        self._events.add("fault", fault=self.fault, phase="injected", what=self.what, targets=list(targets))

    def failed(self, why: str, targets: tuple[str, ...] = ()) -> ActivityFailed:
        """The error to raise."""
        self._events.add("fault", fault=self.fault, phase="failed", what=self.what, targets=list(targets), why=why)
        return ActivityFailed(f"{self.what}: {why}")

    def choose(self, pool: str, seed: int, share: float | str | None, count: int | None) -> tuple[AgentRecord, ...]:
        """The agents to strike: ceil(share x n) or `count` of the n that run and are not on their way out.

        The same seed chooses the same among the same agents.
        """
        if pool not in self.state.pools:
            raise self.failed(f"there is no pool {pool}")
        if (share is None) == (count is None):
            raise self.failed("give either a share or a count")
        present = sorted(
            (
                agent
                for agent in self.state.pools[pool]
                if agent.state is not AgentState.TERMINATING and alive(agent.process)
            ),
            key=lambda agent: agent.name,
        )
        if not present:
            raise self.failed(f"no agent of {pool} is running")
        # Through its text: 0.1 means a tenth, and a tenth of 30 agents is 3, not the double's 4.
        wanted = count if count is not None else math.ceil(Fraction(str(share)) * len(present))
        generator = random.Random(seed)
        return tuple(generator.sample(present, min(wanted, len(present))))

    def set_keys(self, calls: str | tuple[str, ...], keys: dict[str, str]) -> None:
        """Set Envoy's runtime keys of one call, or of several, logged for the undo before they are set."""
        targets = (calls,) if isinstance(calls, str) else calls
        for call in targets:
            if call not in self.state.listeners:
                raise self.failed(f"there is no call {call}")
        entry = Entry(self.fault, self.what, targets, admin=self.state.admin, keys=keys)
        open_entry(self.run_dir, entry)
        try:
            set_runtime(self.state.admin, keys)
        except AdminUnreachable as error:
            close_entry(self.run_dir, entry)
            raise self.failed(str(error), targets) from error
        self.struck(targets)


def percent(share: float | str) -> str:
    """A share of 1 as the value of an Envoy runtime key: a whole per cent, else a FractionalPercent of a million.

    Source: `Snapshot::featureEnabled(key, FractionalPercent)` takes an integer for per cent, or the message itself
    (https://www.envoyproxy.io/docs/envoy/latest/configuration/operations/runtime#value-type).
    """
    hundredths = Fraction(str(share)) * 100
    if hundredths.denominator == 1:
        return str(hundredths.numerator)
    return f'{{"numerator": {round(hundredths * 10_000)}, "denominator": "MILLION"}}'
