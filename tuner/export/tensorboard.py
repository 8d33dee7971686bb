"""A study in TensorBoard: a session of its HParams plugin an execution, a scalar an epoch.

Written by TensorBoard's own plugins, without TensorFlow.
"""

import shlex
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import api_pb2, metadata
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData, SessionEndInfo
from tensorboard.plugins.hparams.summary_v2 import (
    Discrete,
    HParam,
    Metric,
    hparams_config_pb,
    hparams_pb,
)
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.plugins.text.summary_v2 import text_pb
from tensorboard.summary.writer.record_writer import RecordWriter

from tuner.export import Written, place_of
from tuner.export.exported import Exported, executions_of
from tuner.folder import StudyFolder
from tuner.setting_types import Level

Step = tuple[int, Any]  # an epoch, and the summary that belongs there


class Levels(Discrete):  # type: ignore[misc]
    """The levels of a hyperparameter; the columns of those that vary come first."""

    def update_hparam_info(self, hparam_info: Any) -> None:
        """Tells TensorBoard of them."""
        super().update_hparam_info(hparam_info)
        hparam_info.differs = len(self.values) > 1


def write(folder: StudyFolder, output: Path | None) -> Written:
    """Writes a folder for `tensorboard --logdir`: a folder an execution, by cell and budget."""
    place, executions = place_of(folder, "tensorboard", output), executions_of(folder)
    kinds = kinds_of(executions)
    config = hparams_config_pb(hparams_of(executions, kinds), metrics_of(folder, executions))
    write_events(place / f"events.out.tfevents.0.{folder.path.name}", [(0, config)])
    added = 0
    for execution in executions:
        events = place / execution.group / execution.key / "events.out.tfevents.0.tuner"
        if not events.exists():
            write_events(events, steps_of(execution, kinds))
            added += 1
    opened = shlex.join(["tensorboard", "--logdir", str(place)])
    return Written(added, len(executions) - added, "execution", str(place), opened)


def write_events(path: Path, steps: Iterable[Step]) -> None:
    """Writes a file of events, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name("partial")  # of a name that TensorBoard does not read
    with partial.open("wb") as file:
        writer = RecordWriter(file)
        for number, summary in steps:
            event = Event(wall_time=time.time(), step=number, summary=summary)
            writer.write(event.SerializeToString())
    partial.replace(path)


def steps_of(execution: Exported, kinds: dict[str, type]) -> Iterator[Step]:
    """The summaries of an execution: its session's start, epochs, end."""
    values = {name: kinds[name](level) for name, level in execution.hyperparameters.items()}
    end, last = time.time(), int(execution.hyperparameters["epochs"])
    yield 0, hparams_pb(values, execution.group, end - execution.seconds)
    for epoch, row in execution.curves.items():
        for name, value in row.items():
            yield epoch, scalar_pb(name, value)
    for name, value in execution.metrics.items():
        yield last, scalar_pb(name, value)
    if execution.message:
        yield last, text_pb(str(execution.about["status"]), execution.message)
    yield last, session_end(execution.is_ok, end)


def session_end(is_ok: bool, end: float) -> Any:
    """The summary of how a session ended, which the plugin's API makes with TensorFlow alone."""
    status = api_pb2.STATUS_SUCCESS if is_ok else api_pb2.STATUS_FAILURE
    data = HParamsPluginData(session_end_info=SessionEndInfo(status=status, end_time_secs=end))
    summary = Summary()
    summary.value.add(
        tag=metadata.SESSION_END_INFO_TAG,
        metadata=metadata.create_summary_metadata(data),
        tensor=metadata.NULL_TENSOR,
    )
    return summary


def levels_of(executions: Sequence[Exported]) -> dict[str, list[Level]]:
    """The levels that each hyperparameter has among some executions."""
    found: dict[str, list[Level]] = {}
    for execution in executions:
        for name, level in execution.hyperparameters.items():
            levels = found.setdefault(name, [])
            if level not in levels:
                levels.append(level)
    return found


def kinds_of(executions: Sequence[Exported]) -> dict[str, type]:
    """The one kind that TensorBoard has each hyperparameter in: bool, float or str."""
    found: dict[str, type] = {}
    for name, levels in levels_of(executions).items():
        met = {type(level) for level in levels}
        found[name] = bool if met == {bool} else float if met <= {int, float} else str
    return found


def hparams_of(executions: Sequence[Exported], kinds: dict[str, type]) -> list[HParam]:
    """The hyperparameters with their levels."""
    return [
        HParam(name, Levels([kinds[name](level) for level in levels], kinds[name]))
        for name, levels in levels_of(executions).items()
    ]


def metrics_of(folder: StudyFolder, executions: Sequence[Exported]) -> list[Metric]:
    """The metrics that executions ended with, the objective first."""
    names = dict.fromkeys([folder.study.objective.name])
    names |= dict.fromkeys(name for execution in executions for name in execution.metrics)
    return [Metric(name) for name in names]
