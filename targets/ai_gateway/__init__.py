"""Envoy AI Gateway in front of a fleet's models. See README.md."""

from .emit import AiGatewayEmitter

__all__ = ["AiGatewayEmitter"]
