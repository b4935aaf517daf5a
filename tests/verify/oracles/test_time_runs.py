"""Retries, nested deadlines, auctions and slots, played through second by second."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from .trying import agrees, cases, judged


@dataclass(frozen=True)
class Tries:
    retries: int
    single: int
    base: int
    factor: int
    cap: int

    @property
    def words(self) -> str:
        if not self.retries:
            return ""
        pauses = f"backoff {self.base}ms x{self.factor} up to {self.cap}ms"
        return f"try timeout {self.single}ms; retry {self.retries} {{ {pauses} }}"

    def course(self) -> tuple[int, int]:
        """When the last try starts and when it ends, with every try and every pause as long as it can be."""
        now, pause, start = 0, self.base, 0
        for number in range(1 + self.retries):
            start = now
            now += self.single
            if number < self.retries:
                now += min(pause, self.cap)
                pause *= self.factor
        return start, now


TRIES = st.builds(
    Tries, st.integers(0, 4), st.integers(1, 60), st.integers(1, 20), st.integers(1, 3), st.integers(20, 60)
)


@cases
def test_the_last_retry_starts_before_the_time_is_up(cases: int) -> None:
    @settings(max_examples=cases)
    @given(TRIES.filter(lambda one: one.retries > 0), st.integers(60, 400))
    def check(tries: Tries, timeout: int) -> None:
        text = (
            "fleet f { demand d { steady 1/s }; dependency x { connections 9; latency p50 2ms, p99 9ms }\n"
            "pool a { serves d; agents 2; each { concurrency 4; service mean 9ms, p99 30ms } }\n"
            f"call a -> x {{ timeout {timeout}ms; {tries.words} }} }}"
        )
        start, _ = tries.course()
        agrees(judged(text, "timeouts/a->x/attempts"), start < timeout, text)

    check()


@cases
def test_a_caller_outwaits_what_it_waits_for(cases: int) -> None:
    calls = st.lists(
        st.tuples(TRIES, st.integers(60, 400), st.sampled_from([Fraction(1, 2), Fraction(1), Fraction(3, 2)])),
        min_size=1,
        max_size=3,
    )

    @settings(max_examples=cases)
    @given(calls, st.integers(10, 90), st.integers(100, 1500))
    def check(calls: list[tuple[Tries, int, Fraction]], own: int, patience: int) -> None:
        text = (
            "fleet f { demand d { steady 1/s }\n"
            "pool a { serves d; agents 2; each { concurrency 4; service mean 9ms, p99 30ms } }\n"
            f"pool b {{ agents 2; each {{ concurrency 4; service mean 5ms, p99 {own}ms }} }}\n"
            f"call a -> b {{ timeout {patience}ms }}\n"
        )
        waiting = 0
        for index, (tries, timeout, times) in enumerate(calls):
            text += f"dependency dep{index} {{ connections 9; latency p50 2ms, p99 9ms }}\n"
            text += f"call b -> dep{index} {times} per request {{ timeout {timeout}ms; {tries.words} }}\n"
            _, end = tries.course()
            one = min(timeout, end) if tries.retries else timeout
            # Half a call a request is a whole one for some.
            waiting += sum(one for _ in range(-(-times.numerator // times.denominator)))
        text += "}"
        found = judged(text, "timeouts/a->b")
        # Its own work in between is a p99 and no promise: between the two nothing is known.
        agrees(found, waiting + own <= patience, text, open=waiting <= patience < waiting + own)

    check()


@cases
def test_slots_are_more_than_what_is_in_hand(cases: int) -> None:
    @settings(max_examples=cases)
    @given(st.integers(1, 5), st.integers(0, 3), st.integers(1, 8), st.integers(1, 300), st.integers(1, 100))
    def check(least: int, more: int, concurrency: int, rate: int, service: int) -> None:
        agents = f"{least}..{least + more}; scale on busy 50%" if more else str(least)
        text = (
            f"fleet f {{ demand d {{ steady {rate}/s }}; pool p {{ serves d; agents {agents}; "
            f"each {{ concurrency {concurrency}; service mean {service}ms, p99 {4 * service}ms }} }} }}"
        )
        # A second of arrivals, each with its milliseconds of work, against the slots' milliseconds in a second.
        work = sum(service for _ in range(rate))
        there = sum(1000 for _ in range((least + more) * concurrency))
        # The model may not settle what is within rounding of full.
        agrees(judged(text, "capacity/p/peak"), work < there, text, open=0 < there - work < there // 1000)

    check()


@cases
def test_auctions_end_before_the_deadline(cases: int) -> None:
    @settings(max_examples=cases)
    @given(st.integers(2, 50), st.integers(5, 60), st.integers(1, 5), st.integers(1, 30), st.integers(1, 40))
    def check(start: int, drop: int, step: int, reserve: int, deadline: int) -> None:
        reserve = min(reserve, start - 1)
        text = (
            f"fleet f {{ auction falling {{ dutch from ${start} down {drop}% per {step}s to ${reserve}; "
            f"deadline {deadline}s }}\n"
            f"auction rising {{ english {start}s, bids every {step}s; deadline {deadline}s }} }}"
        )
        price, seconds = Fraction(start), 0
        while price > reserve:
            price, seconds = price - price * drop / 100, seconds + step
        agrees(judged(text, "auction/falling"), seconds <= deadline, text)
        # A bid in the last moment, and one that answers it.
        agrees(judged(text, "auction/rising"), start + step <= deadline, text)

    check()
