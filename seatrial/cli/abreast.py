"""One work on many items -> its results in their order, as `map` gives them, on all cores where that pays.

Invariant: no process outlives whoever asked, neither after Ctrl-C nor where that process was killed. What a process
that was lost has not done is done here.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

WORTH_SECONDS = 3.0
"""With less than this left to do, the others would hardly have started before it is done."""


def abreast(
    work: Callable[[T], R], items: Sequence[T], worth: float = WORTH_SECONDS, cores: int | None = None
) -> Iterator[R]:
    """The work and the items can be pickled. How long the first one takes tells whether others are asked to help:
    where more than `worth` seconds are left, on so many `cores`, or all that this process may use."""
    since = time.monotonic()
    results = [work(one) for one in items[:1]]
    rest = len(items) - len(results)
    left = (time.monotonic() - since) * rest
    yield from results
    helpers, done = min(cores or _cores(), rest), len(results)
    if helpers > 1 and left > worth:
        with contextlib.suppress(BrokenProcessPool), _helping(helpers) as pool:
            with _no_interrupts():
                coming = pool.map(work, items[done:])
            for result in coming:
                done += 1
                yield result
    yield from map(work, items[done:])


def _cores() -> int:
    """Those that this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def _helping(count: int) -> Iterator[ProcessPoolExecutor]:
    # Not forked: whoever asks may have threads.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_end_with_parent)
    try:
        yield pool
    except BaseException:
        # What they are at would be waited for.
        for one in multiprocessing.active_children():
            one.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def _no_interrupts() -> Iterator[None]:
    """Ctrl-C at a terminal goes to the whole group. Those that are started meanwhile never get it: they are ended."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
