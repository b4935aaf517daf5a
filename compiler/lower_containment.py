"""Model -> the plan's part on containment: every clause of it, as records that stand by themselves."""

from __future__ import annotations

from fractions import Fraction

from . import model as m
from . import plan_containment as p


def lower_containment(fleet: m.Fleet) -> p.Containment:
    return p.Containment(
        restarts=tuple(_restarts(pool) for pool in fleet.pools if pool.health and pool.health.restarts),
        degradation=tuple(_degrade(pool, step) for pool in fleet.pools for step in pool.degrade),
        push_back=tuple(
            p.PushBackPlan(pool.name, pool.push_back.value, pool.push_back.span)
            for pool in fleet.pools
            if pool.push_back is not None
        ),
        skills=tuple(p.SkillPlan(pool.name, one.name, one.share.value) for pool in fleet.pools for one in pool.skills),
        shared_memory=tuple(
            _memory(fleet, one) for one in fleet.dependencies if _holds(fleet, one) or one.memory_bytes
        ),
        queues=tuple(_queue(one) for one in fleet.queues),
        bulkheads=tuple(
            p.BulkheadPlan(tuple(a.value for a in one.left), tuple(b.value for b in one.right))
            for one in fleet.bulkheads
        ),
        throughput=_throughput(fleet),
    )


def _restarts(pool: m.Pool) -> p.RestartPlan:
    assert pool.health is not None and pool.health.restarts is not None
    rule = pool.health.restarts
    return p.RestartPlan(
        pool=pool.name,
        pause_above=_value(rule.pause_above),
        backoff_first_seconds=_value(rule.backoff_first_seconds),
        backoff_cap_seconds=_value(rule.backoff_cap_seconds),
        elsewhere=rule.elsewhere,
        origin=rule.at,
    )


def _degrade(pool: m.Pool, step: m.Degrade) -> p.DegradePlan:
    return p.DegradePlan(
        pool=pool.name,
        answer=step.answer,
        above_busy=step.above_busy.value,
        service_mean_seconds=step.service_mean_seconds.value,
        service_p99_seconds=_value(step.service_p99_seconds),
        makes_calls=step.makes_calls,
        carries=step.carries.value,
        origin=step.at,
    )


def _holds(fleet: m.Fleet, dependency: m.Dependency) -> tuple[tuple[str, int], ...]:
    return tuple(
        (pool.name, hold.bytes_each.value)
        for pool in fleet.pools
        for hold in pool.each.memory_holds
        if hold.dependency == dependency.name
    )


def _memory(fleet: m.Fleet, dependency: m.Dependency) -> p.SharedMemoryPlan:
    all_ = dependency.memory_bytes.value if dependency.memory_bytes is not None else None
    return p.SharedMemoryPlan(dependency.name, all_, _holds(fleet, dependency))


def _queue(one: m.WorkQueue) -> p.QueuePlan:
    return p.QueuePlan(
        name=one.name,
        pool=one.pool.value,
        shards=one.shards.value,
        by_skill=one.by_skill,
        order=one.order.value,
        alert_above=one.alert_above.value if one.alert_above is not None else None,
        age_seconds=_value(one.age_seconds),
        batch=one.batch.value,
        bound=one.bound.value if one.bound is not None else None,
        origin=one.at,
    )


def _throughput(fleet: m.Fleet) -> tuple[p.ThroughputObjective, ...]:
    """Ids as the checker gives them: a demand's further guarantees are numbered."""
    met: dict[str, int] = {}
    found = []
    for one in fleet.throughput:
        name = one.demand.value
        met[name] = met.get(name, 0) + 1
        id = f"throughput/{name}" + ("" if met[name] == 1 else f"/{met[name]}")
        found.append(p.ThroughputObjective(id, name, one.per_second.value, one.at))
    return tuple(found)


def _value(stated: m.Stated[Fraction] | None) -> Fraction | None:
    return None if stated is None else stated.value
