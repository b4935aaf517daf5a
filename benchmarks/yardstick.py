"""How fast this machine is today, in the units of one whose speed is known: `python benchmarks/yardstick.py`.

Python itself is the yardstick: lark, alone, reads the text of 1,000 synthetic pools with this project's grammar, its
own lexer and positions. Where the targets of these benchmarks were set it read 0.58 MB/s of such a text. Processor time
on shared cores differs up to threefold from day to day, and the same program with it: who compares figures of two days
compares what this says of both.
"""

from __future__ import annotations

import gc
import time
from importlib.resources import files

from lark import Lark
from synthetic import fleet as synthetic

WHERE_TARGETS_WERE_SET = 0.58
"""MB/s."""


def megabytes_per_second(rounds: int = 3) -> float:
    """Of the quickest round, in processor time."""
    grammar = files("seatrial.dsl").joinpath("grammar.lark").read_text(encoding="utf-8")
    text = synthetic(1_000)
    alone = Lark(grammar, parser="lalr", lexer="basic", start="start", propagate_positions=True)
    best = float("inf")
    gc.disable()
    for _ in range(rounds):
        start = time.process_time()
        alone.parse(text)
        best = min(best, time.process_time() - start)
    gc.enable()
    return len(text.encode()) / 1e6 / best


def this_machine() -> str:
    """A line for the head of a benchmark."""
    speed = megabytes_per_second()
    return (
        f"this machine now: lark alone reads {speed:.2f} MB/s, {WHERE_TARGETS_WERE_SET} where the targets were set: "
        f"times here are {WHERE_TARGETS_WERE_SET / speed:.1f} times as long"
    )


if __name__ == "__main__":
    print(this_machine())
