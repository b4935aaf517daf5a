"""Shared quotas with borrowing and pre-emption, as Kueue admits pods."""

from .emit import KueueEmitter

__all__ = ["KueueEmitter"]
