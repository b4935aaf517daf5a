"""How long a check of a synthetic fleet takes, stage by stage: `python benchmarks/check.py [--pools N …] [--profile]`.

Prints a table with seconds for parsing the text, reading its clauses, resolving them to a fleet, checking it, and
checking it where a tenth of its pools is too small (cores and repairs included).
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import time
from collections.abc import Callable
from typing import TypeVar

from synthetic import fleet as synthetic

from seatrial.compiler.model import Fleet
from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import read
from seatrial.compiler.verify import Status, check
from seatrial.dsl.parse import parse
from seatrial.dsl.source import Source

T = TypeVar("T")


def timed(work: Callable[[], T]) -> tuple[T, float]:
    start = time.perf_counter()
    done = work()
    return done, time.perf_counter() - start


def resolved(text: str) -> Fleet:
    fleet, errors = resolve(read(Source("synthetic.fleet", text)).clauses, {})
    assert fleet is not None, errors
    return fleet


def row(pools: int, repairs: bool = True) -> str:
    text = synthetic(pools)
    source = Source("synthetic.fleet", text)
    _, parsing = timed(lambda: parse(source))
    reading, reading_all = timed(lambda: read(source))
    (fleet, errors), resolving = timed(lambda: resolve(reading.clauses, {}))
    assert fleet is not None, errors
    findings, checking = timed(lambda: check(fleet))
    proved = sum(one.status is Status.PROVED for one in findings)
    times = f"{parsing:8.2f} {reading_all - parsing:8.2f} {resolving:8.2f} {checking:8.2f}"
    checked = f"{pools:6} {times} {proved:6}/{len(findings):<6}"
    if not repairs:
        return checked
    broken = resolved(synthetic(pools, refuted=max(1, pools // 10)))
    refutations, mending = timed(lambda: check(broken))
    refuted = sum(one.status is Status.REFUTED for one in refutations)
    return f"{checked} {mending:8.2f} {refuted:7}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pools", type=int, nargs="+", default=[10, 100, 1000])
    options.add_argument("--profile", action="store_true", help="where the check of the largest spends its time")
    options.add_argument("--refuted", type=int, default=0, help="pools that cannot keep up, for the profile")
    options.add_argument("--no-repairs", action="store_true", help="leave out the fleets that are refuted")
    given = options.parse_args()
    if given.profile:
        fleet = resolved(synthetic(max(given.pools), refuted=given.refuted))
        with cProfile.Profile() as profile:
            check(fleet)
        pstats.Stats(profile).sort_stats("cumulative").print_stats(40)
        return
    print(" pools    parse     read  resolve    check proved/all     mending refuted")
    for pools in given.pools:
        print(row(pools, not given.no_repairs), flush=True)


if __name__ == "__main__":
    main()
