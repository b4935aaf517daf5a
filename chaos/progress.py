"""A running trial -> what there is to tell of it each moment, read from the logs as they grow."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .evidence import EVENTS, REQUESTS, REQUESTS_WRITTEN_SECONDS
from .local.fleet import LocalFleet

WINDOW_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Progress:
    """`seconds` since the first request was due (negative before it) of `duration`; the rest over the last seconds."""

    stage: str
    seconds: float = 0.0
    duration: float = 0.0
    rate: float = 0.0
    success: float | None = None
    p95_seconds: float | None = None
    agents: tuple[tuple[str, int, int], ...] = ()
    """(pool, ready, wanted)."""
    news: tuple[str, ...] = ()
    """What happened since the last look: faults injected and undone, decisions of the autoscaler."""


@dataclass(slots=True)
class _Tail:
    """The lines that were added to a file since the last look."""

    path: Path
    offset: int = 0

    def lines(self) -> Iterator[dict[str, Any]]:
        try:
            with self.path.open("rb") as stream:
                stream.seek(self.offset)
                added = stream.read()
        except FileNotFoundError:
            return
        whole, newline, _ = added.rpartition(b"\n")
        self.offset += len(whole) + len(newline)
        for line in whole.splitlines():
            yield json.loads(line)


@dataclass(slots=True)
class Watcher:
    """Looks at one run folder again and again."""

    folder: Path
    duration: float
    _requests: _Tail = field(init=False)
    _events: _Tail = field(init=False)
    _recent: deque[tuple[float, float, bool]] = field(init=False)

    def __post_init__(self) -> None:
        self._requests = _Tail(self.folder / REQUESTS)
        self._events = _Tail(self.folder / EVENTS)
        self._recent = deque()

    def look(self, now: float, fleet: LocalFleet) -> Progress:
        for line in self._requests.lines():
            if "due" in line:
                ok = line.get("error") is None and line.get("status", 0) < 400
                self._recent.append((line["end"], line["end"] - line["due"], ok))
        # What has ended since the last line may not be written yet: it is no lull.
        until = max(now - REQUESTS_WRITTEN_SECONDS, self._recent[-1][0] if self._recent else 0.0)
        while self._recent and self._recent[0][0] < until - WINDOW_SECONDS:
            self._recent.popleft()
        latencies = sorted(latency for _, latency, ok in self._recent if ok)
        seen = len(self._recent)
        return Progress(
            stage="trying" if now < self.duration else "waiting for the last answers",
            seconds=now,
            duration=self.duration,
            rate=seen / max(1.0, min(WINDOW_SECONDS, until)) if now > 0 else 0.0,
            success=sum(ok for _, _, ok in self._recent) / seen if seen else None,
            p95_seconds=latencies[min(len(latencies) - 1, int(len(latencies) * 0.95))] if latencies else None,
            agents=tuple((name, len(one.ready_ports), one.wanted) for name, one in fleet.replica_sets.items()),
            news=tuple(text for line in self._events.lines() if (text := _news(line))),
        )


def _news(line: dict[str, Any]) -> str:
    match line.get("kind"):
        case "fault":
            targets = ", ".join(str(target) for target in line.get("targets") or ())
            return f"{line['t']:6.1f} s  fault {line['phase']}: {line['what']}" + (f" ({targets})" if targets else "")
        case "autoscaler" if line.get("desired") != line.get("current"):
            return f"{line['t']:6.1f} s  {line['pool']}: autoscaler {line['current']} -> {line['desired']}"
    return ""
