"""The child process that runs a trial's experiment: `python -m seatrial.chaos.experiments.run RUN_DIR`.

Turns `experiment.json` into `journal.json`. Invariant: the journal on disk is always whole and never better than the
truth: it is written after each step with a status of null, so a runner that is killed leaves a journal that says it
did not finish.

Three choices, each against a way in which the Chaos Toolkit passes in silence:
- Rollbacks are always run. Its own default leaves the faults in place when a run is interrupted.
- The hypothesis is looked at before and after the method ("default"). "Continuously" would forgive what recovers, and
  count against the fleet what the faults are meant to do; what happens during the faults is judged from the request
  log. Without the look before, a fleet that never worked would be blamed on the faults.
- SIGTERM leaves by SystemExit. The Toolkit's own handler raises an exception that its runner of Python actions takes
  for a failure of the action at hand, and goes on with the next one.

Settings in the user's home are not read, no version check is made and no log file is written.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from chaoslib.experiment import ensure_experiment_is_valid, run_experiment
from chaoslib.run import RunEventHandler
from chaoslib.types import Strategy

from ..evidence import EXPERIMENT, JOURNAL
from .experiment import RUN_DIR_VARIABLE

SETTINGS: dict[str, Any] = {"runtime": {"rollbacks": {"strategy": "always"}}}

LEAVE_WITH_ROLLBACKS = 20
"""The exit code by which chaoslib knows a wish to leave that still wants its rollbacks (chaoslib/exit.py)."""


class JournalKeeper(RunEventHandler):  # type: ignore[misc]  # chaoslib has no types
    """Writes the journal as it grows, and makes SIGTERM leave at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._journal: Any = None

    def started(self, experiment: Any, journal: Any) -> None:
        self._journal = journal
        # Here, because the runner sets its own handlers just before.
        signal.signal(signal.SIGTERM, leave)
        self._write()

    def activity_completed(self, activity: Any, run: Any) -> None:
        self._write()

    def hypothesis_before_completed(self, experiment: Any, state: Any, journal: Any) -> None:
        self._write()

    def start_rollbacks(self, experiment: Any) -> None:
        # A second signal must not cut the rollbacks short: the faults would stay.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def finish(self, journal: Any) -> None:
        self._journal = journal
        self._write()

    def _write(self) -> None:
        write(self._path, self._journal)


def run(run_dir: Path) -> Any:
    """Runs the experiment of a run folder and returns its journal. In the main thread only, as it sets handlers.

    Raises OSError or ValueError when there is no experiment, and chaoslib's InvalidExperiment or InvalidActivity.
    """
    os.environ[RUN_DIR_VARIABLE] = str(run_dir.resolve())
    experiment = json.loads((run_dir / EXPERIMENT).read_text(encoding="utf-8"))
    ensure_experiment_is_valid(experiment)
    keeper = JournalKeeper(run_dir / JOURNAL)
    return run_experiment(experiment, settings=SETTINGS, strategy=Strategy.DEFAULT, event_handlers=[keeper])


def write(path: Path, journal: Any) -> None:
    """Writes a journal whole or not at all."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(journal, indent=2, default=str) + "\n", encoding="utf-8")
    fresh.replace(path)


def leave(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(LEAVE_WITH_ROLLBACKS)


def main() -> int:
    """0 when the journal was written, whatever is in it: the verdict is not this process's to give."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m seatrial.chaos.experiments.run RUN_DIR\n")
        return 2
    signal.signal(signal.SIGTERM, leave)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    run(Path(sys.argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
