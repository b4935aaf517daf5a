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

    What is allowed is rounded down: 10 % of 5 is nobody, and then no drain can end (`drain_can_end`).
    """
    return minimum - math.floor(minimum * share)


def min_available_of_percent(replicas: int, percent: int) -> int:
    """The count that `minAvailable: percent%` demands at `replicas` expected pods: rounded up."""
    return -(-replicas * percent // 100)


def max_unavailable_of_percent(replicas: int, percent: int) -> int:
    """The count that `maxUnavailable: percent%` gives up at `replicas` expected pods: rounded up as well."""
    return -(-replicas * percent // 100)


def evictions_allowed(healthy: int, available: int) -> int:
    """Evictions the API server grants at once with `healthy` pods and an integer minAvailable of `available`."""
    return max(0, healthy - available)


def drain_can_end(minimum: int, available: int) -> bool:
    """Whether a node drain makes progress when the autoscaler holds the pool at its `minimum` replicas."""
    return evictions_allowed(minimum, available) >= 1


def least_minimum_to_drain(share: Fraction) -> int:
    """Least `minReplicas` at which "at most `share`" lets one pod go; 0 < share <= 1."""
    return math.ceil(1 / share)
