"""What every object has: metadata, and what a server adds.

Invariant: a field that is skipped here says nothing of how a fleet behaves.
"""

from __future__ import annotations

from .manifest import Fields

_SERVERS = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "finalizers",
    "generateName",
    "generation",
    "managedFields",
    "ownerReferences",
    "resourceVersion",
    "selfLink",
    "uid",
)
_ANNOTATIONS = (
    "autoscaling.alpha.kubernetes.io/",
    "deployment.kubernetes.io/revision",
    "kubectl.kubernetes.io/",
    "kubernetes.io/change-cause",
    "meta.helm.sh/",
    "helm.sh/",
)


def metadata(fields: Fields) -> None:
    """Names and labels find objects, and a spec's own are written by `compile`; annotations may mean anything."""
    fields.skip("status", "metadata.name", "metadata.namespace", "metadata.labels")
    fields.skip(*(f"metadata.{name}" for name in _SERVERS))
    other_annotations(fields.within("metadata"))


def other_annotations(meta: Fields, *known: str) -> None:
    """Those of tools that deploy are skipped, and those that the caller knows."""
    found = meta.peek("annotations")
    names = [str(name) for name in found] if isinstance(found, dict) else []
    others = [name for name in names if not name.startswith((*_ANNOTATIONS, *known))]
    if not others:
        meta.skip("annotations")
    else:
        meta.refuse("annotations", f"annotations are not read: {', '.join(others)}")
