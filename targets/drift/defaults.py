"""What an API server and its controllers put into objects by themselves.

Invariant: a value is listed here only with the path at which a server fills it in; any other value at the same path is
somebody's doing.

Source: Kubernetes API reference and `SetDefaults_*` in pkg/apis/*/v1/defaults.go; Kueue v1beta2, the defaults of
ClusterQueueSpec and LocalQueueSpec and the webhook of Deployments; KEDA and Istio fill in nothing that we do not write.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_SERVERS_OWN = re.compile(
    r"""
    status
    | metadata\.(creationTimestamp|deletion\w+|finalizers|generation|generateName|managedFields|ownerReferences)
    | metadata\.(resourceVersion|selfLink|uid)
    | metadata\.annotations\.(kubectl|autoscaling\.alpha)\.kubernetes\.io/.*
    | metadata\.annotations\.deployment\.kubernetes\.io/revision
    | metadata\.labels\.(kubernetes\.io/metadata\.name|scaledobject\.keda\.sh/name)
    """,
    re.X,
)
"""Written by a server, whatever the value."""

_ITEM = re.compile(r"\[[^\]]*\]")

_FILLED_IN: dict[str, dict[str, tuple[object, ...]]] = {
    "Deployment": {
        "spec.replicas": (),
        "spec.progressDeadlineSeconds": (600,),
        "spec.revisionHistoryLimit": (10,),
        "spec.template.metadata.creationTimestamp": (None,),
        "spec.template.metadata.annotations.kueue.x-k8s.io/pod-suspending-parent": ("deployment",),
        "spec.template.spec.restartPolicy": ("Always",),
        "spec.template.spec.securityContext": ({},),
        "spec.template.spec.containers.*.resources": ({},),
        "spec.template.spec.dnsPolicy": ("ClusterFirst",),
        "spec.template.spec.schedulerName": ("default-scheduler",),
        "spec.template.spec.serviceAccount": (),
        "spec.template.spec.containers.*.imagePullPolicy": ("IfNotPresent", "Always"),
        "spec.template.spec.containers.*.terminationMessagePath": ("/dev/termination-log",),
        "spec.template.spec.containers.*.terminationMessagePolicy": ("File",),
        "spec.template.spec.containers.*.*Probe.httpGet.scheme": ("HTTP",),
        "spec.template.spec.containers.*.*Probe.successThreshold": (1,),
        "spec.template.spec.containers.*.ports.*.protocol": ("TCP",),
        "spec.template.spec.volumes.*.configMap.defaultMode": (420,),
        "spec.template.spec.topologySpreadConstraints.*.nodeAffinityPolicy": ("Honor",),
        "spec.template.spec.containers.*.env.*.valueFrom.fieldRef.apiVersion": ("v1",),
    },
    "Service": {
        "spec.clusterIP": (),
        "spec.clusterIPs": (),
        "spec.internalTrafficPolicy": ("Cluster",),
        "spec.ipFamilies": (),
        "spec.ipFamilyPolicy": ("SingleStack",),
        "spec.sessionAffinity": ("None",),
        "spec.type": ("ClusterIP",),
    },
    "Namespace": {"spec": ()},
    "PriorityClass": {"preemptionPolicy": ("PreemptLowerPriority",), "globalDefault": (False,)},
    "ServiceAccount": {"secrets": (), "imagePullSecrets": ()},
    "Role": {},
    "ClusterQueue": {
        "spec.flavorFungibility.whenCanBorrow": ("MayStopSearch",),
        "spec.flavorFungibility.whenCanPreempt": ("TryNextFlavor",),
        "spec.preemption.borrowWithinCohort.policy": ("Never",),
        "spec.stopPolicy": ("None",),
    },
    "LocalQueue": {"spec.stopPolicy": ("None",)},
}
"""By kind: the path with `*` for an item of a list or a part of a name, and the values; none: any value."""

_SERVERS_PATHS = {
    kind: [(re.compile(re.escape(path).replace(r"\*", r"[^.]*")), values) for path, values in paths.items()]
    for kind, paths in _FILLED_IN.items()
}


_HANDED_ON = {
    f"spec.template.metadata.labels.{name}": name
    for name in ("kueue.x-k8s.io/queue-name", "kueue.x-k8s.io/priority-class")
}
"""Labels that Kueue gives the pods of a Deployment which has them, by their paths."""


def is_servers_own(path: str) -> bool:
    """Whether a server writes the field whatever anybody says."""
    return _SERVERS_OWN.fullmatch(path) is not None


def is_filled_in(kind: str, path: str, value: object) -> bool:
    """Whether a server puts this value there where a document says nothing."""
    plain = _ITEM.sub(".*", path)
    for pattern, values in _SERVERS_PATHS.get(kind, ()):
        if pattern.fullmatch(plain):
            return not values or value in values
    return False


def is_handed_on(path: str, value: object, labels: Mapping[str, str]) -> bool:
    """Whether a controller copied this value there from the object's own label."""
    return path in _HANDED_ON and labels.get(_HANDED_ON[path]) == value
