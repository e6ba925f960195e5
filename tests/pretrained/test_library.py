"""The models that come with the package."""
import hashlib
import os
import re
import shutil

import numpy as np
import pytest
from helpers import pages, tiny_run

from tf_disentangle import errors, parts, pretrained
from tf_disentangle.configuration import gin_text, parsing
from tf_disentangle.evaluation.of_models import suite
from tf_disentangle.pretrained import library
from tf_disentangle.runs import evaluations, settings
from tf_disentangle.runs import scores as scores_lib

NAMES = pretrained.names()
MEGABYTE = 2**20


def test_there_are_models_and_they_are_small():
    assert len(NAMES) >= 6 and {"jl1_three_dots", "beta_vae_three_dots"} <= set(NAMES)
    sizes = {name: (library.FOLDER / name / "model.keras").stat().st_size for name in NAMES}
    assert max(sizes.values()) <= 2.5 * MEGABYTE
    everything = sum(path.stat().st_size for path in library.FOLDER.rglob("*") if path.is_file())
    assert everything <= 20 * MEGABYTE


@pytest.mark.parametrize("name", NAMES)
def test_a_model_loads_and_encodes(name):
    model = pretrained.load(name)
    assert {layer.dtype_policy.name for network in (model.encoder, model.decoder)
            for layer in network.layers} == {"float32"}
    images = np.zeros([2, *model.observation_shape], np.float32)
    z_mean, _ = model.encode(images)
    assert np.isfinite(model.decode(z_mean)).all()


def test_no_folder_of_the_machine_that_trained_them_is_kept():
    for path in library.FOLDER.rglob("*"):
        if path.suffix in (".json", ".jsonl", ".gin"):
            assert not re.search(r"""(^|["'\s])/\w""", path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("name", NAMES)
def test_what_belongs_to_a_model_is_beside_it(name):
    folder, about = library.FOLDER / name, pretrained.about(name)
    assert hashlib.sha256((folder / "model.keras").read_bytes()).hexdigest() == about["sha256"]
    assert settings.settings_of(folder)["model.random_seed"] == about["seed"] == 0
    found = scores_lib.scores_of(folder)
    assert about["scores"] and all(found[key] == value for key, value in about["scores"].items())
    # Nothing of the machine that it was trained on.
    for path in folder.rglob("*"):
        assert path.suffix == ".keras" or path.is_dir() or not any(
            f'"/{place}' in path.read_text(encoding="utf-8") for place in ("tmp", "home", "work"))


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("rotated_")])
def test_the_gin_file_is_the_one_that_trained_it(name):
    kept = (library.FOLDER / name / "config.gin").read_text(encoding="utf-8")
    file = f"pretrained/{name}.gin"
    assert f"--gin_file {file}" in pretrained.about(name)["command"]
    with parts.parsed([file]):
        assert gin_text.gin_dict(kept) == gin_text.gin_dict(parsing.current_config())


def test_every_gin_file_and_every_model_is_on_the_page():
    text = pages.text("docs/pretrained.md")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert [line.split("`")[1] for line in rows] == sorted(NAMES, key=[
        line.split("`")[1] for line in rows].index) and len(rows) == len(NAMES)
    for line in rows:
        about = pretrained.about(line.split("`")[1])
        assert about["about"] in line and f"{about['steps']}" in line
        shown = [part.strip() for part in line.split("|")[4].split(",")]
        for part in shown:                  # such as "local MIG .098"
            value = part.rpartition(" ")[2]
            digits = len(value.partition(".")[2])
            assert any(f"{score:.{digits}f}".replace("0.", ".", 1) == value.replace("0.", ".", 1)
                       for score in about["scores"].values()), part


@pytest.mark.parametrize("name", ["mixture_prior_pinwheel", "jl1_natural_images",
                                  "jl1_three_dots"])
def test_the_scores_beside_a_model_are_its_scores(name, tmp_path):
    model_dir = pretrained.copy(name, tmp_path / "run")
    shutil.rmtree(evaluations.folder_of(model_dir))
    files = suite.metric_files(["reconstruction_error"], [])
    rows, _ = suite.evaluate_suite(str(model_dir), files,
                                   ["reconstruction_error.num_test = 1000"], say=str)
    expected = pretrained.about(name)["scores"]
    found = {f"{row.metric}.{row.score}": row.value for row in rows}
    # Of one computation on another processor; three digits are what is promised.
    assert found["reconstruction_error.mean_squared_error"] == pytest.approx(
        expected["reconstruction_error.mean_squared_error"], rel=1e-3)


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    """The smallest model, in a place where it can be damaged."""
    shutil.copytree(library.FOLDER / "mixture_prior_pinwheel", tmp_path / "kept/points")
    monkeypatch.setattr(library, "FOLDER", tmp_path / "kept")
    return tmp_path / "kept/points"


def test_a_damaged_model_is_refused_in_one_line(own_folder):
    path = own_folder / "model.keras"
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    with pytest.raises(errors.UserError, match="model.keras is damaged: its SHA-256 is [0-9a-f]{64}"
                       ", not [0-9a-f]{64}. Install tf_disentangle again.$") as error:
        pretrained.load("points")
    assert "\n" not in str(error.value)
    path.unlink()
    with pytest.raises(errors.UserError, match="is that of no file, not"):
        pretrained.copy("points", own_folder.parent / "copy")


def test_unknown_names():
    for ask in (pretrained.load, pretrained.about, lambda name: pretrained.copy(name, "x")):
        with pytest.raises(errors.InvalidArgumentError, match="Did you mean 'jl1_three_dots'?"):
            ask("jl1_three_dot")
    with pytest.raises(errors.InvalidArgumentError, match="Valid names: beta_vae_"):
        pretrained.load("x")
    with pytest.raises(errors.InvalidArgumentError):
        pretrained.load(None)


def test_two_copies_at_once_are_one_whole_copy(own_folder, tmp_path, monkeypatch):
    copytree, target = shutil.copytree, tmp_path / "runs/points"

    def while_another_is_made(source, aside, **options):
        monkeypatch.setattr(shutil, "copytree", copytree)       # which calls itself by that name
        copytree(source, aside, **options)
        assert pretrained.copy("points", target) == target
    monkeypatch.setattr(shutil, "copytree", while_another_is_made)
    assert pretrained.copy("points", target) == target
    assert [path.name for path in target.parent.iterdir()] == ["points"]
    assert tiny_run.files_of(target).keys() == tiny_run.files_of(own_folder).keys()

    def broken(source, aside, **options):
        monkeypatch.setattr(shutil, "copytree", copytree)
        copytree(source, aside, **options)
        raise OSError(28, "No space left on device")
    monkeypatch.setattr(shutil, "copytree", broken)
    with pytest.raises(errors.UserError, match="No space left"):
        pretrained.copy("points", tmp_path / "runs/other")
    assert [path.name for path in target.parent.iterdir()] == ["points"]


def test_a_copy_is_a_run_of_its_own(own_folder, tmp_path):
    for path in own_folder.rglob("*"):
        os.chmod(path, 0o555 if path.is_dir() else 0o444)
    before = tiny_run.files_of(own_folder)
    run = pretrained.copy("points", tmp_path / "runs/points")
    (run / "evaluation/more.txt").write_text("")
    assert pretrained.copy("points", run) == run and (run / "evaluation/more.txt").exists()
    assert tiny_run.files_of(own_folder) == before
    (run / "model.keras").write_bytes(b"another")
    with pytest.raises(errors.UserError, match="holds something other than the pretrained"):
        pretrained.copy("points", run)
    assert (run / "model.keras").read_bytes() == b"another"
