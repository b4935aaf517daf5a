"""The local fleet's data plane: one Envoy that enforces every edge's policy. See README.md."""

from .emit import EnvoyEmitter

__all__ = ["EnvoyEmitter"]
