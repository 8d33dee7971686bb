"""The same small grid through stock `keras_tuner.GridSearch` and through ours, in turn.

    python benchmarks/vs_keras_tuner.py --dataset digits
    python benchmarks/vs_keras_tuner.py --dataset cifar10.npz --train-size 5000 --epochs 3

Both sides are a whole process: same cells, seed, images, split and epochs; one execution a cell.
Prints the seconds of both, their ratio, and how many images each of them trained on.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CELLS = {"conv_blocks": [1, 2, 3], "filter_multiplier": [0.5, 1.0]}
FIXED = {"kernel_schedule": "3", "dense_depth": 0, "learning_rate": 0.01}


def main() -> None:
    """Runs both sides in turn, `--rounds` times."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--dataset", default="digits")
    parser.add_argument("--train-size", type=int, default=1000)
    parser.add_argument("--validation-size", type=int, default=400)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--side", choices=["stock"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side == "stock":
        print(json.dumps(stock(options)))
        return
    for number in range(options.rounds):
        theirs, their_seconds = timed(stock_process, options)
        ours, our_seconds = timed(our_process, options)
        print(f"round {number + 1}")
        print(f"  keras_tuner.GridSearch  {their_seconds:7.1f} s  {theirs}")
        print(f"  tuner search            {our_seconds:7.1f} s  {ours}")
        print(f"  ratio                   {their_seconds / our_seconds:7.2f}")
        print(f"  the same amount trained: {'yes' if theirs == ours else 'NO'}")


def timed(side, options):
    """What a side trained, and the seconds that it took."""
    start = time.perf_counter()
    return side(options), time.perf_counter() - start


def stock_process(options) -> dict:
    """The stock side in a process of its own; nothing is set that Keras Tuner does not set."""
    command = [sys.executable, __file__, *sys.argv[1:], "--side", "stock"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def stock(options) -> dict:
    """Stock Keras Tuner on the images of replicate 0; what it trained, counted in its steps."""
    import keras
    import keras_tuner

    from search_spaces import ConvPool
    from tuner.execution import Execution
    from tuner.study import Study
    from tuner.training.datasets import load_dataset
    from tuner.training.splits import split

    class Counter(keras.callbacks.Callback):
        batches: list[int] = []  # noqa: RUF012  (shared on purpose: Keras Tuner copies callbacks)

        def on_epoch_end(self, epoch, logs=None):
            self.batches.append(self.params["steps"])

    dataset = load_dataset(options.dataset)
    seed = Execution(Study(), "0", 0, 0, {}, 1).seed
    parts = split(dataset, options.train_size, options.validation_size, seed)
    training, validation = dataset.images[parts.training], dataset.images[parts.validation]
    mean, deviation = training.mean((0, 1, 2)), training.std((0, 1, 2))
    x, x_val = ((part.astype("float32") - mean) / deviation for part in (training, validation))
    keras.utils.set_random_seed(seed)
    with tempfile.TemporaryDirectory() as folder:
        tuner = keras_tuner.GridSearch(
            ConvPool(dataset.input_shape, dataset.num_classes, **CELLS, **FIXED),
            objective="val_accuracy", directory=folder, seed=seed,
        )  # fmt: skip
        tuner.search(
            x, dataset.labels[parts.training], epochs=options.epochs, verbose=0,
            validation_data=(x_val, dataset.labels[parts.validation]), callbacks=[Counter()],
        )  # fmt: skip
        scores = [t for t in tuner.oracle.trials.values() if t.status == "COMPLETED"]
    images = len(Counter.batches) * len(training)
    return {"executions": len(scores), "epochs": len(Counter.batches), "images": images}


def our_process(options) -> dict:
    """The same through `tuner search`; what it trained, counted in its history."""
    import pandas as pd

    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [
                Path(sys.executable).with_name("tuner"), "search", "--dataset", options.dataset,
                "--train-size", str(options.train_size), "--replicates", "1", "--quiet",
                "--validation-size", str(options.validation_size), "--epochs", str(options.epochs),
                "--output", folder, "--name", "grid", "--score-on", "validation",
                *(part for name, levels in CELLS.items()
                  for part in ("--set", f"{name}={','.join(map(str, levels))}")),
                *(part for name, level in FIXED.items() for part in ("--fix", f"{name}={level}")),
            ],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        history = pd.read_csv(Path(folder) / "grid" / "history.csv")
    return {
        "executions": int(history["trial"].nunique()),
        "epochs": len(history),
        "images": len(history) * options.train_size,
    }


if __name__ == "__main__":
    main()
