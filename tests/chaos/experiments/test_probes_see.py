"""What the steady-state hypothesis looks at: an unanswered fleet is never taken for a healthy one."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path

import pytest

from seatrial.chaos.experiments.clock import wait_until
from seatrial.chaos.experiments.probes import entry_reachable, success_share
from seatrial.chaos.load.document import DemandLoad, Load, render

pytestmark = pytest.mark.live


def prepare(run_dir: Path, elapsed: float, due: tuple[float, ...], url: str = "http://127.0.0.1:1/") -> None:
    load = Load(time.monotonic() - elapsed, (DemandLoad("tickets", url, 0, due),), 2.0, 1)
    (run_dir / "load.json").write_text(render(load), encoding="utf-8")


def log(run_dir: Path, *ends_and_statuses: tuple[float, int]) -> None:
    with (run_dir / "requests.jsonl").open("w", encoding="utf-8") as lines:
        for end, status in ends_and_statuses:
            line = {"demand": "tickets", "due": end - 0.1, "start": end - 0.1, "end": end, "status": status}
            lines.write(json.dumps({**line, "error": None}) + "\n")


def test_the_share_is_of_the_requests_that_ended_in_the_last_seconds(tmp_path: Path) -> None:
    prepare(tmp_path, 20.0, (1.0,))
    log(tmp_path, (3.0, 503), (16.0, 200), (17.0, 200), (18.0, 503), (19.0, 200))
    assert success_share(str(tmp_path), "tickets", 5) == 0.75


def test_requests_that_were_due_and_never_ended_count_as_no_success(tmp_path: Path) -> None:
    prepare(tmp_path, 20.0, (16.0, 17.0))
    log(tmp_path)
    assert success_share(str(tmp_path), "tickets", 5) == 0.0


def test_nothing_due_is_nothing_wrong(tmp_path: Path) -> None:
    prepare(tmp_path, 20.0, (100.0,))
    assert success_share(str(tmp_path), "tickets", 5) == 1.0


def test_an_entry_is_reachable_when_it_accepts_connections(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        prepare(tmp_path, 0.0, (), url)
        assert entry_reachable(str(tmp_path))
    assert not entry_reachable(str(tmp_path))


def test_waiting_for_a_time_that_has_passed_returns_at_once_and_tells_how_late_it_is(tmp_path: Path) -> None:
    prepare(tmp_path, 20.0, ())
    assert 15.0 <= wait_until(str(tmp_path), 5.0) < 16.0


def test_waits_end_at_their_time_and_do_not_add_up(tmp_path: Path) -> None:
    prepare(tmp_path, 0.0, ())
    began = time.monotonic()
    for at in (0.1, 0.2, 0.3):
        wait_until(str(tmp_path), at)
    assert time.monotonic() - began >= 0.29
