"""Autoscalers whose signals KEDA fetches itself."""

from .emit import KedaEmitter

__all__ = ["KedaEmitter"]
