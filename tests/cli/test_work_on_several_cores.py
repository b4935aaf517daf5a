"""What takes long is done on all cores, in order, and nobody is left when it is broken off."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

from seatrial.cli.abreast import abreast

ITEMS = range(6)
_ASK = """
from seatrial.cli.abreast import abreast
from tests.cli.test_work_on_several_cores import told_and_slow
if __name__ == "__main__":
    list(abreast(told_and_slow, range(4), 0.0, 2))
"""


def square_and_process(number: int) -> tuple[int, int]:
    return number**2, os.getpid()


def lost_elsewhere(number: int) -> int:
    if number == 3 and multiprocessing.parent_process() is not None:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def told_and_slow(number: int) -> None:
    if number:
        sys.stdout.write(f"{os.getpid()}\n")
        sys.stdout.flush()
        time.sleep(600)


def test_little_work_is_done_here() -> None:
    assert list(abreast(square_and_process, ITEMS)) == [(one**2, os.getpid()) for one in ITEMS]


def test_much_work_is_done_by_others_in_the_same_order() -> None:
    found = list(abreast(square_and_process, ITEMS, 0.0, cores=2))
    assert [square for square, _ in found] == [one**2 for one in ITEMS]
    first, *others = (process for _, process in found)
    assert first == os.getpid() and first not in others


def test_what_a_lost_process_has_not_done_is_done_here() -> None:
    assert list(abreast(lost_elsewhere, ITEMS, 0.0, cores=2)) == list(ITEMS)


def test_nobody_is_left_after_an_interrupt_nor_after_a_kill() -> None:
    for how in (signal.SIGINT, signal.SIGKILL):
        asking = subprocess.Popen(
            [sys.executable, "-c", _ASK], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert asking.stdout is not None
        helpers = [int(asking.stdout.readline()) for _ in range(2)]
        asking.send_signal(how)
        asking.wait(30)
        assert asking.returncode != 0
        for turn in count():
            left = [one for one in helpers if _runs(one)]
            if not left:
                break
            assert turn < 300, (how, left)
            time.sleep(0.1)
        asking.stdout.close()


def _runs(process: int) -> bool:
    """One that has ended may wait for whoever reaps it."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
