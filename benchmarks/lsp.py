"""How long an editor waits for diagnostics of a large spec: `python benchmarks/lsp.py [POOLS]`.

Speaks with `seatrial lsp` over its pipes, as an editor does, and times from the edit that is sent to the diagnostics
that arrive: those of the changed pool (a syntax error, a missing unit, a name that is not declared), and those of the
whole spec, which a process of their own works out. The processor time of both is measured apart.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from seatrial.lsp.document import Document
from seatrial.lsp.judged import Question
from seatrial.lsp.judging import stages
from seatrial.lsp.readers import Readers
from seatrial.lsp.told import as_lsp

HEAD = """language 1
fleet big "Big" {
  nodes general { count 100..20_000; cpu 64; memory 256Gi; price $0.68/h; zones 3 }
  demand tickets { steady 30/s; peak 60/s }
  dependency llm { limit 1_000_000 requests/s; latency p50 80ms, p99 300ms }
"""
POOL = """  pool agent-{n} {{
    {serves}image "registry.example/agents/worker:1.{n}"
    agents 30..40
    each {{
      cpu 250m
      memory 256Mi
      price $0.02/h
      concurrency 4
      service mean 15ms, p99 60ms
      startup 2s
    }}
    scale on busy 25% {{ up within 1m; down over 5m; at most 100% per 15s }}
    health every 2s {{ fails after 2 }}
    disrupt at most 10%
    drain 20s
  }}
  call agent-{n} -> {callee} 0.2 per request {{
    timeout 400ms
    break after 3 errors {{ eject at most 50% for 10s }}
  }}
"""


def spec(pools: int) -> str:
    """A spec of about 500 bytes a pool: one pool calls the next, in chains of four."""
    body = [
        POOL.format(
            n=n,
            serves="serves tickets { timeout 6s }\n    " if n == 0 else "",
            callee=f"agent-{n + 1}" if n + 1 < pools and n % 4 != 3 else "llm",
        )
        for n in range(pools)
    ]
    return HEAD + "".join(body) + "}\n"


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Timed:
    def __init__(self, client: LanguageClient, uri: str) -> None:
        self.client, self.uri, self.version = client, uri, 1
        self.arrived: list[tuple[float, types.PublishDiagnosticsParams]] = []
        self.news = asyncio.Condition()

    async def show(self, params: types.PublishDiagnosticsParams) -> None:
        async with self.news:
            self.arrived.append((time.perf_counter(), params))
            self.news.notify_all()

    async def edit(self, where: types.Range, new: str, holds: Callable[[list[types.Diagnostic]], bool]) -> float:
        """Seconds from the edit to the first diagnostics of the new text of which something holds."""
        self.version += 1
        sent = time.perf_counter()
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self.version, self.uri),
                [types.TextDocumentContentChangePartial(where, new)],
            )
        )
        return await self.until(holds) - sent

    async def until(self, holds: Callable[[list[types.Diagnostic]], bool]) -> float:
        seen = 0
        async with self.news:
            while True:
                for at, params in self.arrived[seen:]:
                    if params.version == self.version and holds(list(params.diagnostics)):
                        return at
                seen = len(self.arrived)
                await self.news.wait()


async def measure(pools: int, rounds: int, patience: float) -> None:
    text = spec(pools)
    folder = Path(tempfile.mkdtemp())
    client = LanguageClient("benchmark", "1")
    timed = Timed(client, (folder / "big.fleet").as_uri())

    @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)  # type: ignore[untyped-decorator]
    async def on_diagnostics(params: types.PublishDiagnosticsParams) -> None:
        await timed.show(params)

    await client.start_io(sys.executable, "-c", "from seatrial.cli import main; main()", "lsp")
    await client.initialize_async(types.InitializeParams(types.ClientCapabilities(), root_uri=folder.as_uri()))
    client.initialized(types.InitializedParams())
    _tell(f"{pools:,} pools, {len(text.encode()):,} bytes, {text.count(chr(10)):,} lines")
    started = time.perf_counter()
    client.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(timed.uri, "fleet", 1, text)))
    _tell(f"  opened, first diagnostics            {await timed.until(lambda _: True) - started:8.3f} s")
    lines = text.split("\n")
    middle = lines.index("    drain 20s", len(lines) // 2)
    cases = {
        "a unit is missing": ("20s", "20", lambda told: any(one.code == "ST1101" for one in told)),
        "and is there again": ("20", "20s", lambda told: not any(one.code == "ST1101" for one in told)),
        "a brace is opened": ("20s", "20s {", lambda told: any(one.code == "ST0003" for one in told)),
        "and is taken back": ("20s {", "20s", lambda told: not any(one.code == "ST0003" for one in told)),
        "a clause is misspelt": ("20s", "20s; agentts 3", lambda told: any(one.code == "ST1001" for one in told)),
        "and is taken away": ("20s; agentts 3", "20s", lambda told: not any(one.code == "ST1001" for one in told)),
        "a name is not declared": ("20s", "20s; on gneral", lambda told: any(one.code == "ST1011" for one in told)),
        "and is taken off": ("20s; on gneral", "20s", lambda told: not any(one.code == "ST1011" for one in told)),
    }
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, (old, new, holds) in cases.items():
            start = len("    drain ")
            where = types.Range(types.Position(middle, start), types.Position(middle, start + len(old)))
            taken[name].append(await timed.edit(where, new, holds))
    for name, seconds in taken.items():
        _tell(f"  {name:36} {median(seconds) * 1000:8.1f} ms median, {max(seconds) * 1000:.1f} ms worst")
    asked = time.perf_counter()
    position = types.Position(middle, 6)
    await client.text_document_hover_async(types.HoverParams(types.TextDocumentIdentifier(timed.uri), position))
    _tell(f"  hover                                {(time.perf_counter() - asked) * 1000:8.1f} ms")
    asked = time.perf_counter()
    await client.text_document_completion_async(
        types.CompletionParams(types.TextDocumentIdentifier(timed.uri), types.Position(middle, 4))
    )
    _tell(f"  completion                           {(time.perf_counter() - asked) * 1000:8.1f} ms")
    # A value that only the checker can refuse: nothing of the text itself is wrong.
    sent = time.perf_counter()
    where = types.Range(types.Position(middle, 10), types.Position(middle, 13))
    try:
        async with asyncio.timeout(patience):
            await timed.edit(
                where, "20s", lambda _: len([one for _, one in timed.arrived if one.version == timed.version]) > 1
            )
            _tell(f"  the whole text read anew             {time.perf_counter() - sent:8.3f} s")
            await timed.until(lambda _: len([one for _, one in timed.arrived if one.version == timed.version]) > 2)
            _tell(f"  and everything proved anew           {time.perf_counter() - sent:8.3f} s")
    except TimeoutError:
        _tell(f"  not proved anew after                {patience:8.0f} s")
    await client.shutdown_async(None)
    client.exit(None)
    await client.stop()  # type: ignore[no-untyped-call]


def work(pools: int, rounds: int) -> None:
    """Processor time of the two steps alone, which other work on the machine does not change."""
    text = spec(pools)
    document = Document("file:///big.fleet", "big.fleet", text, 1)
    lines = text.split("\n")
    middle = lines.index("    drain 20s", len(lines) // 2)
    readers = Readers()
    list(stages(Question("big.fleet", text), readers))
    typed: list[float] = []
    judged: list[float] = []
    gc.disable()
    for version in range(2, 2 + rounds):
        where = types.Range(types.Position(middle, 10), types.Position(middle, 12))
        started = time.process_time()
        document.change([types.TextDocumentContentChangePartial(where, str(20 + version % 2))], version)
        len([as_lsp(one, document.uri, document.lines, lambda _: None) for one in document.told])
        typed.append(time.process_time() - started)
        started = time.process_time()
        for answer in stages(Question("big.fleet", document.text), readers):
            json.dumps(answer.as_json())
        judged.append(time.process_time() - started)
        gc.collect()
    _tell("processor time of the work alone, best and median")
    _tell(f"  an edit, read and told               {min(typed) * 1000:8.1f} ms, {median(typed) * 1000:.1f} ms")
    _tell(f"  everything proved anew               {min(judged):8.3f} s, {median(judged):.3f} s")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("pools", nargs="?", type=int, default=1_000)
    arguments.add_argument("--rounds", type=int, default=10)
    arguments.add_argument("--patience", type=float, default=60, help="seconds to wait for the proof of everything")
    given = arguments.parse_args()
    work(given.pools, given.rounds)
    asyncio.run(measure(given.pools, given.rounds, given.patience))
