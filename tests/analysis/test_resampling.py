import numpy as np
import pytest

from tests.analysis.planted import model_of, only, table
from tuner.analysis.resampling import resampled


def test_few_replicates_are_refused_in_words():
    found = resampled(model_of(table(replicates=5)))
    assert found[["permutation_p", "bootstrap_low"]].isna().all(axis=None)
    assert found["reason"].str.contains("needs 6").all()


def test_six_replicates_allow_a_permutation_test_and_no_bootstrap():
    """A sign that never changes: 2 of 2^6 assignments are as extreme."""
    row = only(resampled(model_of(table(replicates=6))), factor="conv_blocks")
    assert row["permutation_p"] == pytest.approx(2 / 64)
    assert np.isnan(row["bootstrap_low"])


def test_ten_replicates_allow_both():
    row = only(resampled(model_of(table(replicates=10, sd=0.01))), factor="conv_blocks")
    assert row["permutation_p"] == pytest.approx(2 / 1024)
    assert row["bootstrap_low"] < row["estimate"] < row["bootstrap_high"]
    assert row["estimate"] == pytest.approx(5.0, abs=0.5)


def test_seeds_of_their_own_have_no_pairs_to_permute():
    executions = table(replicates=10).drop(columns=["replicate"])
    assert resampled(model_of(executions))["reason"].eq("cells share no replicates").all()
