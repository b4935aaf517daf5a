"""HorizontalPodAutoscalers and KEDA's ScaledObjects to bounds and a scaling clause.

Invariant: a metric whose meaning is only told by its name is asked about; one without a word is a placeholder, and
asked about too.

Sources: Kubernetes API reference, HorizontalPodAutoscaler v2 (defaults of HPAScalingRules); KEDA, "ScaledObject
specification".
"""

from __future__ import annotations

import re
from fractions import Fraction

from seatrial.compiler.model import Signal

from ..behavior import METRICS
from . import spelling
from .behavior import moves
from .common import metadata
from .draft import Emptied, PoolDraft
from .figures import amount, taken, whole
from .manifest import Fields

_SIGNALS = {name: signal for signal, name in METRICS.items()}
_BY_NAME = (
    (re.compile(r"queue|lag|backlog|messages|pending|waiting|length|jobs|tasks", re.I), Signal.QUEUE),
    (re.compile(r"in[_-]?flight|concurren|running|active[_-]?req", re.I), Signal.IN_FLIGHT),
    (re.compile(r"per[_-]?second|rps|qps|rate|requests|hits", re.I), Signal.RATE),
    (re.compile(r"busy|utili[sz]ation|saturation", re.I), Signal.BUSY),
)
_QUEUES = (
    "kafka",
    "rabbitmq",
    "aws-sqs-queue",
    "azure-servicebus",
    "azure-queue",
    "redis",
    "redis-streams",
    "nats-jetstream",
    "gcp-pubsub",
    "pulsar",
)
_KAFKA_LAG = Fraction(10)
"""`lagThreshold` of a kafka trigger that says none (KEDA, `pkg/scalers/kafka_scaler.go`)."""
_NAMES = ("topic", "queueName", "queueURL", "listName", "stream", "subscriptionName")
_OF_QUEUES = re.compile(
    rf"""sum\(max by \(queue, shard\) \({METRICS[Signal.QUEUE]}\{{namespace="[^"]*",queue=~"([a-z0-9|-]+)"\}}\)\)"""
)
"""What is compiled for a pool that may be empty."""
_SAMPLE = "scale on busy 60%"


def autoscaler(fields: Fields, pool: PoolDraft) -> None:
    metadata(fields)
    spec = fields.within("spec")
    if not _bounds(spec, pool, ("minReplicas", 1), ("maxReplicas", None)):
        return
    spec.skip("scaleTargetRef")
    older = "targetCPUUtilizationPercentage"
    behavior, stated = spec.within("behavior"), spec.peek(older)
    if (percent := taken(spec, older, whole)) is not None:
        _scaled(pool, Signal.CPU, Fraction(percent, 100), spec, older, "", behavior)
        return
    metrics = list(spec.each("metrics"))
    for later in metrics[1:]:
        later.refuse("type", "the language scales on one signal; the first that it knows was taken")
    if any(_metric(metric, pool, behavior) for metric in metrics):
        return
    if not metrics and stated is None:
        ask = "Kubernetes scales on 80% of cpu where no metric is said"
        _scaled(pool, Signal.CPU, Fraction(4, 5), spec, "", ask, behavior)
        return
    _say(pool, _SAMPLE, "no metric has a word in the language; what do agents scale on?", spec, "metrics", behavior)
    pool.target = ("busy", Fraction(3, 5))


def scaled_object(fields: Fields, pool: PoolDraft) -> None:
    metadata(fields)
    spec = fields.within("spec")
    if not _bounds(spec, pool, ("minReplicaCount", 0), ("maxReplicaCount", 100)):
        return
    spec.skip("scaleTargetRef")
    if pool.least == 0:
        pool.least, pool.emptied = 1, Emptied(spec)
    if spec.peek("fallback.behavior") == "currentReplicasIfHigher" and spec.peek("fallback.replicas") == pool.least:
        spec.skip("fallback")
    spec.known("pollingInterval", 15)
    config = spec.within("advanced.horizontalPodAutoscalerConfig")
    config.skip("name")
    behavior = config.within("behavior")
    triggers = list(spec.each("triggers"))
    for later in triggers[1:]:
        later.refuse("type", "the language scales on one signal; the first that it knows was taken")
    if any(_trigger(trigger, pool, behavior) for trigger in triggers):
        return
    _say(pool, _SAMPLE, "no trigger has a word in the language; what do agents scale on?", spec, "triggers", behavior)
    pool.target = ("busy", Fraction(3, 5))


def _bounds(spec: Fields, pool: PoolDraft, low: tuple[str, int], high: tuple[str, int | None]) -> bool:
    """False, and all of it is listed, where they are no range of agents."""
    stated = [spec.peek(name) for name, _ in (low, high)]
    least = low[1] if stated[0] is None else whole(stated[0], least=0)
    most = high[1] if stated[1] is None else whole(stated[1])
    if stated[1] is None and most is None:
        most = least
    if least is None or most is None or most < max(least, 1):
        wrong = [name for (name, _), one in zip((low, high), stated, strict=True) if isinstance(one, str)]
        no_range = f"{low[0]} and {high[0]} are no range of agents"
        spec.refuse_whole(f"{wrong[0]} is a text, where a cluster takes a number" if wrong else no_range)
        return False
    pool.least, pool.most, ask = least, most, ""
    if least == 0 and low[1] == 1:
        spec.refuse(low[0], "an autoscaler that finds no replicas switches itself off")
    elif least > 0:
        spec.take(low[0])
    spec.take(high[0])
    if least == 0 and low[1] == 1:
        pool.least, ask = 1, "it may go down to none, which is not proved; what is the least?"
    places = [spec.place(name) for (name, _), value in zip((low, high), stated, strict=True) if value is not None]
    pool.own.say("agents", f"agents {pool.least:_}..{pool.most:_}", *places, ask=ask)
    pool.scaled = True
    pool.sources.append(spec.place())
    return True


def _metric(metric: Fields, pool: PoolDraft, behavior: Fields) -> bool:
    """Whether it is one that the language has a word for; then it is said."""
    kind = metric.peek("type")
    for at in ("resource", "containerResource"):
        percent = whole(metric.peek(f"{at}.target.averageUtilization"))
        if metric.peek(f"{at}.name") == "cpu" and percent is not None:
            metric.skip("type", f"{at}.name", f"{at}.container", f"{at}.target.averageUtilization")
            metric.known(f"{at}.target.type", "Utilization")
            _scaled(pool, Signal.CPU, Fraction(percent, 100), metric, at, "", behavior)
            return True
    for at in ("pods", "external", "object"):
        target = amount(metric.peek(f"{at}.target.averageValue"))
        if str(kind).lower() == at and target is not None:
            name = str(metric.peek(f"{at}.metric.name"))
            return _named(name, target, metric, at, pool, behavior)
    metric.refuse("type", f"the language cannot scale on a metric of type {kind} with this target")
    return False


def _named(name: str, target: Fraction, metric: Fields, at: str, pool: PoolDraft, behavior: Fields) -> bool:
    signal, ask = _SIGNALS.get(name), ""
    if signal is None:
        signal = next((one for pattern, one in _BY_NAME if pattern.search(name)), None)
        ask = f"{name} is read as this by its name; is it?"
    if signal is None or (signal is Signal.BUSY and target > 1):
        metric.refuse("type", f"what {name} measures cannot be told from its name")
        return False
    metric.skip("type", f"{at}.metric.name", f"{at}.target.averageValue", f"{at}.query", f"{at}.threshold")
    metric.known(f"{at}.target.type", "AverageValue")
    _scaled(pool, signal, target, metric, at, ask, behavior)
    return True


def _trigger(trigger: Fields, pool: PoolDraft, behavior: Fields) -> bool:
    kind, meta = str(trigger.peek("type")), trigger.within("metadata")
    each = trigger.peek("metricType") in (None, "AverageValue")
    if pool.emptied is not None:
        _counted(trigger, pool, pool.emptied)
    if kind == "prometheus" and each and (ours := _ours(str(meta.peek("query")))):
        target = amount(meta.peek("threshold"))
        if target is not None and (ours is not Signal.BUSY or target <= 1):
            trigger.skip("type", "metricType")
            meta.skip("query", "threshold")
            meta.known("ignoreNullValues", "false")
            meta.refuse("serverAddress", "compiled triggers have a placeholder; set the address in an overlay")
            _scaled(pool, ours, target, meta, "threshold", "", behavior)
            return True
    # Older versions of KEDA have the kind of target among the metadata.
    kinds = trigger.peek("metricType"), meta.peek("type")
    percent = amount(meta.peek("value"))
    if kind == "cpu" and set(kinds) <= {"Utilization", None} and percent is not None:
        trigger.skip("type", "metricType")
        meta.skip("value", "type")
        _scaled(pool, Signal.CPU, percent / 100, meta, "value", "", behavior)
        return True
    for field in (
        "lagThreshold",
        "queueLength",
        "messageCount",
        "listLength",
        "pendingEntriesCount",
        "threshold",
        "value",
        "subscriptionSize",
    ):
        stated = meta.peek(field)
        target = _KAFKA_LAG if stated is None and (kind, field) == ("kafka", "lagThreshold") else amount(stated)
        if target is None or not each:
            continue
        if kind in _QUEUES:
            meta.take(field)
            trigger.skip("type", "metricType")
            trigger.refuse("metadata", "where the queue is cannot be written; set it in an overlay")
            _scaled(pool, Signal.QUEUE, target, meta, field if stated is not None else "", "", behavior)
            return True
        if kind == "prometheus":
            return _named(str(meta.peek("query")), target, trigger, "metadata", pool, behavior)
    trigger.refuse("type", f"the language cannot scale on a {kind} trigger")
    return False


def _counted(trigger: Fields, pool: PoolDraft, one: Emptied) -> None:
    """The queues that the trigger of a pool that goes down to none is about, and from how many items on."""
    kind, meta = str(trigger.peek("type")), trigger.within("metadata")
    if compiled := _OF_QUEUES.fullmatch(str(meta.peek("query"))):
        one.queues = tuple(compiled[1].split("|"))
    elif kind in _QUEUES:
        named = next((str(meta.peek(field)) for field in _NAMES if meta.peek(field) is not None), f"{pool.name}-work")
        # A queue of SQS is named by its address.
        one.queues = (named.rstrip("/").rsplit("/", 1)[-1],)
        one.ask = "is it kept while nobody is there? `holds at most …` and `age at most …` say how much, how long"
    for field in ("activationThreshold", "activationLagThreshold", "activationValue", "activationQueueLength"):
        if meta.peek(field) is not None and not meta.known(field, "0", 0):
            meta.refuse(field, "compiled ones start the first agent for a single item")


def _ours(query: str) -> Signal | None:
    if _OF_QUEUES.fullmatch(query):
        return Signal.QUEUE
    return next((signal for name, signal in _SIGNALS.items() if query.startswith(f"sum({name}{{")), None)


def _scaled(
    pool: PoolDraft, signal: Signal, target: Fraction, fields: Fields, path: str, ask: str, behavior: Fields
) -> None:
    each = spelling.decimal(target)
    texts = {
        Signal.CPU: f"scale on cpu {spelling.share(target)}",
        Signal.BUSY: f"scale on busy {spelling.share(target)}",
        Signal.QUEUE: f"scale on queue {each} per agent",
        Signal.RATE: f"scale on rate {each}/s per agent",
        Signal.IN_FLIGHT: f"scale on in flight {each} per agent",
    }
    pool.target = (signal.value, target)
    if signal is Signal.CPU and target > 1:
        ask = f"the target is {spelling.share(target)} of the request, which the language cannot say"
        texts[signal] = "scale on cpu 100%"
    _say(pool, texts[signal], ask, fields, path, behavior)


def _say(pool: PoolDraft, text: str, ask: str, fields: Fields, path: str, behavior: Fields) -> None:
    how, doubts, pool.behavior = moves(behavior, pool.most)
    places = [fields.place(path)] if path else []
    if behavior.node:
        places.append(behavior.place())
    asks = "; ".join(one for one in (ask, *doubts) if one)
    pool.own.say("scale", f"{text} {{ {how} }}", *places, ask=asks)
