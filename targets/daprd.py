"""What Dapr's sidecar takes beside each agent, and how a pod asks for it.

Invariant: the figures are written on the pods too, so that quotas that count them are exact.

Source: Dapr docs, "Production guidelines on Kubernetes" (sidecar resource settings) and "Dapr arguments and
annotations".
"""

from __future__ import annotations

from fractions import Fraction

from .base import Object
from .names import PORT
from .quantity import cpu, memory

CPU_REQUEST = Fraction(1, 10)
MEMORY_REQUEST = 250 << 20
CPU_LIMIT = Fraction(3, 10)
MEMORY_LIMIT = 1000 << 20

INTERNAL_PORT = 50002
"""Where sidecars reach one another (`dapr.io/internal-grpc-port`)."""


def sidecar_annotations(pool: str) -> Object:
    return {
        "dapr.io/enabled": "true",
        "dapr.io/app-id": pool,
        "dapr.io/app-port": str(PORT),
        "dapr.io/internal-grpc-port": str(INTERNAL_PORT),
        "dapr.io/sidecar-cpu-request": cpu(CPU_REQUEST),
        "dapr.io/sidecar-memory-request": memory(MEMORY_REQUEST),
        "dapr.io/sidecar-cpu-limit": cpu(CPU_LIMIT),
        "dapr.io/sidecar-memory-limit": memory(MEMORY_LIMIT),
        "dapr.io/sidecar-seccomp-profile-type": "RuntimeDefault",
    }
