"""The TextMate grammar is the registry's, and an editor's engine reads specs with it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from seatrial.dsl.forms import ROOT, walk
from seatrial.lsp.textmate import grammar

EDITOR = Path(__file__).parents[2] / "editors" / "vscode"
FILE = EDITOR / "syntaxes" / "fleet.tmLanguage.json"


def test_the_grammar_is_what_the_registry_says(update_golden: bool) -> None:
    if update_golden:
        FILE.write_text(grammar(), encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == grammar()


def test_every_clause_begins_with_a_keyword_of_the_grammar() -> None:
    patterns = json.loads(grammar())["patterns"]
    keywords = next(one["match"] for one in patterns if "keyword.control" in json.dumps(one.get("captures", {})))
    for _, form in walk(ROOT):
        # Python has no lookbehind of several widths, and needs none at the start of a line.
        assert re.match(keywords.replace(r"(?:^|(?<=[{;]))\s*", "^"), form.opening), form.opening


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_the_extension_builds_passes_its_tests_and_is_packaged(tmp_path: Path) -> None:
    folder = tmp_path / "editors" / "vscode"
    shutil.copytree(EDITOR, folder, ignore=shutil.ignore_patterns("node_modules", "out", "*.vsix"))
    shutil.copytree(EDITOR.parents[1] / "specs", tmp_path / "specs")
    for command in (["ci", "--no-audit", "--no-fund"], ["run", "build"], ["test"], ["run", "package"]):
        done = subprocess.run(["npm", *command], cwd=folder, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / "out" / "extension.js").is_file() and (folder / "seatrial.vsix").is_file()
