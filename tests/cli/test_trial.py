"""`seatrial trial` of a tiny fleet: the evidence in the folder, the table, and the exit code of each outcome."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from seatrial.chaos.verdict.result import schema

from .command import Said, content, seatrial

pytestmark = pytest.mark.live

TINY = """language 1

fleet tiny "One pool" {{
  demand clicks {{ steady {rate}/s }}

  pool worker {{
    serves clicks {{ timeout 2s; retry 2 {{ backoff 25ms up to 100ms }} }}
    agents 3
    each {{ concurrency 8; service mean 10ms, p99 40ms; startup 1s }}
    health every 1s {{ fails after 2 }}
  }}

  guarantee {guarantee}

  # Within the timeout: the requests that wait for the hung agent are late, not lost.
  trial calm {{ duration 4s; hang 1 agent of worker at 1s for 500ms }}
}}
"""

# What is promised -> the outcome of trying it. Ten requests can never show that 99.9 % succeed. A tenth of the tightest
# latency is how late the load may be: half a second, that other tests beside this one do not decide.
CASES = {
    "pass": (30, "success 80% over 30d\n  guarantee latency p95 < 5s", 0),
    "fail": (30, "latency p95 < 1ms", 1),
    "inconclusive": (3, "success 99.9% over 30d", 4),
}


@dataclass(frozen=True, slots=True)
class Tried:
    said: Said
    out: Path

    def json(self, name: str) -> dict[str, object]:
        found = json.loads((self.out / name).read_text())
        assert isinstance(found, dict)
        return found


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tried]:
    """Each case; they run one after the other, so that no fleet is disturbed by another."""
    return {outcome: _tried(outcome, tmp_path_factory) for outcome in CASES}


def _tried(outcome: str, folders: pytest.TempPathFactory) -> Tried:
    """What came of it where the machine was quiet enough to tell, or of the last of three tries."""
    rate, guarantee, _ = CASES[outcome]
    for _try in range(3):
        folder = folders.mktemp(outcome)
        (folder / "tiny.fleet").write_text(TINY.format(rate=rate, guarantee=guarantee))
        said = seatrial("trial", "tiny.fleet", "--out", "out", "--seed", "7", cwd=folder)
        if "the load generator was late" not in said.all:
            break
    return Tried(said, folder / "out")


@pytest.mark.parametrize("outcome", CASES)
def test_the_exit_code_the_last_line_and_the_documents_agree(outcome: str, tried: dict[str, Tried]) -> None:
    one = tried[outcome]
    assert one.said.code == CASES[outcome][2], one.said.all
    assert one.said.out.splitlines()[-1] == f"{outcome}: calm; see out/report.html"
    assert one.json("verdict.json")["outcome"] == outcome
    suites = ElementTree.parse(one.out / "junit.xml").getroot()
    failed = sum(int(suite.get("failures", 0)) + int(suite.get("errors", 0)) for suite in suites.iter("testsuite"))
    assert (failed == 0) == (outcome == "pass")


def test_the_verdict_obeys_its_schema_and_says_what_was_run(tried: dict[str, Tried]) -> None:
    for outcome, one in tried.items():
        verdict = one.json("verdict.json")
        jsonschema.Draft202012Validator(schema()).validate(verdict)
        assert (verdict["fleet"], verdict["trial"], verdict["seed"]) == ("tiny", "calm", 7)
        sent = verdict["requests"]
        # Arrivals are random with the stated mean: within five standard deviations.
        expected = CASES[outcome][0] * 4
        assert isinstance(sent, int) and abs(sent - expected) <= 5 * expected**0.5


def test_all_evidence_is_in_the_folder(tried: dict[str, Tried]) -> None:
    one = tried["pass"]
    files = content(one.out)
    assert {"report.html", "verdict.json", "junit.xml", "experiment.json", "journal.json"} <= set(files)
    assert "compiled/envoy/envoy.json" in files and "compiled/runtime/fleet.json" in files
    # Chaos Toolkit's own words: the experiment that stands beside it, run to its end with its hypothesis met.
    journal = one.json("journal.json")
    assert (journal["status"], journal["deviated"]) == ("completed", False)
    assert journal["experiment"] == one.json("experiment.json")
    requests = [json.loads(line) for line in files["requests.jsonl"].splitlines()]
    assert len(requests) == one.json("verdict.json")["requests"]
    page = files["report.html"].decode()
    assert page.startswith("<!doctype html>") and "<svg" in page
    assert not re.search(r"""(?:src|href)=["']?https?:|url\(|@import""", page), "the page loads nothing"


def test_the_table_shows_measured_limit_and_verdict_and_says_why(tried: dict[str, Tried]) -> None:
    table = _table(tried["pass"].said.out)
    row = table["success/clicks"]
    assert (row["limit"], row["verdict"]) == ("80 %", "pass") and row["measured"].endswith(" %")
    row = _table(tried["fail"].said.out)["latency/clicks/p95"]
    assert (row["limit"], row["verdict"]) == ("1 ms", "fail") and re.fullmatch(r"[\d.]+ m?s", row["measured"])
    assert re.search(r"^fail: latency/clicks/p95: \S.*$", tried["fail"].said.out, re.M)
    assert re.search(r"^inconclusive: success/clicks: \S.*$", tried["inconclusive"].said.out, re.M)


def _table(out: str) -> dict[str, dict[str, str]]:
    """The rows by the objective, their cells by the head of the column; two spaces at least part two columns."""
    lines = [re.split(r" {2,}", line.strip()) for line in out.splitlines()]
    start = next(number for number, cells in enumerate(lines) if cells[0] == "objective")
    head = lines[start]
    return {cells[0]: dict(zip(head, cells, strict=True)) for cells in lines[start + 1 :] if len(cells) == len(head)}


def test_the_fault_was_undone_in_time_and_nothing_is_left_to_undo(tried: dict[str, Tried]) -> None:
    lines = [json.loads(line) for line in (tried["pass"].out / "undo.jsonl").read_text().splitlines()]
    assert [line.get("undone", False) for line in lines] == [False, True]
    said = seatrial("undo", tried["pass"].out)
    assert (said.code, said.out) == (0, f"{tried['pass'].out}: nothing was in force\n")


def test_where_nothing_watches_the_progress_is_lines_on_standard_error(tried: dict[str, Tried]) -> None:
    said = tried["pass"].said
    assert "starting the fleet\n" in said.err and "\x1b" not in said.all
    assert "trial calm: 4 s at full size, seed 7\n" in said.out
