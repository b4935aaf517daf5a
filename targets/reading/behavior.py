"""How an autoscaler may move to the window and the one step that the language has.

Turns `behavior` of autoscaling/v2 into `down over …; at most … per …`. Invariant: what is slower to add than the step
that is written, or may be, is asked about: whether a rise in demand is met depends on it.

Source: Kubernetes API reference, HPAScalingRules (of several policies the largest change counts unless `selectPolicy`
says otherwise; 300 s down and 100 % in 15 s where nothing is said).
"""

from __future__ import annotations

import math
from fractions import Fraction

from seatrial.compiler.semantics.hpa_behavior import Behavior
from seatrial.compiler.semantics.scaling import MAX_PERIOD_S, MAX_WINDOW_S, behavior_of

from . import spelling
from .figures import whole
from .manifest import Fields, items

_DOWN_WINDOW, _PERIOD = 300, 15


def moves(behavior: Fields, most: int) -> tuple[str, list[str], Behavior]:
    """The clauses, what to ask about them, and what they are compiled to. `most`: the agents at the maximum."""
    up, down = behavior.within("scaleUp"), behavior.within("scaleDown")
    share, period, doubts = _step(up, most)
    for rules in (up, down):
        rules.known("selectPolicy", "Max", None)
        rules.refuse("selectPolicy", "only one scaling step can be written, and it is already used")
        mine = items(rules.peek("policies"))
        if mine == ({"type": "Percent", "value": share * 100, "periodSeconds": period},):
            rules.take("policies")
        else:
            rules.refuse("policies", "only one scaling step can be written, as a share of the agents")
    waits = up.peek("stabilizationWindowSeconds")
    if not up.known("stabilizationWindowSeconds", 0, None):
        up.refuse("stabilizationWindowSeconds", "there is no stabilization window for scaling up")
        doubts.append(f"it waits {waits} s before it adds")
    stated = down.peek("stabilizationWindowSeconds")
    lasting = _DOWN_WINDOW if stated is None else whole(stated, least=0, most=MAX_WINDOW_S)
    if lasting is None:
        down.refuse("stabilizationWindowSeconds", f"a window has 0 to {MAX_WINDOW_S} s; {_DOWN_WINDOW} s were taken")
        lasting = _DOWN_WINDOW
    elif lasting == 0:
        down.refuse("stabilizationWindowSeconds", "the shortest window is a second, which was taken")
    else:
        down.take("stabilizationWindowSeconds")
    lasting, step = max(1, lasting), f"at most {spelling.share(share)} per {spelling.seconds(Fraction(period))}"
    meant = behavior_of(lasting, math.ceil(share * 100), period)
    return f"down over {spelling.seconds(Fraction(lasting))}; {step}", doubts, meant


def _step(up: Fields, most: int) -> tuple[Fraction, int, list[str]]:
    """What may be added, as a share in a number of seconds."""
    found: list[tuple[bool, Fraction, int, list[str]]] = []
    for policy in up.each("policies"):
        kind, value = policy.peek("type"), whole(policy.peek("value"))
        period = whole(policy.peek("periodSeconds"), most=MAX_PERIOD_S)
        if value is None or period is None:
            continue
        if kind == "Percent":
            found.append((True, Fraction(value, 100), period, []))
        elif kind == "Pods":
            part = Fraction(max(1, value * 100 // max(1, most)), 100)
            found.append((False, part, period, [f"it adds {value} in {period} s, which is this share of {most}"]))
    which = up.peek("selectPolicy")
    if which == "Disabled":
        return Fraction(1), _PERIOD, ["it never adds any"]
    if not found:
        return Fraction(1), _PERIOD, []
    if which == "Min":
        _, share, period, doubts = min(found, key=lambda one: one[1] / one[2])
        return share, period, [*doubts, "of its steps the smallest counts"] if len(found) > 1 else doubts
    # A share is what the language says too; of several steps each is one that may be taken.
    _, share, period, doubts = max(found, key=lambda one: (one[0], one[1] / one[2]))
    return share, period, doubts
