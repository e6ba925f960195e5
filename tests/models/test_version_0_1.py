"""Models that version 0.1 saved are loaded, and say what they said then."""
import pathlib

import keras
import numpy as np
import pytest
from helpers import tiny_run

from tf_disentangle import models, parts
from tf_disentangle.models import latent_variable_model

FOLDER = pathlib.Path(__file__).parent.parent / "recorded" / "version_0_1"
IMAGES = tiny_run.TinyData().sample_observations(40, np.random.RandomState(0)).astype("float32")

pytestmark = pytest.mark.oracle


@pytest.mark.parametrize("name, cls", [
    ("vae", models.VAE), ("factor_vae", models.FactorVAE), ("pca", models.PCA)])
def test_a_saved_model(name, cls, tmp_path, monkeypatch):
    monkeypatch.setattr(latent_variable_model, "_BETWEEN_DRAWS", 2**32)  # the noise of then
    model = parts.load_model(FOLDER / f"{name}.keras")
    assert type(model) is cls
    expected = {key.partition(".")[2]: value for key, value in np.load(
        FOLDER / "numbers.npz").items() if key.startswith(f"{name}.")}
    # float32, other processors: sums of 64 pixels and of few layers.
    np.testing.assert_allclose(model.representation(IMAGES[:4]), expected.pop("codes"), rtol=1e-4,
                               atol=1e-6)
    terms = model.loss_terms(IMAGES, draw=5)
    assert terms.keys() == expected.keys()
    for key, value in terms.items():
        np.testing.assert_allclose(value, expected[key], rtol=1e-4, err_msg=key)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.get_config() == model.get_config()


def test_the_settings_and_the_optimizer():
    model = parts.load_model(FOLDER / "vae.keras")
    assert (model.beta, model.seed, model.posterior.df, int(model.step)) == (2.0, 3, 5.0, 2)
    assert [penalty.needs_linearization for penalty in model.penalties] == [True]
    assert int(model.optimizer.iterations.numpy()) == 2
    arrays = tiny_run.arrays(FOLDER / "vae.keras")
    momenta = [value for key, value in arrays.items() if key.startswith("optimizer")]
    for variable in model.optimizer.variables[2:]:  # after iterations and learning rate
        assert any(np.array_equal(variable, value) for value in momenta)
    model.update(IMAGES)
