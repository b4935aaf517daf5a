"""delay: Envoy's fault filter holds requests of one call back before it sends them on.

Invariant: the keys stand in the undo log before they are set.

Source: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/fault_filter#runtime
"""

from __future__ import annotations

from ..local.records import Json
from .inject import Injection, percent
from .undo import undo_fault


def delay_call(run_dir: str, fault: int, call: str, delay_seconds: float, share: float | str = 1) -> dict[str, Json]:
    """Delay a `share` of the requests of `call` ("caller--callee") by `delay_seconds`, until `undo_delay`.

    A Chaos Toolkit action. Raises ActivityFailed when Envoy could not be told.
    """
    injection = Injection(run_dir, fault, "delay")
    keys = {
        f"seatrial.{call}.delay_ms": str(round(delay_seconds * 1000)),
        f"seatrial.{call}.delay_percent": percent(share),
    }
    injection.set_keys(call, keys)
    return {"delayed": call, "keys": dict(keys)}


def undo_delay(run_dir: str, fault: int) -> dict[str, Json]:
    """Take back what `delay_call` set."""
    return undo_fault(run_dir, fault)
