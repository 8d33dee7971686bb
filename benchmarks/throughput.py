"""Images a second of one fixed network in training: ours, Keras's `fit`, PyTorch.

    python benchmarks/throughput.py                    about five minutes on 2 cores
    python benchmarks/throughput.py --width 2 --images 2000

The network is ConvPool with `--blocks` blocks and `--width` times 16 filters on 32 x 32 pixels of
three channels, in batches of 128, with batch normalization and Adam; the pixels are random, as the
speed does not depend on them. Ours is an execution's epoch function (one thread, always). Keras's
`fit` and PyTorch (channels_last, its own loop) are measured with the threads that they take by
themselves, and with one. Each is measured alone and as two processes at once, which begin at the
same moment and whose images/s are added. The first epoch, in which functions are traced, is not
counted. PyTorch is left out where it cannot be imported.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
from measuring import Figure, conclude, middle, read_options, rounded

BATCH_SIZE, SIDE, NUM_CLASSES = 128, 32, 10
OURS, KERAS, TORCH = "tuner", "Keras fit", "PyTorch channels_last"
#: What is measured: a side, its processes at once, its threads each (0: as many as it takes).
SETTINGS = [
    (side, processes, threads)
    for side, of_side in {OURS: [(1, 1), (2, 1)], KERAS: [(1, 0), (1, 1), (2, 1)]}.items()
    for processes, threads in of_side
] + [(TORCH, processes, threads) for processes, threads in [(1, 0), (1, 1), (2, 1)]]
Epoch = Callable[[], None]


def main() -> None:
    """Measures every setting in turn, `--rounds` times."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--epochs", type=int, default=3, help="counted, after the first")
    parser.add_argument("--blocks", type=int, default=3)
    parser.add_argument("--width", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, default=0, help=argparse.SUPPRESS)
    options = read_options(parser)
    if options.side:
        measured_process(options)
        return
    if not find_spec("torch"):
        print("PyTorch is not there (pip install torch): left out")
    settings = [one for one in SETTINGS if one[0] != TORCH or find_spec("torch")]
    speeds: dict[tuple[str, int, int], list[float]] = {one: [] for one in settings}
    for number in range(options.rounds):
        for one in settings[:: -1 if number % 2 else 1]:
            speeds[one].append(images_a_second(*one, options))
            print(f"round {number + 1}  {told(*one):48} {speeds[one][-1]:8,.0f} images/s")
    conclude(options, figures_of(speeds, options), as_details(speeds))


def told(side: str, processes: int, threads: int) -> str:
    """A setting in words."""
    of_each = "one thread" if threads == 1 else "its own threads"
    return f"{side}, {of_each}" + (" each, two processes" if processes > 1 else "")


def images_a_second(side: str, processes: int, threads: int, options: argparse.Namespace) -> float:
    """The images/s of processes that train at once, together."""
    sizes = [f"--{k}={getattr(options, k)}" for k in ("images", "epochs", "blocks", "width")]
    call = [sys.executable, __file__, "--side", side, "--threads", str(threads), *sizes]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    started = [
        subprocess.Popen(call, **pipes, stderr=subprocess.DEVNULL, text=True)
        for _ in range(processes)
    ]
    for process in started:
        if process.stdout.readline().strip() != "ready":
            raise SystemExit(f"{side} does not start: {' '.join(call)}")
    for process in started:  # all are warm: they begin now
        process.stdin.write("go\n")
        process.stdin.flush()
    seconds = [json.loads(process.communicate()[0]) for process in started]
    return sum(options.images * options.epochs / took for took in seconds)


def measured_process(options: argparse.Namespace) -> None:
    """Trains one epoch, says so, waits for a line, and prints the seconds of the others."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (options.images, SIDE, SIDE, 3), np.uint8)
    labels = rng.integers(0, NUM_CLASSES, options.images).astype(np.int32)
    epoch = SIDES[options.side](pixels, labels, options)
    epoch()
    print("ready", flush=True)
    sys.stdin.readline()
    start = time.perf_counter()
    for _ in range(options.epochs):
        epoch()
    print(json.dumps(time.perf_counter() - start), flush=True)


def network(options: argparse.Namespace) -> Any:
    """ConvPool's network, compiled."""
    import keras_tuner

    from search_spaces import ConvPool

    space = ConvPool(
        (SIDE, SIDE, 3), NUM_CLASSES, conv_blocks=options.blocks, filter_multiplier=options.width,
        kernel_schedule="3", dense_depth=0, learning_rate=0.01,
    )  # fmt: skip
    return space.build(keras_tuner.HyperParameters())


def our_epoch(pixels: Any, labels: Any, options: argparse.Namespace) -> Epoch:
    """An epoch as an execution trains it."""
    from tuner.training.backend import start_tensorflow

    tf = start_tensorflow()
    from tuner.training.epochs import Images, epoch_function, scaling
    from tuner.training.fused import fused

    model = network(options)
    model.optimizer.build(model.trainable_variables)
    train = epoch_function(model, model.train_step)
    images = Images(pixels, labels, scaling("standardize", pixels)).in_memory()
    rng = np.random.default_rng(0)

    def epoch() -> None:
        order = tf.constant(rng.permutation(len(pixels)), tf.int32)
        with fused(model):
            train(images, order, BATCH_SIZE)

    return epoch


def keras_epoch(pixels: Any, labels: Any, options: argparse.Namespace) -> Epoch:
    """Keras's `fit` on standardized images in memory."""
    import tensorflow as tf

    if options.threads:
        tf.config.threading.set_intra_op_parallelism_threads(options.threads)
        tf.config.threading.set_inter_op_parallelism_threads(options.threads)
    model, images = network(options), standardized(pixels)
    return lambda: model.fit(images, labels, batch_size=BATCH_SIZE, verbose=0)


def standardized(pixels: Any) -> Any:
    """Pixels as floats, each channel with mean 0 and deviation 1."""
    images = pixels.astype(np.float32)
    return (images - images.mean((0, 1, 2))) / images.std((0, 1, 2))


def torch_epoch(pixels: Any, labels: Any, options: argparse.Namespace) -> Epoch:
    """PyTorch's own loop over the same network, its images and maps in channels_last."""
    import torch
    from torch import nn

    if options.threads:
        torch.set_num_threads(options.threads)
    layers, channels = [], 3
    for number in range(options.blocks):
        filters = round(16 * options.width * 2**number)
        layers += [
            nn.Conv2d(channels, filters, 3, padding=1, bias=False),
            nn.BatchNorm2d(filters, eps=1e-3), nn.MaxPool2d(2), nn.ReLU(),
        ]  # fmt: skip
        channels = filters
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, NUM_CLASSES)]
    model = nn.Sequential(*layers).to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, eps=1e-7)
    images = torch.from_numpy(standardized(pixels)).permute(0, 3, 1, 2)  # it is channels_last
    classes = torch.from_numpy(labels).long()
    loss_of = nn.CrossEntropyLoss()

    def epoch() -> None:
        for places in torch.randperm(len(images)).split(BATCH_SIZE):
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of(model(images[places]), classes[places])
            loss.backward()
            optimizer.step()
        float(loss)

    return epoch


SIDES = {OURS: our_epoch, KERAS: keras_epoch, TORCH: torch_epoch}


def figures_of(
    speeds: dict[tuple[str, int, int], list[float]], options: argparse.Namespace
) -> list[Figure]:
    """Ours alone and as two processes, beside the same of others and their own threads alone."""
    medians = {one: middle(of) for one, of in speeds.items()}
    name = f"images a second, {options.blocks} blocks x{options.width:g}"
    figures = []
    for processes, words in ((1, "one thread"), (2, "two processes")):
        beside = {
            told(*one): speed
            for one, speed in medians.items()
            if one[0] != OURS and (one[1] == processes or one[2] == 0)
        }
        here = medians[OURS, processes, 1]
        figures.append(Figure(f"{name}: {words}", here, "images/s", beside, better="more"))
    return figures


def as_details(speeds: dict[tuple[str, int, int], list[float]]) -> dict[str, Any]:
    """All rounds, in images/s."""
    return {told(*one): [rounded(speed) for speed in of] for one, of in speeds.items()}


if __name__ == "__main__":
    main()
