"""Another's desk: an environment with our wheel and that of a package of theirs, no checkout."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "thin-nets"
version = "0.3"

[project.entry-points."tuner.search_spaces"]
thin = "thin_nets:Thin"
"""
PACKAGE = """\
import keras
import keras_tuner


class Thin(keras_tuner.HyperModel):
    def __init__(self, input_shape, num_classes):
        super().__init__()
        self.input_shape, self.num_classes = input_shape, num_classes

    def build(self, hp):
        model = keras.Sequential([keras.Input(self.input_shape), keras.layers.Flatten()])
        model.add(keras.layers.Dense(hp.Choice("units", [4, 8]), activation="relu"))
        model.add(keras.layers.Dense(self.num_classes, activation="softmax"))
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model
"""


class Desk(NamedTuple):
    """A folder to work in, and the environment beside it."""

    folder: Path
    environment: Path

    @classmethod
    def at(cls, place: Path) -> "Desk":
        """The one that was set up in a place."""
        return cls(place / "work", place / "fresh")

    def run(self, *words: str) -> str:
        """What a command of the environment prints; it has to succeed."""
        variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        ended = subprocess.run(
            [self.environment / "bin" / words[0], *words[1:]], cwd=self.folder, text=True,
            env={**variables, "HOME": str(self.folder), "COLUMNS": "80"},
            capture_output=True, timeout=300, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr
        return ended.stdout


def set_up(place: Path) -> Desk:
    """Builds both wheels and installs them, without a network.

    What they depend on is found where it is installed already. That environment has the checkout by
    a .pth file, which is not read where the environment is itself a line of one.
    """
    theirs, wheels, (folder, fresh) = place / "thin-nets", place / "wheels", Desk.at(place)
    (theirs / "thin_nets").mkdir(parents=True)
    (theirs / "pyproject.toml").write_text(PROJECT)
    (theirs / "thin_nets" / "__init__.py").write_text(PACKAGE)
    for project in (ROOT, theirs):
        done(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", wheels, cwd=project)
    done(sys.executable, "-m", "venv", "--without-pip", fresh)
    pip = (sys.executable, "-m", "pip", "--python", fresh / "bin" / "python", "--quiet")
    done(*pip, "install", "--no-deps", "--no-index", "--no-compile", *wheels.glob("*.whl"))
    (packages,) = fresh.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    folder.mkdir()
    return Desk(folder, fresh)


def done(*words: str | Path, cwd: Path | None = None) -> None:
    """Runs a command that has to succeed."""
    ended = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
