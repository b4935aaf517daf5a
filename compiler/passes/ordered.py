"""Two figures of which one is never above the other -> what to say where it is."""

from __future__ import annotations

from fractions import Fraction

from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..model import Stated


def ordered(
    low: Stated[Fraction], high: Stated[Fraction], names: tuple[str, str], message: str, help_: str
) -> list[Diagnostic]:
    """A slip of the pen, or a policy that contradicts itself."""
    if low.value <= high.value:
        return []
    labels = (Label(high.span, names[1]), Label(low.span, names[0]))
    return [Diagnostic("ST1106", Severity.ERROR, message, labels, help=help_)]
