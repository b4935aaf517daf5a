"""What Kubernetes leaves to others of a fleet's containment of failures.

Turns restarts, degradation, back-pressure and queues into ST7 diagnostics. Invariant: each clause that no manifest
carries is named once, at its own place.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from seatrial.compiler.plan import Plan
from seatrial.compiler.plan_containment import RestartPlan
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..quantity import number

CRASH_LOOP_FIRST_SECONDS, CRASH_LOOP_CAP_SECONDS = Fraction(10), Fraction(300)
"""The kubelet's pause before it starts a failed container again: 10 s, doubled up to 5 min
(https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy)."""


def of_containment(plan: Plan) -> Iterator[Diagnostic]:
    part = plan.containment
    for rule in part.restarts:
        yield from _restarts(rule)
    left = [(one.origin, one.pool, f"degrading to “{one.answer}”") for one in part.degradation]
    left += [(one.origin, one.pool, "pushing back") for one in part.push_back]
    for origin, pool, what in left:
        yield Diagnostic(
            "ST7022",
            Severity.NOTE,
            f"kubernetes: {what} is left to the agents of {pool}",
            (Label(origin),),
            notes=("no manifest says it; the agents read it from runtime/fleet.json",),
        )
    for queue in part.queues:
        yield Diagnostic(
            "ST7024",
            Severity.NOTE,
            f"kubernetes: queue {queue.name} is kept, and watched, by a broker that you install",
            (Label(queue.origin),),
            notes=("its shards, order, bounds and alert are in runtime/fleet.json",),
        )


def _restarts(rule: RestartPlan) -> Iterator[Diagnostic]:
    notes = []
    if rule.pause_above is not None:
        notes.append(f"it restarts whatever fails, also while more than {number(rule.pause_above * 100)}% do")
    if rule.elsewhere:
        notes.append("the kubelet starts a failed container again on the same node")
    pauses = (rule.backoff_first_seconds, rule.backoff_cap_seconds)
    if pauses not in ((None, None), (CRASH_LOOP_FIRST_SECONDS, CRASH_LOOP_CAP_SECONDS)):
        notes.append("its pauses are 10 s, doubled up to 5 min, and cannot be set for one pool")
    if notes:
        yield Diagnostic(
            "ST7023",
            Severity.NOTE,
            f"kubernetes: it has another rule for restarts than pool {rule.pool}",
            (Label(rule.origin),),
            notes=(*notes, "a controller that reads runtime/fleet.json must do it"),
        )
