import pytest

from search_spaces import ConvPool, load

FOREIGN = """
class Space:
    def __init__(self, size=1):
        self.size = size
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("name", ["conv_pool", "search_spaces.conv_pool:ConvPool"])
def test_a_space_is_loaded_by_its_name_or_by_module_and_class(name):
    assert load(name) is ConvPool


def test_a_module_of_the_working_directory_is_found(here):
    (here / "space_here.py").write_text(FOREIGN)
    assert load("space_here:Space")().size == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("conv_pol", "no search space 'conv_pol'. Did you mean 'conv_pool'?"),
        ("zebra", r"no search space 'zebra'. \(spaces: conv_pool, residual, .*; or module:Class"),
        ("no_such_module:Space", "no module 'no_such_module' for the search space"),
        ("search_spaces.conv_pool:ConvPol", "'search_spaces.conv_pool' has no class 'ConvPol'"),
        ("absent.yaml", "cannot read the search space absent.yaml: no such file"),
    ],
)
def test_a_name_that_leads_nowhere_is_told_with_what_was_expected(here, name, message):
    with pytest.raises(ValueError, match=message):
        load(name)
