"""What kube-controller-manager runs every autoscaler by, where nobody sets its flags.

Source: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/ (the
`--horizontal-pod-autoscaler-…` flags).
"""

from __future__ import annotations

from fractions import Fraction

Instant = int | Fraction
"""Milliseconds from any beginning."""

SYNC_PERIOD_MS = 15_000
"""`--horizontal-pod-autoscaler-sync-period`; the first sync comes one period after the HPA's creation."""

TOLERANCE = Fraction(1, 10)
"""`--horizontal-pod-autoscaler-tolerance`: how far a metric may be from its target, as a share of it, and is let be."""
