"""Gateways and HTTPRoutes of the Gateway API to the demands that come in by them and their policies.

Invariant: a route tells calls apart by who calls and who is called, or is listed: paths, headers, weights and filters
have no word in the language.

Source: Gateway API 1.6, HTTPRoute (a rule without matches takes every path; `timeouts` as GEP-2257 writes them, 0s for
none; `retry` of the experimental channel; a parent may be a Service, for calls inside the cluster). Istio's own default
of two retries holds for routes of a Gateway of its class.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..entering import NEVER
from ..names import DEMAND_LABEL, PORT
from .common import metadata, other_annotations
from .destinations import only, weighted
from .manifest import Fields, texts
from .mesh import ALL, Edges, demand_of

GROUP = "gateway.networking.k8s.io"
_ISTIO = "istio"
_EVERYTHING: tuple[object, ...] = ([{"path": {"type": "PathPrefix", "value": "/"}}], [])
_LISTENERS = [{"name": "http", "port": 80, "protocol": "HTTP", "allowedRoutes": {"namespaces": {"from": "Same"}}}]


def gateway(fields: Fields, edges: Edges) -> None:
    metadata(fields)
    spec, name = fields.within("spec"), fields.manifest.name
    demand = texts(spec.peek("infrastructure.labels")).get(DEMAND_LABEL)
    edges.gateways[name] = demand or name
    if spec.peek("gatewayClassName") == _ISTIO:
        spec.skip("gatewayClassName")
        edges.meshed = True
    else:
        spec.refuse("gatewayClassName", "compiled ones are Istio's; retries and breakers of other classes are not read")
    if demand is not None:
        spec.skip("infrastructure.labels")
        names = ("gateway.istio.io/name-override", "gateway.istio.io/service-account")
        other_annotations(fields.within("metadata"), *names)
        edges.entries.setdefault(demand, name)
        spec.known("listeners", _LISTENERS)
    spec.refuse("listeners", "compiled gateways take plain HTTP on port 80 for any host; set it in an overlay")


def http_route(fields: Fields, edges: Edges) -> None:
    metadata(fields)
    spec = fields.within("spec")
    callers = list(dict.fromkeys(_callers(spec, fields.manifest.name, edges)))
    if not callers:
        spec.refuse("parentRefs", "it belongs to no Gateway or Service")
        return
    spec.skip("parentRefs")
    if spec.peek("hostnames") is not None:
        spec.refuse("hostnames", "compiled routes of a gateway take any host; set it in an overlay")
    edges.routed[fields.manifest.name] = []
    seen: set[str] = set()
    # What is for everything else is what most requests get.
    for rule in sorted(spec.each("rules"), key=_is_partial):
        _rule(rule, callers, fields.manifest.namespace, edges, seen)


def _callers(spec: Fields, name: str, edges: Edges) -> Iterator[str]:
    for parent in spec.each("parentRefs"):
        if parent.peek("kind") == "Service":
            yield ALL
        elif parent.peek("name") is not None:
            yield demand_of(str(parent.peek("name")), name, edges)


def _rule(rule: Fields, callers: list[str], namespace: str, edges: Edges, seen: set[str]) -> None:
    callee = _callee(rule, namespace, edges)
    if callee is None:
        rule.refuse("backendRefs", "it leads to nothing that was read")
        return
    if _is_partial(rule):
        rule.refuse("matches", "calls differ by caller and callee only; paths, headers and methods cannot be matched")
    else:
        rule.skip("matches")
    if callee in seen:
        rule.refuse_whole(f"another rule for {callee} was taken, and the language has one policy for a call")
        return
    seen.add(callee)
    rule.skip("name")
    for caller in callers:
        edges.routed[rule.manifest.name].append((caller, callee))
        policy = edges.policy(caller, callee)
        policy.read(rule, timeout="timeouts.request", attempt="timeouts.backendRequest", retry="retry")
        rule.refuse("retry.codes", "every 5xx and every lost connection is retried; codes cannot be chosen")


def _is_partial(rule: Fields) -> bool:
    return rule.peek("matches") not in (None, *_EVERYTHING)


def _callee(rule: Fields, namespace: str, edges: Edges) -> str | None:
    found: list[tuple[Fields, str | None]] = []
    for backend in weighted(rule.each("backendRefs"), unsaid=1):
        name, within = str(backend.peek("name")), str(backend.peek("namespace") or namespace)
        to = edges.hosts.find(f"{name}.{within}" if within and within != edges.hosts.namespace else name)
        found.append((backend, to[0] if to is not None and backend.peek("kind") in (None, "Service") else None))
    callee = only(found)
    for backend, _ in found if callee is not None else ():
        backend.skip("group", "kind", "name", "namespace")
        if not backend.known("port", PORT):
            backend.refuse("port", f"a compiled route leads to port {PORT}, the one that its callee has")
    return callee


def once(fields: Fields, edges: Edges) -> bool:
    """The patch by which a compiled HTTPRoute is not retried: an HTTPRoute has no word for it."""
    spec = fields.within("spec")
    patches = list(spec.each("configPatches"))
    if len(patches) != 1 or patches[0].peek("patch.value") != {"route": {"retry_policy": {"retry_on": NEVER}}}:
        return False
    caller, _, callee = str(patches[0].peek("match.routeConfiguration.vhost.route.name")).partition("--")
    if not callee or texts(spec.peek("workloadSelector.labels")).get(DEMAND_LABEL) != caller:
        return False
    spec.skip("workloadSelector", "configPatches")
    policy = edges.policy(caller, callee)
    policy.retries = 0
    policy.at("retry", patches[0].place("patch.value"))
    return True
