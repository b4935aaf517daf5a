"""A range that nothing scales and whose upper end is a name: the repair writes a number in the place of both ends."""

from __future__ import annotations

import pytest

from seatrial.compiler.pipeline import Variant, judge, read
from seatrial.compiler.verify.finding import Status
from seatrial.dsl.exchange import Notation, parse_any, write
from seatrial.dsl.source import Source

SPEC = """let most = 4
fleet desk {
  demand requests { steady 20/s; peak 40/s for 10m every 1d }
  pool worker { serves requests; agents 3; each { concurrency 4; service mean 200ms, p99 800ms } }
  environment tiny { let most = 2; pool worker { agents 1..$most } }
}
"""


@pytest.mark.parametrize("notation", [Notation.FLEET, Notation.YAML])
def test_in_an_environment(notation: Notation) -> None:
    file, _ = parse_any(Source("f.fleet", SPEC))
    assert file is not None
    text = write(file, notation)
    assert isinstance(text, str)
    path = f"f.{notation.value}"
    checked = judge(read(Source(path, text), variant=Variant("tiny")), {})
    refuted = next(one for one in checked.findings if one.id == "capacity/worker/peak")
    edit = refuted.repairs[0].edits[0]
    assert (edit.old, edit.new) == ("1..$most", "3")
    mended = text[: edit.span.start] + edit.new + text[edit.span.end :]
    again = judge(read(Source(path, mended), variant=Variant("tiny")), {})
    assert next(one for one in again.findings if one.id == "capacity/worker/peak").status is Status.PROVED
