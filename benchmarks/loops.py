"""How fast courses of demand are run, and what a proof of an autoscaler for every horizon costs.

    python -m benchmarks.loops

Figures are user CPU time, the best of three. A trace is 60 syncs, a quarter of an hour.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from seatrial.compiler.semantics.envelope import Envelope
from seatrial.compiler.semantics.pool_loop import PoolLoop, course
from seatrial.compiler.semantics.pool_loop_fast import tried
from seatrial.compiler.semantics.pool_loop_reach import reach
from seatrial.compiler.semantics.worst_trace import worst_trace


def pool(startup_ms: int) -> PoolLoop:
    return PoolLoop("busy", 400, 2, 40, 100, 15, 300, 8, 100_000, startup_ms)


def best(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(3):
        begin = time.process_time()
        work()
        taken.append(time.process_time() - begin)
    return min(taken)


def main() -> None:
    lines = [(400_000, 400_000)] * 20 + [(2_000_000, 2_000_000)] * 40
    many = 500
    print("| what | figure |\n| --- | ---: |")
    for startup in (0, 20_000):
        fast = best(lambda startup=startup: [tried(pool(startup), lines, 8) for _ in range(many)])  # type: ignore[misc]
        print(f"| traces a second, start-up {startup // 1000} s | {many / fast:,.0f} |")
    slow = best(lambda: course(pool(20_000), lines, 8))
    print(f"| traces a second by the controller's own rules | {1 / slow:,.0f} |")
    for lag in (0, 1, 3, 6):
        for rise in (50_000, 100_000):
            loop, envelope = pool(lag * 15_000), Envelope(400_000, 2_000_000, rise)
            found = reach(loop, envelope, 10_000)
            bound = "open" if found.wait_ms is None else f"at most {found.wait_ms / 1000:g} s"
            proof = best(lambda loop=loop, envelope=envelope: reach(loop, envelope, 10_000))  # type: ignore[misc]
            harm = worst_trace(loop, envelope, lambda one: one.wait_ms).harm
            told = f"{bound}, worst found {harm / 1000:g} s, {found.looked_at} states"
            print(f"| proof, lag {lag} syncs, {rise // 1000}/s more each sync | {proof * 1000:.0f} ms: {told} |")


if __name__ == "__main__":
    main()
