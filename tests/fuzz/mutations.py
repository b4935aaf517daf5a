"""A text -> the same text, damaged: what a slip of the hand, a broken disk or an enemy would make of it.

Invariant: the same generator state gives the same text, so that a failure is found again by its seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from seatrial.dsl.exchange import Notation, write
from seatrial.dsl.parse import parse
from seatrial.dsl.source import Source

SPECS = Path(__file__).parents[2] / "specs"

_CHARS = (
    "\x00\x01\x07\b\t\v\f\r\x1b\x7f\x85\xa0\u00b5\u0301\u200b\u200d\u202e\u2028\u2029\ufeff\ufffd\ufffe\U0001d54f"
    "{}()[]\"'#;,:.=<>|/\\*+-$%_&!@~`^ \nx0919aZ"
)
_BITS = (
    "{", "}", "{}", "}\n", "\n", ";", ";;", '"', '""', "#", "..", "->", "(", ")", "((", ",", ",\n", "\r\n", "\r", "x2",
    "$", "$5/day", "20%", "1_000", "0", "00", "-1", "1e9", "9" * 40, "0.000000001", "1/0", "0/0", "(1 / 0)", "(0 - 5)",
    "5s", "5m", "5parsecs", "100Mi", "400/s", "$0.02/h", "p99", "p0", "p100", "10..2", "0..0", "1..99999999",
    "agents 3", "agents 1..0", "each {", "timeout 0s", "retry 99999", "call a -> a", "use \"/etc/passwd\"",
    'use "../../x"', "let a = $a", "let a = 1s", "for x in 1..9 {", "for x in 1..999999999 { pool p-$x { agents 1 } }",
    "template t {", "pool p like p", "environment e {", "fleet f {", "language 2", "# seatrial: allow ST2104 because x",
    "$$", "$x", "$x-$y", "\\", "\\n", "\ud7ff", "é", "𝕏", "%0A::error::", "\x1b[31m", "</script>", "{{7*7}}", "${HOME}",
    "- ", ": ", "&a ", "*a ", "<<: *a", "!!python/object ", "? ", "| ", "> ", "---\n", "...\n", "%YAML 1.1\n", "\t- ",
    "null", "true", "[", "]", "[[", "{a: b", "\\u0000", "\\ud800", "1.5e3", "1e999",
)  # fmt: skip


def specs() -> tuple[tuple[str, str], ...]:
    """All shipped specs, by their names."""
    return tuple(
        (str(path.relative_to(SPECS)), path.read_text(encoding="utf-8")) for path in sorted(SPECS.rglob("*.fleet"))
    )


def documents() -> tuple[tuple[str, str], ...]:
    """The shipped specs in YAML and in JSON."""
    out: list[tuple[str, str]] = []
    for name, text in specs():
        file, _ = parse(Source(name, text))
        assert file is not None
        for notation in (Notation.YAML, Notation.JSON):
            written = write(file, notation)
            assert isinstance(written, str)
            out.append((f"{name}.{notation.value}", written))
    return tuple(out)


def damaged(given: random.Random, text: str, other: str) -> str:
    """The text after one to six blows; `other` is what a splice takes its part from."""
    for _ in range(given.choice((1, 1, 1, 2, 3, 6))):
        text = given.choice(_BLOWS)(given, text, other)
    return text


def _stretch(given: random.Random, text: str, most: int = 80) -> tuple[int, int]:
    start = given.randint(0, len(text))
    return start, min(len(text), start + given.randint(0, most))


def _delete(given: random.Random, text: str, _other: str) -> str:
    start, end = _stretch(given, text)
    return text[:start] + text[end:]


def _delete_one(given: random.Random, text: str, _other: str) -> str:
    at = given.randint(0, len(text))
    return text[:at] + text[at + 1 :]


def _duplicate(given: random.Random, text: str, _other: str) -> str:
    start, end = _stretch(given, text, 300)
    return text[:end] + text[start:end] * given.choice((1, 1, 2, 5)) + text[end:]


def _splice(given: random.Random, text: str, other: str) -> str:
    start, end = _stretch(given, other, 200)
    at, to = _stretch(given, text, given.choice((0, 80)))
    return text[:at] + other[start:end] + text[to:]


def _truncate(given: random.Random, text: str, _other: str) -> str:
    at = given.randint(0, len(text))
    return text[:at] if given.random() < 0.7 else text[at:]


def _insert_char(given: random.Random, text: str, _other: str) -> str:
    at = given.randint(0, len(text))
    char = (
        given.choice(_CHARS)
        if given.random() < 0.7
        else chr(given.choice((given.randint(0, 0xD7FF), given.randint(0xE000, 0x10FFFF))))
    )
    return text[:at] + char * given.choice((1, 1, 1, 3)) + text[at:]


def _insert_bit(given: random.Random, text: str, _other: str) -> str:
    at = given.randint(0, len(text))
    return text[:at] + given.choice(_BITS) + text[at:]


def _replace_word(given: random.Random, text: str, other: str) -> str:
    """One word of the text by one of another, so that what comes out is often a spec again."""
    words, others = text.split(), other.split()
    if not words or not others:
        return text
    word = given.choice(words)
    at = text.find(word, given.randint(0, max(0, len(text) - 1)))
    return (
        text
        if at < 0
        else text[:at] + given.choice((given.choice(others), given.choice(_BITS))) + text[at + len(word) :]
    )


def _swap_lines(given: random.Random, text: str, _other: str) -> str:
    lines = text.split("\n")
    one, two = given.randrange(len(lines)), given.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return "\n".join(lines)


def _drop_line(given: random.Random, text: str, _other: str) -> str:
    lines = text.split("\n")
    del lines[given.randrange(len(lines))]
    return "\n".join(lines)


def _digits(given: random.Random, text: str, _other: str) -> str:
    """A digit becomes another, or many."""
    places = [at for at, char in enumerate(text) if char.isdigit()]
    if not places:
        return text
    at = given.choice(places)
    return text[:at] + given.choice(("0", "9", "00000", "9" * 12, "9" * 300, "-1", ".", "_")) + text[at + 1 :]


def _flip(given: random.Random, text: str, _other: str) -> str:
    """A bit of a byte; what is no UTF-8 any more is refused before it is a text, and is replaced here."""
    raw = bytearray(text.encode())
    if not raw:
        return text
    raw[given.randrange(len(raw))] ^= 1 << given.randrange(8)
    return raw.decode("utf-8", errors="replace")


def _line_ends(given: random.Random, text: str, _other: str) -> str:
    return text.replace("\n", given.choice(("\r\n", "\r", "\n\n", "\u2028", ";", " ")), given.choice((1, 3, -1)))


def _indent(given: random.Random, text: str, _other: str) -> str:
    lines = text.split("\n")
    at = given.randrange(len(lines))
    lines[at] = given.choice(("", " ", "  ", "\t", "        ")) + lines[at].lstrip()
    return "\n".join(lines)


_BLOWS: tuple[Callable[[random.Random, str, str], str], ...] = (
    _delete, _delete_one, _delete_one, _duplicate, _splice, _truncate, _insert_char, _insert_bit, _insert_bit,
    _replace_word, _replace_word, _swap_lines, _drop_line, _digits, _digits, _flip, _line_ends, _indent,
)  # fmt: skip
