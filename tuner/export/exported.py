"""What an execution exports: the same to every target."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tuner.execution import TUNING, Record
from tuner.folder import StudyFolder
from tuner.ledger import as_json
from tuner.setting_types import Level
from tuner.study import fingerprint


@dataclass(frozen=True)
class Exported:
    """An execution as other tools have it.

    Attributes:
        key: Unique among all executions of all studies, and the same at each export: its trial,
            its replicate, and a digest of all that was recorded. One that was trained again after
            it had failed is another.
        group: What it shares with those that differ from it in the replicate alone: the cell and
            the budget, as budgets never mix.
        name: For people, within its study.
        hyperparameters: Factors and fixed values, and `epochs`, its budget.
        metrics: What was measured at its end, and its costs; without what was no number.
        curves: By epoch, the metrics of the history under `epoch/`: those of the last epoch may
            differ from `metrics`, which may be measured on more images.
        about: Whose it is and how it ended: study, cell, trial, replicate, seed, bracket, rung,
            status and, where it did not end well, message.
        seconds: That it trained. The ledger does not say when.
    """

    key: str
    group: str
    name: str
    hyperparameters: dict[str, Level]
    metrics: dict[str, float]
    curves: dict[int, dict[str, float]]
    about: dict[str, Level]
    seconds: float

    @property
    def is_ok(self) -> bool:
        """Whether it ended well."""
        return self.about["status"] == "ok"

    @property
    def message(self) -> str:
        """Why it did not end well."""
        return str(self.about.get("message", ""))


def executions_of(folder: StudyFolder) -> list[Exported]:
    """The executions of a study, in the order in which they ended."""
    return [exported(folder.path.name, record) for record in folder.records]


def exported(study: str, record: Record) -> Exported:
    """What an execution exports.

    Args:
        study: The name of its study.
        record: Of it.
    """
    digest = fingerprint({"study": study, **as_json(record)})[:8]
    group, replicate = f"cell-{record.cell}-{record.epochs}-epochs", f"replicate-{record.replicate}"
    if record.replicate == TUNING:  # a candidate has another learning rate than its cell's best
        group, replicate = f"{group}-candidate-{record.trial}", "tuning"
    costs = {name: getattr(record, name) for name in ("params", "flops", "peak_memory_mb")}
    about = ("cell", "trial", "replicate", "seed", "bracket", "rung", "status")
    told = {"message": record.message} if record.message else {}
    return Exported(
        key=f"{record.trial}-{replicate}-{digest}",
        group=group,
        name=f"{group}-{replicate}",
        hyperparameters={**record.values, "epochs": record.epochs},
        metrics=dict(numbers({**record.metrics, **costs, "seconds": record.seconds})),
        curves={
            int(row["epoch"] or 0): {
                f"epoch/{name}": value for name, value in numbers(row) if name != "epoch"
            }
            for row in record.history
        },
        about={"study": study, **{name: getattr(record, name) for name in about}, **told},
        seconds=record.seconds,
    )


def numbers(measured: Mapping[str, float | None]) -> Iterator[tuple[str, float]]:
    """The measurements that are numbers, by name."""
    for name, value in measured.items():
        if value is not None:
            yield name, value
