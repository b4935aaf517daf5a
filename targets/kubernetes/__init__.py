"""Kubernetes manifests of a fleet. See README.md."""

from .emit import KubernetesEmitter

__all__ = ["KubernetesEmitter"]
