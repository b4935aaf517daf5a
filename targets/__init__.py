"""Plan to documents.

Turns a plan into the files that are shipped. Invariant: pure, ordered and byte for byte repeatable; what a target
cannot express is an ST7 diagnostic.
"""

from .base import Document, Emitter, Json
from .registry import ASKED_FOR, NAMES, TARGETS, USUAL, emit_all
from .render import plain, render

__all__ = ["ASKED_FOR", "NAMES", "TARGETS", "USUAL", "Document", "Emitter", "Json", "emit_all", "plain", "render"]
