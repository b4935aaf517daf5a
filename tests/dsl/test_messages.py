"""One file is one case: a spec, a line of dashes, and what the user is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.compiler.pipeline import judge, read
from seatrial.dsl.diagnostics.render import render
from seatrial.dsl.source import Source

CASES = sorted((Path(__file__).parent / "messages").glob("*.txt"))
RULER = "\n" + "-" * 80 + "\n"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_message(case: Path, request: pytest.FixtureRequest) -> None:
    spec, _, expected = case.read_text(encoding="utf-8").partition(RULER)
    checked = judge(read(Source("example.fleet", spec)), {})
    told = "\n\n".join(render(one) for one in checked.diagnostics) + "\n"
    if request.config.getoption("--update-golden"):
        case.write_text(spec + RULER + told, encoding="utf-8")
    else:
        assert told == expected
