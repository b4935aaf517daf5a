"""What bounds pools from outside: disruption budgets, quotas and limit ranges.

Turns a PodDisruptionBudget into `disrupt at most` of the pool that it selects, and a ResourceQuota into a class of one
machine that is as large as the quota: what fits on it is what the quota admits. Invariant: a quota that compiled
manifests would come to by themselves is not said twice.

Source: Kubernetes "Specifying a Disruption Budget" (percentages round up), "Resource Quotas".
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil

from ..quantity import read_percent, read_quantity
from . import spelling
from .common import metadata
from .draft import Clauses, PoolDraft
from .manifest import Fields, selects, texts

QUOTA_CLASS = "quota"
SURGE = Fraction(1, 4)
"""A rolling update adds a quarter, rounded up (Deployment API, maxSurge)."""
_ROOM = 10
"""What a quota does not bound is given so many times what the pools need."""


def disruption(fields: Fields, pools: Sequence[PoolDraft]) -> None:
    """After the autoscalers were read: a count is told against the least number of agents."""
    metadata(fields)
    spec = fields.within("spec")
    spec.known("unhealthyPodEvictionPolicy", "AlwaysAllow")
    selector = texts(spec.peek("selector.matchLabels"))
    mine = (
        [pool for pool in pools if selects(selector, pool.labels)]
        if spec.peek("selector.matchExpressions") is None
        else []
    )
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
        allowed = max(0, pool.least - stays)
        if stays > pool.least:
            ask = f"{stays} must stay of as few as {pool.least}: nobody may go; is that meant?"
    elif (part := read_percent(stays)) is not None:
        allowed = pool.least - ceil(pool.least * part)
    elif isinstance(goes, int):
        allowed = min(goes, pool.least)
    elif (part := read_percent(goes)) is not None:
        allowed = ceil(pool.least * part)
    else:
        return
    unit = "agent" if allowed == 1 else "agents"
    pool.own.say("disrupt", f"disrupt at most {allowed:_} {unit}", spec.place(path), ask=ask)
    pool.sources.append(spec.place())


def defaults(fields: Fields, pools: Sequence[PoolDraft], *, ours: bool) -> None:
    """A LimitRange fills in the requests of those who state none."""
    metadata(fields)
    if ours:
        # Compiled ones are the largest sizes that were proved to fit.
        fields.skip("spec")
        return
    for limit in fields.each("spec.limits"):
        if limit.peek("type") != "Container":
            continue
        given = texts(limit.peek("defaultRequest")) or texts(limit.peek("default"))
        for pool in pools:
            if pool.cores is None and (amount := read_quantity(given.get("cpu"))) is not None:
                pool.cores = amount
                pool.each.say("cpu", f"cpu {spelling.cores(amount)}", limit.place("defaultRequest"))
            if pool.memory is None and (amount := read_quantity(given.get("memory"))) is not None:
                pool.memory = amount
                pool.each.say("memory", f"memory {spelling.size(amount)}", limit.place("defaultRequest"))


def most_pods(pool: PoolDraft) -> int:
    wanted = pool.most if pool.scaled else pool.least
    return wanted + ceil(wanted * SURGE)


def quota(fields: Fields, pools: Sequence[PoolDraft], *, ours: bool) -> Clauses | None:
    """The class of machines that stands for a quota, None where the quota follows from the pools."""
    metadata(fields)
    hard = {str(key): read_quantity(value) for key, value in texts(fields.peek("spec.hard")).items()}
    used = {
        "pods": "pods",
        "count/pods": "pods",
        "requests.cpu": "cpu",
        "cpu": "cpu",
        "requests.memory": "memory",
        "memory": "memory",
    }
    bounds: dict[str, Fraction] = {}
    for key, amount in hard.items():
        if key in used and amount is not None:
            bounds[used[key]] = min(amount, bounds.get(used[key], amount))
    need = needed(pools)
    if ours and all(need[key] <= amount for key, amount in bounds.items()):
        fields.skip("spec")
        return None
    others = sorted(set(hard) - set(used))
    if fields.peek("spec.scopes") is not None or fields.peek("spec.scopeSelector") is not None:
        fields.refuse("spec", "a quota of some pods only; the language has none")
        return None
    if others:
        fields.refuse("spec.hard", f"the language has no quota of {', '.join(others)}")
    else:
        fields.take("spec.hard")
    if not bounds:
        return None
    made = Clauses(f"nodes {QUOTA_CLASS}")
    place = fields.place("spec.hard")
    made.say("count", "count 1", place)
    for key, text in (("cpu", spelling.cores), ("memory", spelling.size)):
        amount = bounds.get(key, max(need[key], Fraction(1)) * _ROOM)
        ask = "" if key in bounds else "the quota does not bound it"
        made.say(key, f"{key} {text(amount)}", place, ask=ask)
    pods = bounds.get("pods", need["pods"] * _ROOM)
    made.say("pods", f"pods {int(pods):_}", place, ask="" if "pods" in bounds else "the quota does not bound it")
    return made


def needed(pools: Sequence[PoolDraft]) -> dict[str, Fraction]:
    """At the maximum of all pools, updates included."""
    return {
        "pods": Fraction(sum(most_pods(pool) for pool in pools)),
        "cpu": sum((most_pods(pool) * (pool.cores or Fraction(0)) for pool in pools), Fraction(0)),
        "memory": sum((most_pods(pool) * (pool.memory or Fraction(0)) for pool in pools), Fraction(0)),
    }
