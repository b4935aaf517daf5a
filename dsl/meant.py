"""Items that fit a form up to some place -> what they may have been meant to be, each with the change that makes it so.

Invariant: only what stands at that place or touches it is changed, so that who reads the fix sees why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from fractions import Fraction

from .diagnostics import Fix
from .names import name_meant
from .quantities import PER_UNITS, RATE_WORDS, SIZE_UNITS, TIME_UNITS, UNIT_WORDS
from .source import Span
from .syntax import Item, Kind

Edit = tuple[tuple[Item, ...], Fix]

_FILLERS = frozenset({"a", "an", "the", "of", "is", "at", "to", "be", "than", "with", "equals"})
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SAME = {"availability": "success", "uptime": "success", "spend": "cost", "pod": "agent", "pods": "agents",
         "replica": "agent", "replicas": "agents", "instance": "agent", "instances": "agents",
         "during": "for", "rps": "requests/s", "qps": "requests/s", "rpm": "requests/min", "rph": "requests/h",
         "tpm": "tokens/min", "tps": "tokens/s"}  # fmt: skip
"""What other tools call a word of ours."""
_ASKED = re.compile(r"(?:req|reqs|requests?|msgs?|messages?|calls?|ops|events?|tasks?|items?|jobs?|queries)/([a-z]+)")
_COUNTED = re.compile(
    r"times?|attempts?|tries|retries|agents?|replicas?|pods?|instances?|connections?|nodes?|zones?|requests?"
)
_YES, _NO = ("true", "yes", "enabled"), ("false", "no", "disabled")
_TOKEN = re.compile(r"\$?[0-9][A-Za-z0-9_.µ%$/]*")
_MANTISSA = re.compile(r"(\$?)([0-9][0-9_]*(?:\.[0-9]+)?)[eE]")
_EXPONENT = re.compile(r"([0-9]{1,2})((?![0-9_.]).*)")
_SIGNS = ("+", "-", "*", "/")
_PERIODS = {"second": "s", "sec": "s", "minute": "min", "m": "min", "hour": "h"}
_LONGER = frozenset({"d", "day", "days", "w", "week", "weeks", "mo", "month", "months", "y", "year", "years"})
"""No rate is counted by these: `tokens/day` is near to `tokens/s` in letters alone."""


def edits(items: tuple[Item, ...], at: int, wanted: tuple[str, ...]) -> Iterator[Edit]:
    """What may have been meant, the likeliest first; `wanted` are the words and signs that could have come."""
    if at >= len(items):
        return
    match items[at].kind:
        case Kind.WORD:
            yield from _of_word(items, at, wanted)
        case Kind.SYMBOL:
            yield from _of_sign(items, at, wanted)
        case Kind.STRING:
            yield from _of_string(items, at)
        case _:
            yield from _of_amount(items, at, wanted)


def _of_word(items: tuple[Item, ...], at: int, wanted: tuple[str, ...]) -> Iterator[Edit]:
    item, before, after = items[at], items[:at], items[at + 1 :]
    following = after[0] if after else None
    same = [_SAME[item.text]] if _SAME.get(item.text) in wanted else []
    close = get_close_matches(item.text.lower(), [one for one in wanted if one[:1].isalpha()], n=1, cutoff=0.6)
    for word in same or (close if item.text.rpartition("/")[2] not in _LONGER or "/" not in item.text else []):
        words = tuple(Item(Kind.WORD, part, item.span) for part in word.split())
        yield (*before, *words, *after), Fix(item.span, word, f"did you mean `{word}`?")
    if len(wanted) == 1:
        kind = Kind.WORD if wanted[0].isalpha() else Kind.SYMBOL
        said = Item(kind, wanted[0], item.span)
        yield (*before, said, *after), Fix(item.span, said.text, f"write `{said.text}`, not `{item.text}`")
    if item.text == "per" and before and following is not None and following.text in PER_UNITS:
        span = before[-1].span.to(following.span)
        merged = Item(Kind.QUANTITY, f"{before[-1].text}/{following.text}", span)
        yield (*before[:-1], merged, *after[1:]), Fix(span, merged.text, f"write {merged.text}")
    if following is not None and following.text == "per" and len(after) > 1:
        # `tokens per minute` is one word here.
        span = item.span.to(after[1].span)
        whole = Item(Kind.WORD, f"{item.text}/{_PERIODS.get(after[1].text, after[1].text)}", span)
        yield (*before, whole, *after[2:]), Fix(span, whole.text, f"write `{whole.text}`")
    if before and before[-1].kind is Kind.QUANTITY:
        if item.text == "to" and following is not None and following.kind is Kind.QUANTITY:
            text = f"a range is written with `..`: {before[-1].text}..{following.text}"
            span = Span(item.span.source, before[-1].span.end, following.span.start)
            yield (*before, Item(Kind.SYMBOL, "..", item.span), *after), Fix(span, "..", text)
        unit = _with_unit(before[-1].text, item.text)
        if unit is not None:
            merged, text = Item(Kind.QUANTITY, unit[0], before[-1].span.to(item.span)), unit[1]
            yield (*before[:-1], merged, *after), Fix(merged.span, merged.text, text)
    if item.text in _YES and following is None:
        gap = Span(item.span.source, before[-1].span.end, item.span.end) if before else item.span
        yield before, Fix(gap, "", f"leave out `{item.text}`: that it is said is enough")
    if item.text in _NO and following is None and before:
        whole_clause = before[0].span.to(item.span)
        yield before, Fix(whole_clause, "", "leave the whole clause out: what is not said does not hold")
    if item.text in _NUMBERS:
        number = Item(Kind.QUANTITY, str(_NUMBERS.index(item.text)), item.span)
        yield (*before, number, *after), Fix(item.span, number.text, f"numbers are written in digits: {number.text}")
    if item.text in _FILLERS and following is not None:
        gap = Span(item.span.source, item.span.start, following.span.start)
        yield (*before, *after), Fix(gap, "", f"leave out `{item.text}`")
    # A text without its quotes, up to where the statement ends.
    rest = item.span.to(items[-1].span)
    if '"' not in rest.text:
        quoted = Item(Kind.STRING, f'"{rest.text}"', rest)
        yield (*before, quoted), Fix(rest, quoted.text, f"text goes in quotes: {quoted.text}")


def one_amount(text: str) -> tuple[str, str] | None:
    """What `50 rps` is as one amount, and what to write; None where it is no number with a unit."""
    apart = re.fullmatch(r"([0-9][0-9_.]*) *([A-Za-z][A-Za-z/]*)", text)
    return _with_unit(apart[1], apart[2]) if apart is not None else None


def _with_unit(number: str, word: str) -> tuple[str, str] | None:
    """A bare number and the unit behind it as one amount, and why; blanks between them are a common way to write it."""
    if not re.fullmatch(r"[0-9_.]+", number):
        return None
    asked = _ASKED.fullmatch(word)
    if word in TIME_UNITS or word in SIZE_UNITS:
        return number + word, f"write it without a space: `{number}{word}`"
    if word in UNIT_WORDS:
        whole = number + UNIT_WORDS[word]
        return whole, f"write `{whole}`" if UNIT_WORDS[word] else f"cpu is counted in cores: write `{whole}`"
    if word in RATE_WORDS:
        return number + RATE_WORDS[word], f"write `{number}{RATE_WORDS[word]}`"
    if asked and asked[1] in {**PER_UNITS, **_PERIODS}:
        whole = f"{number}/{_PERIODS.get(asked[1], asked[1])}"
        return whole, f"what is counted goes without saying: `{whole}`"
    if _COUNTED.fullmatch(word):
        return number, f"what is counted goes without saying: `{number}`"
    money = re.fullmatch(r"(?:USD|usd|dollars?)(/[a-z]+)?", word)
    return (f"${number}{money[1] or ''}", f"write `${number}{money[1] or ''}`") if money else None


def _of_sign(items: tuple[Item, ...], at: int, wanted: tuple[str, ...]) -> Iterator[Edit]:
    item, before, after = items[at], items[:at], items[at + 1 :]
    following = after[0] if after else None
    # `=>` is read as two signs.
    double = following is not None and item.text == "=" and following.text == ">" and _touch(item, following)
    span = item.span.to(following.span) if double and following is not None else item.span
    rest = after[1:] if double else after
    for sign in (one for one in wanted if not one[:1].isalnum()):
        replaced = Item(Kind.SYMBOL, sign, span)
        yield (*before, replaced, *rest), Fix(span, sign, f"write `{sign}`, not `{span.text}`")
    if len(wanted) == 1 and wanted[0].isalpha():
        replaced = Item(Kind.WORD, wanted[0], span)
        yield (*before, replaced, *rest), Fix(span, wanted[0], f"write `{wanted[0]}`, not `{span.text}`")
    if following is not None and following.kind is Kind.QUANTITY:
        if item.text == "," and before:
            yield from _of_comma(items, at, following)
        if item.text in ("-", ":", ",") and before:
            text = f"a range is written with `..`: {before[-1].text}..{following.text}"
            gap = Span(item.span.source, before[-1].span.end, following.span.start)
            yield (*before, Item(Kind.SYMBOL, "..", item.span), *after), Fix(gap, "..", text)
        if item.text == ":" and before and (before[-1].text + following.text).isdigit():
            span = before[-1].span.to(following.span)
            share = Item(Kind.QUANTITY, f"{before[-1].text}/{following.text}", span)
            yield (*before[:-1], share, *after[1:]), Fix(span, share.text, f"a share is written {share.text}")
        if item.text == "-":
            text = f"nothing is below zero here: did you mean {following.text}?"
            yield (*before, *after), Fix(item.span, "", text)
    if item.text in (":", "="):
        text = f"delete the `{item.text}`: a value follows its name after a space"
        yield (*before, *after), Fix(item.span, "", text)
    if item.text in _SIGNS and before:
        yield from _of_calculation(items, at)
    if item.text in ("<", ">", "<=", ">=") and following is not None:
        gap = Span(item.span.source, item.span.start, following.span.start)
        yield (*before, *after), Fix(gap, "", f"leave out the `{item.text}`: that it is a bound goes without saying")


def _of_calculation(items: tuple[Item, ...], at: int) -> Iterator[Edit]:
    """`5 * 10/s` without its parentheses, and `(5 * 10)/s`, where the unit stands behind them."""
    item, before, after = items[at], items[:at], items[at + 1 :]
    if before[-1].kind is Kind.QUANTITY:
        end = at
        while end + 1 < len(items) and items[end].text in _SIGNS and items[end + 1].kind is Kind.QUANTITY:
            end += 2
        if end > at:
            span = before[-1].span.to(items[end - 1].span)
            opened, closed = (Item(Kind.SYMBOL, sign, span) for sign in "()")
            whole = (*before[:-1], opened, *items[at - 1 : end], closed, *items[end:])
            yield whole, Fix(span, f"({span.text})", f"a calculation stands in parentheses: ({span.text})")
    open_ = max((number for number, one in enumerate(before) if one.text == "("), default=None)
    if item.text == "/" and before[-1].text == ")" and open_ is not None and after and after[0].text in PER_UNITS:
        first = before[open_ + 1]
        if first.kind is Kind.QUANTITY:
            with_unit = Item(Kind.QUANTITY, f"{first.text}/{after[0].text}", first.span)
            span = before[open_].span.to(after[0].span)
            inside = Span(span.source, first.span.end, before[-1].span.end).text
            shown = f"({with_unit.text}{inside}"
            text = f"a unit stands behind an amount, not behind the parentheses: {shown}"
            yield (*before[: open_ + 1], with_unit, *before[open_ + 2 :], *after[1:]), Fix(span, shown, text)


def _of_comma(items: tuple[Item, ...], at: int, following: Item) -> Iterator[Edit]:
    """The comma in a number: `10,000` is 10_000, and `3,5s` is 3.5s."""
    item, before, after = items[at], items[:at], items[at + 1 :]
    if not _touch(before[-1], item) or not _touch(item, following):
        return
    thousands = re.match(r"[0-9]{3}(?![0-9])", following.text)
    sign, text = ("_", "digits are grouped with `_`") if thousands else (".", "decimals are written with a point")
    span = before[-1].span.to(following.span)
    merged = Item(Kind.QUANTITY, f"{before[-1].text}{sign}{following.text}", span)
    yield (*before[:-1], merged, *after[1:]), Fix(span, merged.text, f"{text}: {merged.text}")


def _in_digits(mantissa: Item, exponent: Item) -> str | None:
    """`1e9` is read as `1e` and `9`; None where it is no such number."""
    first, then = _MANTISSA.fullmatch(mantissa.text), _EXPONENT.fullmatch(exponent.text)
    if first is None or then is None or not _touch(mantissa, exponent):
        return None
    whole = Fraction(first[2].replace("_", "")) * 10 ** int(then[1])
    return f"{first[1]}{whole.numerator:_}{then[2]}" if whole.denominator == 1 else None


def _of_string(items: tuple[Item, ...], at: int) -> Iterator[Edit]:
    item = items[at]
    if (amount := one_amount(item.string)) is not None:
        bare = Item(Kind.QUANTITY, amount[0], item.span)
    elif _TOKEN.fullmatch(item.string):
        bare = Item(Kind.QUANTITY, item.string, item.span)
    elif re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", item.string):
        bare = Item(Kind.WORD, item.string, item.span)
    elif name := name_meant(item.string):
        bare = Item(Kind.WORD, name, item.span)
    else:
        return
    yield (*items[:at], bare, *items[at + 1 :]), Fix(item.span, bare.text, f"write it without quotes: `{bare.text}`")


def _of_amount(items: tuple[Item, ...], at: int, wanted: tuple[str, ...]) -> Iterator[Edit]:
    item, before, after = items[at], items[:at], items[at + 1 :]
    if before and (digits := _in_digits(before[-1], item)) is not None:
        span = before[-1].span.to(item.span)
        merged = Item(Kind.QUANTITY, digits, span)
        yield (*before[:-1], merged, *after), Fix(span, digits, f"numbers are written in digits: {digits}")
    for sign in wanted:
        # The word for it may stand where nothing does: `p95 3s`.
        if before and len(wanted) == 1 and before[-1].text in _FILLERS:
            yield (
                (*before[:-1], Item(Kind.SYMBOL, sign, before[-1].span), item, *after),
                Fix(before[-1].span, sign, f"write `{sign}`"),
            )
    if before and all(re.fullmatch(r"[0-9_.]+(us|µs|ms|s|m|h|d|w)", one.text) for one in (before[-1], item)):
        span = before[-1].span.to(item.span)
        shown = f"({before[-1].text} + {item.text})"
        signs = {text: Item(Kind.SYMBOL, text, span) for text in "(+)"}
        summed = (*before[:-1], signs["("], before[-1], signs["+"], item, signs[")"], *after)
        yield summed, Fix(span, shown, f"amounts are added in parentheses: {shown}")
    share = re.fullmatch(r"([0-9]{2})(?:\.([0-9]))?%", item.text)
    if share:
        quantile = Item(Kind.WORD, f"p{share[1]}" + (share[2] or ""), item.span)
        yield (*before, quantile, *after), Fix(item.span, quantile.text, f"write {quantile.text}")


def turned(items: tuple[Item, ...], at: int) -> Iterator[Edit]:
    """Two words that changed places. The items are then not in the order of the text any more."""
    if at + 1 < len(items):
        one, two = items[at], items[at + 1]
        span = one.span.to(two.span)
        text = f"{two.text} {one.text}"
        yield (*items[:at], two, one, *items[at + 2 :]), Fix(span, text, f"write it the other way round: `{text}`")


def _touch(left: Item, right: Item) -> bool:
    return left.span.end == right.span.start
