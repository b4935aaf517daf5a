"""Characters beyond ASCII: what a phone or a word processor makes of the language's signs, and what is none of them."""

from __future__ import annotations

SIGNS = {"→": "->", "⇒": "->", "≤": "<=", "≥": ">=", "–": "-", "—": "-", "−": "-", "‥": "..", "…": "..", "×": "x"}
"""What is made of a sign, and the sign."""
QUOTES = {"“": '“”"', "”": '”"', "„": '“”"', "«": "»", "'": "'", "‘": "’'", "’": "’'", "`": "`´"}
"""Other quotes that begin a text, and what then ends it."""
MONEY = "€£¥"
_UNSEEN = r"\u00ad\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff"
PICTURE = rf"[^\w\s\x00-\x7f{_UNSEEN}{''.join([*SIGNS, *QUOTES, *QUOTES.values(), *MONEY])}]"
"""Regular expression of a character that is no letter and no sign, and that somebody may have meant as part of a name.

No letter, so that in an alternation with `\\w` each character has one way to be matched."""
