"""A resolved trial -> what of it cannot come about, told before it is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeGuard

from seatrial.dsl.diagnostics import Diagnostic, Label, Severity
from seatrial.dsl.source import Span

from ..model import Call, CallerKind, Fault, HangFault, KillFault, Pool, QueueOrder, Route, Trial, WorkQueue

_UNPLAYED = (Route.BY_SUCCESS, Route.BY_CAPACITY, Route.BY_SKILL)


def untried(
    trials: tuple[Trial, ...],
    pools: tuple[Pool, ...],
    calls: tuple[Call, ...],
    queues: tuple[WorkQueue, ...],
    found: list[Diagnostic],
) -> None:
    if not trials:
        return
    entered = {call.callee for call in calls if call.caller_kind is CallerKind.DEMAND}
    feeds = {queue.name: queue.pool.value for queue in queues}
    free = [pool for pool in pools if pool.each.dollars_per_hour is None]
    unplayed = _unplayed(pools, calls, queues)
    most = {pool.name: pool for pool in pools}
    for trial in trials:
        found += [_more_than_all(one, most[one.pool.value]) for one in trial.faults if _strikes_too_many(one, most)]
        for backlog in trial.backlogs:
            pool = feeds.get(backlog.queue.value)
            if pool is not None and pool not in entered:
                found.append(
                    Diagnostic(
                        "ST8003",
                        Severity.ERROR,
                        f"the tasks of {backlog.queue.value} have no way into {pool}: it serves no demand",
                        (Label(backlog.queue.span),),
                        help=f"add `serves DEMAND` to `pool {pool}`: its tasks come in by the same gateway",
                    )
                )
        if unplayed:
            found.append(_told(trial, unplayed))
        if "requests per dollar" in trial.reports and free:
            names = ", ".join(pool.name for pool in free)
            found.append(
                Diagnostic(
                    "ST8002",
                    Severity.WARNING,
                    f"trial {trial.name} cannot tell requests per dollar: {names} states no price",
                    (Label(trial.at), *(Label(pool.at, "no price") for pool in free)),
                    help="write `price $0.02/h` in `each`",
                )
            )


def _strikes_too_many(fault: Fault, pools: Mapping[str, Pool]) -> TypeGuard[KillFault | HangFault]:
    if not isinstance(fault, KillFault | HangFault) or fault.count is None or fault.pool.value not in pools:
        return False
    return fault.count.value > pools[fault.pool.value].agents_max.value


def _more_than_all(fault: KillFault | HangFault, pool: Pool) -> Diagnostic:
    """What is proved and tried is the loss of all: more there are not."""
    assert fault.count is not None
    verb, most, least = "kill" if isinstance(fault, KillFault) else "hang", pool.agents_max, pool.agents_min
    message = f"this {verb}s {fault.count.value:,} agents of {pool.name}, which has at most {most.value:,}"
    labels = (Label(fault.count.span), Label(most.span, f"at most {most.value:,}"))
    help_ = f"write `100%` for all of them, or a number up to {least.value:,}, its least"
    return Diagnostic("ST8005", Severity.WARNING, message, labels, help=help_)


class _Unplayed(NamedTuple):
    """A clause that the local fleet leaves out: as it is written, where, what happens instead, and what is played."""

    said: str
    at: Span
    instead: str
    played: str = ""


def _told(trial: Trial, unplayed: list[_Unplayed]) -> Diagnostic:
    """Each clause by its words; of many that say the same the first place."""
    names = [f"`{one.said}`" for one in unplayed]
    ways = list(dict.fromkeys(f"`{one.played}`" for one in unplayed if one.played))
    return Diagnostic(
        "ST8004",
        Severity.NOTE,
        f"trial {trial.name} does not play {', '.join(names)}",
        tuple(Label(one.at, one.instead) for one in unplayed),
        notes=("the checker judges it and the documents carry it",),
        help=f"an `environment` for trials may say what is played: {', '.join(ways)}" if ways else "",
    )


def _unplayed(pools: tuple[Pool, ...], calls: tuple[Call, ...], queues: tuple[WorkQueue, ...]) -> list[_Unplayed]:
    """What the spec says and the local fleet leaves out, each kind once, with its first place."""
    found: dict[str, _Unplayed] = {}
    for call in calls:
        route = call.policy.route
        if route.value in _UNPLAYED:
            instead, played = "attempts go to the less loaded of two agents", "route least loaded"
            said = f"route {route.value}"
            found.setdefault(said, _Unplayed(said, route.span, instead, played))
    for queue in queues:
        for one in _of_a_queue(queue):
            found.setdefault(one.said, one)
    for pool in pools:
        if pool.may_be_empty:
            least, most = pool.agents_min, pool.agents_max.value
            one = _Unplayed(f"agents 0..{most}", least.span, "one agent stays", f"agents 1..{most}")
            found.setdefault("empty", one)
        for taken in pool.each.memory_holds[:1]:
            found.setdefault("memory", _Unplayed(taken.at.text, taken.at, "no memory is taken of it"))
        rule = pool.health.restarts if pool.health is not None else None
        if rule is not None and rule.elsewhere:
            found.setdefault(
                "elsewhere", _Unplayed("restart elsewhere", rule.at, "it is started again on this machine")
            )
    return list(found.values())


def _of_a_queue(queue: WorkQueue) -> Iterator[_Unplayed]:
    """What is written in it: items come in as requests, to whoever is free."""
    if queue.shards.written and (queue.shards.value > 1 or queue.by_skill):
        by = " by skill" if queue.by_skill else ""
        yield _Unplayed(f"shards {queue.shards.value:_}{by}", queue.shards.span, "all agents share one", "shards 1")
    if queue.order.written and queue.order.value is not QueueOrder.ARRIVAL:
        order = queue.order
        yield _Unplayed(f"order {order.value}", order.span, "the first that came is the next", "order arrival")
    if queue.batch.written and queue.batch.value > 1:
        said = f"batch up to {queue.batch.value:_}"
        yield _Unplayed(said, queue.batch.span, "an agent takes them one by one", "batch up to 1")
    if queue.alert_above is not None:
        yield _Unplayed(f"alert above {queue.alert_above.value:_}", queue.alert_above.span, "nobody is told")
    if queue.bound is not None:
        yield _Unplayed(f"holds at most {queue.bound.value:_}", queue.bound.span, "it takes all that come")
