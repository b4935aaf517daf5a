"""What nodes and tokens cost, pod by pod and second by second: whatever a scheduler and a demand may do."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from .trying import cases, judged


@dataclass(frozen=True)
class Kind:
    """A pool: tenths of a core of each agent, and how many there are."""

    tenths: int
    least: int
    more: int

    @property
    def most(self) -> int:
        return self.least + self.more


KINDS = st.lists(st.builds(Kind, st.integers(1, 10), st.integers(1, 3), st.integers(0, 3)), min_size=1, max_size=3)


def _most_nodes(kinds: list[Kind], nodes: int, draw: random.Random) -> int:
    """Of one core each. A pod goes to any node that has room, and to a new one only where none has; an empty one is
    taken away. Agents come and go between their bounds, and are replaced in updates, a quarter more of them at a time.
    """
    there: list[list[int]] = []
    most = 0

    def placed(at: int) -> bool:
        room = [node for node in there if sum(kinds[one].tenths for one in node) + kinds[at].tenths <= 10]
        if not room and len(there) < nodes:
            there.append([])
            room = [there[-1]]
        if room:
            draw.choice(room).append(at)
        return bool(room)

    def gone(at: int) -> None:
        draw.choice([node for node in there if at in node]).remove(at)
        there[:] = [node for node in there if node]

    order = [at for at, kind in enumerate(kinds) for _ in range(kind.most)]
    draw.shuffle(order)
    for at in order:
        placed(at)
    for _ in range(60):
        most = max(most, len(there))
        running = Counter(one for node in there for one in node)
        at = draw.randrange(len(kinds))
        kind, now = kinds[at], running[at]
        if draw.random() < 0.5:
            surge = sum(placed(at) for _ in range(-(-now // 4)))
            most = max(most, len(there))
            for _ in range(surge):
                gone(at)
        elif now > kind.least and draw.random() < 0.5:
            gone(at)
        elif now < kind.most:
            placed(at)
    return most


@cases
def test_nodes_are_paid_wherever_pods_lie(cases: int) -> None:
    @settings(max_examples=cases)
    @given(KINDS, st.integers(1, 12), st.integers(1, 12), st.integers(0, 2**32))
    def check(kinds: list[Kind], nodes: int, dollars: int, seed: int) -> None:
        pools = "\n".join(
            f"pool p{at} {{ agents {kind.least}..{kind.most}; scale on busy 50%; "
            f"each {{ cpu {kind.tenths * 100}m; memory 1Mi }} }}"
            for at, kind in enumerate(kinds)
        )
        text = (
            f"fleet f {{ nodes n {{ count 1..{nodes}; cpu 1; memory 64Gi; price $1/h }}\n"
            f"budget nodes ${dollars}/h\n{pools} }}"
        )
        status, draw = judged(text, "budget/nodes/hour"), random.Random(seed)
        used = max(_most_nodes(kinds, nodes, draw) for _ in range(4))
        assert status is not Status.PROVED or used <= dollars, text
        # Whatever is refuted must be needed: no fewer nodes have the cores.
        if status is Status.REFUTED:
            big = sum(kind.most for kind in kinds if kind.tenths > 5)
            cores = -(-sum(kind.most * kind.tenths for kind in kinds) // 10)
            assert min(nodes, max(1, big, cores)) > dollars or _none_packs(kinds, dollars), text

    check()


def _none_packs(kinds: list[Kind], nodes: int) -> bool:
    """Whether all agents find no place on so many nodes, by trying all."""
    sizes = sorted((kind.tenths for kind in kinds for _ in range(kind.most)), reverse=True)

    def packs(at: int, free: tuple[int, ...]) -> bool:
        if at == len(sizes):
            return True
        return any(
            packs(at + 1, tuple(sorted((*free[:node], free[node] - sizes[at], *free[node + 1 :]))))
            for node in {room: index for index, room in enumerate(free) if room >= sizes[at]}.values()
        )

    return not packs(0, (10,) * nodes)


@dataclass(frozen=True)
class Waves:
    """A demand a second: whole requests, and seconds; `slope` requests a second more in each."""

    steady: int
    more: int
    lasts: int
    pause: int
    slope: int


def _most_in_an_hour(waves: Waves) -> Fraction:
    """The rate rises as fast as it may and then stays up; it falls at once, and rises again as soon as it may. The hour
    may begin at any time of that."""
    climb = -(-waves.more // waves.slope) if waves.slope else 0
    every = waves.lasts + climb + waves.pause

    def rate(at: int) -> Fraction:
        if at < climb:
            return min(Fraction(waves.more), Fraction(waves.slope * (2 * at + 1), 2))
        return Fraction(waves.more if at < climb + waves.lasts else 0)

    rates = [rate(second % every) for second in range(every + 3600)]
    window = most = sum(rates[:3600], Fraction(0))
    for begin in range(every):
        window += rates[begin + 3600] - rates[begin]
        most = max(most, window)
    return most + 3600 * waves.steady


@cases
def test_tokens_are_paid_on_every_course_of_demand(cases: int) -> None:
    waves = st.builds(
        Waves, st.integers(0, 3), st.integers(1, 9), st.integers(60, 2400), st.integers(0, 4000), st.integers(0, 1)
    )

    @settings(max_examples=cases)
    @given(waves, st.integers(-400, 400))
    def check(waves: Waves, off: int) -> None:
        climb = waves.more // waves.slope if waves.slope else 0
        every = waves.lasts + climb + waves.pause
        most = _most_in_an_hour(waves)
        dollars = max(1, int(most) + off)
        slope = f"rises at most {waves.slope}/s per 1s" if waves.slope else ""
        text = (
            f"fleet f {{ demand d {{ steady {waves.steady}/s; peak {waves.steady + waves.more}/s for {waves.lasts}s "
            f"every {every}s; {slope} }}\n"
            "dependency x { latency p50 2ms, p99 9ms; price $1 / 1 tokens }\n"
            "pool a { serves d; agents 20; each { concurrency 4; service mean 9ms, p99 30ms } }\n"
            f"call a -> x {{ tokens 1 }}; budget tokens ${dollars}/h }}"
        )
        status = judged(text, "budget/tokens/hour")
        assert status is not Status.PROVED or most <= dollars, text
        assert status is not Status.REFUTED or most > dollars, text

    check()
