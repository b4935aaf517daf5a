"""How long an editor waits for diagnostics of a large spec: `python benchmarks/lsp.py [POOLS]`.

Speaks with `seatrial lsp` over its pipes, as an editor does, and times from the edit that is sent to the diagnostics
that arrive: those of the changed pool (a syntax error, a missing unit, a name that is not declared), and those of the
whole spec, which a process of their own works out. The processor time of each step on the way is measured apart.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from statistics import median

from lsprotocol import types
from pygls.lsp.client import LanguageClient
from synthetic import fleet, in_a_loop, like_a_template
from yardstick import this_machine

from seatrial.compiler.memory import Memory
from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.verify import Status, to_diagnostics
from seatrial.compiler.verify.check import Depth, findings
from seatrial.compiler.verify.decided import unwatched
from seatrial.dsl.clauses import read_clauses
from seatrial.dsl.compose import compose, no_library
from seatrial.dsl.source import Source
from seatrial.lsp.document import Document
from seatrial.lsp.judged import Question, judged_from
from seatrial.lsp.judging import Judging
from seatrial.lsp.readers import Readers
from seatrial.lsp.told import as_lsp
from seatrial.lsp.wire import converter

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
    await client.text_document_completion_async(
        types.CompletionParams(types.TextDocumentIdentifier(timed.uri), types.Position(middle, 4))
    )
    _tell(f"  completion                           {(time.perf_counter() - asked) * 1000:8.1f} ms")
    scales = next(at for at in range(middle, 0, -1) if lines[at].startswith("    scale on busy"))
    scaling = types.HoverParams(types.TextDocumentIdentifier(timed.uri), types.Position(scales, 6))
    sent = time.perf_counter()
    where = types.Range(types.Position(middle, 10), types.Position(middle, 13))
    await timed.edit(where, "30s", lambda _: True)
    _tell(f"  a number is changed                  {time.perf_counter() - sent:8.3f} s")
    try:
        async with asyncio.timeout(patience):
            # A hover waits for what is proved of the new text, a second at most.
            while "**proved**" not in str(await client.text_document_hover_async(scaling)):
                pass
            _tell(f"  and everything proved anew           {time.perf_counter() - sent:8.3f} s")
    except TimeoutError:
        _tell(f"  not proved anew after                {patience:8.0f} s")
    callee = next(at for at in range(middle, 0, -1) if lines[at].startswith("  call agent-"))
    for what, position in (("a clause", (middle, 6)), ("a name", (callee, 8)), ("a name again", (callee, 8))):
        began = time.perf_counter()
        at = types.HoverParams(types.TextDocumentIdentifier(timed.uri), types.Position(*position))
        await client.text_document_hover_async(at)
        _tell(f"  {f'hover on {what}':36} {(time.perf_counter() - began) * 1000:8.1f} ms")
    await client.shutdown_async(None)
    client.exit(None)
    await client.stop()  # type: ignore[no-untyped-call]


class Laps:
    """Processor time between two calls, in milliseconds, by what was done meanwhile."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = {}
        self._last = time.process_time()

    def begin(self) -> None:
        gc.collect()
        self._last = time.process_time()

    def lap(self, name: str) -> None:
        now = time.process_time()
        self.taken.setdefault(name, []).append((now - self._last) * 1000)
        self._last = time.process_time()

    def tell(self, title: str) -> None:
        rounds = [sum(one) for one in zip(*self.taken.values(), strict=True)]
        _tell(f"{title}: {min(rounds):.1f} ms in all, median {median(rounds):.1f}")
        for name, laps in self.taken.items():
            _tell(f"  {name:36} {min(laps):8.1f} ms, median {median(laps):.1f}")


def _edits(text: str, where: re.Match[str], values: Iterable[str]) -> Iterator[tuple[types.Range, str, str]]:
    """The range, the new value and the whole text of one edit after the other at one place."""
    line = text.count("\n", 0, where.start(1))
    start = where.start(1) - text.rfind("\n", 0, where.start(1)) - 1
    length = len(where[1])
    for value in values:
        yield (
            types.Range(types.Position(line, start), types.Position(line, start + length)),
            value,
            text[: where.start(1)] + value + text[where.end(1) :],
        )
        length = len(value)


def way(text: str, where: re.Match[str], values: Iterable[str], title: str) -> None:
    """Processor time of all that happens to one edit on its way through both processes."""
    convert = converter()
    document = Document("file:///big.fleet", "big.fleet", text, 1)
    judging = Judging()
    for judged in judging.stages(Question("big.fleet", text)):
        document.take_judged(1, judged)
    laps, repairs = Laps(), Laps()

    def publish() -> None:
        news = document.news()
        if news is None:
            return
        told = [as_lsp(one, document.uri, document.lines, lambda _: None) for one in news]
        json.dumps(convert.unstructure(types.PublishDiagnosticsParams(document.uri, told, document.version)))

    for version, (range_, new, whole) in enumerate(_edits(text, where, values), 2):
        laps.begin()
        document.change([types.TextDocumentContentChangePartial(range_, new)], version)
        laps.lap("server: the edit is read")
        publish()
        laps.lap("server: what is wrong in the text is sent")
        question = json.dumps(asdict(Question("big.fleet", whole)))
        laps.lap("server: the judge is asked")
        stages = judging.stages(Question(**json.loads(question)))
        judged = next(stages)
        laps.lap("judge: everything is decided")
        answer = json.dumps(judged.as_json())
        laps.lap("judge: the answer is written")
        document.take_judged(version, judged_from(json.loads(answer)))
        laps.lap("server: the answer is read")
        publish()
        laps.lap("server: what is proved is sent")
        if not judged.final:
            repairs.begin()
            list(stages)
            repairs.lap("judge: it is confirmed, and what mends it is found")
    laps.tell(title)
    if repairs.taken:
        repairs.tell("  and later")


def inside(text: str, where: re.Match[str], values: Iterable[str], title: str) -> None:
    """Processor time of the compiler's own stages after an edit."""
    laps, memory, readers = Laps(), Memory(), Readers()
    readers.expect("big.fleet")
    for _, _, whole in _edits(text, where, ["2", *values]):
        source = Source("big.fleet", whole)
        laps.begin()
        file, _ = readers(source)
        laps.lap("parse")
        assert file is not None
        memory.composed.turn()
        composed = compose(file, no_library, parser=readers, memory=memory.composed)
        laps.lap("compose")
        memory.clauses.turn()
        clauses, _ = read_clauses(composed.file, memory.clauses)
        laps.lap("read clauses")
        fleet, _ = resolve(clauses, {}, memory.unchanged)
        laps.lap("resolve")
        assert fleet is not None
        decided = memory.decide(fleet, unwatched)
        laps.lap("decide")
        found = findings(decided, depth=Depth.DECIDED)
        laps.lap("make findings")
        to_diagnostics([one for one in found if one.status is not Status.PROVED])
        laps.lap("make diagnostics")
    first = {name: times.pop(0) for name, times in laps.taken.items()}
    laps.tell(f"{title}, the compiler's stages (at first {sum(first.values()):.0f} ms)")


def work(pools: int, rounds: int) -> None:
    """Processor time alone, which other work on the machine does not change much."""
    gc.disable()
    startups = [str(2 + n % 7) for n in range(1, rounds + 1)]
    warned, proved = spec(pools), fleet(pools)
    for text, title in ((proved, "nearly all proved"), (warned, "a warning a pool")):
        where = re.compile(r"startup (\d+)s").search(text, len(text) // 2)
        assert where is not None
        way(text, where, startups, f"{title}, {len(text):,} characters, another startup")
        inside(text, where, startups, title)
    for text, title in ((like_a_template(pools), "pools like a template"), (in_a_loop(pools), "pools in a loop")):
        where = re.compile(r"startup (\d+)s").search(text, text.index("pool p0") if "for n" in text else len(text) // 2)
        assert where is not None
        way(text, where, startups, f"{title}, {len(text):,} characters, another startup of one")
        of_all = re.compile(r"startup (\d+)s").search(text)
        assert of_all is not None
        way(text, of_all, startups[:4], f"{title}, another startup of all")
    where = re.compile(r"service mean (\d+ms, p99 \d+ms)").search(proved, len(proved) // 2)
    assert where is not None
    broken = [f"{2 + n}s, p99 {9 + n}s" for n in range(max(2, rounds // 2))]
    way(proved, where, broken, "nearly all proved, an edit that refutes guarantees")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("pools", nargs="?", type=int, default=1_000)
    arguments.add_argument("--rounds", type=int, default=10)
    arguments.add_argument("--work", action="store_true", help="processor time alone, without a server")
    arguments.add_argument("--patience", type=float, default=60, help="seconds to wait for the proof of everything")
    given = arguments.parse_args()
    print(this_machine(), flush=True)
    work(given.pools, given.rounds)
    if not given.work:
        asyncio.run(measure(given.pools, given.rounds, given.patience))
