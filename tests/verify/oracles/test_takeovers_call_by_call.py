"""A pool is lost and another one takes over: every call of a request is followed to the pool that it now goes to."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status
from seatrial.compiler.verify.check import statuses

from ..specs import fleet_of
from .trying import cases


@dataclass(frozen=True)
class Pool:
    comes: int
    """Requests per second of a demand of its own."""
    takes_ms: int
    slots: int
    calls: tuple[tuple[int, Fraction], ...]
    """To later pools: (place, times per request)."""


@dataclass(frozen=True)
class Case:
    pools: tuple[Pool, ...]
    lost: int
    heir: int

    @property
    def text(self) -> str:
        lines = [f"fleet f {{ survive loss of pool p{self.lost}, p{self.heir} takes over"]
        for at, pool in enumerate(self.pools):
            if pool.comes:
                lines.append(f"demand d{at} {{ steady {pool.comes}/s }}")
            serves = f"serves d{at}; " if pool.comes else ""
            each = f"each {{ concurrency 1; service mean {pool.takes_ms}ms, p99 {pool.takes_ms}ms }}"
            lines.append(f"pool p{at} {{ {serves}agents {pool.slots}; {each} }}")
            lines += [f"call p{at} -> p{to} {float(times):g} per request" for to, times in pool.calls]
        return "\n".join([*lines, "}"])

    def instead(self, place: int) -> int:
        return self.heir if place == self.lost else place

    def followed(self, place: int, way: tuple[int, ...] = ()) -> dict[int, Fraction] | None:
        """Milliseconds for which one request has slots, by whose they are: nobody waits. None: it comes back."""
        if place in way:
            return None
        pool = self.pools[place]
        found = {place: Fraction(pool.takes_ms)}
        for to, times in pool.calls:
            behind = self.followed(self.instead(to), (*way, place))
            if behind is None:
                return None
            # The caller's slot is held until the answer is there: that is as long as the callee's own.
            found[place] += times * behind[self.instead(to)]
            for name, taken in behind.items():
                found[name] = found.get(name, Fraction(0)) + times * taken
        return found

    def in_hand(self) -> dict[int, Fraction] | None:
        """Slots in use of each pool, in the mean."""
        found = dict.fromkeys(range(len(self.pools)), Fraction(0))
        for at, pool in enumerate(self.pools):
            held = self.followed(self.instead(at))
            if held is None:
                return None
            for name, taken in held.items():
                found[name] += pool.comes * taken / 1000
        return found


@st.composite
def drawn(draw: st.DrawFn) -> Case:
    count = draw(st.integers(2, 4))
    pools = []
    for at in range(count):
        callees = draw(st.sets(st.integers(at + 1, count - 1), max_size=2)) if at + 1 < count else set()
        times = st.sampled_from([Fraction(1, 2), Fraction(1), Fraction(2), Fraction(5, 2), Fraction(3)])
        calls = tuple((to, draw(times)) for to in sorted(callees))
        comes = draw(st.sampled_from([0, 10, 20])) if at else 10
        pools.append(Pool(comes, draw(st.sampled_from([20, 50, 100])), draw(st.integers(1, 60)), calls))
    lost, heir = draw(st.permutations(range(count)))[:2]
    return Case(tuple(pools), lost, heir)


def called_both(slots: int) -> Case:
    calls = ((1, Fraction(1)), (2, Fraction(3)))
    pools = Pool(10, 20, 60, calls), Pool(0, 100, slots, ()), Pool(0, 100, 60, ())
    return Case(pools, lost=2, heir=1)


@cases
def test_who_is_left_has_slots_for_all_that_the_calls_now_come_to(cases: int) -> None:
    seen = set()

    @settings(max_examples=cases)
    @example(called_both(slots=4))
    @example(called_both(slots=30))
    @given(drawn())
    def check(case: Case) -> None:
        verdicts = statuses(fleet_of(case.text))
        told = {id: status for id, status in verdicts.items() if id.startswith("takeover/")}
        assert f"takeover/p{case.lost}/p{case.heir}" in told, case.text
        in_hand = case.in_hand()
        for id, status in told.items():
            if in_hand is None:
                assert status is Status.UNKNOWN, f"{id} {status}, and calls come back:\n{case.text}"
                continue
            place = int(id.rsplit("/p", 1)[1])
            room = in_hand[place] < case.pools[place].slots
            assert status is Status.UNKNOWN or (status is Status.PROVED) == room, f"{id} {status}:\n{case.text}"
            seen.add(status)

    check()
    assert seen >= {Status.PROVED, Status.REFUTED}
