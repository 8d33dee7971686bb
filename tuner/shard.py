"""A shard: one of n parts of a study, executed by itself and merged with the others."""

import heapq
import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeVar

MOST_SHARDS = 10_000
Part = TypeVar("Part")


class Shard(NamedTuple):
    """Which of how many parts, from 1."""

    number: int
    num_shards: int

    def __str__(self) -> str:
        """As it is typed: "3/8"."""
        return f"{self.number}/{self.num_shards}"

    @property
    def text(self) -> str:
        """In words: "shard 3 of 8"."""
        return f"shard {self.number} of {self.num_shards}"


def shard_from(typed: object) -> Shard:
    """The shard of a typed "3/8".

    Raises:
        ValueError: for anything else.
    """
    if isinstance(typed, Shard):
        return typed
    written = re.fullmatch(r"([0-9]{1,5})/([0-9]{1,5})", str(typed))
    number, num_shards = map(int, written.groups()) if written else (0, 0)
    if not 1 <= number <= num_shards <= MOST_SHARDS:
        raise ValueError(
            "expected a number from 1 and of how many parts it is one, as in 3/8 "
            f"(of at most {MOST_SHARDS:,})"
        )
    return Shard(number, num_shards)


def dealt(
    rounds: Iterable[Sequence[Part]], cost: Callable[[Part], float], num_hands: int
) -> list[list[Part]]:
    """Deals things out so that all hands cost about the same.

    Round by round, and there the dearest first, each thing goes to the hand that has cost least so
    far (Graham 1969, Bounds on multiprocessing timing anomalies): two hands never differ by more
    than the dearest thing costs. A further round changes nothing of how those before it were dealt.

    Args:
        rounds: of things, each met once.
        cost: of a thing, above zero.
        num_hands: how many there are.
    """
    hands: list[list[Part]] = [[] for _ in range(num_hands)]
    cheapest = [(0.0, hand) for hand in range(num_hands)]
    for things in rounds:
        for thing in sorted(things, key=cost, reverse=True):
            so_far, hand = cheapest[0]
            hands[hand].append(thing)
            heapq.heapreplace(cheapest, (so_far + cost(thing), hand))
    return hands
