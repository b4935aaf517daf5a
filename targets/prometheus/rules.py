"""The two kinds of rule, and groups of them.

Turns names, expressions and words into the objects of a rule file. Invariant: every series and alert carries the
fleet's name, so that several fleets share a Prometheus; every alert says what it means and what to look at.

Source: Prometheus, "Defining recording rules" and "Alerting rules".
"""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.compiler.plan import Plan

from ..base import Json, Object

EVERY = "30s"
"""How often rules are evaluated: half of the shortest window."""


def record(plan: Plan, name: str, expression: str, **labels: str) -> Object:
    return {"record": name, "expr": expression, "labels": {"fleet": plan.fleet, **labels}}


def alert(
    plan: Plan, name: str, expression: str, severity: str, summary: str, why: str, lasts: str = "", **labels: str
) -> Object:
    """`lasts`: for how long it must hold before it fires; "" is at once."""
    body: Object = {"alert": name, "expr": expression}
    if lasts:
        body["for"] = lasts
    body["labels"] = {"fleet": plan.fleet, "severity": severity, **labels}
    # Go templates are expanded in annotations: a brace pair from a spec must not become one.
    body["annotations"] = {"summary": _literal(summary), "description": _literal(why)}
    return body


def group(plan: Plan, name: str, rules: Sequence[Object], every: str = EVERY) -> Object:
    listed: list[Json] = [*rules]
    return {"name": f"{plan.fleet}.{name}", "interval": every, "rules": listed}


def _literal(words: str) -> str:
    return words.replace("{{", '{{"{{"}}')
