"""Files and folders that are replaced whole or not at all."""

from __future__ import annotations

import glob
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import count
from pathlib import Path

from .refusal import Refused, not_written

MARK = ".seatrial"
"""The file that marks a folder as written by us, and names what is ours in it: nothing else is ever replaced.

A line for each file: its path, and before it, of what people may edit, the digest of what was written, as `sha256sum`
prints them.
"""
_MARKED = "Written by seatrial, which replaces this folder as a whole. Its files:"


_NAMED = 3
_LISTED = re.compile(r"(?:([0-9a-f]{64})  )?(.+)")


class NotOurs(Exception):
    """The folder holds something that seatrial did not write; the message is for the user."""


class Edited(NotOurs):
    """Files in it are no longer what was written: somebody has put work into them."""

    def __init__(self, folder: Path, names: list[str]) -> None:
        self.folder, self.names = folder, names
        more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
        one = len(names) == 1
        what = (
            "a file that was edited since it was" if one else f"{len(names):,} files that were edited since they were"
        )
        super().__init__(f"{folder} holds {what} written: {', '.join(names[:_NAMED])}{more}")


def write_atomically(path: Path, content: bytes) -> None:
    """Replaces a file by a rename, with the mode it had; a link is followed so that it stays a link.

    What is there and no file, such as `/dev/stdout` or a named pipe, is written to and stays what it is.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as stream:
            stream.write(content)
        return
    target = path.resolve()
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        mode = target.stat().st_mode if target.exists() else 0o666 & ~_umask()
        Path(name).chmod(mode & 0o7777)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_one(path: Path, content: bytes) -> None:
    """A file that the user named, replaced as a whole. Raises Refused where it cannot be written."""
    try:
        write_atomically(path, content)
    except OSError as error:
        if not os.path.lexists(path.parent):
            raise Refused(f"{path}: there is no folder {path.parent}") from None
        raise not_written(path, error) from None


def refuse_taken(paths: Iterable[Path], force: bool) -> None:
    """Raises Refused where one of the files is there, a folder even if they may be replaced."""
    for path in paths:
        if path.is_dir():
            raise Refused(f"{path}: is a folder")
        if os.path.lexists(path) and not force:
            raise Refused(f"{path}: is there already, and stays as it is (--force replaces it)")


def write_set(files: Mapping[Path, bytes], force: bool) -> None:
    """Writes all files, with their folders, or none of them; without `force` nothing that is there is replaced.

    Raises Refused where one cannot be written. With `force` those that were replaced before it stay replaced.
    """
    made: list[Path] = []
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            if force:
                write_atomically(path, content)
            else:
                _write_new(path, content)
                made.append(path)
    except OSError as error:
        for one in made:
            one.unlink(missing_ok=True)
        raise not_written(path, error) from None


def _write_new(path: Path, content: bytes) -> None:
    """Of two commands that write the same file at once one succeeds, and the file is whole as soon as it is there."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        Path(name).chmod(0o666 & ~_umask())
        path.hardlink_to(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def may_replace(folder: Path) -> None:
    """Raises NotOurs where the folder is a file, or holds files that seatrial did not write."""
    said, folder = folder, _placed(folder)
    around = next((one for one in (folder, *folder.parents) if os.path.lexists(one)), folder)
    if folder.is_symlink() or (around.exists() and not around.is_dir()):
        raise NotOurs(f"{said if around == folder else around} is not a folder; name another one with --out")
    if not folder.is_dir():
        return
    if Path.cwd().is_relative_to(folder):
        raise NotOurs(f"{said} is replaced as a whole, and this command runs in it; name another one with --out")
    there = set(_files(folder))
    others = there - _ours(folder).keys()
    if MARK in others:
        raise NotOurs(f"{said} was written by another version of seatrial; delete it, or name another one with --out")
    within = [one.removesuffix(f"/{MARK}") for one in sorted(others) if one.endswith(f"/{MARK}")]
    foreign = others.difference(*({f"{inner}/{name}" for name in _ours(folder / inner)} for inner in within))
    if foreign:
        what = f", such as {min(foreign)}" if MARK in there else ""
        raise NotOurs(f"{said} holds files that seatrial did not write{what}; name a new or empty folder with --out")
    if others:
        raise NotOurs(f"{said} holds another folder that seatrial wrote, {within[0]}; name another one with --out")


def _placed(folder: Path) -> Path:
    """Without `..`: what is not there yet would else be made, and lead elsewhere than it was looked at."""
    return folder.parent.resolve() / folder.name if folder.name not in ("", "..") else folder.resolve()


def _files(folder: Path) -> Iterator[str]:
    """Of a folder and those in it; an empty one in it counts as a file, a link is not followed."""
    for at, folders, names in os.walk(folder):
        inside = "" if at == str(folder) else f"{Path(at).relative_to(folder).as_posix()}/"
        yield from (f"{inside}{name}" for name in names)
        yield from (f"{inside}{name}" for name in folders if (Path(at) / name).is_symlink())
        if inside and not names and not folders:
            yield inside


def _ours(folder: Path) -> dict[str, set[str]]:
    """What a folder's mark lists, and the digests of it: several where two versions of the mark were merged."""
    try:
        listed = [os.fsdecode(one) for one in (folder / MARK).read_bytes().splitlines()]
    except OSError:
        return {}
    found: dict[str, set[str]] = {MARK: set()}
    for line in listed[1:] if listed[:1] == [_MARKED] else ():
        if (match := _LISTED.fullmatch(line)) is not None:
            found.setdefault(match[2], set()).update([match[1]] if match[1] else [])
    return found if listed[:1] == [_MARKED] else {}


def keep_edits(folder: Path, files: Mapping[str, bytes]) -> None:
    """Raises Edited where `files`, in the place of the folder, would take away what somebody wrote into a file of ours;
    NotOurs where what we wrote is of another kind, as a trial's results are.

    What differs in line ends alone is as it was: a checkout may have changed them. What is deleted comes back.
    """
    said, folder = folder, _placed(folder)
    edited = []
    for name, digests in _ours(folder).items():
        path = folder / name
        if name == MARK or not path.is_file():
            continue
        if not digests and files:
            raise NotOurs(f"{said} holds what is not compiled but tried, such as {name}; name another one with --out")
        if not digests:
            continue
        content = path.read_bytes()
        written = content == files.get(name) or digests & {_digest(content), _digest(content.replace(b"\r\n", b"\n"))}
        if not written:
            edited.append(name)
    if edited:
        raise Edited(said, sorted(edited))


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Replaces a folder by one with just these files; on any failure the old one stays as it was.

    Raises NotOurs. Whoever keeps what was edited asks `keep_edits` before.
    """
    made = draft_of(folder)
    try:
        _fill(made, files)
        replace_folder(made, folder, {name: _digest(content) for name, content in files.items()})
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _fill(folder: Path, files: Mapping[str, bytes]) -> None:
    """Thousands of small files: each folder is looked for once, not for each of them."""
    for parent in {name.rpartition("/")[0]: None for name in files}:
        (folder / parent).mkdir(parents=True, exist_ok=True)
    root = str(folder)
    for name, content in files.items():
        with Path(f"{root}/{name}").open("xb") as stream:
            stream.write(content)


def draft_of(folder: Path) -> Path:
    """A new empty folder beside `folder`, marked as ours, in which its successor can be made.

    Drafts of `folder` whose command was killed are removed first: nobody else would. Raises NotOurs.
    """
    may_replace(folder)
    folder = _placed(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.glob(f".{glob.escape(folder.name)}.*"):
        # Without the folder itself, a command was killed while it replaced it, and `.old` is all that there is.
        if (left / MARK).is_file() and (folder.exists() or left.suffix != ".old") and _hold(left):
            shutil.rmtree(left, ignore_errors=True)
    made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        _hold(made)
        made.chmod(0o777 & ~_umask())
        (made / MARK).write_text(f"{_MARKED}\n", encoding="utf-8")
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return made


def _hold(draft: Path) -> bool:
    """Locks a draft for as long as this process lives; False where another one holds it, or none can tell."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        # Left open on purpose: the kernel lets go of the lock when the process ends, however it ends.
        fcntl.flock(os.open(draft, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def kept_beside(made: Path, folder: Path) -> Path:
    """Puts `made` beside a folder that may not be replaced any more, under a name that is free."""
    folder = _placed(folder)
    free = next(one for n in count(2) if not os.path.lexists(one := folder.with_name(f"{folder.name}-{n}")))
    made.rename(free)
    return free


def replace_folder(made: Path, folder: Path, digests: Mapping[str, str] | None = None) -> None:
    """Puts `made` in the place of `folder`. The old one is moved aside first and comes back if that fails.

    `digests` are of the files whose edits are to be seen by the next run. Raises NotOurs where somebody has put a file
    there meanwhile.
    """
    folder = _placed(folder)
    known = digests or {}
    listed = [f"{known[one]}  {one}" if one in known else one for one in sorted(_files(made))]
    (made / MARK).write_bytes(os.fsencode("".join(f"{one}\n" for one in (_MARKED, *listed))))
    may_replace(folder)
    old = made.with_name(made.name + ".old")
    if folder.exists():
        folder.rename(old)
    try:
        made.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
