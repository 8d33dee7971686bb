"""Whatever lies where a file of ours is expected: a value or one line of a TunerError, no more.

`make fuzz` tries tens of thousands of mutations of each.
"""

import io
import json
import math
import shutil
import tempfile
from pathlib import Path

import numpy as np
import optuna
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from tuner import ledger
from tuner.errors import StudyError, TunerError, UsageError
from tuner.execution import Execution, record_of
from tuner.folder import StudyFolder
from tuner.report import read_keras_tuner, read_source, read_table
from tuner.study import Study, read_study
from tuner.training.npz import npz_arrays

pytestmark = pytest.mark.slow

STUDY = Study(name="s", factors={"depth": (1, 2), "act": ("relu", "tanh")}, dataset="digits")
CELLS = (
    "cell,depth,act,params,flops,state,reason\n"
    "0,1,relu,10,100,planned,\n1,2,tanh,20,200,planned,\n2,2,relu,,,infeasible,too small\n"
)
ENVIRONMENT = {
    "versions": {"keras": "3"}, "cpu": "one", "git_commit": None, "space": {"a.py": "0f"},
    "data": {"name": "digits", "sha256": "0f", "num_images": 90, "image_shape": [8, 8, 1]},
}  # fmt: skip
TABLE = "width,depth,seed,val_accuracy,seconds\n" + "".join(
    f"{width},{depth},{seed},0.{width}{depth}{seed},{width * depth}.5\n"
    for width in (1, 2) for depth in (1, 2, 3) for seed in (0, 1)
)  # fmt: skip
TRIAL = {
    "trial_id": "0", "score": 0.5, "status": "COMPLETED", "message": None,
    "hyperparameters": {
        "space": [{"class_name": "Int", "config": {"name": "depth", "step": 1}}],
        "values": {"depth": 1},
    },
    "metrics": {"metrics": {"val_accuracy": {
        "direction": "max", "observations": [{"value": [0.5], "step": 0}],
    }}},
}  # fmt: skip


MAPPINGS = "name,config,summary\n" + "".join(
    f"run{seed},\"{{'width': {width}, 'seed': {seed}}}\",\"{{'accuracy': 0.{width}}}\"\n"
    for width in (1, 2) for seed in (0, 1)
)  # fmt: skip


def journal() -> bytes:
    """A study of Optuna's with three trials, as its JournalStorage writes it."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "journal.log"
        storage = JournalStorage(JournalFileBackend(str(file)))
        study = optuna.create_study(study_name="s", storage=storage)
        study.optimize(lambda trial: trial.suggest_int("depth", 1, 3), n_trials=3)
        return file.read_bytes()


JOURNAL = journal()


def ledger_line(cell: int = 0) -> dict:
    execution = Execution(STUDY, f"{cell:04d}", cell, 0, {"depth": cell + 1, "act": "relu"}, 2)
    history = [{"epoch": 1, "loss": 1.0, "val_accuracy": 0.5}]
    return ledger.as_json(record_of(execution, "ok", val_accuracy=0.5, history=history))


def npz() -> bytes:
    file = io.BytesIO()
    images, labels = np.zeros((4, 2, 2, 1), np.uint8), np.arange(4) % 2
    np.savez(file, x_train=images, y_train=labels, x_test=images, y_test=labels)
    return file.getvalue()


TOKENS = st.sampled_from([
    b"", b"\x00", b"\xff", b"\xed\xb3\xbf", b"null", b"NaN", b"-Infinity", b"1e999", b"-1",
    b"[" * 300, b"{", b"}", b'"', b'"\\udcff"', b"\\u001b", b",", b"\n", b":", b"*a", b"&a ",
    b"!!python/none ", b"9" * 5000, b"9" * 30, b"inf", b"true", b"'", b"%", b"\t",
])  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from([10**400, math.inf, "\udcff", "\x1b[2J", "x" * 500, 2**63]),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)  # fmt: skip


@st.composite
def mutated(draw, content: bytes) -> bytes:
    """A file's bytes with some of them replaced, cut out or put in."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 6)))
        put = draw(TOKENS | st.binary(max_size=4))
        content = content[:start] + put + content[end:]
    return content


@st.composite
def edited(draw, document: dict) -> bytes:
    """JSON with a value somewhere in it replaced or left out."""
    document = json.loads(json.dumps(document))
    place = document
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = draw(st.sampled_from(keys))
        inner = place[key]
        if not (isinstance(inner, dict | list) and inner and draw(st.booleans())):
            break
        place = inner
    if draw(st.integers(0, 4)) == 0:
        del place[key]
    else:
        place[key] = draw(VALUES)
    return json.dumps(document).encode()


def only_told(read, *arguments, **options) -> None:
    """Reads; what it refuses is refused in one line."""
    told = ""
    try:
        read(*arguments, **options)
    except TunerError as error:
        told = str(error)
    assert "\n" not in told


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("foreign")


fuzz = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    print_blob=False,
)


def study_folder(place, **files: bytes) -> StudyFolder:
    """A whole study's folder, some of its files replaced."""
    line = (json.dumps(ledger_line()) + "\n").encode()
    whole = {
        "study.yaml": STUDY.to_yaml().encode(), "cells.csv": CELLS.encode(),
        "environment.json": json.dumps(ENVIRONMENT).encode(), "ledger.jsonl": line,
    }  # fmt: skip
    for name, content in {**whole, **files}.items():
        (place / name).write_bytes(content)
    return StudyFolder(place)


def shown(folder: StudyFolder) -> None:
    """What `tuner status` and `tuner show` make of a folder."""
    from tuner.cli.formats import formatted
    from tuner.cli.showing import SHOWN, on_screen
    from tuner.cli.status import status_rows
    from tuner.cli.tables import frame_table
    from tuner.standing import Standing

    list(status_rows(Standing(folder)))
    for show in SHOWN.values():
        caption, rows = show(folder)
        frame_table(on_screen(rows, folder), caption)
        formatted(rows, "csv").encode()


LINE = json.dumps(ledger_line()).encode()


@fuzz
@given(line=edited(ledger_line()) | mutated(LINE))
def test_a_line_of_a_ledger(place, line):
    only_told(shown, study_folder(place, **{"ledger.jsonl": LINE + b"\n" + line + b"\n"}))


@fuzz
@given(content=mutated(STUDY.to_yaml().encode()))
def test_a_studys_settings(place, content):
    only_told(shown, study_folder(place, **{"study.yaml": content}))
    with_only = place / "typed.yaml"
    with_only.write_bytes(content)
    only_told(read_study, with_only)


@fuzz
@given(content=edited(ENVIRONMENT) | mutated(json.dumps(ENVIRONMENT).encode()))
def test_what_a_study_was_begun_in(place, content):
    only_told(shown, study_folder(place, **{"environment.json": content}))


@fuzz
@given(content=mutated(CELLS.encode()))
def test_the_cells_of_a_study(place, content):
    only_told(shown, study_folder(place, **{"cells.csv": content}))


@fuzz
@given(content=mutated(npz()))
def test_an_npz(place, content):
    (place / "x.npz").write_bytes(content)
    only_told(npz_arrays, place / "x.npz")


@fuzz
@given(content=mutated(TABLE.encode()))
def test_a_table(place, content):
    (place / "x.csv").write_bytes(content)
    only_told(read_table, place / "x.csv")


@fuzz
@given(content=edited(TRIAL) | mutated(json.dumps(TRIAL).encode()))
def test_a_trial_of_keras_tuner(place, content):
    deeper = json.dumps(TRIAL).replace('{"depth": 1}', '{"depth": 2}').encode()
    for number, trial in enumerate([json.dumps(TRIAL).encode(), deeper, content]):
        (place / f"trial_{number}").mkdir(exist_ok=True)
        (place / f"trial_{number}" / "trial.json").write_bytes(trial)
    only_told(read_keras_tuner, place)


RAY = Path(__file__).parent / "report" / "sources" / "ray_tune"
RESULT = (RAY / "f_1688d_00000_0" / "result.json").read_text().splitlines()[0]


@fuzz
@given(
    params=edited({"depth": 1, "width": 8, "opt": {"lr": 0.1}}) | mutated(b'{"depth": 1}'),
    result=edited(json.loads(RESULT)) | mutated(RESULT.encode()),
)
def test_a_trial_of_ray_tune(place, params, result):
    folder = Path(shutil.copytree(RAY, place / "ray", dirs_exist_ok=True))
    (folder / "f_1688d_00000_0" / "params.json").write_bytes(params)
    (folder / "f_1688d_00000_0" / "result.json").write_bytes(result + b"\n")
    only_told(read_source, folder)


@fuzz
@given(content=mutated(JOURNAL))
def test_a_journal_of_optuna(place, content):
    (place / "journal.log").write_bytes(content)
    only_told(read_source, place / "journal.log")


@fuzz
@given(content=mutated(MAPPINGS.encode()))
def test_a_table_of_mappings(place, content):
    (place / "x.csv").write_bytes(content)
    only_told(read_table, place / "x.csv")


def test_a_valid_folder_is_shown(place):
    shown(study_folder(place))
    with pytest.raises(UsageError):
        read_study(place / "cells.csv")


def test_a_factor_that_no_execution_has_is_left_out(place):
    other = STUDY.to_yaml().replace("depth:\n  -", "layers:\n  -").encode()
    folder = study_folder(place, **{"study.yaml": other})
    shown(folder)


def test_an_objective_that_no_execution_has_is_told(place):
    other = STUDY.to_yaml().replace("val_accuracy", "val_accNaNuracy").encode()
    with pytest.raises(StudyError, match="no execution has the objective, val_accNaNuracy"):
        shown(study_folder(place, **{"study.yaml": other}))


def test_a_column_of_two_lines_is_told_in_one(place):
    (place / "x.csv").write_text('width,"two\nlines"\n1,2\n')
    only_told(read_table, place / "x.csv")
