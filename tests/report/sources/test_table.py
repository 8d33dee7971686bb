"""Any tidy table becomes a source, or is refused in one line."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.report.conftest import planted
from tuner.errors import DataError, TunerError, UsageError
from tuner.objective import MEASURED, VALIDATION_ACCURACY
from tuner.report import read_table

Write = Callable[..., Path]


def test_usual_names_need_no_options(table: Write, executions: pd.DataFrame) -> None:
    source = read_table(table(executions))
    question = source.question
    assert question.factors == ("filter_multiplier", "conv_blocks")
    assert (question.width, question.depth) == ("filter_multiplier", "conv_blocks")
    assert question.objective == VALIDATION_ACCURACY
    assert source.history is None


def test_named_columns_play_their_parts(table: Write, executions: pd.DataFrame) -> None:
    names = {"filter_multiplier": "w", "conv_blocks": "d", "seed": "s", "val_accuracy": "top1"}
    frame = executions.drop(columns="replicate").rename(columns=names)
    source = read_table(table(frame), width="w", depth="d", replicate="s", metric="top1")
    assert source.question.factors == ("w", "d")
    assert source.question.objective.name == "top1"
    assert set(source.executions["replicate"]) == {100, 101, 102}


def test_columns_of_optuna_are_found(table: Write, executions: pd.DataFrame) -> None:
    names = {"filter_multiplier": "params_width", "conv_blocks": "params_depth"}
    frame = executions.rename(columns=names | {"val_accuracy": "value"})
    assert read_table(table(frame)).question.factors == ("params_width", "params_depth")


@pytest.mark.parametrize(
    ("metric", "values", "scale", "is_share", "told"),
    [
        ("val_accuracy", lambda a: a, 100.0, True, "read as fractions; more is better"),
        ("val_accuracy", lambda a: 100 * a, 1.0, True, "read as percent; more is better"),
        ("test_err", lambda a: 100 - 100 * a, 1.0, True, "read as percent; less is better"),
        ("accumulated_cost", lambda a: 100 * a, 1.0, False, "in their own unit; less is better"),
    ],
)
def test_fractions_and_percent_are_told_apart(
    table: Write, executions: pd.DataFrame, metric: str, values: Callable[..., pd.Series],
    scale: float, is_share: bool, told: str,
) -> None:  # fmt: skip
    frame = executions.assign(**{metric: values(executions["val_accuracy"])})
    source = read_table(table(frame), metric=metric)
    objective = source.question.objective
    assert (objective.scale, objective.is_share) == (scale, is_share)
    assert any(told in note for note in source.facts.notes)


def test_a_loss_is_better_when_smaller_and_no_accuracy(
    table: Write, executions: pd.DataFrame
) -> None:
    frame = executions.assign(val_loss=1 - executions["val_accuracy"])
    question = read_table(table(frame), metric="val_loss").question
    assert question.objective == MEASURED["val_loss"]


@pytest.mark.parametrize("option", ["epoch", None])
def test_a_table_of_epochs_gives_a_history_and_the_last_epoch(
    table: Write, option: str | None
) -> None:
    source = read_table(table(planted(epochs=5)), epoch=option)
    assert source.history is not None
    assert len(source.history) == 5 * len(source.executions) == 180
    assert set(source.executions["epochs"]) == {5}
    last = planted(epochs=5).query("epoch == 5")["val_accuracy"]
    assert sorted(source.executions["val_accuracy"]) == pytest.approx(sorted(last))


def test_epochs_counted_from_zero_are_counted_from_one(table: Write) -> None:
    frame = planted(epochs=3).assign(epoch=lambda rows: rows["epoch"] - 1)
    assert set(read_table(table(frame)).executions["epochs"]) == {3}


def test_parquet_is_read_as_csv_is(tmp_path: Path, table: Write, executions: pd.DataFrame) -> None:
    pytest.importorskip("pyarrow")
    executions.to_parquet(tmp_path / "runs.parquet")
    one, other = read_table(tmp_path / "runs.parquet"), read_table(table(executions))
    pd.testing.assert_frame_equal(one.executions, other.executions)


def test_a_factor_with_one_level_is_fixed(table: Write, executions: pd.DataFrame) -> None:
    source = read_table(table(executions.assign(filter_multiplier=2.0)))
    assert source.question.factors == ("conv_blocks",)
    assert source.question.width is None
    assert source.facts.fixed == {"filter_multiplier": 2.0}


def with_word(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(conv_blocks=frame["conv_blocks"].replace({3: "deep"}))


@pytest.mark.parametrize(
    ("change", "options", "told"),
    [
        (lambda f: f, {"width": "filter_multiplyer"}, "Did you mean 'filter_multiplier'"),
        (lambda f: f.iloc[:0], {}, "no rows"),
        (with_word, {"depth": "conv_blocks"}, "holds 'deep'"),
        (lambda f: f.assign(filter_multiplier=0), {"width": "filter_multiplier"}, "above|exceed"),
        (lambda f: f.rename(columns={"val_accuracy": "y"}), {}, "--metric"),
        (lambda f: f[["val_accuracy"]], {}, "--width, --depth or --factor"),
        (lambda f: f, {"factors": ["val_accuracy"]}, "two parts"),
        (lambda f: f.assign(epoch="x"), {"epoch": "epoch"}, "no number"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(
    table: Write, executions: pd.DataFrame, change: Callable[..., pd.DataFrame],
    options: dict[str, object], told: str,
) -> None:  # fmt: skip
    path = table(change(executions))
    with pytest.raises(TunerError, match=told) as caught:
        read_table(path, **options)
    assert "\n" not in str(caught.value)


def test_a_guessed_depth_of_words_is_no_depth(table: Write, executions: pd.DataFrame) -> None:
    assert read_table(table(with_word(executions))).question.factors == ("filter_multiplier",)


@pytest.mark.parametrize(
    ("name", "content"), [("a.xlsx", b""), ("a.csv", b""), ("b.parquet", b"x")]
)
def test_a_broken_file_is_told_in_one_line(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_table(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        read_table(tmp_path / "none.csv")


def test_infinite_and_missing_values_do_not_hide_the_scale(
    table: Write, executions: pd.DataFrame
) -> None:
    values = executions["val_accuracy"].mask(executions.index == 0, np.inf)
    frame = executions.assign(val_accuracy=values.mask(executions.index == 1))
    assert read_table(table(frame)).question.objective.scale == 100.0


def test_a_column_cannot_be_missing_for_each_option(table: Write, executions: pd.DataFrame) -> None:
    path = table(executions)
    for option in ("width", "depth", "replicate", "metric", "epoch"):
        with pytest.raises(UsageError, match=f"--{option}"):
            read_table(path, **{option: "no_such_column"})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("width,acc\n1,2,0.5\n1,2,0.6\n", "more fields than the line of names"),
        ("width,acc,acc \n1,0.5,0.6\n", "two columns of the name 'acc'"),
        ("width,acc\n" + "9" * 400 + ",0.5\n", "a number of 300 digits or more"),
        ("width,acc\n1,\x000.5\n\xff", "no rows|read as a table|--width"),
    ],
)
def test_a_table_of_another_shape_is_told(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "t.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises((DataError, UsageError), match=told):
        read_table(tmp_path / "t.csv", width="width", metric="acc")


@pytest.mark.parametrize("held", [float("inf"), "junk", -1, 0])
def test_a_cost_that_is_none_is_left_out_and_told(table, executions, held) -> None:
    source = read_table(table(executions.assign(seconds=held)))
    assert "seconds" not in source.executions
    assert any("The column seconds is left out" in note for note in source.facts.notes)
