"""Solvers that read SMT-LIB text whole, as their command lines would: one of them has no part in the checker."""

from __future__ import annotations

from typing import Any

import cvc5
import z3


def by_cvc5(text: str) -> list[str]:
    """The answers to the questions of a text; an error is one too."""
    terms: Any = cvc5.TermManager()
    solver: Any = cvc5.Solver(terms)
    solver.setOption("incremental", "true")
    parser: Any = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "text")
    symbols = parser.getSymbolManager()
    answers: list[str] = []
    while not (command := parser.nextCommand()).isNull():
        if said := str(command.invoke(solver, symbols)).strip():
            answers.append(said)
    return answers


def by_z3(text: str) -> list[str]:
    context: Any = z3.Context()
    return [line for line in str(z3.Z3_eval_smtlib2_string(context.ref(), text)).splitlines() if line]
