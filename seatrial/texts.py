"""Text files, and what to say of one that cannot be read."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path


class Unreadable(Exception):
    """A file that cannot be read as text; the message is for the user."""


def text_of(path: Path) -> str:
    """Raises Unreadable for a file that is missing, a folder, not permitted, or not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path}: not a text in UTF-8 (byte {error.start})") from None
    except IsADirectoryError:
        raise Unreadable(f"{path}: is a folder; name the .fleet file in it") from None
    except FileNotFoundError:
        raise Unreadable(f"{path}: no such file{_nearby(path)}") from None
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or error}") from None


def _nearby(path: Path) -> str:
    folder = path.parent
    names = [one.name for one in folder.glob("*.fleet")] if folder.is_dir() else []
    close = get_close_matches(path.name, names, n=1, cutoff=0.5)
    return f"; did you mean {folder / close[0]}?" if close else ""
