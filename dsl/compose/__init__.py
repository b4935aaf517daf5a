"""A file that uses others, names, templates, loops and environments -> one file that uses none.

Works on statements, before any clause is read: what comes out is what could have been written by hand, and every item
keeps the place where it stands.
"""

from __future__ import annotations

from .composed import Composed, compose
from .used import Library, Parser, no_library, with_used

__all__ = ["Composed", "Library", "Parser", "compose", "no_library", "with_used"]
