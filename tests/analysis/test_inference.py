"""Holm's correction, held against statsmodels."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas import Series
from statsmodels.stats.multitest import multipletests

from tuner.analysis.inference import adjust_holm

P_VALUES = st.sampled_from([0.0, 1e-300, 0.01, 0.02, 0.5, 1.0]) | st.floats(0, 1)


@settings(max_examples=10)  # each collects all garbage three times
@given(st.lists(st.none() | P_VALUES, max_size=9))
def test_holm_is_that_of_statsmodels_over_the_p_values_that_are_known(listed):
    p = Series(listed, index=range(5, 5 + len(listed)), dtype=float)
    found = adjust_holm(p)
    assert found.index.equals(p.index)
    assert found.isna().equals(p.isna())
    if p.notna().any():
        expected = multipletests(p.dropna(), method="holm")[1]
        np.testing.assert_array_equal(found.dropna().to_numpy(), expected)
