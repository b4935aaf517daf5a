from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.chaos.local.slots import Slots

pytestmark = pytest.mark.live


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_freed_slot_goes_to_the_one_that_waited_longest() -> None:
    async def run() -> list[str]:
        slots, served = Slots(1, None, Clock()), []

        async def request(name: str) -> None:
            assert await slots.take()
            served.append(name)
            await asyncio.sleep(0)
            slots.give()

        await asyncio.gather(*(request(name) for name in "abcd"))
        return served

    assert asyncio.run(run()) == list("abcd")


def test_a_full_queue_refuses_at_once() -> None:
    async def run() -> tuple[bool, int]:
        slots = Slots(1, 1, Clock())
        await slots.take()
        waiting = asyncio.create_task(slots.take())
        await asyncio.sleep(0)
        refused = await slots.take()
        slots.give()
        assert await waiting
        return refused, slots.queued

    assert asyncio.run(run()) == (False, 0)


def test_one_that_is_given_up_as_its_slot_comes_free_loses_no_slot() -> None:
    async def run() -> tuple[int, int]:
        slots = Slots(1, None, Clock())
        await slots.take()
        given_up, next_one = (asyncio.create_task(slots.take()) for _ in range(2))
        await asyncio.sleep(0)
        given_up.cancel()
        slots.give()
        assert await next_one
        with pytest.raises(asyncio.CancelledError):
            await given_up
        return slots.in_use, slots.queued

    assert asyncio.run(run()) == (1, 0)


def test_integrals_are_seconds_times_slots_and_times_queue() -> None:
    async def run() -> tuple[float, float, float]:
        clock = Clock()
        slots = Slots(1, None, clock)
        await slots.take()
        slots.work(+1)
        waiting = asyncio.create_task(slots.take())
        await asyncio.sleep(0)
        clock.now = 2.0
        slots.work(-1)
        clock.now = 3.0
        slots.give()
        await waiting
        clock.now = 4.0
        sums = slots.integrals()
        return sums.slots_in_use, sums.slots_at_work, sums.queued

    assert asyncio.run(run()) == (4.0, 2.0, 3.0)


@given(st.lists(st.sampled_from(["come", "finish", "give up"]), max_size=60), st.integers(1, 3))
def test_no_slot_is_ever_lost_or_held_twice(steps: list[str], concurrency: int) -> None:
    async def run() -> None:
        slots = Slots(concurrency, None, Clock())
        tasks: list[asyncio.Task[bool]] = []
        held = 0
        for step in steps:
            if step == "come":
                tasks.append(asyncio.create_task(slots.take()))
            elif step == "finish" and held:
                held -= 1
                slots.give()
            elif step == "give up" and tasks:
                tasks[-1].cancel()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            held += sum(1 for task in tasks if task.done() and not task.cancelled())
            tasks = [task for task in tasks if not task.done()]
            assert held == slots.in_use <= concurrency
            assert slots.queued == len(tasks)
            assert slots.in_use == concurrency or not slots.queued
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(run())


def test_a_request_that_gives_up_just_as_it_gets_a_slot_passes_it_on() -> None:
    async def run() -> int:
        slots = Slots(1, None, Clock())
        await slots.take()
        waiting = asyncio.create_task(slots.take())
        await asyncio.sleep(0)
        slots.give()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        return slots.in_use

    assert asyncio.run(run()) == 0
