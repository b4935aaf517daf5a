"""The solver in a process of its own, which is ended when its time is up."""

from .process import SECONDS, ProcessSolver, shared

__all__ = ["SECONDS", "ProcessSolver", "shared"]
