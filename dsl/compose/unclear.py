"""A clause of an environment that does not tell what it changes -> what the user is told."""

from __future__ import annotations

from collections.abc import Sequence

from ..diagnostics import Diagnostic, Label, Severity
from ..forms import Form
from ..syntax import Statement
from .overlay import left_out, said


def unclear(form: Form, statement: Statement, alike: Sequence[Statement]) -> Diagnostic:
    """`alike`: the clauses of the fleet that it could change; one, where it would take something away."""
    mine, *theirs = (said(one, len(one.items)) for one in (statement, *alike))
    if len(alike) == 1:
        gone = " and ".join(left_out(form, statement, alike[0]))
        message = f"`{mine}` leaves out {gone}, and an environment takes nothing away"
        label, help_ = "declared here", f"say {gone} too, or declare them in clauses of their own"
    else:
        message = f"the fleet declares {len(alike)} that `{mine}` could stand for, and which one is not said"
        label = "this one?"
        help_ = (
            f"repeat what tells `{theirs[0]}` from `{theirs[1]}`, or give its value a name by `let` and another here"
        )
    labels = (Label(statement.head), *(Label(one.head, label) for one in alike))
    return Diagnostic("ST1043", Severity.ERROR, message, labels, help=help_)
