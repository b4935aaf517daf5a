"""Records of the plan whose fields say what they are -> sections of the runtime document and of its schema.

Turns frozen dataclasses with annotated fields into JSON objects, and their types into closed JSON Schemas. Invariant:
both come from the same fields, so that neither can say what the other does not; places in the text are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from seatrial.compiler import plan_money as money
from seatrial.compiler import plan_order as order
from seatrial.compiler.plan import Plan
from seatrial.dsl.source import Span

from ..base import Json, Object
from ..quantity import number

SECTIONS: dict[str, tuple[type[Any], str, Callable[[Plan], tuple[Any, ...]]]] = {
    "divisions": (money.DivisionPlan, "How budgets are divided among agents.", lambda plan: plan.divisions),
    "quotas": (money.QuotaPlan, "How what a dependency gives is divided among tenants.", lambda plan: plan.quotas),
    "auctions": (money.AuctionPlan, "How what is scarce is sold.", lambda plan: plan.auctions),
    "contracts": (money.ContractPlan, "What pools promise each other, and for how much.", lambda plan: plan.contracts),
    "economics": (money.EconomicsPlan, "What agents are worth.", lambda plan: plan.economics),
    "bills": (money.BillPlan, "What the fleet is predicted to cost.", lambda plan: plan.bills),
    "votes": (order.VotePlan, "What quorums do beyond counting.", lambda plan: plan.votes),
    "organisations": (order.OrganisationPlan, "Who reports to whom.", lambda plan: plan.organisations),
    "patterns": (order.PatternPlan, "How agents talk to each other.", lambda plan: plan.patterns),
    "negotiations": (order.NegotiationPlan, "How two pools come to terms.", lambda plan: plan.negotiations),
    "crises": (order.CrisisPlan, "By what a crisis is known, and what is then done.", lambda plan: plan.crises),
    "roles": (order.RolePlan, "Who of the people decides what.", lambda plan: plan.roles),
    "approvals": (order.ApprovalPlan, "What waits for a person.", lambda plan: plan.approvals),
    "stops": (order.StopPlan, "The emergency stop; one at most.", lambda plan: plan.stops),
    "audits": (order.AuditPlan, "What is kept; one at most.", lambda plan: plan.audits),
    "security": (order.SecurityPlan, "Who may reach whom; one at most.", lambda plan: plan.security),
}
"""The name of each section, the record that it lists, what it is, and where the plan has it."""


def documents(plan: Plan) -> Object:
    """Every section by its name, empty where the spec says nothing."""
    return {name: [_json(one) for one in of(plan)] for name, (_, _, of) in SECTIONS.items()}


def _json(one: Any) -> Json:
    match one:
        case bool() | None | str() if not isinstance(one, Enum):
            return one
        case Enum():
            return str(one.value)
        case int() | Fraction():
            return number(one)
        case tuple():
            return [_json(part) for part in one]
        case _:
            kept = [each.name for each in fields(one) if not isinstance(getattr(one, each.name), Span)]
            return {name: _json(getattr(one, name)) for name in kept}


@cache
def schemas() -> dict[str, Json]:
    """The schema of every section, an array of closed objects."""
    return {
        name: {"type": "array", "description": said, "items": _schema(record, "")}
        for name, (record, said, _) in SECTIONS.items()
    }


def _schema(kind: Any, said: str) -> Object:
    described: Object = {"description": said} if said else {}
    if get_origin(kind) in (Union, UnionType):
        inner = [one for one in get_args(kind) if one is not NoneType]
        schema = _schema(inner[0], said)
        if "enum" in schema:
            values = schema["enum"]
            assert isinstance(values, list)
            return {**schema, "enum": [*values, None]}
        return {**schema, "type": [schema["type"], "null"]}
    if get_origin(kind) is tuple:
        return {"type": "array", **described, "items": _schema(get_args(kind)[0], "")}
    if is_dataclass(kind):
        hints = get_type_hints(kind, include_extras=True)
        inside: Object = {}
        for name, hint in hints.items():
            if hint is Span:
                continue
            assert get_origin(hint) is Annotated, name
            of, text = get_args(hint)
            inside[name] = _schema(of, text)
        names = list(inside)
        return {"type": "object", **described, "properties": inside, "required": names, "additionalProperties": False}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"enum": [str(one.value) for one in kind], **described}
    names_of = {bool: "boolean", int: "integer", Fraction: "number", str: "string"}
    return {"type": names_of[kind], **described}
