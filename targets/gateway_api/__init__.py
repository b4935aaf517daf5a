"""Gateway API in the place of Istio's own words where both say the same. See README.md."""

from .emit import GatewayApiEmitter

__all__ = ["GatewayApiEmitter"]
