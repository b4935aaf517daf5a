"""DestinationRules and VirtualServices to the policies of edges.

Invariant: a policy whose caller is named is that caller's alone; one whose caller is not named holds for all callers.

Source: Istio reference, Destination Rule and Virtual Service.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from seatrial.compiler.passes.defaults import ERRORS_OVER, WARM_FROM
from seatrial.compiler.passes.strings import is_header

from ..names import DEMAND_LABEL, DEPENDENCY_PORT, POOL_LABEL, PORT
from ..proxy import MIN_RETRY_CONCURRENCY, RETRY_ON
from . import spelling
from .common import metadata
from .destinations import only, weighted
from .figures import MOST, OUT_OF_RANGE, lasting, part, taken, whole
from .hosts import Hosts
from .manifest import Fields, items, texts
from .policy import ERRORS, Policy
from .selection import Selection

_BALANCERS = {"LEAST_REQUEST": None, "LEAST_CONN": None, "ROUND_ROBIN": "round robin", "RANDOM": "random"}
ALL = ""
"""The caller of a policy that holds for every one."""


@dataclass(slots=True)
class Edges:
    """Policies by caller and callee. `entries`: callers that are demands, with the gateways' own names."""

    hosts: Hosts
    selection: Selection
    pools: frozenset[str]
    """Their names."""
    policies: dict[tuple[str, str], Policy] = field(default_factory=dict)
    entries: dict[str, str] = field(default_factory=dict)
    gateways: dict[str, str] = field(default_factory=dict)
    """The demand that enters by a Gateway's name."""
    meshed: bool = False
    routed: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """The edges that each HTTPRoute that was read is about, by its name."""

    def policy(self, caller: str, callee: str) -> Policy:
        return self.policies.setdefault((caller, callee), Policy())

    def callers(self, labels: dict[str, str]) -> list[str]:
        """Whose proxies a selector of labels means."""
        if DEMAND_LABEL in labels:
            return [labels[DEMAND_LABEL]]
        if POOL_LABEL in labels:
            wanted = labels[POOL_LABEL]
            return [pool.name for pool in self.selection.of({POOL_LABEL: wanted})] or [wanted]
        return [pool.name for pool in self.selection.of(labels)]


def destination_rules(found: Iterable[Fields], edges: Edges) -> None:
    """Of the rules whose hosts are one callee's the most specific counts, and no other (Istio, "Destination Rule")."""
    ruled: set[str] = set()
    for fields in sorted(found, key=lambda one: _breadth(str(one.within("spec").peek("host")))):
        host = str(fields.within("spec").peek("host"))
        one = edges.hosts.find(host)
        mine = edges.hosts.matching(host) if host.startswith("*") else [] if one is None else [one]
        _destination_rule(fields, edges, [each for each in mine if each[0] not in ruled or not host.startswith("*")])
        ruled.update(name for name, _ in mine)


def _breadth(host: str) -> int:
    """0 for a whole name; of those with a `*` the longest is the narrowest."""
    return MOST - len(host) if host.startswith("*") else 0


def _destination_rule(fields: Fields, edges: Edges, found: Sequence[tuple[str, bool]]) -> None:
    metadata(fields)
    spec = fields.within("spec")
    spec.known("exportTo", ["."], ["*"])
    if not found:
        spec.refuse("host", "nothing that was read answers at this host, or another rule is for it")
        return
    spec.take("host")
    edges.meshed = True
    labels = texts(spec.peek("workloadSelector.matchLabels"))
    callers = edges.callers(labels) if labels else [ALL]
    if not callers:
        spec.refuse("workloadSelector", "no workload that was read has pods with these labels")
        return
    if labels:
        spec.take("workloadSelector.matchLabels")
    spec.refuse("subsets", "all agents of a pool are treated alike: it has no subsets")
    for caller in callers:
        if DEMAND_LABEL in labels:
            edges.entries.setdefault(caller, caller)
        for callee, is_outside in found:
            _traffic(spec.within("trafficPolicy"), edges.policy(caller, callee), to_pool=not is_outside)


def _traffic(traffic: Fields, policy: Policy, *, to_pool: bool) -> None:
    balancer = traffic.peek("loadBalancer.simple")
    hashed = "loadBalancer.consistentHash.httpHeaderName"
    header = traffic.peek(hashed)
    # What is compiled has every caller use all zones alike.
    traffic.known("loadBalancer.localityLbSetting", {"enabled": False})
    if header is not None:
        if isinstance(header, str) and is_header(header):
            traffic.take(hashed)
            policy.route = f"by header {spelling.text(header)}"
            policy.at("route", traffic.place(hashed))
        else:
            traffic.refuse(hashed, "it cannot be the name of a header")
    elif str(balancer) in _BALANCERS:
        traffic.take("loadBalancer.simple")
        policy.route = _BALANCERS[str(balancer)]
        policy.at("route", traffic.place("loadBalancer.simple"))
    if to_pool and header is None and balancer != "RANDOM":
        _warming(traffic, policy)
    policy.limited(
        traffic,
        pending="connectionPool.http.http1MaxPendingRequests",
        in_flight="connectionPool.http.http2MaxRequests",
        connections="connectionPool.tcp.maxConnections",
    )
    policy.budget = taken(traffic, "retryBudget.percent", part)
    if policy.budget is not None:
        traffic.known("retryBudget.minRetryConcurrency", MIN_RETRY_CONCURRENCY)
        policy.at("retry", traffic.place("retryBudget.percent"))
    if traffic.peek("outlierDetection") is not None:
        _outliers(traffic.within("outlierDetection"), policy)


def _warming(traffic: Fields, policy: Policy) -> None:
    """Istio warms up hosts in turn or by load only; `warmupDurationSecs` is the older word for the same."""
    for path in ("loadBalancer.warmup.duration", "loadBalancer.warmupDurationSecs"):
        stated = traffic.peek("loadBalancer.warmup.minimumPercent")
        window, least = lasting(traffic.peek(path)), WARM_FROM.value if stated is None else part(stated)
        if window is not None and least is not None:
            policy.warm_up = window, least
            policy.at("warm", traffic.place(path))
            traffic.skip(path, "loadBalancer.warmup.minimumPercent")
            if not traffic.known("loadBalancer.warmup.aggression", 1, 1.0, None):
                traffic.refuse("loadBalancer.warmup.aggression", "a compiled warm-up goes by age alone")
            return


def _in_a_row(found: Fields) -> tuple[int | None, str]:
    """The errors after which a host goes: 0 for never, None for what is no such figure; and the field that says so."""
    errors, gateway = found.peek("consecutive5xxErrors"), found.peek("consecutiveGatewayErrors")
    if errors is None and gateway is None:
        older = found.peek("consecutiveErrors")
        return ERRORS if older is None else whole(older, least=0), "consecutiveErrors"
    if errors is None or (errors == 0 and gateway):
        return whole(gateway, least=0), "consecutiveGatewayErrors"
    return whole(errors, least=0), "consecutive5xxErrors"


def _outliers(found: Fields, policy: Policy) -> None:
    """After what EnvoyFilters say, of which one may eject by the share of failures instead of errors in a row."""
    errors, path = _in_a_row(found)
    interval, ejected, percent = (found.peek(name) for name in ("interval", "baseEjectionTime", "maxEjectionPercent"))
    swept, away, most = lasting(interval), lasting(ejected), whole(percent, most=100)
    read = ((interval, swept), (ejected, away), (percent, most))
    unread = any(stated is not None and figure is None for stated, figure in read)
    if errors is None or (errors == 0 and policy.success_below is None) or unread:
        found.refuse_whole(OUT_OF_RANGE if errors is None or unread else "without errors in a row it ejects nobody")
        return
    policy.detects = True
    policy.at("break", found.place())
    policy.errors, policy.interval, policy.eject_for = errors or None, swept, away
    policy.eject_share = None if most is None else Fraction(most, 100)
    found.skip("consecutive5xxErrors", path, "baseEjectionTime", "maxEjectionPercent")
    if path != "consecutiveGatewayErrors":
        found.known("consecutiveGatewayErrors", 0)
    else:
        found.refuse(path, "a break counts every 5xx, not gateway errors alone")
    if errors and swept is not None and swept != ERRORS_OVER.value:
        found.refuse("interval", "the interval of a break after errors in a row is always 10 s")
    else:
        found.skip("interval")


def virtual_service(fields: Fields, edges: Edges) -> None:
    """Routes of one host; those that come in by a gateway are a demand's."""
    metadata(fields)
    spec = fields.within("spec")
    spec.known("exportTo", ["."], ["*"])
    spec.skip("gateways")
    edges.meshed = True
    entering = [str(one) for one in items(spec.peek("gateways")) if one != "mesh"]
    named = [str(one) for one in items(spec.peek("hosts"))]
    if named == ["*"] or (named and all(edges.hosts.find(one) is not None for one in named)):
        spec.skip("hosts")
    else:
        spec.refuse("hosts", "compiled routes of a gateway take any host; set it in an overlay")
    seen: set[tuple[str, str]] = set()
    # What is for everything else stands last there, and is what most requests get.
    for route in sorted(spec.each("http"), key=_is_partial):
        _route(route, spec, fields.manifest.name, entering, edges, seen)


def _route(
    route: Fields, spec: Fields, name: str, entering: list[str], edges: Edges, seen: set[tuple[str, str]]
) -> None:
    callee = _callee(route, edges.hosts)
    if callee is None:
        route.refuse("route", "it leads to nothing that was read")
        return
    labels = [texts(one.peek("sourceLabels")) for one in route.each("match")]
    named = [caller for one in labels for caller in edges.callers(one)] if any(labels) else []
    if str(route.peek("name")).startswith("others--") and route.peek("retries") == {"attempts": 0}:
        # What compiled routes end with: callers that no spec names.
        route.skip("name", "retries", "route")
        return
    if any(labels) and not named:
        route.refuse("match", "no workload that was read has pods with these labels")
        return
    if _is_partial(route):
        route.refuse("match", "calls differ by caller and callee only; paths, headers and methods cannot be matched")
    else:
        route.skip("match")
    callers = named or ([demand_of(entering[0], name, edges)] if entering else [ALL])
    if entering and "mesh" in items(spec.peek("gateways")) and not named:
        callers.append(ALL)
    taken = False
    for caller in callers:
        if (caller, callee) in seen:
            continue
        seen.add((caller, callee))
        taken = True
        policy = edges.policy(caller, callee)
        policy.read(route, timeout="timeout", attempt="retries.perTryTimeout", retry="retries")
        route.known("retries.retryOn", RETRY_ON)
        route.refuse("retries.retryOn", f"compiled routes retry on {RETRY_ON}")
    if taken:
        route.skip("name")
    else:
        route.refuse("name", f"another route to {callee} was taken, and the language has one policy for a call")


def _is_partial(route: Fields) -> bool:
    """Whether it is for some requests of its callers only: for some paths, headers or methods."""
    everything: tuple[dict[str, object], ...] = ({"uri": {"prefix": "/"}}, {})
    return any(
        {name: value for name, value in one.node.items() if name != "sourceLabels"} not in everything
        for one in route.each("match")
    )


def demand_of(gateway: str, name: str, edges: Edges) -> str:
    """Whose requests come in by a gateway: its own, or those of the route where the gateway was not read."""
    short = gateway.rpartition("/")[2]
    demand = edges.gateways.setdefault(short, short) if short in edges.gateways else name
    edges.entries.setdefault(demand, short)
    return demand


def _callee(route: Fields, hosts: Hosts) -> str | None:
    targets = list(route.each("route"))
    # One on its own gets everything, whatever its weight.
    bearing = targets if len(targets) == 1 else list(weighted(targets, unsaid=0))
    found = [(one, hosts.find(str(one.peek("destination.host")))) for one in bearing]
    callee = only((one, to[0] if to is not None else None) for one, to in found)
    for target, to in found if callee is not None else ():
        target.skip("destination.host")
        target.known("destination.port", {"number": DEPENDENCY_PORT if to is not None and to[1] else PORT})
        target.refuse("destination.port", "a compiled route leads to the one port that its callee has")
        target.refuse("destination.subset", "all agents of a pool are treated alike: it has no subsets")
    return callee
