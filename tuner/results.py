"""What a study has found, as Python has it: its tables, its best cell, its effects, its page."""

import os
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from tuner.errors import DataError, StudyError
from tuner.folder import Frames, StudyFolder
from tuner.lookup import path_of
from tuner.standing import Best, Standing
from tuner.study import Study

if TYPE_CHECKING:
    import pandas as pd

    from tuner.report.page import Report

EXPECTED = (
    "a study's name, its folder or a Study, as in tuner.load('width-depth') or "
    "tuner.load('results/width-depth')"
)


@dataclass(frozen=True)
class Results:
    """What a study has found so far; read from its folder when it is first asked for, and kept.

    At the end of a notebook's cell it is shown as its page begins: the answers, the figures of the
    effects, and what could make them wrong. It is a path, too: `os.fspath` gives the folder.

    Attributes:
        path: The study's folder.

    Examples:
        >>> found = tuner.load("tiny")
        >>> len(found.executions), len(found.history), len(found.cells)
        (4, 8, 2)
        >>> found.best.n, found.best.epochs
        (2, 2)
        >>> found.effects[["factor", "contrast", "unit"]].tail(1)
                factor contrast unit
        1  conv_blocks    1 → 2   pp
        >>> found.report().html.name
        'report.html'
    """

    path: Path

    def __fspath__(self) -> str:
        return os.fspath(self.path)

    @property
    def study(self) -> Study:
        """The settings, as resolved."""
        return self._folder.study

    @property
    def executions(self) -> "pd.DataFrame":
        """One row an execution: its cell, replicate, seed, hyperparameters, val_accuracy (0 to 1).

        With val_loss, params, flops (forward, an image), seconds, status and further columns.
        """
        return self._frames.executions

    @property
    def history(self) -> "pd.DataFrame":
        """One row an epoch of an execution: epoch (from 1) and its metrics."""
        return self._frames.history

    @property
    def cells(self) -> "pd.DataFrame":
        """One row a cell of the design: cell, each factor, params, flops, state, reason."""
        return self._frames.cells

    @cached_property
    def best(self) -> Best | None:
        """The cell with the best mean objective; None where no execution has ended well."""
        return Standing(self._folder).best

    @property
    def effects(self) -> "pd.DataFrame":
        """One row an effect: factor, contrast, estimate, unit, ci_low, ci_high, p_holm ….

        Raises:
            StudyError: If nothing is trained yet.
            DataError: If nothing that is trained can be compared.
        """
        return self._told.effects

    @property
    def answers(self) -> list[str]:
        """What the study says, in plain sentences, the most important first.

        Raises:
            StudyError: If nothing is trained yet.
            DataError: If nothing that is trained can be compared.
        """
        return self._told.answers

    def report(self, output: str | os.PathLike[str] | None = None) -> "Report":
        """Writes the study's page; a page that is there is replaced.

        Args:
            output: Its folder; by default report/ in the study's.

        Raises:
            StudyError: If nothing is trained yet.
            DataError: If nothing that is trained can be compared.
        """
        from tuner.report import read_study, write_report

        return write_report(
            read_study(self.path), self._folder.report if output is None else Path(output)
        )

    @cached_property
    def _folder(self) -> StudyFolder:
        return StudyFolder(self.path)

    @cached_property
    def _frames(self) -> Frames:
        return self._folder.frames

    @cached_property
    def _told(self) -> "Report":
        from tuner.report import read_study
        from tuner.report.page import tell

        return tell(read_study(self.path))

    def _repr_html_(self) -> str:
        try:
            return self._told.first_level
        except (DataError, StudyError) as error:
            return f"<p>{escape(f'{self.path}: {error}')}</p>"


def load(
    study: str | os.PathLike[str] | Study, output: str | os.PathLike[str] = "results"
) -> Results:
    """What a study has found that was trained before, here or elsewhere.

    Args:
        study: Its name, its folder, or its settings, whose name is that of the folder.
        output: The folder of studies, in which a name is looked for.

    Raises:
        UsageError: For what is none of these, or a study that is not there, with the nearest name.
        StudyError: If the folder holds no study.

    Examples:
        >>> tuner.load("tiny")
        Results(path=PosixPath('results/tiny'))
        >>> tuner.load("tinny")
        Traceback (most recent call last):
        tuner.errors.UsageError: no study 'tinny' in results. Did you mean 'tiny'? (studies: tiny)
    """
    found = Results(path_of(study, Path(output), EXPECTED))
    found.study  # noqa: B018  # whose file is read here, so that what is no study is told at once
    return found
