"""How many places a change touches: each test adds a thing in the places CONTRIBUTING names."""

from types import MappingProxyType
from typing import ClassVar

from search_spaces import Hyperparameter
from search_spaces.conv_pool import HYPERPARAMETERS
from tests.analysis.planted import QUESTION, table
from tuner import objective, setting_types
from tuner.analysis import checks
from tuner.analysis.finding import Evidence, Finding
from tuner.cli.options import NOT_TYPED, OWN_OPTIONS, STUDY_OPTIONS
from tuner.ledger import executions_frame
from tuner.objective import METRICS, Objective
from tuner.space import Space
from tuner.study import Study


def test_an_objective_is_its_entry(monkeypatch):
    added = Objective("val_regret", maximize=False, is_share=False, scale=1.0)
    known = MappingProxyType({**objective.MEASURED, added.name: added})
    monkeypatch.setattr(setting_types, "MEASURED", known)
    assert Study(objective="val_regret").objective is added
    assert "objective: val_regret" in Study(objective="val_regret").to_yaml()


def test_a_check_is_its_function_and_its_entry(monkeypatch):
    def always_suspicious(evidence):
        return [Finding("note", "all of it", "", "who knows", "look again")]

    monkeypatch.setattr(checks, "CHECKS", (*checks.CHECKS, always_suspicious))
    assert "always_suspicious" in set(checks.run_checks(Evidence(table(), QUESTION))["check"])


def test_a_hyperparameter_is_its_row_and_its_use():
    class Added:
        hyperparameters: ClassVar = {
            **HYPERPARAMETERS,
            "rest_blocks": Hyperparameter("scientific", (1, 2), 1, axis="depth", step="rest"),
        }

    found = Space(Added()).hyperparameters["rest_blocks"]
    assert (found.axis, found.step, found.levels) == ("depth", "rest", (1, 2))


def test_a_setting_is_its_field_and_its_use():
    assert set(STUDY_OPTIONS) == (set(Study.model_fields) - set(NOT_TYPED)) | set(OWN_OPTIONS)
    assert all(setting.description for setting in Study.model_fields.values())


def test_a_measured_number_is_its_name_and_where_it_is_measured(study, stub_record):
    from tuner.execution import Execution

    record = stub_record(Execution(study, "0", 0, 0, {"depth": 1}, 3), best_epoch=2).record
    row = executions_frame("study", [record]).iloc[0]
    assert set(METRICS) <= set(row.index)
    assert row["best_epoch"] == 2
