"""Every public name says what it is, and the example in its docstring is run."""

import doctest
import importlib

import pytest

import tuner
from tests.report.conftest import planted

pytestmark = pytest.mark.trains
PACKAGES = ("tuner", "tuner.analysis", "search_spaces")
VALUES = {"CHECKS", "Level", "SEARCH_SPACES"}  # which have no docstring of their own
PUBLIC = [
    (package, name)
    for package in PACKAGES
    for name in importlib.import_module(package).__all__
    if name not in VALUES
]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def run_example(package: str, name: str) -> None:
    """Runs the example of a public name, where `tuner` is at hand as in each example of it."""
    documented = getattr(importlib.import_module(package), name)
    if name == "report":  # a package that is called, once it is imported
        documented = importlib.import_module("tuner.report.reporting").report
    (example,) = doctest.DocTestFinder(recurse=False).find(documented, name, globs={"tuner": tuner})
    assert example.examples, f"{package}.{name} has no example"
    told: list[str] = []
    doctest.DocTestRunner(optionflags=FLAGS).run(example, out=told.append)
    assert not told, "".join(told)


@pytest.fixture(scope="module", autouse=True)
def tiny(tmp_path_factory):
    """A place where a study `tiny` was trained, as the example of `search` does it."""
    importlib.import_module("tuner.training.backend").start_tensorflow()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("examples"))
        planted().drop(columns="epoch").to_csv("runs.csv", index=False)
        run_example("tuner", "search")
        yield


@pytest.mark.parametrize(("package", "name"), [*PUBLIC, ("search_spaces.testing", "check_space")])
def test_the_example_of_a_public_name_runs(package, name):
    run_example(package, name)
