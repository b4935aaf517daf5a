"""A pool or dependency that does not state its times -> what to write."""

from __future__ import annotations

from ...model import Dependency, Pool
from .longer_steps import MOST_SPREAD, longer_step


def missing_service(pool: Pool) -> str:
    each = pool.each
    if each.service_mean_seconds is not None and each.service_p99_seconds is None:
        return f"{pool.name} states no p99 of its service time; write `service mean …, p99 …` in its `each`"
    if each.service_mean_seconds is None:
        return f"{pool.name} does not state its service time; write `service mean …, p99 …` in its `each`"
    return longer_step(pool) or f"no log-normal has the service times of {pool.name}: {MOST_SPREAD}"


def missing_latency(dependency: Dependency) -> str:
    if dependency.latency_p50_seconds is not None and dependency.latency_p99_seconds is None:
        return f"{dependency.name} states no p99 of its latency; write `latency p50 …, p99 …` in it"
    return f"{dependency.name} does not state its latency; write `latency p50 …, p99 …` in it"
