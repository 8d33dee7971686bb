"""The whole analysis at once: what is refused, what is hostile, what is large, what is imported."""

import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from tests.analysis.planted import QUESTION, WITH_KERNELS, history_of, table
from tuner.analysis import analyse
from tuner.analysis.question import Question
from tuner.errors import DataError
from tuner.objective import Objective


def test_a_full_study_gets_every_part():
    executions = table(widths=(0.5, 1.0, 2.0, 4.0), replicates=10, kernels=("3", "5-3"))
    history = history_of(executions, lambda final, epoch: final * epoch / 12)
    analysis = analyse(executions, WITH_KERNELS, history=history)
    for part in ("shares", "saturation", "fidelity", "curves", "matched.flops", "frontiers.params"):
        assert part not in analysis.refusals
    assert {"rungs", "rung_points", "learning_rates"} <= set(analysis.refusals)
    for part in ("effects", "means", "shares", "cells", "pairs", "resampled", "saturation"):
        assert len(getattr(analysis, part)), part
    assert len(analysis.fidelity) == 12
    assert {cost for cost, pairs in analysis.matched.items() if len(pairs)} == {
        *("params", "flops", "seconds")
    }


def test_what_is_refused_is_refused_in_words():
    bare = table(replicates=1)[["conv_blocks", "filter_multiplier", "val_accuracy"]]
    analysis = analyse(bare, QUESTION)
    assert analysis.shares["p"].isna().all()
    assert set(analysis.refusals) >= {"saturation", "fidelity", "frontiers.params", "matched.flops"}
    assert all(len(words) > 20 for words in analysis.refusals.values())


def hostile() -> dict[str, pd.DataFrame]:
    """Make tables that must neither break the analysis nor mislead it."""
    strange = table()
    strange["val_accuracy"] = strange["val_accuracy"].astype(object)
    strange.loc[[0, 5, 9], "val_accuracy"] = [np.nan, np.inf, "<script>"]
    mixed = table()
    mixed["conv_blocks"] = mixed["conv_blocks"].astype(object)
    mixed.loc[mixed["conv_blocks"] == 3, "conv_blocks"] = "three"
    return {
        "strange metrics": strange,
        "mixed types": mixed,
        "all equal": table().assign(val_accuracy=0.5),
        "no noise": table(sd=0.0),
        "one replicate": table(replicates=1),
        "one other level": table(widths=(1.0,)),
        "nothing but the factors": table()[["conv_blocks", "filter_multiplier", "val_accuracy"]],
        "missing numbers": table().assign(params=np.nan, flops=np.nan, seconds=np.nan),
        "width zero": table(widths=(1.0, 2.0)).replace({"filter_multiplier": {1.0: 0.0}}),
        "a random half": table(replicates=4).sample(frac=0.5, random_state=0),
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", hostile())
def test_hostile_tables_are_analysed_without_a_warning(name):
    analysis = analyse(hostile()[name], QUESTION)
    assert analysis.verdicts
    resolved = analysis.effects["p_holm"] < 0.05
    assert (resolved <= analysis.effects["ci_low"].notna()).all()


def test_random_search_over_numbers_has_no_cells_to_compare():
    rng = np.random.default_rng(0)
    executions = table()
    executions["filter_multiplier"] = rng.uniform(1, 8, len(executions))
    executions["conv_blocks"] = rng.uniform(1, 8, len(executions))
    found = analyse(executions, QUESTION).effects
    assert found["estimate"].isna().all()
    assert found["verdict"].str.startswith("not estimable").all()


def test_a_name_is_only_a_name():
    name = "<script>alert(1)</script>"
    executions = table().rename(columns={"conv_blocks": name})
    question = Question((name, "filter_multiplier"), depth=name)
    assert name in analyse(executions, question).verdicts[0]


def test_a_factor_as_objective_is_refused():
    with pytest.raises(DataError, match="both a factor and the objective"):
        analyse(table(), Question(("conv_blocks",), Objective("conv_blocks")))


@pytest.mark.slow
def test_two_hundred_thousand_executions_are_analysed_in_seconds():
    rng = np.random.default_rng(0)
    depth, width, replicate = np.indices((5, 5, 8000)).reshape(3, -1)
    executions = pd.DataFrame(
        {
            "conv_blocks": depth + 1,
            "filter_multiplier": 2.0**width,
            "replicate": replicate,
            "val_accuracy": 0.5 + 0.01 * depth + 0.01 * rng.normal(size=200_000),
            "flops": 2.0**width * (depth + 1),
        }
    )
    start = time.process_time()
    analysis = analyse(executions, QUESTION)
    assert time.process_time() - start < 30
    assert analysis.model.num_replicates == 8000


def test_the_analysis_imports_neither_tensorflow_nor_plots_nor_the_ledger():
    code = (
        "import sys, tuner.analysis\n"
        "roots = {name.split('.')[0] for name in sys.modules}\n"
        "ours = {name for name in sys.modules if name.startswith('tuner.')}\n"
        "assert not roots & {'tensorflow', 'keras', 'matplotlib', 'seaborn'}, roots\n"
        "floor = ('tuner.errors', 'tuner.frames', 'tuner.objective', 'tuner.words')\n"
        "assert all(n.startswith('tuner.analysis') or n in floor for n in ours), ours\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
