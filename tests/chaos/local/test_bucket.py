from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from seatrial.chaos.local.bucket import Bucket


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@given(
    st.floats(0.1, 100),
    st.floats(1, 100),
    st.lists(st.tuples(st.floats(0, 5), st.floats(0, 20)), max_size=50),
)
def test_never_more_is_granted_than_depth_and_rate_allow(
    rate: float, depth: float, asks: list[tuple[float, float]]
) -> None:
    clock = Clock()
    bucket = Bucket(rate, depth, clock)
    granted = 0.0
    for wait, amount in asks:
        clock.now += wait
        granted += amount if bucket.take(amount) else 0
        assert granted <= (depth + rate * clock.now) * (1 + 1e-9)


def test_a_refusal_takes_nothing() -> None:
    bucket = Bucket(1, 10, Clock())
    assert not bucket.take(11)
    assert bucket.take(10)


def test_an_idle_bucket_fills_up_to_its_depth_and_no_further() -> None:
    clock = Clock()
    bucket = Bucket(5, 10, clock)
    assert bucket.take(10)
    clock.now = 1.0
    assert bucket.has(5)
    assert not bucket.has(5.5)
    clock.now = 1000.0
    assert not bucket.has(10.5)
    assert bucket.has(10)
