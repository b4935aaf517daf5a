"""The targets there are, and several of them at once.

Turns a plan and a choice of targets into one ordered list of documents. Invariant: the order is that of `TARGETS`,
never that of the user's choice.
"""

from __future__ import annotations

from collections.abc import Collection

from seatrial.compiler.plan import Plan
from seatrial.dsl.diagnostics import Diagnostic, in_order

from .agentgateway import AgentgatewayEmitter
from .ai_gateway import AiGatewayEmitter
from .argocd import ArgoCdEmitter
from .base import Document, Emitted, Emitter
from .dapr import DaprEmitter
from .envoy import EnvoyEmitter
from .gateway_api import GatewayApiEmitter
from .istio import IstioEmitter
from .kafka import KafkaEmitter
from .keda import KedaEmitter
from .kubernetes import Beside, KubernetesEmitter
from .kueue import KueueEmitter
from .kustomization import OBJECTS, kustomization
from .litellm import LiteLlmEmitter
from .prometheus import PrometheusEmitter
from .runtime import RuntimeEmitter

TARGETS: tuple[Emitter, ...] = (
    RuntimeEmitter(),
    KubernetesEmitter(),
    IstioEmitter(),
    EnvoyEmitter(),
    PrometheusEmitter(),
    KedaEmitter(),
    KueueEmitter(),
    DaprEmitter(),
    LiteLlmEmitter(),
    AiGatewayEmitter(),
    AgentgatewayEmitter(),
    KafkaEmitter(),
    GatewayApiEmitter(),
    ArgoCdEmitter(),
)

NAMES: tuple[str, ...] = tuple(target.name for target in TARGETS)

ASKED_FOR = ("keda", "kueue", "dapr", "litellm", "ai-gateway", "agentgateway", "kafka", "gateway-api", "argocd")
"""Targets of what not every cluster has, or that take the place of what Kubernetes has itself: written when named."""

USUAL: tuple[str, ...] = tuple(name for name in NAMES if name not in ASKED_FOR)


def emit_all(plan: Plan, names: Collection[str] = USUAL, only: str | None = None) -> Emitted:
    """The documents of the named targets with their `kustomization.yaml`, and their diagnostics sorted by place.

    With `only` that one's documents alone, as they are beside the others.

    Raises KeyError for a name that is not in `NAMES`: names are the command line's to check.
    """
    if unknown := sorted(set(names) - set(NAMES)):
        raise KeyError(unknown[0])
    documents: list[Document] = []
    diagnostics: list[Diagnostic] = []
    for target in TARGETS:
        if target.name in names and only in (None, target.name):
            made, found = _beside(target, names).emit(plan)
            documents += made
            diagnostics += found
    if only is None and OBJECTS & set(names):
        documents.append(kustomization(plan, documents, names))
    return tuple(documents), in_order(diagnostics)


def _beside(target: Emitter, names: Collection[str]) -> Emitter:
    """Manifests depend on what else is emitted: the mesh's sidecars, the runtime document to mount."""
    if isinstance(target, KubernetesEmitter):
        return KubernetesEmitter(
            Beside(
                sidecar="istio" in names,
                runtime="runtime" in names,
                measured="prometheus" in names,
                scaled_by_keda="keda" in names,
                queued_by_kueue="kueue" in names,
                dapr="dapr" in names,
            )
        )
    if isinstance(target, IstioEmitter):
        return IstioEmitter(gateway_api="gateway-api" in names)
    if isinstance(target, KueueEmitter):
        return KueueEmitter(sidecar="istio" in names)
    return target
