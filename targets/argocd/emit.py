"""Plan to Argo CD.

Turns the folder that is written into an Application that keeps a cluster as the folder says. Invariant: what an
autoscaler decides is its own: for each Deployment that is written without `replicas`, and for no other, that field is
neither a difference nor part of what is applied.

Sources: Argo CD 3.5, Application (`manifests/crds/application-crd.yaml`), "Diff Customization", "Sync Options"
(RespectIgnoreDifferences, PruneLast), "Automated Sync Policy", "Declarative Setup" (finalizers).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from seatrial.compiler.plan import Plan
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..base import Document, Emitted, Json, Object
from ..names import labels, namespace

FOLDER = "argocd"

CONTROL_PLANE = "argocd"
"""The namespace in which Argo CD reads Applications, by its own manifests."""

HERE = "https://kubernetes.default.svc"
"""The cluster that Argo CD runs in."""

PATH = "deploy"
"""Where the folder lies in the repository; a placeholder, as the repository is."""


@dataclass(frozen=True, slots=True)
class ArgoCdEmitter:
    @property
    def name(self) -> str:
        return FOLDER

    def emit(self, plan: Plan) -> Emitted:
        path = f"{FOLDER}/{plan.fleet}.yaml"
        documents = (Document(path, _application(plan, None)), _folder([path]))
        return documents, (_placeholder(plan),)


def applications(plans: Mapping[str, Plan]) -> tuple[Document, ...]:
    """One for each environment, of its overlay."""
    made = [Document(f"{FOLDER}/{plan.fleet}-{name}.yaml", _application(plan, name)) for name, plan in plans.items()]
    return (*made, _folder([one.path for one in made]))


def _application(plan: Plan, environment: str | None) -> Object:
    name, path, cluster = plan.fleet, PATH, {"server": HERE}
    if environment is not None:
        # The environments of a fleet have one namespace, so each has a cluster of its own.
        name, path, cluster = f"{name}-{environment}", f"{path}/overlays/{environment}", {"name": environment}
    scaled = [pool.name for pool in plan.pools if pool.scaling is not None]
    spec: Object = {
        "project": "default",
        "source": {"repoURL": f"https://git.example/{plan.fleet}.git", "targetRevision": "HEAD", "path": path},
        "destination": {**cluster, "namespace": namespace(plan)},
        "syncPolicy": {
            # What somebody changes by hand was not proved: it is put back.
            "automated": {"prune": True, "selfHeal": True, "allowEmpty": False},
            # Agents that still run read the runtime document that goes.
            "syncOptions": ["RespectIgnoreDifferences=true", "PruneLast=true"],
        },
    }
    if scaled:
        spec["ignoreDifferences"] = [_left_alone(pool, plan) for pool in scaled]
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": CONTROL_PLANE, "labels": labels(plan)},
        "spec": spec,
    }


def _left_alone(pool: str, plan: Plan) -> Json:
    return {
        "group": "apps",
        "kind": "Deployment",
        "name": pool,
        "namespace": namespace(plan),
        "jsonPointers": ["/spec/replicas"],
    }


def _folder(paths: list[str]) -> Document:
    """Apart from the fleet's own: an Application that were part of what it applies would apply itself."""
    body: Object = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [path.removeprefix(f"{FOLDER}/") for path in paths],
    }
    return Document(f"{FOLDER}/kustomization.yaml", body)


def _placeholder(plan: Plan) -> Diagnostic:
    return Diagnostic(
        "ST7092",
        Severity.NOTE,
        "argocd: the repository, and the folder in it, are placeholders",
        (Label(plan.origin),) if plan.origin is not None else (),
        notes=("the spec names neither; set `spec.source` of the Application in an overlay of argocd/",),
    )
