"""Whose code loading a run executes: only the user's own, unless others are trusted."""
import importlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import zipfile

import keras
import pytest
from helpers import preloaded, tiny_run

import tf_disentangle
from tf_disentangle import errors, keras_files, trained
from tf_disentangle.runs import trust

pytestmark = pytest.mark.contract

REFUSED = "imports the module {}, which lies in {}. Loading the run would run its code. "


@pytest.fixture
def shared(tmp_path, monkeypatch):
    """A run of somebody else's in a folder below the working one, and what it imports."""
    (tmp_path / "downloads").mkdir()
    run = tiny_run.copy_of_finished_run(tmp_path / "downloads")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path, ""])
    before = set(sys.modules)

    def imports(module, *folders):
        with (run / "config.gin").open("a") as file:
            file.write(f"\nimport {module}\n")
        (run / "origin.json").write_text(json.dumps(
            {"working_directory": ".", "module_folders": list(map(str, folders))}))
        importlib.invalidate_caches()
        return run

    yield imports
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in ("planted", "downloads", "own_folder"):
            del sys.modules[name]


def plant(path):
    """A module that leaves a file beside itself when it is imported."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("import pathlib\npathlib.Path(__file__).with_suffix('.ran').touch()\n")
    return path.with_suffix(".ran")


@pytest.mark.parametrize("place, module", [
    ("downloads/copy/planted.py", "planted"),
    ("downloads/copy/planted/__init__.py", "planted"),
    ("downloads/copy/planted/inner.py", "planted.inner"),
    ("elsewhere/planted.py", "planted")])
def test_folders_that_the_run_names(tmp_path, shared, place, module):
    ran = plant(tmp_path / place)
    folder = tmp_path / place[:place.index("planted") - 1]
    run = shared(module, folder)
    with pytest.raises(errors.UserError, match=re.escape(REFUSED.format(module, folder))):
        trained.load_model(run)
    assert not ran.exists() and str(folder) not in sys.path
    trained.load_model(run, trust_modules=True)
    assert ran.exists() and str(folder) not in sys.path


@pytest.mark.parametrize("place, module", [
    ("downloads/copy/planted.py", "downloads.copy.planted"),
    ("downloads/planted.py", "downloads.planted"),
    ("downloads/__init__.py", "downloads.copy"),
    ("downloads/other/planted/__init__.py", "downloads.other.planted")])
def test_a_folder_below_the_working_one_is_a_package_to_python(tmp_path, shared, place, module):
    ran = plant(tmp_path / place)
    run = shared(module)
    with pytest.raises(errors.UserError, match=f"imports the module {module}, which lies in"):
        trained.load_model(run)
    assert not ran.exists()


def test_being_in_the_run_is_not_trusting_it(tmp_path, shared, monkeypatch):
    run = shared("planted")
    ran = plant(run / "planted.py")
    for place in (run, run / "results"):
        monkeypatch.chdir(place)
        monkeypatch.setattr(sys, "path", [*sys.path, ""])
        plant(place / "planted.py")
        with pytest.raises(errors.UserError, match="imports the module planted, which lies in"):
            trained.load_model(run)
        with pytest.raises(errors.UserError, match="imports the module planted, which lies in"):
            trained.load_model(os.path.relpath(run))
    assert not ran.exists()
    monkeypatch.setenv("PYTHONPATH", str(run))
    monkeypatch.setattr(sys, "path", [str(run), *sys.path[:-2]])
    trained.load_model(run)
    assert ran.exists()


@pytest.mark.parametrize("place, module", [
    ("planted.py", "planted"), ("planted/__init__.py", "planted"),
    ("own_folder/inner.py", "own_folder.inner")])
def test_modules_where_the_user_is(tmp_path, shared, place, module):
    ran = plant(tmp_path / place)
    trained.load_model(shared(module))
    assert ran.exists()


def test_what_is_installed_or_built_in_is_known():
    for name in ("keras", "numpy.linalg", "sys", "helpers.tiny_run", "gin.tf", "zipimport"):
        assert trust.is_known(name), name
    assert not trust.is_known("no_module_of_this_name") and not trust.is_known("json.nothing")


@pytest.mark.parametrize("noted", ["[]", "3", '{"module_folders": 3}', '{"module_folders": [3]}',
                                   '{"working_directory": null}', "{", "\udcff", "[" * 100000])
def test_damaged_notes(tmp_path, noted):
    run = tiny_run.copy_of_finished_run(tmp_path)
    (run / "origin.json").write_bytes(noted.encode(errors="surrogateescape"))
    with pytest.raises(errors.UserError, match="origin.json is"):
        trained.load_model(run)


def test_the_programs_ask_for_the_flag(tmp_path):
    run = tiny_run.copy_of_finished_run(tmp_path)
    ran = plant(run / "planted.py")
    with (run / "config.gin").open("a") as file:
        file.write("\nimport planted\n")
    (run / "origin.json").write_text(json.dumps({"module_folders": [str(run)]}))
    program = preloaded.start(
        tmp_path, "from tf_disentangle.cli import visualize\nvisualize.main()", "--model_dir", run)
    _, said = program.communicate()
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3",
                   "PYTHONPATH": f"{tiny_run.TESTS.parent}:{tiny_run.TESTS}"}
    done = subprocess.run(  # anew: as Python starts a program, the working folder is on its path
        [sys.executable, "-m", "tf_disentangle.cli.evaluate", "--model_dir", ".", "--metrics",
         "mig"], cwd=run, text=True, capture_output=True, env=environment)
    assert program.returncode == done.returncode == 1 and not ran.exists()
    for text in (said, done.stderr):
        assert "imports the module planted" in text and "--trust_modules" in text
        assert len(text.splitlines()) == 1
    named = preloaded.start(
        tmp_path, "from tf_disentangle.cli import evaluate\nevaluate.main()", "--model_dir", run,
        "--metrics", "mig", "--module_dir", run, "--gin_bindings", "mig.num_train = 100")
    _, said = named.communicate()
    assert named.returncode == 0 and ran.exists(), said


def archive_with(path, change):
    """A model's file in which `change` has changed the description of the layers."""
    made = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, name="layer")])
    made.save(path)
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(content["config.json"])
    change(config["config"]["layers"][1])
    content["config.json"] = json.dumps(config).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    path.write_bytes(stream.getvalue())


@pytest.mark.parametrize("change, reason", [
    (lambda layer: layer.update(class_name="Lambda"), "holds a Lambda of Keras"),
    (lambda layer: layer.update(class_name="TFSMLayer"), "holds a TFSMLayer of Keras"),
    (lambda layer: layer.update(class_name="TorchModuleWrapper"), "holds a TorchModuleWrapper"),
    (lambda layer: layer.update(module="planted"), "asks for Dense of the module planted"),
    (lambda layer: layer["config"].update(activation={
        "class_name": "function", "config": "system", "module": "os", "registered_name": "system"}),
     "asks for system of the module os"),
    (lambda layer: layer["config"].update(activation={
        "class_name": "__lambda__", "config": {"value": "x"}}), "holds a lambda of Keras"),
    (lambda layer: layer["config"].update(kernel_initializer={
        "class_name": "Popen", "config": {"args": "id"}, "module": "subprocess",
        "registered_name": None}), "asks for Popen of the module subprocess")])
def test_models_with_code_of_their_own(tmp_path, change, reason):
    path = tmp_path / "model.keras"
    archive_with(path, change)
    with pytest.raises(errors.UserError, match=reason):
        keras_files.load(path)


def test_models_without_code(tmp_path):
    archive_with(tmp_path / "model.keras", lambda layer: None)
    assert keras_files.load(tmp_path / "model.keras").get_layer("layer").units == 1
    keras_files.load(tmp_path / "model.keras").save(tmp_path / "model.h5")
    assert keras_files.load(tmp_path / "model.h5").get_layer("layer").units == 1


def test_a_lambda_in_hdf5(tmp_path):
    keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: x + 1)]).save(
        tmp_path / "model.h5")
    with pytest.raises(errors.UserError, match="holds a Lambda of Keras"):
        keras_files.load(tmp_path / "model.h5")


def test_nothing_is_unpickled_or_evaluated():
    package = pathlib.Path(tf_disentangle.__file__).parent
    unsafe = re.compile(r"\b(pickle|cloudpickle|marshal|shelve|dill)\.|joblib\.load|torch\.load|"
                        r"allow_pickle=True|safe_mode=False|enable_unsafe|(?<![.\w])(eval|exec)\(")
    for path in package.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not unsafe.search(text), path
        if path.name != "keras_files.py":
            assert "saving.load_model(" not in text.replace("`", ""), path
        assert text.count("np.load(") <= text.count("allow_pickle=False"), path
