"""Folders, files and standard input to the objects of a cluster that they hold.

Turns YAML (several documents a file), JSON, `List` kinds, rendered charts and Kustomize folders into manifests, each
with its file and line. Invariant: a file that cannot be read ends the command with its place; one that holds no objects
of a cluster is named, never passed over in silence.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from seatrial.targets.reading import Manifest
from seatrial.texts import Unreadable, text_of

from .plain_folder import plain_folder
from .refusal import Refused
from .standard_input import DASH, UNNAMED, text_given

_ENDINGS = (".yaml", ".yml", ".json")
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_LIST = "List"
KUBECTL_SECONDS = 120
_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class Gathered:
    """`aside`: what the user should know of how it was read."""

    manifests: tuple[Manifest, ...]
    files: int
    aside: tuple[str, ...]


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML as kubectl reads it: no dates, and no key twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
                continue
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"`{key.value}` is said twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=True)  # type: ignore[no-any-return]


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_constructor("tag:yaml.org,2002:map", lambda loader, node: loader.construct_mapping(node))


def gathered(sources: Sequence[Path]) -> Gathered:
    """Raises Refused where something cannot be read, or holds nothing to read."""
    manifests: list[Manifest] = []
    aside: list[str] = []
    files = 0
    for source in sources:
        for name, text in _texts(source, aside):
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
    files = sorted(
        path for path in folder.rglob("*") if path.suffix in _ENDINGS and path.is_file() and not _hidden(path, folder)
    )
    for path in files:
        if path.name not in _KUSTOMIZATIONS:
            yield str(path), text_of(path)


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


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
    loader = _Loader(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            line = node.start_mark.line + 1
            yield from _unwrapped(loader.construct_document(node), name, line)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark is not None else name
        said = text.splitlines()[mark.line] if mark is not None and mark.line < len(text.splitlines()) else ""
        hint = (
            "; a template has to be rendered first: helm template NAME CHART | seatrial import -"
            if "{{" in said
            else ""
        )
        raise Refused(f"{place}: not readable as YAML: {error.problem or error.context}{hint}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise Refused(f"{name}: not readable as YAML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise Refused(f"{name}: nested too deep to be an object of a cluster") from None
    finally:
        loader.dispose()


def _unwrapped(body: object, name: str, line: int) -> Iterator[Manifest]:
    if isinstance(body, list):
        for one in body:
            yield from _unwrapped(one, name, line)
    if (
        not isinstance(body, Mapping)
        or not isinstance(body.get("kind"), str)
        or not isinstance(body.get("apiVersion"), str)
    ):
        return
    if body["kind"].endswith(_LIST) and isinstance(body.get("items"), list):
        for one in body["items"]:
            if isinstance(one, Mapping):
                # Items of a typed list need not say what they are.
                kind = body["kind"].removesuffix(_LIST)
                whole = {"apiVersion": body["apiVersion"], "kind": kind, **one} if kind else one
                yield from _unwrapped(whole, name, line)
        return
    made = Manifest(body, name, line)
    if not made.name and made.kind != "Kustomization":
        raise Refused(f"{name}:{line}: {made.kind} without `metadata.name`")
    yield made
