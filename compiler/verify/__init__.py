"""The prover: a resolved fleet -> for each guarantee proved, refuted with a witness, or unknown with a reason.

Invariant: "proved" rests on a sufficient condition, "refuted" on a necessary one that a solver confirmed; what lies
between is "unknown", which is never success.
"""

from .check import check
from .edits.nature import Nature
from .expected import at_scale, expected
from .finding import Case, CoreClause, Edit, Finding, Limit, Repair, Status
from .report import to_diagnostics
from .units import amount, name_of

__all__ = [
    "Case",
    "CoreClause",
    "Edit",
    "Finding",
    "Limit",
    "Nature",
    "Repair",
    "Status",
    "amount",
    "at_scale",
    "check",
    "expected",
    "name_of",
    "to_diagnostics",
]
