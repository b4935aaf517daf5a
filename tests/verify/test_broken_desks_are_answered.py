"""A desk broken in forty ways: each is caught by its own codes, and every repair that is shown was worth showing."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from seatrial.cli.fixing import first, fixed
from seatrial.cli.specs import Choices
from seatrial.compiler.verify import Finding, Nature, Status, check, to_diagnostics
from seatrial.compiler.verify.check import statuses

from .broken_desks import BROKEN
from .specs import fleet_of, repaired

pytestmark = pytest.mark.long

RANK = {Status.REFUTED: 0, Status.UNKNOWN: 1, Status.PROVED: 2}


@cache
def answers(name: str) -> tuple[Finding, ...]:
    return check(fleet_of(BROKEN[name].text))


@pytest.mark.parametrize("name", BROKEN)
def test_it_is_caught_by_its_own_codes_and_said_once(name: str) -> None:
    found = answers(name)
    assert {one.code for one in found if one.status is Status.REFUTED} == BROKEN[name].codes
    assert any(one.status is not Status.PROVED for one in found)
    told = to_diagnostics(found)
    assert len({(one.code, one.message) for one in told}) == len(told)
    for one in told:
        assert len(set(one.notes)) == len(one.notes) and one.help not in one.notes
        words = " ".join((one.message, one.help, *one.notes, *(label.text for label in one.labels)))
        # 1 agents, 1 are left, floats and the insides of the checker are nothing for a reader.
        assert not re.search(
            r"\b1 (agents|requests|nodes|pods|zones|slots|are|may be|s are)\b|e[+-]\d\d|None|inf", words
        )
        if one.is_error:
            assert one.help or one.notes, "what can be done is said, or that nothing was found"


@pytest.mark.parametrize("name", BROKEN)
def test_every_repair_that_is_shown_mends_it_and_breaks_nothing(name: str) -> None:
    text, found = BROKEN[name].text, answers(name)
    before = {one.id: one.status for one in found}
    for finding in found:
        if finding.status is not Status.REFUTED:
            continue
        assert finding.witness and finding.core and finding.case is not None
        assert finding.repairs or finding.addition or finding.nearly or finding.reason
        for repair in finding.repairs:
            after = statuses(fleet_of(repaired(text, repair)))
            assert all(after[id] is Status.PROVED for id in (finding.id, *repair.mends)), repair
            assert all(RANK[status] >= RANK[before[id]] for id, status in after.items() if id in before), repair
            assert not _starves(repair.text) or repair.nature is Nature.WORLD, repair


def _starves(text: str) -> bool:
    """Whether an agent would be given less than it is said to need."""
    return bool(re.search(r"lower the (memory|cpu) of each", text))


FIXED = [name for name, one in BROKEN.items() if one.codes]
IN_EVERY_RUN = {
    "too few agents",
    "too few nodes",
    "fewer connections",
    "an ejection of nobody",
    "no time to retry",
    "fewer tokens",
}


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=() if one in IN_EVERY_RUN else pytest.mark.slow) for one in FIXED]
)
def test_fixing_ends_with_nothing_refuted_or_says_why_not(name: str, tmp_path: Path) -> None:
    spec = tmp_path / "desk.fleet"
    spec.write_text(BROKEN[name].text, encoding="utf-8")
    work = fixed(spec, Choices(None, {}, {}), first(unsafe=False, alternative=1))
    work.write()
    after = check(fleet_of(spec.read_text(encoding="utf-8")))
    left = [one for one in after if one.status is Status.REFUTED]
    assert bool(left) == BROKEN[name].stands, (work.done, [one.id for one in left])
    for one in left:
        assert not any(repair.nature is Nature.POLICY for repair in one.repairs), one.repairs
        assert one.repairs or one.nearly or one.addition or one.reason
