"""Kubernetes manifests of a fleet. See README.md."""

from .beside import Beside
from .emit import KubernetesEmitter

__all__ = ["Beside", "KubernetesEmitter"]
