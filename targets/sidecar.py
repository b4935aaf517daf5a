"""What a mesh's proxy takes beside each agent.

Invariant: the figures are written on the pods too, so that quotas and queues that count them are exact.

Source: istio/istiod chart, values.yaml, global.proxy.resources.
"""

from __future__ import annotations

from fractions import Fraction

CPU_REQUEST = Fraction(1, 10)
MEMORY_REQUEST = 128 << 20
CPU_LIMIT = Fraction(2)
MEMORY_LIMIT = 1 << 30
