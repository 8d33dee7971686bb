"""A study as a W&B project: what W&B calls a run is an execution here.

Written offline, as W&B's own files; `wandb sync` uploads them whenever their owner wants.
"""

import shlex
import shutil
import tempfile
from pathlib import Path

import wandb

from tuner.export import Written, place_of
from tuner.export.exported import Exported, executions_of
from tuner.folder import StudyFolder

QUIET = {
    "silent": True,
    "console": "off",
    "disable_git": True,
    "save_code": False,
    "x_disable_stats": True,
    "x_disable_meta": True,
    "x_disable_machine_info": True,
}


def write(folder: StudyFolder, output: Path | None) -> Written:
    """Writes an offline W&B run an execution; each is there whole or not at all."""
    place, executions = place_of(folder, "wandb", output) / "wandb", executions_of(folder)
    place.mkdir(exist_ok=True)
    new = [one for one in executions if not any(place.glob(f"offline-run-*-{one.key}"))]
    with tempfile.TemporaryDirectory(dir=place, prefix=".partial-") as partial:
        for execution in new:
            written = write_offline(execution, Path(partial))
            shutil.move(written, place / written.name)
    wandb.teardown()
    opened = f"wandb sync {shlex.quote(str(place))}/offline-run-*"
    return Written(len(new), len(executions) - len(new), "execution", str(place), opened)


def write_offline(execution: Exported, partial: Path) -> Path:
    """Writes an execution below a folder; returns the folder that W&B made of it."""
    run = wandb.init(
        mode="offline",
        dir=partial,
        project=str(execution.about["study"]),
        id=execution.key,
        name=execution.name,
        group=execution.group,
        config={**execution.hyperparameters, **execution.about},
        tags=[str(execution.about["status"])],
        notes=execution.message or None,
        reinit="create_new",
        settings=wandb.Settings(**QUIET),
    )
    for epoch, row in execution.curves.items():
        run.log(row, step=epoch)
    run.summary.update(execution.metrics)
    folder = Path(run.settings.sync_dir)
    run.finish(exit_code=0 if execution.is_ok else 1)
    return folder
