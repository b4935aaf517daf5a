"""LiteLLM's proxy in front of a fleet's models. See README.md."""

from .emit import LiteLlmEmitter

__all__ = ["LiteLlmEmitter"]
