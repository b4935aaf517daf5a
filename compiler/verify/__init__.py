"""The prover: a resolved fleet -> for each guarantee proved, refuted with a witness, or unknown with a reason.

Invariant: "proved" rests on a sufficient condition, "refuted" on a necessary one that a solver confirmed; what lies
between is "unknown", which is never success.
"""

from .check import check
from .expected import at_scale, expected
from .finding import CoreClause, Edit, Finding, Repair, Status
from .nature import Nature
from .report import to_diagnostics

__all__ = [
    "CoreClause",
    "Edit",
    "Finding",
    "Nature",
    "Repair",
    "Status",
    "at_scale",
    "check",
    "expected",
    "to_diagnostics",
]
