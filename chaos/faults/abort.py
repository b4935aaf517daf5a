"""abort: Envoy's fault filter answers requests of one call itself, with an error.

Invariant: the keys stand in the undo log before they are set.

Source: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/fault_filter#runtime
"""

from __future__ import annotations

from ..local.records import Json
from .inject import Injection, percent
from .undo import undo_fault


def abort_call(run_dir: str, fault: int, call: str, share: float | str = 1, status: int = 503) -> dict[str, Json]:
    """Answer a `share` of the requests of `call` ("caller--callee") with `status`, until `undo_abort`.

    A Chaos Toolkit action. Raises ActivityFailed when Envoy could not be told.
    """
    injection = Injection(run_dir, fault, "abort")
    keys = {
        f"seatrial.{call}.abort_status": str(status),
        f"seatrial.{call}.abort_percent": percent(share),
    }
    injection.set_keys(call, keys)
    return {"aborted": call, "keys": dict(keys)}


def undo_abort(run_dir: str, fault: int) -> dict[str, Json]:
    """Take back what `abort_call` set."""
    return undo_fault(run_dir, fault)
