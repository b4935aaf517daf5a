"""A share of a pool that may be disrupted at once -> a PodDisruptionBudget and what it lets go.

Invariant: the evictions allowed at n healthy pods never bring the pool under `minAvailable`.

Source: https://kubernetes.io/docs/tasks/run-application/configure-pdb/ (percentages round up for both fields) and
Kubernetes `pkg/controller/disruption/disruption.go`. An integer `minAvailable` is preferred: a percentage is taken
of the pods the controller expects at that moment, so it moves as members leave.
"""

from __future__ import annotations

import math
from fractions import Fraction


def min_available(minimum: int, share: Fraction) -> int:
    """Integer `minAvailable` for "at most `share` at once" of a pool that may be as small as `minimum` replicas.

    What is allowed is rounded down: 10 % of 5 is nobody, and then no drain can end.
    """
    return minimum - math.floor(minimum * share)


def share_of(replicas: int, share: Fraction) -> int:
    """The count that a percentage means, of `minAvailable` and of `maxUnavailable`, at `replicas` expected pods."""
    return math.ceil(replicas * share)


def evictions_allowed(healthy: int, available: int) -> int:
    """Evictions the API server grants at once with `healthy` pods and an integer minAvailable of `available`."""
    return max(0, healthy - available)
