"""How the checker grows with the fleet: `python benchmarks/scale.py [--most 10000]`.

For synthetic fleets of 10 to 10,000 pools with three calls a pool: user CPU seconds to decide every guarantee, to have
all findings, and to read every sentence of them; the memory of the fleet and the most that deciding takes besides, as
Python's allocator counts it; and the time to judge one edited clause, to find the minimal core of one pool that cannot
keep up, to divide among as many tenants and to answer for a quorum. Prints the table of `benchmarks/README.md` and
draws `benchmarks/scale.svg`. Each size runs in a process of its own.
"""

from __future__ import annotations

import argparse
import gc
import json
import pickle
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from yardstick import megabytes_per_second, this_machine

HERE = Path(__file__).parent
SIZES = (10, 30, 100, 300, 1_000, 3_000, 10_000)
ROUNDS = 5


def best(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """User and system seconds of the quickest round: other programs do not count, and what is imported at first does
    not either. What the prover remembers of autoscalers that it has looked at is forgotten before each round, and as in
    the commands the garbage collector stays away meanwhile."""
    from seatrial.compiler.verify.flows import loops

    taken = []
    for _ in range(rounds):
        for remembered in (loops.longest_wait, loops.bounded_wait, loops.surely_bounded):
            remembered.cache_clear()
        gc.disable()
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
        gc.enable()
    return min(taken)


def megabytes(work: Callable[[], object]) -> tuple[float, float]:
    """Of what comes out, and the most that is held meanwhile with it; without what was there before."""
    tracemalloc.start()
    made = work()
    kept, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del made
    return kept / 1e6, most / 1e6


def measured(pools: int) -> dict[str, float]:
    """Everything of one size, in this process; seconds and MB."""
    from check import resolved
    from synthetic import fleet as synthetic

    from seatrial.compiler.semantics.fairness import Claim, max_min
    from seatrial.compiler.verify import Status, check
    from seatrial.compiler.verify.check import statuses
    from seatrial.compiler.verify.decided import decide
    from seatrial.compiler.verify.edits.rebuild import places, with_value

    fleet = resolved(synthetic(pools))
    found: dict[str, float] = {"pools": pools, "calls": len(fleet.calls), "lark MB/s": megabytes_per_second()}
    rounds = ROUNDS if pools <= 3_000 else 2
    found["decide"] = best(lambda: statuses(fleet), rounds)
    text = pickle.dumps(fleet)
    # As read from a pickle: parsing while each object is counted takes minutes.
    found["fleet MB"], _ = megabytes(lambda: pickle.loads(text))
    _, found["decide MB"] = megabytes(lambda: statuses(fleet))
    findings = check(fleet)
    found["guarantees"] = len(findings)
    found["proved"] = sum(one.status is Status.PROVED for one in findings)
    found["check"] = best(lambda: check(fleet), rounds)
    if pools <= 1_000:
        found["check and read"] = best(lambda: [one.margin for one in check(fleet)], 1)

    stated = fleet.pools[pools // 2].each.concurrency
    paths = places(fleet)[stated.span]
    first, *edits = (with_value(fleet, paths, Fraction(value)) for value in (5, 6, 7, 8))
    # One who types has changed the same part just before.
    decided = decide(fleet).again(first)
    found["one edit"] = min(best(lambda edit=edit: decided.again(edit), 1) for edit in edits)  # type: ignore[misc]

    found["core"] = _core(resolved(synthetic(pools, refuted=1)))
    claims = [Claim(Fraction(1 + n % 7), Fraction(n % 50), Fraction(100 + n % 991)) for n in range(pools)]
    found["max-min"] = best(lambda: max_min(Fraction(pools * 90), claims), 2)
    vote = resolved(_vote(pools))
    found["quorum"] = best(lambda: statuses(vote))
    return found


def _core(broken: object) -> float:
    """The first refuted guarantee's minimal core, once it is known to be refuted."""
    from seatrial.compiler.model import Fleet
    from seatrial.compiler.verify.exact.core import confirm
    from seatrial.compiler.verify.flows.analysis import Analysis
    from seatrial.compiler.verify.obligations.capacity import capacity

    assert isinstance(broken, Fleet)
    refuted = next(one for one in capacity(Analysis(broken)) if one.broken is not None)
    assert refuted.broken is not None
    relation = refuted.broken.relation
    assert confirm(relation).literals
    return best(lambda: confirm(relation))


def _vote(members: int) -> str:
    lines = [
        "fleet votes {",
        f"  pool voters {{ agents {members} }}",
        f"  consensus motion among voters {{ members {members}; majority 1/2; tolerate {members // 10} crashed }}",
        "}",
    ]
    return "\n".join(lines)


COLUMNS = (
    ("decide", "decide, ms", 1000),
    ("check", "check, ms", 1000),
    ("check and read", "check and read all, ms", 1000),
    ("fleet MB", "fleet, MB", 1),
    ("decide MB", "deciding, MB", 1),
    ("one edit", "one edit, ms", 1000),
    ("core", "core, ms", 1000),
    ("max-min", "max-min, ms", 1000),
    ("quorum", "quorum, ms", 1000),
)


def table(rows: list[dict[str, float]]) -> str:
    names = ["pools", "calls", "guarantees", *(title for _, title, _ in COLUMNS)]
    lines = [f"| {' | '.join(names)} |", f"|{'---:|' * len(names)}"]
    for row in rows:
        cells = [f"{row[name]:,.0f}" for name in names[:3]]
        figures = [row[key] * factor if key in row else None for key, _, factor in COLUMNS]
        cells += ["" if one is None else f"{one:,.{1 if one < 100 else 0}f}" for one in figures]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def plot(rows: list[dict[str, float]], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "seatrial"
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    for key, title, factor in COLUMNS:
        if not key.endswith("MB"):
            shown = [row for row in rows if key in row]
            axes.loglog([row["pools"] for row in shown], [row[key] * factor for row in shown], "o-", label=title)
    axes.set_xlabel("pools, with three calls each")
    axes.set_ylabel("CPU time, ms")
    axes.grid(visible=True, which="both", alpha=0.25)
    axes.legend(fontsize="small")
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--most", type=int, default=SIZES[-1])
    options.add_argument("--one", type=int, help="measure one size here and print it as JSON")
    given = options.parse_args()
    if given.one:
        print(json.dumps(measured(given.one)))
        return
    print(this_machine(), flush=True)
    rows = []
    for pools in (size for size in SIZES if size <= given.most):
        done = subprocess.run(
            [sys.executable, __file__, "--one", str(pools)], stdout=subprocess.PIPE, check=True, text=True
        )
        rows.append(json.loads(done.stdout))
        print(table(rows[-1:]).splitlines()[-1], flush=True)
    print(table(rows))
    plot(rows, HERE / "scale.svg")


if __name__ == "__main__":
    main()
