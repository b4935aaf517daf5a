"""The runtime document: what agents and trials read. See README.md."""

from .emit import RuntimeEmitter, fleet, schema

__all__ = ["RuntimeEmitter", "fleet", "schema"]
