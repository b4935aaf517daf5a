"""Clauses of a call."""

from __future__ import annotations

from .form import form
from .money import BYTES
from .policy import POLICY

CALL = (
    form("tokens", "tokens <tokens:number>", "Tokens that one call uses up."),
    form(
        "cold",
        "cold <times:number> per request",
        "Calls per request while the caller's caches are empty, as after all its agents were restarted.",
    ),
    *BYTES,
    *POLICY,
)
