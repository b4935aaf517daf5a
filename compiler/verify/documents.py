"""A guarantee -> the text in which any other solver can be asked about it.

A text asks two questions of the same literals. First: can what the guarantee needs be kept? `unsat` refutes it. Then:
can what implies the guarantee fail? `unsat` proves it; where the first is `sat` and the second not `unsat`, it is
unknown. Invariant: each question carries the answer that the checker itself came to by arithmetic, as `:status`.

What a numeric model computed (queues, packings, the autoscaler's course) is in the text as a constant, and a comment
says so: a solver can decide what follows from it, not whether it is right.

Source: The SMT-LIB Standard, version 2.6 (https://smt-lib.org/papers/smt-lib-reference-v2.6-r2021-05-12.pdf).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..model import Fleet
from .cases import told
from .exact.encode import Declared, declared
from .exact.expression import Derived, Leaf, walk
from .exact.solve import Answer
from .flows.analysis import Analysis
from .obligation import Condition, Obligation
from .obligations import FAMILIES


@dataclass(frozen=True, slots=True)
class Document:
    """`expected`: the answers to the questions of `text`, in their order; none where no figures decide."""

    name: str
    text: str
    obligation: Obligation
    expected: tuple[Answer, ...]


def documents(fleet: Fleet) -> tuple[Document, ...]:
    """One for each guarantee, in the order in which they are checked; `name` is a file's, each used once."""
    analysis = Analysis(fleet)
    made: list[Document] = []
    taken: set[str] = set()
    for family in FAMILIES:
        for obligation in (one.exact for one in sorted(family(analysis), key=lambda one: one.id)):
            name = _file_name(obligation.id, taken)
            text, expected = document(obligation)
            made.append(Document(name, text, obligation, expected))
    return tuple(made)


def document(obligation: Obligation) -> tuple[str, tuple[Answer, ...]]:
    """The text, and the answers that the checker's own arithmetic gives to its questions."""
    proof = obligation.proof or ()
    everything = (*obligation.must, *proof)
    below = declared([one.relation for one in everything])
    lines = [
        _comment(f"{obligation.id}: {obligation.claim}"),
        _comment(f"{obligation.at}; {obligation.code} where it does not hold; the checker says {obligation.status}"),
        "(set-info :smt-lib-version 2.6)",
        '(set-info :category "industrial")',
        "(set-option :produce-unsat-cores true)",
        "(set-logic ALL)",
        *_models(everything),
        *below.lines,
        "; The literals as they stand in the spec.",
        *(line for leaf in below.literals for line in _literal(below, leaf)),
    ]
    questions: list[Answer] = []
    meanings: list[str] = []
    if obligation.must:
        lines += _conditions(below, "need", obligation.must)
        kept = all(one.holds for one in obligation.must)
        questions.append(Answer.SAT if kept else Answer.UNSAT)
        claim = f"(and true {_all('need', obligation.must)})"
        meanings.append("what it needs can be kept" if kept else "what it needs cannot be kept, so it is refuted")
        lines += _question("Can what the guarantee needs be kept? unsat refutes it.", claim, questions[-1])
    lines += _conditions(below, "enough", proof)
    if obligation.gap:
        lines.append(_comment(f"Nothing here implies it: {obligation.gap}"))
    elif not everything:
        lines.append("; What the spec names decides it, and no figures: there is nothing to ask.")
    else:
        holds = all(one.holds for one in everything)
        questions.append(Answer.UNSAT if holds else Answer.SAT)
        meanings.append("what implies it holds, so it is proved" if holds else "what implies it can fail: no proof")
        implied = f"(not (and true {_all('need', obligation.must)} {_all('enough', proof)}))"
        lines += _question("Can what implies the guarantee fail? unsat proves it.", implied, questions[-1])
    answers = [f"{answer} ({meaning})" for answer, meaning in zip(questions, meanings, strict=True)]
    lines[2:2] = [
        _comment(f"worst case: {told(obligation.case)}" if obligation.case is not None else "no case by itself"),
        _comment(f"expected, line by line: {', then '.join(answers)}" if answers else "nothing is asked"),
    ]
    lines.append("(exit)")
    return "\n".join(lines) + "\n", tuple(questions)


def _literal(below: Declared, leaf: Leaf) -> list[str]:
    stated = leaf.stated
    place = f"not written, {stated.default}" if not stated.written else f"{stated.span}, {stated.span.text}"
    return [
        _comment(f"{leaf.demands} ({place})"),
        f"(assert (! {below.stated(leaf)} :named {_symbol(leaf.name)}))",
    ]


def _models(conditions: tuple[Condition, ...]) -> list[str]:
    sides = [side for one in conditions for side in (one.relation.need, one.relation.have)]
    computed = dict.fromkeys(node.name for node in walk(sides) if isinstance(node, Derived))
    if not computed:
        return []
    return [
        "; Worked out by a rule or a numeric model of the checker and given as constants; no solver confirms them:",
        *(_comment(f"  {name}") for name in computed),
    ]


def _conditions(below: Declared, name: str, conditions: tuple[Condition, ...]) -> list[str]:
    lines: list[str] = []
    for index, one in enumerate(conditions):
        said = (one.room or "holds") if one.holds else one.broken
        lines += [_comment(said), f"(define-fun {name}{index} () Bool {below.holds(one.relation)})"]
    return lines


def _all(name: str, conditions: tuple[Condition, ...]) -> str:
    return " ".join(f"{name}{index}" for index in range(len(conditions)))


def _question(asked: str, claim: str, expected: Answer) -> list[str]:
    return [
        f"; {asked}",
        "(push 1)",
        f"(assert (! {claim} :named question))",
        f"(set-info :status {expected})",
        "(check-sat)",
        "(pop 1)",
    ]


def _comment(text: str) -> str:
    return f"; {' '.join(text.split())}"


def _symbol(name: str) -> str:
    """A quoted symbol may hold anything but bars and backslashes."""
    return f"|{' '.join(name.replace('|', '/').replace(chr(92), '/').split())}|"


def _file_name(id: str, taken: set[str]) -> str:
    """The id with nothing in it that a file system or a shell takes for something else."""
    plain = re.sub(r"[^\w.-]+", "_", id.replace("->", "_to_").replace("/", "."), flags=re.ASCII).strip("._")
    name, number = plain, 2
    # Where capitals do not tell files apart, either.
    while name.lower() in taken:
        name, number = f"{plain}-{number}", number + 1
    taken.add(name.lower())
    return f"{name}.smt2"
