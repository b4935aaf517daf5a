"""The part of the runtime document that says how failures are contained, what is shared, and what waits in queues.

Invariant: the keys are those of `containment.schema.json`, which is closed, and each is always there.
"""

from __future__ import annotations

from seatrial.compiler.plan_containment import Containment

from ..base import Object
from ..quantity import number, optional


def containment(one: Containment) -> Object:
    return {
        "restarts": [
            {
                "pool": rule.pool,
                "pause_above": optional(rule.pause_above),
                "backoff_first_seconds": optional(rule.backoff_first_seconds),
                "backoff_cap_seconds": optional(rule.backoff_cap_seconds),
                "elsewhere": rule.elsewhere,
            }
            for rule in one.restarts
        ],
        "degradation": [
            {
                "pool": step.pool,
                "answer": step.answer,
                "above_busy": number(step.above_busy),
                "service": {
                    "mean_seconds": number(step.service_mean_seconds),
                    "p99_seconds": optional(step.service_p99_seconds),
                },
                "makes_calls": step.makes_calls,
                "carries": number(step.carries),
            }
            for step in one.degradation
        ],
        "push_back": [{"pool": bound.pool, "pending": bound.pending} for bound in one.push_back],
        "skills": [{"pool": part.pool, "skill": part.skill, "share": number(part.share)} for part in one.skills],
        "shared_memory": [
            {
                "dependency": memory.dependency,
                "bytes": memory.bytes_all,
                "holds": [{"pool": pool, "bytes": size} for pool, size in memory.holds],
            }
            for memory in one.shared_memory
        ],
        "queues": [
            {
                "name": queue.name,
                "pool": queue.pool,
                "shards": queue.shards,
                "by_skill": queue.by_skill,
                "order": queue.order.value,
                "alert_above": queue.alert_above,
                "age_seconds": optional(queue.age_seconds),
                "batch": queue.batch,
                "bound": queue.bound,
            }
            for queue in one.queues
        ],
        "bulkheads": [{"left": list(wall.left), "right": list(wall.right)} for wall in one.bulkheads],
        "throughput": [
            {"guarantee": goal.guarantee, "demand": goal.demand, "per_second": number(goal.per_second)}
            for goal in one.throughput
        ],
    }
