"""A Kustomize folder that changes nothing -> the texts that `kubectl kustomize` would join.

Turns a `kustomization.yaml` of files and generated ConfigMaps into those files and those ConfigMaps, so that a folder
of thousands of objects is read in seconds: Kustomize's time grows with their square. Invariant: where anything in it
could change an object, or is not understood, there is no answer, and Kustomize itself is asked.

Source: Kustomize reference, `resources`, `configMapGenerator`. The hash behind generated names is left out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from seatrial.texts import text_of

from .refusal import Refused
from .yaml_data import documents

_KNOWN = frozenset({"apiVersion", "kind", "resources", "configMapGenerator"})
_GENERATED = frozenset({"name", "namespace", "files", "options"})
_FILES = (".yaml", ".yml", ".json")


def plain_folder(folder: Path, kustomization: Path) -> list[tuple[str, str]] | None:
    """Names and texts in the order of the file. Raises `Unreadable` where a file that it names cannot be read."""
    try:
        body = next((body for body, _ in documents(text_of(kustomization), str(kustomization))), None)
    except Refused:
        return None
    if not isinstance(body, Mapping) or not body.keys() <= _KNOWN:
        return None
    named, generators = body.get("resources", ()), body.get("configMapGenerator", ())
    if not isinstance(named, list) or not isinstance(generators, list | tuple):
        return None
    files = [_file(folder, one) for one in named]
    maps = [list(_maps(folder, one)) for one in generators]
    if any(one is None for one in files) or any(not one for one in maps) or len(set(files)) != len(files):
        return None
    return [*((str(one), text_of(one)) for one in files if one is not None), *(one for each in maps for one in each)]


def _file(folder: Path, name: object) -> Path | None:
    """A file that lies in the folder; folders and addresses are Kustomize's to follow."""
    if not isinstance(name, str) or not name.endswith(_FILES) or "://" in name:
        return None
    file = folder / name
    inside = os.path.realpath(file).startswith(f"{_real(folder)}{os.sep}")
    return file if inside and file.is_file() else None


@lru_cache(maxsize=1)
def _real(folder: Path) -> str:
    return os.path.realpath(folder)


def _maps(folder: Path, generator: object) -> Iterator[tuple[str, str]]:
    if not isinstance(generator, Mapping) or not generator.keys() <= _GENERATED:
        return
    options, names = generator.get("options", {}), generator.get("files", ())
    if not isinstance(options, Mapping) or not options.keys() <= {"labels"} or not isinstance(names, list):
        return
    files = [_file(folder, one) for one in names]
    if not all(files):
        return
    metadata = {key: value for key in ("name", "namespace") if (value := generator.get(key)) is not None}
    data = {one.name: text_of(one) for one in files if one is not None}
    made = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {**metadata, **options}, "data": data}
    yield f"{folder} ({generator.get('name')})", json.dumps(made)
