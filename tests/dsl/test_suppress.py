"""Comments that allow a finding: what they cover, what they cannot, and that none is idle in silence."""

from __future__ import annotations

import pytest

from seatrial.compiler.pipeline import Checked, judge, read
from seatrial.dsl.format import format_file
from seatrial.dsl.parse import parse
from seatrial.dsl.source import Source

# Two pools that nothing reaches (ST1014 each), and an ejection of nobody (ST4301, refuted).
SPEC = """\
fleet f {{
  demand d {{ steady 5/s }}
  {above}
  pool p {{ serves d {{
      break after 3 errors {behind_break}
    }}
    agents 3; each {{ service mean 10ms, p99 40ms }}
  }} {behind_p}
  {above_spare}
  pool spare {{ {inside}
    agents 2
  }}  {behind_spare}
  pool other {{ agents 2 }}
}}
"""
PLACES = ("above", "behind_break", "behind_p", "above_spare", "inside", "behind_spare")
EJECT = "# seatrial: allow ST4301 because three agents are enough to watch"
SPARE = "# seatrial: allow ST1014 because it is called by hand"


def checked(**comments: str) -> Checked:
    text = SPEC.format(**{place: comments.get(place, "") for place in PLACES})
    return judge(read(Source("a.fleet", text)), {})


def allowed(result: Checked) -> list[tuple[str, int]]:
    return [(one.code, one.labels[0].span.line) for one in result.diagnostics if one.allowed]


def test_without_a_comment_nothing_is_allowed() -> None:
    result = checked()
    assert allowed(result) == []
    assert result.verdict == "infeasible"


@pytest.mark.parametrize("place", ["above", "behind_break", "behind_p"])
def test_a_refuted_guarantee_that_is_allowed_does_not_count_and_stays_refuted(place: str) -> None:
    result = checked(**{place: EJECT})
    assert allowed(result) == [("ST4301", 5)]
    [finding] = [one for one in result.findings if one.id == "ejection/d->p/min"]
    assert (finding.status.value, finding.allowed) == ("refuted", "three agents are enough to watch")
    assert result.verdict == "feasible"


@pytest.mark.parametrize("place", ["above_spare", "inside", "behind_spare"])
def test_a_warning_is_allowed_at_its_statement_and_nowhere_else(place: str) -> None:
    result = checked(**{place: SPARE})
    assert allowed(result) == [("ST1014", 10)]
    assert [one.labels[0].span.line for one in result.diagnostics if one.code == "ST1014" and not one.allowed] == [13]


def test_behind_a_brace_that_opens_the_block_itself_is_not_covered() -> None:
    result = checked(inside=EJECT)
    assert "ST1213" in {one.code for one in result.diagnostics}


def test_an_idle_comment_is_told_with_the_place_where_it_belongs_and_the_fix() -> None:
    result = checked(above_spare=EJECT)
    [idle] = [one for one in result.diagnostics if one.code == "ST1213"]
    assert "line 5" in idle.help
    assert [(fix.span.text, fix.new) for fix in idle.fixes] == [(EJECT, "")]
    assert result.verdict == "infeasible"


@pytest.mark.parametrize(
    ("comment", "code"),
    [
        ("# seatrial: allow ST4301", "ST1211"),
        ("# seatrial: allow ST4301 because", "ST1211"),
        ("# seatrial: allow ST4301 since it is late", "ST1211"),
        ("# seatrial: allow ST4999 because it is late", "ST1212"),
        ("# seatrial: allow st4301 because it is late", "ST1212"),
        ("# seatrial: ignore ST4301 because it is late", "ST1212"),
        ("# seatrial:", "ST1212"),
    ],
)
def test_what_is_not_well_formed_is_told_and_allows_nothing(comment: str, code: str) -> None:
    result = checked(above=comment)
    assert allowed(result) == []
    assert code in {one.code for one in result.diagnostics}


def test_a_code_in_the_wrong_case_is_a_fix_away() -> None:
    [told] = [one for one in checked(above=EJECT.replace("ST", "st")).diagnostics if one.code == "ST1212"]
    assert [(fix.span.text, fix.new) for fix in told.fixes] == [("st4301", "ST4301")]


def test_a_forgotten_colon_is_still_a_comment_for_us() -> None:
    assert checked(above=EJECT.replace("seatrial:", "seatrial")).verdict == "feasible"


@pytest.mark.parametrize("comment", ["# seatrial is great", "# see seatrial: allow ST4301 because it is late", "#"])
def test_other_comments_are_left_alone(comment: str) -> None:
    assert {one.code for one in checked(above=comment).diagnostics} == {"ST4301", "ST1014"}


def test_several_codes_share_a_reason_and_a_comment_above_the_fleet_covers_all_of_it() -> None:
    text = "# seatrial: allow ST1014, ST4301 because it is a drill\n" + SPEC.format(**dict.fromkeys(PLACES, ""))
    result = judge(read(Source("a.fleet", text)), {})
    assert sorted(code for code, _ in allowed(result)) == ["ST1014", "ST1014", "ST4301"]
    assert {one.allowed for one in result.diagnostics} == {"it is a drill"}


def test_an_error_that_leaves_the_spec_unread_cannot_be_allowed() -> None:
    text = "fleet f {\n  # seatrial: allow ST1015 because it is served next year\n  demand d { steady 5/s }\n}\n"
    result = judge(read(Source("a.fleet", text)), {})
    [error] = [one for one in result.diagnostics if one.code == "ST1015"]
    assert result.fleet is None
    assert not error.allowed
    assert any("not allowed" in note for note in error.notes)


def test_what_only_a_target_can_tell_is_not_called_idle_by_the_check() -> None:
    result = checked(above="# seatrial: allow ST7005 because a second more is fine")
    assert "ST1213" not in {one.code for one in result.diagnostics}


@pytest.mark.parametrize("place", PLACES)
def test_the_printer_moves_no_comment_away_from_what_it_covers(place: str) -> None:
    text = SPEC.format(**{one: (SPARE if one == place else "") for one in PLACES})
    file, errors = parse(Source("a.fleet", text))
    assert file is not None and not errors
    before = judge(read(Source("a.fleet", text)), {})
    after = judge(read(Source("a.fleet", format_file(file))), {})
    codes = [[(one.code, bool(one.allowed)) for one in result.diagnostics] for result in (before, after)]
    assert codes[0] == codes[1]


def test_a_long_line_that_the_printer_breaks_keeps_its_comment() -> None:
    policy = (
        "timeout 6s; try timeout 1900ms; break after 3 errors; limit 200 pending, 500 in flight; route least loaded"
    )
    pool = f"  pool p {{\n    serves d {{ {policy} }} {EJECT}\n    agents 3\n  }}\n"
    text = f"fleet f {{\n  demand d {{ steady 5/s }}\n{pool}}}\n"
    file, _ = parse(Source("a.fleet", text))
    assert file is not None
    printed = format_file(file)
    assert printed != text
    for one in (text, printed):
        assert [it.code for it in judge(read(Source("a.fleet", one)), {}).diagnostics if it.allowed] == ["ST4301"]
