"""An editor as far as the server can tell: a client of the protocol over the pipes of `seatrial lsp`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from seatrial.lsp.document import Document
from seatrial.lsp.fleets import Fleets
from seatrial.lsp.mentions import Mentions

SECONDS = 20
"""Far more than anything takes: a test fails by its assertions, this only ends one that hangs."""


COMMAND = "from seatrial.cli import main; main()"
"""What the installed `seatrial` runs, by this interpreter."""


class Editor:
    def __init__(self, client: LanguageClient, folder: Path) -> None:
        self.client, self.folder = client, folder
        self.capabilities: types.ServerCapabilities = types.ServerCapabilities()
        self.shown: dict[str, list[types.PublishDiagnosticsParams]] = {}
        self.versions: dict[str, int] = {}
        self.logged: list[str] = []
        self._told = asyncio.Condition()

    async def show(self, params: types.PublishDiagnosticsParams) -> None:
        async with self._told:
            self.shown.setdefault(params.uri, []).append(params)
            self._told.notify_all()

    def open(self, text: str, name: str = "test.fleet") -> str:
        uri = (self.folder / name).as_uri()
        self.versions[uri] = 1
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "fleet", 1, text))
        )
        return uri

    def change(self, uri: str, where: types.Range | None, text: str) -> int:
        self.versions[uri] += 1
        event: types.TextDocumentContentChangeEvent
        if where is None:
            event = types.TextDocumentContentChangeWholeDocument(text)
        else:
            event = types.TextDocumentContentChangePartial(where, text)
        document = types.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [event]))
        return self.versions[uri]

    async def until(self, uri: str, holds: Callable[[list[types.Diagnostic]], bool]) -> list[types.Diagnostic]:
        """The first diagnostics of the current version of a file of which something holds."""
        seen = 0
        async with asyncio.timeout(SECONDS), self._told:
            while True:
                for params in self.shown.get(uri, [])[seen:]:
                    if params.version == self.versions[uri] and holds(list(params.diagnostics)):
                        return list(params.diagnostics)
                seen = len(self.shown.get(uri, []))
                await self._told.wait()

    async def proved(self, uri: str, where: types.Position) -> str:
        """What a hover tells of a clause once something is proved of it; one waits for the proof, but not for long."""
        async with asyncio.timeout(SECONDS):
            while True:
                found = await self.client.text_document_hover_async(types.HoverParams(document(uri), where))
                told = found.contents if found is not None else None
                if isinstance(told, types.MarkupContent) and "**proved**" in told.value:
                    return told.value


@asynccontextmanager
async def editor(folder: Path, options: object = None, words: tuple[str, ...] = ()) -> AsyncIterator[Editor]:
    client = LanguageClient("test", "1")
    one = Editor(client, folder)

    @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)  # type: ignore[untyped-decorator]
    async def on_diagnostics(params: types.PublishDiagnosticsParams) -> None:
        await one.show(params)

    @client.feature(types.WINDOW_LOG_MESSAGE)  # type: ignore[untyped-decorator]
    async def on_log(params: types.LogMessageParams) -> None:
        one.logged.append(params.message)

    await client.start_io(sys.executable, "-c", COMMAND, "lsp", *words)
    try:
        async with asyncio.timeout(SECONDS):
            result = await client.initialize_async(
                types.InitializeParams(
                    capabilities=types.ClientCapabilities(),
                    root_uri=folder.as_uri(),
                    process_id=None,
                    initialization_options=options,
                )
            )
        one.capabilities = result.capabilities
        client.initialized(types.InitializedParams())
        yield one
        async with asyncio.timeout(SECONDS):
            await client.shutdown_async(None)
    finally:
        # Also where a test failed: a server that is not told to go would be waited for.
        client.exit(None)
        async with asyncio.timeout(SECONDS):
            await client.stop()  # type: ignore[no-untyped-call]


def with_editor(
    folder: Path,
    session: Callable[[Editor], Coroutine[None, None, None]],
    options: object = None,
    words: tuple[str, ...] = (),
) -> None:
    """Runs a session with a server of its own, which gets the initialization options; its command has more `words`."""

    async def run() -> None:
        async with editor(folder, options, words) as one:
            await session(one)

    asyncio.run(run())


def at(text: str, needle: str, after: int = 0) -> types.Position:
    """Where some text stands, `after` characters into it, as an editor counts."""
    offset = text.index(needle) + after
    line = text.count("\n", 0, offset)
    start = text.rfind("\n", 0, offset) + 1
    return types.Position(line, len(text[start:offset].encode("utf-16-le")) // 2)


def over(text: str, needle: str) -> types.Range:
    return types.Range(at(text, needle), at(text, needle, len(needle)))


def applied(text: str, edits: list[types.TextEdit]) -> str:
    """The text after some edits, which do not overlap."""
    lines = text.splitlines(keepends=True) or [""]

    def offset(position: types.Position) -> int:
        before = sum(len(line) for line in lines[: position.line])
        line = lines[position.line] if position.line < len(lines) else ""
        return before + len(line.encode("utf-16-le")[: position.character * 2].decode("utf-16-le"))

    for edit in sorted(edits, key=lambda one: offset(one.range.start), reverse=True):
        text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
    return text


def alone(one: Document) -> Mentions:
    """The names of a file with no others around it."""
    return Mentions(Fleets({one.uri: one}))


def document(uri: str) -> types.TextDocumentIdentifier:
    return types.TextDocumentIdentifier(uri)
