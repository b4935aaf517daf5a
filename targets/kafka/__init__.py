"""Kafka topics of a fleet's queues. See README.md."""

from .emit import KafkaEmitter

__all__ = ["KafkaEmitter"]
