"""Each example in docs/ is what it is shown as: specs are read and hold, and a pipeline can do what it is told."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from seatrial.cli.app import cli
from seatrial.cli.formats import FORMATS
from seatrial.compiler.pipeline import judge, read
from seatrial.dsl.source import Source

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").rglob("*.md"))


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.S | re.M)


EXAMPLES = [(page.name, number) for page in PAGES for number in range(len(blocks(page, "fleet")))]


@pytest.mark.parametrize(("page", "number"), EXAMPLES)
def test_a_spec_is_read_and_nothing_in_it_is_refuted(page: str, number: int) -> None:
    text = blocks(ROOT / "docs" / page, "fleet")[number]
    checked = judge(read(Source(page, text)), {})
    assert [one.message for one in checked.diagnostics if one.is_error] == []


def test_what_diagnostics_allows_is_allowed_and_nothing_else_is_told() -> None:
    (text,) = blocks(ROOT / "docs" / "diagnostics.md", "fleet")
    checked = judge(read(Source("diagnostics.md", text)), {})
    assert [(one.code, bool(one.allowed)) for one in checked.diagnostics] == [("ST1014", True)]
    bare = re.sub(r"#.*", "", text)
    assert [one.code for one in judge(read(Source("d.md", bare)), {}).diagnostics] == ["ST1014"]


CI = [yaml.safe_load(text) for text in blocks(ROOT / "docs" / "ci.md", "yaml")]


def options_of_check() -> set[str]:
    command = cli.get_command(click.Context(cli), "check")
    assert command is not None
    return {option for one in command.params for option in one.opts}


def test_the_workflow_gives_the_action_what_it_takes() -> None:
    (workflow,) = [one for one in CI if "jobs" in one]
    steps: list[Any] = [step for job in workflow["jobs"].values() for step in job["steps"]]
    (given,) = [step["with"] for step in steps if "seatrial" in step["uses"]]
    inputs = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]
    assert set(given) <= set(inputs)
    assert set(given["format"].split()) <= set(FORMATS)
    assert {one for one in shlex.split(given["arguments"]) if one.startswith("-")} <= options_of_check()
    # GitHub docs, "Uploading a SARIF file": a job that uploads must be allowed to write security events.
    assert workflow["jobs"]["policy"]["permissions"]["security-events"] == "write"


def test_the_hooks_are_those_that_there_are() -> None:
    (config,) = [one for one in CI if "repos" in one]
    known = {one["id"]: one for one in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    hooks = [hook for repo in config["repos"] for hook in repo["hooks"]]
    assert [hook["id"] for hook in hooks] == ["seatrial-fmt", "seatrial-check"]
    assert {hook["id"] for hook in hooks} <= set(known)
    given = [word for hook in hooks for word in hook.get("args", ()) if word.startswith("-")]
    assert given and set(given) <= options_of_check()


def test_every_block_of_the_page_on_pipelines_is_looked_at() -> None:
    assert len(CI) == 2
