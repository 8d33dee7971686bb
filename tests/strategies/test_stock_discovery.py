"""Our oracles in a stock tuner find what is asked in loops, and propose nothing that fails."""

import keras_tuner
import pytest

from tuner.strategies.grid import GridOracle
from tuner.strategies.hyperband import HyperbandOracle


class Stubbed(keras_tuner.Tuner):
    """A stock tuner whose training takes no time; it builds, as every tuner does."""

    def run_trial(self, trial, *fit_args, **fit_kwargs):
        self.hypermodel.build(trial.hyperparameters)
        return {"val_accuracy": 0.5 + trial.hyperparameters.values["layers"] / 100}


def loop(hp):
    for i in range(hp.Int("layers", 1, 3)):
        hp.Choice(f"units_{i}", [16, 64])


def pools(hp):
    if hp.Int("layers", 1, 4) + hp.Choice("kernel", [1, 3]) > 4:
        raise ValueError("nothing left to pool")


def configurations(oracle, build, folder):
    tuner = Stubbed(oracle=oracle, hypermodel=build, directory=folder)
    tuner.search(verbose=0)
    assert {trial.status for trial in tuner.oracle.trials.values()} == {"COMPLETED"}
    found = [trial.hyperparameters.values for trial in tuner.oracle.trials.values()]
    return [
        frozenset((name, level) for name, level in values.items() if not name.startswith("tuner/"))
        for values in found
    ]


def test_a_grid_has_each_network_of_a_loop_once(tmp_path):
    found = configurations(GridOracle(), loop, tmp_path)
    assert len(found) == len(set(found)) == 2 + 4 + 8


def test_hyperband_draws_each_network_of_a_loop(tmp_path):
    found = configurations(HyperbandOracle(max_epochs=9), loop, tmp_path)
    assert len(set(found)) == 2 + 4 + 8
    assert all(("layers", 3) in values for values in found if "units_2" in dict(values))


@pytest.mark.parametrize("make", [GridOracle, HyperbandOracle])
def test_what_cannot_be_built_is_not_proposed(tmp_path, make):
    found = configurations(make(), pools, tmp_path)
    assert {tuple(sorted(dict(values).items())) for values in found} == {
        (("kernel", kernel), ("layers", layers))
        for kernel in (1, 3) for layers in (1, 2, 3, 4) if kernel + layers <= 4
    }  # fmt: skip
