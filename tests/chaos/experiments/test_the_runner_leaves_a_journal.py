"""The child that runs an experiment, whatever happens to it: the journal is whole, and never better than the truth."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from seatrial.chaos.evidence import Journal, read_journal

pytestmark = pytest.mark.live

ACTIONS = """
import time
from pathlib import Path

def mark(run_dir, name):
    Path(run_dir, name).write_text("done")

def fail(run_dir):
    raise RuntimeError("no such pool")

def linger(run_dir):
    Path(run_dir, "lingering").write_text("")
    time.sleep(60)

def answer(run_dir):
    return not Path(run_dir, "sick").exists()
"""


def step(func: str, kind: str = "action", **arguments: Any) -> dict[str, Any]:
    provider = {
        "type": "python", "module": "trial_actions", "func": func, "arguments": {"run_dir": "${run_dir}", **arguments},
    }  # fmt: skip
    return {"type": kind, "name": func, "provider": provider}


def prepare(run_dir: Path, *method: dict[str, Any]) -> None:
    (run_dir / "trial_actions.py").write_text(ACTIONS, encoding="utf-8")
    document = {
        "title": "a trial",
        "description": "trivial actions",
        "configuration": {"run_dir": {"type": "env", "key": "SEATRIAL_RUN_DIR", "default": "."}},
        "steady-state-hypothesis": {"title": "well", "probes": [{**step("answer", "probe"), "tolerance": True}]},
        "method": list(method),
        "rollbacks": [step("mark", name="rolled-back")],
    }
    (run_dir / "experiment.json").write_text(json.dumps(document), encoding="utf-8")


def start(run_dir: Path) -> subprocess.Popen[bytes]:
    # A folder elsewhere as the working directory: the run folder is what counts.
    command = [sys.executable, "-m", "seatrial.chaos.experiments.run", str(run_dir)]
    return subprocess.Popen(command, cwd="/", env={"PYTHONPATH": str(run_dir), "HOME": str(run_dir)})


def run(run_dir: Path) -> Journal:
    assert start(run_dir).wait(60) == 0
    journal = read_journal(run_dir / "journal.json")
    assert journal is not None
    return journal


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline, f"{path.name} did not come"
        time.sleep(0.02)


def test_a_good_experiment_is_completed_and_rolled_back(tmp_path: Path) -> None:
    prepare(tmp_path, step("mark", name="struck"))
    journal = run(tmp_path)
    assert (journal.status, journal.before, journal.after, journal.deviated) == ("completed", True, True, False)
    assert [(one.func, one.status) for one in journal.run] == [("mark", "succeeded")]
    assert (tmp_path / "struck").exists()
    assert (tmp_path / "rolled-back").exists()


def test_an_action_that_raises_is_in_the_journal_though_the_runner_exits_0(tmp_path: Path) -> None:
    prepare(tmp_path, step("fail"), step("mark", name="next"))
    journal = run(tmp_path)
    assert journal.status == "completed"
    assert [one.status for one in journal.run] == ["failed", "succeeded"]
    assert "no such pool" in journal.run[0].error


def test_a_fleet_that_was_sick_before_leaves_a_journal_without_a_method(tmp_path: Path) -> None:
    prepare(tmp_path, step("mark", name="struck"))
    (tmp_path / "sick").write_text("")
    journal = run(tmp_path)
    assert journal.status == "completed"
    assert journal.before is False
    assert journal.run == ()
    assert not (tmp_path / "struck").exists()
    assert (tmp_path / "rolled-back").exists()


def test_sigterm_ends_the_experiment_at_once_with_its_rollbacks(tmp_path: Path) -> None:
    prepare(tmp_path, step("linger"), step("mark", name="next"))
    child = start(tmp_path)
    wait_for(tmp_path / "lingering")
    child.send_signal(signal.SIGTERM)
    assert child.wait(20) == 0
    journal = read_journal(tmp_path / "journal.json")
    assert journal is not None
    assert journal.status == "interrupted"
    assert not (tmp_path / "next").exists()
    assert (tmp_path / "rolled-back").exists()


def test_ctrl_c_does_the_same(tmp_path: Path) -> None:
    prepare(tmp_path, step("linger"), step("mark", name="next"))
    child = start(tmp_path)
    wait_for(tmp_path / "lingering")
    child.send_signal(signal.SIGINT)
    assert child.wait(20) == 0
    journal = read_journal(tmp_path / "journal.json")
    assert journal is not None
    assert journal.status == "interrupted"
    assert (tmp_path / "rolled-back").exists()


def test_sigkill_leaves_a_journal_that_does_not_claim_to_have_finished(tmp_path: Path) -> None:
    prepare(tmp_path, step("mark", name="struck"), step("linger"))
    child = start(tmp_path)
    wait_for(tmp_path / "lingering")
    child.kill()
    child.wait(20)
    journal = read_journal(tmp_path / "journal.json")
    assert journal is not None
    assert journal.status is None
    assert [one.func for one in journal.run] == ["mark"]
