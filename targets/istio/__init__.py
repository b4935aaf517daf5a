"""Istio documents of a fleet's calls. See README.md."""

from .emit import IstioEmitter

__all__ = ["IstioEmitter"]
