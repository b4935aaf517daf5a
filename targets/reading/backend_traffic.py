"""BackendTrafficPolicies of Envoy Gateway to the policies of edges, and to the limit of a model behind a gateway.

Invariant: of a route the policy that names it counts, and that of its Gateway where none does; a policy whose route was
not read, or that is about a part of one, is left as a whole.

Source: Envoy Gateway 1.6 reference, BackendTrafficPolicy (defaults of `Retry`, `PassiveHealthCheck` and `LoadBalancer`;
local limits are a token bucket in each proxy, global ones are counted for all).
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from seatrial.compiler.passes.defaults import ERRORS_OVER, WARM_FROM
from seatrial.compiler.passes.strings import is_header

from . import spelling
from .common import metadata
from .draft import Clauses
from .figures import MOST, OUT_OF_RANGE, lasting, taken, whole
from .manifest import Fields
from .mesh import Edges
from .policy import ERRORS, Policy

GROUP = "gateway.envoyproxy.io"
_RETRIES, _INTERVAL = 2, Fraction(3)
_BALANCERS = {"LeastRequest": None, "RoundRobin": "round robin", "Random": "random"}
_UNITS = {"Second": "s", "Minute": "min", "Hour": "h"}
_SECONDS = {"Second": 1, "Minute": 60, "Hour": 3600}
_TOKENS = "io.envoy.ai_gateway"
"""The metadata in which Envoy AI Gateway keeps what an answer cost."""
Edge = tuple[str, str]


def backend_traffic(found: Iterable[Fields], edges: Edges) -> None:
    """After the routes were read."""
    ruled: set[Edge] = set()
    for fields in sorted(found, key=_order):
        metadata(fields)
        spec = fields.within("spec")
        names = [str(one.peek("name")) for one in _targets(spec)]
        block = next((one for one in edges.hosts.blocks if names == [one.head.removeprefix("dependency ")]), None)
        if block is not None and _kind(fields) == "HTTPRoute" and names[0] not in edges.routed:
            _limits(spec, block)
            continue
        about = [edge for name in names for edge in _routed(_kind(fields), name, edges)]
        if not about or any(one.peek("sectionName") is not None for one in _targets(spec)):
            spec.refuse_whole("no whole route that it is about was read")
            continue
        mine = [edge for edge in about if edge not in ruled]
        if not mine:
            spec.refuse_whole("other policies count for all of it: a route's before its Gateway's, and then the oldest")
            continue
        _known_targets(spec)
        ruled.update(mine)
        for edge in mine:
            _read(spec, edges.policy(*edge))


def _order(fields: Fields) -> tuple[bool, bool, str, str]:
    """What counts before what; what no server has yet is the newest (GEP-713, conflict resolution)."""
    created = fields.peek("metadata.creationTimestamp")
    return _kind(fields) == "Gateway", created is None, str(created), fields.manifest.name


def _routed(kind: str, name: str, edges: Edges) -> list[Edge]:
    if kind == "HTTPRoute":
        return edges.routed.get(name, [])
    return [edge for edge in edges.policies if kind == "Gateway" and edges.entries.get(edge[0]) == name]


def _targets(spec: Fields) -> list[Fields]:
    several = list(spec.each("targetRefs"))
    return several or ([spec.within("targetRef")] if spec.peek("targetRef") is not None else [])


def _known_targets(spec: Fields) -> None:
    for one in _targets(spec):
        one.skip("group", "kind", "name")


def _kind(fields: Fields) -> str:
    kinds = {str(one.peek("kind")) for one in _targets(fields.within("spec"))}
    return kinds.pop() if len(kinds) == 1 else ""


def _read(spec: Fields, policy: Policy) -> None:
    timeout = "timeout.http.requestTimeout"
    if policy.timeout is not None and spec.peek(timeout) is not None:
        spec.refuse(timeout, "the route says a timeout of its own")
    elif (time := taken(spec, timeout, lasting)) is not None:
        policy.timeout = time
        policy.at("timeout", spec.place(timeout))
    if policy.retries is not None:
        spec.refuse("retry", "the route says retries of its own")
    elif spec.peek("retry") is not None:
        _retries(spec.within("retry"), policy)
    policy.limited(
        spec,
        pending="circuitBreaker.maxPendingRequests",
        in_flight="circuitBreaker.maxParallelRequests",
        connections="circuitBreaker.maxConnections",
    )
    if spec.peek("healthCheck.passive") is not None:
        _ejection(spec.within("healthCheck.passive"), policy)
    _balancing(spec.within("loadBalancer"), policy)
    rules = list(spec.each("rateLimit.local.rules"))
    if len(rules) == 1 and rules[0].peek("clientSelectors") is None:
        _bucket(spec, rules[0], policy)
    spec.refuse("rateLimit.global", "a limit counts in each proxy; `admit` has none for all of them together")


def _retries(found: Fields, policy: Policy) -> None:
    stated = found.peek("numRetries")
    count = _RETRIES if stated is None else whole(stated, least=0)
    if count is None:
        found.refuse("numRetries", OUT_OF_RANGE)
        return
    found.skip("numRetries")
    policy.retries = count
    policy.at("retry", found.place("numRetries") if stated is not None else found.place())
    policy.backoff = taken(found, "perRetry.backOff.baseInterval", lasting)
    policy.backoff_cap = taken(found, "perRetry.backOff.maxInterval", lasting)
    if (attempt := taken(found, "perRetry.timeout", lasting)) is not None:
        policy.attempt = attempt
        policy.at("try", found.place("perRetry.timeout"))
    found.refuse("retryOn", "every 5xx and every lost connection is retried; causes cannot be chosen")


def _ejection(found: Fields, policy: Policy) -> None:
    errors, interval, away, most = (
        found.peek(name) for name in ("consecutive5XxErrors", "interval", "baseEjectionTime", "maxEjectionPercent")
    )
    count = ERRORS if errors is None else whole(errors)
    swept = _INTERVAL if interval is None else lasting(interval)
    out = None if away is None else lasting(away)
    percent = 10 if most is None else whole(most, most=100)
    if count is None or swept is None or (away is not None and out is None) or percent is None:
        found.refuse_whole(OUT_OF_RANGE)
        return
    found.skip("consecutive5XxErrors", "baseEjectionTime", "maxEjectionPercent")
    policy.detects, policy.errors, policy.interval = True, count, swept
    policy.eject_for, policy.eject_share = out or Fraction(30), Fraction(percent, 100)
    policy.at("break", found.place())
    if interval is None:
        policy.ask_break = "Envoy Gateway's interval is 3 s where nothing is said, that of a break 10 s; is that meant?"
    if swept == ERRORS_OVER.value:
        found.skip("interval")
    else:
        found.refuse("interval", "the interval of a break after errors in a row is always 10 s")
    found.known("splitExternalLocalOriginErrors", False)
    found.known("alwaysEjectOneEndpoint", False)


def _balancing(found: Fields, policy: Policy) -> None:
    kind, header = found.peek("type"), found.peek("consistentHash.header.name")
    if str(kind) in _BALANCERS:
        found.take("type")
        policy.route = _BALANCERS[str(kind)]
        policy.at("route", found.place("type"))
        window = lasting(found.peek("slowStart.window"))
        if window is not None and kind != "Random":
            found.take("slowStart.window")
            policy.warm_up = window, WARM_FROM.value
            policy.at("warm", found.place("slowStart.window"))
    elif kind == "ConsistentHash" and isinstance(header, str) and is_header(header):
        found.skip("type", "consistentHash.type", "consistentHash.header")
        policy.route = f"by header {spelling.text(header)}"
        policy.at("route", found.place("consistentHash.header.name"))


def _bucket(spec: Fields, rule: Fields, policy: Policy) -> None:
    """As many as come in a unit of time may lie there."""
    most, seconds = whole(rule.peek("limit.requests"), most=MOST - 1), _SECONDS.get(str(rule.peek("limit.unit")))
    if most is None or seconds is None or not spelling.is_rate(Fraction(most, seconds)):
        return
    spec.known("rateLimit.type", "Local")
    rule.skip("limit.requests", "limit.unit")
    policy.admit = Fraction(most, seconds), most
    for name in ("requests", "unit"):
        policy.at("admit", rule.place(f"limit.{name}"))


def _limits(spec: Fields, block: Clauses) -> None:
    """Requests and tokens that all callers of a model together may use; those of single tenants are listed."""
    said: dict[str, str] = {}
    for rule in spec.each("rateLimit.global.rules"):
        most, unit = whole(rule.peek("limit.requests"), most=MOST - 1), _UNITS.get(str(rule.peek("limit.unit")))
        cost = rule.peek("cost.response.metadata.namespace")
        what = "tokens" if cost == _TOKENS else "requests" if rule.peek("cost") is None else ""
        if rule.peek("clientSelectors") is not None or most is None or unit is None or not what or what in said:
            rule.refuse_whole("a dependency has one limit of requests and one of tokens for all who call it")
            continue
        rule.skip("limit", "cost")
        rule.known("shared", True)
        said[what] = f"{most:_} {what}/{unit}"
    if said:
        _known_targets(spec)
        spec.known("rateLimit.type", "Global")
        block.say("limit", "limit " + ", ".join(said.values()), spec.place("rateLimit.global.rules"))
