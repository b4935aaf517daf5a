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

from .command import SPECS

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
