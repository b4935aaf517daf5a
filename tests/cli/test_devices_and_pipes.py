"""What a command writes goes to devices and pipes as it goes to files, and where it cannot go, that is said."""

from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from seatrial.cli.files import write_atomically

from .command import PROGRAM, SPECS

STURDY = str(SPECS / "sturdy.fleet")


def _run(*words: str, out: int | None = subprocess.PIPE) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "seatrial", *words], stdout=out, stderr=subprocess.PIPE, check=False, timeout=120
    )


def test_a_named_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_atomically(pipe, b"said\n")
    reader.join()
    assert read == [b"said\n"] and stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize(
    "words",
    [("convert", STURDY, "--to", "yaml", "--out"), ("check", STURDY, "--format", "json", "--output")],
    ids=lambda words: words[0],
)
def test_what_is_written_to_the_device_of_standard_output_comes_out_there(words: tuple[str, ...]) -> None:
    told = _run(*words, "/dev/stdout")
    assert told.returncode == 0, told.stderr
    assert b"sturdy" in told.stdout


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="no device that is always full")
@pytest.mark.parametrize("words", [("check", "--no-cache", STURDY), ("schema",), ("explain",), ("fmt", "-")])
def test_a_full_disk_behind_standard_output_is_told(words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        told = subprocess.run(
            [sys.executable, "-m", "seatrial", *words], input=Path(STURDY).read_bytes(), stdout=full,
            stderr=subprocess.PIPE, check=False, timeout=120,
        )  # fmt: skip
    assert told.returncode == 2
    assert b"No space left on device" in told.stderr and b"Traceback" not in told.stderr


@pytest.mark.parametrize("words", [
    ("fmt",), ("convert", "--to", "yaml", "--out", "made.yaml"), ("compile", "--out", "made"),
    ("check", "--no-cache", "--format", "json", "--output", "made.json"), ("check", "--no-cache", "--emit-smt", "made"),
    ("trial", "--out", "made"),
], ids=" ".join)  # fmt: skip
def test_where_nothing_can_be_written_that_is_told_and_nothing_is_left(tmp_path: Path, words: tuple[str, ...]) -> None:
    spec = tmp_path / "sturdy.fleet"
    spec.write_text(Path(STURDY).read_text(encoding="utf-8").replace("\nfleet ", "\nfleet   ", 1), encoding="utf-8")
    given = spec.read_bytes()
    # A full disk as root meets it too: no file may become longer than nothing.
    told = subprocess.run(
        [sys.executable, "-m", "seatrial", *words, "sturdy.fleet"], cwd=tmp_path, capture_output=True, check=False,
        timeout=120, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
    )  # fmt: skip
    assert told.returncode == 2, told.stderr
    assert b"File too large" in told.stderr and b"Traceback" not in told.stderr
    assert spec.read_bytes() == given
    assert [one.name for one in tmp_path.iterdir()] == ["sturdy.fleet"]


TRACED = """fleet f {{
  demand d {{ trace "{trace}" }}
  pool p {{ serves d; agents 3; each {{ service mean 20ms, p99 50ms }} }}
}}
"""


@pytest.mark.parametrize(
    "line",
    [
        "{program} check <(cat {spec})",
        "cat {spec} | {program} check /dev/stdin",
        "{program} check --no-cache {spec} <(cat {spec})",
        "{program} compile <(cat {spec}) --out made",
        "{program} headroom --of 'service time' <(cat {spec})",
        "{program} convert <(cat {spec}) --to json",
        "{program} fmt --check <(cat {spec})",
        "{program} check <(cat traced.fleet) --trace d=<(cat trace.csv); test $? -ne 2",
    ],
)
def test_a_spec_and_a_trace_may_come_from_pipes(tmp_path: Path, line: str) -> None:
    (tmp_path / "traced.fleet").write_text(TRACED.format(trace="none.csv"), encoding="utf-8")
    (tmp_path / "trace.csv").write_text("timestamp\n" + "".join(f"{n}\n" for n in range(20)), encoding="utf-8")
    environment = {**os.environ, "SEATRIAL_CACHE_DIR": str(tmp_path / "kept")}
    for _ in range(2):
        # The second time with what is kept of the first.
        told = subprocess.run(
            ["bash", "-c", line.format(program=PROGRAM, spec=STURDY)], cwd=tmp_path, env=environment,
            capture_output=True, check=False, timeout=120, text=True,
        )  # fmt: skip
        assert told.returncode == 0, told.stderr
        assert "not readable" not in told.stderr + told.stdout and "cannot be read" not in told.stderr


def test_another_text_in_the_same_pipe_is_another_answer(tmp_path: Path) -> None:
    environment = {**os.environ, "SEATRIAL_CACHE_DIR": str(tmp_path / "kept")}
    codes = [
        subprocess.run(
            [PROGRAM, "check", "/dev/stdin"], input=text, env=environment, capture_output=True, check=False, timeout=120
        ).returncode
        for text in (Path(STURDY).read_bytes(), b"no spec", Path(STURDY).read_bytes())
    ]
    assert codes == [0, 2, 0]


@pytest.mark.parametrize("name", ["secret", "link.fleet"])
def test_the_lines_of_a_file_that_is_no_spec_are_not_shown(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("TOKEN=hunter2-and-more\n", encoding="utf-8")
    (tmp_path / "link.fleet").symlink_to("secret")
    spec = tmp_path / "spec.fleet"
    spec.write_text(f'use "{name}"\nfleet f {{ pool p {{ agents 3 }} }}\n', encoding="utf-8")
    for style in ("text", "sarif", "github", "json"):
        told = _run("check", "--no-cache", str(spec), "--format", style)
        assert told.returncode == 2 and name.encode() in told.stdout + told.stderr
        assert b"hunter2" not in told.stdout + told.stderr


@pytest.mark.parametrize("name", ["secret", "secret.csv"])
def test_of_a_file_that_is_no_trace_little_is_shown(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(",".join(f"{n}-{'x' * 36}-hidden" for n in range(10, 60)), encoding="utf-8")
    spec = tmp_path / "spec.fleet"
    spec.write_text(TRACED.format(trace=name), encoding="utf-8")
    told = _run("check", "--no-cache", str(spec))
    assert told.returncode == 2 and b"has no column that looks like time stamps" in told.stderr
    # A table tells the names of its columns, and another file nothing.
    assert (b"10-xxx" in told.stderr) == (name == "secret.csv")
    assert b"hidden" not in told.stderr and b"22-xxx" not in told.stderr
