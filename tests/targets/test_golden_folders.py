"""Each golden folder holds every file that its plan makes, byte for byte; `pytest --update-golden` rewrites them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from . import plans
from .emitted import CASES, OTHERS, USUAL, files, write

GOLDEN = Path(__file__).parent / "golden"

WRITTEN = {**{case: (make, USUAL) for case, make in CASES.items()}, "shared": (plans.shared, OTHERS)}


@pytest.mark.parametrize("case", WRITTEN)
def test_a_plan_makes_the_golden_folder(case: str, update_golden: bool) -> None:
    make, names = WRITTEN[case]
    folder, plan = GOLDEN / case, make()
    if update_golden:
        shutil.rmtree(folder, ignore_errors=True)
        write(plan, folder, names)
    made = files(plan, names)
    kept = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    assert sorted(kept) == sorted(made)
    for path, content in made.items():
        assert kept[path].read_text(encoding="utf-8") == content.decode(), path


def test_every_golden_folder_has_a_plan() -> None:
    assert {folder.name for folder in GOLDEN.iterdir()} == set(WRITTEN)
