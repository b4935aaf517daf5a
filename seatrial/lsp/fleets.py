"""The files in an editor and on disk -> which of them make one fleet by way of `use`.

Invariant: an open file is taken as it stands in the editor. Files on disk are read again when they have changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pygls import uris

from seatrial.texts import Unreadable, content_of, is_folder, parts_in, regular_text, specs_in

from .text import Text

MOST_FILES = 2_000
"""Of a workspace, and of one fleet, that are looked at for names."""
ENDINGS = (".fleet", ".yaml", ".yml", ".json")

Fleet = Mapping[Path, Text]
"""A file with all that it uses, by their full paths, itself first."""


class Fleets:
    def __init__(self, documents: Mapping[str, Text]) -> None:
        self._documents = documents
        self.folders: tuple[Path, ...] = ()
        self._disk: dict[Path, tuple[tuple[int, int], Text | None]] = {}
        self._users: frozenset[Path] = frozenset()

    def text(self, file: Path) -> Text | None:
        """A file by its full path; None where it cannot be read."""
        for document in self._documents.values():
            if document.file == file:
                return document
        try:
            status = file.stat()
        except OSError:
            return None
        stamp = (status.st_mtime_ns, status.st_size)
        if file not in self._disk or self._disk[file][0] != stamp:
            try:
                self._disk[file] = (
                    stamp,
                    Text(uris.from_fs_path(str(file)) or str(file), str(file), regular_text(file)),
                )
            except Unreadable:
                self._disk[file] = (stamp, None)
        return self._disk[file][1]

    def of(self, text: Text) -> Fleet:
        """What hangs together by the `use` of this file."""
        found = {text.file: text}
        waiting = [text]
        while waiting and len(found) < MOST_FILES:
            for file in self._used(waiting.pop()):
                if file not in found and (other := self.text(file)) is not None:
                    found[file] = other
                    waiting.append(other)
        return found

    def around(self, text: Text) -> list[Fleet]:
        """Each fleet that the file is a part of, its own first."""
        users = {file: other for file in self._users if (other := self.text(file)) is not None}
        users |= {one.file: one for one in self._documents.values() if one.used}
        users.pop(text.file, None)
        others = [self.of(user) for user in users.values()]
        return [self.of(text), *(one for one in others if text.file in one)]

    def whole(self, text: Text) -> Text:
        """The file that is judged to judge this one: for a part, the first fleet that uses it."""
        if not text.is_part:
            return text
        heads = [next(iter(one.values())) for one in self.around(text)[1:]]
        return next((one for one in sorted(heads, key=lambda one: one.file) if not one.is_part), text)

    def look(self) -> None:
        """Looks in the folders of the workspace for the files that use others."""
        self._users = frozenset(file for file in self._specs() if (text := self.text(file)) is not None and text.used)

    def _specs(self) -> Iterator[Path]:
        seen = 0
        for folder in self.folders:
            for file in specs_in(folder, ENDINGS):
                if not _may_use(file):
                    continue
                seen += 1
                if seen > MOST_FILES:
                    return
                yield file.resolve()

    def named_at(self, text: Text, offset: int) -> list[Text]:
        """The files that a `use` around an offset names."""
        here = text.understanding.at(offset)
        if here is None or here[1].form is None or here[1].form.key != "use" or not here[1].complete:
            return []
        files = self._paths(text, [here[1].statement.items[1].string])
        return [found for file in files if (found := self.text(file)) is not None]

    def _used(self, text: Text) -> Iterable[Path]:
        return self._paths(text, text.used)

    @staticmethod
    def _paths(text: Text, names: Iterable[str]) -> Iterable[Path]:
        for written in names:
            path = text.file.parent / written
            yield from (one.resolve() for one in parts_in(path)) if is_folder(path) else (path.resolve(),)


def _may_use(file: Path) -> bool:
    """Told without understanding it: a folder may hold thousands of files that are no specs."""
    try:
        if file.suffix != ".fleet" and file.stat().st_size > 1 << 20:
            return False
        content = content_of(file, regular=True)
    except (OSError, Unreadable):
        return False
    return b"use" in content and (file.suffix == ".fleet" or b"fleet" in content)
