"""A pool that may be empty -> what of the fleet does not bear that.

Invariant: where nothing is in the way, all that comes to the pool waits in a queue while nobody is there, nothing
counts its agents, and nobody else is asked for what has piled up but dependencies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from seatrial.dsl.source import Span

from .calls import Call, CalleeKind, CallerKind
from .fleet import Fleet
from .pools import Pool, Signal
from .stated import Stated
from .trials import AbortFault, DelayFault, HangFault, KillFault, PartitionFault, SaturateFault


class Way(Enum):
    """What kind of thing is in the way."""

    NOBODY_COMES = "nobody comes"
    CALLED = "called"
    COUNTED = "counted"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """`told` in words that go on after "but"; `remedy` is another way out than a minimum of 1."""

    way: Way
    at: Span
    told: str
    remedy: str = ""


def in_the_way(fleet: Fleet, pool: Pool) -> Iterator[Obstacle]:
    """Of a pool with a minimum of 0."""
    yield from _nobody_comes(fleet, pool)
    yield from _called(fleet, pool)
    yield from _of_pool(pool)
    yield from _counted(fleet, pool)
    yield from _struck(fleet, pool)


def _nobody_comes(fleet: Fleet, pool: Pool) -> Iterator[Obstacle]:
    if pool.agents_max.value == 0:
        yield Obstacle(Way.NOBODY_COMES, pool.agents_max.span, "there would never be an agent")
    elif pool.scaling is None:
        yield Obstacle(Way.NOBODY_COMES, pool.agents_min.span, "nothing scales it", "add `scale on queue 10 per agent`")
    elif pool.scaling.signal is not Signal.QUEUE:
        told = f"its agents alone show `{pool.scaling.signal.value}`, and while there are none nothing brings one back"
        yield Obstacle(Way.NOBODY_COMES, pool.scaling.at, told, "write `scale on queue 10 per agent`")
    if pool.agents_max.value > 0 and all(queue.pool.value != pool.name for queue in fleet.queues):
        told = "no queue keeps what comes while there is nobody"
        yield Obstacle(Way.NOBODY_COMES, pool.agents_min.span, told, f"add `queue work {{ feeds {pool.name} }}`")


def _called(fleet: Fleet, pool: Pool) -> Iterator[Obstacle]:
    for call in fleet.calls_to(pool.name):
        if call.caller_kind is CallerKind.POOL:
            yield Obstacle(Way.CALLED, call.at, f"agents of {call.caller} call it, and get errors while it is empty")
        elif _is_judged(call):
            told = f"a proxy calls it for {call.caller}, and who waits for an answer gets an error while it is empty"
            remedy = f"write `serves {call.caller}` without a block: its requests are the items of the queue"
            yield Obstacle(Way.CALLED, call.at, told, remedy)
    for call in fleet.calls_from(pool.name):
        if call.callee_kind is CalleeKind.POOL:
            told = f"what has piled up in its queue would come to {call.callee} faster than at any peak"
            yield Obstacle(Way.CALLED, call.at, told)


def _is_judged(call: Call) -> bool:
    """Anything at all is said of how it is called."""
    policy = call.policy
    said = (
        policy.timeout_seconds,
        policy.try_timeout_seconds,
        policy.retry,
        policy.breaker,
        policy.limit,
        policy.shed_on_failure,
        policy.shed_on_latency,
        policy.admit,
        policy.warm_up,
    )
    return any(one is not None for one in said) or policy.route.written


def _of_pool(pool: Pool) -> Iterator[Obstacle]:
    restarts = pool.health.restarts if pool.health is not None else None
    if pool.disruption is not None:
        told = "a budget for disruptions counts the fewest agents, and of none nobody could ever be moved"
        yield Obstacle(Way.COUNTED, pool.disruption.at, told, "leave it out: who leaves finishes what it has in hand")
    if restarts is not None and restarts.pause_above is not None:
        yield Obstacle(Way.COUNTED, restarts.pause_above.span, "a share of no agents is never failing", "leave it out")
    if pool.degrade:
        yield Obstacle(
            Way.COUNTED, pool.degrade[0].at, "while it is empty nobody gives the lesser answer", "leave it out"
        )
    if pool.push_back is not None:
        told = "while it is empty nobody pushes back"
        yield Obstacle(Way.COUNTED, pool.push_back.span, told, "write `holds at most …` in its queue instead")
    if pool.skills:
        yield Obstacle(Way.COUNTED, pool.skills[0].share.span, "while it is empty no skill has an agent")
    if pool.pattern is not None:
        yield Obstacle(Way.COUNTED, pool.pattern.at, "agents that talk with one another must be there", "leave it out")


def _counted(fleet: Fleet, pool: Pool) -> Iterator[Obstacle]:
    name, said = pool.name, "its agents are counted on"
    for vote in fleet.consensuses:
        if name == vote.pool.value or (vote.tie is not None and vote.tie.value == name):
            yield Obstacle(Way.COUNTED, vote.at, f"{said} in the vote {vote.name}")
    for one in fleet.organisations:
        if any(tier.pool == name for tier in one.tiers):
            yield Obstacle(Way.COUNTED, one.at, f"{said} in the organisation {one.name}")
    for talks in fleet.negotiations:
        if name in (talks.buyers, talks.sellers, talks.mediator):
            yield Obstacle(Way.COUNTED, talks.at, f"{said} in the negotiation {talks.name}")
    for contract in fleet.contracts:
        if name in (contract.caller, contract.callee):
            yield Obstacle(Way.COUNTED, contract.at, f"{said} in a contract")
    for budget in fleet.budgets:
        if budget.division is not None and budget.division.dispute is not None:
            yield Obstacle(Way.COUNTED, budget.division.dispute.at, f"{said} in the vote on the budget")
    losses: list[tuple[Span, Stated[str]]] = [(one.at, one.pool) for one in fleet.agent_losses]
    losses += [(one.at, end) for one in fleet.takeovers for end in (one.lost, one.heir)]
    losses += [(one.at, one.callee) for one in fleet.unanswered]
    for at, lost in losses:
        if lost.value == name:
            yield Obstacle(Way.COUNTED, at, f"{said} in what must be survived", "leave it out")


def _struck(fleet: Fleet, pool: Pool) -> Iterator[Obstacle]:
    for trial in fleet.trials:
        for fault in trial.faults:
            if isinstance(fault, KillFault | HangFault | SaturateFault) and fault.pool.value == pool.name:
                yield Obstacle(Way.COUNTED, fault.at, "a fault needs agents that it strikes", "leave it out")
            callees = [fault.callee.value] if isinstance(fault, DelayFault | AbortFault) else []
            if isinstance(fault, PartitionFault):
                callees = [callee.value for _, callee in fault.calls]
            if pool.name in callees:
                yield Obstacle(
                    Way.CALLED, fault.at, "its items wait in the queue, and no call carries them", "leave it out"
                )
