"""Plan to Prometheus' rules, Alertmanager's routes and Grafana's dashboard.

Turns objectives, assumptions and crises into `prometheus/`. Invariant: the rules of the plain file and those of the
PrometheusRule are the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from seatrial.compiler.plan import Plan
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..base import Document, Emitted, Json, Object
from ..buckets import DEFAULT_MS, annotation
from ..names import metadata
from . import crises, envelope, objectives
from .alerting import alertmanager
from .dashboard import dashboard
from .rules import group

FOLDER = "prometheus"


@dataclass(frozen=True, slots=True)
class PrometheusEmitter:
    """For the series of Istio, kube-state-metrics and the agents; see README.md."""

    @property
    def name(self) -> str:
        return "prometheus"

    def emit(self, plan: Plan) -> Emitted:
        plan = _in_order(plan)
        groups = _groups(plan)
        documents = [Document(f"{FOLDER}/rules.yaml", {"groups": groups})]
        documents.append(Document(f"{FOLDER}/prometheusrule.yaml", _for_the_operator(plan, groups)))
        documents.append(Document(f"{FOLDER}/alertmanager.yaml", alertmanager(plan)))
        documents.append(Document(f"{FOLDER}/dashboard.json", dashboard(plan)))
        documents.append(Document(f"{FOLDER}/kustomization.yaml", _component(plan)))
        return tuple(documents), (*objectives.unalerted(plan), *_buckets(plan))


def _in_order(plan: Plan) -> Plan:
    """The plan by names. Sums and panels follow an order, and that must not be the one in which a spec declares."""
    queues = tuple(sorted(plan.containment.queues, key=lambda one: one.name))
    return replace(
        plan,
        demands=tuple(sorted(plan.demands, key=lambda one: one.name)),
        dependencies=tuple(sorted(plan.dependencies, key=lambda one: one.name)),
        pools=tuple(sorted(plan.pools, key=lambda one: one.name)),
        budgets=tuple(sorted(plan.budgets, key=lambda one: (one.scope, one.period, one.dollars))),
        latency=tuple(sorted(plan.latency, key=lambda one: (one.demand, one.quantile, one.below_seconds))),
        success=tuple(sorted(plan.success, key=lambda one: (one.demand, one.share, one.over_seconds))),
        crises=tuple(sorted(plan.crises, key=lambda one: one.name)),
        containment=replace(plan.containment, queues=queues),
    )


def _groups(plan: Plan) -> list[Json]:
    made = [
        ("objectives", [*objectives.recordings(plan)]),
        ("objectives.alerts", [*objectives.alerts(plan)]),
        ("envelope", [*envelope.recordings(plan), *envelope.alerts(plan)]),
        ("crises", [*crises.recordings(plan), *crises.alerts(plan)]),
    ]
    return [group(plan, name, rules) for name, rules in made if rules]


def _for_the_operator(plan: Plan, groups: list[Json]) -> Object:
    """Source: prometheus-operator, API reference, PrometheusRule (monitoring.coreos.com/v1)."""
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": metadata(plan, plan.fleet),
        "spec": {"groups": groups},
    }


def _component(plan: Plan) -> Object:
    """For a cluster with the operator and Grafana's sidecar; an overlay takes it by `components: [prometheus]`."""
    config: Object = {
        "name": f"{plan.fleet}-dashboard",
        "namespace": plan.fleet,
        "files": ["dashboard.json"],
        "options": {"labels": {"grafana_dashboard": "1"}, "disableNameSuffixHash": True},
    }
    return {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        "resources": ["prometheusrule.yaml"],
        "configMapGenerator": [config],
    }


def _buckets(plan: Plan) -> Iterator[Diagnostic]:
    """A bound that is no bucket has no series: whoever owns the proxy must be told."""
    wanted = [one for one in plan.latency if one.below_seconds * 1000 not in DEFAULT_MS]
    if wanted:
        demands = ", ".join(sorted({one.demand for one in wanted}))
        yield Diagnostic(
            "ST7062",
            Severity.NOTE,
            f"prometheus: the gateways of {demands} need a histogram bucket at each objective",
            tuple(Label(origin) for origin in dict.fromkeys(one.origin for one in wanted)),
            notes=(*(f"annotate their pods: {key}: '{value}'" for key, value in annotation(plan).items()),),
        )
