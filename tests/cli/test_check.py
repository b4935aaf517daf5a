"""`seatrial check`: text for people, JSON for programs, and an exit code that says the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from .command import SPECS, seatrial

UNDECIDED = "fleet f { demand d { steady 1/s }; pool p { serves d; agents 2 } }\n"
BROKEN = "fleet f { pool p { agnets 2 } }\n"


def test_a_spec_that_holds_gives_0_and_a_line_for_each_guarantee() -> None:
    said = seatrial("check", SPECS / "support.fleet")
    assert said.code == 0
    *lines, tightest, last = said.out.splitlines()
    assert tightest.startswith("  tightest: ") and tightest.count(" left") == 3
    assert last.endswith(f"support.fleet: feasible: {len(lines)} proved")
    assert len(lines) > 60
    assert all(line.startswith("  proved ") for line in lines)


def test_a_refuted_spec_gives_1_and_shows_both_clauses_and_a_repair() -> None:
    said = seatrial("check", "specs/playbook-10k.fleet", cwd=SPECS.parent)
    assert said.code == 1
    assert "error[ST2201]" in said.err and "--> specs/playbook-10k.fleet:10:18" in said.err
    assert "budget compute $1_752/month" in said.err and "agents 10_000" in said.err
    assert "= help: lower the agents of worker to 120" in said.err
    assert said.out.endswith("infeasible: 1 refuted\n")


def test_an_undecided_spec_gives_1_and_the_reason(tmp_path: Path) -> None:
    (tmp_path / "a.fleet").write_text(UNDECIDED)
    said = seatrial("check", "a.fleet", cwd=tmp_path)
    assert said.code == 1
    assert "unknown" in said.out and "not decided whether" in said.err


def test_a_spec_with_errors_gives_2_and_names_what_was_meant(tmp_path: Path) -> None:
    (tmp_path / "a.fleet").write_text(BROKEN)
    said = seatrial("check", "a.fleet", cwd=tmp_path)
    assert said.code == 2
    assert "did you mean `agents`?" in said.err
    assert said.out == ""


def test_the_worst_of_several_specs_decides(tmp_path: Path) -> None:
    (tmp_path / "broken.fleet").write_text(BROKEN)
    holds, refuted = SPECS / "sturdy.fleet", SPECS / "playbook-10k.fleet"
    assert seatrial("check", holds, holds).code == 0
    both = seatrial("check", holds, refuted)
    assert both.code == 1
    assert "sturdy.fleet: feasible" in both.out and "playbook-10k.fleet: infeasible" in both.out
    assert seatrial("check", refuted, tmp_path / "broken.fleet", holds).code == 2


def test_quiet_leaves_out_what_is_proved() -> None:
    said = seatrial("check", "-q", SPECS / "sturdy.fleet")
    assert said.code == 0
    assert said.out.endswith("sturdy.fleet: feasible: 7 proved\n") and said.out.count("\n") == 1


@pytest.mark.parametrize(("spec", "verdict", "code"), [("support", "feasible", 0), ("playbook-10k", "infeasible", 1)])
def test_json_has_the_documented_fields(spec: str, verdict: str, code: int) -> None:
    said = seatrial("check", "--format", "json", f"specs/{spec}.fleet", cwd=SPECS.parent)
    assert said.code == code
    told = said.json
    assert {"verdict", "guarantees", "diagnostics"} <= told.keys()
    assert told["verdict"] == verdict
    for one in told["guarantees"]:
        assert {"id", "kind", "status", "margin", "witness", "core", "repair"} <= one.keys()
        assert one["status"] in ("proved", "refuted", "unknown")
        assert bool(one["margin"]) == (one["status"] == "proved")
        assert bool(one["witness"]) == (one["status"] == "refuted")
    for one in told["diagnostics"]:
        assert {"code", "severity", "message", "file", "line", "column", "help"} <= one.keys()


def test_json_says_of_each_margin_what_binds_and_which_case_decided() -> None:
    said = seatrial("check", "--format", "json", "specs/support.fleet", cwd=SPECS.parent)
    told = {one["id"]: one for one in said.json["guarantees"]}
    assert all({"unit", "limit", "next_limit", "worst_case"} <= one.keys() for one in told.values())
    bill = told["budget/compute/day"]
    assert bill["unit"] == "dollars"
    limit = bill["limit"]
    assert limit.keys() == {"used", "of", "left", "share", "clause"}
    assert (limit["used"], limit["of"], limit["left"]) == (
        pytest.approx(366.743, abs=1e-3),
        400,
        pytest.approx(33.257, abs=1e-3),
    )
    assert limit["share"] == bill["margin_share"] == pytest.approx(0.0831, abs=1e-4)
    assert limit["clause"].keys() == {"file", "line", "column", "name", "text"}
    assert limit["clause"]["file"] == "specs/support.fleet" and limit["clause"]["text"] == "at most $400 a day"
    assert told["capacity/triage/peak"]["worst_case"]["demand"] == "peak"
    storm = told["success/tickets"]["worst_case"]
    assert storm["trial"] == "storm" and "kill 25% of triage at 20s every 35s" in storm["faults"]
    # Of several faults the one that takes longest decides, and another one would be next.
    slowest = told["recovery"]
    assert slowest["worst_case"]["faults"] == ["delay 50% of resolver -> llm 200ms at 42s for 6s"]
    assert slowest["next_limit"]["share"] > slowest["limit"]["share"]


def test_verbose_says_it_in_words() -> None:
    said = seatrial("check", "-v", "specs/support.fleet", cwd=SPECS.parent)
    assert "limit: $366.74 of $400, 8.31 % left, by " in said.out
    assert "worst case: in trial storm: delay 50% of resolver -> llm 200ms at 42s for 6s" in said.out
    assert seatrial("check", "-v", "-q", SPECS / "sturdy.fleet").code == 2


def test_json_of_a_refutation_leads_to_the_clauses_and_the_repair() -> None:
    told = seatrial("check", "--format", "json", "specs/playbook-10k.fleet", cwd=SPECS.parent).json
    (guarantee,) = told["guarantees"]
    assert (guarantee["id"], guarantee["kind"], guarantee["status"]) == ("budget/compute/month", "budget", "refuted")
    places = {(one["file"], one["line"], one["column"]) for one in guarantee["core"]}
    assert places == {("specs/playbook-10k.fleet", line, column) for line, column in ((6, 12), (7, 42), (10, 18))}
    # The repair, typed in where it says, is what mends the spec.
    repair = guarantee["repair"]
    text = (SPECS / "playbook-10k.fleet").read_text().splitlines()
    line = text[repair["line"] - 1]
    assert line[repair["column"] - 1 :].startswith(repair["old"])
    (diagnostic,) = told["diagnostics"]
    assert (diagnostic["code"], diagnostic["severity"]) == ("ST2201", "error")
    assert (diagnostic["file"], diagnostic["line"], diagnostic["column"]) == ("specs/playbook-10k.fleet", 10, 18)
    assert diagnostic["help"] == "lower the agents of worker to 120"


def test_json_of_an_undecided_and_of_an_unreadable_spec(tmp_path: Path) -> None:
    (tmp_path / "undecided.fleet").write_text(UNDECIDED)
    (tmp_path / "broken.fleet").write_text(BROKEN)
    undecided = seatrial("check", "--format", "json", "undecided.fleet", cwd=tmp_path)
    assert (undecided.code, undecided.json["verdict"]) == (1, "unknown")
    assert all(one["reason"] for one in undecided.json["guarantees"] if one["status"] == "unknown")
    broken = seatrial("check", "--format", "json", "broken.fleet", cwd=tmp_path)
    assert (broken.code, broken.json["verdict"], broken.json["guarantees"]) == (2, "unknown", [])
    assert {one["code"] for one in broken.json["diagnostics"]} >= {"ST1001"}


def test_another_recording_takes_the_place_of_the_one_in_the_spec(tmp_path: Path) -> None:
    # Ten arrivals a second for ten seconds, twenty times as fast as recorded.
    rows = [f"2026-01-01 00:00:{at // 10:02}.{at % 10}00000" for at in range(100)]
    (tmp_path / "other.csv").write_text("TIMESTAMP\n" + "\n".join(rows) + "\n")
    spec = SPECS / "recorded.fleet"
    before = seatrial("check", spec).out
    after = seatrial("check", spec, "--trace", f"completions={tmp_path / 'other.csv'}").out
    assert "completer gets 158 requests/s at the peak" in before
    assert "completer gets 158 requests/s at the peak" not in after and "at the steady level" in after


def test_of_a_large_fleet_what_is_proved_is_counted_by_kind(tmp_path: Path) -> None:
    pools = "\n".join(
        f"  pool p{at} {{ agents 3..9; scale on busy 50%; disrupt at most 1 agent }}" for at in range(300)
    )
    path = tmp_path / "large.fleet"
    path.write_text(f"fleet large {{\n{pools}\n}}\n", encoding="utf-8")
    said = seatrial("check", path)
    assert "disruption  300" in said.out
    assert len(said.out.splitlines()) < 20
    told = seatrial("check", "-v", path)
    assert sum("disruption/p" in line for line in told.out.splitlines()) == 300
