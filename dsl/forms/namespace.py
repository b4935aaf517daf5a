"""Clauses of what the cluster lets the fleet have."""

from __future__ import annotations

from .form import form

NAMESPACE = (
    form("cpu", "cpu <whole:cpu> [, <taken:cpu> taken]", "Cores that all pods together may ask for, and what others took."),
    form("memory", "memory <whole:bytes> [, <taken:bytes> taken]", "Memory that all pods together may ask for."),
    form("gpu", "gpu <whole:count> [, <taken:count> taken]", "GPUs that all pods together may ask for."),
    form("pods", "pods <whole:count> [, <taken:count> taken]", "How many pods there may be."),
    form("agent-cpu", "each agent cpu at most <limit:cpu>", "The most cores that one agent may ask for."),
    form("agent-memory", "each agent memory at most <limit:bytes>", "The most memory that one agent may ask for."),
)  # fmt: skip
