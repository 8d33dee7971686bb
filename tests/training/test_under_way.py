"""An execution whose worker died goes on where it had come, with the same numbers."""

import pytest

from tuner import checkpoints
from tuner.execution import Execution
from tuner.study import Study
from tuner.training.backend import start_tensorflow

start_tensorflow()

from tuner.planning import make_plan  # noqa: E402
from tuner.training import execute as training  # noqa: E402
from tuner.training import traced, under_way  # noqa: E402
from tuner.training.execute import execute  # noqa: E402

pytestmark = pytest.mark.trains


def execution(folder, kind="dropout", space="tests.hypermodels:Noisy", **chosen):
    study = Study(space=space, dataset="digits", train_size=100, validation_size=50, epochs=4)
    values = {"layers": kind, "optimizer": "adam", **chosen}
    return Execution(study, "0000", 0, 0, values, study.epochs, under_way=folder)


def of_noise(folder):
    return execution(folder, "noise")


def of_conv_pool(folder):
    chosen = {"conv_blocks": 2, "dropout": 0.5, "augmentation": "flip_crop"}
    small = {"dataset": "digits", "train_size": 100, "validation_size": 50, "epochs": 4}
    study = make_plan(Study(factors={"filter_multiplier": (0.5, 1.0)}, fixed=chosen, **small)).study
    values = {**study.fixed, "filter_multiplier": 0.5}
    return Execution(study, "0000", 0, 0, values, study.epochs, under_way=folder)


def died_after(asked, epoch, monkeypatch):
    """Trains an execution until its worker, as far as its files can tell, dies after an epoch."""

    class Died(BaseException):
        pass

    def epoch_ended(self, row, original=under_way.UnderWay.epoch_ended):
        original(self, row)
        if row["epoch"] == epoch:
            raise Died

    with monkeypatch.context() as changed:
        changed.setattr(under_way, "KEEP_EVERY", 0.0)
        changed.setattr(under_way.UnderWay, "epoch_ended", epoch_ended)
        changed.setattr(training, "is_ours", lambda error: isinstance(error, Died))
        with pytest.raises(Died):
            execute(asked)
    traced._kept.clear()  # as a new worker has it


def trained_epochs(monkeypatch):
    """The numbers of the epochs that are trained from now on."""
    found = []

    def trainer(*about, original=training.trainer):
        train_epoch = original(*about)
        return lambda epoch: found.append(epoch) or train_epoch(epoch)

    monkeypatch.setattr(training, "trainer", trainer)
    return found


@pytest.fixture(scope="module")
def whole():
    """The record of one that was never disturbed."""
    return execute(execution(None)).record


@pytest.mark.parametrize("make", [of_noise, of_conv_pool])
def test_it_ends_with_the_numbers_of_one_that_was_never_disturbed(tmp_path, monkeypatch, make):
    whole = execute(make(None)).record
    died_after(make(tmp_path), 3, monkeypatch)
    epochs = trained_epochs(monkeypatch)
    gone_on = execute(make(tmp_path)).record
    assert (gone_on.history, gone_on.metrics) == (whole.history, whole.metrics)
    assert epochs == [3]


def test_its_seconds_are_those_of_all_its_workers(tmp_path, monkeypatch):
    asked = execution(tmp_path)
    died_after(asked, 3, monkeypatch)
    path = checkpoints.state_path(tmp_path, asked.key)
    monkeypatch.setattr(under_way, "restored", later(under_way.restored, seconds=1000.0))
    assert execute(asked).record.seconds > 1000
    assert path.exists()  # the engine removes it, once the record is on disk


def later(original, seconds):
    return lambda *about: original(*about)._replace(seconds=seconds)


@pytest.mark.parametrize("damage", ["torn", "foreign", "of another configuration"])
def test_a_state_that_is_none_of_its_own_is_not_gone_on_from(tmp_path, monkeypatch, damage, whole):
    asked = execution(tmp_path)
    other = execution(tmp_path, optimizer="sgd") if damage.startswith("of") else asked
    died_after(other, 2, monkeypatch)
    path = checkpoints.state_path(tmp_path, asked.key)
    if damage == "torn":
        path.write_bytes(path.read_bytes()[:-100])
    elif damage == "foreign":
        path.write_bytes(b"not a state")
    epochs = trained_epochs(monkeypatch)
    assert execute(asked).record.history == whole.history
    assert epochs == [0, 1, 2, 3]


def test_where_more_than_variables_may_have_changed_it_begins_anew(tmp_path, monkeypatch):
    died_after(execution(tmp_path, "own"), 2, monkeypatch)
    assert [path.suffix for path in tmp_path.iterdir()] == [".epoch"]


def test_notes_that_cannot_be_written_disturb_nothing(tmp_path, monkeypatch, whole):
    monkeypatch.setattr(under_way, "KEEP_EVERY", 0.0)
    nowhere = execution(tmp_path / "a disk of another machine")
    assert execute(nowhere).record.history == whole.history


def test_it_tells_of_its_epochs_as_its_history_has_them(tmp_path, whole):
    asked = execution(tmp_path)
    execute(asked)
    assert checkpoints.rows(tmp_path)[asked.key] == whole.history[:-1]
