"""Clauses of a vote."""

from __future__ import annotations

from .form import Times, form
from .order import VOTE

CONSENSUS = (
    form("members", "members <members:positive>", "How many agents vote.", Times.ONCE),
    form("majority", "majority <share:share>", "More than this share of all members must agree.", Times.ONCE),
    form("tolerate", "tolerate <faults:count> <fault:crashed|Byzantine>", "Faulty members that must not matter."),
    form("within", "within <limit:duration>", "A decision is there after this time."),
    form("round", "round <time:duration>", "One exchange of messages among the members takes this long."),
    *VOTE,
)
