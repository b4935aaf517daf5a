"""The load generator: a Locust file that sends each request at its due time, however the earlier ones fare.

Turns `load.json` into `requests.jsonl` (a line for each request as it ends) and `generator.json` (how it went).
Invariant: an open loop. One user walks the schedule and starts each request in a greenlet of its own; no request waits
for another, and latency counts from the due time, so that a stall shows as latency and not as silence ("coordinated
omission": Tene, How NOT to Measure Latency, 2013).

Run as `locust --headless --locustfile generator.py --run-dir DIR` in a process of its own: importing Locust replaces
blocking calls in the whole process by gevent's.
"""

from __future__ import annotations

import gc
import heapq
import json
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any, TextIO

import gevent
from gevent.pool import Pool
from locust import User, events, task

# Locust loads this file by its path, not as a part of a package, so that nothing here can be imported relatively.
from seatrial.chaos.evidence import GENERATOR, REQUESTS, REQUESTS_WRITTEN_SECONDS
from seatrial.chaos.load.connections import Connections
from seatrial.chaos.load.document import BacklogLoad, DemandLoad, Load, read

RETRY_SECONDS = 0.1
"""Between two tries of a task of a backlog, so that a fleet that refuses is not flooded."""


class RequestTimeout(Exception):
    """A request was not answered within the trial's request timeout."""


class Generator:
    """Sends one load and keeps its books."""

    def __init__(self, run_dir: Path, environment: Any) -> None:
        self.load: Load = read(run_dir)
        self._run_dir = run_dir
        self._environment = environment
        self._log: TextIO = (run_dir / REQUESTS).open("w", encoding="utf-8")
        self._lines: list[str] = []
        self._lateness: list[float] = []
        self._completed = 0
        self._finished = False
        self._closed = False
        self._pool = Pool()
        targets: list[DemandLoad | BacklogLoad] = [*self.load.demands, *self.load.backlogs]
        self._connections = {one.name: Connections(one.url, self.load.timeout_seconds) for one in targets}

    def send_all(self) -> None:
        """Walks the schedule; returns when each request has ended, at the latest a timeout after the last one."""
        flusher = gevent.spawn(self._flush_regularly)
        for backlog in self.load.backlogs:
            left = iter(range(backlog.tasks))
            for _ in range(min(backlog.workers, backlog.tasks)):
                self._pool.spawn(self._work_off, backlog, left)
        # What was built so far lives until the end: without this, full collections cost milliseconds in mid-run.
        gc.collect()
        gc.freeze()
        for due, demand, index in self._schedule():
            wait = due - self._now()
            if wait > 0:
                gevent.sleep(wait)
            self._pool.spawn(self._send, demand, due, f"{self.load.seed}-{demand.name}-{index}")
        self._pool.join()
        self._finished = True
        flusher.kill()

    def close(self) -> None:
        """Writes what is not yet written, and the summary; also when the process was told to end early."""
        if self._closed:
            return
        self._closed = True
        self._flush()
        self._log.close()
        scheduled = {demand.name: len(demand.due) for demand in self.load.demands}
        summary = {
            "finished": self._finished,
            "scheduled": scheduled,
            "sent": len(self._lateness),
            "completed": self._completed,
            "lateness_seconds": _quantiles(self._lateness),
        }
        path = self._run_dir / GENERATOR
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(summary) + "\n", encoding="utf-8")
        fresh.replace(path)

    def _schedule(self) -> Iterator[tuple[float, DemandLoad, int]]:
        return heapq.merge(*map(_entries, self.load.demands), key=lambda entry: entry[0])

    def _work_off(self, backlog: BacklogLoad, left: Iterator[int]) -> None:
        """One worker: a task after the other from the ones that are left, from the origin on; a task that failed is
        tried again until the time is up."""
        gevent.sleep(max(0.0, -self._now()))
        for index in left:
            tried = 0
            while self._now() < self.load.until_seconds:
                name = f"{self.load.seed}-{backlog.name}-{index}-{tried}"
                if self._send(backlog, None, name):
                    break
                tried += 1
                gevent.sleep(RETRY_SECONDS)

    def _send(self, demand: DemandLoad | BacklogLoad, due: float | None, request_id: str) -> bool:
        """Sends one request and logs it; whether it succeeded. Without a due time it is due as it is sent."""
        headers = {"x-seatrial-priority": str(demand.priority), "x-request-id": request_id}
        start = self._now()
        if due is None:
            due = start
        else:
            self._lateness.append(start - due)
        status: int = 0
        error: str | None = None
        exception: Exception | None = None
        try:
            # The socket's own timeout starts again with each packet; this one bounds the whole request.
            with gevent.Timeout(self.load.timeout_seconds, RequestTimeout):
                status = self._connections[demand.name].get(headers)
        except RequestTimeout as timeout:
            error, exception = "timeout", timeout
        except (OSError, HTTPException) as failure:
            error, exception = f"{type(failure).__name__}: {failure}", failure
        end = self._now()
        self._completed += 1
        self._lines.append(
            json.dumps(
                {
                    "demand": demand.name,
                    "due": round(due, 6),
                    "start": round(start, 6),
                    "end": round(end, 6),
                    "status": status,
                    "error": error,
                }
            )
        )
        self._environment.events.request.fire(
            request_type="GET",
            name=demand.name,
            response_time=(end - due) * 1000,
            response_length=0,
            exception=exception,
            context={},
        )
        return error is None and 200 <= status < 400

    def _now(self) -> float:
        return time.monotonic() - self.load.origin

    def _flush_regularly(self) -> None:
        while True:
            gevent.sleep(REQUESTS_WRITTEN_SECONDS)
            self._flush()

    def _flush(self) -> None:
        lines, self._lines = self._lines, []
        if lines:
            self._log.write("\n".join(lines) + "\n")
            self._log.flush()


class OpenLoop(User):
    """The one user that Locust spawns: it walks the schedule once and ends the process."""

    @task
    def schedule(self) -> None:
        environment: Any = self.environment
        generator: Generator = environment.seatrial_generator
        generator.send_all()
        generator.close()
        environment.runner.quit()


def _entries(demand: DemandLoad) -> Iterator[tuple[float, DemandLoad, int]]:
    return ((due, demand, index) for index, due in enumerate(demand.due))


def _quantiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values) or [0.0]

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 6)

    return {"p50": at(0.5), "p99": at(0.99), "max": round(ordered[-1], 6)}


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--run-dir", required=True, help="the run folder, with load.json in it")


def _begin(environment: Any, **_: Any) -> None:
    environment.seatrial_generator = Generator(Path(environment.parsed_options.run_dir), environment)


def _end(environment: Any, **_: Any) -> None:
    environment.seatrial_generator.close()


_hooks: Any = events  # Locust's hooks have no types
_hooks.init_command_line_parser.add_listener(_arguments)
_hooks.init.add_listener(_begin)
_hooks.quitting.add_listener(_end)
