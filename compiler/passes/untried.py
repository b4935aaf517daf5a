"""A resolved trial -> what of it cannot come about, told before it is run."""

from __future__ import annotations

from seatrial.compiler.model import Call, CallerKind, Pool, Trial, WorkQueue
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity


def untried(
    trials: tuple[Trial, ...],
    pools: tuple[Pool, ...],
    calls: tuple[Call, ...],
    queues: tuple[WorkQueue, ...],
    found: list[Diagnostic],
) -> None:
    entered = {call.callee for call in calls if call.caller_kind is CallerKind.DEMAND}
    feeds = {queue.name: queue.pool.value for queue in queues}
    free = [pool for pool in pools if pool.each.dollars_per_hour is None]
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
