"""The parts of a comparison's page: effects side by side, their differences, what else differs."""

from collections.abc import Mapping, Sequence

import pandas as pd

from tuner import plots
from tuner.analysis.comparison import CONTRAST, Comparison
from tuner.report import formats
from tuner.report.answers import amounts
from tuner.report.answers.details import contrast_text
from tuner.report.answers.naming import Naming
from tuner.report.formats import Columns
from tuner.report.parts import Picture, Section, Table
from tuner.report.sections.intervals import INTERVALS, interval_table

Names = Mapping[str, Naming]
HOW = {True: "within replicates", False: "independent"}
METHODS = (
    "The same contrasts are estimated in each study as its own report does, over the cells that "
    "all of them have, with equal weights: steps between adjacent levels, and growth where a line "
    "fits in every study. A difference is the effect in a further study less that in the first.",
    "Within replicates: where two studies share their replicates, each execution is taken less the "
    "same cell's in the same replicate of the first study, and the contrast of these differences "
    "is estimated, with the error that it shows between replicates, steadied by its kind, as in a "
    "study's report. What one has and the other lacks is left out. Independent: the two effects' "
    "squared errors add up, with Satterthwaite's degrees of freedom (Welch 1947).",
    "A difference is resolved where p < 0.05 after Holm's correction for all differences. "
    "Intervals that all hold at once are from the largest t statistic of a further study (max-t), "
    "at 0.05 divided by the number of further studies.",
)


def side_by_side_section(found: Comparison, names: Names) -> Section:
    """The figure: the leading effects in every study."""
    leading = leading_effects(found, names)
    studies = list(dict.fromkeys(found.effects["study"]))
    read = "; ".join(
        f"{row['study']}, {row['change']}: {formats.change(row['estimate'])}"
        for row in leading.head(24).to_dict("records")
    )
    objective = found.question.objective
    figure = plots.side_by_side(
        leading,
        studies=studies,
        titles={name: names[name].spoken for name in dict.fromkeys(leading["factor"])},
        unit=f"effect ({objective.unit_words})",
    )
    has_bars = leading["ci_low"].notna().any()
    caption = f"What each change does in {amounts.listed(studies)}"
    caption += ", with 95% intervals, each by itself" if has_bars else "; no interval can be given"
    caption += ". The interval of a difference is in the table: it is not read off two of these."
    numbers = leading[["study", "factor", "contrast", "given", "estimate", "ci_low", "ci_high"]]
    alternative = f"Effects on {objective.words} in each study. {read}"
    picture = Picture("effects_side_by_side", figure, numbers, caption, alternative)
    return Section("effects", "Effects side by side", pictures=[picture])


def leading_effects(found: Comparison, names: Names) -> pd.DataFrame:
    """The effects that sentences are about, in every study, and how each change is called."""
    leads = found.differences.loc[found.differences["leads"], CONTRAST].drop_duplicates()
    rows = leads.merge(found.effects, on=CONTRAST, how="left")
    rows["change"] = [
        contrast_text(contrast, names[factor])
        for factor, contrast in rows[CONTRAST].itertuples(index=False)
    ]
    return rows[rows["estimate"].notna()]


def side_by_side(found: Comparison) -> pd.DataFrame:
    """One row a difference with both effects: those of the study and of the reference beside it.

    Returns:
        The columns of `Comparison.differences`, and study_effect, study_low, study_high,
        reference_effect, reference_low, reference_high.
    """
    effects = found.effects.drop_duplicates(["study", *CONTRAST])
    rows = found.differences
    for who in ("study", "reference"):
        titles = {
            "study": who,
            "estimate": f"{who}_effect",
            "ci_low": f"{who}_low",
            "ci_high": f"{who}_high",
        }
        own = effects[[*titles, *CONTRAST]].rename(columns=titles)
        rows = rows.merge(own, on=[who, *CONTRAST], how="left")
    return rows


def differences_section(found: Comparison, names: Names) -> Section:
    """Every leading effect in both studies, and the difference with its interval."""
    rows = side_by_side(found)
    leading = rows[rows["leads"]]
    return Section("differences", "How much the effects differ", tables=[
        _table("differences", leading, found, names, "Effects, and their differences")
    ])  # fmt: skip


def all_differences_section(found: Comparison, names: Names) -> Section:
    """All differences that Holm's family has, those included that no sentence is about."""
    rows = side_by_side(found)
    table = _table("all_differences", rows, found, names, "Every difference that was estimated")
    return Section("tests", "Every difference, with p-values", tables=[table])


def _table(name: str, rows: pd.DataFrame, found: Comparison, names: Names, caption: str) -> Table:
    """Differences as they are printed; with one further study, the effects under its name."""
    first, *others = dict.fromkeys(found.effects["study"])
    of_other = others[0] if len(others) == 1 else "study's effect"
    columns: Columns = {
        "factor": ("factor", lambda factor: names[factor].spoken),
        tuple(CONTRAST): ("change", lambda factor, text: contrast_text(text, names[factor])),
        **({} if len(others) == 1 else {"study": ("study", None)}),
        ("reference_effect", "reference_low", "reference_high"): (first, with_interval),
        ("study_effect", "study_low", "study_high"): (of_other, with_interval),
        "estimate": ("difference", formats.change),
        **INTERVALS,
        "p_holm": ("p (Holm)", formats.probability),
        "paired": ("estimated", lambda paired: HOW[bool(paired)]),
        "given": ("over", None),
        "refusal": ("no interval", None),
    }
    unit = found.question.objective.unit_words
    return interval_table(name, rows, columns, f"{caption}, in {unit}")


def with_interval(estimate: float, low: float, high: float) -> str:
    """An effect with its interval: "+13.0 [12.6, 13.4]"."""
    bounds = formats.interval(low, high)
    return formats.change(estimate) + ("" if bounds == formats.ABSENT else f" {bounds}")


def settings_section(settings: pd.DataFrame, unknown: Sequence[str]) -> Section:
    """What differs between the studies beside their results.

    Args:
        settings: As `settings.differing` returns it.
        unknown: The studies of which no setting is known.
    """
    texts = [f"Nothing is known of how {amounts.listed(unknown)} came about."] if unknown else []
    if settings.empty:
        if not unknown:
            texts.append("No setting and no version of what they were trained with differs.")
        return Section("settings", "What else differs", texts=texts)
    rows = settings.replace("", formats.ABSENT)
    caption = "Settings that differ; all others that are recorded are equal"
    table = Table("settings", rows, settings, caption)
    return Section("settings", "What else differs", texts=texts, tables=[table])


def methods_section(notes: Sequence[str]) -> Section:
    """How differences are estimated, and what was left out."""
    told = [formats.sentence(note) for note in dict.fromkeys(notes)]
    return Section("methods", "Methods", texts=[*METHODS, *told])
