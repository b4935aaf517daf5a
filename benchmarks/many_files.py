"""How long `seatrial check` takes on a spec over many files: `python benchmarks/many_files.py [--pools N] [--each N]`.

Runs the command twice on a synthetic fleet in a fresh folder with a fresh cache: cold, and again with nothing changed.
Prints seconds of CPU and of the clock, and the most memory that the command held.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from synthetic import files
from yardstick import this_machine


def run(spec: Path, cache: Path) -> tuple[float, float, str]:
    """CPU seconds, seconds, and the last line that the command says."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "seatrial", "check", str(spec)],
        env={**os.environ, "SEATRIAL_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    after, end = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    assert done.returncode in (0, 1), done.stderr
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, end - start, done.stdout.splitlines()[-1].removeprefix(str(spec))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pools", type=int, default=10_000)
    options.add_argument("--each", type=int, default=100, help="pools in a file")
    given = options.parse_args()
    print(this_machine(), flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pools").mkdir()
        texts = files(given.pools, given.each)
        for file, text in texts.items():
            (folder / file).write_text(text, encoding="utf-8")
        print(f"{given.pools} pools, {len(texts)} files, {sum(map(len, texts.values())) / 1e6:.2f} MB")
        for what in ("cold", "again"):
            cpu, wall, told = run(folder / "main.fleet", folder / "cache")
            print(f"{what:6} {cpu:7.2f} s CPU {wall:7.2f} s {told}", flush=True)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"at most {most / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
