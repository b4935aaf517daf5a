"""A plan to the objects of a cluster that it compiles to, read as an import would read them.

Invariant: what `compile` writes for somebody else than a cluster's API server is none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from seatrial.compiler.plan import Plan
from seatrial.targets import emit_all, plain, render
from seatrial.targets.names import RUNTIME_CONFIG
from seatrial.targets.reading import Manifest

from .manifests import unwrapped


def compiled(made: Plan, names: Sequence[str]) -> tuple[Manifest, ...]:
    """The ConfigMap of the runtime document, which kustomize makes, is among them."""
    documents, _ = emit_all(made, names)
    found: list[Manifest] = []
    for one in documents:
        if one.path.endswith(".yaml") and Path(one.path).name != "kustomization.yaml":
            found += unwrapped(plain(one), one.path, 1)
        elif one.path == "runtime/fleet.json" and "kubernetes" in names:
            text = render(one, made).decode()
            labels = {"app.kubernetes.io/part-of": made.fleet, "app.kubernetes.io/managed-by": "seatrial"}
            meta = {"name": RUNTIME_CONFIG, "namespace": made.fleet, "labels": labels}
            body = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"fleet.json": text}, "metadata": meta}
            found.append(Manifest(body, one.path, 1))
    return tuple(found)
