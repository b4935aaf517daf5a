"""Queues of work: an item is taken before it is too old, an alert rings in time, each shard has somebody."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from ...model import Backlog, Pool, Signal, Stated, Trial, WorkQueue
from ...semantics.rare import CHANCE, count_of
from ..exact.expression import Derived, Expression, Leaf, Order, Relation, derived, lift, value
from ..faults.in_trials import Arriving, arriving_in, felt_before
from ..finding import Case
from ..flows import leaves
from ..flows.analysis import Analysis, Level
from ..flows.emptying import Work, emptied_within, nobody_for
from ..flows.overtaking import called_besides, overtaken, taken_together
from ..flows.uneven import same_header
from ..obligation import Condition, Obligation
from ..words import counted, number, seconds
from .starting import from_nobody, refusing, unbounded

_ROUNDS, _GAIN = 40, Fraction(1, 100)
"""Each tells of less that comes before the tasks are done, until one hardly does; the first would be right too."""


def queues(analysis: Analysis) -> list[Obligation]:
    if analysis.circle:
        return []
    found: list[Obligation] = []
    for queue in analysis.fleet.queues:
        pool = analysis.pool(queue.pool.value)
        if queue.by_skill:
            found.append(_shards(queue, pool))
        if queue.alert_above is not None and (queue.age_seconds is not None or queue.bound is not None):
            found.append(_alert(analysis, queue, pool, queue.alert_above))
        if queue.age_seconds is not None:
            found.append(_age(analysis, queue, pool))
    for trial in analysis.fleet.trials:
        for backlog in trial.backlogs:
            queue = next(one for one in analysis.fleet.queues if one.name == backlog.queue.value)
            found.append(_backlog(analysis, trial, backlog, queue))
    return [one for one in found if analysis.wants(one.id)]


def _backlog(analysis: Analysis, trial: Trial, backlog: Backlog, queue: WorkQueue) -> Obligation:
    """Unsatisfiable iff the queue holds fewer than wait as the trial begins, or all agents, working from the first
    second to the last, cannot do these and what the trial's load brings.

    Sufficient: the agents that are surely there (`flows.emptying`) do them in that time, the waits of calls at the
    trial's highest level and what chance adds included, and before a fault is felt (`faults.in_trials`).
    """
    pool = analysis.pool(queue.pool.value)
    tasks = leaves.of_trial(f"tasks of {trial.name} in {queue.name}", backlog.tasks, "wait as the trial begins")
    lasts = leaves.of_trial(f"duration of {trial.name}", trial.duration_seconds, "the trial lasts")
    must: list[Condition] = []
    bound = leaves.queue_bound(queue)
    if bound is not None:
        holds = bound * leaves.shards(queue)
        text = f"{number(tasks.number)} tasks wait in {queue.name}, which holds {number(value(holds))}"
        must.append(Condition(Relation(tasks, Order.AT_MOST, holds), text, ""))
    most, slots = leaves.agents_max(pool), leaves.concurrency(pool)
    held, load = analysis.occupancy(Level.STEADY).least_held[pool.name], arriving_in(analysis, trial, pool)
    coming = analysis.rate(Level.STEADY, pool.name) * lasts
    if load.changes:
        coming = derived(f"what comes to {pool.name} in {trial.name}", load.surely, [lasts])
    all_work = (tasks + coming) * held
    all_ = f"{number(tasks.number)} tasks and {'what comes in the trial' if load.changes else 'the steady demand'}"
    told = (
        f"{all_} take {counted(most.number, 'agent')} of {pool.name} "
        f"{seconds(_short(value(all_work) / (most.number * slots.number)))} of {seconds(lasts.number)}"
    )
    must.append(Condition(Relation(all_work, Order.AT_MOST, lasts * most * slots), told, told))
    obligation = partial(
        Obligation,
        id=f"backlog/{trial.name}/{queue.name}",
        claim=f"the tasks that wait in {queue.name} are done in trial {trial.name}",
        at=backlog.at,
        code="ST8001",
        must=tuple(must),
    )
    full = _done_within(analysis, pool, queue, tasks.number, load)
    gap = full if isinstance(full, str) else load.gap or _apart(analysis, queue) or called_besides(analysis, queue)
    if not gap and not isinstance(full, str):
        gap = felt_before(analysis, trial, pool, full)
    if isinstance(full, str) or gap:
        return obligation(gap=gap)
    surely = (
        f"{_surely_at_it(analysis, pool)} {all_} in {seconds(_short(full))} of {seconds(lasts.number)} but for one "
        "time in a million"
    )
    need = Derived(f"time of the tasks of {trial.name}", full, ())
    case = Case("between", text=f"the whole backlog, with the load of {trial.name}") if load.changes else None
    proof = (Condition(Relation(need, Order.AT_MOST, lift(lasts.number)), surely, surely, case),)
    return obligation(proof=proof, remedy=_surely(queue, pool, f"a longer {trial.name}"))


def _done_within(analysis: Analysis, pool: Pool, queue: WorkQueue, tasks: Fraction, load: Arriving) -> Fraction | str:
    """Seconds until tasks and all that comes before that is done: with what comes in a longer time it is no sooner."""
    time, level = load.lasts, Level.BETWEEN if load.rises else Level.STEADY
    for _ in range(_ROUNDS):
        comes = Fraction(count_of(float(load.within(time)), CHANCE))
        work = Work(tasks, comes, pool.each.concurrency.value, queue.batch.value)
        done = emptied_within(analysis, pool, level, work)
        if isinstance(done, str) or done >= time * (1 - _GAIN):
            return done if isinstance(done, str) or time == load.lasts else min(done, time)
        time = done
    return time


def _shards(queue: WorkQueue, pool: Pool) -> Obligation:
    """Unsatisfiable iff the pool at its fewest agents has fewer than there are shards by skill: then one has nobody."""
    shards, low = leaves.shards(queue), leaves.agents_min(pool)
    broken = (
        f"{queue.name} has {counted(shards.number, 'shard')} by skill, and {pool.name} may shrink to "
        f"{counted(low.number, 'agent')}: some skill has nobody"
    )
    room = f"{counted(low.number, 'agent')} of {pool.name} at least for {counted(shards.number, 'shard')}"
    return Obligation(
        id=f"queue/{queue.name}/shards",
        claim=f"each shard of {queue.name} always has an agent",
        at=queue.shards.span,
        code="ST2607",
        must=(Condition(Relation(shards, Order.AT_MOST, low), broken, room),),
    )


def _workers(queue: WorkQueue, pool: Pool) -> tuple[Expression, str]:
    """The agents that work off one shard's items, at the most; all of them where shards are not by skill."""
    most = leaves.agents_max(pool)
    if not queue.by_skill or queue.shards.value == 1:
        return most, counted(most.number, "agent")
    count = max(1, math.floor(most.number / queue.shards.value))
    each = derived(f"agents of {pool.name} for a shard of {queue.name}", count, [most, leaves.shards(queue)])
    return each, f"{counted(count, 'agent')} for each shard"


@dataclass(frozen=True, slots=True)
class _Emptying:
    """Items of a queue against the time they may wait: what is needed, what is enough or why nothing is, in words."""

    needed: Relation
    fast: str
    enough: Relation
    slow: str
    gap: str


def _emptying(analysis: Analysis, queue: WorkQueue, pool: Pool, items: Leaf, age: Leaf) -> _Emptying:
    workers, told = _workers(queue, pool)
    slots = leaves.concurrency(pool)
    held = analysis.occupancy(Level.PEAK).least_held[pool.name]
    backlog: Expression = items
    if not queue.by_skill and queue.shards.value > 1:
        backlog = items * leaves.shards(queue)
    takes = value(backlog) * value(held) / (value(workers) * slots.number)
    who = f"{number(value(backlog))} items of {queue.name}"
    shards = queue.shards.value if queue.by_skill else 1
    surely = emptied_within(analysis, pool, Level.PEAK, Work(value(backlog), at_once=queue.batch.value), shards)
    time = surely if not isinstance(surely, str) else Fraction(0)
    need = Derived(f"time to work off {queue.name}", time, ())
    return _Emptying(
        Relation(backlog * held, Order.AT_MOST, age * workers * slots),
        f"{who} take {told} of {pool.name} {seconds(_short(takes))}",
        Relation(need, Order.AT_MOST, lift(age.number)),
        f"{_nobody_yet(analysis, pool)}{_surely_at_it(analysis, pool)} {who} in {seconds(_short(time))} but for one "
        "time in a million",
        surely if isinstance(surely, str) else _overtaken(analysis, queue) or _refused(analysis, pool),
    )


def _surely_at_it(analysis: Analysis, pool: Pool) -> str:
    """Who works items off, as the beginning of a sentence."""
    if same := same_header(analysis, pool.name):
        return f"{same}; one of them does"
    return f"the agents of {pool.name} that are surely there work off"


def _nobody_yet(analysis: Analysis, pool: Pool) -> str:
    if not pool.may_be_empty:
        return ""
    return f"nobody may be there for {seconds(nobody_for(analysis, pool))}; with that "


def _short(time: Fraction) -> Fraction:
    return Fraction(round(time * 10), 10) if time >= 1 else time


def _refused(analysis: Analysis, pool: Pool) -> str:
    """Of a pool that may be empty: what has piled up may ask for more than the peak does, which is judged elsewhere."""
    return refusing(analysis, pool) if pool.may_be_empty else ""


def _apart(analysis: Analysis, queue: WorkQueue) -> str:
    """Why a part of the agents may have more to work off than the others."""
    if queue.by_skill and queue.shards.value > 1:
        return f"{queue.name} is divided by skill, and how much of the demand each shard gets is not stated"
    return _divided(analysis, queue)


def _divided(analysis: Analysis, queue: WorkQueue) -> str:
    pool = queue.pool.value
    if not analysis.pool(pool).divided:
        return ""
    return f"each agent of {pool} has one skill, and how many items of {queue.name} want which is not stated"


def _overtaken(analysis: Analysis, queue: WorkQueue) -> str:
    return _divided(analysis, queue) or called_besides(analysis, queue) or overtaken(analysis, queue)


def _unclear(analysis: Analysis, queue: WorkQueue) -> str:
    """Why the agents of a pool that keeps up may still leave an item of it waiting."""
    return _apart(analysis, queue) or _overtaken(analysis, queue) or taken_together(analysis, queue.pool.value)


def _aged(queue: WorkQueue, age: Stated[Fraction]) -> Leaf:
    return Leaf(f"age in {queue.name}", age, f"an item waits at most {seconds(age.value)}", positive=True)


def _age(analysis: Analysis, queue: WorkQueue, pool: Pool) -> Obligation:
    """Unsatisfiable iff a full queue takes all agents longer than its items may wait, or the first item that comes to
    an empty pool waits longer until an agent has started.

    Sufficient: the agents that are surely there (`flows.emptying`) need no longer, the waits of calls and what chance
    adds included, and no item is overtaken: in the order of arrival, or of deadlines, which for one common age is the
    same (Liu & Layland, 1973).
    Where nothing bounds the queue, `starting` tells how much piles up.
    """
    assert queue.age_seconds is not None
    age = _aged(queue, queue.age_seconds)
    obligation = partial(
        Obligation,
        id=f"queue/{queue.name}/age",
        claim=f"no item of {queue.name} waits longer than {seconds(age.number)}",
        at=queue.age_seconds.span,
        code="ST2606",
    )
    if queue.bound is None:
        return unbounded(analysis, queue, pool, age, obligation, _unclear(analysis, queue))
    said = f"{queue.name} holds at most {number(queue.bound.value)} items"
    bound = Leaf(f"bound of {queue.name}", queue.bound, f"{said}{' in a shard' if queue.shards.value > 1 else ''}")
    emptying = _emptying(analysis, queue, pool, bound, age)
    limit = f"an item may wait {seconds(age.number)}"
    return obligation(
        must=(Condition(emptying.needed, f"{emptying.fast}; {limit}", ""), *from_nobody(pool, age)),
        proof=(Condition(emptying.enough, f"{emptying.slow}; {limit}", f"{emptying.slow}; {limit}"),),
        gap=emptying.gap,
        remedy="" if emptying.gap else _surely(queue, pool, f"fewer items that {queue.name} holds at most"),
    )


def _surely(queue: WorkQueue, pool: Pool, otherwise: str) -> str:
    """What brings agents that are surely there, or leaves them less to do."""
    batches = ", smaller batches" if queue.batch.value > 1 else ""
    if pool.scaling is None:
        return f"more agents of {pool.name}{batches}, or {otherwise}, would decide it"
    target = "" if pool.scaling.signal is Signal.CPU else ", a lower target of the autoscaler"
    return f"more agents at the minimum{target}{batches}, or {otherwise}, would decide it"


def _alert(analysis: Analysis, queue: WorkQueue, pool: Pool, items: Stated[int]) -> Obligation:
    """Unsatisfiable iff the queue is full, or its items too old, before the alert's level is passed."""
    alert = Leaf(f"alert of {queue.name}", items, f"an alert above {number(items.value)}")
    must: list[Condition] = []
    proof: list[Condition] = []
    gap = ""
    bound = leaves.queue_bound(queue)
    if bound is not None:
        broken = (
            f"{queue.name} is full at {number(bound.number)} items, the alert rings above {number(alert.number)}: never"
        )
        room = f"the alert rings at {number(alert.number)} of {number(bound.number)} items"
        must.append(Condition(Relation(alert, Order.BELOW, bound), broken, room))
    if queue.age_seconds is not None:
        age = _aged(queue, queue.age_seconds)
        emptying = _emptying(analysis, queue, pool, alert, age)
        gap, told = emptying.gap, f"{emptying.slow} when the alert rings; an item may wait {seconds(age.number)}"
        proof.append(Condition(emptying.enough, told, told))
        late = f"{emptying.fast}, and an item may wait {seconds(age.number)}: the alert rings when it is too late"
        must.append(Condition(emptying.needed, late, ""))
    return Obligation(
        id=f"queue/{queue.name}/alert",
        claim=f"the alert of {queue.name} rings while there is something to save",
        at=items.span,
        code="ST2608",
        must=tuple(must),
        proof=tuple(proof),
        gap=gap,
        remedy="" if gap else _surely(queue, pool, "an alert at fewer items"),
    )
