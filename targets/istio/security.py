"""Security clauses to PeerAuthentication and AuthorizationPolicies.

Turns `mutual tls` into strict mutual TLS in the namespace, and `only declared calls` into one policy a pool that allows
its callers, its own agents where these have to talk, and the gateways of what it may take over, and so refuses all
others. Invariant: a caller is known by its
certificate, that is by its service account, which is its pool's name; so `only declared calls` takes no plain
connections either. Gateways, which are the user's, are not selected.

Source: Istio reference, PeerAuthentication and Authorization Policy (ALLOW without rules matches, and allows, nothing).
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.compiler.plan import Plan

from ..base import Json, Object
from ..calls import by_callee, enters, talks_within
from ..names import CLUSTER_DOMAIN, POOL_LABEL, metadata, namespace

_VERSION = "security.istio.io/v1"


def is_closed(plan: Plan) -> bool:
    return any(one.only_declared_calls for one in plan.security)


def security(plan: Plan) -> Iterator[tuple[str, Object]]:
    """(name of the file, body) of each document; none without a `secure` clause."""
    if not any(one.mutual_tls or one.only_declared_calls for one in plan.security):
        return
    strict: Object = {"mtls": {"mode": "STRICT"}}
    yield "mutual-tls", _document(plan, "PeerAuthentication", "default", strict)
    if not is_closed(plan):
        return
    incoming = by_callee(plan)
    for pool in plan.pools:
        callers: list[Json] = [principal(plan, call.caller) for call in incoming.get(pool.name, ())]
        callers += [principal(plan, demand) for demand in enters(plan, pool.name)]
        if talks_within(plan, pool.name):
            callers.append(principal(plan, pool.name))
        spec: Object = {"selector": {"matchLabels": {POOL_LABEL: pool.name}}, "action": "ALLOW"}
        if callers:
            spec["rules"] = [{"from": [{"source": {"principals": callers}}]}]
        yield f"{pool.name}-callers", _document(plan, "AuthorizationPolicy", f"{pool.name}-callers", spec)


def principal(plan: Plan, account: str) -> str:
    """SPIFFE identity of a service account, as policies write it: without the scheme."""
    return f"{CLUSTER_DOMAIN}/ns/{namespace(plan)}/sa/{account}"


def _document(plan: Plan, kind: str, name: str, spec: Object) -> Object:
    return {"apiVersion": _VERSION, "kind": kind, "metadata": metadata(plan, name), "spec": spec}
