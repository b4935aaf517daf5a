"""What an editor is set to, and specs in the other form."""

from __future__ import annotations

import json
import re
from pathlib import Path

from lsprotocol import types

from seatrial.dsl.exchange import Notation, write
from seatrial.dsl.parse import parse
from seatrial.dsl.source import Source

from .editor import Editor, applied, at, document, with_editor
from .test_in_an_editor import SPEC

STAGES = SPEC.replace("  budget compute", "  environment small { budget compute $9/day }\n  budget compute")


def _codes(found: list[types.Diagnostic]) -> set[object]:
    return {one.code for one in found}


def _errors(found: list[types.Diagnostic]) -> bool:
    return any(one.severity is types.DiagnosticSeverity.Error for one in found)


def _as_yaml(text: str) -> str:
    file, errors = parse(Source("t.fleet", text))
    assert file is not None and not errors
    written = write(file, Notation.YAML)
    assert isinstance(written, str)
    return written


def test_an_environment_is_laid_over_as_the_command_does(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        uri = editor.open(STAGES)
        await editor.until(uri, lambda told: "ST2201" in _codes(told))
        before = len(editor.shown[uri])
        editor.client.workspace_did_change_configuration(
            types.DidChangeConfigurationParams({"seatrial": {"environment": ""}})
        )
        await editor.until(uri, lambda told: len(editor.shown[uri]) > before and "ST2201" not in _codes(told))

    with_editor(tmp_path, session, {"environment": "small"})


def test_a_spec_without_that_environment_is_judged_as_it_is_written(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        uri = editor.open(SPEC.replace("$400/day", "$90/day"))
        await editor.until(uri, lambda told: "ST2201" in _codes(told))

    with_editor(tmp_path, session, {"environment": "nowhere"})


def test_settings_that_make_no_sense_are_as_if_they_were_not_set(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        wrong: tuple[object, ...] = (None, 3, [], {"seatrial": None}, {"seatrial": {"environment": 7}})
        for nonsense in wrong:
            editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(nonsense))
        uri = editor.open(SPEC.replace("timeout 1s", "timeout 1"))
        await editor.until(uri, lambda told: "ST1101" in _codes(told))

    with_editor(tmp_path, session, {"environment": ["x"]})


def test_a_spec_in_yaml_is_told_what_is_wrong_where_it_stands(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        text = _as_yaml(SPEC)
        uri = editor.open(text, "desk.yaml")
        await editor.proved(uri, at(text, "p95, limit"))
        assert not _errors(list(editor.shown[uri][-1].diagnostics))
        editor.change(uri, types.Range(at(text, "timeout: 6s", 9), at(text, "timeout: 6s", 11)), "6")
        found = await editor.until(uri, lambda told: "ST1101" in _codes(told))
        assert next(one for one in found if one.code == "ST1101").range.start == at(text, "timeout: 6s", 9)
        editor.change(uri, None, text + "  : : [\n")
        await editor.until(uri, lambda told: any(str(one.code).startswith("ST0") for one in told))

    with_editor(tmp_path, session)


def test_names_in_yaml_are_found_renamed_and_put_in_style(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        text = _as_yaml(SPEC)
        uri = editor.open(text, "desk.yaml")
        place = at(text, "triage:", 2)
        edit = await editor.client.text_document_rename_async(types.RenameParams(document(uri), place, "sorter"))
        assert edit is not None and edit.changes is not None
        renamed = applied(text, list(edit.changes[uri]))
        assert renamed.count("sorter") == len(edit.changes[uri]) > 1
        assert _as_yaml(SPEC.replace("pool triage", "pool sorter").replace("call triage", "call sorter")) == renamed
        wide = text.replace("title: ", "title:    ", 1)
        editor.change(uri, None, wide)
        styled = await editor.client.text_document_formatting_async(
            types.DocumentFormattingParams(document(uri), types.FormattingOptions(2, True))
        )
        assert styled is not None and applied(wide, list(styled)) == text

    with_editor(tmp_path, session)


def test_the_command_may_name_the_environment(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        uri = editor.open(STAGES)
        await editor.until(uri, lambda told: "ST2201" in _codes(told))
        before = len(editor.shown[uri])
        editor.client.workspace_did_change_configuration(
            types.DidChangeConfigurationParams({"seatrial": {"environment": "nowhere"}})
        )
        await editor.until(uri, lambda told: len(editor.shown[uri]) > before and "ST2201" not in _codes(told))

    with_editor(tmp_path, session, words=("--env", "small"))


def test_the_extension_is_started_by_the_files_that_it_takes() -> None:
    folder = Path(__file__).parents[2] / "editors" / "vscode"
    selected = re.search(r"documentSelector: (\[.*\])", (folder / "src" / "extension.ts").read_text(encoding="utf-8"))
    assert selected is not None
    patterns = re.findall(r'pattern: "([^"]+)"', selected[1])
    events = json.loads((folder / "package.json").read_text(encoding="utf-8"))["activationEvents"]
    assert patterns and {f"workspaceContains:{one}" for one in patterns} <= {*events}
    # One that is opened without its folder.
    assert {"onLanguage:yaml", "onLanguage:json"} <= {*events}
