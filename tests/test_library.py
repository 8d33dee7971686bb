"""Studies planned and searched from Python."""

import pytest

import tuner
from tuner import running
from tuner.errors import UsageError

pytestmark = pytest.mark.trains
ASKED = {
    "dataset": "digits", "train_size": 100, "validation_size": 50, "epochs": 1, "replicates": 2,
    "factors": {"conv_blocks": [1, 2]},
}  # fmt: skip


@pytest.fixture
def executed(monkeypatch, stub_record):
    """The executions that were trained, by a training that takes no time."""
    trained = []

    def execute(execution):
        trained.append(execution)
        return stub_record(execution)

    monkeypatch.setattr(running, "execute", execute)
    return trained


def test_a_ready_study_is_planned_with_other_settings():
    plan = tuner.plan("width-depth", **ASKED)
    assert plan.num_executions == 4
    assert list(plan.cells["conv_blocks"]) == [1, 2]
    assert repr(plan).startswith("Plan of width-depth: 2 cells, 4 executions, about ")
    assert plan._repr_html_().count("<tr") == 3


def test_a_file_of_settings_is_a_study(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("dataset: digits\nfactors: {conv_blocks: [1, 2, 3]}\n")
    assert tuner.plan(file).num_executions == tuner.plan(str(file)).num_executions == 9


def test_a_search_is_told_in_lines_where_there_is_no_terminal_and_goes_on(
    tmp_path, executed, capsys
):
    found = tuner.search("width-depth", tmp_path, num_workers=0, **ASKED)
    assert found.path == tmp_path / "width-depth"
    assert len(found.executions) == len(executed) == 4
    told = capsys.readouterr()
    assert told.out == ""
    assert [line.split()[1] for line in told.err.splitlines()] == ["1/4", "2/4", "3/4", "4/4"]
    for asked in ("width-depth", found):
        again = tuner.search(asked, tmp_path, num_workers=0, **ASKED)
        assert again == found
    assert len(executed) == 4


def test_a_quiet_search_says_nothing(tmp_path, executed, capsys):
    tuner.search("width-depth", tmp_path, num_workers=0, quiet=True, **ASKED)
    assert capsys.readouterr() == ("", "")


def test_a_study_that_is_begun_anew_keeps_the_old_one_beside_it(tmp_path, executed):
    for _ in range(2):
        tuner.search("width-depth", tmp_path, num_workers=0, overwrite=True, **ASKED)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["width-depth", "width-depth.1"]
    assert len(executed) == 8


@pytest.mark.parametrize(
    ("asked", "settings", "told"),
    [
        ("width-detph", {}, "no study 'width-detph'. Did you mean 'width-depth'?"),
        ({"epochs": 2}, {}, r"expected a Study, the name of a ready one .* got \{'epochs': 2\}"),
        (None, {}, r"got None \(NoneType\)"),
        (tuner.Study, {}, "got <class"),
        ("width-depth", {"epoch": 2}, "no setting 'epoch'. Did you mean 'epochs'?"),
        ("width-depth", {"epochs": "ten"}, "epochs: expected a whole number, got 'ten'"),
        ("width-depth", {"num_workers": "4"}, r"num_workers: expected 0 or more, got '4' \(str\)"),
        ("width-depth", {"num_workers": -1}, "num_workers: expected 0 or more, got -1"),
        ("width-depth", {"executor": "lokal"}, "lokal"),
    ],
)
def test_what_is_no_study_or_setting_is_told_in_a_line(asked, settings, told, tmp_path):
    with pytest.raises(UsageError, match=told) as refused:
        tuner.search(asked, tmp_path, **settings)
    assert "\n" not in str(refused.value)
    assert not [*tmp_path.iterdir()]


def test_a_study_of_one_s_own_is_refused_in_a_line_too():
    with pytest.raises(UsageError, match=r"^epochs: expected a whole number, got 'ten'$"):
        tuner.Study(epochs="ten")
