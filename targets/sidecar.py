"""What a mesh's proxy takes beside each agent.

Invariant: the figures are written on the pods too, so that quotas and queues that count them are exact.

Source: istio/istiod chart, values.yaml, global.proxy.resources.
"""

from __future__ import annotations

from fractions import Fraction

from seatrial.compiler.plan import PoolPlan

CPU_REQUEST = Fraction(1, 10)
MEMORY_REQUEST = 128 << 20
CPU_LIMIT = Fraction(2)
MEMORY_LIMIT = 1 << 30


def requests(pool: PoolPlan) -> tuple[Fraction, int]:
    """Cores and bytes that the proxy of each agent asks for: the spec's, else the chart's."""
    stated = pool.sidecar
    return (CPU_REQUEST, MEMORY_REQUEST) if stated is None else (stated.cpu_cores, stated.memory_bytes)


def limits(pool: PoolPlan) -> tuple[Fraction, int]:
    """Cores and bytes that it may use: the chart's, and never less than it asks for."""
    cores, size = requests(pool)
    return max(cores, CPU_LIMIT), max(size, MEMORY_LIMIT)
