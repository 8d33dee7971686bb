"""Width and depth by the names of columns."""

import pytest

from tuner.report.sources.roles import find_axes, step_word


@pytest.mark.parametrize(
    ("columns", "width", "depth", "step"),
    [
        (["units", "layers"], "units", "layers", "layer"),
        (["num_neurons", "num_layers"], "num_neurons", "num_layers", "layer"),
        (["hidden_size", "depth"], "hidden_size", "depth", "layer"),
        (["params_channels", "config.num_blocks"], "params_channels", "config.num_blocks", "block"),
        (["growth_multiplier", "res_stages", "lr"], "growth_multiplier", "res_stages", "stage"),
        (["units_0", "units_1"], None, None, "layer"),  # a width for each layer is no width
        (["top_filters", "bottom_filters"], None, None, "layer"),  # which of the two?
        (["unit_price", "layering"], None, None, "layer"),
    ],
)
def test_axes_are_guessed_by_the_words_in_a_name_and_told(columns, width, depth, step):
    axes = find_axes(columns, None, None)
    assert (axes.width, axes.depth, axes.step) == (width, depth, step)
    assert axes.guessed == {k: v for k, v in {"width": width, "depth": depth}.items() if v}


def test_what_is_known_is_not_guessed():
    axes = find_axes(["units", "layers"], width="layers", depth=None, step="block")
    assert (axes.width, axes.depth, axes.step, axes.guessed) == ("layers", None, "block", {})


def test_a_step_is_named_after_the_depth():
    assert [step_word(name) for name in ("conv_blocks", "layer", "depth", None)] == [
        *("block", "layer", "layer", "layer")
    ]
