"""What bounds pools from outside: disruption budgets, quotas and limit ranges.

Turns a PodDisruptionBudget into `disrupt at most` of the pool that it selects, and quotas and limit ranges into what
the namespace has room for. Invariant: what compiled manifests would come to by themselves is not said twice.

Source: Kubernetes "Specifying a Disruption Budget" (percentages round up), "Resource Quotas".
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from seatrial.compiler.semantics import updates
from seatrial.compiler.semantics.disruption import evictions_allowed, share_of

from ..names import GPU
from ..quantity import read_percent, read_quantity
from . import spelling
from .common import metadata
from .draft import Clauses, PoolDraft
from .manifest import Fields, texts
from .selection import Selection

_BOUNDED = {
    "pods": "pods",
    "count/pods": "pods",
    "requests.cpu": "cpu",
    "cpu": "cpu",
    "requests.memory": "memory",
    "memory": "memory",
    f"requests.{GPU}": "gpu",
}
"""What a quota bounds, by the clause that says it."""


def disruption(fields: Fields, selection: Selection) -> None:
    """After the autoscalers were read: a count is told against the least number of agents."""
    metadata(fields)
    spec = fields.within("spec")
    spec.known("unhealthyPodEvictionPolicy", "AlwaysAllow")
    selector = texts(spec.peek("selector.matchLabels"))
    mine = selection.of(selector) if spec.peek("selector.matchExpressions") is None else []
    if not mine:
        spec.refuse("selector", "it selects the pods of nothing that was read")
        return
    spec.take("selector")
    for pool in mine:
        _disrupt(spec, pool)


def _disrupt(spec: Fields, pool: PoolDraft) -> None:
    stays, goes = spec.take("minAvailable"), spec.take("maxUnavailable")
    path = "minAvailable" if stays is not None else "maxUnavailable"
    ask, allowed = "", 0
    if isinstance(stays, int):
        allowed = evictions_allowed(pool.least, stays)
        if stays > pool.least:
            ask = f"{stays} must stay of as few as {pool.least}: nobody may go; is that meant?"
    elif (part := read_percent(stays)) is not None:
        allowed = evictions_allowed(pool.least, share_of(pool.least, part))
    elif isinstance(goes, int):
        allowed = min(goes, pool.least)
    elif (part := read_percent(goes)) is not None:
        allowed = share_of(pool.least, part)
    else:
        return
    unit = "agent" if allowed == 1 else "agents"
    pool.own.say("disrupt", f"disrupt at most {allowed:_} {unit}", spec.place(path), ask=ask)
    pool.sources.append(spec.place())


def defaults(fields: Fields, pools: Sequence[PoolDraft], room: Clauses, *, ours: bool) -> None:
    """A LimitRange bounds each agent, and fills in the requests of those who state none."""
    metadata(fields)
    if ours:
        # Compiled ones are the largest sizes that were proved to fit.
        fields.skip("spec")
        return
    for limit in fields.each("spec.limits"):
        if limit.peek("type") != "Container":
            continue
        limit.skip("type")
        given = texts(limit.take("defaultRequest")) or texts(limit.peek("default")) or texts(limit.peek("max"))
        limit.known("default", limit.peek("defaultRequest"), limit.peek("max"))
        most = texts(limit.take("max"))
        for name, spelled in (("cpu", spelling.cores), ("memory", spelling.size)):
            if (amount := read_quantity(most.get(name))) is not None:
                room.say(f"agent-{name}", f"each agent {name} at most {spelled(amount)}", limit.place("max"))
        for pool in pools:
            if pool.cores is None and (amount := read_quantity(given.get("cpu"))) is not None:
                pool.cores = amount
                pool.each.say("cpu", f"cpu {spelling.cores(amount)}", limit.place("defaultRequest"))
            if pool.memory is None and (amount := read_quantity(given.get("memory"))) is not None:
                pool.memory = amount
                pool.each.say("memory", f"memory {spelling.size(amount)}", limit.place("defaultRequest"))


def most_pods(pool: PoolDraft) -> int:
    return updates.most_pods(pool.most if pool.scaled else pool.least)


def quota(fields: Fields, pools: Sequence[PoolDraft], room: Clauses, *, ours: bool) -> None:
    """What the namespace has room for. One that compiled manifests would come to by themselves is not said twice."""
    metadata(fields)
    given = texts(fields.peek("spec.hard"))
    bounds: dict[str, Fraction] = {}
    for key, value in given.items():
        amount = read_quantity(value)
        # Nothing at all is no room that a spec could be judged by.
        if key in _BOUNDED and amount:
            bounds[_BOUNDED[key]] = min(amount, bounds.get(_BOUNDED[key], amount))
    need = needed(pools)
    if ours and all(need[key] <= amount for key, amount in bounds.items()):
        fields.skip("spec")
        return
    others = sorted(key for key, value in given.items() if key not in _BOUNDED or not read_quantity(value))
    if fields.peek("spec.scopes") is not None or fields.peek("spec.scopeSelector") is not None:
        fields.refuse("spec", "a quota of some pods only; the language has none")
        return
    if others:
        fields.refuse("spec.hard", f"the language has no quota of {', '.join(others)}")
    else:
        fields.take("spec.hard")
    place = fields.place("spec.hard")
    for name, amount in bounds.items():
        text = {"cpu": spelling.cores, "memory": spelling.size}.get(name, _count)(amount)
        room.say(name, f"{name} {text}", place)


def _count(amount: Fraction) -> str:
    return f"{int(amount):_}"


def needed(pools: Sequence[PoolDraft]) -> dict[str, Fraction]:
    """At the maximum of all pools, updates included."""
    return {
        "pods": Fraction(sum(most_pods(pool) for pool in pools)),
        "cpu": sum((most_pods(pool) * (pool.cores or Fraction(0)) for pool in pools), Fraction(0)),
        "gpu": Fraction(sum(most_pods(pool) * pool.gpus for pool in pools)),
        "memory": sum((most_pods(pool) * (pool.memory or Fraction(0)) for pool in pools), Fraction(0)),
    }
