"""Gin files as disentanglement_lib's users have them run as they are."""
import io

import keras
import pytest
from helpers import tiny_run

from tf_disentangle import optimizers
from tf_disentangle.configuration import parsing
from tf_disentangle.evaluation import evaluate
from tf_disentangle.training import run as run_lib
from tf_disentangle.training import train as train_lib

# In that library's spelling: scopes, quotes, tags, TensorFlow 1's optimizer arguments.
SHARED = """
import gin.tf
import gin.tf.external_configurables
encoder.encoder_fn = @conv_encoder
encoder.num_latent = 10
decoder.decoder_fn = @deconv_decoder
discriminator.discriminator_fn = @fc_discriminator
reconstruction_loss.loss_fn = @bernoulli_loss
reconstruction_loss.activation = 'logits'
bernoulli_loss.subtract_true_image_entropy = False
dataset.name = 'dsprites_full'
model.name = 'shared'
model.model = @vae()
model.model_num = 7
model.batch_size = 64
model.training_steps = 300000
model.random_seed = 0
vae.beta = 1.
vae_optimizer.optimizer_fn = @vae/AdamOptimizer
vae_optimizer.learning_rate = None
discriminator_optimizer.optimizer_fn = @discriminator/AdamOptimizer
export_as_tf_hub.drop_collections = None
"""

for _scope, _beta1, _beta2 in (("vae", 0.9, 0.999), ("discriminator", 0.5, 0.9)):
    SHARED += f"""
{_scope}/AdamOptimizer.learning_rate = 0.0001
{_scope}/AdamOptimizer.beta1 = {_beta1}
{_scope}/AdamOptimizer.beta2 = {_beta2}
{_scope}/AdamOptimizer.epsilon = 1e-08
{_scope}/AdamOptimizer.name = 'Adam'
{_scope}/AdamOptimizer.use_locking = False
"""

MODELS = {
    "beta_vae_4": "model.name = 'beta_vae'\nvae.beta = 4.",
    "annealed_vae_25": "model.model = @annealed_vae()\nannealed_vae.c_max = 25.\n"
                       "annealed_vae.gamma = 1000\nannealed_vae.iteration_threshold = 100000",
    "factor_vae_30": "model.model = @factor_vae()\nfactor_vae.gamma = 30.",
    "dip_vae_i_5": "model.model = @dip_vae()\ndip_vae.dip_type = 'i'\ndip_vae.lambda_od = 5.\n"
                   "dip_vae.lambda_d_factor = 10.",
    "dip_vae_ii_5": "model.model = @dip_vae()\ndip_vae.dip_type = 'ii'\ndip_vae.lambda_od = 5.\n"
                    "dip_vae.lambda_d_factor = 1.",
    "beta_tc_vae_6": "model.model = @beta_tc_vae()\nbeta_tc_vae.beta = 6.",
}


@pytest.fixture
def configured(monkeypatch):
    """Function from gin files to the configuration of the built model that they train."""
    def run(*files):
        made = {}

        def instead(run, *args):
            train_lib.prepare_model(run.model, [64, 64, 1])
            made.update(run.model.get_config(), optimizer=run.model.optimizer.get_config())

        keras.backend.clear_session()  # or layers would be called by other numbers
        monkeypatch.setattr(run_lib, "carry_out", instead)
        train_lib.train_with_gin(None, gin_config_files=files, stream=io.StringIO(),
                                 gin_bindings=["dataset.name = 'dummy_data'"])
        return made

    return run


@pytest.mark.oracle
@pytest.mark.parametrize("name", MODELS)
def test_old_files_and_the_study_s_make_the_same_model(name, configured, tmp_path):
    (tmp_path / "shared.gin").write_text(SHARED)
    (tmp_path / "model.gin").write_text(f"include '{tmp_path}/shared.gin'\n{MODELS[name]}\n")
    ours = configured(f"study/unsupervised_study_v1/{name}.gin")
    theirs = configured(tmp_path / "model.gin")
    assert len(ours["encoder"]["config"]["layers"]) == 9 and ours["optimizer"]["beta_2"] == 0.999
    assert theirs == ours


METRIC = """
dataset.name = 'auto'
evaluation.evaluation_fn = @mig
evaluation.random_seed = 0
evaluation.name = 'mig'
mig.num_train = 100
discretizer.discretizer_fn = @histogram_discretizer
discretizer.num_bins = 20
"""

POSTPROCESS = """
dataset.name = 'auto'
postprocess.postprocess_fn = @{name}_representation
postprocess.random_seed = 0
postprocess.name = '{name}'
"""


def test_old_postprocess_and_metric_files_score(tmp_path):
    run, scores = tiny_run.finished_run(), {}
    (tmp_path / "mig.gin").write_text(METRIC)
    for name in ("mean", "sampled"):
        path = tmp_path / f"{name}.gin"
        path.write_text(POSTPROCESS.format(name=name))
        scores[name] = evaluate.evaluate_with_gin(
            run, tmp_path / name, gin_config_files=[path, tmp_path / "mig.gin"])["discrete_mig"]
    plain = evaluate.evaluate_with_gin(
        run, tmp_path / "plain", gin_config_files=[tmp_path / "mig.gin"])["discrete_mig"]
    assert scores["mean"] == plain != scores["sampled"]


@pytest.mark.contract
@pytest.mark.parametrize("bindings, rate", [
    (["vae_optimizer.learning_rate = 0.5"], 0.5),
    (["vae_optimizer.learning_rate = @piecewise_constant", "piecewise_constant.boundaries = [3]",
      "piecewise_constant.values = [0.25, 0.125]"], 0.25),
    (["vae_optimizer.learning_rate = @exponential_decay", "exponential_decay.decay_steps = 9",
      "exponential_decay.learning_rate = 0.75", "exponential_decay.decay_rate = 0.5"], 0.75)])
def test_learning_rates_of_old_files(bindings, rate):
    with parsing.parsed(None, ["vae_optimizer.optimizer_fn = @GradientDescentOptimizer",
                              *bindings]):
        made = optimizers.make_vae_optimizer()
    assert float(made.learning_rate) == rate and type(made).__name__ == "SGD"
