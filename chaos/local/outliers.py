"""Envoy's outlier event log -> ejections on the trial's clock.

Invariant: each line of the log is read once, and a line that is still being written waits for its end.

Source: https://www.envoyproxy.io/docs/envoy/latest/api-v3/data/cluster/v3/outlier_detection_event.proto
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ejection:
    """`phase` is "ejected" or "returned"; `kind` Envoy's type, such as CONSECUTIVE_5XX; `t` seconds after the origin.

    `enforced` is False for a host that met the condition and stayed, because no more may be put aside.
    """

    t: float
    call: str
    port: int
    phase: str
    kind: str
    enforced: bool


class OutlierLog:
    def __init__(self, path: Path, origin: float) -> None:
        self._path = path
        self._offset = 0
        # The log tells the time of day; what lies between that clock and the trial's is taken once.
        self._wall_at_boot = time.time() - time.monotonic()
        self._origin = origin

    def rebase(self, origin: float) -> None:
        """Count from another origin from now on."""
        self._origin = origin

    def read(self) -> list[Ejection]:
        """What was added since the last call."""
        try:
            with self._path.open("rb") as log:
                log.seek(self._offset)
                text = log.read()
        except FileNotFoundError:
            return []
        whole, _, _ = text.rpartition(b"\n")
        if not whole:
            return []
        self._offset += len(whole) + 1
        return [self._ejection(line) for line in whole.splitlines() if line.strip()]

    def _ejection(self, line: bytes) -> Ejection:
        event = json.loads(line)
        at = datetime.fromisoformat(event["timestamp"]).timestamp() - self._wall_at_boot - self._origin
        ejected = event["action"] == "EJECT"
        return Ejection(
            t=at,
            call=event["cluster_name"],
            port=int(event["upstream_url"].rpartition(":")[2]),
            phase="ejected" if ejected else "returned",
            kind=event.get("type", ""),
            enforced=bool(event.get("enforced", not ejected)),
        )
