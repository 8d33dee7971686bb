"""Studies planned and searched from Python, as the command line plans and searches them."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tuner.callbacks import check_callbacks
from tuner.claiming import move_aside
from tuner.cli.searching import how_to_run, planning, train_shown
from tuner.cli.settings import configuration_file
from tuner.engine.executors import refuse_in_import
from tuner.errors import UsageError
from tuner.folder import StudyFolder
from tuner.planning import Plan, make_plan
from tuner.results import Results
from tuner.running import gone_on_with
from tuner.study import Study, read_study
from tuner.words import received


def plan(study: Study | str | os.PathLike[str], **settings: Any) -> Plan:
    """What a search would train: its cells, their parameters, FLOPs and time; nothing is trained.

    Args:
        study: A Study, the name of a ready one (`tuner studies`), a YAML file of settings, or
            the folder of a study that has them.
        **settings: Of the study, in place of its own: dataset="digits", epochs=2.

    Raises:
        UsageError: For what is no study, or a setting that it does not have.
        TunerError: One line for whatever would keep it from being trained.

    Examples:
        >>> plan = tuner.plan("width-depth", dataset="digits", epochs=2)
        >>> plan.num_executions
        27
        >>> plan.cells[["conv_blocks", "filter_multiplier", "params", "state"]].head(2)
           conv_blocks  filter_multiplier  params    state
        0            1                0.5   194.0  planned
        1            1                1.0   378.0  planned
    """
    return make_plan(study_of(study, **settings))


def search(
    study: Study | str | os.PathLike[str],
    output: str | os.PathLike[str] = "results",
    num_workers: int | None = None,
    overwrite: bool = False,
    executor: str = "local",
    address: str | None = None,
    quiet: bool = False,
    callbacks: Sequence[Any] = (),
    **settings: Any,
) -> Results:
    """Trains a study to its end, or goes on where it stopped, and shows how far it is.

    The progress is a table on a terminal and in a notebook, and else a line an execution on stderr.
    Every execution is on disk before the next: after a Ctrl-C the same call goes on. In a script
    the call stands under `if __name__ == "__main__":`, as workers import the script.

    Args:
        study: A Study, the name of a ready one (`tuner studies`), a YAML file of settings, or
            the folder of a study that has them.
        output: The folder of studies; this one is in the folder of its name there.
        num_workers: Worker processes; by default one a processor; 0 trains in this process.
        overwrite: Begin the study anew; what is there is moved aside.
        executor: Where the workers are: local, ray, dask, or module:factory.
        address: Of a cluster of Ray or Dask that is joined; without one, it is started here.
        quiet: Show no progress.
        callbacks: Objects with any of the methods `started(execution)`, `epoch(execution, row)` and
            `ended(record)`, called in this process; what they raise is told once, and the study
            goes on.
        **settings: Of the study, in place of its own: dataset="digits", epochs=2.

    Returns:
        What the study has found.

    Raises:
        UsageError: For what is no study, or a setting that it does not have.
        TunerError: One line for whatever keeps it from being trained.

    Examples:
        >>> found = tuner.search(
        ...     "width-depth", name="tiny", dataset="digits", train_size=100, epochs=2,
        ...     replicates=2, factors={"conv_blocks": [1, 2]}, fixed={"filter_multiplier": 0.5},
        ...     num_workers=0, quiet=True,
        ... )
        >>> found
        Results(path=PosixPath('results/tiny'))
    """
    refuse_in_import()
    if num_workers is not None and not (isinstance(num_workers, int) and num_workers >= 0):
        raise UsageError(f"num_workers: expected 0 or more, got {received(num_workers)}")
    check_callbacks(callbacks)
    how = how_to_run(num_workers, quiet=quiet, executor=executor, address=address)
    how = how._replace(callbacks=callbacks)
    asked = study_of(study, **settings)
    with planning(how, asked.dataset):
        found = make_plan(asked if overwrite else gone_on_with(asked, Path(output)))
    path = Path(output) / found.study.folder_name
    if overwrite:
        move_aside(StudyFolder(path))
    train_shown(found, path, how)
    return Results(path)


def study_of(study: object, **settings: Any) -> Study:
    """The study that is asked for, with other settings where there are some.

    Raises:
        UsageError: for what is none, or a setting that it does not have.
    """
    if isinstance(study, str | os.PathLike):
        study = read_study(configuration_file(os.fspath(study)))
    if not isinstance(study, Study):
        raise UsageError(
            "expected a Study, the name of a ready one or a YAML file, as in "
            f"tuner.search('width-depth', dataset='digits'), got {received(study)}"
        )
    return study.with_settings(**settings) if settings else study
