"""`seatrial init`: what it writes holds, it never waits for anybody, and it never takes a file away."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from .command import LIMIT_SECONDS, PROGRAM, SPECS, content, environment, seatrial


def test_without_a_word_it_writes_a_spec_that_every_command_takes(tmp_path: Path) -> None:
    desk = tmp_path / "My desk"
    desk.mkdir()
    said = seatrial("init", cwd=desk)
    assert said.code == 0 and said.err == ""
    assert said.out.startswith("wrote my-desk.fleet: feasible: ")
    assert list(content(desk)) == ["my-desk.fleet"]
    for line in (
        "seatrial check my-desk.fleet",
        "seatrial compile my-desk.fleet --out deploy",
        "seatrial trial my-des",
    ):
        assert f"  {line}" in said.out
    checked = seatrial("check", "my-desk.fleet", cwd=desk)
    assert (checked.code, checked.err) == (0, "")
    assert checked.out.splitlines()[-1] == said.out.splitlines()[0].removeprefix("wrote ")
    assert seatrial("fmt", "--check", "my-desk.fleet", cwd=desk).code == 0
    assert seatrial("compile", "my-desk.fleet", "--out", "deploy", cwd=desk).code == 0


def test_the_answers_stand_in_the_spec(tmp_path: Path) -> None:
    options = ["--name", "helpdesk", "--demand", "300/min", "--peak", "8/s", "--service-time", "1.5s"]
    options += ["--service-p99", "4s", "--objective", "p95 < 6s", "--objective", "p99 < 9s", "--success", "98%"]
    said = seatrial("init", tmp_path, *options, "--concurrency", "2", "--price", "$1/h", "--budget", "$999/day")
    assert said.code == 0, said.err
    text = (tmp_path / "helpdesk.fleet").read_text()
    for clause in (
        'fleet helpdesk "Helpdesk" {',
        "steady 300/min\n",
        "peak 8/s for",
        "service mean 1.5s, p99 4s",
        "concurrency 2\n",
        "price $1/h\n",
        "budget agents $999/day",
        "guarantee latency p95 < 6s, p99 < 9s",
        "guarantee success 98% over",
    ):
        assert clause in text


@pytest.mark.parametrize("name", ["desk.yaml", "desk.yml", "desk.json"])
def test_the_ending_of_the_file_says_how_it_is_written(tmp_path: Path, name: str) -> None:
    assert seatrial("init", name, cwd=tmp_path).code == 0
    assert seatrial("check", name, cwd=tmp_path).code == 0
    assert seatrial("fmt", "--check", name, cwd=tmp_path).code == 0


def test_a_file_that_is_there_is_replaced_only_by_force(tmp_path: Path) -> None:
    place = tmp_path / "a.fleet"
    place.write_text("mine")
    said = seatrial("init", place)
    assert said.code == 2 and "is there already, and stays as it is (--force replaces it)" in said.err
    assert content(tmp_path) == {"a.fleet": b"mine"}
    assert seatrial("init", place, "--force").code == 0
    assert place.read_bytes().startswith(b"language 1\n") and list(content(tmp_path)) == ["a.fleet"]


def test_a_link_that_leads_nowhere_is_a_file_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.fleet").symlink_to("elsewhere.fleet")
    assert seatrial("init", tmp_path / "a.fleet").code == 2
    assert not (tmp_path / "elsewhere.fleet").exists()


def test_answers_that_no_fleet_meets_leave_nothing_behind(tmp_path: Path) -> None:
    said = seatrial("init", "new/a.fleet", "--objective", "p95 < 1ms", "--ci", "github", cwd=tmp_path)
    assert said.code == 1
    assert "nothing written: no size of the fleet meets these answers" in said.err
    assert "is out of reach of any number of agents" in said.err and 'help: --objective "p95 < ' in said.err
    assert list(tmp_path.iterdir()) == []


WRONG = {
    "a rate without its unit": (["--demand", "20"], "--demand: `20` needs a unit"),
    "a rate that is a time": (["--demand", "20ms"], "--demand: a rate is wanted here, `20ms` is a duration"),
    "an empty answer": (["--demand", ""], "The argument after --demand is empty"),
    "a peak below the usual": (["--peak", "1/s"], "the peak, 1/s, is below the usual rate, 20/s"),
    "a tail before the middle": (["--service-p99", "1ms"], "is quicker than the average"),
    "a tail that no distribution has": (["--service-p99", "1h"], "is more than service times vary"),
    "an objective in prose": (["--objective", "soon"], "--objective: `soon` is not a quantity"),
    "an objective said twice": (["--objective", "1s", "--objective", "p95 < 2s"], "p95 has two limits"),
    "certainty": (["--success", "100%"], "100% cannot be promised"),
    "half a request": (["--concurrency", "0.5"], "--concurrency: `0.5` is out of range"),
    "money without a period": (["--budget", "$5"], "--budget: "),
    "a name for no cluster": (["--name", "My Desk"], "--name: `My Desk` cannot be a name in a cluster"),
    "another ending": (["desk.txt"], "a spec ends in .fleet, .yaml or .json"),
    "standard output": (["-"], "is written to a file"),
    "a folder below a file": (["there/new"], "seatrial: there/new"),
    "a folder where nothing is written": (["/proc/desk"], "seatrial: /proc/desk"),
    "an example that there is not": (["--example", "suport"], "there is no example suport; did you mean support?"),
    "an example and answers": (["--example", "support", "--peak", "9/s"], "--example copies a spec as it is"),
    "a system that is not known": (["--ci", "travis"], "'travis' is not one of"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_answers_are_told_and_write_nothing(tmp_path: Path, name: str) -> None:
    arguments, words = WRONG[name]
    (tmp_path / "there").write_text("")
    said = seatrial("init", *arguments, cwd=tmp_path)
    assert said.code == 2 and words in said.err and "Traceback" not in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_of_two_at_once_one_writes(tmp_path: Path) -> None:
    both = [
        subprocess.Popen([PROGRAM, "init", "a.fleet"], cwd=tmp_path, env=environment(), stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]
    assert sorted(one.wait(LIMIT_SECONDS) for one in both) == [0, 2]
    assert list(content(tmp_path)) == ["a.fleet"]


@pytest.mark.parametrize("name", ["support", "fragile", "black-friday", "R07.fleet"])
def test_an_example_is_copied_as_it_is(tmp_path: Path, name: str) -> None:
    assert seatrial("init", "--example", name, cwd=tmp_path).code == 0
    file = f"{name.removesuffix('.fleet')}.fleet"
    (there,) = SPECS.rglob(file)
    assert content(tmp_path) == {file: there.read_bytes()}


def test_an_example_brings_what_it_reads(tmp_path: Path) -> None:
    said = seatrial("init", "--example", "recorded", tmp_path / "day.fleet")
    assert said.code == 0
    assert sorted(content(tmp_path)) == ["day.fleet", "recorded.csv"]
    assert seatrial("check", tmp_path / "day.fleet").code == 0
    assert seatrial("init", "--example", "recorded", tmp_path / "night.fleet").code == 2
    assert sorted(content(tmp_path)) == ["day.fleet", "recorded.csv"]


def test_pipelines_are_written_at_the_root_of_the_checkout(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    systems = ["--ci", "github", "--ci", "gitlab", "--ci", "pre-commit"]
    said = seatrial("init", "specs/a desk.fleet", *systems, cwd=tmp_path)
    assert said.code == 0, said.err
    assert sorted(content(tmp_path)) == [
        ".github/workflows/seatrial.yml",
        ".gitlab/seatrial.yml",
        ".pre-commit-config.yaml",
        "specs/a desk.fleet",
    ]
    github: Any = yaml.safe_load((tmp_path / ".github/workflows/seatrial.yml").read_text())
    job = github["jobs"]["seatrial"]
    gitlab: Any = yaml.safe_load((tmp_path / ".gitlab/seatrial.yml").read_text())["seatrial"]
    assert job["env"]["SPEC"] == gitlab["variables"]["SPEC"] == "specs/a desk.fleet"
    steps = [step["run"] for step in job["steps"] if "run" in step]
    for script in (steps, gitlab["script"]):
        assert "pip install" in script[0]
        assert _bash(script[1:], tmp_path) == 0
    (tmp_path / "specs/a desk.fleet").write_bytes((SPECS / "fragile.fleet").read_bytes())
    for script in (steps, gitlab["script"]):
        assert _bash(script[1:], tmp_path) == 1
        # Without being told what to install it stops, and installs nothing of that name from anywhere.
        assert _bash(script[:1], tmp_path) == 1
    hooks = yaml.safe_load((tmp_path / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    assert [hook["entry"].split()[:2] for hook in hooks] == [["seatrial", "fmt"], ["seatrial", "check"]]
    # A part of the fleet may be what has changed, and is checked with it.
    assert [hook.get("args") for hook in hooks if hook.get("pass_filenames") is False] == [["specs/a desk.fleet"]]


def _bash(lines: list[str], folder: Path) -> int:
    path = {"PATH": f"{PROGRAM.parent}:{os.environ['PATH']}", "SPEC": "specs/a desk.fleet"}
    script = "set -e\n" + "\n".join(lines)
    return subprocess.run(["bash", "-c", script], cwd=folder, env=environment(**path), capture_output=True).returncode


def test_on_a_terminal_it_asks_again_until_an_answer_can_be_read(tmp_path: Path) -> None:
    answers = ["", "20", "30/s", "", "100ms", "", "p95 < 1s"]
    code, shown = _typed(answers, tmp_path)
    assert code == 0, shown
    assert "What is the fleet called? [desk]" in shown and "`20` needs a unit" in shown
    assert "And at the most? [60/s]" in shown and "On the slowest" not in shown
    text = (tmp_path / "desk.fleet").read_text()
    assert "steady 30/s" in text and "service mean 100ms, p99 400ms" in text and "latency p95 < 1s\n" in text


def test_on_a_terminal_yes_asks_nothing(tmp_path: Path) -> None:
    code, shown = _typed([], tmp_path, "--yes")
    assert code == 0 and "?" not in shown


def _typed(lines: list[str], folder: Path, *more: str) -> tuple[int, str]:
    """The exit code and the screen of an init that is typed to."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [PROGRAM, "init", "desk.fleet", *more],
        cwd=folder,
        env=environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, "".join(f"{line}\n" for line in lines).encode())
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:
        # The other end is closed: Linux says so by an error.
        pass
    finally:
        os.close(ours)
    return child.wait(LIMIT_SECONDS), shown.decode()


def test_a_spec_that_is_there_gets_a_pipeline_and_stays_as_it_is(tmp_path: Path) -> None:
    assert seatrial("init", "desk.fleet", "--yes", cwd=tmp_path).code == 0
    mine = (tmp_path / "desk.fleet").read_bytes() + b"# mine\n"
    (tmp_path / "desk.fleet").write_bytes(mine)
    for words in (["--ci", "github"], ["desk.fleet", "--ci", "gitlab"]):
        said = seatrial("init", *words, cwd=tmp_path)
        assert said.code == 0 and "for desk.fleet" in said.out, said.all
        assert seatrial("init", *words, cwd=tmp_path).code == 2
    assert [one.name for one in tmp_path.glob("*.fleet")] == ["desk.fleet"]
    assert (tmp_path / "desk.fleet").read_bytes() == mine


def test_of_several_specs_one_is_named_for_its_pipeline(tmp_path: Path) -> None:
    for name in ("desk.fleet", "shop.fleet"):
        assert seatrial("init", name, "--yes", cwd=tmp_path).code == 0
    for words in (["--ci", "gitlab"], [".", "--yes", "--ci", "gitlab"]):
        said = seatrial("init", *words, cwd=tmp_path)
        assert said.code == 2 and "seatrial init desk.fleet --ci …" in said.err, said.all
        assert sorted(one.name for one in tmp_path.iterdir()) == ["desk.fleet", "shop.fleet"]
    said = seatrial("init", "shop.fleet", "--ci", "gitlab", cwd=tmp_path)
    assert said.code == 0 and "for shop.fleet" in said.out
    assert seatrial("init", "third.fleet", "--yes", "--ci", "github", cwd=tmp_path).code == 0


def test_slow_work_is_given_time_to_end(tmp_path: Path) -> None:
    words = ("--demand", "3/s", "--service-time", "10s", "--objective", "p99 < 60s", "--yes")
    assert seatrial("init", "slow.fleet", *words, cwd=tmp_path).code == 0
    assert "drain 40s" in (tmp_path / "slow.fleet").read_text()
