"""What the README and docs/ say is so: the commands are there, links lead somewhere, quoted figures are real."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import click
import pytest

from seatrial import __version__
from seatrial.chaos.report.page import figure_text
from seatrial.chaos.verdict.result import Unit
from seatrial.cli.app import cli
from seatrial.compiler.pipeline import judge, plan, read
from seatrial.compiler.verify import Finding, Status
from seatrial.dsl.diagnostics.codes import CODES
from seatrial.dsl.source import Source
from seatrial.loading import load
from seatrial.targets import emit_all

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "tests" / "README.md", *(ROOT / "docs").rglob("*.md")]
)


def _blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.S | re.M)


def test_the_readme_opens_with_just_the_two_commands_and_make_knows_them() -> None:
    commands = [line.split("#")[0].strip() for line in _blocks(README, "sh")[0].splitlines()]
    assert commands == ["make trial", "make test"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^trial:", makefile, re.M) and re.search(r"^test:", makefile, re.M)


def test_the_table_of_commands_has_every_command_and_only_options_that_there_are() -> None:
    rows = re.findall(r"^\| `seatrial (\w+)[^`]*` \| (.*) \|$", README, re.M)
    with click.Context(cli) as context:
        assert {name for name, _ in rows} == set(cli.list_commands(context))
        for name, told in rows:
            command = cli.get_command(context, name)
            assert command is not None
            known = {option for each in command.params for option in each.opts}
            assert set(re.findall(r"`(--[a-z-]+)", told)) <= known, name


def test_the_spec_in_the_readme_is_proved() -> None:
    for text in _blocks(README, "fleet"):
        checked = judge(read(Source("README.fleet", text)), {})
        assert checked.verdict == "feasible", [one.message for one in checked.diagnostics]


def test_each_guarantee_that_the_readme_quotes_is_quoted_as_it_is() -> None:
    margins = {one.id: one.margin for one in load(ROOT / "specs" / "support.fleet").checked.findings}
    quoted = re.findall(r"^  proved   (\S+) +(.*)$", README, re.M)
    assert len(quoted) >= 5
    for id, told in quoted:
        assert margins[id].startswith(told.removesuffix("…").rstrip()), id
    (count,) = set(re.findall(r"feasible: (\d+) proved", README))
    assert int(count) == len(margins)


def test_as_many_documents_are_written_as_the_readme_says() -> None:
    loaded = load(ROOT / "specs" / "support.fleet")
    made = plan(loaded.checked, loaded.assets, __version__)
    assert made is not None
    assert f"wrote {len(emit_all(made)[0])} documents to deploy\n" in README


def test_the_refutation_that_the_readme_quotes_is_the_one_that_is_given() -> None:
    checked = load(ROOT / "specs" / "playbook-10k.fleet").checked
    (told,) = [one for one in checked.diagnostics if one.is_error]
    assert f"error[{told.code}]: {told.message}\n" in README
    assert f"= help: {told.help}\n" in README


def test_the_proved_figures_beside_the_measured_ones_are_the_checkers() -> None:
    found = {one.id: one for one in load(ROOT / "specs" / "support.fleet").checked.findings}
    units = {"seconds": Unit.SECONDS, "share of requests": Unit.SHARE, "dollars": Unit.DOLLARS}
    _, _, table = README.partition("\nobjective                proved  model at 1:10  measured     limit  verdict\n")
    rows = [re.split(r" {2,}", line)[:2] for line in table.partition("…")[0].splitlines()]
    assert len(rows) == 5
    for id, proved in rows:
        one = found[id]
        assert one.bound is not None and figure_text(float(one.bound), units[one.unit]) == proved, id


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_that_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        assert target.startswith("https://") or (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_codes_that_are_named_exist(page: Path) -> None:
    assert set(re.findall(r"\bST\d{4}\b", page.read_text(encoding="utf-8"))) <= set(CODES)


def test_each_kind_of_guarantee_that_is_judged_is_described_with_its_code() -> None:
    text = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    described = set(re.findall(r"`([a-z]+)(?:/[^`]*)?`", text))
    found = {one.id.split("/")[0] for name in ("support", "fragile") for one in _findings(name)}
    assert found <= described
    codes = {one.code for name in ("support", "fragile", "playbook-10k") for one in _findings(name) if one.code}
    assert codes <= set(re.findall(r"ST\d{4}", text))
    assert any(one.status is Status.REFUTED for one in _findings("fragile"))


@cache
def _findings(name: str) -> tuple[Finding, ...]:
    return load(ROOT / "specs" / f"{name}.fleet").checked.findings
