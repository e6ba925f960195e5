"""Where a run was started, and what is found again from elsewhere."""
import sys

import numpy as np
import pytest
from helpers import tiny_run

from tf_disentangle import errors
from tf_disentangle.evaluation.of_models import suite
from tf_disentangle.runs import origin, settings
from tf_disentangle.training import train


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A directory to go to; what the test imports is forgotten afterwards."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "elsewhere").mkdir()
    before = set(sys.modules)
    yield tmp_path / "elsewhere"
    for name in set(sys.modules) - before:
        if name.startswith("own_"):
            del sys.modules[name]


def test_modules_are_imported_from_where_the_run_had_them(tmp_path, elsewhere, monkeypatch):
    (tmp_path / "own_module.py").write_text("")
    (tmp_path / "own_package").mkdir()
    (tmp_path / "own_package" / "__init__.py").write_text("")
    (tmp_path / "own_package" / "x.py").write_text("")
    text = "import own_module\nfrom own_package import x\nvae.beta = 3\n"
    with pytest.raises(ImportError, match="own_module"):
        origin.import_modules(tmp_path, text)
    sys.path.append(str(tmp_path))
    origin.import_modules(tmp_path, text)
    origin.note(tmp_path, text)
    sys.path.remove(str(tmp_path))
    monkeypatch.delitem(sys.modules, "own_module")
    monkeypatch.chdir(elsewhere)
    with pytest.raises(errors.UserError, match=(
            f"imports the module own_module, which lies in {tmp_path}. Loading the run would run "
            "its code. If you trust it, give --trust_modules")):
        origin.import_modules(tmp_path, text)
    assert "own_module" not in sys.modules and str(tmp_path) not in sys.path
    origin.import_modules(tmp_path, text, trust_modules=True)
    assert sys.modules["own_module"].__file__ == str(tmp_path / "own_module.py")
    assert str(tmp_path) not in sys.path


def test_paths(tmp_path, elsewhere, monkeypatch):
    assert origin.absolute_path(tmp_path, "data") == "data"           # nothing was noted
    monkeypatch.chdir(tmp_path)
    origin.note(tmp_path, "")
    monkeypatch.chdir(elsewhere)
    assert origin.absolute_path(tmp_path, "data") == "data"           # it is not there any more
    (tmp_path / "data").touch()
    assert origin.absolute_path(tmp_path, "data") == str(tmp_path / "data")
    assert origin.absolute_path(tmp_path, "/data") == "/data"


def test_data_of_a_user_are_found_again_from_elsewhere(tmp_path, elsewhere, monkeypatch):
    images = np.random.RandomState(0).randint(256, size=(40, *tiny_run.SHAPE)).astype(np.uint8)
    np.savez(tmp_path / "mine.npz", images=images)
    np.savez(elsewhere / "mine.npz", images=images[:1])               # another one of that name
    monkeypatch.chdir(tmp_path)
    train.train_with_gin("run", gin_config_files=[tiny_run.gin_file(tmp_path)], gin_bindings=[
        "dataset.name = 'npz'", "npz.path = 'mine.npz'"])
    monkeypatch.chdir(elsewhere)
    assert settings.dataset_bindings(tmp_path / "run")["npz.path"] == str(tmp_path / "mine.npz")
    rows, failures = suite.evaluate_suite(tmp_path / "run", suite.metric_files(["hoyer"]),
                                          ["hoyer.num_train = 30"], say=lambda line: None)
    assert failures == {} and len(rows) == 1
