"""An execution's numbers, whatever a user's variables, keras.json and working directory say."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.trains
ROOT = Path(__file__).parents[2]
TRAINS = """
from tuner.execution import Execution
from tuner.planning import make_plan
from tuner.study import Study
from tuner.training.execute import execute

study = Study(
    factors={"conv_blocks": (1, 2)}, fixed={"filter_multiplier": 0.5}, dataset="digits",
    train_size=100, validation_size=50, epochs=1,
)
plan = make_plan(study)
values = plan.design.values(plan.design.cells[1])
record = execute(Execution(plan.study, "0", 1, 0, values, 1)).record
print(record.status, record.message, record.metrics, record.history)
"""
HOSTILE = {
    "TF_ENABLE_ONEDNN_OPTS": "0", "TF_NUM_INTRAOP_THREADS": "4", "OMP_NUM_THREADS": "4",
    "TF_XLA_FLAGS": "--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit", "PYTHONHASHSEED": "7",
    "ONEDNN_DEFAULT_FPMATH_MODE": "BF16", "LC_ALL": "de_DE.UTF-8",
}  # fmt: skip
KERAS = {
    "floatx": "float16",
    "image_data_format": "channels_first",
    "epsilon": 0.1,
    "backend": "jax",
}


def python(home, *arguments, **variables):
    """Runs Python in a user's home, which is the working directory too."""
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TF_", "KERAS", "OMP_"))
    }
    env |= {"HOME": str(home), "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        [sys.executable, *arguments], cwd=home, env=env, capture_output=True, text=True,
        timeout=600, check=False,
    )  # fmt: skip


def home_of(folder, name, **keras):
    """A user's home, with a keras.json where it says something."""
    (folder / name / ".keras").mkdir(parents=True)
    if keras:
        (folder / name / ".keras" / "keras.json").write_text(json.dumps(keras))
    return folder / name


def test_numbers_are_the_same_under_a_hostile_environment(tmp_path, capsys):
    hostile = python(home_of(tmp_path, "hostile", **KERAS), "-c", TRAINS, **HOSTILE)
    exec(TRAINS, {})  # in this process, whatever else was trained in it
    told = capsys.readouterr().out
    assert told.startswith("ok "), told
    assert hostile.stdout == told, hostile.stderr


@pytest.mark.parametrize(
    ("keras", "variables", "message"),
    [
        ({}, {"KERAS_BACKEND": "jax"}, "KERAS_BACKEND is 'jax': studies are trained with Tensor"),
        ({"floatx": "float7"}, {}, "expected a working installation, and a keras.json"),
    ],
)
def test_what_cannot_be_set_is_refused_in_words(tmp_path, keras, variables, message):
    home = home_of(tmp_path, "home", **keras)
    plan = python(home, "-m", "tuner", "plan", "--dataset", "digits", **variables)
    assert plan.returncode == 2
    assert message in plan.stderr
    assert len(plan.stderr.splitlines()) == 1
