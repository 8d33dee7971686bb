"""A fraction of a factorial: as good as any where all can be tried, and what it tells."""

import itertools

import numpy as np
import pytest

from tuner.errors import UsageError
from tuner.fraction import PRIOR, choose_fraction, log_determinant, model_matrix


def factorial(*num_levels):
    """Every combination, the last factor fastest; factors a, b, c, …"""
    names = "abcdefghij"[: len(num_levels)]
    return [
        dict(zip(names, levels, strict=True))
        for levels in itertools.product(*(range(number) for number in num_levels))
    ]


def determinant(listed, part):
    matrix = model_matrix(listed)
    prior = np.where(matrix.is_main, 1e-6, PRIOR)
    return log_determinant(matrix.values[list(part)], prior)


def test_all_columns_are_uncorrelated_with_variance_one_over_the_full_factorial():
    matrix = model_matrix(factorial(2, 3, 4))
    num_parameters = 1 + (1 + 2 + 3) + (1 * 2 + 1 * 3 + 2 * 3)
    assert matrix.values.T @ matrix.values / 24 == pytest.approx(np.eye(num_parameters))
    assert matrix.terms.count(("b", "c")) == 6
    assert matrix.is_main.sum() == 7


@pytest.mark.parametrize(("num_levels", "size"), [((2, 2, 2), 4), ((2, 2, 3), 6), ((3, 3), 5)])
def test_no_fraction_of_a_small_factorial_is_better(num_levels, size):
    listed = factorial(*num_levels)
    chosen = choose_fraction(listed, size, seed=0)
    best = max(
        determinant(listed, part) for part in itertools.combinations(range(len(listed)), size)
    )
    assert determinant(listed, chosen) == pytest.approx(best)


def test_half_of_two_to_the_five_is_the_textbooks():
    """Resolution V: the five levels' product is the same in all cells (Box and Hunter 1961)."""
    listed = factorial(2, 2, 2, 2, 2)
    chosen = choose_fraction(listed, 16, seed=0)
    assert len({sum(listed[index].values()) % 2 for index in chosen}) == 1


def test_a_chosen_fraction_beats_random_ones():
    listed = factorial(3, 3, 3, 3)
    rng = np.random.default_rng(0)
    by_chance = [determinant(listed, rng.choice(81, 40, replace=False)) for _ in range(100)]
    assert determinant(listed, choose_fraction(listed, 40, seed=0)) > max(by_chance) + 1


def test_fewer_cells_than_parameters_still_balance_levels_and_pairs():
    """9 of 3^4: each pair of levels once, the Graeco-Latin square."""
    listed = factorial(3, 3, 3, 3)
    chosen = [listed[index] for index in choose_fraction(listed, 9, seed=0)]
    for a, b in itertools.combinations("abcd", 2):
        assert len({(cell[a], cell[b]) for cell in chosen}) == 9


def test_the_seed_decides_and_the_order_is_that_of_the_list():
    listed = factorial(3, 3, 3, 3)
    first, again, other = (choose_fraction(listed, 20, seed) for seed in (0, 0, 1))
    assert first == again == sorted(first)
    assert first != other


def test_only_what_is_listed_is_chosen_and_holes_are_worked_round():
    listed = [cell for cell in factorial(4, 3, 3) if cell["a"] + cell["b"] < 4]
    chosen = choose_fraction(listed, 15, seed=0)
    assert len(set(chosen)) == 15
    assert max(chosen) < len(listed)
    assert {listed[index]["a"] for index in chosen} == {0, 1, 2, 3}


def test_a_factor_that_only_some_networks_have_is_at_a_level_of_its_own():
    listed = [
        {"kind": "dense", "rate": 1},
        *({"kind": "conv", "rate": rate, "filters": n} for rate in (1, 2) for n in (8, 16, 32)),
    ]
    chosen = [listed[index] for index in choose_fraction(listed, 5, seed=0)]
    assert {cell.get("filters") for cell in chosen} == {None, 8, 16, 32}


def test_as_many_cells_as_there_are_is_all_of_them():
    assert choose_fraction(factorial(2, 2), 4, seed=0) == [0, 1, 2, 3]
    assert choose_fraction(factorial(2, 2), None, seed=0) == [0, 1, 2, 3]


def test_too_few_cells_for_the_main_effects_are_refused():
    with pytest.raises(UsageError, match="of a, b, c apart: expected 7 or more"):
        choose_fraction(factorial(3, 3, 3), 5, seed=0)
