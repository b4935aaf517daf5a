"""`seatrial compile --prune-plan`: which objects of a folder's earlier content are no longer emitted.

Turns two states of a folder, as Kustomize would read them, into a list and into commands that nobody runs here.
Invariant: only what the earlier folder itself declared is ever named, once, and nothing that the new one still declares
anywhere: a base and an overlay share namespaces and names.
"""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from seatrial.targets.overlays import BASE, OVERLAYS, Identity, identity_of

from .json_text import json_text
from .refusal import Refused

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Read = Callable[[str], bytes | None]
"""The content of a file by its path inside the folder, None where there is none."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """`overlays`: those that declared it; none where the folder itself or its base did."""

    identity: Identity
    overlays: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """The line that deletes it; kind, version and group are all named, since kinds share names."""
        api_version, kind, namespace, name = self.identity
        group, _, version = api_version.rpartition("/")
        resource = f"{kind.lower()}.{version}.{group}" if group else kind.lower()
        within = ["--namespace", namespace] if namespace else []
        return shlex.join(["kubectl", "delete", "--ignore-not-found", *within, f"{resource}/{name}"])

    @property
    def text(self) -> str:
        _, kind, namespace, name = self.identity
        within = f" of namespace {namespace}" if namespace else ""
        return f"{kind} {name}{within}" + (f" (overlay {', '.join(self.overlays)})" if self.overlays else "")


def of_folder(folder: Path) -> dict[str, list[Identity]]:
    """What a folder declares now, by overlay. Raises Refused where a file of it cannot be understood."""

    def read(path: str) -> bytes | None:
        file = folder / path
        return file.read_bytes() if file.is_file() else None

    names = [one.name for one in sorted((folder / OVERLAYS).glob("*")) if one.is_dir()]
    try:
        return _declared(read, names)
    except (yaml.YAMLError, OSError, ValueError, TypeError, KeyError, AttributeError, AssertionError) as error:
        said = " ".join(str(error).split())
        raise Refused(f"{folder}: what it held cannot be told, so neither what is to be deleted: {said}") from None


def of_files(files: Mapping[str, bytes]) -> dict[str, list[Identity]]:
    """What files that are to be written declare."""
    parts = (path.split("/") for path in files)
    names = sorted({one[1] for one in parts if one[0] == OVERLAYS and len(one) > 2})
    return _declared(files.get, names)


def pruned(before: Mapping[str, list[Identity]], after: Mapping[str, list[Identity]]) -> list[Pruned]:
    """Last made, first deleted: what others refer to goes at the end."""
    kept = {_object(identity) for objects in after.values() for identity in objects}
    gone: dict[Identity, list[str]] = {}
    for where, objects in before.items():
        for identity in reversed(objects):
            if _object(identity) not in kept:
                gone.setdefault(identity, []).append(where)
    return [Pruned(identity, () if "" in overlays else tuple(overlays)) for identity, overlays in gone.items()]


def _object(identity: Identity) -> Identity:
    """By what a cluster tells objects apart: another version of one API is the same object."""
    api_version, kind, namespace, name = identity
    return api_version.rpartition("/")[0], kind, namespace, name


def printed(found: list[Pruned], folder: Path, style: str) -> str:
    if style == "json":
        rows = [
            {
                **dict(zip(("api_version", "kind", "namespace", "name"), one.identity, strict=True)),
                "overlays": one.overlays,
                "command": one.command,
            }
            for one in found
        ]
        return json_text({"folder": str(folder), "no_longer_emitted": rows})
    if not found:
        return "nothing that the folder declared before is gone\n"
    lines = [f"no longer emitted, and still in a cluster to which {folder} was applied:"]
    lines += [f"  {one.text}" for one in found]
    lines += ["to delete them (nothing was run):", *(f"  {one.command}" for one in found)]
    return "\n".join(lines) + "\n"


def _declared(read: Read, overlays: list[str]) -> dict[str, list[Identity]]:
    # A base is what a folder without overlays is: either may follow on the other.
    found = {"": list(_objects(read, BASE if read(f"{BASE}/kustomization.yaml") is not None else ""))}
    return found | {name: list(_objects(read, f"{OVERLAYS}/{name}")) for name in overlays}


def _objects(read: Read, root: str) -> Iterator[Identity]:
    content = read(posixpath.join(root, "kustomization.yaml"))
    if content is None:
        return
    body: dict[str, Any] = yaml.load(content, Loader=_LOADER)
    deleted = {identity_of(patch) for patch in _patches(read, root, body) if patch.get("$patch") == "delete"}
    for resource in body.get("resources", ()):
        path = posixpath.normpath(posixpath.join(root, resource))
        file = read(path)
        inside = _objects(read, path) if file is None else map(identity_of, yaml.load_all(file, Loader=_LOADER))
        yield from (identity for identity in inside if identity not in deleted)


def _patches(read: Read, root: str, body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for patch in body.get("patches", ()):
        if "target" not in patch:
            content = read(posixpath.join(root, patch["path"]))
            if content is not None:
                yield from yaml.load_all(content, Loader=_LOADER)
