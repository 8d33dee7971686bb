"""What a search tells: which network is best, how sure that is, and what it cannot say."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from tuner.objective import Objective
from tuner.report.answers import amounts
from tuner.report.answers.naming import Naming, configuration
from tuner.report.formats import size
from tuner.words import counted, duration

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def number_word(number: int) -> str:
    """A small number as a word, a larger one in figures."""
    return NUMBERS[number] if number < len(NUMBERS) else f"{number:,}"


def best_sentence(
    networks: pd.DataFrame, num_tried: int, names: Mapping[str, Naming], objective: Objective
) -> str:
    """Which of the networks that had the largest budget is best, and whether the second is as good.

    Args:
        networks: As `networks.rank_networks` returns them.
        num_tried: All the configurations that were trained.
        names: How the factors are called.
        objective: What was measured.
    """
    best = networks.iloc[0].to_dict()
    text = (
        f"The best of {num_tried:,} tried: {network_text(best, names)}, "
        f"{amounts.level(best['mean'], objective)}{range_text(best, objective)}"
    )
    if len(networks) < 2:
        return f"{text}; no other was trained for as long."
    return f"{text}; {second_text(networks.iloc[1].to_dict(), objective)}."


def network_text(network: Mapping[Any, Any], names: Mapping[str, Naming]) -> str:
    """A network by its levels: "3 blocks, 16 filters"."""
    return configuration(dict(names), {name: network[name] for name in names})


def range_text(network: Mapping[Any, Any], objective: Objective) -> str:
    """How far a network's replicates reach; that there is one only, where it is so."""
    if network["n"] < 2:
        return " (one training)"
    low, high = (amounts.level(network[end], objective) for end in ("low", "high"))
    low = low.removesuffix("%")
    return f" ({number_word(network['n'])} replicates: {low} to {high.removesuffix('%')})"


def second_text(second: Mapping[Any, Any], objective: Objective) -> str:
    """How far the second is behind, and whether that is more than chance."""
    behind = amounts.points(second["behind"], objective)
    if second["told_apart"]:
        return f"the second is {behind} behind"
    if second["behind_low"] != second["behind_low"]:
        return f"the second, {behind} behind, cannot be compared: one training each shows no chance"
    return f"the second, {behind} behind, is not told apart"


def unknown_sentence(names: Mapping[str, Naming], command: str) -> str:
    """That a search tells no effects, and what does."""
    factors = amounts.listed([naming.spoken for naming in names.values()])
    do = "does" if len(names) == 1 else "do"
    return f"What {factors} {do}, this search cannot say: {command} does."


def single_sentence(
    networks: pd.DataFrame, names: Mapping[str, Naming], objective: Objective
) -> str:
    """The best of single trainings, or of too few, without anything that tells chance."""
    best = networks.iloc[0].to_dict()
    kind, each = "Single trainings", "one training each"
    if best["n"] > 1:
        kind, each = "Few trainings", f"{best['n']:.0f} trainings each"
    return (
        f"{kind}: {network_text(best, names)} had the best result, "
        f"{amounts.level(best['mean'], objective)}. How much is chance, {each} cannot say."
    )


def cost_text(network: Mapping[Any, Any]) -> str:
    """What a network costs: "98,890 parameters, 11.9 M FLOPs an image, 134 s of training"."""
    parts = []
    if network["params"] == network["params"]:
        parts.append(f"{size(network['params'])} parameters")
    if network["flops"] == network["flops"]:
        parts.append(f"{size(network['flops'])} FLOPs an image")
    if network["seconds"] == network["seconds"]:
        parts.append(f"{duration(network['seconds'])} of training")
    return ", ".join(parts)


def cost_sentence(networks: pd.DataFrame) -> str:
    """What the best network costs; "" where nobody knows."""
    cost = cost_text(networks.iloc[0].to_dict())
    return f"The best network has {cost}." if cost else ""


def cheapest_sentence(
    networks: pd.DataFrame, names: Mapping[str, Naming], objective: Objective
) -> str:
    """The best network and its cost, for the page of any study."""
    best = networks.iloc[0].to_dict()
    cost = cost_text(best)
    epochs = (
        f" after {counted(best['epochs'], 'epoch')}" if best["epochs"] == best["epochs"] else ""
    )
    text = (
        f"The best network here: {network_text(best, names)}, "
        f"{amounts.level(best['mean'], objective)}{epochs}"
    )
    return f"{text} ({cost})." if cost else f"{text}."
