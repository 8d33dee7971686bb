"""Training by a space's own `fit`: epoch by epoch, so that budgets and states stay ours."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tuner.asking_fit import fit_replaced
from tuner.space import Space

TrainEpoch = Callable[[int], dict[str, float]]


def own_epochs(
    model: Any, space: Space, values: Mapping[str, Any], data: Any, validation: Any, seed: int
) -> TrainEpoch:
    """What trains one epoch as a space's own `fit` does it; its batch size and callbacks are kept.

    Whatever epochs the space asks of `model.fit`, one is trained a call: the next of the budget.
    All that is drawn in it, the order of the images too, comes from the seed and the epoch alone.

    Args:
        model: compiled and built.
        space: with a fit of its own.
        values: the configuration.
        data: images (scaled) and labels to train on.
        validation: the same to validate on, for the space's callbacks.
        seed: of the replicate.

    Returns:
        From the number of an epoch, from 0, to the metrics of its training.
    """
    import keras

    trained = model.fit

    def train_epoch(epoch: int) -> dict[str, float]:
        logs: list[dict[str, Any]] = []

        def fit(*args: Any, **chosen: Any) -> Any:
            chosen |= {"initial_epoch": epoch, "epochs": epoch + 1, "verbose": 0}
            history = trained(*args, **chosen)
            logs.append({name: found[-1] for name, found in history.history.items() if found})
            return history

        keras.utils.set_random_seed(int(np.random.SeedSequence([seed, epoch]).generate_state(1)[0]))
        hp = space.asked_with(values)
        with fit_replaced(model, fit):
            space.model.fit(
                hp, model, *data, validation_data=validation, callbacks=[],
                epochs=epoch + 1, initial_epoch=epoch, verbose=0,
            )  # fmt: skip
        space.refuse_new(hp, "fit()")
        if len(logs) != 1:
            raise ValueError(
                f"fit() of the space called model.fit {len(logs)} times: expected once, as its "
                "epochs are counted there"
            )
        found = {name: float(value) for name, value in logs[0].items()}
        return {name: value for name, value in found.items() if not name.startswith("val_")}

    return train_epoch
