"""What bounds pools from outside: disruption budgets, quotas and limit ranges.

Turns a PodDisruptionBudget into `disrupt at most` of the pool that it selects, and quotas and limit ranges into what
the namespace has room for. Invariant: what compiled manifests would come to by themselves is not said twice.

Source: Kubernetes "Specifying a Disruption Budget" (percentages round up), "Resource Quotas".
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from seatrial.compiler.semantics import flapping, updates
from seatrial.compiler.semantics.disruption import evictions_allowed, share_of

from ..names import GPU
from ..quantity import read_percent
from . import spelling
from .common import metadata
from .draft import Clauses, PoolDraft
from .figures import OUT_OF_RANGE, amount, whole
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
        spec.refuse("selector", "no workload that was read has pods with these labels")
        return
    spec.take("selector")
    for pool in mine:
        _disrupt(spec, pool)


def _disrupt(spec: Fields, pool: PoolDraft) -> None:
    path = "minAvailable" if spec.peek("minAvailable") is not None else "maxUnavailable"
    stated, ask = spec.peek(path), ""
    part = read_percent(stated)
    count = whole(stated, least=0) if part is None else share_of(pool.least, part) if part <= 1 else None
    if count is None:
        spec.refuse(path, OUT_OF_RANGE)
        return
    spec.take(path)
    allowed = evictions_allowed(pool.least, count) if path == "minAvailable" else min(count, pool.least)
    if path == "minAvailable" and count > pool.least:
        ask = f"{count} must stay of as few as {pool.least}: nobody may go; is that meant?"
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
        given = texts(limit.peek("defaultRequest")) or texts(limit.peek("default")) or texts(limit.peek("max"))
        most = texts(limit.peek("max"))
        for path in ("defaultRequest", "max"):
            strange = [name for name, value in texts(limit.peek(path)).items() if not _is_size(name, value)]
            if strange:
                limit.refuse(path, f"the language has no bound of {', '.join(sorted(strange))}")
            else:
                limit.take(path)
        limit.known("default", limit.peek("defaultRequest"), limit.peek("max"))
        for name, spelled in (("cpu", spelling.cores), ("memory", spelling.size)):
            if (size := amount(most.get(name))) is not None:
                room.say(f"agent-{name}", f"each agent {name} at most {spelled(size)}", limit.place("max"))
        for pool in pools:
            if pool.cores is None and (size := amount(given.get("cpu"))) is not None:
                pool.cores = size
                pool.each.say("cpu", f"cpu {spelling.cores(size)}", limit.place("defaultRequest"))
            if pool.memory is None and (size := amount(given.get("memory"))) is not None:
                pool.memory = size
                pool.each.say("memory", f"memory {spelling.size(size)}", limit.place("defaultRequest"))


def _is_size(name: str, value: str) -> bool:
    return name in ("cpu", "memory") and amount(value) is not None


def most_pods(pool: PoolDraft) -> int:
    if not pool.scaled or pool.behavior is None:
        return updates.most_pods(pool.most if pool.scaled else pool.least)
    least = min(pool.least, pool.most)
    return flapping.updated_pods(least, pool.most, pool.behavior, pool.grace_s)


def quota(fields: Fields, pools: Sequence[PoolDraft], room: Clauses, *, ours: bool) -> None:
    """What the namespace has room for. One that compiled manifests would come to by themselves is not said twice."""
    metadata(fields)
    given = texts(fields.peek("spec.hard"))
    bounds: dict[str, Fraction] = {}
    for key, value in given.items():
        # Nothing at all is no room that a spec could be judged by.
        if (most := _room(key, value)) is not None:
            bounds[_BOUNDED[key]] = min(most, bounds.get(_BOUNDED[key], most))
    need = needed(pools)
    if ours and all(need[key] <= most for key, most in bounds.items()):
        fields.skip("spec")
        return
    others = sorted(key for key, value in given.items() if _room(key, value) is None)
    if fields.peek("spec.scopes") is not None or fields.peek("spec.scopeSelector") is not None:
        fields.refuse("spec", "the language has no quota for some pods only")
        return
    if others:
        fields.refuse("spec.hard", f"the language has no quota of {', '.join(others)}")
    else:
        fields.take("spec.hard")
    place = fields.place("spec.hard")
    for name, most in bounds.items():
        text = {"cpu": spelling.cores, "memory": spelling.size}.get(name, spelling.decimal)(most)
        room.say(name, f"{name} {text}", place)


def _room(key: str, value: str) -> Fraction | None:
    """What a quota has of this, None where it is nothing that the language bounds."""
    found = amount(value) if key in _BOUNDED else None
    counted = _BOUNDED.get(key) in ("pods", "gpu")
    return None if found is None or (counted and whole(found.numerator) != found) else found


def needed(pools: Sequence[PoolDraft]) -> dict[str, Fraction]:
    """At the maximum of all pools, with those that leave in an update, or while an autoscaler adds others."""
    return {
        "pods": Fraction(sum(most_pods(pool) for pool in pools)),
        "cpu": sum((most_pods(pool) * (pool.cores or Fraction(0)) for pool in pools), Fraction(0)),
        "gpu": Fraction(sum(most_pods(pool) * pool.gpus for pool in pools)),
        "memory": sum((most_pods(pool) * (pool.memory or Fraction(0)) for pool in pools), Fraction(0)),
    }
