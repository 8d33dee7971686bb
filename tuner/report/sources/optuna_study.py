"""The trials of an Optuna study as a table, from an SQLite storage or a journal's file."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from tuner.errors import DataError, UsageError
from tuner.reading import regular
from tuner.report.sources.loading import Table
from tuner.report.sources.searched import part_hyperparameters
from tuner.words import listed, nearest, printable, reason

SQLITE = b"SQLite format 3\0"
JOURNAL = b'{"op_code":'
#: Columns of our own, before which a hyperparameter of that name makes way.
OURS = ("trial", "seconds", "status")
UNKNOWN_SAMPLER = "by which of Optuna's samplers the trials were proposed is not known"
PRUNED = "{} of {} trials were pruned and are left out: what remains was selected by its results."


def is_storage(path: Path) -> bool:
    """Whether a file begins as Optuna's storages do."""
    try:
        beginning = _beginning(path)
    except OSError:
        return False
    return beginning.startswith(SQLITE) or beginning.replace(b" ", b"").startswith(JOURNAL)


def _beginning(path: Path) -> bytes:
    """A file's first bytes."""
    with open(path, "rb", opener=regular) as file:
        return file.read(64)


def read_optuna(path: Path, study: str | None = None) -> Table:
    """Read the trials of a study, its hyperparameters parted into factors and nuisances.

    Nothing is written into the storage.

    Args:
        path: An SQLite database or the file of a JournalStorage.
        study: Its name, where the storage has several.

    Raises:
        DataError: it cannot be read, or has no trial that ended.
        UsageError: the storage has several studies, or none of that name.
    """
    with reading(path) as storage:
        import optuna

        found = optuna.load_study(
            study_name=_chosen(optuna.get_all_study_names(storage), study, path), storage=storage
        )
        trials = [
            trial for trial in found.get_trials(deepcopy=False) if trial.state.name != "WAITING"
        ]
        names = found.metric_names or _usual_names(len(found.directions))
    if not any(trial.values for trial in trials):
        raise DataError(f"no trial of the study {found.study_name} in {path} has a value.")
    taken = {*OURS, *names}
    rows = pd.DataFrame([_row(trial, names, taken) for trial in trials])
    declared = {
        _column(name, taken): distribution
        for trial in trials
        for name, distribution in trial.distributions.items()
    }
    factors, nuisances = part_hyperparameters(
        rows,
        declared,
        {name for name, entry in declared.items() if _is_continuous(entry)},
    )
    is_grid = all("grid_id" in trial.system_attrs for trial in trials)
    num_pruned = sum(trial.state.name == "PRUNED" for trial in trials)
    return Table(
        printable(found.study_name),
        rows,
        tuple(factors),
        tuple(nuisances),
        undesigned="" if is_grid else UNKNOWN_SAMPLER,
        maximize={
            name: direction.name == "MAXIMIZE"
            for name, direction in zip(names, found.directions, strict=True)
        },
        notes=(PRUNED.format(num_pruned, len(trials)),) if num_pruned else (),
    )


@contextmanager
def reading(path: Path) -> Iterator[Any]:
    """A storage, opened to be read; what Optuna raises in it ends in one line.

    Raises:
        DataError: it is no storage of Optuna, or Optuna is not installed.
    """
    try:
        import optuna
    except ImportError as error:
        raise DataError(
            f"{path} is read by optuna, which is not installed: "
            "pip install 'width-depth-tuner[optuna]'"
        ) from error
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield _sqlite(path) if _beginning(path).startswith(SQLITE) else _journal(path)
    except (DataError, UsageError):
        raise
    except Exception as error:  # SQLAlchemy's, Optuna's, the journal's JSON
        raise DataError(f"{path} cannot be read as a study of Optuna: {reason(error)}") from error
    finally:
        optuna.logging.set_verbosity(level)


def _sqlite(path: Path) -> Any:
    """A storage in a database that is opened to be read only.

    Raises:
        DataError: the database is of another program.
    """
    from optuna.storages import RDBStorage

    address = f"file:{quote(str(path.resolve()))}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    if not {"studies", "trials", "version_info"} <= tables:
        raise DataError(f"{path} is a database, but none of Optuna's: it has no table of trials.")
    return RDBStorage(f"sqlite:///{address}&uri=true", skip_table_creation=True)


def _journal(path: Path) -> Any:
    """A storage in a journal's file."""
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    return JournalStorage(JournalFileBackend(str(path)))


def _chosen(names: list[str], study: str | None, path: Path) -> str:
    """The study that was named, or the only one.

    Raises:
        DataError: there is none.
        UsageError: there are several, or none of that name.
    """
    if not names:
        raise DataError(f"{path} holds no study.")
    if study is None and len(names) == 1:
        return names[0]
    if study in names:
        return study
    there = f"(there are: {listed(map(printable, names), most=12)})"
    if study is None:
        raise UsageError(f"{path} holds {len(names)} studies: say --study-name NAME {there}")
    raise UsageError(f"--study-name: there is no {study!r}.{nearest(study, names)} {there}")


def _usual_names(number: int) -> list[str]:
    """The objectives' columns as Optuna calls them where the user gave no names."""
    return ["value"] if number == 1 else [f"values_{index}" for index in range(number)]


def _row(trial: Any, names: list[str], taken: set[str]) -> dict[str, object]:
    """One trial: its hyperparameters, attributes of the user, objectives, time and state."""
    told = {
        _column(name, taken | set(trial.params), "user_attrs"): value
        for name, value in trial.user_attrs.items()
        if isinstance(value, bool | int | float | str)
    }
    levels = {_column(name, taken): _level(value) for name, value in trial.params.items()}
    took = trial.duration
    return {
        "trial": trial.number,
        **told,
        **levels,
        **dict(zip(names, trial.values or [float("nan")] * len(names), strict=True)),
        "seconds": float("nan") if took is None else took.total_seconds(),
        "status": trial.state.name.lower(),
    }


def _column(name: str, taken: set[str], kind: str = "params") -> str:
    """The column of a hyperparameter or an attribute; as Optuna's own exports where it is taken."""
    return printable(f"{kind}_{name}" if name in taken else name)


def _level(value: object) -> object:
    """A level as a table holds it."""
    if isinstance(value, str):
        return printable(value)
    return value if isinstance(value, bool | int | float) else str(value)


def _is_continuous(distribution: Any) -> bool:
    """Whether a hyperparameter is drawn from a continuum."""
    return type(distribution).__name__ == "FloatDistribution" and distribution.step is None
