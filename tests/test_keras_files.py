"""Classes of one name: the package's are loaded as they were saved, and so are a user's."""
import io
import json
import zipfile

import keras
import numpy as np
import pytest
from helpers import tiny_run

from tf_disentangle import errors, keras_files, models, networks, priors
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
