"""Plan to Strimzi's KafkaTopics.

Turns each queue into one topic with a partition for each shard. Invariant: nothing that may still be waiting by the
spec is deleted: retention is the age limit, or endless where there is none.

Sources: Strimzi 1.2, KafkaTopic (kafka.strimzi.io/v1); Kafka 4 "Topic Configs" (retention.ms, retention.bytes,
min.insync.replicas) and "Consumers": a partition is read by one consumer of a group.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from seatrial.compiler.model import QueueOrder
from seatrial.compiler.plan import Plan
from seatrial.compiler.plan_containment import QueuePlan
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..base import Document, Emitted, Object
from ..names import labels, namespace
from ..quantity import by_units

FOLDER = "kafka"

CLUSTER = "kafka"
"""The `Kafka` object whose operator makes the topics; a placeholder (ST7087)."""

REPLICAS, IN_SYNC = 3, 2
"""A broker may be lost and items still be taken: Kafka's usual pair ("min.insync.replicas")."""


@dataclass(frozen=True, slots=True)
class KafkaEmitter:
    @property
    def name(self) -> str:
        return FOLDER

    def emit(self, plan: Plan) -> Emitted:
        queues = plan.containment.queues
        documents = tuple(Document(f"{FOLDER}/{one.name}-topic.yaml", _topic(plan, one)) for one in queues)
        return documents, tuple(found for one in queues for found in _findings(plan, one))


def _topic(plan: Plan, queue: QueuePlan) -> Object:
    # The topic operator looks for topics in its own namespace; in another one they are not seen.
    meta: Object = {
        "name": queue.name,
        "namespace": namespace(plan),
        "labels": {**labels(plan, queue.name), "strimzi.io/cluster": CLUSTER},
    }
    config: Object = {
        "cleanup.policy": "delete",
        # -1 is without end: an item is not lost because it waited.
        "retention.ms": -1 if queue.age_seconds is None else ceil(queue.age_seconds * 1000),
        "retention.bytes": -1,
        "min.insync.replicas": IN_SYNC,
    }
    return {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaTopic",
        "metadata": meta,
        "spec": {
            "topicName": f"{plan.fleet}.{queue.name}",
            "partitions": queue.shards,
            "replicas": REPLICAS,
            "config": config,
        },
    }


def _findings(plan: Plan, queue: QueuePlan) -> Iterator[Diagnostic]:
    at = (Label(queue.origin),)
    yield Diagnostic(
        "ST7087",
        Severity.NOTE,
        f"kafka: topic {queue.name} is made in cluster {CLUSTER}, a placeholder",
        at,
        notes=("the spec names no cluster; set the label `strimzi.io/cluster` in an overlay",),
    )
    pool = plan.pool(queue.pool)
    agents = pool.agents_max
    if agents > queue.shards:
        yield Diagnostic(
            "ST7088",
            Severity.ERROR,
            f"kafka: {queue.shards} of {agents} agents of {pool.name} take from {queue.name} at a time",
            at,
            notes=(
                "a partition is read by one consumer of a group; the others stand idle, and it was proved with all",
            ),
            help=f"write `shards {agents}`, or bound {pool.name} to {queue.shards} agents",
        )
    if notes := tuple(_left_out(queue)):
        yield Diagnostic(
            "ST7089",
            Severity.NOTE,
            f"kafka: a topic does not keep all that queue {queue.name} states",
            at,
            notes=notes,
        )


def _left_out(queue: QueuePlan) -> Iterator[str]:
    if queue.age_seconds is not None:
        yield f"age at most {by_units(queue.age_seconds)}: Kafka deletes what is older (`retention.ms`), done or not"
    if queue.order is not QueueOrder.ARRIVAL:
        yield f"order {queue.order.value}: a partition is read as it was written"
    if queue.bound is not None:
        yield f"holds at most {queue.bound}: a topic takes items without count; producers must look at the lag"
    if queue.batch > 1:
        yield f"batch up to {queue.batch}: set `max.poll.records` of its consumers to {queue.batch}"
    if queue.by_skill:
        yield "shards by skill: producers must write each skill's items to its own partition"
