"""The runs of a HyperModel: what each asked, and how it was answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tuner.errors import described, let_interrupts_through
from tuner.levels import probed_levels
from tuner.questions import Answers, Question, question
from tuner.setting_types import Level
from tuner.words import short


@dataclass(frozen=True)
class Trace:
    """What one run of a HyperModel asked, in order, and how it was answered."""

    asked: dict[str, Any]  # Keras Tuner's hyperparameters
    answers: dict[str, Level]
    failure: str | None
    effort: float

    @property
    def questions(self) -> list[Question]:
        """What was asked, each with what may be answered."""
        return [question(hyperparameter) for hyperparameter in self.asked.values()]


@dataclass
class Runs:
    """The runs of a HyperModel so far.

    Attributes:
        ask: Runs it with a `keras_tuner.HyperParameters`; gives back its network.
        further: Levels beside those that it declares.
        traces: What came of each run.
        effort: Of all of them, about seconds.
    """

    ask: Callable[[Any], object]
    further: dict[str, Sequence[Level]]
    traces: list[Trace] = field(default_factory=list)
    effort: float = 0.0

    def run(self, wanted: Answers) -> Trace:
        """The run with some answers, the defaults for the rest; one that is known is not repeated.

        An answer that is none where it is asked is left to the default.
        """
        if (known := self.known_run(wanted)) is not None:
            return known
        while True:
            trace = self.run_once(wanted)
            wrong = [
                name
                for name, hyperparameter in trace.asked.items()
                if name in wanted and wanted[name] not in self.levels(hyperparameter)
                and self.levels(hyperparameter)
            ]  # fmt: skip
            if not wrong:
                self.traces.append(trace)
                return trace
            wanted = {name: level for name, level in wanted.items() if name not in wrong}

    def known_run(self, wanted: Answers) -> Trace | None:
        """A run that went as one with these answers would; None without one."""
        return next((trace for trace in self.traces if self.agrees(trace, wanted)), None)

    def agrees(self, trace: Trace, wanted: Answers) -> bool:
        """Whether a run with these answers would go the same way."""
        for name, hyperparameter in trace.asked.items():
            answer = wanted.get(name, hyperparameter.default)
            if answer != trace.answers[name] and (
                trace.answers[name] != hyperparameter.default
                or answer in self.levels(hyperparameter)
            ):
                return False
        return True

    def run_once(self, wanted: Answers) -> Trace:
        """Runs the HyperModel."""
        import keras_tuner

        hp = keras_tuner.HyperParameters()
        hp.values = dict(wanted)
        failure, network = None, None
        try:
            network = self.ask(hp)
        except BaseException as error:  # whatever a user's code raises is told as a failure
            let_interrupts_through(error)
            failure = short(described(error), 300)
        asked: dict[str, Any] = {}
        for hyperparameter in hp.space:
            if hp.is_active(hyperparameter):
                asked.setdefault(hyperparameter.name, hyperparameter)
        effort = 0.02 + 0.01 * len(getattr(network, "layers", ()))
        self.effort += effort
        return Trace(asked, {name: hp.values[name] for name in asked}, failure, effort)

    def levels(self, hyperparameter: Any) -> Sequence[Level]:
        """The levels that a hyperparameter is tried at."""
        more = self.further.get(hyperparameter.name, ())
        found = probed_levels(hyperparameter)
        missing = [level for level in more if level not in found]
        return found if not missing else sorted([*found, *missing], key=lambda level: (
            not isinstance(level, int | float), level if isinstance(level, int | float) else 0
        ))  # fmt: skip
