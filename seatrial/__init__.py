"""seatrial: prove, compile and try the policy of a fleet of software agents.

The public API is small: read a spec with `load`, then look at `Checked.findings` and `Checked.diagnostics`.
"""

from __future__ import annotations

TYPE_CHECKING = False
"""As `typing` has it, which takes longer to import than the version to tell."""

if TYPE_CHECKING:
    from typing import Any

    from .loading import load

__version__ = "0.1.0"
__all__ = ["__version__", "load"]


def __getattr__(name: str) -> Any:
    # The parser and the checker take a while to import; `seatrial --version` needs neither.
    if name == "load":
        from .loading import load

        return load
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
