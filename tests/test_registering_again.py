"""A notebook cell that is run twice: the new definition wins, and what was made before goes on."""
import sys
import types

import gin
import keras
import numpy as np
import pytest
import tensorflow as tf
from models.test_small_batches import IMAGES, make

from tf_disentangle import data, models, penalties
from tf_disentangle.configuration import registry

# A definition of every kind of part, VALUE being what the cell is changed in.
CELLS = {
    "model": '''
@registry.part("again_model")
class Part(models.VAE):
    def regularizer(self, kl_loss, z_mean, z_logvar, z_sampled):
        return VALUE * kl_loss
''',
    "penalty": '''
@registry.part("again_penalty")
class Part(penalties.Penalty):
    default_name = "again"
    def value(self, model, outputs, seed):
        return tf.constant(VALUE)
''',
    "prior": '''
@registry.part("again_prior")
class Part(priors.StandardNormal):
    def mean(self):
        return VALUE
''',
    "posterior": '''
@registry.part("again_posterior")
class Part(priors.NormalPosterior):
    def variance(self, z_logvar):
        return VALUE
''',
    "loss": '''
@registry.part("again_loss")
class Part(reconstruction.L2Loss):
    def __call__(self, images, outputs):
        return VALUE * super().__call__(images, outputs)
''',
    "estimator": '''
@registry.part("again_estimator")
class Part(jacobian.ForwardMode):
    number = VALUE
''',
    "schedule": '''
@registry.part("again_schedule")
class Part(keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
        return VALUE
    def get_config(self):
        return {}
''',
    "data": '''
@data.register_dataset("again_data")
class Part(data.GroundTruthData):
    factors_num_values, observation_shape = [2], [8, 8, 1]
    number = VALUE
    def sample_factors(self, num, random_state):
        return random_state.randint(2, size=[num, 1])
    def sample_observations_from_factors(self, factors, random_state):
        return np.zeros([len(factors), 8, 8, 1], "f")
''',
    "network": '''
@registry.register("again_network", denylist=("input_tensor", "num_latent", "is_training"))
def Part(input_tensor, num_latent, is_training=False):
    return VALUE
''',
    "optimizer": '''
@registry.register("again_optimizer")
def Part(learning_rate=VALUE):
    return keras.optimizers.SGD(learning_rate)
''',
    "hook": '''
@registry.register("again_hook")
class Part(training.Hook):
    number = VALUE
    def __call__(self, step, logs):
        pass
''',
    "slot": '''
@registry.slot("again_slot")
def Part(number=VALUE):
    return number
''',
}

HEAD = '''
import keras, numpy as np, tensorflow as tf
from tf_disentangle import data, jacobian, models, penalties, priors, reconstruction, training
from tf_disentangle.configuration import registry
'''


@pytest.fixture
def run_cell():
    """Runs a cell of a notebook, in a module that is made for it."""
    module = types.ModuleType("again_notebook")
    sys.modules["again_notebook"] = module

    def run(name, value):
        exec(HEAD + CELLS[name].replace("VALUE", repr(value)), vars(module))
        return module.Part
    yield run
    del sys.modules["again_notebook"]


@pytest.mark.contract
@pytest.mark.parametrize("name", CELLS)
def test_the_new_definition_wins(name, run_cell):
    first, second = run_cell(name, 0.25), run_cell(name, 0.5)
    assert run_cell(name, 0.5) is not second and first is not second
    latest = run_cell(name, 0.75)
    if name == "data":
        gin.parse_config("dataset.name = 'again_data'")
        assert data.get_named_ground_truth_data().number == 0.75
        return
    bound = registry.configured(f"again_{name}")
    assert bound is latest or getattr(bound, "__wrapped__", latest) is latest or (
        issubclass(bound, latest))
    if isinstance(latest, type) and hasattr(latest, "get_config") and name != "hook":
        assert keras.saving.get_registered_object("tf_disentangle>Part") is latest


@pytest.mark.contract
def test_what_was_made_before_goes_on(run_cell, tmp_path):
    old = run_cell("penalty", 0.25)()
    model = make(penalties=[old])
    model.fit(IMAGES, verbose=0)
    new = run_cell("penalty", 0.5)
    model.fit(IMAGES, verbose=0)
    assert float(model.loss_terms(IMAGES)["again"]) == 0.25
    assert isinstance(old, penalties.Penalty) and not isinstance(old, new)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded.penalties[0]) is new
    assert float(loaded.loss_terms(IMAGES)["again"]) == 0.5
    np.testing.assert_array_equal(loaded.representation(IMAGES), model.representation(IMAGES))


@pytest.mark.contract
def test_models_of_a_class_that_was_defined_again(run_cell, tmp_path):
    old_class = run_cell("model", 2.0)
    old = make(old_class)
    new_class = run_cell("model", 3.0)
    new = make(new_class)
    for model, weight in ((old, 2.0), (new, 3.0)):
        model.fit(IMAGES, verbose=0)
        terms = model.loss_terms(IMAGES)
        np.testing.assert_allclose(terms["regularizer"], weight * terms["kl_loss"], rtol=1e-6)
    old.save(tmp_path / "model.keras")
    assert type(keras.saving.load_model(tmp_path / "model.keras")) is new_class
    assert isinstance(old, models.VAE) and tf.is_tensor(old.encode(IMAGES)[0])
