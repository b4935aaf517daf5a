"""What the user is told: one record, one registry of codes, one renderer.

A user's error is a value of `Diagnostic`, never an exception. Invariant: its code stands in the registry (`codes.py`)
and has a text under `explain/`.
"""

from .record import Diagnostic, Fix, Label, Severity, in_order

__all__ = ["Diagnostic", "Fix", "Label", "Severity", "in_order"]
