"""What manifests never say, as figures under which a spec can be checked: demands, service times, slots.

Invariant: each is marked by a question, and together they fit the bounds that were read, so that what is refuted
is refuted by the manifests and not by a placeholder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from graphlib import TopologicalSorter
from math import ceil, floor, gcd, log10

from . import spelling
from .draft import Clauses, EdgeDraft, PoolDraft
from .figures import MOST
from .own_queues import NodeClass

MEAN = Fraction(50, 1000)
TAIL = 4
"""The slowest of a hundred, as a multiple of the mean: nearly as far out as an exponential's."""
SLOTS = 8
BUSY = Fraction(1, 2)
"""The share of all slots that the placeholders keep busy at the most."""
NODE = (Fraction(16), 64 << 30)
_MOST_NODES = 100_000
_ZONES = 3


def fill(pools: Sequence[PoolDraft], edges: Sequence[EdgeDraft], outside: Sequence[Clauses]) -> tuple[Clauses, ...]:
    """Completes pools and dependencies; gives the demands."""
    calls = _calls(edges)
    ordered = tuple(TopologicalSorter(calls | {pool.name: calls.get(pool.name, []) for pool in pools}).static_order())
    units = _units(calls, ordered)
    mean = _mean(edges, units)
    for block in outside:
        block.say(
            "latency",
            f"latency p50 {spelling.seconds(mean / 2)}, p99 {spelling.seconds(mean * TAIL)}",
            ask="how long do its answers take?",
        )
    slots = {pool.name: _slots(pool, mean * units[pool.name]) for pool in pools}
    for pool in pools:
        pool.each.say("concurrency", f"concurrency {slots[pool.name]}", ask="how many requests has an agent in hand?")
        text = f"service mean {spelling.seconds(mean)}, p99 {spelling.seconds(mean * TAIL)}"
        pool.each.say("service", text, ask="how long does an agent itself work on a request?")
    flow = _flow(edges, calls, ordered)
    steady, peak = (_rate(pools, flow, units, slots, mean, at_most) for at_most in (False, True))
    demands: list[Clauses] = []
    for name in dict.fromkeys(edge.caller for edge in edges if edge.from_demand):
        block = Clauses(f"demand {name}")
        block.say("steady", f"steady {_per_second(steady)}", ask="how much is asked of it usually?")
        block.say("peak", f"peak {_per_second(max(peak, steady))}", ask="and at the most? for how long, how often?")
        demands.append(block)
    return tuple(demands)


def node_classes(
    pools: Sequence[PoolDraft], shared: Sequence[NodeClass], *, zones: bool, spread: bool
) -> tuple[Clauses, ...]:
    """Those that Kueue shares out; a class for each name that a pool asks for besides, large enough for all of them;
    one more where there is none and agents are `spread`. `zones`: the nodes are in several."""
    known = {one.name: one for one in shared}
    names: dict[str, None] = dict.fromkeys(known)
    for pool in pools:
        said = pool.own.said.get("on")
        for name in said.text.removeprefix("on ").split(", ") if said else ():
            names.setdefault(name)
    if spread:
        names = names or {"general": None}
    least = (
        max([NODE[0], *(pool.cores or Fraction(0) for pool in pools)]),
        max([Fraction(NODE[1]), *(pool.memory or Fraction(0) for pool in pools)]),
        max((pool.gpus for pool in pools), default=0),
    )
    made: list[Clauses] = []
    for name in names:
        block = Clauses(f"nodes {name}")
        if name in known:
            ask = "how many machines have together what Kueue shares out?"
            count, cores, memory, gpus = _parted(known[name], least, zones)
        else:
            ask = "how many machines may there be?"
            count, cores, memory, gpus = _ample(pools, least)
        block.say("count", f"count {count:_}", ask=ask)
        block.say("cpu", f"cpu {spelling.cores(cores)}", ask="of what size?")
        block.say("memory", f"memory {spelling.size(memory)}", ask="of what size?")
        if gpus:
            block.say("gpu", f"gpu {gpus}", ask="with how many GPUs?")
        if zones:
            block.say("zones", f"zones {_ZONES}", ask="over how many zones?")
        made.append(block)
    return tuple(made)


def _ample(pools: Sequence[PoolDraft], least: tuple[Fraction, Fraction, int]) -> tuple[int, Fraction, Fraction, int]:
    """Nodes, and what each has, of which one class would do for all pools."""
    cores, memory, gpus = least
    need = sum(
        (2 * pool.most * max((pool.cores or 1) / NODE[0], Fraction(pool.memory or 0) / NODE[1]) for pool in pools),
        Fraction(0),
    )
    return min(MOST, max(3, 3 * ceil(need))), cores, memory, max(8, gpus) if gpus else 0


def _parted(
    given: NodeClass, least: tuple[Fraction, Fraction, int], zones: bool
) -> tuple[int, Fraction, Fraction, int]:
    """As many alike nodes as have together what is given and each `least`, or one for each zone; else a single one."""
    cores, memory, gpus = least
    thousandths = given.cores * 1000
    common = gcd(int(thousandths), int(given.memory), int(given.gpus)) if thousandths.denominator == 1 else 1
    most = min(_MOST_NODES, int(given.cores / cores), int(given.memory / memory))
    if given.gpus and gpus:
        most = min(most, int(given.gpus / gpus))
    count = next((count for count in range(most, 1, -1) if common % count == 0), 1)
    if zones and count < _ZONES:
        count = next((count for count in range(_ZONES, 10 * _ZONES) if common % count == 0), count)
    return count, given.cores / count, given.memory / count, int(given.gpus) // count


def _calls(edges: Sequence[EdgeDraft]) -> dict[str, list[str]]:
    """By caller, but for demands."""
    calls: dict[str, list[str]] = {}
    for edge in edges:
        if not edge.from_demand:
            calls.setdefault(edge.caller, []).append(edge.callee)
    return calls


def _units(calls: Mapping[str, Sequence[str]], ordered: Sequence[str]) -> dict[str, int]:
    """How long a request is held, in service times: its own, and those of all calls one after the other.

    `ordered`: callees before their callers.
    """
    units: dict[str, int] = {}
    for name in ordered:
        units[name] = 1 + sum(units[callee] for callee in calls.get(name, ()))
    return units


def _mean(edges: Sequence[EdgeDraft], units: dict[str, int]) -> Fraction:
    """Short enough that even the slowest answers are there before the tightest timeout."""
    mean = MEAN
    for edge in edges:
        for slot in ("timeout", "try"):
            said = edge.policy.said.get(slot)
            if said is not None:
                limit = _seconds(said.text.rpartition(" ")[2])
                mean = min(mean, limit / (2 * TAIL * units[edge.callee]))
    return _short(mean)


def _seconds(text: str) -> Fraction:
    from seatrial.dsl.quantities import TIME, Amount, read

    amount = read(text, TIME)
    assert isinstance(amount, Amount), text
    return amount.value


def _short(amount: Fraction) -> Fraction:
    """Rounded down to one figure, to two microseconds at the least: half of it is a duration too."""
    step = max(Fraction(1, 1_000_000), Fraction(10) ** floor(log10(amount)))
    return max(2 * Fraction(1, 1_000_000), floor(amount / step) * step)


def _slots(pool: PoolDraft, held: Fraction) -> int:
    """Enough that the autoscaler's target leaves room in an agent."""
    if pool.target is None:
        return SLOTS
    signal, target = pool.target
    wanted = {"in flight": 2 * target, "rate": 2 * target * held}.get(signal, Fraction(0))
    return min(MOST, max(SLOTS, ceil(wanted)))


def _rate(
    pools: Sequence[PoolDraft],
    flow: Mapping[str, int],
    units: Mapping[str, int],
    slots: dict[str, int],
    mean: Fraction,
    most: bool,
) -> Fraction:
    """What each demand may ask so that no pool is busier than `BUSY`, or than its autoscaler's target."""
    found = [
        (pool.most if most else pool.least) * _each(pool, slots[pool.name], mean * units[pool.name]) / flow[pool.name]
        for pool in pools
        if flow[pool.name] and pool.least
    ]
    return _short(min(found, default=Fraction(1)))


def _flow(edges: Sequence[EdgeDraft], calls: Mapping[str, Sequence[str]], ordered: Sequence[str]) -> Mapping[str, int]:
    """Requests at each pool for one of each demand."""
    flow = Counter(edge.callee for edge in edges if edge.from_demand)
    for name in reversed(ordered):
        for callee in calls.get(name, ()):
            flow[callee] += flow[name]
    return flow


def _each(pool: PoolDraft, slots: int, held: Fraction) -> Fraction:
    """Requests a second of one agent."""
    rate = slots * BUSY / held
    if pool.target is not None:
        signal, target = pool.target
        scaled = {
            "in flight": target / held,
            "rate": target,
            "busy": slots * target / held,
            "cpu": slots * target / held,
        }
        rate = min(rate, scaled.get(signal, rate))
    return rate * Fraction(4, 5)


def _per_second(rate: Fraction) -> str:
    for unit, size in (("s", 1), ("min", 60), ("h", 3600)):
        if (rate * size).denominator == 1:
            return f"{spelling.decimal(rate * size)}/{unit}"
    return f"{spelling.decimal(rate)}/s"
