"""The targets there are, and several of them at once.

Turns a plan and a choice of targets into one ordered list of documents. Invariant: the order is that of `TARGETS`,
never that of the user's choice.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from seatrial.compiler.plan import Plan
from seatrial.dsl.diagnostics import Diagnostic, in_order

from .base import Document, Emitted, Emitter
from .envoy import EnvoyEmitter
from .istio import IstioEmitter
from .kubernetes import KubernetesEmitter
from .kustomization import kustomization
from .prometheus import PrometheusEmitter
from .runtime import RuntimeEmitter

TARGETS: tuple[Emitter, ...] = (
    RuntimeEmitter(),
    KubernetesEmitter(),
    IstioEmitter(),
    EnvoyEmitter(),
    PrometheusEmitter(),
)

NAMES: tuple[str, ...] = tuple(target.name for target in TARGETS)


def emit_all(plan: Plan, names: Collection[str] = NAMES) -> Emitted:
    """The documents of the named targets with their `kustomization.yaml`, and their diagnostics sorted by place.

    Raises KeyError for a name that is not in `NAMES`: names are the command line's to check.
    """
    if unknown := sorted(set(names) - set(NAMES)):
        raise KeyError(unknown[0])
    documents: list[Document] = []
    diagnostics: list[Diagnostic] = []
    for target in TARGETS:
        if target.name in names:
            made, found = _beside(target, names).emit(plan)
            documents += made
            diagnostics += found
    if {"kubernetes", "istio"} & set(names):
        documents.append(kustomization(plan, documents, names))
    return tuple(documents), in_order(diagnostics)


def _beside(target: Emitter, names: Collection[str]) -> Emitter:
    """Manifests depend on what else is emitted: the mesh's sidecars, the runtime document to mount."""
    if isinstance(target, KubernetesEmitter):
        return replace(target, sidecar="istio" in names, runtime="runtime" in names, measured="prometheus" in names)
    return target
