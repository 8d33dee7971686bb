"""A study's folder: what is in it, opened once."""

from pathlib import Path

import pytest

from tuner import ledger
from tuner.design import Cell, Design
from tuner.engine import loop
from tuner.engine.asking import Asked, replay
from tuner.engine.executors import InProcessExecutor
from tuner.errors import StudyError
from tuner.execution import Execution
from tuner.folder import StudyFolder
from tuner.strategies import make_oracle

RESULTS = Path(__file__).parents[1] / "results"
COMMITTED = sorted(path.parent for path in RESULTS.glob("*-cifar10*/ledger.jsonl"))


@pytest.fixture
def folder(tmp_path, study, design):
    """A study's folder before anything was trained."""
    made = StudyFolder(tmp_path)
    made.study_file.write_text(study.to_yaml())
    made.cells_file.write_text(design.frame().to_csv(index=False))
    return made


def test_one_search_parses_its_ledger_once(folder, study, design, stub_record, monkeypatch):
    parsed = []
    read = ledger.read
    monkeypatch.setattr(ledger, "read", lambda path: parsed.append(path) or read(path))
    oracle = make_oracle(study, design)
    list(loop.run(folder, Asked(oracle, study, design), InProcessExecutor(), 1, stub_record))
    folder.write_tables()
    assert len(folder.frames.executions) == len(folder.records) == 18
    assert len(parsed) == 1
    assert StudyFolder(folder.path).records == folder.records


def test_the_number_of_planned_executions_is_the_strategys_own(folder, study):
    assert folder.num_planned == 18
    settings = {"strategy": "hyperband", "epochs": 9, "replicates": 1}
    folder.study_file.write_text(study.model_copy(update=settings).to_yaml())
    assert StudyFolder(folder.path).num_planned > 6


def test_what_is_no_study_is_told(tmp_path):
    with pytest.raises(StudyError, match=r"has no study\.yaml"):
        _ = StudyFolder(tmp_path).study
    with pytest.raises(StudyError, match="holds no study"):
        _ = StudyFolder(tmp_path).frames
    (tmp_path / "environment.json").write_text("{")
    with pytest.raises(StudyError, match=r"environment\.json is not JSON"):
        _ = StudyFolder(tmp_path).environment


def test_a_study_from_before_a_setting_existed_did_what_was_done_then(folder, study):
    lines = study.to_yaml().splitlines(keepends=True)
    folder.study_file.write_text("".join(line for line in lines if "score_on" not in line))
    assert folder.study.score_on == "validation"


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.name)
def test_the_committed_studies_are_complete_and_their_ledgers_replay(path):
    folder = StudyFolder(path)
    assert len(folder.records) == folder.num_planned
    hyperparameters = folder.records[0].values
    varied = [name for name in folder.study.factor_names if name in hyperparameters]
    fixed = {k: v for k, v in folder.study.fixed.items() if k not in varied}
    cells = [
        Cell(int(row["cell"]), {n: type(hyperparameters[n])(row[n]) for n in varied}, None, None,
             row["state"])
        for row in folder.cells.to_dict("records")
    ]  # fmt: skip
    design = Design(tuple(cells), fixed)
    asked = Asked(make_oracle(folder.study, design), folder.study, design)
    left: list[Execution] = replay(folder, asked, num_slots=2)
    assert left == []
    assert asked.next_execution() is None
