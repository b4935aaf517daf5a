"""The files of a run folder as typed records: what was sent, what was done to the fleet, what the runners say.

Turns `requests.jsonl`, `events.jsonl`, `journal.json` and `generator.json` into an `Evidence`. Invariant: nothing that
is missing or damaged is made up or dropped in silence; a missing file is None, and an unreadable line is counted.

Times are seconds since the trial's origin, an absolute value of CLOCK_MONOTONIC that all processes of a trial share.
A process that is killed leaves at most one half-written last line, so such a line is dropped without being counted.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

REQUESTS = "requests.jsonl"
EVENTS = "events.jsonl"
JOURNAL = "journal.json"
GENERATOR = "generator.json"
EXPERIMENT = "experiment.json"
LOAD = "load.json"

REQUESTS_WRITTEN_SECONDS = 1.0
"""How old what the generator has not yet written of its requests may be."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """One request of the generator. `status` is 0 where no answer came; `error` then says why."""

    demand: str
    due: float
    start: float
    end: float
    status: int
    error: str | None = None

    @property
    def ok(self) -> bool:
        """Answered with a status below 400 and a whole body."""
        return self.error is None and 200 <= self.status < 400

    @property
    def latency_seconds(self) -> float:
        """From when it was due, not from when it was sent: a stalled generator must not hide a stalled fleet."""
        return self.end - self.due


@dataclass(frozen=True, slots=True)
class ReplicasEvent:
    t: float
    pool: str
    wanted: int
    running: int
    ready: int


@dataclass(frozen=True, slots=True)
class FaultEvent:
    """`fault` is the index in the trial's faults; `phase` is injected, undone or failed."""

    t: float
    fault: int
    phase: str
    what: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EjectionEvent:
    t: float
    call: str
    host: str
    phase: str


@dataclass(frozen=True, slots=True)
class OtherEvent:
    t: float
    kind: str
    fields: Mapping[str, Any]


Event = ReplicasEvent | FaultEvent | EjectionEvent | OtherEvent


@dataclass(frozen=True, slots=True)
class Activity:
    """One step of the journal. `func` is the function that it called."""

    name: str
    kind: str
    func: str
    status: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Journal:
    """What the Chaos Toolkit says it did. The steady states are None where the hypothesis was not looked at.

    `dry` is the dry mode of the experiment ("" for a real one): in it actions are recorded as succeeded and never run.
    """

    status: str | None
    deviated: bool
    dry: str
    run: tuple[Activity, ...]
    rollbacks: tuple[Activity, ...]
    before: bool | None
    after: bool | None
    during: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Generator:
    """What the load generator says of itself. Lateness: from when a request was due until it was sent, in seconds."""

    finished: bool
    scheduled: Mapping[str, int]
    sent: int
    completed: int
    lateness_p50_seconds: float
    lateness_p99_seconds: float
    lateness_max_seconds: float


@dataclass(frozen=True, slots=True)
class Evidence:
    requests: tuple[Request, ...]
    events: tuple[Event, ...]
    journal: Journal | None
    generator: Generator | None
    damaged_lines: int = 0
    """Lines of the two logs that could not be read, a cut last line not counted."""
    by_demand: Mapping[str, tuple[Request, ...]] = field(init=False, repr=False)
    """The requests of each demand in the order in which they were due."""

    def __post_init__(self) -> None:
        split: dict[str, list[Request]] = {}
        for request in self.requests:
            split.setdefault(request.demand, []).append(request)
        ordered = {name: tuple(sorted(some, key=lambda request: request.due)) for name, some in split.items()}
        object.__setattr__(self, "by_demand", ordered)

    def of(self, demand: str) -> tuple[Request, ...]:
        return self.by_demand.get(demand, ())

    @property
    def faults(self) -> tuple[FaultEvent, ...]:
        return tuple(event for event in self.events if isinstance(event, FaultEvent))


def read_evidence(run_dir: Path) -> Evidence:
    """All the evidence in a run folder; files that are missing or not JSON are None or empty."""
    requests, damaged_requests = read_requests(run_dir / REQUESTS)
    events, damaged_events = read_events(run_dir / EVENTS)
    return Evidence(
        requests,
        events,
        read_journal(run_dir / JOURNAL),
        read_generator(run_dir / GENERATOR),
        damaged_requests + damaged_events,
    )


def read_requests(path: Path) -> tuple[tuple[Request, ...], int]:
    """The requests in the order in which they ended, and how many lines could not be read."""
    return _lines(path, _request)


def read_events(path: Path) -> tuple[tuple[Event, ...], int]:
    """The events ordered by time (several processes write them), and how many lines could not be read."""
    events, damaged = _lines(path, _event)
    return tuple(sorted(events, key=lambda event: event.t)), damaged


def read_journal(path: Path) -> Journal | None:
    document = _document(path)
    if document is None:
        return None
    states = document.get("steady_states") or {}
    during = (_met(state) for state in states.get("during") or ())
    return Journal(
        status=document.get("status"),
        deviated=bool(document.get("deviated")),
        dry=_dry(document.get("experiment") or {}),
        run=tuple(_activity(run) for run in document.get("run") or ()),
        rollbacks=tuple(_activity(run) for run in document.get("rollbacks") or ()),
        before=_met(states.get("before")),
        after=_met(states.get("after")),
        during=tuple(met for met in during if met is not None),
    )


def read_generator(path: Path) -> Generator | None:
    document = _document(path)
    if document is None:
        return None
    try:
        late = document["lateness_seconds"]
        return Generator(
            finished=bool(document["finished"]),
            scheduled={str(name): int(count) for name, count in document["scheduled"].items()},
            sent=int(document["sent"]),
            completed=int(document["completed"]),
            lateness_p50_seconds=float(late["p50"]),
            lateness_p99_seconds=float(late["p99"]),
            lateness_max_seconds=float(late["max"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _lines(path: Path, read: Callable[[Any], T]) -> tuple[tuple[T, ...], int]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return (), 0
    whole, _, cut = text.rpartition("\n")
    records: list[T] = []
    damaged = 0
    for line in whole.split("\n") if whole else ():
        record = _try(line, read)
        if record is None:
            damaged += 1
        else:
            records.append(record)
    # The last line may lack only its line end: then it is whole.
    last = _try(cut, read) if cut else None
    if last is not None:
        records.append(last)
    return tuple(records), damaged


def _try(line: str, read: Callable[[Any], T]) -> T | None:
    try:
        return read(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _document(path: Path) -> dict[str, Any] | None:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return document if isinstance(document, dict) else None


def _request(line: Any) -> Request:
    error = line["error"]
    return Request(
        str(line["demand"]),
        _time(line["due"]),
        _time(line["start"]),
        _time(line["end"]),
        int(line["status"]),
        None if error is None else str(error),
    )


def _event(line: Any) -> Event:
    at, kind = _time(line["t"]), str(line["kind"])
    match kind:
        case "replicas":
            return ReplicasEvent(at, str(line["pool"]), int(line["wanted"]), int(line["running"]), int(line["ready"]))
        case "fault":
            return FaultEvent(
                at, int(line["fault"]), str(line["phase"]), str(line.get("what", "")), _strings(line.get("targets"))
            )
        case "ejection":
            return EjectionEvent(at, str(line["call"]), str(line["host"]), str(line["phase"]))
        case _:
            return OtherEvent(at, kind, {key: value for key, value in line.items() if key not in ("t", "kind")})


def _time(value: Any) -> float:
    seconds = float(value)
    if not math.isfinite(seconds):
        raise ValueError("a time must be finite")
    return seconds


def _strings(values: Iterable[Any] | None) -> tuple[str, ...]:
    return tuple(str(value) for value in values or ())


def _met(state: Mapping[str, Any] | None) -> bool | None:
    return None if state is None else state.get("steady_state_met") is True


def _dry(experiment: Mapping[str, Any]) -> str:
    dry = experiment.get("dry")
    return str(dry) if dry else ""


def _activity(run: Mapping[str, Any]) -> Activity:
    activity = run.get("activity") or {}
    provider = activity.get("provider") or {}
    exception = run.get("exception") or ""
    last = exception[-1] if isinstance(exception, list) and exception else exception
    return Activity(
        str(activity.get("name", "")),
        str(activity.get("type", "")),
        str(provider.get("func", "")),
        str(run.get("status")),
        str(last).strip(),
    )
