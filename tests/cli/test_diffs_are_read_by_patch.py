"""What `fmt --diff` prints, `patch` applies, also to a file whose last line has no end."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from .command import seatrial


@pytest.mark.skipif(shutil.which("patch") is None, reason="there is no patch here")
@pytest.mark.parametrize("text", ["fleet   f {}", "fleet   f {}\n", "fleet f {\r\n}\r\n", "fleet f {} # a\x0cb"])
def test_patch_makes_of_the_file_what_fmt_would(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.fleet"
    path.write_bytes(text.encode())
    diff = seatrial("fmt", "--diff", "a.fleet", cwd=tmp_path)
    assert diff.code == 1 and not diff.out.endswith("\n\n")
    patched = tmp_path / "patched"
    command = ["patch", "--binary", "-o", str(patched), str(path)]
    done = subprocess.run(command, input=diff.out.encode(), capture_output=True)
    assert done.returncode == 0, done
    assert seatrial("fmt", path).code == 0
    assert patched.read_bytes() == path.read_bytes()
