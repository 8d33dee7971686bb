"""What a strategy will train is known before it begins."""

import pytest

from tests.strategies.searching import with_strategy
from tuner import ledger
from tuner.engine import loop
from tuner.engine.asking import Asked
from tuner.engine.executors import InProcessExecutor
from tuner.folder import StudyFolder
from tuner.strategies import STRATEGIES, make_oracle
from tuner.strategies.extent import num_executions, total_seconds


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("max_trials", [None, 4])
def test_a_study_trains_what_was_said_before(
    tmp_path, study, design, stub_record, strategy, max_trials
):
    study = with_strategy(study, strategy, max_trials)
    asked = Asked(make_oracle(study, design), study, design)
    list(loop.run(StudyFolder(tmp_path), asked, InProcessExecutor(), 1, stub_record))
    records = ledger.read(tmp_path)
    assert num_executions(study, 6) == len(records)
    seconds = total_seconds(study, [9.0] * 6)
    assert seconds == pytest.approx(sum(record.epochs - record.initial_epoch for record in records))


def test_tuning_is_counted(study):
    tuned = study.model_copy(update={"tune": {"learning_rate": (0.1, 0.01)}})
    assert num_executions(tuned, 6) == 6 * (3 + 2)
    assert total_seconds(tuned, [9.0] * 6) == 6 * (3 + 2) * 9.0


def test_a_grid_trains_each_cell_at_the_full_budget(study):
    assert STRATEGIES["grid"].trial_epochs(study, 6) == [study.epochs] * 6
