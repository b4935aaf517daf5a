"""A dependency to its ServiceEntry.

Turns something outside the mesh into a host that a policy can be attached to. Invariant: the host is a placeholder
that agents call over plain HTTP; where it really leads is one field that an overlay sets.

Source: Istio reference, Service Entry.
"""

from __future__ import annotations

from seatrial.compiler.plan import Plan

from ..base import Object
from ..names import DEPENDENCY_PORT, dependency_host, metadata


def service_entry(plan: Plan, dependency: str) -> Object:
    address = dependency_host(dependency)
    spec: Object = {
        "hosts": [address],
        "exportTo": ["."],
        "location": "MESH_EXTERNAL",
        "resolution": "DNS",
        "ports": [{"number": DEPENDENCY_PORT, "name": "http", "protocol": "HTTP"}],
        "endpoints": [{"address": address}],
    }
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "ServiceEntry",
        "metadata": metadata(plan, dependency),
        "spec": spec,
    }
