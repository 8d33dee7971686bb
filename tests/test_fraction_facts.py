"""What a fraction will be able to tell, held against direct computation and the analysis."""

import numpy as np
import pytest
from pandas import DataFrame
from scipy import stats

from tests.test_fraction import factorial
from tuner.analysis.fraction import analyse_fraction
from tuner.fraction import choose_fraction
from tuner.fraction_facts import describe_fraction


def test_the_full_factorial_tells_all_and_its_steps_are_as_wide_as_a_t_test_says():
    listed = factorial(3, 3, 3)
    facts = describe_fraction(listed, range(27), replicates=(1, 4))
    df = 27 - (1 + 6 + 12)
    assert not facts.with_pairs  # 8 degrees of freedom are too few
    assert (facts.num_cells, facts.num_possible, facts.num_parameters) == (27, 27, 7)
    assert facts.df == 27 - 7 != df
    assert facts.aliases["a"][0] == pytest.approx(0)
    assert facts.estimable == (("a",), ("b",), ("c",))
    expected = stats.t.ppf(0.975, 20) * np.sqrt(2 / 9)
    assert facts.half_widths["b"] == pytest.approx((expected, expected / 2))


def test_what_the_model_leaves_out_is_not_mended_by_replicates():
    facts = describe_fraction(factorial(3, 3, 3), range(27), replicates=(1, 10**6), left_out=1.0)
    one, many = facts.half_widths["a"]
    assert many == pytest.approx(one / np.sqrt(2), rel=1e-5)


def test_two_factor_terms_are_told_where_the_cells_allow():
    listed = factorial(3, 3, 3, 3)
    facts = describe_fraction(listed, choose_fraction(listed, 54, seed=0))
    assert facts.with_pairs
    assert (facts.num_parameters, facts.df) == (33, 21)
    assert ("a", "d") in facts.estimable
    assert not facts.inestimable
    assert not facts.aliases
    assert not facts.high_leverages


def test_a_half_of_two_to_the_four_confounds_a_main_effect_with_a_two_factor_term():
    """Generator d = ab: the main effect of d and the term of a and b are one column."""
    listed = factorial(2, 2, 2, 2)
    chosen = [i for i, cell in enumerate(listed) if (cell["a"] + cell["b"] + cell["d"]) % 2 == 0]
    facts = describe_fraction(listed, chosen)
    assert facts.aliases["d"] == (pytest.approx(1), ("a", "b"))
    assert facts.aliases["c"][0] == pytest.approx(0)


def test_an_alias_of_two_level_factors_is_a_correlation():
    listed = factorial(2, 2, 2, 2)
    chosen = choose_fraction(listed, 12, seed=0)
    signs = 2 * np.array([list(listed[index].values()) for index in chosen]) - 1
    mains = np.column_stack([np.ones(12), signs])
    alias = np.linalg.lstsq(mains, np.prod(signs[:, [1, 2]], axis=1), rcond=None)[0]
    facts = describe_fraction(listed, chosen)
    assert facts.aliases["a"][0] >= abs(alias[1]) - 1e-9


def test_a_factor_held_at_one_level_with_another_is_not_estimable():
    listed = factorial(2, 2, 2)
    chosen = [index for index, cell in enumerate(listed) if cell["a"] == cell["b"]]
    facts = describe_fraction(listed, chosen)
    assert facts.inestimable == (("a",), ("b",))
    assert np.isnan(facts.half_widths["a"]).all()
    assert not np.isnan(facts.half_widths["c"]).any()


def test_the_only_cell_of_a_level_decides_it_alone():
    listed = factorial(2, 3, 3)
    chosen = [*range(9), 17]
    assert describe_fraction(listed, chosen).high_leverages == (17,)


@pytest.mark.parametrize("size", [20, 35, 54, 70])
def test_the_analysis_uses_the_model_that_was_told(size):
    listed = factorial(3, 3, 3, 3)
    chosen = choose_fraction(listed, size, seed=0)
    cells = DataFrame([listed[index] for index in chosen])
    cells = cells.assign(mean=np.random.default_rng(0).normal(size=size), n=1)
    facts = describe_fraction(listed, chosen, replicates=(1,))
    found = analyse_fraction(cells, dict.fromkeys("abcd", 3))
    assert (found.with_pairs, found.num_parameters, found.df) == (
        facts.with_pairs, facts.num_parameters, facts.df
    )  # fmt: skip
    half_width = stats.t.ppf(0.975, found.df) * found.steps["ordinary_se"] / found.residual_sd
    widest = half_width.groupby(found.steps["factor"]).max()
    assert {name: width for name, (width,) in facts.half_widths.items()} == pytest.approx(
        widest.to_dict()
    )
