"""Token and request limits of a fleet's models for agentgateway. See README.md."""

from .emit import AgentgatewayEmitter

__all__ = ["AgentgatewayEmitter"]
