"""How long compiling takes beyond reading and checking: `python benchmarks/compile.py [--pools N …] [--no-peers]`.

Prints seconds of CPU for deciding the plan, making the documents, writing them as text, and putting the files on disk,
with the memory that the process took at most; then what others need for the objects of a fleet of a hundred: PyYAML,
Jsonnet and KCL (`pip install seatrial[bench]`) get the very same objects, ready made, as literals of their language,
and only have to read and print them; kustomize (`kubectl`) builds the folder that was written.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import json
import re
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml
from synthetic import fleet as synthetic

from seatrial.cli.files import write_folder
from seatrial.compiler.lower import lower
from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import read
from seatrial.compiler.plan import Plan
from seatrial.dsl.source import Source
from seatrial.targets import Document, emit_all, render
from seatrial.targets.render import from_events

TIMES = 3
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MOST_FOR_PEERS, MOST_FOR_KUSTOMIZE = 100, 30
"""Pools: with a thousand the slowest of them take minutes; kustomize's time grows with the square of the objects."""


def timed(work: Callable[[], object]) -> float:
    """CPU seconds of the quickest of several runs."""
    best = float("inf")
    for _ in range(TIMES):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def with_images(pools: int) -> str:
    return re.sub(r"pool (p\d+) \{", r'pool \1 { image "registry.example/\1:1";', synthetic(pools))


def made(pools: int) -> tuple[Plan, tuple[Document, ...]]:
    fleet, errors = resolve(read(Source("synthetic.fleet", with_images(pools))).clauses, {})
    assert fleet is not None, errors
    gc.freeze()
    lowering = timed(lambda: lower(fleet, (), "0.1.0", "3f" * 32))
    plan = lower(fleet, (), "0.1.0", "3f" * 32)
    emitting = timed(lambda: emit_all(plan))
    documents, _ = emit_all(plan)
    rendering = timed(lambda: [render(one, plan) for one in documents])
    files = {one.path: render(one, plan) for one in documents}
    with tempfile.TemporaryDirectory() as folder:
        writing = timed(lambda: write_folder(Path(folder) / "out", files))
    size = sum(map(len, files.values())) / 1e6
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    total = lowering + emitting + rendering + writing
    print(
        f"{pools:6} {len(documents):9} {size:6.2f} {lowering:7.3f} {emitting:7.3f} {rendering:7.3f} {writing:7.3f} "
        f"{total:7.3f} {most:7.0f}",
        flush=True,
    )
    return plan, documents


def peers(pools: int, plan: Plan, documents: tuple[Document, ...]) -> None:
    objects = [one for one in documents if one.path.startswith(("kubernetes/", "istio/"))]
    bodies = [one.body for one in objects]
    size = sum(len(render(one, plan)) for one in objects) / 1e6
    print(f"\n{len(objects)} objects of {pools} pools, {size:.1f} MB of YAML:       s")
    _told("seatrial, rendered", lambda: [render(one, plan) for one in objects])
    _told("its events by libyaml", lambda: [from_events(one) for one in bodies])
    writer = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    _told("PyYAML, libyaml's dumper", lambda: [yaml.dump(one, Dumper=writer) for one in bodies])
    if importlib.util.find_spec("rjsonnet") is not None:
        import rjsonnet

        literal = ",\n".join(f"{json.dumps(one.path)}: std.manifestYamlDoc({json.dumps(one.body)})" for one in objects)
        said = json.loads(rjsonnet.evaluate_snippet("objects.jsonnet", f"{{{literal}}}"))
        assert {path: yaml.load(text, Loader=_LOADER) for path, text in said.items()} == {
            one.path: one.body for one in objects
        }, "not the same objects"
        _told("Jsonnet (rjsonnet)", lambda: rjsonnet.evaluate_snippet("objects.jsonnet", f"{{{literal}}}"))
    else:
        print("Jsonnet (rjsonnet)          is not installed: pip install seatrial[bench]")
    if importlib.util.find_spec("kcl_lib") is not None:
        _kcl(bodies)
    else:
        print("KCL (kcl-lib)               is not installed: pip install seatrial[bench]")


def _kcl(bodies: list[object]) -> None:
    from kcl_lib import api

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "objects.k"
        # Python's words for true, false and none are KCL's, and so are its strings, but for what KCL would fill in.
        path.write_text("".join(f"o{at} = {_literal(one)}\n" for at, one in enumerate(bodies)))
        given = api.ExecProgramArgs(k_filename_list=[str(path)])
        said = json.loads(api.API().exec_program(given).json_result)
        assert list(said.values()) == bodies, "not the same objects"
        _told("KCL (kcl-lib)", lambda: api.API().exec_program(given))


def _literal(body: object) -> str:
    match body:
        case dict():
            return "{" + ", ".join(f"{json.dumps(key)}: {_literal(one)}" for key, one in body.items()) + "}"
        case list():
            return "[" + ", ".join(map(_literal, body)) + "]"
        case str():
            assert "${" not in body, "KCL would fill it in"
            return json.dumps(body)
        case _:
            return repr(body)


def kustomize(pools: int, plan: Plan, documents: tuple[Document, ...]) -> None:
    if shutil.which("kubectl") is None:
        print("kustomize                   is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        write_folder(Path(folder) / "out", {one.path: render(one, plan) for one in documents})
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(["kubectl", "kustomize", f"{folder}/out"], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{f'kustomize, {pools} pools only':27} {spent:8.3f}", flush=True)


def _told(name: str, work: Callable[[], object]) -> None:
    print(f"{name:27} {timed(work):8.3f}", flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pools", type=int, nargs="+", default=[10, 30, 100, 300, 1000])
    options.add_argument("--no-peers", action="store_true", help="leave out the others")
    given = options.parse_args()
    # As the command does.
    gc.disable()
    print(" pools documents     MB   lower    emit  render   write   total  MB RSS")
    found = {pools: made(pools) for pools in sorted(given.pools)}
    if not given.no_peers:
        for most, compare in ((MOST_FOR_PEERS, peers), (MOST_FOR_KUSTOMIZE, kustomize)):
            fitting = [pools for pools in found if pools <= most]
            if fitting:
                compare(max(fitting), *found[max(fitting)])


if __name__ == "__main__":
    main()
