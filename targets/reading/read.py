"""Objects of a cluster to what they say of a fleet.

Turns manifests, in any order, into clauses and a list of what no clause carries. Invariant: the answer does not depend
on the order of the documents but for the order of the pools; every object is read, or named as one that is not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from seatrial.compiler.semantics.probes import PRE_STOP_S
from seatrial.compiler.semantics.updates import PROGRESS_S, deadline_seconds, ready_seconds

from ..names import POOL_LABEL
from . import (
    backend_traffic,
    bounds,
    doors,
    filters,
    http_routes,
    mesh,
    own_queues,
    priorities,
    queues,
    scaling,
    spelling,
    workload,
)
from .common import metadata
from .draft import Clauses, PoolDraft, Reading
from .emptied import emptied
from .graph import edges_of
from .hosts import hosts
from .manifest import Fields, Left, Manifest
from .placeholders import fill, node_classes
from .selection import Selection

WORKLOADS = ("Deployment", "StatefulSet")
_FOREIGN = "this kind is not read"
CLUSTER_WIDE = (
    *("Namespace", "PriorityClass", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding"),
    *("ClusterQueue", "Cohort", "ResourceFlavor", "WorkloadPriorityClass"),
)
"""Kinds whose objects are in no namespace."""
READ = frozenset(
    {
        *(("apps", kind) for kind in WORKLOADS),
        ("autoscaling", "HorizontalPodAutoscaler"),
        ("keda.sh", "ScaledObject"),
        ("policy", "PodDisruptionBudget"),
        *(
            ("", kind)
            for kind in ("Service", "ServiceAccount", "Namespace", "ResourceQuota", "LimitRange", "ConfigMap")
        ),
        ("scheduling.k8s.io", "PriorityClass"),
        ("networking.k8s.io", "NetworkPolicy"),
        *(
            ("networking.istio.io", kind)
            for kind in ("DestinationRule", "VirtualService", "ServiceEntry", "Gateway", "EnvoyFilter")
        ),
        *((http_routes.GROUP, kind) for kind in ("Gateway", "HTTPRoute")),
        (backend_traffic.GROUP, "BackendTrafficPolicy"),
        *(("security.istio.io", kind) for kind in ("PeerAuthentication", "AuthorizationPolicy")),
        *(("rbac.authorization.k8s.io", kind) for kind in ("Role", "RoleBinding")),
        *((queues.GROUP, kind) for kind in own_queues.KINDS),
    }
)
"""The kinds that are, by their groups, of Kueue's some only where they are compiled ones; objects of all others are
listed as a whole."""


def namespaces(manifests: Iterable[Manifest]) -> tuple[str, ...]:
    """Where there are workloads, in the order in which they come; "" where no namespace is said."""
    return tuple(dict.fromkeys(one.namespace for one in manifests if one.kind in WORKLOADS and one.group == "apps"))


def read(manifests: Sequence[Manifest], fleet: str, namespace: str) -> Reading:
    """`namespace`: whose objects are the fleet's; those of others are listed. `fleet`: what to call it."""
    return _Reader(fleet, namespace).read(manifests)


class _Reader:
    def __init__(self, fleet: str, namespace: str) -> None:
        self.fleet = spelling.name(fleet)
        self.namespace = namespace
        self.whole = Clauses("")
        self.secure = Clauses("secure")
        self.room = Clauses("namespace")
        self.roles: list[Clauses] = []
        self.by_kind: dict[str, list[Fields]] = {}
        self.everything: list[Fields] = []
        self.foreign: list[Left] = []
        self.clashes: list[str] = []

    def read(self, manifests: Sequence[Manifest]) -> Reading:
        for one in manifests:
            self._sort(one)
        levels = priorities.levels(self._all("PriorityClass"))
        pools = self._pools(levels)
        selection = Selection(pools)
        edges = self._mesh(pools, selection)
        self._updates(pools, edges)
        self._autoscalers(pools)
        compiled = any(POOL_LABEL in pool.labels for pool in pools)
        for fields in self._all("LimitRange"):
            bounds.defaults(fields, pools, self.room, ours=compiled and fields.manifest.is_ours)
        for fields in self._all("PodDisruptionBudget"):
            bounds.disruption(fields, selection)
        for fields in self._all("ResourceQuota"):
            bounds.quota(fields, pools, self.room, ours=fields.manifest.is_ours)
        waiting = [fields.manifest.labels.get(queues.LABEL) for fields in self._all(*WORKLOADS)]
        queues.queues(self.by_kind, waiting, self.room)
        ours = {kind: self._all(f"{kind}/{queues.GROUP}") for kind in own_queues.KINDS}
        shared = own_queues.own_queues(ours, self._all(*WORKLOADS))
        self._rest()
        made, notes = edges_of(edges, pools)
        emptied_by = emptied(pools, made)
        demands = fill(pools, made, edges.hosts.blocks)
        spread = self._spread()
        nodes = node_classes(pools, shared, zones=spread or "survive:zone" in self.whole.said, spread=spread)
        left = [one for fields in self.everything for one in fields.left()]
        return Reading(
            fleet=self.fleet,
            whole=self.whole,
            nodes=nodes,
            demands=demands,
            dependencies=tuple(edges.hosts.blocks),
            roles=tuple(self.roles),
            secure=self.secure,
            room=self.room,
            queues=emptied_by,
            pools=tuple(pools),
            edges=made,
            left=(*self.foreign, *left),
            notes=notes,
            clashes=tuple(self.clashes),
            objects=len(manifests),
        )

    def _sort(self, one: Manifest) -> None:
        fields = Fields(one)
        wide = one.kind in CLUSTER_WIDE
        others = one.group == queues.GROUP and not one.is_ours
        if (one.group, one.kind) not in READ or (others and one.kind not in queues.KINDS):
            self.foreign.append(Left(fields.place(), None, _FOREIGN))
        elif not wide and one.namespace not in ("", self.namespace):
            self.foreign.append(Left(fields.place(), None, f"it is in namespace {one.namespace}"))
        elif one.kind == "Namespace" and self.namespace not in ("", one.name):
            self.foreign.append(Left(fields.place(), None, "it is another namespace than the fleet's"))
        else:
            apart = one.group == http_routes.GROUP or (one.group == queues.GROUP and one.is_ours)
            kind = f"{one.kind}/{one.group}" if apart else one.kind
            self.by_kind.setdefault(kind, []).append(fields)
            self.everything.append(fields)

    def _all(self, *kinds: str) -> list[Fields]:
        return [fields for kind in kinds for fields in self.by_kind.get(kind, ())]

    def _pools(self, levels: dict[str, priorities.Level]) -> list[PoolDraft]:
        pools: list[PoolDraft] = []
        taken: set[str] = set()
        for fields in self._all(*WORKLOADS):
            pool = workload.pool(fields, spelling.name(fields.manifest.name, taken), levels)
            taken.add(pool.name)
            if pool.name != pool.workload:
                fields.leave("metadata.name", f"it is called {pool.name} in the language")
            if fields.manifest.kind != "Deployment":
                fields.refuse("spec.serviceName", "compiled agents are a Deployment's")
                fields.refuse("spec.volumeClaimTemplates", "compiled agents are a Deployment's and keep nothing")
            pools.append(pool)
        return pools

    def _mesh(self, pools: list[PoolDraft], selection: Selection) -> mesh.Edges:
        services, entries = self._all("Service"), self._all("ServiceEntry")
        found = hosts(self.namespace, services, entries, pools, selection)
        edges = mesh.Edges(found, selection, frozenset(pool.name for pool in pools))
        edges.meshed = any(one.manifest.labels.get("istio-injection") == "enabled" for one in self._all("Namespace"))
        for fields in self._all("Gateway"):
            doors.gateway(fields, edges)
        for fields in self._all(f"Gateway/{http_routes.GROUP}"):
            http_routes.gateway(fields, edges)
        for fields in self._all("NetworkPolicy"):
            doors.network_policy(fields, edges, self.secure)
        for fields in self._all("PeerAuthentication"):
            doors.peer_authentication(fields, self.secure)
        for fields in self._all("AuthorizationPolicy"):
            doors.authorization(fields, edges)
        for fields in self._all("VirtualService"):
            mesh.virtual_service(fields, edges)
        for fields in self._all(f"HTTPRoute/{http_routes.GROUP}"):
            http_routes.http_route(fields, edges)
        for fields in self._all("EnvoyFilter"):
            filters.envoy_filter(fields, edges)
        mesh.destination_rules(self._all("DestinationRule"), edges)
        backend_traffic.backend_traffic(self._all("BackendTrafficPolicy"), edges)
        return edges

    def _updates(self, pools: list[PoolDraft], edges: mesh.Edges) -> None:
        """A compiled update waits until what it replaces has left, and for as long as the slowest caller warms up."""
        warming: dict[str, int] = {}
        for (_, callee), policy in edges.policies.items():
            if policy.warm_up is not None:
                warming[callee] = max(warming.get(callee, 0), math.ceil(policy.warm_up[0]))
        for fields, pool in zip(self._all(*WORKLOADS), pools, strict=True):
            longest = warming.get(pool.name, 0)
            drain = workload.grace_of(fields.within("spec.template.spec")) - PRE_STOP_S
            ready = ready_seconds(drain, longest)
            if not fields.known("spec.minReadySeconds", ready, longest):
                fields.refuse("spec.minReadySeconds", f"compiled updates wait for {ready} s: the drain and the warm-up")
            fields.known("spec.progressDeadlineSeconds", PROGRESS_S, deadline_seconds(ready))

    def _autoscalers(self, pools: list[PoolDraft]) -> None:
        """One object owns the number of a pool's agents. Two that each set it undo what the other did: KEDA makes a
        HorizontalPodAutoscaler of its own (KEDA, "Scaling Deployments", on migrating from one), and with two of them
        Kubernetes stops scaling (`AmbiguousSelector`, pods under two autoscalers).
        """
        owners: dict[str, Fields] = {}
        by_title = {pool.place.object: pool for pool in pools}
        readers: tuple[tuple[str, Callable[[Fields, PoolDraft], None]], ...] = (
            ("HorizontalPodAutoscaler", scaling.autoscaler),
            ("ScaledObject", scaling.scaled_object),
        )
        for kind, reader in readers:
            for fields in self._all(kind):
                scaled = fields.within("spec.scaleTargetRef")
                group = str(scaled.peek("apiVersion") or "apps/v1").partition("/")[0]
                target = by_title.get(f"{scaled.peek('kind') or WORKLOADS[0]}/{scaled.peek('name')}")
                target = target if group == "apps" else None
                if target is None:
                    metadata(fields)
                    fields.refuse("spec", "the workload that it scales is not among what was read")
                elif target.scaled:
                    metadata(fields)
                    fields.refuse("spec", f"{target.name} is scaled by another object already")
                    both = " and ".join(_named(one) for one in (owners[target.name], fields))
                    self.clashes.append(f"{both} both own the number of agents of {target.name}; keep one of them")
                else:
                    owners[target.name] = fields
                    reader(fields, target)

    def _rest(self) -> None:
        """What a fleet has once, or what compiled manifests have beside a workload."""
        for fields in self._all("Namespace"):
            metadata(fields)
            fields.skip("spec")
        for fields in self._all("ServiceAccount"):
            metadata(fields)
            fields.known("automountServiceAccountToken", False)
        for fields in self._all("ConfigMap"):
            metadata(fields)
            fields.refuse("data", "the configuration of the agents themselves is not read")
        for fields in self._all("RoleBinding"):
            role = doors.emergency_stop(fields, self.whole)
            if role is not None:
                self.roles.append(role)
        for fields in self._all("Role"):
            if fields.manifest.name == doors.ROLE and self.roles:
                metadata(fields)
                fields.skip("rules")

    def _spread(self) -> bool:
        """Whether agents are spread over zones as far as may be; a hard spread of compiled manifests promises to stand
        a loss."""
        zones = False
        for fields in self._all(*WORKLOADS):
            pod = fields.within("spec.template.spec")
            for one in pod.each("topologySpreadConstraints"):
                if not fields.manifest.is_ours or one.peek("nodeTaintsPolicy") != "Honor":
                    continue
                for name in tuple(one.node):
                    one.skip(name)
                if one.peek("topologyKey") == workload.NODE:
                    self.whole.say("survive:node", "survive loss of 1 node", one.place(), ask="of how many nodes?")
                elif one.peek("whenUnsatisfiable") == "DoNotSchedule":
                    self.whole.say("survive:zone", "survive loss of 1 zone", one.place(), ask="of how many zones?")
                else:
                    zones = True
        return zones


def _named(fields: Fields) -> str:
    return f"{fields.manifest.title} ({fields.manifest.file}:{fields.manifest.line})"
