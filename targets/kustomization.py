"""The folder as a whole, for `kubectl kustomize` and `kubectl apply -k`.

Turns the list of emitted documents into `kustomization.yaml`. Invariant: every manifest is listed once, in the order in
which it was emitted.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from seatrial.compiler.plan import Plan

from .base import Document, Json, Object
from .names import RUNTIME_CONFIG, labels, namespace

OBJECTS = frozenset(
    {"kubernetes", "istio", "keda", "kueue", "dapr", "ai-gateway", "agentgateway", "kafka", "gateway-api"}
)
"""Targets that write objects of a cluster."""

MANIFESTS = tuple(f"{name}/" for name in sorted(OBJECTS))


def kustomization(plan: Plan, documents: Sequence[Document], names: Collection[str]) -> Document:
    """The runtime document becomes a ConfigMap whose name has a hash, so that a change of it rolls the agents."""
    resources: list[Json] = [one.path for one in documents if one.path.startswith(MANIFESTS)]
    body: Object = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": resources,
    }
    if "runtime" in names and "kubernetes" in names:
        generated: Object = {
            "name": RUNTIME_CONFIG,
            "namespace": namespace(plan),
            "files": ["runtime/fleet.json"],
            "options": {"labels": labels(plan)},
        }
        body["configMapGenerator"] = [generated]
    return Document("kustomization.yaml", body)
