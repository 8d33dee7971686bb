"""Hyperband's brackets, rungs and budgets in plain integers.

Source: Li, Jamieson, DeSalvo, Rostamizadeh and Talwalkar (2018), Hyperband: A Novel Bandit-Based
Approach to Hyperparameter Optimization, JMLR 18(185), algorithm 1.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Bracket:
    """One bracket: how many configurations each of its rungs holds, trained to how many epochs.

    `number` is the algorithm's s, the number of times that configurations are dropped. It alone
    says the epochs of each rung, however small the bracket is.
    """

    number: int
    sizes: tuple[int, ...]
    epochs: tuple[int, ...]

    @property
    def num_trials(self) -> int:
        """The trials of all its rungs."""
        return sum(self.sizes)

    @property
    def num_epochs(self) -> int:
        """The epochs of all its trials, as each goes on where the rung before stopped."""
        before = (0, *self.epochs)
        return sum(
            size * (epochs - initial_epoch)
            for size, epochs, initial_epoch in zip(self.sizes, self.epochs, before, strict=False)
        )


def factor_for(max_epochs: int) -> int:
    """How many rivals one configuration is promoted from: 3, unless there are fewer epochs."""
    return min(3, max_epochs)


def trial_epochs(brackets: Iterable[Bracket]) -> list[int]:
    """The epochs that each trial of some brackets trains, from where its parent stopped."""
    return [
        epochs - before
        for bracket in brackets
        for size, before, epochs in zip(
            bracket.sizes, (0, *bracket.epochs), bracket.epochs, strict=False
        )
        for _ in range(size)
    ]


def sweep(max_epochs: int, factor: int) -> list[Bracket]:
    """The brackets of the whole algorithm, the one that drops most configurations first.

    Raises:
        ValueError: for fewer than 1 epoch, or a factor below 2.
    """
    if max_epochs < 1 or factor < 2:
        raise ValueError(
            f"expected max_epochs of 1 or more and a factor of 2 or more, got {max_epochs} and "
            f"{factor}"
        )
    most = 0
    while factor ** (most + 1) <= max_epochs:
        most += 1
    brackets = []
    for number in range(most, -1, -1):
        num_drawn = -(-(most + 1) * factor**number // (number + 1))  # rounded up
        epochs = tuple(nearest(max_epochs, factor ** (number - rung)) for rung in range(number + 1))
        brackets.append(Bracket(number, rung_sizes(num_drawn, number + 1, factor), epochs))
    return brackets


def nearest(dividend: int, divisor: int) -> int:
    """The whole number nearest to a quotient, a half rounded up."""
    return (2 * dividend + divisor) // (2 * divisor)


def rung_sizes(num_drawn: int, num_rungs: int, factor: int) -> tuple[int, ...]:
    """How many configurations each rung holds: one of `factor` goes on, and always at least one."""
    return tuple(max(min(num_drawn, 1), num_drawn // factor**rung) for rung in range(num_rungs))


def fitted(
    bracket: Bracket, factor: int, num_cells: int | None, max_trials: int | None
) -> Bracket | None:
    """The largest bracket of the same epochs for so many cells and trials, None for no limit.

    None if there is none: a single configuration has no rival, and waits for bracket 0.
    """
    largest = bracket.sizes[0] if num_cells is None else min(bracket.sizes[0], num_cells)
    smallest = 2 if bracket.number else 1
    for num_drawn in range(largest, smallest - 1, -1):
        sizes = rung_sizes(num_drawn, len(bracket.epochs), factor)
        if max_trials is None or sum(sizes) <= max_trials:
            return Bracket(bracket.number, sizes, bracket.epochs)
    return None


def schedule(
    max_epochs: int,
    factor: int = 3,
    num_sweeps: int | None = 1,
    num_cells: int | None = None,
    max_trials: int | None = None,
) -> Iterator[Bracket]:
    """The brackets of a search in their order; they shrink where cells or trials run out.

    Args:
        max_epochs: of the last rung of every bracket.
        factor: one of so many goes on to the next rung, with so many times the epochs.
        num_sweeps: how often to go through all brackets; None until cells or trials run out.
        num_cells: how many configurations there are, each drawn once; None for no limit.
        max_trials: at most so many trials in all rungs together; None for no limit.
    """
    for _ in itertools.count() if num_sweeps is None else range(num_sweeps):
        ended = True
        for whole in sweep(max_epochs, factor):
            bracket = fitted(whole, factor, num_cells, max_trials)
            if bracket is None:
                continue
            yield bracket
            ended = False
            num_cells = None if num_cells is None else num_cells - bracket.sizes[0]
            max_trials = None if max_trials is None else max_trials - bracket.num_trials
        if ended:
            return
