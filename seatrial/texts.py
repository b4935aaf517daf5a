"""Text files, what to say of one that cannot be read, and which files of a folder are specs."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterator
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

MOST_BYTES = 256 * 1024 * 1024
"""Of a file that is read at all: `/dev/zero` has no end."""


ENDINGS = (".fleet", ".fleet.yaml", ".fleet.yml", ".fleet.json")
"""Of files that are specs wherever they lie: of other YAML and JSON not every file is one."""
_OF_THE_SYSTEM = ("/proc", "/dev", "/sys")
"""Where files are regular and still hold what a process has, such as its environment."""
_NOT_OURS = frozenset({"node_modules", "__pycache__", "venv", "target", "dist", "build"})


class Unreadable(Exception):
    """A file that cannot be read as text; the message, which begins with its name, is for the user."""

    code = "ST1042"
    """Under which a report for a program tells of it."""


class Undeclared(Unreadable):
    """A file that does not declare what a command line names."""

    code = "ST1011"


def text_of(path: Path) -> str:
    """Of a file that a user names, a pipe too. Raises Unreadable as `content_of` does, and where it is not UTF-8."""
    return decoded(content_of(path), str(path))


def regular_text(path: Path) -> str:
    """Of a file that a spec names. Raises Unreadable as `content_of` and `text_of` do."""
    return decoded(content_of(path, regular=True), str(path))


def content_of(path: Path, *, regular: bool = False) -> bytes:
    """A pipe's content is the same each time, though it gives it once; with `regular` none is waited for, nor is
    anything read that the system keeps of itself: a spec of others may name what it likes.

    Raises Unreadable for a file that is missing, a folder, not permitted, or longer than `MOST_BYTES`.
    """
    try:
        status = path.stat()
        if stat.S_ISFIFO(status.st_mode) and not regular:
            return _piped(path, status.st_dev, status.st_ino)
        if regular and not stat.S_ISDIR(status.st_mode):
            real = path.resolve()
            if not stat.S_ISREG(status.st_mode) or any(real.is_relative_to(one) for one in _OF_THE_SYSTEM):
                raise Unreadable(f"{path}: no regular file")
        if status.st_size > MOST_BYTES:
            raise _too_long(path)
        return _bounded(path)
    except IsADirectoryError:
        raise Unreadable(f"{path}: is a folder; name a file in it") from None
    except FileNotFoundError:
        if path.is_symlink():
            raise Unreadable(f"{path}: a link to {path.readlink()}, which is not there") from None
        close = nearby(path)
        raise Unreadable(f"{path}: no such file{f'; did you mean {close}?' if close else ''}") from None
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or error}") from None


@lru_cache(maxsize=64)
def _piped(path: Path, _device: int, _number: int) -> bytes:
    return _bounded(path)


def _bounded(path: Path) -> bytes:
    with path.open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise _too_long(path)
    return content


def _too_long(path: Path) -> Unreadable:
    return Unreadable(f"{path}: more than the {MOST_BYTES:,} bytes that are read")


def specs_in(
    folder: Path, endings: tuple[str, ...] = ENDINGS, unreadable: Callable[[OSError], object] | None = None
) -> Iterator[Path]:
    """The files with these endings, as `files_in` gives them, but for what tools make."""
    return (one for one in files_in(folder, unreadable, _NOT_OURS) if one.name.endswith(endings))


def files_in(
    folder: Path, unreadable: Callable[[OSError], object] | None = None, but: Collection[str] = ()
) -> Iterator[Path]:
    """The files of a folder in the order of their names, then those of the folders in it that are not called `but`.
    Hidden ones, which editors and systems leave beside a file, are left out.

    `unreadable` is called for each folder that cannot be read, which otherwise is passed by.
    """
    for place, inner, names in os.walk(folder, onerror=unreadable):
        inner[:] = sorted(one for one in inner if not _is_hidden(one) and one not in but)
        yield from (Path(place, name) for name in sorted(names) if not _is_hidden(name))


def parts_in(folder: Path) -> list[Path]:
    """What `use` of a folder reads: the .fleet files in it that are not hidden, in the order of their names."""
    return sorted(one for one in folder.glob("*.fleet") if not _is_hidden(one.name))


def _is_hidden(name: str) -> bool:
    return name.startswith(".")


def decoded(content: bytes, name: str) -> str:
    """The text of a file that was read as `name`. Raises Unreadable where it is not UTF-8."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{name}: not a text in UTF-8 ({_otherwise(content, error.start)})") from None


def _otherwise(content: bytes, at: int) -> str:
    """What the bytes may be, and what to do with them."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "it is UTF-16: `iconv -f UTF-16 -t UTF-8` converts it"
    if b"\0" in content[:4096]:
        return f"byte {at}: it is no text at all"
    line = content.count(b"\n", 0, at) + 1
    return f"byte {at}, in line {line}; save it as UTF-8"


def plain(text: str) -> str:
    """The text of a spec without what an editor on another system adds: a byte order mark, line ends of two."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def is_folder(path: Path) -> bool:
    """Not where that cannot be told: a name that is too long, a folder above it that is closed to us."""
    try:
        return path.is_dir()
    except OSError:
        return False


def nearby(path: Path) -> Path | None:
    """The file beside it whose name is nearest to it."""
    folder, ending = path.parent, path.suffix or ".fleet"
    # By their stems: that both end in `.fleet` says nothing.
    stems = sorted(one.stem for one in folder.glob(f"*{ending}")) if is_folder(folder) else []
    close = get_close_matches(path.stem, stems, n=1)
    return folder / f"{close[0]}{ending}" if close else None
