"""A fleet that was judged and another one with other literals -> what each guarantee comes to now, quickly.

Invariant: the answer is `check.statuses` of the other fleet: what is not looked at again reads nothing that changed.
An edit of one pool, call or demand costs what hangs together with it by calls, and sums over the fleet.
"""

from __future__ import annotations

from functools import cached_property

from ..model import Fleet
from .analysis import Analysis
from .check import statuses, statuses_of
from .finding import Status
from .parts import Parts


class Again:
    """Judges fleets that differ from this one in literals; for any other fleet it is as `statuses`."""

    def __init__(self, fleet: Fleet) -> None:
        self._parts, self._like = Parts(fleet), Analysis(fleet)

    @cached_property
    def before(self) -> dict[str, Status]:
        return statuses(self._parts.fleet)

    def statuses(self, fleet: Fleet) -> dict[str, Status]:
        touched = self._parts.touched_by(fleet)
        if touched is None:
            return statuses(fleet)
        changed = self._parts.changed(fleet)
        now = statuses_of(fleet, self._parts, touched, self._like, changed)
        gone = self._own(touched, changed) - now.keys()
        return {id: status for id, status in (self.before | now).items() if id not in gone}

    def _own(self, touched: frozenset[str], changed: frozenset[str]) -> set[str]:
        """The ids that were decided by the same look before: what is no longer there has nothing to decide any more."""
        look = touched, changed
        if look not in self._owned:
            self._owned[look] = set(statuses_of(self._parts.fleet, self._parts, touched, self._like, changed))
        return self._owned[look]

    @cached_property
    def _owned(self) -> dict[tuple[frozenset[str], frozenset[str]], set[str]]:
        return {}
