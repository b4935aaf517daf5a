"""A session in an editor, through the pipes of a real server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from lsprotocol import types

from .editor import COMMAND, SECONDS, Editor, applied, at, document, over, with_editor

pytestmark = pytest.mark.long

SPEC = """language 1
# \U0001f6a2 the desk, in UTF-16 one column further than in characters
fleet desk "Desk \U0001f6a2" {
  nodes general { count 3..12; cpu 16; memory 64Gi; price $0.68/h; zones 3 }
  demand tickets { steady 30/s; peak 60/s }
  dependency llm { limit 1_000 requests/s; latency p50 80ms, p99 300ms }
  pool triage {
    serves tickets { timeout 6s }
    image "registry.example/triage:1"; agents 40..120
    each { cpu 250m; memory 256Mi; price $0.02/h; concurrency 4; service mean 30ms, p99 120ms }
    scale on busy 25% { up within 1m }
  }
  call triage -> llm 1 per request { timeout 1s }
  budget compute $400/day
  guarantee latency p95 < 6s
}
"""


def _codes(found: list[types.Diagnostic]) -> set[object]:
    return {one.code for one in found}


def test_an_error_is_told_where_it_stands_and_is_gone_when_it_is_mended(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        text = SPEC.replace("timeout 1s", "timeout 1")
        uri = editor.open(text)
        found = await editor.until(uri, lambda told: "ST1101" in _codes(told))
        told = next(one for one in found if one.code == "ST1101")
        assert told.range == types.Range(at(text, "timeout 1 ", 8), at(text, "timeout 1 ", 9))
        assert told.severity is types.DiagnosticSeverity.Error and told.source == "seatrial"
        assert "help: write 1s or 1ms" in told.message
        editor.change(uri, told.range, "1s")
        assert "ST1101" not in _codes(await editor.until(uri, lambda told: "ST1101" not in _codes(told)))

    with_editor(tmp_path, session)


def test_a_second_place_is_related_information(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        text = SPEC.replace("budget compute", "pool triage { agents 2 }\n  budget compute")
        uri = editor.open(text)
        found = await editor.until(uri, lambda told: "ST1010" in _codes(told))
        related = next(one for one in found if one.code == "ST1010").related_information
        assert related is not None
        assert related[0].location == types.Location(uri, types.Range(at(text, "triage {"), at(text, "triage {", 6)))

    with_editor(tmp_path, session)


def test_characters_beyond_the_basic_plane_take_two_columns(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        text = SPEC.replace('"Desk \U0001f6a2" {', '"\U0001f6a2\U0001f6a2" { wrong 1')
        uri = editor.open(text)
        found = await editor.until(uri, lambda told: "ST1001" in _codes(told))
        told = next(one for one in found if one.code == "ST1001")
        assert told.range.start.character == len('fleet desk "') + 4 + len('" { ')
        editor.change(uri, types.Range(told.range.start, at(text, "wrong 1", 7)), "survive loss of 1 zone")
        await editor.until(uri, lambda told: not {"ST1001", "ST1004"} & _codes(told))

    with_editor(tmp_path, session)


def test_hover_tells_meaning_unit_default_and_margin(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        uri = editor.open(SPEC)
        await editor.proved(uri, at(SPEC, "guarantee latency", 3))

        async def hover(needle: str, after: int = 0) -> str:
            found = await editor.client.text_document_hover_async(
                types.HoverParams(document(uri), at(SPEC, needle, after))
            )
            assert found is not None and isinstance(found.contents, types.MarkupContent)
            return found.contents.value

        limit = await hover("6s }", 1)
        assert "timeout DURATION" in limit and "a duration = 6 s" in limit and "all attempts included" in limit
        assert "Istio default" in await hover("call triage", 2)
        assert "**proved**" in await hover("guarantee latency", 3)
        declared = await hover("-> llm", 4)
        assert "dependency llm" in declared and "line 6" in declared

    with_editor(tmp_path, session)


def test_hover_tells_what_a_code_in_a_comment_means(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        text = SPEC.replace("$400/day", "$400/day # seatrial: allow ST2201 because it is raised on Monday")
        uri = editor.open(text)
        found = await editor.client.text_document_hover_async(types.HoverParams(document(uri), at(text, "ST2201", 3)))
        assert found is not None and isinstance(found.contents, types.MarkupContent)
        assert found.contents.value.startswith("# ST2201") and "## Fails" not in found.contents.value
        assert found.range == over(text, "ST2201")

    with_editor(tmp_path, session)


def test_names_are_found_and_renamed_everywhere(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        uri = editor.open(SPEC)
        use = at(SPEC, "triage ->", 1)
        found = await editor.client.text_document_definition_async(types.DefinitionParams(document(uri), use))
        assert isinstance(found, types.Location)
        assert found.range == types.Range(at(SPEC, "pool triage", 5), at(SPEC, "pool triage", 11))
        places = await editor.client.text_document_references_async(
            types.ReferenceParams(types.ReferenceContext(True), document(uri), use)
        )
        assert [one.range.start.line for one in places or ()] == [6, 12]
        edit = await editor.client.text_document_rename_async(types.RenameParams(document(uri), use, "sorter"))
        assert edit is not None and edit.changes is not None
        renamed = applied(SPEC, list(edit.changes[uri]))
        assert renamed == SPEC.replace("pool triage", "pool sorter").replace("call triage", "call sorter")
        for new, why in (("Sorter", "cannot be a name in a cluster"), ("llm", "is taken"), ("tickets", "is taken")):
            try:
                await editor.client.text_document_rename_async(types.RenameParams(document(uri), use, new))
            except Exception as refused:
                assert why in str(refused)
            else:
                raise AssertionError(f"{new} was taken")

    with_editor(tmp_path, session)


def test_a_refuted_guarantee_is_proved_after_its_repair(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        text = SPEC.replace("$400/day", "$90/day")
        uri = editor.open(text)
        # The refutation is told as soon as it is known, and what mends it when that was found.
        await editor.until(uri, lambda told: "ST2201" in _codes(told))
        found = await editor.until(
            uri, lambda told: any(one.code == "ST2201" and "help" in one.message for one in told)
        )
        told = next(one for one in found if one.code == "ST2201")
        offered = await editor.client.text_document_code_action_async(
            types.CodeActionParams(document(uri), told.range, types.CodeActionContext([told]))
        )
        repairs = [one for one in offered or () if isinstance(one, types.CodeAction) and one.edit is not None]
        assert repairs and repairs[0].kind == types.CodeActionKind.QuickFix
        assert repairs[0].edit is not None and repairs[0].edit.changes is not None
        mended = applied(text, list(repairs[0].edit.changes[uri]))
        assert mended != text
        editor.change(uri, None, mended)
        await editor.proved(uri, at(mended, "budget compute", 3))
        await editor.until(uri, lambda told: "ST2201" not in _codes(told))
        assert "ST2201" not in {one.code for one in editor.shown[uri][-1].diagnostics}

    with_editor(tmp_path, session)


def test_a_misspelt_word_is_offered_as_it_was_meant(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        text = SPEC.replace("timeout 6s", "timeuot 6s")
        uri = editor.open(text)
        found = await editor.until(uri, lambda told: "ST1001" in _codes(told))
        offered = await editor.client.text_document_code_action_async(
            types.CodeActionParams(document(uri), found[0].range, types.CodeActionContext(found))
        )
        edits = [one.edit for one in offered or () if isinstance(one, types.CodeAction) and one.edit is not None]
        assert edits[0].changes is not None
        assert applied(text, list(edits[0].changes[uri])) == SPEC

    with_editor(tmp_path, session)


def test_formatting_gives_the_canonical_style_and_leaves_broken_text_alone(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        text = SPEC.replace("  pool triage {", "pool   triage{")
        uri = editor.open(text)
        options = types.FormattingOptions(2, True)
        edits = await editor.client.text_document_formatting_async(
            types.DocumentFormattingParams(document(uri), options)
        )
        assert edits is not None and "  pool triage {\n" in applied(text, list(edits))
        editor.change(uri, over(text, "triage{"), "triage{{")
        assert not await editor.client.text_document_formatting_async(
            types.DocumentFormattingParams(document(uri), options)
        )

    with_editor(tmp_path, session)


def test_outline_folding_and_colours(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        uri = editor.open(SPEC)
        outline = await editor.client.text_document_document_symbol_async(types.DocumentSymbolParams(document(uri)))
        fleet = next(one for one in outline or () if isinstance(one, types.DocumentSymbol) and one.name == "desk")
        assert [one.name for one in fleet.children or ()][:4] == ["general", "tickets", "llm", "triage"]
        assert fleet.range.end.line == SPEC.count("\n") - 1
        folds = await editor.client.text_document_folding_range_async(types.FoldingRangeParams(document(uri)))
        assert (6, 11) in [(one.start_line, one.end_line) for one in folds or ()]
        colours = await editor.client.text_document_semantic_tokens_full_async(
            types.SemanticTokensParams(document(uri))
        )
        provider = editor.capabilities.semantic_tokens_provider
        assert colours is not None and isinstance(provider, types.SemanticTokensOptions)
        told = _decoded(SPEC, colours.data, provider.legend.token_types)
        assert ("pool", "keyword") in told and ("triage", "class") in told and ("tickets", "event") in told
        assert ("llm", "interface") in told and ("250m", "number") in told and ("busy", "enumMember") in told
        assert '"Desk \U0001f6a2"' in [word for word, kind in told if kind == "string"]

    with_editor(tmp_path, session)


def _decoded(text: str, data: object, legend: object) -> list[tuple[str, str]]:
    assert isinstance(data, list | tuple) and isinstance(legend, list | tuple)
    lines = [line.encode("utf-16-le") for line in text.split("\n")]
    out: list[tuple[str, str]] = []
    line = column = 0
    for group in range(0, len(data), 5):
        down, on, length, kind, _ = data[group : group + 5]
        column = on if down else column + on
        line += down
        out.append((lines[line][column * 2 : (column + length) * 2].decode("utf-16-le"), legend[kind]))
    return out


def test_the_server_survives_what_makes_no_sense(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        for number, text in enumerate(
            (
                '\x00\ufeff}}}{{{"\\',
                "{" * 5000,
                "fleet \ufffd x {",
                "",
            )
        ):
            uri = editor.open(text, f"garbage-{number}.fleet")
            far = types.Position(10**6, 10**6)
            await editor.client.text_document_hover_async(types.HoverParams(document(uri), far))
            await editor.client.text_document_completion_async(types.CompletionParams(document(uri), far))
            await editor.client.text_document_document_symbol_async(types.DocumentSymbolParams(document(uri)))
            editor.change(uri, types.Range(far, types.Position(0, 0)), "fleet x {")
        unknown = document("untitled:nothing")
        assert await editor.client.text_document_hover_async(types.HoverParams(unknown, types.Position(0, 0))) is None
        uri = editor.open(SPEC.replace("timeout 1s", "timeout 1"))
        await editor.until(uri, lambda told: "ST1101" in _codes(told))

    with_editor(tmp_path, session)


def test_closing_a_file_takes_its_diagnostics_away(tmp_path: Path) -> None:
    async def session(editor: Editor) -> None:
        uri = editor.open("fleet x { wrong }")
        await editor.until(uri, lambda told: bool(told))
        editor.client.text_document_did_close(types.DidCloseTextDocumentParams(document(uri)))
        editor.open("", "other.fleet")
        await editor.until((tmp_path / "other.fleet").as_uri(), lambda _: True)
        assert list(editor.shown[uri][-1].diagnostics) == []

    with_editor(tmp_path, session)


def test_the_command_ends_well_when_the_editor_says_goodbye() -> None:
    def said(**what: object) -> bytes:
        body = json.dumps({"jsonrpc": "2.0", **what}).encode()
        return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)

    words = (
        said(id=1, method="initialize", params={"processId": None, "rootUri": None, "capabilities": {}}),
        said(method="initialized", params={}),
        said(id=2, method="shutdown"),
        said(method="exit"),
    )
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "lsp"], input=b"".join(words), capture_output=True, timeout=SECONDS, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
