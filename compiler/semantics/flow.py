"""A graph of calls -> the order of its places, what arrives at each, how long each request is held there.

Invariant: places and calls are plain names and mappings; numbers may be exact, doubles or expressions over literals:
whatever can be added, and scaled by the caller's own function.

Source: flow conservation, and that an agent holds a request's slot for its own work and for the calls it waits for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")
C = TypeVar("C")


def callers_first(places: Iterable[str], calls: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The places, each after all that call it; those on a circle, and behind one, are left out.

    `calls` are (caller, callee); other names than `places` do not count. The order does not depend on the text's.
    """
    waiting = dict.fromkeys(sorted(places), 0)
    behind: dict[str, list[str]] = {}
    for caller, callee in sorted(calls):
        if caller in waiting and callee in waiting:
            waiting[callee] += 1
            behind.setdefault(caller, []).append(callee)
    ready = [name for name, count in waiting.items() if count == 0]
    ordered = []
    while ready:
        name = ready.pop()
        ordered.append(name)
        for callee in behind.get(name, ()):
            waiting[callee] -= 1
            if waiting[callee] == 0:
                ready.append(callee)
    return tuple(ordered)


def arriving(
    order: Iterable[str],
    out: Mapping[str, Sequence[C]],
    outside: Mapping[str, list[T]],
    callee: Callable[[C], str],
    through: Callable[[T, C], T],
    add: Callable[[list[T]], T],
) -> dict[str, T]:
    """What arrives at each place, from what arrives from `outside` it.

    `order` has callers first; `through` is what a call makes of what arrives at its caller. A place where nothing
    arrives is left out.
    """
    parts = {name: list(given) for name, given in outside.items()}
    for name in order:
        if name in parts:
            here = add(parts[name])
            parts[name] = [here]
            for call in out.get(name, ()):
                parts.setdefault(callee(call), []).append(through(here, call))
    return {name: add(given) for name, given in parts.items()}


def holding(
    order: Sequence[str],
    out: Mapping[str, Sequence[C]],
    own: Callable[[str], T],
    called: Callable[[C, Mapping[str, T]], T],
    add: Callable[[list[T]], T],
    known: dict[str, T] | None = None,
) -> dict[str, T]:
    """How long a request is held at each place of `order` (callers first): its `own` time, and that of its calls.

    `called` is a call's share of it, as often as it is made, from the times of the places that were worked out before;
    those of others that are `known` lie among them.
    """
    held = {} if known is None else known
    for name in reversed(order):
        held[name] = add([own(name), *(called(call, held) for call in out.get(name, ()))])
    return held
