"""Who is meant by the two ends of a call.

Turns a call's caller into the labels of its pods and its callee into a host and port. Invariant: a demand's caller is
the gateway that carries the demand's label, never a pool.
"""

from __future__ import annotations

from seatrial.compiler.model import CalleeKind, CallerKind
from seatrial.compiler.plan import CallPlan, Plan

from ..base import Object
from ..names import DEMAND_LABEL, DEPENDENCY_PORT, POOL_LABEL, PORT, dependency_host, service_host


def selector(call: CallPlan) -> Object:
    """Labels of the pods whose proxy makes the call."""
    return {(DEMAND_LABEL if call.caller_kind is CallerKind.DEMAND else POOL_LABEL): call.caller}


def context(call: CallPlan) -> str:
    """Which of Istio's kinds of proxy an EnvoyFilter for this call addresses."""
    return "GATEWAY" if call.caller_kind is CallerKind.DEMAND else "SIDECAR_OUTBOUND"


def host(plan: Plan, call: CallPlan) -> str:
    return service_host(plan, call.callee) if call.callee_kind is CalleeKind.POOL else dependency_host(call.callee)


def port(call: CallPlan) -> int:
    return PORT if call.callee_kind is CalleeKind.POOL else DEPENDENCY_PORT


def destination(plan: Plan, call: CallPlan) -> Object:
    """A route's destination, with its port: a host alone is ambiguous once a Service has two."""
    return {"destination": {"host": host(plan, call), "port": {"number": port(call)}}}
