"""A relation that fails -> the smallest set of literals that rule it out, on a solver's word.

Invariant: a core is confirmed unsatisfiable as a whole. Where it is `minimal`, there is a way out with any one of its
literals left open: another value that was put in, or else what a solver found; where it is not, the solver could not
exclude one in its limits.
"""

from __future__ import annotations

from dataclasses import dataclass

from .encode import Script, encode
from .expression import Leaf, Relation
from .ranges import Ranges
from .solve import IN_THIS_PROCESS, Answer, Questions, Solver

MOST_LITERALS = 400
"""Beyond this many literals a core is no longer looked for one by one, but by halves first."""


@dataclass(frozen=True, slots=True)
class Core:
    """`answer` UNSAT: confirmed, and `literals` rule the relation out. Otherwise the refutation is not confirmed."""

    answer: Answer
    literals: tuple[Leaf, ...] = ()
    minimal: bool = False
    """With any one of the literals left open there is a way to keep the relation."""


def confirm(relation: Relation, solver: Solver = IN_THIS_PROCESS) -> Core:
    """Ask whether the relation can hold with every literal as it is, and find a minimal set that forbids it."""
    script = encode(relation)
    session = solver.session(script.text + script.hints)
    answer = session.check(script.switches)
    if answer is not Answer.UNSAT:
        return Core(answer)
    # A default that is dropped first leaves the clauses that the user can change.
    order = sorted(script.switches, key=lambda switch: script.switches[switch].stated.written)
    ranges = Ranges(relation)
    # What is needed beside all others stays needed when further ones are left out. A question takes far longer.
    needed = {switch for switch in order if ranges.holds_with_another(script.switches[switch])}
    if len(order) > MOST_LITERALS:
        kept = _without_blocks(session, order, needed)
    else:
        kept = [switch for switch in order if switch in needed or not ranges.leave_open(script.switches[switch].name)]
    if len(kept) < len(order) and session.check(kept) is not Answer.UNSAT:
        kept = order
    minimal = True
    _settle(ranges, script, kept)
    for switch in tuple(kept):
        if switch in needed or ranges.holds_with_another(script.switches[switch]):
            continue
        rest = [other for other in kept if other != switch]
        match session.check(rest):
            case Answer.UNSAT:
                kept = rest
                _settle(ranges, script, kept)
            case Answer.SAT:
                pass
            case _:
                minimal = False
    core = set(kept)
    literals = [leaf for switch, leaf in script.switches.items() if switch in core]
    return Core(Answer.UNSAT, tuple(literals), minimal)


def _settle(ranges: Ranges, script: Script, kept: list[str]) -> None:
    """What was left out stays left out."""
    closed = set(kept)
    ranges.settle({leaf.name for switch, leaf in script.switches.items() if switch not in closed})


def _without_blocks(session: Questions, switches: list[str], needed: set[str]) -> list[str]:
    """Drop blocks of the literals that are not known to be needed, halving the block until it is one: few questions for
    small cores."""
    always = [switch for switch in switches if switch in needed]
    loose = [switch for switch in switches if switch not in needed]
    block = (len(loose) + 1) // 2
    while block > 1:
        at = 0
        while at < len(loose):
            rest = loose[:at] + loose[at + block :]
            if session.check(always + rest) is Answer.UNSAT:
                loose = rest
            else:
                at += block
        block //= 2
    return always + loose
