"""How long a check of a synthetic fleet takes, stage by stage: `python benchmarks/check.py [--pools N …] [--profile]`.

Prints a table with seconds of CPU for parsing the text, reading its clauses, resolving them to a fleet, checking it,
and checking it where a tenth of its pools is too small (cores and repairs included); then how fast the same statements
are parsed in the other forms: as YAML by us, as HCL by python-hcl2 (`pip install '.[bench]'`).
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import importlib.util
import pstats
import time
from collections.abc import Callable
from typing import TypeVar

from synthetic import fleet as synthetic
from yardstick import this_machine

from seatrial.compiler.model import Fleet
from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import read
from seatrial.compiler.verify import Status, check
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.exchange import Notation, parse_any, write
from seatrial.dsl.parse import parse
from seatrial.dsl.source import Source
from seatrial.dsl.syntax import Statement

T = TypeVar("T")


def timed(work: Callable[[], T], times: int = 1) -> tuple[T, float]:
    """What it gives, and the CPU seconds of the quickest run: the wall clock tells of the neighbours too."""
    best = float("inf")
    for _ in range(times):
        start = time.process_time()
        done = work()
        best = min(best, time.process_time() - start)
    return done, best


def resolved(text: str) -> Fleet:
    fleet, errors = resolve(read(Source("synthetic.fleet", text)).clauses, {})
    assert fleet is not None, errors
    return fleet


def row(pools: int, judged: bool, repairs: bool) -> str:
    text = synthetic(pools)
    source = Source("synthetic.fleet", text)
    _, parsing = timed(lambda: parse(source))
    reading, reading_all = timed(lambda: read(source))
    (fleet, errors), resolving = timed(lambda: resolve(reading.clauses, {}))
    assert fleet is not None, errors
    line = f"{pools:6} {len(text) / 1e6:6.2f} {parsing:8.2f} {reading_all - parsing:8.2f} {resolving:8.2f}"
    if not judged:
        return line
    findings, checking = timed(lambda: check(fleet))
    proved = sum(one.status is Status.PROVED for one in findings)
    line += f" {checking:8.2f} {proved:6}/{len(findings):<6}"
    if not repairs:
        return line
    broken = resolved(synthetic(pools, refuted=max(1, pools // 10)))
    refutations, mending = timed(lambda: check(broken))
    refuted = sum(one.status is Status.REFUTED for one in refutations)
    return f"{line} {mending:8.2f} {refuted:7}"


def peers(pools: int) -> None:
    """The same statements in three notations, each with the parser that a program would use."""
    text = synthetic(pools)
    file, errors = parse(Source("synthetic.fleet", text))
    assert file is not None and not errors, errors
    yaml = write(file, Notation.YAML)
    assert not isinstance(yaml, Diagnostic), yaml
    print(f"\n{pools} pools, parsed:     MB        s     MB/s")
    _told("text", text, lambda: parse(Source("synthetic.fleet", text)))
    _told("YAML", yaml, lambda: parse_any(Source("synthetic.yaml", yaml)))
    if importlib.util.find_spec("hcl2") is None:
        print("HCL (python-hcl2)  is not installed: pip install '.[bench]'")
        return
    import hcl2

    document = hcl(file.statements)
    hcl2.loads("ready = true\n")
    _told("HCL (python-hcl2)", document, lambda: hcl2.loads(document))


def _told(name: str, text: str, work: Callable[[], object]) -> None:
    _, seconds = timed(work, 3)
    size = len(text.encode()) / 1e6
    print(f"{name:18} {size:8.2f} {seconds:8.3f} {size / seconds:8.2f}", flush=True)


def hcl(statements: tuple[Statement, ...], indent: str = "") -> str:
    """The statements as HCL: those with a block are blocks, and what stands in their heads are labels."""
    out: list[str] = []
    for statement in statements:
        first, *rest = (item.text.strip('"') for item in statement.items)
        if statement.block is None:
            out.append(f'{indent}{first} = "{" ".join(rest)}"\n')
        else:
            labels = "".join(f' "{one}"' for one in rest)
            out.append(f"{indent}{first}{labels} {{\n{hcl(statement.block.statements, indent + '  ')}{indent}}}\n")
    return "".join(out)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pools", type=int, nargs="+", default=[10, 100, 1000])
    options.add_argument("--profile", action="store_true", help="where the check of the largest spends its time")
    options.add_argument("--refuted", type=int, default=0, help="pools that cannot keep up, for the profile")
    options.add_argument("--no-repairs", action="store_true", help="leave out the fleets that are refuted")
    options.add_argument("--no-check", action="store_true", help="leave out the prover: the way to the model alone")
    options.add_argument("--no-peers", action="store_true", help="leave out the other notations")
    given = options.parse_args()
    if given.profile:
        fleet = resolved(synthetic(max(given.pools), refuted=given.refuted))
        with cProfile.Profile() as profile:
            check(fleet)
        pstats.Stats(profile).sort_stats("cumulative").print_stats(40)
        return
    # As the command does.
    gc.disable()
    parse(Source("first.fleet", synthetic(1)))
    print(this_machine(), flush=True)
    heads = " pools     MB    parse     read  resolve"
    print(heads + ("" if given.no_check else "    check proved/all     mending refuted"))
    for pools in given.pools:
        print(row(pools, not given.no_check, not given.no_repairs), flush=True)
    if not given.no_peers:
        # The largest of the others takes minutes.
        peers(min(max(given.pools), 1000))


if __name__ == "__main__":
    main()
