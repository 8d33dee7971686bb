"""Random search: Keras Tuner's own, drawn without replacement and repeatable."""

import keras_tuner

from tuner.strategies.sampling import DrawingOracle


class RandomOracle(DrawingOracle, keras_tuner.oracles.RandomSearchOracle):  # type: ignore[misc]
    """Proposes cells in an order set by the seed, until they or `max_trials` are used up."""
