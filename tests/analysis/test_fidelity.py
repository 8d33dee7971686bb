import numpy as np
import pandas as pd
import pytest

from tests.analysis.planted import QUESTION, history_of, table
from tuner.analysis.curves import learning_curves, learning_rates
from tuner.analysis.fidelity import (
    fidelity,
    fidelity_sentence,
    rung_agreement,
    rung_points,
    trusted_from,
)
from tuner.errors import DataError


def reversing(final, epoch):
    """Up to the sixth epoch what ends best is worst."""
    return final if epoch > 6 else 1 - final


def test_an_order_that_reverses_is_untrustworthy_early_on():
    agreement = fidelity(history_of(table(), reversing), QUESTION)
    assert agreement.loc[agreement["epoch"] == 1, "tau"].item() == pytest.approx(-1.0)
    assert agreement.loc[agreement["epoch"] == 12, "tau"].item() == pytest.approx(1.0)
    assert trusted_from(agreement) == 7
    assert "untrustworthy before epoch 7" in fidelity_sentence(agreement)


def test_an_order_that_never_changes_could_have_been_trusted_at_once():
    agreement = fidelity(history_of(table(), lambda final, epoch: final * epoch / 12), QUESTION)
    assert trusted_from(agreement) == 1
    assert agreement["trusted"].all()


def test_the_ceiling_is_what_replicates_agree_on():
    rng = np.random.default_rng(0)
    noise = table(mean=lambda depth, width: 0.5, sd=0.01, replicates=6)
    agreement = fidelity(history_of(noise, lambda final, epoch: final + 0.001 * rng.normal()),
                         QUESTION)  # fmt: skip
    assert agreement["tau"].min() > 0.7  # the same seeds agree with themselves
    assert agreement["ceiling"].iloc[0] < 0.3  # and with no other
    assert "hardly agree" in fidelity_sentence(agreement)


def test_without_replicates_there_is_no_ceiling():
    history = history_of(table(replicates=1), reversing).drop(columns="replicate")
    agreement = fidelity(history, QUESTION)
    assert agreement["ceiling"].isna().all()
    assert trusted_from(agreement) == 7
    assert "without replicates" in fidelity_sentence(agreement)


def test_two_cells_have_no_order():
    with pytest.raises(DataError, match="needs 3 cells"):
        fidelity(history_of(table(depths=(1, 2), widths=(1.0,)), reversing), QUESTION)


def test_two_budgets_are_compared_on_the_cells_they_share():
    low = table().assign(epochs=3, val_accuracy=lambda rows: 1 - rows["val_accuracy"])
    executions = pd.concat([low, table(depths=(1, 2))], ignore_index=True)
    agreement = rung_agreement(executions, QUESTION)
    assert agreement[["low_epochs", "high_epochs", "num_cells"]].to_numpy().tolist() == [[3, 12, 6]]
    assert agreement["tau"].item() == pytest.approx(-1.0)
    assert agreement["ceiling"].item() > 0.8
    points = rung_points(executions, QUESTION)
    assert len(points) == 6
    assert (points["low"] + points["high"]).tolist() == pytest.approx([100.0] * 6)


def test_one_budget_has_nothing_to_agree_with():
    with pytest.raises(DataError, match="same number of epochs"):
        rung_agreement(table(), QUESTION)


def test_curves_average_replicates_at_each_epoch():
    curves = learning_curves(history_of(table(), lambda final, epoch: final * epoch), QUESTION)
    assert len(curves) == 9 * 12
    last = curves[curves["epoch"] == 12].iloc[0]
    first = table().query("conv_blocks == 1 and filter_multiplier == 0.5")["val_accuracy"]
    assert last["mean"] == pytest.approx(1200 * first.mean())
    assert (last["low"], last["high"]) == pytest.approx((1200 * first.min(), 1200 * first.max()))


def test_a_best_learning_rate_at_the_edge_is_marked():
    executions = pd.concat(
        [
            table().assign(learning_rate=rate, val_accuracy=0.5 - abs(rate - best))
            for rate in (0.01, 0.1, 0.3)
            for best in [0.1]
        ]
    )
    assert not learning_rates(executions, QUESTION)["at_edge"].any()
    assert learning_rates(executions.query("learning_rate > 0.05"), QUESTION)["at_edge"].all()
