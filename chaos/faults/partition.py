"""partition: Envoy's fault filter refuses every request of the calls between two sides.

Invariant: all keys of all calls stand in one entry of the undo log before the first is set, and are set in one request.

What a caller sees is a 503 at once, as from a host that refuses connections; a network that swallows packets is
`delay` with a time beyond every timeout.

Source: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/fault_filter#runtime
"""

from __future__ import annotations

from ..local.records import Json
from .inject import Injection
from .undo import undo_fault


def partition_calls(run_dir: str, fault: int, calls: list[str], status: int = 503) -> dict[str, Json]:
    """Answer every request of `calls` ("caller--callee" each) with `status`, until `undo_partition`.

    A Chaos Toolkit action. Raises ActivityFailed when a call is not there or Envoy could not be told.
    """
    injection = Injection(run_dir, fault, "partition")
    keys: dict[str, str] = {}
    for call in calls:
        keys[f"seatrial.{call}.abort_status"] = str(status)
        keys[f"seatrial.{call}.abort_percent"] = "100"
    injection.set_keys(tuple(calls), keys)
    return {"cut": list(calls), "keys": dict(keys)}


def undo_partition(run_dir: str, fault: int) -> dict[str, Json]:
    """Take back what `partition_calls` set."""
    return undo_fault(run_dir, fault)
