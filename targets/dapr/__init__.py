"""Dapr's Resiliency of a fleet's calls. See README.md."""

from .emit import DaprEmitter

__all__ = ["DaprEmitter"]
