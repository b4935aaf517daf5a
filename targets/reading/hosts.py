"""Hosts of a mesh to the pools and dependencies behind them.

Invariant: a short name means a Service of the fleet's own namespace, as Kubernetes' DNS has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..names import CLUSTER_DOMAIN, DEPENDENCY_DOMAIN, PORT
from . import spelling
from .common import metadata
from .draft import Clauses, PoolDraft
from .manifest import Fields, items, texts
from .selection import Selection


@dataclass(slots=True)
class Hosts:
    """`namespace`: "" where nobody says it. `services`: the pool behind each Service; `outside`: the dependency behind
    each host of a ServiceEntry."""

    namespace: str
    services: dict[str, str] = field(default_factory=dict)
    outside: dict[str, str] = field(default_factory=dict)
    blocks: list[Clauses] = field(default_factory=list)

    def find(self, host: str) -> tuple[str, bool] | None:
        """The name of the callee, and whether it is a dependency."""
        if host in self.outside:
            return self.outside[host], True
        name, _, rest = host.partition(".")
        space, _, domain = f"{rest}.".partition(".")
        # Whole names say a namespace that objects without one leave to whoever applies them.
        here = space in ("", self.namespace) or (not self.namespace and bool(domain))
        if here and name in self.services and (not domain or domain.startswith("svc.")):
            return self.services[name], False
        return None

    def matching(self, pattern: str) -> list[tuple[str, bool]]:
        """Those whose hosts end as a pattern does that begins with `*`, as `find` gives them."""
        ending = pattern.removeprefix("*")
        space = self.namespace or ending.removeprefix(".").partition(".")[0]
        inside = [
            (pool, False)
            for name, pool in self.services.items()
            if f"{name}.{space}.svc.{CLUSTER_DOMAIN}".endswith(ending)
        ]
        outside = [(name, True) for host, name in self.outside.items() if host.endswith(ending)]
        return list(dict.fromkeys([*inside, *outside]))


def hosts(
    namespace: str,
    services: Iterable[Fields],
    entries: Iterable[Fields],
    pools: Sequence[PoolDraft],
    selection: Selection,
) -> Hosts:
    found = Hosts(namespace)
    for fields in services:
        _service(fields, found, selection)
    for pool in pools:
        # Callers use the name of a Service, which nearly always is the workload's.
        found.services.setdefault(pool.workload, pool.name)
    taken = {pool.name for pool in pools}
    for fields in entries:
        _entry(fields, found, taken)
    return found


def _service(fields: Fields, found: Hosts, selection: Selection) -> None:
    metadata(fields)
    spec = fields.within("spec")
    # How traffic gets to pods is the cluster's, but a port or a type of one's own is not what compiled Services have.
    if spec.peek("clusterIP") == "None":
        spec.refuse("clusterIP", "callers of a headless Service choose among agents themselves; compiled ones are not")
    else:
        spec.skip("clusterIP", "clusterIPs")
    spec.skip("ipFamilies", "ipFamilyPolicy")
    spec.known("internalTrafficPolicy", "Cluster")
    spec.known("sessionAffinity", "None")
    spec.known("type", "ClusterIP")
    selector = texts(spec.peek("selector"))
    mine = selection.of(selector)
    if not mine:
        spec.refuse("selector", "no workload that was read has pods with these labels")
        return
    spec.take("selector")
    for port in spec.each("ports"):
        plain = port.peek("targetPort") in (PORT, "http", None) and port.peek("protocol") in ("TCP", None)
        if port.peek("port") == PORT and plain:
            port.skip("name", "port", "targetPort", "protocol", "appProtocol")
        else:
            port.refuse_whole(f"compiled Services answer on {PORT} and lead to {PORT}")
    found.services[fields.manifest.name] = mine[0].name
    if fields.manifest.name != mine[0].name:
        fields.leave("metadata.name", f"compiled agents are called as {mine[0].name}, by the name of their pool")


def _entry(fields: Fields, found: Hosts, taken: set[str]) -> None:
    metadata(fields)
    spec = fields.within("spec")
    addresses = [str(one) for one in items(spec.take("hosts"))]
    ours = len(addresses) == 1 and addresses[0].endswith(f".{DEPENDENCY_DOMAIN}")
    spec.known("exportTo", ["."])
    spec.known("location", "MESH_EXTERNAL")
    if ours:
        wanted = addresses[0].removesuffix(f".{DEPENDENCY_DOMAIN}")
        spec.known("resolution", "DNS")
        spec.known("ports", [{"number": 80, "name": "http", "protocol": "HTTP"}])
        spec.known("endpoints", [{"address": addresses[0]}])
        spec.refuse("endpoints", f"compiled agents call it as {addresses[0]}; set the address in an overlay")
    else:
        wanted = fields.manifest.name
        for name in ("ports", "endpoints", "resolution"):
            spec.refuse(name, f"compiled agents call it as NAME.{DEPENDENCY_DOMAIN}; set its address in an overlay")
    name = spelling.name(wanted, taken)
    taken.add(name)
    block = Clauses(f"dependency {name}")
    block.say("declared", "", fields.place())
    found.blocks.append(block)
    found.outside.update(dict.fromkeys(addresses, name))
