"""A resolved trial -> what of it cannot come about, told before it is run."""

from __future__ import annotations

from seatrial.dsl.diagnostics import Diagnostic, Label, Severity
from seatrial.dsl.source import Span

from ..model import Call, CallerKind, Pool, Route, Trial, WorkQueue

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
    for trial in trials:
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
            found.append(
                Diagnostic(
                    "ST8004",
                    Severity.NOTE,
                    f"trial {trial.name} does not play {unplayed[0][0]}",
                    tuple(Label(at, what if index else "") for index, (what, at) in enumerate(unplayed)),
                    notes=("the checker judges it and the documents carry it",),
                )
            )
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


def _unplayed(
    pools: tuple[Pool, ...], calls: tuple[Call, ...], queues: tuple[WorkQueue, ...]
) -> list[tuple[str, Span]]:
    """What the local fleet leaves out, each kind once, with its first place."""
    found: dict[str, Span] = {}
    for call in calls:
        route = call.policy.route
        if route.value in _UNPLAYED:
            found.setdefault(f"`route {route.value}`: attempts go to the less loaded of two agents", route.span)
    for queue in queues:
        found.setdefault("the order, shards, batches and alert of a queue", queue.at)
    for pool in pools:
        if pool.may_be_empty:
            found.setdefault("how a pool starts from none: one agent stays", pool.agents_min.span)
        if pool.each.memory_holds:
            found.setdefault("memory that agents take of a dependency", pool.each.memory_holds[0].at)
        rule = pool.health.restarts if pool.health is not None else None
        if rule is not None and rule.elsewhere:
            found.setdefault("restarts on another machine", rule.at)
    return list(found.items())
