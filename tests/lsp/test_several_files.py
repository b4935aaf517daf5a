"""Names and findings across the files that make one fleet, some open in the editor and some only on disk."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types

from .editor import Editor, applied, at, document, with_editor
from .test_in_an_editor import SPEC

POOL = SPEC[SPEC.index("  pool triage") : SPEC.index("  call triage")]
DESK = SPEC.replace(POOL, '  use "parts/pools.fleet"\n').replace("timeout 1s", "timeout $wait")
PARTS = "let wait = 1s\n" + "\n".join(line[2:] for line in POOL.splitlines()) + "\n"
OTHER = DESK.replace("fleet desk", "fleet night").replace("parts/", "../parts/")


def _files(folder: Path) -> dict[str, str]:
    texts = {"desk.fleet": DESK, "parts/pools.fleet": PARTS, "night/night.fleet": OTHER}
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return texts


def _codes(found: list[types.Diagnostic]) -> set[object]:
    return {one.code for one in found}


def _errors(found: list[types.Diagnostic]) -> bool:
    return any(one.severity is types.DiagnosticSeverity.Error for one in found)


def test_a_name_leads_to_its_declaration_in_a_file_that_is_used(tmp_path: Path) -> None:
    _files(tmp_path)
    parts = (tmp_path / "parts" / "pools.fleet").as_uri()

    async def session(editor: Editor) -> None:
        uri = editor.open(DESK, "desk.fleet")

        async def declared(needle: str, after: int) -> object:
            return await editor.client.text_document_definition_async(
                types.DefinitionParams(document(uri), at(DESK, needle, after))
            )

        start = types.Position(0, 0)
        pool = types.Range(at(PARTS, "pool triage", 5), at(PARTS, "pool triage", 11))
        let = types.Range(at(PARTS, "let wait", 4), at(PARTS, "let wait", 8))
        assert await declared("call triage", 6) == types.Location(parts, pool)
        assert await declared("$wait", 2) == types.Location(parts, let)
        assert await declared('"parts/pools', 3) == [types.Location(parts, types.Range(start, start))]
        found = await editor.client.text_document_hover_async(
            types.HoverParams(document(uri), at(DESK, "call triage", 6))
        )
        assert found is not None and isinstance(found.contents, types.MarkupContent)
        assert "pool triage" in found.contents.value and "of parts/pools.fleet" in found.contents.value

    with_editor(tmp_path, session)


def test_references_and_rename_reach_every_fleet_that_shares_the_name(tmp_path: Path) -> None:
    texts = _files(tmp_path)
    # A fleet of its own, with a pool of the same name: not the same pool.
    (tmp_path / "alone.fleet").write_text(SPEC, encoding="utf-8")

    async def session(editor: Editor) -> None:
        uri = editor.open(DESK, "desk.fleet")
        place = at(DESK, "call triage", 6)
        found = await editor.client.text_document_references_async(
            types.ReferenceParams(types.ReferenceContext(True), document(uri), place)
        )
        uris = {(tmp_path / name).as_uri(): text for name, text in texts.items()}
        assert {one.uri for one in found or ()} == set(uris) and len(found or ()) == 3
        edit = await editor.client.text_document_rename_async(types.RenameParams(document(uri), place, "sorter"))
        assert edit is not None and edit.changes is not None and set(edit.changes) == set(uris)
        for one, text in uris.items():
            renamed = applied(text, list(edit.changes[one]))
            assert renamed == text.replace("pool triage", "pool sorter").replace("call triage", "call sorter")
        try:
            await editor.client.text_document_rename_async(types.RenameParams(document(uri), place, "tickets"))
        except Exception as refused:
            assert "is taken: demand `tickets` is declared in line" in str(refused)
        else:
            raise AssertionError("a name that is taken was accepted")

    with_editor(tmp_path, session)


def test_names_of_other_files_are_completed(tmp_path: Path) -> None:
    _files(tmp_path)

    async def session(editor: Editor) -> None:
        for name, text, needle, wanted in (
            ("desk.fleet", DESK.replace("call triage", "call t"), "call t", "triage"),
            ("desk.fleet", DESK, "timeout $", "$wait"),
            ("parts/pools.fleet", PARTS.replace("serves tickets", "serves t"), "serves t", "tickets"),
        ):
            uri = editor.open(text, name)
            offered = await editor.client.text_document_completion_async(
                types.CompletionParams(document(uri), at(text, needle, len(needle)))
            )
            assert isinstance(offered, types.CompletionList)
            assert wanted in {one.label for one in offered.items}, needle

    with_editor(tmp_path, session)


def test_a_part_is_judged_as_what_it_is_in_its_fleet(tmp_path: Path) -> None:
    _files(tmp_path)

    async def session(editor: Editor) -> None:
        misspelt = PARTS.replace("cpu 250m", "cpuu 250m")
        uri = editor.open(misspelt, "parts/pools.fleet")
        assert _codes(await editor.until(uri, lambda told: bool(told))) == {"ST1001"}
        broken = PARTS.replace("serves tickets", "serves tickts")
        editor.change(uri, None, broken)
        found = await editor.until(uri, lambda told: "ST1011" in _codes(told))
        # That it has no fleet of its own and does not declare the demand is no mistake.
        assert "ST1002" not in _codes(found)
        assert next(one for one in found if one.code == "ST1011").range.start == at(broken, "tickts")
        editor.change(uri, None, PARTS)
        await editor.proved(uri, at(PARTS, "scale on busy", 3))
        assert not _errors(list(editor.shown[uri][-1].diagnostics))
        editor.change(uri, None, PARTS.replace("30ms, p99 120ms", "30s, p99 120s"))
        refuted = await editor.until(uri, lambda told: any(str(one.code).startswith("ST2") for one in told))
        assert all(one.range.start.line > 0 for one in refuted if str(one.code).startswith("ST2"))

    with_editor(tmp_path, session)


def test_a_part_that_is_completed_knows_the_clauses_of_a_fleet(tmp_path: Path) -> None:
    _files(tmp_path)

    async def session(editor: Editor) -> None:
        text = PARTS + "\n"
        uri = editor.open(text, "parts/pools.fleet")
        end = types.Position(text.count("\n"), 0)
        offered = await editor.client.text_document_completion_async(types.CompletionParams(document(uri), end))
        assert isinstance(offered, types.CompletionList)
        assert {"pool", "demand", "guarantee latency"} <= {one.label for one in offered.items}

    with_editor(tmp_path, session)


def test_a_file_that_is_closed_without_saving_counts_as_it_is_on_disk(tmp_path: Path) -> None:
    _files(tmp_path)

    async def session(editor: Editor) -> None:
        parts = editor.open(PARTS.replace("serves tickets", "serves tickts"), "parts/pools.fleet")
        uri = editor.open(DESK, "desk.fleet")
        await editor.until(uri, _errors)
        seen = len(editor.shown[uri])
        editor.client.text_document_did_close(types.DidCloseTextDocumentParams(document(parts)))
        await editor.until(uri, lambda told: len(editor.shown[uri]) > seen and not _errors(told))

    with_editor(tmp_path, session)


def test_a_place_in_another_file_moves_with_the_lines_of_that_file(tmp_path: Path) -> None:
    _files(tmp_path)
    desk = DESK.replace("  call triage", "  pool triage { agents 2 }\n  call triage", 1)

    def declared_at(line: int, found: list[types.Diagnostic]) -> bool:
        taken = next((one for one in found if one.code == "ST1010"), None)
        related = (taken.related_information if taken is not None else None) or ()
        return any(one.location.range.start.line == line for one in related)

    async def session(editor: Editor) -> None:
        text = "# one\n# two\n" + PARTS
        parts, uri = editor.open(text, "parts/pools.fleet"), editor.open(desk, "desk.fleet")
        line = at(text, "pool triage").line
        await editor.until(uri, lambda found: declared_at(line, found))
        # As many characters as before, and one line fewer.
        editor.change(parts, types.Range(types.Position(0, 5), types.Position(1, 0)), " ")
        editor.client.text_document_did_save(types.DidSaveTextDocumentParams(document(parts)))
        await editor.until(uri, lambda found: declared_at(line - 1, found))

    with_editor(tmp_path, session)
