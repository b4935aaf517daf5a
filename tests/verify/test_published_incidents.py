"""What failed in public is refuted by the named check, with the figure that was reported; mended, it is proved."""

from __future__ import annotations

import re

import pytest

from seatrial.compiler.verify import Status

from .incidents import BASES, FOLDER, incident, names, table


def test_there_are_thirty_and_more() -> None:
    assert len(names()) >= 30


@pytest.mark.parametrize("name", names())
def test_the_clash_is_refuted_by_its_own_check_and_by_nothing_else(name: str) -> None:
    one = incident(name)
    checked = one.checked("before")
    assert checked.fleet is not None, [each.message for each in checked.diagnostics]
    told = [each for each in checked.findings if each.status is Status.REFUTED]
    assert {each.code for each in told} == {each.code for each in one.expected}
    assert {each.code for each in checked.findings if each.status is Status.UNKNOWN} == set(one.unknown)
    for expected in one.expected:
        said = [each.witness for each in told if each.code == expected.code]
        figure = re.compile(rf"(?<![\w.,]){re.escape(expected.figure)}(?!\w)")
        assert any(figure.search(text) for text in said), (expected, said)
    offered = {repair.new for each in told for repair in each.repairs}
    assert set(one.repairs) <= offered


@pytest.mark.parametrize("name", names())
def test_the_mended_configuration_is_proved(name: str) -> None:
    checked = incident(name).checked("after")
    assert checked.findings and not [one.message for one in checked.diagnostics if one.is_error]
    assert [(one.id, one.witness or one.reason) for one in checked.findings if one.status is not Status.PROVED] == []


@pytest.mark.parametrize("name", names())
def test_what_the_source_does_not_say_is_marked(name: str) -> None:
    assumed = (FOLDER / name / "before.fleet").read_text(encoding="utf-8")
    one = incident(name)
    assert one.source.startswith("https://") and one.basis in BASES
    assert "assumed" in assumed


def test_the_table_is_what_the_specs_say(update_golden: bool) -> None:
    path = FOLDER / "README.md"
    if update_golden:
        path.write_text(table(), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == table()
