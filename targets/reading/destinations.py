"""Where a route leads: from its destinations to the one callee that gets all of its requests.

Invariant: a route that divides its requests among several callees has none, and all of it is listed.

Sources: Istio reference, HTTPRouteDestination (`weight`: a destination on its own gets everything, one without among
several gets nothing); Gateway API, BackendRef (`weight`: 1 where nothing is said).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .manifest import Fields


def weighted(targets: Iterable[Fields], *, unsaid: int) -> Iterator[Fields]:
    """Those that get requests; the others are listed. `unsaid`: the weight of one that states none."""
    for one in targets:
        weight = one.peek("weight")
        if (unsaid if weight is None else weight) == 0:
            one.refuse_whole("with weight 0 it gets no requests")
        else:
            yield one


def only(callees: Iterable[tuple[Fields, str | None]]) -> str | None:
    """The callee of them all; None, and all listed, where they are several or one (None) is nothing that was read."""
    found = list(callees)
    if len({callee for _, callee in found}) != 1 or found[0][1] is None:
        for one, callee in found:
            one.refuse_whole(
                "it leads to nothing that was read"
                if callee is None
                else "a call goes to one callee: the language has no traffic split"
            )
        return None
    for one, _ in found:
        weight = one.peek("weight")
        if len(found) == 1 and isinstance(weight, int) and weight > 0:
            one.skip("weight")
        else:
            one.refuse("weight", "all agents of a pool are treated alike: it has no subsets")
    return found[0][1]
