"""The last words of a search: the best cell, what the factors do, and the command that is next."""

import shlex
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from tuner.cli.telling import echo
from tuner.errors import DataError, StudyError
from tuner.words import combination_text, counted, in_one_line, short

if TYPE_CHECKING:
    from tuner.execution import Record
    from tuner.folder import StudyFolder
    from tuner.standing import Best, Standing
    from tuner.study import Study

MOST_ANSWERS = 2  # sentences that a search ends with


def make_ready() -> None:
    """Imports what the last words need, half a second's work, while the last workers train.

    Not in a thread: of two that import at a time, one may meet a module that is half imported.
    """
    import_module("tuner.report.page")


def conclude(folder: "StudyFolder") -> None:
    """Says how a search has ended.

    Raises:
        StudyError: if every execution failed.
    """
    from tuner.standing import Standing

    standing = Standing(folder.reopened())
    echo(f"{folder.path}: {len(standing.records)} of {standing.num_planned} executions")
    if folder.study.until:
        from tuner.precision import precision

        echo(precision(folder.study, folder.frames.executions).text)
    tell_failed(folder.records)
    if standing.best and not folder.study.shard:
        sentences = answers_of(folder)
        if not (standing.selects and sentences):  # the first of them is about the best
            echo(f"Best: {best_text(folder.study, standing.best)}")
        for sentence in sentences:
            echo(sentence)
    echo(f"Next{next_step(standing)}")


def conclude_merge(folder: "StudyFolder", num_sources: int) -> None:
    """Says what was merged, and how what is missing is trained.

    Raises:
        StudyError: if every execution failed.
    """
    from tuner.standing import Standing

    num_done, num_missing = len(folder.records), folder.num_planned - len(folder.records)
    echo(f"{folder.path}: {num_done} of {folder.num_planned} executions, of {num_sources} folders")
    if num_missing:
        echo(f"{num_missing} are missing; to train them: {going_on(folder.path)}")
    tell_failed(folder.records)
    if not num_missing:
        echo(f"Next{next_step(Standing(folder))}")
    else:
        echo(f"Next: {spelled('report', folder.path)}")


def tell_failed(records: "Sequence[Record]") -> None:
    """Says how many executions of a study did not end well, and why the first did not.

    Raises:
        StudyError: if none did.
    """
    failed = [record for record in records if record.status != "ok"]
    if failed:
        reason = short(in_one_line(failed[0].message), 300)
        if len(failed) == len(records):
            raise StudyError(f"all {len(failed)} executions failed or diverged: {reason}")
        echo(f"{len(failed)} failed, diverged or were lost; the first: {reason}")


def best_text(study: "Study", best: "Best") -> str:
    """The best cell: its factors, its mean, and of how many executions that is."""
    levels = {name: best.values[name] for name in study.factor_names if name in best.values}
    mean = study.objective.written(best.mean, best.sd)
    of = f"{counted(best.n, 'execution')} of {counted(best.epochs, 'epoch')}"
    return f"{combination_text(levels) or 'the only cell'}: {study.objective.words} {mean} ({of})"


def answers_of(folder: "StudyFolder") -> list[str]:
    """What a study says, in two sentences; none where nothing can be compared."""
    from tuner.report import read_source
    from tuner.report.answers.answering import answers
    from tuner.report.page import analyse_source

    try:
        source = read_source(folder.path)
        found = answers(source, analyse_source(source))
    except (DataError, StudyError):  # one cell, or one that ended well
        return []
    return [answer.text for answer in found[:MOST_ANSWERS]]


def next_step(standing: "Standing") -> str:
    """What comes next for a study, behind the word "Next": its command, and when."""
    folder, study = standing.folder, standing.folder.study
    if study.shard:
        num_shards = study.shard.num_shards
        shards = folder.path.with_name(f"{study.name}.shard-*-of-{num_shards}")
        return f", once all shards have ended: tuner merge {shards}"
    if standing.holder:
        return f", once it has ended: {spelled(following(standing), folder.path)}"
    if not standing.is_complete:
        return f": {going_on(folder.path)}"
    return f": {spelled(following(standing), folder.path)}"


def following(standing: "Standing") -> str:
    """The command that follows a search."""
    return "complete" if standing.selects else "report"


def going_on(path: Path) -> str:
    """The command that goes on with a study as its folder has it."""
    where = "--config", str(path / "study.yaml"), "--output", str(path.parent)
    return shlex.join(["tuner", "search", *where])


def spelled(command: str, path: Path) -> str:
    """A command on a study, as a shell takes it."""
    return shlex.join(["tuner", command, str(path)])
