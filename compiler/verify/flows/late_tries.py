"""A fleet without faults -> the share of tries that come too late, and the pools where these take a part that counts.

Invariant: where nothing is said of a pool, what is tried again for being late takes less than `_ACCURACY` of the slots
that are free there, so that waits are those of `occupancy`, which counts every request once, within a fiftieth. Of the
others `crowded` tells what becomes of them.

What is cut is worked on nevertheless. Its caller's slot is held for the next try, and so is the slot of whoever waits
for that caller. Source: Bronson et al., "Metastable Failures in Distributed Systems" (HotOS 2021). Limit: of faults the
success and recovery guarantees speak.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ...model import Call, Pool
from .analysis import Analysis, Level
from .figures import Link
from .stirred import Stirred
from .tails import Tails
from .used import used_at_rest

MORE_TIME = "a longer timeout, or more agents, would tell"
_ACCURACY = 0.02


class Late(NamedTuple):
    """Shares of the tries of a call, at any level of demand: upper bounds."""

    cut: float
    behind: float
    """That a cut on the way behind makes fail."""
    again: float
    """After which there is time for another try, if the call has one: a cut that leaves none ends the call."""

    @property
    def failing(self) -> float:
        return self.cut + self.behind

    def or_more(self, other: Late) -> Late:
        return Late(max(self.cut, other.cut), max(self.behind, other.behind), max(self.again, other.again))


def late(analysis: Analysis) -> Mapping[str, Late]:
    """By the name of a call; worked out once."""
    return analysis.kept("tries that are late", lambda: _late(analysis))


def _late(analysis: Analysis) -> dict[str, Late]:
    # An edit within one part makes those of that part anew.
    callers = (*reversed(analysis.names), *(one.name for one in analysis.fleet.demands))
    known: dict[str, dict[str, Late]] = analysis.by_caller("tries that are late")
    found: dict[str, Late] = {}
    for of_caller in known.values():
        found.update(of_caller)
    anew = [name for name in callers if name not in known]
    found |= lateness(analysis, anew, analysis.tails(Level.BETWEEN), found)
    known |= {name: {call.name: found[call.name] for call in analysis.out(name)} for name in anew}
    return found


def lateness(analysis: Analysis, callers: Iterable[str], tails: Tails, known: Mapping[str, Late]) -> dict[str, Late]:
    """Of the calls of these pools and demands, callees first; `known` are those of the others."""
    links, found, stirred = analysis.figures.links, dict[str, Late](), Stirred(analysis, tails)
    for name in callers:
        for link in links.get(name, ()):
            behind = 0.0
            for one in links.get(link.callee, ()):
                here = found.get(one.call.name) or known[one.call.name]
                behind += one.times * here.failing
            found[link.call.name] = late_on(analysis, link.call, behind, tails, stirred.up(link.call))
    return found


def late_on(analysis: Analysis, call: Call, behind: float, tails: Tails, more: float = 0.0) -> Late:
    """How late the tries of a call are behind which such a share of its callee's requests fails for being late; `more`
    are late since others are made again."""
    limit = analysis.ends(call).patience
    cut = 0.0 if math.isinf(limit) else min(1.0, tails.late_at_most(call.callee, limit) + more)
    again = behind + cut if call.policy.try_timeout_seconds is not None else behind
    return Late(cut, behind, again if call.policy.tries_again else 0.0)


def loaded(analysis: Analysis) -> Mapping[str, str]:
    """Those where it counts, with those that call them, and what it is that counts; worked out once."""
    return analysis.kept("pools of late tries", lambda: _loaded(analysis))


def _loaded(analysis: Analysis) -> dict[str, str]:
    if not any(call.policy.tries_again for call in analysis.fleet.calls):
        return {}
    tries = late(analysis)
    loads: dict[str, _Load] = analysis.by_caller("what late tries load")
    found: dict[str, str] = {}
    for name in analysis.names:
        if name not in loads:
            loads[name] = _load(analysis, name, tries, loads)
        if why := loads[name].why:
            for above in analysis.above(name):
                found.setdefault(above, why)
    return found


class _Load(NamedTuple):
    got: float
    """The share of a pool's requests that are made again."""
    why: str
    """What counts, where it does."""


_NO_LOAD = _Load(0.0, "")


def _load(analysis: Analysis, name: str, tries: Mapping[str, Late], callers: Mapping[str, _Load]) -> _Load:
    above = (tries[one.name].again + callers.get(one.caller, _NO_LOAD).got for one in analysis.into(name))
    got = max(above, default=0.0)
    held = sum(_held(link, tries) for link in analysis.figures.links.get(name, ()))
    if got + held <= _ACCURACY * _spare(analysis, analysis.pool(name)):
        return _Load(got, "")
    which = f"tries that {name} {'gets' if got >= held else 'makes'}"
    return _Load(
        got,
        f"too many of the {which} may be cut before they are answered, and with those that are made again its load is "
        f"not known; {MORE_TIME}",
    )


def _held(link: Link, tries: Mapping[str, Late]) -> float:
    return link.times * tries[link.call.name].again


def _spare(analysis: Analysis, pool: Pool) -> float:
    """The share of the slots that is free at the worst level; all of them where nothing is known."""
    used = used_at_rest(analysis, pool)
    return 1.0 if isinstance(used, str) else max(0.0, 1 - used)
