"""The same study, wherever its executions run."""

import pandas as pd
import pytest

from tests.cli.commanding import TINY, executions, invoke, tuner
from tuner.training.backend import start_tensorflow

start_tensorflow()  # this process trains what others have: with one thread, as they

pytestmark = pytest.mark.trains


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """The executions of a tiny study, trained in this process."""
    cwd = tmp_path_factory.mktemp("here")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(cwd)
        result = invoke("search", *TINY, "--name", "tiny", "--workers", "0")
    assert result.exit_code == 0, result.output
    return executions(cwd / "results" / "tiny")


@pytest.mark.elsewhere
@pytest.mark.parametrize(("name", "num_workers"), [("ray", "1"), ("dask", "2")])
def test_a_cluster_gives_the_same_rows_to_the_last_bit(here, tmp_path, name, num_workers):
    where = ["--executor", name, "--workers", num_workers]
    result = tuner("search", *TINY, "--name", "tiny", *where, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert len(result.stderr.splitlines()) == 4, "a line an execution, and nothing of the cluster's"
    found = executions(tmp_path / "results" / "tiny")
    pd.testing.assert_frame_equal(
        found.sort_values(["replicate", "cell"], ignore_index=True),
        here.sort_values(["replicate", "cell"], ignore_index=True),
        check_exact=True,
    )


def test_an_unknown_executor_is_refused_before_anything_is_begun(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = invoke("search", *TINY, "--executor", "dusk")
    assert result.exit_code == 2
    assert "there is no 'dusk'. Did you mean 'dask'? (executors: local, ray, dask; or mod" in (
        result.stderr
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ([], "expected a GPU that TensorFlow sees, found none"),
        (["--workers", "2"], "expected no --workers and no --executor beside it"),
        (["--executor", "ray"], "expected no --workers and no --executor beside it"),
    ],
)
def test_workers_for_gpus_are_refused_where_they_say_nothing(tmp_path, monkeypatch, typed, told):
    monkeypatch.chdir(tmp_path)
    result = invoke("search", *TINY, "--workers-per-gpu", "2", *typed)
    assert result.exit_code == 2
    assert told in result.stderr
    assert not list(tmp_path.iterdir())
