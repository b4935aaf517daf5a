"""The stand-in of a dependency keeps its limits."""

from __future__ import annotations

import asyncio
from collections import Counter
from fractions import Fraction
from pathlib import Path

import aiohttp
import pytest

from seatrial.chaos.local.agent import TOKENS
from seatrial.chaos.local.document import Dependency
from seatrial.chaos.local.launch import start_dependency
from seatrial.chaos.local.probes import answers
from seatrial.chaos.local.scale import DependencySize, LocalSize
from seatrial.chaos.local.tether import Tether

pytestmark = pytest.mark.live


def _answers_to(tmp_path: Path, size: DependencySize, tokens: list[int]) -> Counter[int]:
    """The statuses of requests that were sent at once, one for each number of tokens."""

    async def run() -> Counter[int]:
        tether = Tether(tmp_path)
        try:
            async with aiohttp.ClientSession() as session:
                one = Dependency("llm", None, None, None, None, None)
                _, ports = start_dependency(tether, tmp_path, one, LocalSize(Fraction(1), (), (size,), ()), 1)
                while not await answers(session, ports.requests, stand_in=True):
                    await asyncio.sleep(0.05)

                async def ask(count: int) -> int:
                    url, headers = f"http://127.0.0.1:{ports.requests}/", {TOKENS: str(count)}
                    async with session.post(url, headers=headers) as response:
                        return response.status

                return Counter(await asyncio.gather(*(ask(count) for count in tokens)))
        finally:
            await tether.close()

    return asyncio.run(run())


def test_above_its_request_rate_it_answers_429(tmp_path: Path) -> None:
    size = DependencySize("llm", Fraction(1, 1000), Fraction(5), None, None, None)
    assert _answers_to(tmp_path, size, [0] * 8) == {200: 5, 429: 3}


def test_above_its_token_rate_it_answers_429_and_charges_no_request_for_it(tmp_path: Path) -> None:
    size = DependencySize("llm", Fraction(1, 1000), Fraction(2), Fraction(1, 1000), Fraction(1000), None)
    assert _answers_to(tmp_path, size, [2000, 2000, 2000, 400, 400]) == {429: 3, 200: 2}
