"""The switch itself: a CI run must never bless its own output."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_the_switch_is_refused_where_ci_is_set() -> None:
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "--update-golden", "--collect-only", "tests/targets/test_golden_folders.py"],
        cwd=root,
        env={**os.environ, "CI": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 4
    assert "refused where CI is set" in run.stderr
