"""A source's path -> the name under which a code host knows the file.

Invariant: pure; a path that was given relative stays relative to where the command ran, the root of a checkout in CI.
"""

from __future__ import annotations

import posixpath
from urllib.parse import quote


def relative(path: str) -> str:
    """With forward slashes and without `./` and `a/../`."""
    return posixpath.normpath(path.replace("\\", "/"))


def is_absolute(path: str) -> bool:
    """Also a Windows drive, `C:\\`."""
    return path.startswith(("/", "\\")) or path[1:3] in (":\\", ":/")


def uri(path: str) -> str:
    """A URI reference (RFC 3986): relative for a relative path, `file:` for an absolute one."""
    plain = relative(path)
    if is_absolute(path):
        return "file:///" + quote(plain.lstrip("/"), safe="/:")
    # A colon in the first segment would read as a scheme (RFC 3986, section 4.2); quote() escapes it.
    return quote(plain, safe="/")
