"""A trial's faults and the ejections of calls -> faults that come while agents of an earlier one are still put aside.

Invariant: of a trial without such a fault each strike finds all agents in rotation, as `outages` counts them.

An agent that hung stays aside for a while when it is well again (`semantics.outlier.back_within`). A fault that comes
meanwhile strikes a larger part of those in rotation, and fewer of them may go. Who was killed leaves the endpoints and
comes back as a new host.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ...model import Call, HangFault, KillFault, Trial
from ..flows.analysis import Analysis
from ..flows.ejections import back_after, out_for
from ..words import seconds
from .outages import Strike, strikes


def still_aside(analysis: Analysis, trial: Trial) -> tuple[Call, ...]:
    """The calls whose callers still put agents aside as the next fault comes; each caller's proxies do it alone."""
    return analysis.kept(f"aside in {trial.name}", lambda: tuple(_still_aside(analysis, trial)))


def _still_aside(analysis: Analysis, trial: Trial) -> Iterator[Call]:
    struck: dict[str, list[Strike]] = {}
    for strike in strikes(trial):
        if isinstance(strike.fault, KillFault | HangFault):
            struck.setdefault(strike.fault.pool.value, []).append(strike)
    for name, own in struck.items():
        for call in analysis.into(name):
            if call.policy.breaker is not None and _overlap(call, own):
                yield call


def undecided(call: Call) -> str:
    """Why nothing is proved of a trial where such a call is on the way."""
    assert call.policy.breaker is not None
    aside = seconds(out_for(call.policy.breaker))
    return (
        f"{call.name} puts agents of {call.callee} that hang aside for up to {aside}, and the next fault comes "
        "before they are back, which is not modelled; a shorter ejection, or more time between the faults, would "
        "decide it"
    )


def _overlap(call: Call, own: list[Strike]) -> bool:
    back = Fraction(0)
    for strike in own:
        if strike.start < back:
            return True
        if isinstance(strike.fault, HangFault):
            back = max(back, strike.end + back_after(call))
    return False
