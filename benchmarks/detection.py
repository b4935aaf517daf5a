"""Who finds a clash of policies: seatrial in the spec, other checkers in the documents that are compiled from it.

`python benchmarks/detection.py [--checkov PATH] [--kubernetes-validate PATH] [--keep DIR]`

Each case is a pair of one configuration: with the clash and without it. The published incidents of `specs/incidents`
are such pairs; and each code of the prover has a seeded fault in a spec that is proved
(`tests/verify/seeded_faults.py`).
Both sides are compiled, with an image for every pool, and what a tool says of both is compared: only a rule that it
breaks with the clash and not without it can have found it. That is counted in the peers' favour, whatever the rule is
about. Prints Markdown; tools that are not there are left out. Peers are no dependency of the project:
`python -m venv V && V/bin/pip install checkov kubernetes-validate`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from seatrial import __version__  # noqa: E402
from seatrial.compiler.lower import lower  # noqa: E402
from seatrial.compiler.model import Stated  # noqa: E402
from seatrial.compiler.pipeline import Checked, judge, read  # noqa: E402
from seatrial.compiler.verify import Status  # noqa: E402
from seatrial.dsl.source import Source  # noqa: E402
from seatrial.loading import load, used  # noqa: E402
from seatrial.targets import emit_all, render  # noqa: E402
from tests.verify.incidents import FOLDER, incident, names  # noqa: E402
from tests.verify.seeded_faults import FAULTS  # noqa: E402

CLEAN, CLASH = "clean", "clash"
Told = dict[str, set[str]]
"""For each side of each case, as `case/side`, what a tool says of it."""


@dataclass(frozen=True, slots=True)
class Case:
    """`codes`: those by which the prover is to tell of the clash."""

    name: str
    kind: str
    codes: frozenset[str]
    clean: Checked
    clash: Checked

    def sides(self) -> Iterator[tuple[str, Checked]]:
        yield f"{self.name}/{CLEAN}", self.clean
        yield f"{self.name}/{CLASH}", self.clash


@dataclass(slots=True)
class Tool:
    name: str
    told: Told
    seconds: float
    cannot: set[str] = field(default_factory=set)


def cases() -> list[Case]:
    found = []
    for name in names():
        one = incident(name)
        codes = frozenset(each.code for each in one.expected)
        found.append(Case(name, "incident", codes, one.checked("after"), one.checked("before")))
    for code, fault in FAULTS.items():
        path = ROOT / "specs" / fault.path
        text = path.read_text(encoding="utf-8")
        broken = text
        for old, new in fault.changes:
            broken = broken.replace(old, new, 1)
        clash = judge(read(Source(str(path), broken), used), {})
        found.append(Case(f"seeded-{code}", "seeded", frozenset({code}), load(path).checked, clash))
    return found


def compiled(checked: Checked, folder: Path) -> None:
    """The documents of one side; a pool without an image would have none."""
    assert checked.fleet is not None, [one.message for one in checked.diagnostics]
    pools = tuple(
        pool if pool.image is not None else replace(pool, image=Stated(f"registry.example/{pool.name}:1.0", pool.at))
        for pool in checked.fleet.pools
    )
    made = lower(replace(checked.fleet, pools=pools), checked.findings, __version__, "0" * 64)
    for document in emit_all(made)[0]:
        path = folder / document.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(render(document, made))


def of_seatrial(all_cases: list[Case], seconds: float) -> Tool:
    told: Told = {}
    for case in all_cases:
        for side, checked in case.sides():
            told[side] = {one.code for one in checked.findings if one.status is not Status.PROVED}
            told[side] |= {one.caution_code for one in checked.findings if one.caution}
    return Tool("seatrial", told, seconds)


def of_checkov(program: str, folder: Path) -> Tool:
    start = time.monotonic()
    arguments = [program, "-d", str(folder), "--framework", "kubernetes", "--output", "json", "--quiet", "--compact"]
    ran = subprocess.run([*arguments, "--soft-fail"], capture_output=True, text=True, check=False)
    seconds = time.monotonic() - start
    report = json.loads(ran.stdout)
    told: Told = {}
    for one in report["results"]["failed_checks"]:
        side = "/".join(Path(one["file_path"]).parts[1:3])
        told.setdefault(side, set()).add(f"{one['check_id']} {one['check_name']} ({one['resource']})")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    return Tool(f"checkov {version}", told, seconds)


def of_kubernetes_validate(program: str, folder: Path) -> Tool:
    start = time.monotonic()
    told: Told = {}
    for side in sorted(path for path in folder.glob("*/*") if path.is_dir()):
        files = [str(path) for path in sorted(side.glob("kubernetes/**/*.yaml")) if path.name != "kustomization.yaml"]
        if not files:
            continue
        ran = subprocess.run([program, "--strict", *files], capture_output=True, text=True, check=False)
        lines = [line.replace(str(side), "") for line in (ran.stdout + ran.stderr).splitlines() if "ERROR" in line]
        told["/".join(side.parts[-2:])] = set(lines)
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    return Tool(f"kubernetes-validate {version}".strip(), told, time.monotonic() - start)


def new_in_clash(tool: Tool, case: Case) -> set[str]:
    return tool.told.get(f"{case.name}/{CLASH}", set()) - tool.told.get(f"{case.name}/{CLEAN}", set())


def report(all_cases: list[Case], tools: list[Tool]) -> Iterator[str]:
    kinds = {kind: [case for case in all_cases if case.kind == kind] for kind in ("incident", "seeded")}
    yield f"| tool | incidents told of, of {len(kinds['incident'])} | seeded faults told of, of {len(kinds['seeded'])} "
    yield "| clean configurations with something told | told in all of them | seconds |\n"
    yield "| --- | --- | --- | --- | --- | --- |\n"
    for tool in tools:
        counts = [str(sum(bool(new_in_clash(tool, case)) for case in some)) for some in kinds.values()]
        clean = [tool.told.get(f"{case.name}/{CLEAN}", set()) for case in all_cases]
        alarmed, alarms = sum(bool(one) for one in clean), sum(map(len, clean))
        yield f"| {tool.name} | {' | '.join(counts)} | {alarmed} of {len(clean)} | {alarms} | {tool.seconds:.0f} |\n"
    for tool in tools[1:]:
        yield f"\nWhat {tool.name} says with a clash and not without it:\n\n"
        differing = [(case, new_in_clash(tool, case)) for case in all_cases if new_in_clash(tool, case)]
        for case, new in differing:
            yield f"- {case.name} ({', '.join(sorted(case.codes))}): {'; '.join(sorted(new))}\n"
        if not differing:
            yield "- nothing\n"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--checkov", default="checkov", help="the program")
    options.add_argument("--kubernetes-validate", default="kubernetes-validate", help="the program")
    options.add_argument("--keep", type=Path, help="where the documents are written, and kept")
    chosen = options.parse_args()
    assert FOLDER.is_dir()
    start = time.monotonic()
    all_cases = cases()
    tools = [of_seatrial(all_cases, time.monotonic() - start)]
    with tempfile.TemporaryDirectory() as scratch:
        folder: Path = chosen.keep or Path(scratch)
        for case in all_cases:
            for side, checked in case.sides():
                compiled(checked, folder / side)
        for run, program in ((of_checkov, chosen.checkov), (of_kubernetes_validate, chosen.kubernetes_validate)):
            try:
                tools.append(run(program, folder))
            except FileNotFoundError:
                print(f"{program} is not there", file=sys.stderr)
    print("".join(report(all_cases, tools)), end="")


if __name__ == "__main__":
    main()
