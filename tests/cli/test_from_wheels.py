"""A package of somebody else's, in an environment of theirs that never saw the checkout."""

import csv
import json
import re

import pytest

pytestmark = [pytest.mark.elsewhere, pytest.mark.trains]
HYPERBAND = """
import keras_tuner
import search_spaces
from sklearn.datasets import load_digits

images, labels = load_digits(return_X_y=True)
images = images[:150].reshape(-1, 8, 8, 1) / 16
stock = keras_tuner.Hyperband(
    search_spaces.load("thin")((8, 8, 1), 10), "val_accuracy", max_epochs=2, directory="stock"
)
stock.search(images[:100], labels[:100], validation_data=(images[100:], labels[100:150]), verbose=0)
print(sorted({trial.hyperparameters["units"] for trial in stock.oracle.trials.values()}))
"""


@pytest.fixture(scope="module")
def searched(desk):
    sizes = ("--train-size", "100", "--validation-size", "50", "--epochs", "1", "--replicates", "2")
    desk.run(
        "tuner", "search", "--strategy", "grid", "--dataset", "digits", "--space", "thin", *sizes,
        "--workers", "0", "--quiet",
    )  # fmt: skip
    return desk


def test_the_environment_has_the_wheel_and_not_the_checkout(desk):
    where = desk.run(
        "python", "-c", "import tuner, search_spaces as s; print(tuner.__file__, s.__file__)"
    )
    assert all(path.startswith(str(desk.environment)) for path in where.split())


def test_the_space_is_listed_with_the_package_that_offers_it(desk):
    rows = json.loads(desk.run("tuner", "spaces", "--format", "json"))
    assert {
        "space": "thin",
        "origin": "thin-nets 0.3",
        "class": "thin_nets:Thin",
        "note": "",
    } in rows


def test_it_is_searched_by_its_name(searched):
    (executions,) = searched.folder.glob("results/*/executions.csv")
    assert executions.parent.name == "thin-digits"
    rows = list(csv.DictReader(executions.read_text().splitlines()))
    assert sorted(row["units"] for row in rows) == ["4", "4", "8", "8"]
    assert {row["status"] for row in rows} == {"ok"}


def test_it_is_reported(searched):
    assert "results/thin-digits/report/report.html" in searched.run("tuner", "report")


LOAD = """
import sys
sys.modules["tuner"] = sys.modules["search_spaces"] = sys.modules["thin_nets"] = None
import keras, numpy
model = keras.models.load_model("results/thin-digits/final/model.keras")
print(model.predict(numpy.zeros((2, 8, 8, 1), "uint8"), verbose=0).shape)
"""


def test_its_best_network_is_scored_once_and_loads_with_keras_alone(searched):
    told = searched.run("tuner", "finalize", "thin-digits")
    assert re.search(r"Test accuracy: \d+\.\d% \(\d+\.\d to \d+\.\d\) on 360 test images", told)
    assert searched.run("python", "-c", LOAD).splitlines()[-1] == "(2, 10)"


def test_a_stock_hyperband_searches_it_by_the_same_name(desk):
    assert desk.run("python", "-c", HYPERBAND).splitlines()[-1] == "[4, 8]"
