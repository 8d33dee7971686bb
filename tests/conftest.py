"""Fixtures shared by the tests: a small study, and executions that are stubbed by a number."""

import gc
import importlib
import os

os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy is imported: one test a processor
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import settings

from tests.desk import Desk, set_up
from tuner.design import Cell, Design, configurations
from tuner.execution import Execution, Outcome, record_of
from tuner.study import Study

# The same examples in every run; a slow machine is no failure.
settings.register_profile("tests", derandomize=True, deadline=None, max_examples=25)
# As many as are asked for, others each time: `make fuzz`.
settings.register_profile(
    "fuzz", deadline=None, max_examples=int(os.environ.get("FUZZ_EXAMPLES", "10000"))
)
settings.load_profile("fuzz" if "FUZZ_EXAMPLES" in os.environ else "tests")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the files that train first: they take longest, and should not be left for one process.

    The order of tests within a file stays.
    """
    training = {item.path for item in items if item.get_closest_marker("trains")}
    items.sort(key=lambda item: item.path not in training)


@pytest.fixture(scope="module", autouse=True)
def _imports_are_no_garbage() -> None:
    """Keeps all that is there before a file's tests out of the collections that Keras forces.

    It forces one before each network that is built, and statsmodels three at each correction of
    p-values; with TensorFlow there each would take 0.2 s.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all processes of this run of the tests have in common."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="session")
def desk(shared: Path) -> Desk:
    """A fresh environment with the wheels of this package and of another that offers a space."""
    place = shared / "desk"
    with FileLock(f"{place}.lock"):
        return Desk.at(place) if place.exists() else set_up(place)


FACTORS = {"conv_blocks": (1, 2, 3), "filter_multiplier": (0.5, 1.0)}


@pytest.fixture
def study() -> Study:
    """Two factors, six cells, three replicates."""
    return Study(
        name="small", factors=FACTORS, fixed={"learning_rate": 0.01}, dataset="digits",
        train_size=100, validation_size=50, epochs=3,
    )  # fmt: skip


@pytest.fixture
def design(study: Study) -> Design:
    """The six cells of `study`, all feasible."""
    cells = [
        Cell(index, levels, 1000 * (index + 1), 10_000 * (index + 1), "planned")
        for index, levels in enumerate(configurations(study.factors))
    ]
    return Design(tuple(cells), dict(study.fixed))


@pytest.fixture
def stub_record() -> Callable[..., Outcome]:
    """A training that takes no time: its accuracy is a function of cell and replicate."""

    def train(execution: Execution, **measured: Any) -> Outcome:
        accuracy = 0.5 + execution.cell / 100 + execution.replicate / 1000
        found = {"val_accuracy": accuracy, "val_loss": 1 - accuracy, "seconds": 1.0, **measured}
        record = record_of(execution, found.pop("status", "ok"), **found)
        return Outcome(record, b"state" if execution.keeps_state else None)

    return train


@pytest.fixture(scope="session")
def finished_study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a real, tiny study of the digits, which nobody writes to: copy it."""
    from tuner.library import search

    tiny = Study(
        name="tiny", factors={"conv_blocks": (1, 2)}, fixed={"filter_multiplier": 0.5},
        dataset="digits", train_size=200, validation_size=100, epochs=2, replicates=2,
    )  # fmt: skip
    place = tmp_path_factory.mktemp("finished")
    return search(tiny, place, num_workers=0, quiet=True).path


BLANK = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"></svg>'


@pytest.fixture(scope="module")
def undrawn() -> Iterator[None]:
    """Leaves figures undrawn, which is most of a report's time: for tests that read texts alone."""
    with pytest.MonkeyPatch.context() as patch:
        page = importlib.import_module("tuner.report.page")  # `tuner.report` is a function, too
        patch.setattr(page, "draw", lambda figure: (BLANK, b""))
        yield
