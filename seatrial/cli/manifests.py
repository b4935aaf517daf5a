"""Folders, files and standard input to the objects of a cluster that they hold.

Turns YAML (several documents a file), JSON, `List` kinds, rendered charts and Kustomize folders into manifests, each
with its file and line. Invariant: a file that cannot be read ends the command with its place; one that holds no objects
of a cluster is named, never passed over in silence.
"""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seatrial.targets.reading import Manifest
from seatrial.texts import Unreadable, files_in, text_of

from .plain_folder import plain_folder
from .refusal import Refused, refuse
from .standard_input import DASH, UNNAMED, text_given
from .yaml_data import documents

_ENDINGS = (".yaml", ".yml", ".json")
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_LIST = "List"
KUBECTL_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Gathered:
    """`aside`: what the user should know of how it was read."""

    manifests: tuple[Manifest, ...]
    files: int
    aside: tuple[str, ...]


def gathered(sources: Sequence[Path]) -> Gathered:
    """Raises Refused where something cannot be read, or holds nothing to read."""
    # Objects are trees, and all of them are kept: there is nothing to collect.
    gc.disable()
    if (spec := next((one for one in sources if one.suffix == ".fleet" and one.is_file()), None)) is not None:
        raise Refused(f"{spec}: is a spec already, and holds no objects of a cluster")
    manifests: list[Manifest] = []
    aside: list[str] = []
    files = 0
    seen: set[str] = set()
    # What is named twice, or with its folder too, holds its objects once.
    for source in {os.path.realpath(one): one for one in sources}.values():
        for name, text in _texts(source, aside):
            real = os.path.realpath(name)
            if real in seen:
                continue
            if os.path.isfile(real):  # noqa: PTH113
                seen.add(real)
            files += 1
            found = list(objects(text, name))
            if not found:
                aside.append(f"{name}: holds no object of a cluster")
            manifests += found
    if not manifests:
        named = ", ".join(str(one) for one in sources)
        raise Refused(f"{named}: no object of a cluster is in there (YAML or JSON with `apiVersion` and `kind`)")
    return Gathered(tuple(manifests), files, tuple(aside))


def _texts(source: Path, aside: list[str]) -> Iterator[tuple[str, str]]:
    try:
        if str(source) == DASH:
            yield UNNAMED, text_given(DASH)
        elif source.is_dir():
            yield from _folder(source, aside)
        else:
            yield str(source), text_of(source)
    except Unreadable as error:
        raise Refused(str(error)) from None


def _folder(folder: Path, aside: list[str]) -> Iterator[tuple[str, str]]:
    kustomization = next((folder / name for name in _KUSTOMIZATIONS if (folder / name).is_file()), None)
    if kustomization is not None:
        if (plain := plain_folder(folder, kustomization)) is not None:
            yield from plain
            return
        kubectl = shutil.which("kubectl")
        if kubectl is not None:
            yield f"{folder} (kustomize)", _built(kubectl, folder)
            return
        aside.append(
            f"{folder}: is a Kustomize folder and there is no kubectl: its files are read as they are, unpatched"
        )
    if (folder / "Chart.yaml").is_file():
        raise Refused(f"{folder}: is a chart; render it first: helm template NAME {folder} | seatrial import -")
    for path in sorted(files_in(folder, refuse)):
        # A link that leads nowhere is told; what is there and no file, such as a pipe, has no end to read to.
        if path.suffix in _ENDINGS and path.name not in _KUSTOMIZATIONS and (path.is_file() or not path.exists()):
            yield str(path), text_of(path)


def _built(kubectl: str, folder: Path) -> str:
    try:
        done = subprocess.run(
            [kubectl, "kustomize", str(folder)],
            capture_output=True,
            text=True,
            timeout=KUBECTL_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refused(f"{folder}: kubectl kustomize: {error}") from None
    if done.returncode:
        raise Refused(f"{folder}: kubectl kustomize: {done.stderr.strip() or 'failed'}")
    return done.stdout


def objects(text: str, name: str) -> Iterator[Manifest]:
    """The objects in a text of YAML or JSON; what is none of a cluster is passed over."""
    for body, line in documents(text, name):
        yield from unwrapped(body, name, line)


def unwrapped(body: object, name: str, line: int) -> Iterator[Manifest]:
    """The objects that data holds: itself, or the items of a list."""
    if isinstance(body, list):
        for one in body:
            yield from unwrapped(one, name, line)
    if (
        not isinstance(body, Mapping)
        or not isinstance(body.get("kind"), str)
        or not isinstance(body.get("apiVersion"), str)
    ):
        return
    if body["kind"].endswith(_LIST) and isinstance(body.get("items", body), list | None):
        for one in body["items"] or []:
            if isinstance(one, Mapping):
                # Items of a typed list need not say what they are.
                kind = body["kind"].removesuffix(_LIST)
                whole = {"apiVersion": body["apiVersion"], "kind": kind, **one} if kind else one
                yield from unwrapped(whole, name, line)
        return
    made = Manifest(body, name, line)
    if not made.name and made.kind != "Kustomization":
        raise Refused(f"{name}:{line}: {made.kind} without `metadata.name`")
    yield made
