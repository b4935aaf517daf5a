"""Plan to the bootstrap of the local fleet's Envoy.

Turns the plan into `envoy/envoy.json`: one process that is every caller's proxy, with one listener and one cluster for
each call. Invariant: all paths in it are relative to the folder Envoy runs in, all ports are 0, so it runs anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.compiler.plan import Plan
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..base import Document, Emitted, Object
from ..limits import of_proxies
from .cluster import cluster
from .listener import listener

OUTLIER_LOG = "logs/outlier.log"


@dataclass(frozen=True, slots=True)
class EnvoyEmitter:
    """The data plane of a trial on one machine; `envoy --mode validate` accepts what it makes."""

    @property
    def name(self) -> str:
        return "envoy"

    def emit(self, plan: Plan) -> Emitted:
        return (Document("envoy/envoy.json", bootstrap(plan)),), (*of_proxies(plan, self.name), *_of_security(plan))


def _of_security(plan: Plan) -> Iterator[Diagnostic]:
    for one in plan.security:
        if one.mutual_tls:
            yield Diagnostic(
                "ST7041",
                Severity.NOTE,
                "envoy: calls within this machine are plain, without certificates",
                (Label(one.origin),),
                notes=("a trial says nothing about mutual TLS; the istio target enforces it",),
            )


def bootstrap(plan: Plan) -> Object:
    """An Envoy v3 Bootstrap. The provenance is the node's metadata, which `/server_info` shows."""
    return {
        "node": {
            "id": plan.fleet,
            "cluster": plan.fleet,
            "metadata": {"seatrial": {"version": plan.version, "fleet": plan.fleet, "digest": plan.digest}},
        },
        "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}}},
        # Only an admin layer can be changed by POST /runtime_modify, which is how a trial injects faults.
        "layered_runtime": {"layers": [{"name": "admin", "admin_layer": {}}]},
        "cluster_manager": {"outlier_detection": {"event_log_path": OUTLIER_LOG}},
        "static_resources": {
            "listeners": [listener(call) for call in plan.calls],
            "clusters": [cluster(call) for call in plan.calls],
        },
    }
