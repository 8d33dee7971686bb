"""Tables as they lie on other people's disks: how they are spelled, cut, counted and laid out."""

import itertools
import json
import os

import pandas as pd
import pytest

from tuner.analysis.effects import effects
from tuner.analysis.model import fit
from tuner.analysis.preparing import prepare
from tuner.errors import DataError, UsageError
from tuner.report.page import analyse_source
from tuner.report.sources.opening import read_source
from tuner.report.sources.table import read_table


@pytest.fixture
def executions():
    """27 executions: deeper and wider is better, by 4 and 3 points."""
    cells = itertools.product((8, 16, 32), (1, 2, 3), (0, 1, 2))
    rows = [(w, d, s, 50 + 4 * d + 0.2 * w + 0.3 * ((w + d + s) % 3)) for w, d, s in cells]
    return pd.DataFrame(rows, columns=["width", "depth", "seed", "accuracy"]).round(2)


def steps(source, factor):
    told = effects(fit(prepare(source.executions, source.question)))
    return told.query("factor == @factor and kind == 'step'")["estimate"].round(1).tolist()


def written(tmp_path, text, encoding="utf-8", name="runs.csv"):
    path = tmp_path / name
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encodings_and_separators_are_told_by_the_file(tmp_path, executions, separator, encoding):
    text = executions.to_csv(index=False, sep=separator)
    source = read_table(written(tmp_path, text, encoding))
    assert source.executions["accuracy"].tolist() == executions["accuracy"].tolist()


def test_decimal_commas_are_read_and_told(tmp_path, executions):
    text = executions.to_csv(index=False, sep=";", decimal=",")
    source = read_table(written(tmp_path, text))
    assert source.executions["accuracy"].tolist() == executions["accuracy"].tolist()
    assert "Values of accuracy are written with decimal commas." in source.facts.notes


@pytest.mark.parametrize("sign", ["%", " %"])
@pytest.mark.parametrize("scale", [1, 0.01])
def test_a_percent_sign_makes_percent_of_any_number(tmp_path, executions, sign, scale):
    executions["accuracy"] = [f"{scale * value:.4f}{sign}" for value in executions["accuracy"]]
    source = read_table(written(tmp_path, executions.to_csv(index=False)))
    assert steps(source, "depth") == [round(4 * scale, 1)] * 2
    assert source.question.objective.is_share


@pytest.mark.parametrize("form", ["{} ± 0.4", "{}±0.4", "{} +/- 0.4", "{} (0.4)", r"${} \pm 0.4$"])
def test_means_with_a_spread_are_no_executions(tmp_path, executions, form):
    executions["accuracy"] = [form.format(value) for value in executions["accuracy"]]
    with pytest.raises(DataError, match=r"holds means with their spread .*, not executions"):
        read_table(written(tmp_path, executions.to_csv(index=False)))


@pytest.mark.parametrize("form", ["seed{}", "seed_{}", "Run {}", "fold-{}"])
def test_one_column_a_replicate_is_offered_as_rows_and_read_as_rows(tmp_path, executions, form):
    wide = executions.pivot(index=["width", "depth"], columns="seed", values="accuracy")
    wide.columns = [form.format(number) for number in wide.columns]
    path = written(tmp_path, wide.reset_index().to_csv(index=False))
    with pytest.raises(UsageError, match=r"one column a replicate: say --metric") as asked:
        read_table(path)
    stem = str(asked.value).rpartition("--metric ")[0].rpartition("--metric ")[2].split(" to ")[0]
    source = read_table(path, metric=stem)
    assert len(source.executions) == 27
    assert steps(source, "depth") == [4.0, 4.0]


def by_round(executions, name, start=1, num=5):
    """One row a round: the score rises to its end by the last one."""
    rounds = [
        executions.assign(
            **{name: start + r, "accuracy": executions["accuracy"] - 10 * (num - 1 - r)}
        )
        for r in range(num)
    ]
    return pd.concat(rounds).sample(frac=1, random_state=0)


@pytest.mark.parametrize(
    "name", ["epoch", "epochs", "Round", "step", "_step", "iteration", "training_iteration"]
)
def test_rows_that_count_within_an_execution_are_its_epochs(tmp_path, executions, name):
    path = written(tmp_path, by_round(executions, name).to_csv(index=False))
    source = read_table(path)
    assert len(source.executions) == 27
    assert len(source.history) == 135
    assert steps(source, "depth") == [4.0, 4.0]


def test_a_counter_of_another_name_is_asked_for(tmp_path, executions):
    path = written(tmp_path, by_round(executions, "tick").to_csv(index=False))
    with pytest.raises(UsageError, match="tick counts to 5 in them: say --epoch tick"):
        read_table(path)
    assert len(read_table(path, epoch="tick").executions) == 27


@pytest.mark.parametrize("name", ["epochs", "iterations", "num_epochs"])
def test_one_row_an_execution_has_its_budget_by_any_name(tmp_path, executions, name):
    path = written(tmp_path, executions.assign(**{name: 12}).to_csv(index=False))
    source = read_table(path)
    assert source.history is None
    assert (source.executions["epochs"] == 12).all()


def test_budgets_that_were_tried_are_no_epochs_of_one_execution(tmp_path, executions):
    tried = pd.concat([executions.assign(epochs=budget) for budget in (3, 9, 27)])
    source = read_table(written(tmp_path, tried.to_csv(index=False)))
    assert source.history is None
    assert prepare(source.executions, source.question).budget == 27


def test_unequal_budgets_of_cells_are_never_pooled(tmp_path, executions):
    executions["iterations"] = [10 * depth for depth in executions["depth"]]
    source = read_table(written(tmp_path, executions.to_csv(index=False)))
    with pytest.raises(DataError, match="no budget holds all 9 configurations"):
        analyse_source(source)


def test_histories_that_were_cut_short_are_compared_at_one_epoch_with_a_serious_warning(
    tmp_path, executions
):
    history = by_round(executions, "epoch")
    stopped = history[(history["width"] != 32) | (history["epoch"] <= 3)]
    source = read_table(written(tmp_path, stopped.to_csv(index=False)))
    assert (source.executions["epochs"] == 3).all()
    assert len(source.executions) == 27
    findings = analyse_source(source).findings
    (found,) = findings.query("check == 'cut_short'").to_dict("records")
    assert found["severity"] == "serious"
    assert "ended after 3 to 5 epochs: all are compared at epoch 3" in found["what"]


@pytest.mark.parametrize(
    ("name", "is_more_better"),
    [
        ("test_err", False), ("nll", False), ("perplexity", False), ("rmse", False),
        ("train_time", False), ("val_auc", True), ("top5_accuracy", True), ("value", True),
    ],
)  # fmt: skip
def test_the_page_says_which_direction_is_better_and_an_option_turns_it(
    tmp_path, executions, name, is_more_better
):
    path = written(tmp_path, executions.rename(columns={"accuracy": name}).to_csv(index=False))
    told = {True: "more is better", False: "less is better"}
    assert told[is_more_better] in read_table(path, metric=name).facts.notes[0]
    turned = read_table(path, metric=name, maximize=not is_more_better)
    assert told[not is_more_better] in turned.facts.notes[0]
    assert turned.question.objective.maximize is not is_more_better


def test_a_value_that_is_no_number_is_quoted(tmp_path, executions):
    executions["accuracy"] = "n/a yet"
    source = read_table(written(tmp_path, executions.to_csv(index=False)))
    with pytest.raises(DataError, match=r"no finite number as accuracy.*\(for instance n/a yet\)"):
        analyse_source(source)


def project(folder, trials):
    """A Keras Tuner project of trials: values, metrics (name: direction, value), score."""
    folder.mkdir(parents=True)
    (folder / "oracle.json").write_text("{}")
    for number, (values, metrics, score) in enumerate(trials):
        space = [{"class_name": "Choice", "config": {"name": name}} for name in values]
        observed = {
            name: {"direction": direction, "observations": [{"value": [value], "step": 0}]}
            for name, (direction, value) in metrics.items()
        }
        trial = {
            "trial_id": f"{number:02d}", "hyperparameters": {"space": space, "values": values},
            "metrics": {"metrics": observed}, "score": score, "status": "COMPLETED",
        }  # fmt: skip
        (folder / f"trial_{number:02d}").mkdir()
        (folder / f"trial_{number:02d}" / "trial.json").write_text(json.dumps(trial))
    return folder


CELLS = list(itertools.product((16, 32), (1, 2)))


def test_the_objective_is_the_metric_that_gives_the_score_in_every_trial(tmp_path):
    def metrics(u, n):  # by chance equal in the first trial
        return {"accuracy": ("max", 0.9), "val_accuracy": ("max", 0.9 - u / 1000 + 0.016 + n / 99)}

    trials = [
        ({"units": u, "layers": n}, m := metrics(u, n - 1), m["val_accuracy"][1]) for u, n in CELLS
    ]
    source = read_source(project(tmp_path / "mine", trials))
    assert source.question.objective.name == "val_accuracy"


def test_several_objectives_are_asked_for(tmp_path):
    trials = [
        ({"units": u, "layers": n}, {"val_loss": ("min", 0.1 * n), "val_auc": ("max", 0.9)}, -0.5)
        for u, n in CELLS
    ]
    folder = project(tmp_path / "mine", trials)
    with pytest.raises(UsageError, match=r"--metric NAME \(metrics: val_loss, val_auc\)"):
        read_source(folder)
    source = read_source(folder, metric="val_loss")
    assert (source.question.objective.maximize, len(source.executions)) == (False, 4)


def test_hyperparameters_of_single_layers_are_tuned_away(tmp_path):
    trials = []
    for n, u in itertools.product((1, 2, 3), (16, 32)):
        values = {"layers": n} | {f"units_{i}": u for i in range(n)}
        trials.append((values, {"val_accuracy": ("max", 0.5 + n / 10)}, 0.5 + n / 10))
    source = read_source(project(tmp_path / "mine", trials))
    assert source.question.factors == ("layers", "units_0")
    assert len(source.executions) == 6
    assert len(analyse_source(source).verdicts) < 6


def test_a_pipe_is_no_table(tmp_path):
    os.mkfifo(tmp_path / "runs.csv")
    with pytest.raises(DataError, match="neither a file nor a folder"):
        read_source(tmp_path / "runs.csv")


def test_a_folder_with_one_project_is_that_project_and_of_several_all_are_named(tmp_path):
    trials = [({"units": u, "layers": n}, {"val_accuracy": ("max", 0.5)}, 0.5) for u, n in CELLS]
    project(tmp_path / "dir" / "one", trials)
    assert read_source(tmp_path / "dir").name == "one"
    project(tmp_path / "dir" / "two", trials)
    with pytest.raises(DataError, match=r"holds 2 studies or projects: .*one, .*two"):
        read_source(tmp_path / "dir")


def test_an_export_of_mlflow_needs_no_renaming(tmp_path, executions):
    named = {"width": "params.width", "depth": "params.depth", "accuracy": "metrics.val_accuracy"}
    exported = executions.rename(columns=named).assign(
        run_id=[f"{number:032x}" for number in range(27)], status="FINISHED"
    )
    source = read_table(written(tmp_path, exported.to_csv(index=False)))
    assert source.question.objective.name == "metrics.val_accuracy"
    assert (source.question.width, source.question.depth) == ("params.width", "params.depth")
    assert steps(source, "params.depth") == [4.0, 4.0]


@pytest.mark.parametrize("nested", [False, True])
def test_the_export_of_wandbs_documentation_is_read(tmp_path, executions, nested):
    """Its columns are summary, config and name: mappings as Python prints them."""
    rows = [
        {
            "summary": {"accuracy": row.accuracy, "_step": 9, "_wandb": {"runtime": 3}},
            "config": {"model": model} if nested else model,
            "name": f"fluent-{row.Index}",
        }
        for row in executions.itertuples()
        for model in [{"width": row.width, "depth": row.depth, "seed": row.seed, "act": "relu"}]
    ]
    axes = {"width": "model/width", "depth": "model/depth", "replicate": "model/seed"}
    source = read_table(
        written(tmp_path, pd.DataFrame(rows).to_csv()),
        metric="accuracy",
        **(axes if nested else {}),
    )
    assert steps(source, source.question.depth) == [4.0, 4.0]
    assert "The entries of config were read as columns." in source.facts.notes


def test_what_only_looks_like_a_mapping_stays_a_text(tmp_path, executions):
    executions["note"] = "{see below}"
    executions["code"] = "{__import__('os').system('true'): 1}"
    assert "note" in read_table(written(tmp_path, executions.to_csv(index=False))).executions


def test_a_line_with_too_many_fields_is_named(tmp_path):
    path = written(tmp_path, "width,depth,acc\n1,1,0.5\n1,2,0.6,0.7\n")
    with pytest.raises(DataError, match=r"runs.csv, line 3: expected 3 fields .*, got 4"):
        read_table(path)
