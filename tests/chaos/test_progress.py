"""What is told of a running trial: as many requests a second as there are, whenever the log is written."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from seatrial.chaos.evidence import REQUESTS
from seatrial.chaos.progress import Watcher

_FLEET = cast("Any", SimpleNamespace(replica_sets={}))


def _log(folder: Path, until: float, rate: int, from_: float = 0.0) -> None:
    ends = [from_ + (number + 1) / rate for number in range(round((until - from_) * rate))]
    lines = [json.dumps({"due": end - 0.2, "end": end, "status": 200}) for end in ends]
    (folder / REQUESTS).write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("unwritten", [0.0, 0.3, 0.9])
def test_what_is_not_yet_written_is_no_lull(tmp_path: Path, unwritten: float) -> None:
    _log(tmp_path, 20 - unwritten, rate=100)
    found = Watcher(tmp_path, 60).look(20, _FLEET)
    assert found.rate == pytest.approx(100, rel=0.02) and found.success == 1
    assert found.p95_seconds == pytest.approx(0.2)


def test_a_fleet_that_answers_no_longer_shows(tmp_path: Path) -> None:
    _log(tmp_path, 20, rate=100)
    watcher = Watcher(tmp_path, 60)
    assert watcher.look(20, _FLEET).rate == pytest.approx(100, rel=0.02)
    assert watcher.look(23, _FLEET).rate == pytest.approx(60, rel=0.02)
    assert watcher.look(27, _FLEET).rate == 0


def test_the_first_seconds_are_not_taken_for_five(tmp_path: Path) -> None:
    _log(tmp_path, 2, rate=50)
    assert Watcher(tmp_path, 60).look(2, _FLEET).rate == pytest.approx(50, rel=0.02)
    assert Watcher(tmp_path, 60).look(-1, _FLEET).rate == 0
