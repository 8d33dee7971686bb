"""What stands above an answer that is not to be trusted."""

import pandas as pd

from tuner.report.answers import cautions
from tuner.report.answers.cautions import caution, of_the_answer
from tuner.report.answers.naming import Naming


def findings(*rows):
    """Findings of checks: severity, check, what."""
    return pd.DataFrame(rows, columns=["severity", "check", "what"])


EARLY = ("serious", "few_epochs", "only 2 epochs")
LINEAR = ("serious", "linear_convolutions", "no activation after the convolutions")
UNTUNED = ("warning", "untuned_learning_rate", "the learning rate was not tuned for each cell")


def test_nothing_serious_needs_no_caution():
    assert caution(findings(UNTUNED)) == ""


def test_networks_that_were_still_learning_are_said_to_be():
    assert caution(findings(EARLY, UNTUNED)) == (
        "These networks were still learning when they stopped: the order may change."
    )


def test_other_serious_faults_are_named():
    said = caution(findings(EARLY, LINEAR))
    assert said.endswith("Not to be trusted as it stands: no activation after the convolutions.")
    many = findings(*[("serious", "a_check", f"fault {i}") for i in range(4)])
    assert caution(many) == "Not to be trusted as it stands: fault 0; fault 1 and 2 more."


def test_the_short_first_rung_of_a_search_is_no_fault_of_its_winner():
    networks = pd.DataFrame({"epochs": [12, 12]})
    told = of_the_answer(findings(EARLY, UNTUNED), networks, searched=True)
    assert list(told["severity"]) == ["warning", "note"]
    assert caution(told) == ""
    assert caution(of_the_answer(findings(EARLY), networks, searched=False)) != ""
    short = pd.DataFrame({"epochs": [2]})
    assert caution(of_the_answer(findings(EARLY), short, searched=True)) != ""


def test_factors_are_called_as_people_call_them_and_by_the_code_where_that_is_the_matter():
    found = findings(
        ("warning", "depth_and_size", "conv_blocks and parameters go together"),
        ("note", "guessed_axes", "conv_blocks was taken for the depth by its name"),
        ("note", "scope", "conv_blocks=4 and my_conv_blocks stay"),
    ).assign(where="conv_blocks", why="", remedy="")
    told = cautions.in_words(found, {"conv_blocks": Naming("conv_blocks", "depth")})
    assert list(told["what"]) == [
        "depth and parameters go together",
        "conv_blocks was taken for the depth by its name",
        "conv_blocks=4 and my_conv_blocks stay",
    ]
    assert set(told["where"]) == {"conv_blocks"}
