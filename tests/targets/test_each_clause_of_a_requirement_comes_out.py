"""Each clause of the specs in specs/requirements, and each figure in it: where it comes out, or who uses it.

As `compile --explain` finds it: the clause is left out, or a figure is another, and what a user gets is compared. The
tables in `requirements/` are the answer, one file a spec, kept for a reader to hold against its first lines;
`pytest --update-golden` rewrites them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from seatrial.chaos.experiments.experiment import experiment
from seatrial.compiler.lower import lower
from seatrial.compiler.memory import Memory
from seatrial.compiler.model import Fleet
from seatrial.compiler.variations import Nature, Variations
from seatrial.compiler.verify.check import Depth, findings
from seatrial.compiler.verify.decided import unwatched
from seatrial.loading import load
from seatrial.targets import NAMES, emit_all

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs" / "requirements").glob("*.fleet"))
TABLES = Path(__file__).parent / "requirements"
INSTEAD = {"keda", "gateway-api", "dapr"}
"""What takes the place of something else, or changes it: emitted besides, by itself."""

UNUSED = {
    ("R04", "count 3..90", "3"): "the least nodes that are paid for; this fleet needs more",
    ("R04", "count 3..9", "3"): "as above: an agent may keep each of the others",
    ("R07", 'trace "../recorded.csv" column "TIMESTAMP"', '"../recorded.csv"'): "there is no other recording",
    ("R36", "kill 10% of worker at 20s every 1d", "1d"): "the trial is over before the second time",
}
"""Figures that nothing uses where they stand, with the reason."""


def _got(fleet: Fleet) -> Mapping[str, object]:
    """All that a user gets, by the kind of a document, `checked` or `tried`."""
    plan = lower(fleet, (), "0", "0")
    # Half of the specs leave out images, without which there is no workload to look at.
    pools = tuple(replace(one, image=one.image or "registry.example/x:1") for one in plan.pools)
    plan = replace(plan, pools=pools)
    got: dict[str, list[object]] = {}
    for names in ([one for one in NAMES if one not in INSTEAD], NAMES):
        for document in emit_all(plan, names)[0]:
            body = document.body
            kind = body.get("kind") if isinstance(body, dict) else None
            where = f"{document.path.partition('/')[0]} {kind}" if kind else document.path
            # The schema is the same for all, and a list of files says nothing of what is in them.
            if kind not in ("Kustomization", "Component") and not document.path.endswith("schema.json"):
                got.setdefault(where, []).append((document.path, body))
    for trial in plan.trials:
        rest = (trial.scale, trial.duration_seconds, trial.loads, trial.backlogs, trial.reports)
        got.setdefault("tried", []).append((experiment(plan, trial, 1), rest))
    for demand in plan.demands:
        got.setdefault("tried", []).append(demand.arrivals_seconds)
    for one in findings(Memory().decide(fleet, unwatched), depth=Depth.DECIDED):
        said = (one.claim, one.margin, one.bound, one.witness, one.reason)
        got.setdefault("checked", []).append((one.id, one.status, said))
    return got


Row = tuple[int, str]
"""The line of a clause, and the clause."""


def _rows(path: Path) -> dict[Row, dict[str, set[str]]]:
    """By clause where it comes out, and by each of its figures; "" for the clause when it is left out."""
    given = load(path)
    whole = given.checked.fleet
    assert whole is not None
    before = _got(whole)
    rows: dict[Row, dict[str, set[str]]] = {}
    for variation in Variations(given.checked.reading.clauses, given.assets).around(lambda _: True):
        origin = variation.origin
        others = [fleet for each in variation.tries if (fleet := each()) is not None and fleet != whole]
        # Of a name there is no other.
        if origin.nature not in (Nature.CLAUSE, Nature.VALUE) or not others:
            continue
        figure = origin.span.text if origin.nature is Nature.VALUE else ""
        where = rows.setdefault((origin.span.line, origin.text), {}).setdefault(figure, set())
        for after in map(_got, others):
            where |= {each for each in {*before, *after} if before.get(each) != after.get(each)}
    return rows


@pytest.mark.parametrize("path", SPECS, ids=[path.stem for path in SPECS])
def test_each_clause_comes_out_or_is_used(path: Path, update_golden: bool) -> None:
    rows = _rows(path)
    nowhere = set()
    for (_, clause), figures in rows.items():
        # A clause that says what holds anyway may be left out; its figures may not be ignored.
        unused = [figure for figure, where in figures.items() if not where and (figure or len(figures) == 1)]
        nowhere |= {(path.stem, clause, figure) for figure in unused}
    assert nowhere == {one for one in UNUSED if one[0] == path.stem}
    lines = [f"{line:3} {clause}: {_places(figures)}\n" for (line, clause), figures in sorted(rows.items())]
    kept = TABLES / f"{path.stem}.txt"
    if update_golden:
        kept.write_text("".join(lines), encoding="utf-8")
    assert "".join(lines) == kept.read_text(encoding="utf-8")


def _places(figures: Mapping[str, set[str]]) -> str:
    """The documents; where there are none, that it is used: by which guarantee is the prover's affair."""
    documents = set().union(*figures.values()) - {"checked", "tried"}
    return ", ".join(sorted(documents)) or "no document; checked, or tried"


def test_every_table_has_its_spec() -> None:
    assert {path.stem for path in TABLES.iterdir()} == {path.stem for path in SPECS}
