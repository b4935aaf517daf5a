"""Argo CD's Application of a fleet, or of each of its environments. See README.md."""

from .emit import FOLDER, ArgoCdEmitter, applications

__all__ = ["FOLDER", "ArgoCdEmitter", "applications"]
