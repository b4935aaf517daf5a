"""Objectives, assumptions and crises as Prometheus rules, with routes and a dashboard."""

from .emit import PrometheusEmitter

__all__ = ["PrometheusEmitter"]
