"""Texts that become part of a protocol -> what is wrong with them.

Invariant: what passes here can be put into a document as it is, and is there what it is meant to be.
"""

from __future__ import annotations

import re

from seatrial.dsl.diagnostics import Diagnostic, Label, Severity
from seatrial.dsl.values import Value

_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""RFC 9110, section 5.1: the name of a header is a token."""
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]*")
"""What an image reference is made of (OCI Distribution 1.1, pulling manifests); a kubelet refuses all else."""


def is_header(text: str) -> bool:
    """Whether HTTP can take this as the name of a header."""
    return _FIELD_NAME.fullmatch(text) is not None


def no_header(name: Value) -> Diagnostic | None:
    if is_header(name.text):
        return None
    return _told(name, "cannot be the name of a header", "letters, digits and dashes, such as `x-session`")


def is_image(text: str) -> bool:
    """Whether a kubelet can take this as the name of an image."""
    return _IMAGE.fullmatch(text) is not None


def no_image(name: Value) -> Diagnostic | None:
    if is_image(name.text):
        return None
    return _told(name, "cannot be the name of an image", "write it as `registry.example/triage:1.9`, without blanks")


def _told(value: Value, message: str, help_: str) -> Diagnostic:
    # In YAML and JSON nothing stands at the place of an empty text.
    written = value.span.text or '""'
    return Diagnostic(
        "ST1104", Severity.ERROR, f"{written} {message}", (Label(value.span, "not possible"),), help=help_
    )
