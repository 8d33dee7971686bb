"""What the commands show of what can be asked: ready studies and search spaces, as frames."""

import math
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.table import Table

from search_spaces.loading import SEARCH_SPACES
from search_spaces.packages import offered, package_of
from tuner.cli.settings import pair
from tuner.cli.tables import table
from tuner.errors import UsageError, described
from tuner.layers import layer_table
from tuner.ready import head_of, ready_studies
from tuner.resolving import check_name, checked
from tuner.study import read_study
from tuner.words import combination_text, people_count

if TYPE_CHECKING:
    from tuner.setting_types import Level
    from tuner.space import Space

ANY_SPACE = (
    "--space takes one of these, module:Class (any keras_tuner.HyperModel), or file.yaml (a space "
    "with other levels: tuner spaces NAME --export)"
)


def studies_frame() -> pd.DataFrame:
    """The ready studies: study, question, cells, replicates, cost."""
    rows = []
    for name, text in ready_studies().items():
        study, head = read_study(name), head_of(text)
        num_cells = len(study.cells or ()) or math.prod(map(len, study.factors.values()))
        rows.append(
            {
                "study": name,
                "question": head.question,
                "cells": study.fraction or num_cells,
                "replicates": study.replicates,
                "cost": head.cost.partition("; ")[0].rstrip("."),
            }
        )
    return pd.DataFrame(rows)


def spaces_frame() -> pd.DataFrame:
    """The search spaces that have a name: space, origin, class, note (of names that are shared)."""
    rows = [
        {"space": name, "origin": "ships with tuner", "class": target, "note": ""}
        for name, target in SEARCH_SPACES.items()
    ]
    for name, entries in offered().items():
        is_taken = name in SEARCH_SPACES
        note = f"the {name} that ships has this name" if is_taken else "offered by several"
        rows += [
            {
                "space": name,
                "origin": package_of(entry),
                "class": entry.value,
                "note": f"name it by its class: {note}" if is_taken or len(entries) > 1 else "",
            }
            for entry in entries
        ]
    return pd.DataFrame(rows)


def hyperparameters_table(space: "Space") -> Table:
    """The hyperparameters of a search space."""
    found = table("hyperparameter", "role", "default", "levels", "meaning")
    for name, spec in space.hyperparameters.items():
        levels = ", ".join(f"{level}" for level in spec.levels) or "continuous"
        more = "" if spec.closed or isinstance(spec.default, bool) else ", …"
        found.add_row(name, spec.role, str(spec.default), levels + more, spec.meaning)
    return found


def values_of(name: str, space: "Space", fixed: list[str]) -> "dict[str, Level]":
    """The default configuration of a space, with the levels that were typed as "NAME=V".

    Raises:
        UsageError: for what the space does not have, with the nearest.
    """
    known = space.hyperparameters
    found = {key: spec.default for key, spec in known.items()}
    for key, text in (pair(typed, "--fix NAME=V") for typed in fixed):
        check_name(key, name, known)
        found[key] = checked(key, text, known[key])
    return found


def network_frame(space: "Space", values: "dict[str, Level]") -> pd.DataFrame:
    """The network of a configuration: as `layer_table`, and a last row with what is in all.

    Raises:
        UsageError: if it cannot be built, with the reason.
    """
    import keras

    try:
        network = space.build(values)
        if not network.built:
            network(keras.Input(space.input_shape))
        layers = layer_table(network)
    except Exception as error:  # whatever a user's code raises
        told = combination_text(values)
        raise UsageError(f"the network of {told} cannot be built: {described(error)}") from error
    total: dict[str, Any] = {"block": "all", "layer": "", "output": ""}
    total |= {"params": network.count_params(), "flops": layers["flops"].sum(skipna=False)}
    return pd.concat([layers, pd.DataFrame([total]).astype(layers.dtypes)], ignore_index=True)


def network_caption(space: "Space", values: "dict[str, Level]") -> str:
    """Of which configuration a network is, and for which images."""
    pixels = " × ".join(map(str, space.input_shape))
    searched = {key: values[key] for key, spec in space.hyperparameters.items()
                if spec.role != "fixed" or values[key] != spec.default}  # fmt: skip
    return (
        f"the network of {combination_text(searched) or 'the only configuration'}, for images of "
        f"{pixels} and {space.num_classes} classes"
    )


def spoken(layers: pd.DataFrame) -> pd.DataFrame:
    """The layers with parameters and FLOPs in people's numbers."""
    texts = {
        name: ["–" if pd.isna(count) else people_count(count) for count in layers[name]]
        for name in ("params", "flops")
        if name in layers
    }
    return layers.assign(**texts)
