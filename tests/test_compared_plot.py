"""The figure of several studies: every effect where its number says, every study by its name."""

import numpy as np
import pandas as pd
import pytest

from tuner import plots

STUDIES = ("one", "a-study-with-a-name-that-is-longer-than-a-line", "three")


@pytest.fixture(scope="module")
def effects() -> pd.DataFrame:
    """Two changes of one factor and one of another, in three studies; one without an interval."""
    changes = [("d", "1 → 2"), ("d", "2 → 3"), ("w", "a doubling")]
    rows = [
        (study, *change, 3.0 * number + place)
        for number, study in enumerate(STUDIES)
        for place, change in enumerate(changes)
    ]
    effects = pd.DataFrame(rows, columns=["study", "factor", "change", "estimate"])
    effects["ci_low"], effects["ci_high"] = effects["estimate"] - 1, effects["estimate"] + 1
    effects.loc[0, ["ci_low", "ci_high"]] = np.nan
    return effects


def test_each_effect_is_a_mark_on_its_interval_and_each_study_is_named_once_a_panel(effects):
    titles = {"w": "width", "d": "depth"}
    figure = plots.side_by_side(effects, studies=STUDIES, titles=titles, unit="points")
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["width", "depth"]
    for ax, factor in zip(figure.axes, titles, strict=True):
        own = effects[effects["factor"].eq(factor)]
        lines = ax.lines[1:]  # the first is at zero
        marks = sorted(
            float(x) for line in lines for x in line.get_xdata() if len(line.get_xdata()) == 1
        )
        assert marks == sorted(own["estimate"])
        spans = sorted(tuple(line.get_xdata()) for line in lines if len(line.get_xdata()) == 2)
        assert spans == sorted(
            own[["ci_low", "ci_high"]].dropna().itertuples(index=False, name=None)
        )
        texts = [text.get_text().strip() for text in ax.texts]
        assert [text for text in texts if "→" in text or "doubling" in text] == [
            *own["change"].unique()
        ]
        assert {"one", "three"} < set(texts)
        assert any(text.startswith("a-study") and text.endswith("a-line") for text in texts)
        low, high = ax.get_xlim()
        assert low < min(0, own["ci_low"].min())
        assert high > own["ci_high"].max()
