"""Every hyperparameter is found, with the levels of others that it needs; nothing is built."""

import pytest

from tuner.design import configurations
from tuner.discovery import discover
from tuner.errors import UsageError
from tuner.levels import grid_levels


def needs(program, **further):
    """What each hyperparameter needs, one entry a place where it is asked."""
    found = discover(program, "it", further)
    return [
        (declared.name, {c.name: list(c.values) for c in declared.conditions})
        for declared in found.declared
    ]


def cells(program):
    found = discover(program).declared
    levels = {}
    for declared in found:
        known = levels.get(declared.name, [])
        levels[declared.name] = list(dict.fromkeys([*known, *grid_levels(declared)]))
    return configurations(levels, found)


def loop(hp):
    for i in range(hp.Int("layers", 1, 3)):
        hp.Choice(f"units_{i}", [16, 64])
    hp.Choice("rate", [0.1, 0.2])


def test_what_a_loop_asks_needs_as_many_rounds():
    assert needs(loop) == [
        ("layers", {}), ("units_0", {}), ("units_1", {"layers": [2, 3]}),
        ("units_2", {"layers": [3]}), ("rate", {}),
    ]  # fmt: skip
    assert len(cells(loop)) == (2 + 4 + 8) * 2


def test_a_default_in_the_middle_hides_nothing():
    def program(hp):
        for i in range(hp.Int("layers", 1, 4, default=2)):
            hp.Boolean(f"norm_{i}")

    assert dict(needs(program))["norm_3"] == {"layers": [4]}
    assert dict(needs(program))["norm_1"] == {"layers": [2, 3, 4]}


def test_ifs_scopes_and_parents_mean_the_same():
    def by_if(hp):
        if hp.Choice("kind", ["mlp", "cnn"]) == "cnn":
            hp.Choice("filters", [4, 8])

    def by_scope(hp):
        kind = hp.Choice("kind", ["mlp", "cnn"])
        with hp.conditional_scope("kind", ["cnn"]):
            if kind == "cnn":
                hp.Choice("filters", [4, 8])

    def by_parent(hp):
        hp.Choice("kind", ["mlp", "cnn"])
        hp.Choice("filters", [4, 8], parent_name="kind", parent_values=["cnn"])

    for program in (by_if, by_scope, by_parent):
        assert needs(program) == [("kind", {}), ("filters", {"kind": ["cnn"]})], program.__name__


def test_what_is_nested_needs_all_that_it_is_in():
    def program(hp):
        if hp.Choice("kind", ["mlp", "cnn"]) == "cnn" and hp.Boolean("pool"):
            hp.Choice("size", [2, 3])

    assert dict(needs(program))["size"] == {"kind": ["cnn"], "pool": [True]}


def test_what_needs_two_answers_at_once_is_found():
    def program(hp):
        first, second = hp.Boolean("first"), hp.Boolean("second")
        if first and second:
            hp.Choice("both", [1, 2])

    assert dict(needs(program))["both"] == {"first": [True], "second": [True]}


def test_one_name_in_two_places_has_the_levels_of_each():
    def program(hp):
        if hp.Choice("kind", ["dense", "conv"]) == "dense":
            hp.Int("size", 8, 16, step=8)
        else:
            hp.Choice("size", [3, 5])

    assert needs(program)[1:] == [("size", {"kind": ["conv"]}), ("size", {"kind": ["dense"]})] or (
        needs(program)[1:] == [("size", {"kind": ["dense"]}), ("size", {"kind": ["conv"]})]
    )
    assert sorted(cell["size"] for cell in cells(program)) == [3, 5, 8, 16]


def test_name_scopes_keep_their_names():
    def program(hp):
        for block in range(hp.Int("blocks", 1, 2)):
            with hp.name_scope(f"block_{block}"):
                hp.Choice("units", [1, 2])

    assert dict(needs(program))["block_1/units"] == {"blocks": [2]}


def test_a_long_range_is_swept_where_its_ends_differ():
    def program(hp):
        if hp.Int("units", 1, 500) > 321:
            hp.Boolean("regularized")

    found = dict(needs(program))["regularized"]["units"]
    assert (found[0], found[-1], len(found)) == (322, 500, 179)


def test_levels_that_a_study_gives_are_looked_at_too():
    assert dict(needs(loop, layers=[5]))["units_4"] == {"layers": [5]}


def test_what_fails_hides_no_others():
    def program(hp):
        for i in range(hp.Int("blocks", 1, 4)):
            hp.Choice(f"filters_{i}", [4, 8])
            if i == 2:
                raise ValueError("nothing left to pool")

    found = discover(program)
    assert [declared.name for declared in found.declared] == ["blocks", "filters_0", "filters_1"]
    assert found.failure == "ValueError: nothing left to pool"


def test_defaults_that_fail_are_no_reason_to_give_up():
    def program(hp):
        if hp.Choice("units", [0, 8, 16]) == 0:
            raise ValueError("no units")

    assert needs(program) == [("units", {})]


def test_a_program_that_always_fails_is_told():
    def program(hp):
        raise RuntimeError(f"no network of {hp.Int('units', 8, 16, step=8)}")

    with pytest.raises(UsageError, match=r"build\(\) of it fails .*: no network of 8"):
        discover(program, "it")


def test_the_same_is_found_twice():
    assert needs(loop) == needs(loop)
