"""Classes of one name: the package's are loaded as they were saved, and so are a user's."""
import io
import json
import zipfile

import keras
import numpy as np
import pytest
from helpers import tiny_run

from tf_disentangle import errors, keras_files, models, networks, priors, trained
from tf_disentangle.configuration import registry

pytestmark = pytest.mark.contract


@pytest.fixture(autouse=True)
def names_restored():
    known = dict(keras.saving.get_custom_objects())
    yield
    keras.saving.get_custom_objects().clear()
    keras.saving.get_custom_objects().update(known)


def saved(path, cls=models.VAE, **kwargs):
    """The path of a model that was saved."""
    model = cls(encoder=networks.make_gaussian_encoder(tiny_run.SHAPE, 3, tiny_run.tiny_encoder),
                decoder=networks.make_decoder(3, tiny_run.SHAPE, tiny_run.tiny_decoder), **kwargs)
    model.build([None, *tiny_run.SHAPE])
    model.save(path)
    return path


def users_classes():
    """A model and a prior with names of the package's."""
    class VAE(models.VAE):
        pass

    class StandardNormal(priors.StandardNormal):
        pass
    return VAE, StandardNormal


def test_a_class_registered_under_the_packages_name_takes_nobodys_place(tmp_path):
    ours = saved(tmp_path / "ours.keras")
    vae, prior = map(keras.saving.register_keras_serializable("tf_disentangle"), users_classes())
    assert keras.saving.get_registered_object("tf_disentangle>VAE") is vae
    loaded = keras_files.load(ours)
    assert type(loaded) is models.VAE and type(loaded.prior) is priors.StandardNormal
    theirs = keras_files.load(saved(tmp_path / "theirs.keras", vae, prior=prior()))
    assert type(theirs) is vae and type(theirs.prior) is prior


def test_a_users_part_has_a_name_of_its_own(tmp_path):
    ours = saved(tmp_path / "ours.keras")
    vae = registry.part("a_users_vae")(users_classes()[0])
    assert keras.saving.get_registered_object("tf_disentangle>VAE") is models.VAE
    assert keras.saving.get_registered_name(vae) == f"{__name__}>VAE"
    theirs = saved(tmp_path / "theirs.keras", vae)
    for path, cls in ((ours, models.VAE), (theirs, vae)):
        assert type(keras_files.load(path)) is cls
    # As files were until parts of one name were told apart.
    renamed(theirs, f"{__name__}>VAE", "tf_disentangle>VAE")
    assert type(keras_files.load(theirs)) is vae
    del keras.saving.get_custom_objects()[f"{__name__}>VAE"]
    with pytest.raises(errors.UserError, match=f"asks for VAE of the module {__name__}, which"):
        keras_files.load(theirs)


def renamed(path, before, after):
    """Changes the name that a model is registered under in a file."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(content["config.json"])
    assert config["registered_name"] == before
    content["config.json"] = json.dumps({**config, "registered_name": after}).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    path.write_bytes(stream.getvalue())


def test_a_part_defined_again_is_the_new_one(tmp_path):
    first, second = (registry.part("a_users_prior")(type("APrior", (priors.StandardNormal,), {
        "mean": lambda self, value=value: np.float32(value)})) for value in (1, 2))
    path = saved(tmp_path / "model.keras", prior=first())
    assert type(keras_files.load(path).prior) is second


def cut(data):
    return data[:len(data) // 2]


def flipped(data):
    """With a bit flipped within the weights, which the archive's checksum notices."""
    place = data.index(b"\x89HDF") + 2000
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1:]


def without(name, content=None):
    """A function that leaves a member out of an archive, or gives it other content."""
    def change(data):
        stream = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
            for member in old.namelist():
                if member != name or content is not None:
                    new.writestr(member, content if member == name else old.read(member))
        return stream.getvalue()
    return change


@pytest.mark.parametrize("change, reason", [
    (cut, "it is not a complete zip archive"), (lambda data: b"", "it is empty"),
    (flipped, "model.weights.h5 in it has a wrong checksum"),
    (without("model.weights.h5"), "there is no model.weights.h5 in it"),
    (without("config.json"), "there is no config.json in it"),
    (without("config.json", "[]"), "its config.json does not describe a model"),
    (without("config.json", "{"), "its config.json is not JSON"),
    (without("model.weights.h5", "weights"), "its model.weights.h5 is not HDF5")])
def test_damage_is_said_in_our_words(tmp_path, change, reason):
    model_dir = tiny_run.copy_of_finished_run(tmp_path)
    path = model_dir / "model.keras"
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(errors.UserError) as caught:
        trained.load_model(model_dir)
    assert str(caught.value) == (
        f"Cannot load {path}: {reason}. The file is damaged. bin/train with the same model_dir "
        "restores it from the last checkpoint.")


def test_a_sound_file_is_not_called_damaged(tmp_path):
    assert keras_files.damage(tiny_run.finished_run() / "model.keras") is None
    assert keras_files.damage(tmp_path / "nowhere.keras") is None
