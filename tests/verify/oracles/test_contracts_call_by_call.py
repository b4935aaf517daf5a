"""What is paid under a contract, request by request: whatever is done in time is paid, also when its answer is lost."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from .trying import cases, judged


def _done(users: int, chain: list[tuple[int, int]]) -> int:
    """Calls at the end of a chain of (calls a request, retries), where each caller fails after all its calls are done,
    and is called again."""
    done = users
    for calls, retries in chain:
        done = sum(calls for _ in range(done) for _ in range(1 + retries))
    return done


@cases
def test_what_is_paid_is_bounded_with_every_retry(cases: int) -> None:
    hops = st.lists(st.tuples(st.integers(1, 2), st.integers(0, 2)), min_size=1, max_size=2)

    @settings(max_examples=cases)
    @given(st.integers(1, 4), st.integers(0, 3), st.integers(0, 2), hops, st.integers(1, 400))
    def check(steady: int, more: int, retries: int, hops: list[tuple[int, int]], dollars: int) -> None:
        def policy(retries: int) -> str:
            return f"{{ timeout 9s; retry {retries} {{ backoff 1ms up to 2ms }} }}" if retries else ""

        text = f"fleet f {{ demand d {{ steady {steady}/s; peak {steady + more}/s }}\n"
        for at in range(len(hops) + 1):
            serves = f"serves d {policy(retries)};" if at == 0 else ""
            text += f"pool p{at} {{ {serves} agents 99; each {{ concurrency 9; service mean 9ms, p99 30ms }} }}\n"
        for at, (calls, again) in enumerate(hops):
            text += f"call p{at} -> p{at + 1} {calls} per request {policy(again)}\n"
        last = len(hops)
        text += (
            f"contract p{last - 1} -> p{last} {{ done within 1s for $1; pay at most ${dollars * 3600}/h }}\n"
            "guarantee amplification < 1_000 }"
        )
        status = judged(text, f"contract/p{last - 1}-p{last}/pay")
        worst = _done((steady + more) * (1 + retries), hops)
        plain = _done(steady, [(calls, 0) for calls, _ in hops])
        expected = Status.REFUTED if plain > dollars else Status.PROVED if worst <= dollars else Status.UNKNOWN
        assert status is expected, f"{worst} a second, {plain} without retries:\n{text}"

    check()
