"""Clauses that spare writing: values with names, other files, templates, loops, environments.

They are worked off before anything else is read (`dsl/compose`); what they leave are the clauses of the other files.
"""

from __future__ import annotations

from .form import Form, Times, form
from .pool import POOL

LET = form("let", "let <name:name> = <value:literal..>", "A value with a name: `$name` stands for it.", Times.MANY)
USE = form(
    "use", "use <path:text>", "The clauses of another file, or of all .fleet files of a folder, stand here.", Times.MANY
)
TEMPLATE = form("template", "template <name:name>", "What pools have in common: `pool x like name`.", Times.MANY, POOL)


MOST_LOOPS = 3
"""So many loops may stand in one another."""


def reuse(declarations: tuple[Form, ...]) -> tuple[Form, ...]:
    """The clauses of reuse that may stand in a fleet, over the clauses that may be repeated or changed."""
    loops: tuple[Form, ...] = ()
    for _ in range(MOST_LOOPS):
        loops = (
            form("for", "for <variable:name> in (values: <value:item..>)+",
                 "The block once for each value, with `$variable` in its place.", Times.MANY, (*loops, *declarations)),
        )  # fmt: skip
    return (
        USE,
        LET,
        TEMPLATE,
        *loops,
        form("environment", "environment <name:name>",
             "What is different there: `--env name`. Only what the fleet declares can be changed.", Times.MANY,
             (LET, *declarations)),
    )  # fmt: skip
