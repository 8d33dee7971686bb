"""A report as Python asks for it: of a study, a file or a frame."""

import os
from collections.abc import Sequence
from pathlib import Path

from tuner.frames import AnyFrame, as_pandas, is_frame
from tuner.lookup import path_of
from tuner.report.page import Report, tell, write_report
from tuner.report.sources.loading import Table, with_printable_names
from tuner.report.sources.opening import read_source, report_folder
from tuner.report.sources.table import read_table
from tuner.study import Study

EXPECTED = (
    "a study, a table's file or a frame, as in tuner.report('results/width-depth'), "
    "tuner.report('runs.csv') or tuner.report(frame)"
)


def report(
    source: Study | str | os.PathLike[str] | AnyFrame,
    output: str | os.PathLike[str] | None = None,
    *,
    width: str | None = None,
    depth: str | None = None,
    replicate: str | None = None,
    metric: str | None = None,
    factors: Sequence[str] = (),
    epoch: str | None = None,
    maximize: bool | None = None,
    study_name: str | None = None,
) -> Report:
    """What the factors of a study, or of any table of executions, do to its objective.

    Names that are not given are guessed from the usual ones, as `tuner report` does.

    Args:
        source: A study (its name in results/, its folder, what `load` and `search` give), a table
            (.csv, .tsv, .parquet), what Keras Tuner, Optuna or Ray Tune kept; or a frame of pandas,
            polars or PyArrow with one row an execution or an epoch.
        output: The page's folder; files of a page that is there are replaced. By default the
            study's report/, results/<name>/report/ of another file; of a frame nothing is written.
        width: The column of the width: numbers above zero, compared in doublings.
        depth: The column of the depth: numbers, compared step by step.
        replicate: The column that says which rows share a seed or a split.
        metric: The column of the objective, in fractions, percent or a unit of its own.
        factors: The columns of further factors.
        epoch: The column of the epoch, where there is one row an epoch.
        maximize: Whether more of the objective is better; by default its name tells.
        study_name: Which study of an Optuna storage that has several.

    Returns:
        The report: its answers, verdicts, effects (one row each, in percentage points of a share)
        and findings; shown in a notebook as the page begins.

    Raises:
        UsageError: For what is none of these, or a column that is not there.
        DataError: If nothing in it can be compared.

    Examples:
        >>> import itertools, pandas, tuner
        >>> rows = [
        ...     {"layers": layers, "units": units, "seed": seed,
        ...      "accuracy": 0.5 + 0.1 * layers + 0.001 * units + 0.01 * seed}
        ...     for layers, units, seed in itertools.product([1, 2], [8, 16], [0, 1, 2])
        ... ]
        >>> found = tuner.report(pandas.DataFrame(rows), width="units", depth="layers")
        >>> found.answers[0]
        'Each further layer adds about 10 points.'
        >>> found.effects[["factor", "contrast", "estimate", "unit"]].round(1).head(2)
          factor      contrast  estimate unit
        0  units  per doubling       0.8   pp
        1  units        8 → 16       0.8   pp
    """
    columns = {
        "width": width, "depth": depth, "replicate": replicate, "metric": metric, "epoch": epoch,
    }  # fmt: skip
    if is_frame(source):
        table = Table("table", with_printable_names(as_pandas(source), "the frame"))
        found = read_table(table, **columns, factors=factors, maximize=maximize)
    else:
        path = path_of(source, Path("results"), EXPECTED)
        found = read_source(
            path, **columns, factors=factors, maximize=maximize, study_name=study_name
        )
        output = output or report_folder(path)
    return tell(found) if output is None else write_report(found, Path(output))
