"""Locust in its own process: every request of the schedule is in the log, whatever the server does."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from seatrial.chaos.evidence import Evidence, read_evidence
from seatrial.chaos.load.document import DemandLoad, Load, command, render

from .servers import answering, closed_port, silent

pytestmark = pytest.mark.live

START_SECONDS = 4.0


def start(run_dir: Path, load: Load) -> subprocess.Popen[bytes]:
    (run_dir / "load.json").write_text(render(load), encoding="utf-8")
    return subprocess.Popen(command(run_dir), cwd=run_dir, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def finish(child: subprocess.Popen[bytes], run_dir: Path) -> Evidence:
    _, errors = child.communicate(timeout=60)
    assert child.returncode == 0, errors.decode()
    return read_evidence(run_dir)


def load(*demands: DemandLoad, timeout: float = 2.0) -> Load:
    return Load(time.monotonic() + START_SECONDS, demands, timeout, seed=5)


def evenly(count: int, per_second: int) -> tuple[float, ...]:
    return tuple(index / per_second for index in range(count))


def test_each_scheduled_request_is_sent_with_its_headers_and_logged(tmp_path: Path) -> None:
    with answering(delay_seconds=0.01) as server:
        high = DemandLoad("tickets", server.url, 100, evenly(100, 100))
        low = DemandLoad("chats", server.url, -100, evenly(30, 30))
        evidence = finish(start(tmp_path, load(high, low)), tmp_path)
    assert {name: len(some) for name, some in evidence.by_demand.items()} == {"tickets": 100, "chats": 30}
    assert [request.due for request in evidence.of("tickets")] == [round(due, 6) for due in high.due]
    assert all(request.ok and request.start >= request.due for request in evidence.requests)
    assert all(request.end - request.start >= 0.01 for request in evidence.requests)
    assert sorted({headers["x-seatrial-priority"] for headers in server.headers}) == ["-100", "100"]
    assert len({headers["x-request-id"] for headers in server.headers}) == 130
    assert evidence.generator is not None
    assert evidence.generator.finished
    assert evidence.generator.scheduled == {"tickets": 100, "chats": 30}


def test_a_stalled_server_holds_no_later_request_back_and_latency_counts_from_the_due_time(tmp_path: Path) -> None:
    with silent() as server:
        evidence = finish(
            start(tmp_path, load(DemandLoad("tickets", server.url, 0, evenly(60, 60)), timeout=1.5)), tmp_path
        )
    assert [request.error for request in evidence.requests] == ["timeout"] * 60
    # Closed-loop users would have sent a fraction of these in the time.
    assert max(request.start for request in evidence.requests) < 1.5
    assert all(request.latency_seconds >= 1.5 for request in evidence.requests)


def test_a_dead_server_costs_its_own_requests_and_no_others(tmp_path: Path) -> None:
    with answering() as server:
        dead = DemandLoad("dead", f"http://127.0.0.1:{closed_port()}/", 0, evenly(50, 50))
        good = DemandLoad("good", server.url, 0, evenly(50, 50))
        evidence = finish(start(tmp_path, load(dead, good)), tmp_path)
    assert all(request.ok for request in evidence.of("good"))
    assert {request.status for request in evidence.of("dead")} == {0}
    assert all("ConnectionRefusedError" in (request.error or "") for request in evidence.of("dead"))


def test_sigterm_leaves_a_whole_log_and_a_summary_that_does_not_claim_to_have_finished(tmp_path: Path) -> None:
    with answering() as server:
        child = start(tmp_path, load(DemandLoad("tickets", server.url, 0, evenly(6000, 100))))
        time.sleep(START_SECONDS + 2)
        child.send_signal(signal.SIGTERM)
        evidence = finish(child, tmp_path)
    assert evidence.generator is not None
    assert not evidence.generator.finished
    assert 0 < evidence.generator.completed < 6000
    assert len(evidence.requests) == evidence.generator.completed
    assert evidence.damaged_lines == 0
