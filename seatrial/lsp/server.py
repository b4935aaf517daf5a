"""The protocol: what an editor asks -> which function of this room answers.

Invariant: no request waits for a proof, and none ends the server; what breaks is told to the editor's log.
"""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

from lsprotocol import types
from pygls import uris
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer

from seatrial import __version__
from seatrial.dsl.diagnostics.codes import explanation
from seatrial.texts import Unreadable, text_of

from . import outline
from .actions import EXPLAIN, actions
from .completion import complete
from .document import Document
from .fleets import Fleets
from .hover import clause_at, hover
from .judge import Judge
from .judged import Judged, Known, Question
from .lines import Lines
from .mentions import Mention, Mentions
from .protocol import Protocol
from .renaming import Refused, renamable, rename
from .told import Place, Told, as_lsp
from .wire import converter


class Server(LanguageServer):
    """Holds the open files, each with its judge."""

    def __init__(self) -> None:
        kind = types.TextDocumentSyncKind.Incremental
        super().__init__("seatrial", __version__, kind, protocol_cls=Protocol, converter_factory=converter)
        self.documents: dict[str, Document] = {}
        self.judges: dict[str, Judge] = {}
        self.fleets = Fleets(self.documents)
        self.environment = self.usual_environment = ""
        self.explain_scheme = ""
        self.snippets = False
        self.asks_for_settings = False

    def open(self, uri: str, text: str, version: int) -> None:
        document = self.documents[uri] = Document(uri, uris.to_fs_path(uri) or uri, text, version)
        if uri in self.judges:
            self.judges[uri].stop()

        def tell(version: int, judged: Judged) -> None:
            current = self.documents.get(uri)
            if current is not None and current.take_judged(version, judged):
                self.publish(current)

        self.judges[uri] = Judge(tell, self.log)
        self.publish(document)
        if document.is_part:
            self.fleets.look()
        self.ask(document)

    def ask(self, document: Document) -> None:
        def question() -> Question:
            whole = self.fleets.whole(document)
            texts = {str(one.file): one.text for one in self.documents.values() if one is not whole}
            shown = "" if whole is document else document.path
            return Question(whole.path, whole.text, texts, shown, self.environment)

        self.judges[document.uri].ask(document.version, question)

    def changed(self, uri: str) -> None:
        """Files of a fleet with the changed one are judged again; one that was closed counts as it is on disk."""
        self.fleets.look()
        for other in self.documents.values():
            if other.uri != uri and (other.used or other.is_part):
                self.ask(other)

    def configure(self, settings: object) -> None:
        """Takes the settings of section `seatrial`; what is no text is as if it were not set."""
        given = settings.get("environment") if isinstance(settings, dict) else None
        environment = (given.strip() if isinstance(given, str) else "") or self.usual_environment
        if environment != self.environment:
            self.environment = environment
            for document in self.documents.values():
                self.ask(document)

    def mentions(self, *, everywhere: bool = False) -> Mentions:
        """`everywhere`: files that were never open are looked for first, as for what must miss none."""
        if everywhere:
            self.fleets.look()
        return Mentions(self.fleets)

    def close(self, uri: str) -> None:
        self.documents.pop(uri, None)
        judge = self.judges.pop(uri, None)
        if judge is not None:
            judge.stop()
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def publish(self, document: Document) -> None:
        news = document.news()
        if news is not None:
            told = [self.as_lsp(document, one) for one in news]
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(document.uri, told, document.version))

    def as_lsp(self, document: Document, one: Told) -> types.Diagnostic:
        return as_lsp(one, document.uri, document.lines, self.elsewhere, self.explain_scheme)

    def elsewhere(self, place: Place) -> types.Location | None:
        """A place in another file, as it stands in the editor or on disk."""
        uri = uris.from_fs_path(str(Path(place.path).resolve()))
        if uri is None:
            return None
        known = self.documents.get(uri)
        with contextlib.suppress(Unreadable):
            lines = known.lines if known is not None else Lines(text_of(Path(place.path)).replace("\r\n", "\n"))
            return types.Location(uri, lines.range(place.start, place.end))
        return None

    def log(self, message: str) -> None:
        self.window_log_message(types.LogMessageParams(types.MessageType.Error, message))

    def stop(self) -> None:
        for judge in self.judges.values():
            judge.stop()


def serve(environment: str = "") -> None:
    """Speaks with an editor over stdin and stdout until it says `exit` or goes away.

    `environment` is laid over where the editor names none.
    """
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    server = made()
    server.environment = server.usual_environment = environment
    try:
        server.start_io()
    finally:
        server.stop()


def made() -> Server:
    server = Server()
    _files(server)
    _knowledge(server)
    _names(server)
    _changes(server)
    return server


def _files(server: Server) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        options = params.initialization_options
        if isinstance(options, dict):
            server.explain_scheme = str(options.get("explainScheme", ""))
            server.configure(options)
        folders = [one.uri for one in params.workspace_folders or ()] or [params.root_uri or ""]
        server.fleets.folders = tuple(Path(path) for one in folders if (path := uris.to_fs_path(one)))
        workspace = params.capabilities.workspace
        server.asks_for_settings = bool(workspace and workspace.configuration)
        text = params.capabilities.text_document
        item = text.completion.completion_item if text and text.completion else None
        server.snippets = bool(item and item.snippet_support)

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configured(params: types.DidChangeConfigurationParams) -> None:
        given = params.settings.get("seatrial") if isinstance(params.settings, dict) else None
        if given is None and server.asks_for_settings:
            # An editor that tells only that something changed is asked what it is now.
            wanted = types.ConfigurationParams([types.ConfigurationItem(section="seatrial")])
            given = (await server.workspace_configuration_async(wanted))[0]
        server.configure(given)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: types.DidOpenTextDocumentParams) -> None:
        given = params.text_document
        server.open(given.uri, given.text, given.version)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeTextDocumentParams) -> None:
        document = server.documents.get(params.text_document.uri)
        if document is None:
            return
        document.change(params.content_changes, params.text_document.version)
        server.publish(document)
        server.ask(document)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.changed(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def closed(params: types.DidCloseTextDocumentParams) -> None:
        server.close(params.text_document.uri)
        server.changed(params.text_document.uri)


def _knowledge(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def on_hover(params: types.HoverParams) -> types.Hover | None:
        document = server.documents.get(params.text_document.uri)
        if document is None:
            return None
        offset = document.lines.offset(params.position)
        place, version = clause_at(document, offset), document.version
        known = await server.judges[document.uri].known(version, *place) if place is not None else Known()
        # Who typed meanwhile will ask again.
        return hover(document, offset, server.mentions(), known) if document.version == version else None

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=[" ", "$", "{", ";"]))
    def on_completion(params: types.CompletionParams) -> types.CompletionList:
        document = server.documents.get(params.text_document.uri)
        offset = document.lines.offset(params.position) if document else 0
        found = complete(document, offset, server.snippets, server.mentions()) if document else []
        # What fits depends on the digits that are there: asked again at each key.
        return types.CompletionList(is_incomplete=True, items=found)

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def on_symbols(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        document = server.documents.get(params.text_document.uri)
        return outline.symbols(document) if document else []

    @server.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
    def on_folding(params: types.FoldingRangeParams) -> list[types.FoldingRange]:
        document = server.documents.get(params.text_document.uri)
        return outline.folds(document) if document else []

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, outline.TOKENS)
    def on_tokens(params: types.SemanticTokensParams) -> types.SemanticTokens:
        document = server.documents.get(params.text_document.uri)
        return types.SemanticTokens(outline.tokens(document) if document else [])

    @server.command(EXPLAIN)
    def on_explain(code: str) -> str | None:
        return explanation(code.upper())


def _names(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def on_definition(params: types.DefinitionParams) -> types.Location | list[types.Location] | None:
        document = server.documents.get(params.text_document.uri)
        if document is None:
            return None
        offset = document.lines.offset(params.position)
        files = server.fleets.named_at(document, offset)
        if files:
            return [types.Location(one.uri, one.lines.range(0, 0)) for one in files]
        mentions = server.mentions(everywhere=True)
        name = mentions.at(document, offset)
        found = [_location(one) for one in mentions.declarations(document, name)] if name is not None else []
        return found[0] if len(found) == 1 else found or None

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    def on_references(params: types.ReferenceParams) -> list[types.Location]:
        document = server.documents.get(params.text_document.uri)
        mentions = server.mentions(everywhere=True)
        name = mentions.at(document, document.lines.offset(params.position)) if document else None
        if document is None or name is None:
            return []
        wanted = params.context.include_declaration
        return [_location(one) for one in mentions.same(document, name) if wanted or not one.at.declares]

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    def on_highlight(params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
        document = server.documents.get(params.text_document.uri)
        if document is None:
            return []
        mentions = server.mentions()
        name = mentions.at(document, document.lines.offset(params.position))
        same = [one for one in mentions.within(document) if one.means(name)] if name is not None else []
        return [types.DocumentHighlight(document.lines.range(one.start, one.end)) for one in same]

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    def on_prepare(params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder:
        document = server.documents.get(params.text_document.uri)
        if document is None:
            raise JsonRpcInvalidParams("this file is not open")
        found = renamable(document, document.lines.offset(params.position), server.mentions(everywhere=True))
        if isinstance(found, Refused):
            raise JsonRpcInvalidParams(found.reason)
        return types.PrepareRenamePlaceholder(document.lines.range(found.start, found.end), found.name)

    @server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    def on_rename(params: types.RenameParams) -> types.WorkspaceEdit:
        document = server.documents.get(params.text_document.uri)
        if document is None:
            raise JsonRpcInvalidParams("this file is not open")
        offset = document.lines.offset(params.position)
        edits = rename(document, offset, params.new_name, server.mentions(everywhere=True))
        if isinstance(edits, Refused):
            raise JsonRpcInvalidParams(edits.reason)
        return types.WorkspaceEdit({uri: list(one) for uri, one in edits.items()})


def _location(one: Mention) -> types.Location:
    return types.Location(one.text.uri, one.text.lines.range(one.at.start, one.at.end))


def _changes(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    def on_formatting(params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
        """Nothing where the text has errors of syntax: what was misread must not be rewritten."""
        document = server.documents.get(params.text_document.uri)
        if document is None or not document.snapshot.exact or document.snapshot.errors:
            return None
        formatted = document.formatted()
        if formatted is None:
            return None
        if "\r\n" in document.text:
            formatted = formatted.replace("\n", "\r\n")
        if formatted == document.text:
            return []
        return [types.TextEdit(document.lines.range(0, len(document.text)), formatted)]

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])
    )
    def on_actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        document = server.documents.get(params.text_document.uri)
        if document is None:
            return []
        start, end = document.lines.offset(params.range.start), document.lines.offset(params.range.end)
        return list(actions(document, start, end, lambda one: server.as_lsp(document, one), server.elsewhere))
