"""Plan to Kubernetes manifests.

Turns the plan into one file an object under `kubernetes/`. Invariant: the order is that of creation (namespace, what
pods refer to, pods, what acts on them), pools in the plan's order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seatrial.compiler.plan import CallPlan, Plan, PoolPlan
from seatrial.dsl.diagnostics import Diagnostic

from ..base import Document, Emitted, Object
from ..behavior import METRICS
from ..buckets import annotation
from ..calls import by_callee, by_caller
from .autoscaler import autoscaler, disruption_budget
from .beside import ALONE, Beside
from .contained import of_containment
from .findings import of_an_empty, of_network, of_pool, of_sidecars, of_signals
from .network import is_closed, opened, shut
from .shared import limit_range, namespace_document, priority_classes, quota, service, service_account
from .stop import emergency_stop
from .workload import deployment


@dataclass(frozen=True, slots=True)
class KubernetesEmitter:
    beside: Beside = ALONE

    @property
    def name(self) -> str:
        return "kubernetes"

    def emit(self, plan: Plan) -> Emitted:
        """A pool without an image has no workload and an ST7001 error."""
        documents = [_document("namespace", namespace_document(plan, sidecar=self.beside.sidecar))]
        for one in priority_classes(plan):
            documents.append(_document(f"priority-{_name(one)}", one))
        documents.append(_document("quota", quota(plan, sidecar=self.beside.sidecar, dapr=self.beside.dapr)))
        if (limits := limit_range(plan, sidecar=self.beside.sidecar, dapr=self.beside.dapr)) is not None:
            documents.append(_document("limits", limits))
        documents += [_document(name, body) for name, body in emergency_stop(plan)]
        diagnostics: list[Diagnostic] = [*of_network(plan)]
        if self.beside.sidecar:
            diagnostics += of_sidecars(plan)
        if is_closed(plan):
            documents.append(_document("network-shut", shut(plan)))
        if not self.beside.scaled_by_keda:
            diagnostics += of_signals(plan)
        buckets = annotation(plan) if self.beside.measured else {}
        incoming, outgoing = by_callee(plan), by_caller(plan)
        for pool in plan.pools:
            diagnostics += of_pool(pool)
            if pool.agents_min == 0 and not self.beside.scaled_by_keda:
                diagnostics.append(of_an_empty(pool))
            ends = incoming.get(pool.name, ()), outgoing.get(pool.name, ())
            documents += self._pool(plan, pool, *ends, buckets)
        diagnostics += of_containment(plan)
        return tuple(documents), tuple(diagnostics)

    def _pool(
        self,
        plan: Plan,
        pool: PoolPlan,
        incoming: Sequence[CallPlan],
        outgoing: Sequence[CallPlan],
        buckets: Object,
    ) -> list[Document]:
        sidecar, dapr = self.beside.sidecar, self.beside.dapr
        made = [("serviceaccount", service_account(plan, pool)), ("service", service(plan, pool))]
        if pool.image is not None:
            body = deployment(plan, pool, incoming, self.beside, buckets)
            made.append(("deployment", body))
        by_keda = self.beside.scaled_by_keda and pool.scaling is not None and pool.scaling.signal in METRICS
        if pool.scaling is not None and pool.agents_min > 0 and not by_keda:
            made.append(("autoscaler", autoscaler(plan, pool, pool.scaling, sidecar=sidecar)))
        if is_closed(plan):
            made.append(("network", opened(plan, pool, incoming, outgoing, sidecar=sidecar, dapr=dapr)))
        if pool.disruption_min_available is not None:
            made.append(("disruption", disruption_budget(plan, pool, pool.disruption_min_available)))
        return [_document(f"{pool.name}-{kind}", body) for kind, body in made]


def _document(name: str, body: Object) -> Document:
    return Document(f"kubernetes/{name}.yaml", body)


def _name(body: Object) -> str:
    meta = body["metadata"]
    assert isinstance(meta, dict)
    return str(meta["name"])
