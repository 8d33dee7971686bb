"""Search spaces that packages offer by a name; the packages are what pip leaves of them."""

import sys

import pytest

from search_spaces import SEARCH_SPACES, ConvPool, load, names

SPACE = "class Space:\n    pass\n"


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Installs a package with a module of its own, that offers search spaces."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def installed(package, module=SPACE, **spaces):
        (tmp_path / f"{package}.py").write_text(module)
        about = tmp_path / f"{package}-1.2.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
        lines = [f"{name} = {target}" for name, target in spaces.items()]
        (about / "entry_points.txt").write_text("\n".join(["[tuner.search_spaces]", *lines]))
        monkeypatch.delitem(sys.modules, package, raising=False)

    return installed


def test_a_space_of_a_package_is_loaded_by_its_name(install):
    install("thin_nets", thin="thin_nets:Space")
    assert load("thin").__module__ == "thin_nets"
    assert names() == [*SEARCH_SPACES, "thin"]


def test_a_yaml_file_may_be_based_on_it(install, tmp_path):
    install("yaml_nets", based="yaml_nets:Space")
    (tmp_path / "my.yaml").write_text("space: based")
    assert load(str(tmp_path / "my.yaml")).base.__module__ == "yaml_nets"


def test_a_name_that_ships_is_no_packages(install):
    install("taking_nets", conv_pool="taking_nets:Space")
    assert load("conv_pool") is ConvPool
    assert names() == [*SEARCH_SPACES]


def test_a_name_that_two_packages_offer_is_told_with_both(install):
    install("one_net", wide="one_net:Space")
    install("other_net", wide="other_net:Space")
    with pytest.raises(ValueError, match=r"one_net 1.2 and other_net 1.2 both offer .*'wide': name"
                       r" the one that is meant by its class, as in one_net:Space"):  # fmt: skip
        load("wide")


@pytest.mark.parametrize(
    ("module", "told"),
    [
        ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("raise SystemExit('no licence')", "SystemExit: no licence"),
        ("", "AttributeError: module 'broken_nets' has no attribute 'Space'"),
    ],
)
def test_a_package_that_cannot_be_imported_is_told_by_its_name(install, module, told):
    install("broken_nets", module, broken="broken_nets:Space")
    message = "broken_nets 1.2 offers 'broken' as broken_nets:Space, which cannot be imported: "
    with pytest.raises(ValueError, match=message + told):
        load("broken")


def test_the_nearest_name_may_be_a_packages(install):
    install("near_nets", residual_thin="near_nets:Space")
    with pytest.raises(ValueError, match=r"no search space 'residal_thin'\. Did you mean 'resid"):
        load("residal_thin")
