"""What the commands show on stdout: plans, standings, spaces, datasets, findings."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tuner.strategies import strategy_of
from tuner.strategies.extent import num_executions
from tuner.words import counted, duration, listed, short, shortened

if TYPE_CHECKING:
    import pandas as pd

    from tuner.planning import Plan

MOST_ROWS = 60  # of a plan
MOST_REASONS = 5  # why cells are infeasible
LEAST_NAME = 8  # columns for a factor's name
NUMBERS_WIDTH = 44  # columns for what stands behind the factors


def table(*columns: str, title: str | None = None) -> Table:
    """An empty table; columns that begin with ">" are set to the right, the first is never cut."""
    made = Table(
        box=SIMPLE_HEAD,
        title=title,
        title_justify="left",
        show_edge=False,
        pad_edge=False,
        collapse_padding=True,
    )
    for number, column in enumerate(columns):
        made.add_column(
            column.removeprefix(">"),
            justify="right" if column[0] == ">" else "left",
            no_wrap=number == 0,
            overflow="fold",  # wrapped where it is too long, not cut off
        )
    return made


def plan_tables(plan: "Plan", num_workers: int, output: Path) -> Iterator[Any]:
    """A plan: what is asked, one row a cell, and what it takes.

    Args:
        plan: of a study.
        num_workers: that it is meant for.
        output: the folder of studies, whose earlier ones tell how much executions spread.
    """
    study, design = plan.study, plan.design
    yield (
        f"{study.name}: {study.strategy} over {study.space} on {study.dataset}, "
        f"{study.train_size:,} training and {study.validation_size:,} validation images, "
        f"{counted(study.epochs, 'epoch')}, {counted(study.replicates, 'replicate')}"
    )
    yield cell_table(plan)
    reasons = Counter(f"{cell.state}: {cell.reason}" for cell in design.cells if cell.reason)
    for reason, num_cells in reasons.most_common(MOST_REASONS):
        yield f"{reason} ({counted(num_cells, 'cell')})"
    if len(design.cells) > MOST_ROWS:
        yield f"… and {len(design.cells) - MOST_ROWS:,} cells more"
    seconds = plan.total_seconds / max(1, num_workers)
    part = f"; {study.shard.text}: {plan.num_executions} executions" if study.shard else ""
    yield (
        f"{size_line(plan)}{part}; about {duration(seconds)} on a CPU, {max(1, num_workers)} at a "
        "time (a guess from FLOPs, to be halved or doubled)"
    )
    yield from detectable_lines(plan, output)
    held = ", ".join(f"{name}={level}" for name, level in design.fixed.items())
    yield f"held constant: {held or 'nothing'}"
    yield from plan.notices


def cell_table(plan: "Plan") -> Table:
    """One row a cell: its levels, parameters, FLOPs, time and state."""
    design = plan.design
    factors = list(dict.fromkeys(name for cell in design.cells for name in cell.levels))
    room = max(LEAST_NAME, (Console().width - NUMBERS_WIDTH) // len(factors))
    names = [f">{shortened(name, room)}" for name in factors]
    cells = table(*names, ">params", ">MFLOPs", ">time", "state")
    for column in cells.columns[len(factors) :]:
        column.no_wrap = True
    for cell in design.cells[:MOST_ROWS]:
        planned = cell.state == "planned"
        cells.add_row(
            *[str(cell.levels.get(name, "")) for name in factors],
            f"{cell.params:,}" if cell.params is not None else "–",
            f"{cell.flops / 1e6:.2f}" if cell.flops is not None else "–",
            duration(plan.seconds(cell.index)) if planned else "–",
            cell.state,
        )
    return cells


def size_line(plan: "Plan") -> str:
    """How many cells, trials and executions a plan has."""
    study, cells = plan.study, plan.design.cells
    num_all = num_executions(study, len(plan.design.planned))
    if plan.design.num_possible is not None:
        return drawn_line(plan, plan.design.num_possible)
    feasible = sum(cell.state != "infeasible" for cell in cells)
    if strategy_of(study).covers:
        tuning = f" + {study.num_candidates} to tune each" if study.tune else ""
        what = f"{len(plan.design.planned)} of {feasible} feasible cells"
        return f"{what} x {study.replicates} replicates{tuning} = {num_all} executions"
    epochs = strategy_of(study).trial_epochs(study, feasible)
    return (
        f"{len(epochs)} trials among {feasible} feasible cells x {study.replicates} replicates = "
        f"{num_all} executions of {sum(epochs) * study.replicates:,} epochs in all "
        f"(the grid's: {feasible * study.replicates * study.epochs:,})"
    )


def drawn_line(plan: "Plan", num_possible: float) -> str:
    """How many trials and executions a plan has whose cells are drawn from many."""
    study, num_drawn = plan.study, len(plan.design.planned)
    many = "a continuous space" if math.isinf(num_possible) else f"{num_possible:,.0f} cells"
    epochs = strategy_of(study).trial_epochs(study, num_drawn)
    return (
        f"{len(epochs)} trials among {num_drawn} cells that were drawn from {many} x "
        f"{study.replicates} replicates = {num_executions(study, num_drawn)} executions of "
        f"{sum(epochs) * study.replicates:,} epochs in all"
    )


def detectable_lines(plan: "Plan", output: Path) -> Iterator[str]:
    """The smallest effect of each factor that a planned full factorial could show."""
    from tuner.analysis.variance import planned_detectable_effect
    from tuner.expected_spread import expected_spread
    from tuner.precision import rule

    study, num_cells = plan.study, len(plan.design.planned)
    if not strategy_of(study).covers:
        yield "effects need a balanced set of cells: tuner complete trains it around the best cell"
        return
    if study.cells is not None or num_cells < 2:
        return
    if any(cell.state == "left out" for cell in plan.design.cells):
        yield from fraction_lines(plan)
        return
    if study.replicates < 2:
        yield "one replicate: means only, no intervals; --replicates 3 gives them"
        return
    for name in study.factors:
        num_levels = len({cell.levels.get(name) for cell in plan.design.planned})
        if num_levels > 1:
            family = sum(max(1, len(levels) - 1) for levels in study.factors.values())
            spread = expected_spread(study, name, plan.num_scored, output)
            effect = planned_detectable_effect(
                num_levels, num_cells, study.replicates, spread.size if spread else 1.0, family
            )
            size = f"{effect:.1f} times the spread between executions of a cell"
            if spread:
                unit = study.objective.spoken_unit
                known = f"{spread.size:.2g} {unit} ({spread.why})"
                size = f"{effect:.2g} {unit}, if executions of a cell spread by {known}"
            yield f"a step of {name} can be seen with 80% power at the 5% level from {size}"
    if study.until:
        yield rule(study)


def fraction_lines(plan: "Plan") -> Iterator[str]:
    """What a fraction of the cells will tell: terms, aliases, and how narrow steps will be."""
    from tuner.fraction_facts import describe_fraction

    study, possible = plan.study, [c for c in plan.design.cells if c.state != "infeasible"]
    chosen = [place for place, cell in enumerate(possible) if cell.state == "planned"]
    told = describe_fraction([cell.levels for cell in possible], chosen, [study.replicates])
    model = "main effects and two-factor terms" if told.with_pairs else "main effects alone"
    yield (
        f"a fraction: {told.num_cells:,} of {told.num_possible:,} cells, modelled by {model}: "
        f"{told.num_parameters} parameters, {told.df} degrees of freedom left for the error"
    )
    if told.inestimable:
        yield f"not estimable: {listed([' × '.join(term) for term in told.inestimable], most=6)}"
    aliased = {name: alias for name, alias in told.aliases.items() if alias[0] > 0.5}
    for name, (size, term) in aliased.items():
        yield f"{name} cannot be told from {' × '.join(term)} (alias {size:.2f}): more cells would"
    widths = ", ".join(f"{name} ±{of_step[0]:.2f}" for name, of_step in told.half_widths.items())
    yield f"half-widths of a step, in units of the spread between executions of a cell: {widths}"
    if len(study.factors) >= 4 and study.replicates > 1:
        yield (
            "with four factors or more, more cells tell more than more replicates: "
            f"--cells {min(told.num_possible, told.num_cells * study.replicates)} --replicates 1"
        )


def data_table() -> Table:
    """The datasets with a name: whether they are at hand, and where."""
    from tuner.training.datasets import cifar10_places

    found = table("dataset", "at hand", "where")
    for place, at_hand in cifar10_places():
        found.add_row("cifar10", "yes" if at_hand else "no", place)
    found.add_row("digits", "yes", "ships with scikit-learn; 8 x 8 pixels, needs no network")
    found.add_row("PATH.npz", "", "x_train, y_train, x_test, y_test, as Keras has them")
    found.add_row("PATH/", "", "train/<class>/*.png|jpg and test/<class>/*.png|jpg")
    return found


def frame_table(rows: "pd.DataFrame", caption: str) -> Table:
    """A frame as a table, without its empty columns; numbers to four digits."""
    rows = rows.loc[:, ~(rows.isna() | (rows == "")).all()]
    numeric = [name for name in rows.columns if is_numeric(rows[name])]
    found = table(
        *(f">{name}" if name in numeric else str(name) for name in rows.columns), title=caption
    )
    for values in rows.itertuples(index=False):
        found.add_row(
            *(f"{value:.4g}" if isinstance(value, float) else str(value) for value in values)
        )
    return found


def is_numeric(column: "pd.Series[Any]") -> bool:
    """Whether a column has numbers, also with their units: it is set to the right."""
    if column.dtype.kind in "if":
        return True
    return all(re.fullmatch(r"–|-?\d[\d.]*(%| [kMG])?", str(value)) for value in column)


def findings_table(findings: "pd.DataFrame") -> Table | None:
    """The warnings of a report, the gravest first; nothing where there are none."""
    if findings.empty:
        return None
    found = table("severity", "warning", "what to do")
    for row in findings.itertuples():
        found.add_row(str(row.severity), str(row.what), str(row.remedy))
    return found


def verify_table(numbers: "pd.DataFrame") -> Any:
    """The lines of a report that do not agree with the executions, or a line that all do."""
    wrong = numbers[~numbers["agrees"]]
    if wrong.empty:
        return f"{len(numbers)} lines rendered anew; all agree"
    found = table(
        "where", "printed", "recomputed", title=f"{len(wrong)} of {len(numbers)} lines differ"
    )
    for row in wrong.itertuples():
        found.add_row(str(row.where), short(str(row.printed), 200), short(str(row.recomputed), 200))
    return found
