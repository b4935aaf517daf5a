"""Who may reach whom: NetworkPolicies, PeerAuthentications and AuthorizationPolicies, gateways, and the emergency stop.

Invariant: a policy of somebody else's is left as a whole; only those that close a fleet to all but its declared calls
are words of the language.
"""

from __future__ import annotations

from ..names import DEMAND_LABEL, POOL_LABEL
from . import spelling
from .common import metadata
from .draft import Clauses
from .manifest import Fields, items, texts
from .mesh import Edges

ROLE = "emergency-stop"


def gateway(fields: Fields, edges: Edges) -> None:
    metadata(fields)
    spec = fields.within("spec")
    demand = texts(spec.peek("selector")).get(DEMAND_LABEL)
    edges.gateways[fields.manifest.name] = demand or fields.manifest.name
    if demand is not None:
        spec.take("selector")
        edges.entries.setdefault(demand, fields.manifest.name)
        server = {"port": {"number": 80, "name": "http", "protocol": "HTTP"}, "hosts": ["*"]}
        spec.known("servers", [server])
    spec.refuse("servers", "compiled gateways take plain HTTP on port 80 for any host; set it in an overlay")
    spec.refuse("selector", f"compiled gateways select pods by the label {DEMAND_LABEL}")


def peer_authentication(fields: Fields, secure: Clauses) -> None:
    metadata(fields)
    spec = fields.within("spec")
    if fields.manifest.name == "default" and spec.peek("selector") is None and spec.known("mtls", {"mode": "STRICT"}):
        secure.say("tls", "mutual tls", spec.place("mtls"))


def authorization(fields: Fields, edges: Edges) -> None:
    """Those of compiled fleets allow the callers of a pool; the calls are what they say."""
    metadata(fields)
    spec = fields.within("spec")
    pool = texts(spec.peek("selector.matchLabels")).get(POOL_LABEL)
    rules = items(spec.peek("rules"))
    if not fields.manifest.is_ours or pool is None or spec.peek("action") != "ALLOW" or len(rules) > 1:
        return
    callers: list[str] = []
    for one in spec.each("rules"):
        for source in one.each("from"):
            callers += [str(name).rpartition("/sa/")[2] for name in items(source.peek("source.principals"))]
    if rules and not callers:
        return
    spec.skip("selector", "action", "rules")
    for caller in callers:
        _edge(caller, pool, edges)


def network_policy(fields: Fields, edges: Edges, secure: Clauses) -> None:
    metadata(fields)
    spec = fields.within("spec")
    everyone = {"matchExpressions": [{"key": POOL_LABEL, "operator": "Exists"}]}
    both = spec.peek("policyTypes") == ["Ingress", "Egress"]
    if both and spec.peek("podSelector") == everyone and not spec.peek("ingress") and not spec.peek("egress"):
        spec.skip("podSelector", "policyTypes", "ingress", "egress")
        secure.say("calls", "only declared calls", spec.place("podSelector"))
        return
    pool = texts(spec.peek("podSelector.matchLabels")).get(POOL_LABEL)
    if not fields.manifest.is_ours or pool is None or fields.manifest.name != f"{pool}-calls":
        return
    spec.skip("podSelector", "policyTypes", "ingress", "egress")
    for rule in spec.each("ingress"):
        for source in rule.each("from"):
            labels = texts(source.peek("podSelector.matchLabels"))
            for label in (POOL_LABEL, DEMAND_LABEL):
                if label in labels:
                    _edge(labels[label], pool, edges)


def _edge(caller: str, callee: str, edges: Edges) -> None:
    if caller not in edges.pools:
        edges.entries.setdefault(caller, caller)
    edges.policy(caller, callee)


def emergency_stop(fields: Fields, whole: Clauses) -> Clauses | None:
    """The RoleBinding of the stop: its group is who may pull it. None where it is another one."""
    subjects = items(fields.peek("subjects"))
    match subjects:
        case ({"kind": "Group", "name": str(role)},) if _is_stop(fields) and spelling.is_name(role):
            metadata(fields)
            fields.skip("roleRef", "subjects")
            place = fields.place("subjects")
            whole.say(
                "stop",
                f"stop everything within 5m by {role}",
                place,
                ask="within what time must all agents have stopped?",
            )
            made = Clauses(f"role {role}")
            made.say("people", "people 1", place, ask="how many people share it?")
            return made
    return None


def _is_stop(fields: Fields) -> bool:
    return fields.manifest.is_ours and fields.manifest.name == ROLE
