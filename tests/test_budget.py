"""A budget under Keras Tuner's names, both ways."""

from tuner.budget import Budget, parted


def test_a_budget_is_read_back_from_a_trials_values():
    budget = Budget(epochs=9, initial_epoch=3, bracket=2, rung=1, parent="0007")
    values = {"depth": 3, **budget.values()}
    assert values["tuner/epochs"] == 9
    assert values["tuner/trial_id"] == "0007"
    assert parted(values) == ({"depth": 3}, budget)


def test_values_without_a_budget_have_the_whole():
    assert parted({"depth": 3}) == ({"depth": 3}, Budget())
    assert "tuner/epochs" not in Budget().values()
    assert parted(Budget(is_tuning=True).values())[1].is_tuning
