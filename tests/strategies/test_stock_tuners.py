"""Our oracles in the stock tuners of Keras Tuner, with their own files."""

import keras_tuner
import pytest

from tuner.strategies.bayesian import BayesianOracle
from tuner.strategies.brackets import schedule
from tuner.strategies.hyperband import HyperbandOracle
from tuner.strategies.random import RandomOracle
from tuner.training.backend import start_tensorflow

start_tensorflow()  # with one thread, which a process keeps: another test's numbers depend on it


class Stubbed(keras_tuner.Hyperband):
    """The stock Hyperband with an oracle given and a training of no time."""

    def __init__(self, oracle, hypermodel, **kwargs):
        keras_tuner.Tuner.__init__(self, oracle=oracle, hypermodel=hypermodel, **kwargs)
        self.trained = []
        self.stop_after = None

    def run_trial(self, trial, *fit_args, **fit_kwargs):
        if len(self.trained) == self.stop_after:
            raise KeyboardInterrupt
        values = trial.hyperparameters.values
        self.trained.append(trial.trial_id)
        return {"val_accuracy": 0.5 + values["width"] / 100 + values.get("depth", 0) / 1000}


def build(hp):
    """Eight networks; depth is conditional."""
    hp.Int("width", 1, 4)
    if hp.Choice("kind", ["flat", "deep"]) == "deep":
        with hp.conditional_scope("kind", ["deep"]):
            hp.Int("depth", 1, 1)


@pytest.mark.parametrize("make", [HyperbandOracle, RandomOracle, BayesianOracle])
def test_a_small_declared_space_is_used_up(tmp_path, make):
    settings = {"max_epochs": 9} if make is HyperbandOracle else {"max_trials": 8}
    tuner = Stubbed(make(**settings), build, directory=tmp_path)
    tuner.search(verbose=0)
    values = [trial.hyperparameters.values for trial in tuner.oracle.trials.values()]
    found = {(value["width"], value["kind"]) for value in values}
    if make is HyperbandOracle:
        assert len(found) == 8
        assert len(values) == next(schedule(9, num_cells=8)).num_trials
    else:
        assert len(values) == 8


def test_the_configurations_that_a_space_calls_infeasible_are_not_drawn(tmp_path):
    def infeasible(values):
        return "too wide" if values["width"] > 2 else None

    tuner = Stubbed(HyperbandOracle(max_epochs=9, infeasible=infeasible), build, directory=tmp_path)
    tuner.search(verbose=0)
    widths = [t.hyperparameters.values["width"] for t in tuner.oracle.trials.values()]
    assert set(widths) == {1, 2}


@pytest.mark.parametrize("stop_after", [1, 3, 8, 10])
def test_a_stock_project_is_gone_on_with(tmp_path, stop_after):
    whole = Stubbed(HyperbandOracle(max_epochs=9), build, directory=tmp_path / "whole")
    whole.search(verbose=0)
    stopped = Stubbed(HyperbandOracle(max_epochs=9), build, directory=tmp_path / "stopped")
    stopped.stop_after = stop_after
    with pytest.raises(KeyboardInterrupt):
        stopped.search(verbose=0)
    resumed = Stubbed(HyperbandOracle(max_epochs=9), build, directory=tmp_path / "stopped")
    needed = [
        {trial for trial in tuner.oracle.trials if tuner.oracle.needed(trial)}
        for tuner in (stopped, resumed)
    ]
    assert needed[0] == needed[1]
    resumed.search(verbose=0)
    assert sorted(stopped.trained + resumed.trained) == sorted(whole.trained)


@pytest.mark.trains
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's saving
def test_the_stock_hyperband_trains_what_the_oracle_says(tmp_path):
    import keras
    import numpy as np

    class Epochs(keras.callbacks.Callback):
        seen: list[int] = []  # noqa: RUF012  (shared on purpose: Keras Tuner copies callbacks)

        def on_epoch_begin(self, epoch, logs=None):
            self.seen.append(epoch)

    def build_network(hp):
        network = keras.Sequential(
            [keras.Input((4,)), keras.layers.Dense(hp.Int("units", 1, 3)), keras.layers.Dense(1)]
        )
        network.compile(keras.optimizers.SGD(1e-3), loss="mse")
        return network

    keras.utils.set_random_seed(0)  # another test's TensorFlow may refuse to go without
    oracle = HyperbandOracle(objective="val_loss", max_epochs=3)
    tuner = keras_tuner.Hyperband(build_network, objective="val_loss", directory=tmp_path)
    tuner.oracle = oracle
    oracle._set_project_dir(tmp_path, "ours")
    data = np.ones((8, 4)), np.ones((8, 1))
    tuner.search(*data, validation_data=data, verbose=0, callbacks=[Epochs()])
    assert {trial.status for trial in oracle.trials.values()} == {"COMPLETED"}
    assert len(oracle.trials) == 4
    assert Epochs.seen == [0] * 3 + [1, 2]
