"""gin_configs/study is disentanglement_lib's unsupervised_study_v1: its sweep and its parts."""
import io
import pathlib

import pytest
from helpers import tracing

from tf_disentangle.configuration import parsing
from tf_disentangle.training import run as run_lib
from tf_disentangle.training import train as train_lib

STUDY = "study/unsupervised_study_v1"
FOLDER = pathlib.Path(__file__).parent.parent / "gin_configs" / STUDY

# Method: the class, the parameter that is swept, its values, what is fixed. From the study's table
# of models in disentanglement_lib, config/unsupervised_study_v1/sweep.py.
SWEEP = {
    "beta_vae": ("VAE", "beta", [1, 2, 4, 6, 8, 16], {"annealing_steps": 0}),
    "factor_vae": ("FactorVAE", "gamma", [10, 20, 30, 40, 50, 100],
                   {"discriminator_update": "simultaneous"}),
    "dip_vae_i": ("DIPVAE", "lambda_od", [1, 2, 5, 10, 20, 50],
                  {"dip_type": "i", "lambda_d_factor": 10, "lambda_d": None, "lambda_3": 0}),
    "dip_vae_ii": ("DIPVAE", "lambda_od", [1, 2, 5, 10, 20, 50],
                   {"dip_type": "ii", "lambda_d_factor": 1, "lambda_d": None, "lambda_3": 0}),
    "beta_tc_vae": ("BetaTCVAE", "beta", [1, 2, 4, 6, 8, 10],
                    {"estimator": "disentanglement_lib"}),
    "annealed_vae": ("AnnealedVAE", "c_max", [5, 10, 25, 50, 75, 100],
                     {"gamma": 1000, "iteration_threshold": 100000}),
}

# An update of FactorVAE's model and one of its discriminator are two of the study's steps.
STEPS = {method: 150000 if method == "factor_vae" else 300000 for method in SWEEP}

SETTINGS = [(method, value) for method, (_, _, values, _) in SWEEP.items() for value in values]

PARTS = {"encoder.encoder_fn": "@conv_encoder", "encoder.num_latent": 10,
         "decoder.decoder_fn": "@deconv_decoder",
         "reconstruction_loss.loss_fn": "@bernoulli_loss",
         "reconstruction_loss.activation": "logits", "model.eval_steps": 1000}


@pytest.fixture
def trained(monkeypatch):
    """Function from a study file and bindings to the model, its training arguments, the results."""
    carry_out = run_lib.carry_out

    def run(method, value, bindings=(), stop=False):
        seen = []

        def instead(run, *args):
            spec = run.spec
            seen.append((run.model, (spec.training_steps, spec.batch_size, spec.random_seed)))
            return None if stop else carry_out(run, *args)

        monkeypatch.setattr(run_lib, "carry_out", instead)
        results = train_lib.train_with_gin(
            None, gin_config_files=[f"{STUDY}/{method}_{value}.gin"], stream=io.StringIO(),
            gin_bindings=["dataset.name = 'dummy_data'", *bindings])
        return *seen[0], results

    return run


def test_files_are_the_sweep():
    assert len(SETTINGS) == 36
    assert {path.stem for path in FOLDER.glob("*.gin")} == {
        f"{method}_{value}" for method, value in SETTINGS}


@pytest.mark.oracle
@pytest.mark.parametrize("method, value", SETTINGS)
def test_file_makes_the_model_of_the_study(method, value, trained):
    model, (training_steps, batch_size, random_seed), _ = trained(
        method, value, ["model.random_seed = 3"], stop=True)
    cls, swept, _, fixed = SWEEP[method]
    assert type(model).__name__ == cls
    made = model.get_config()
    assert {key: made[key] for key in (swept, *fixed)} == {swept: value, **fixed}
    assert (training_steps, batch_size, random_seed) == (STEPS[method], 64, 3)
    with parsing.parsed([f"{STUDY}/{method}_{value}.gin"]):
        assert {key: str(bound) if "_fn" in key else bound
                for key in PARTS if (bound := parsing.bound_value(key))} == PARTS
        assert parsing.bound_value("dataset.name") == "dsprites_full"
        assert parsing.bound_value("model.random_seed") == 0
        assert parsing.bound_value("model.name") == method


def settings(optimizer):
    made = optimizer.get_config()
    return [made[key] for key in ("learning_rate", "beta_1", "beta_2", "epsilon")]


@pytest.mark.oracle
@pytest.mark.parametrize("method", SWEEP)
def test_one_of_each_method_trains(method, trained):
    with tracing.without_tracing():
        model, _, results = trained(method, SWEEP[method][2][3], [
            "model.training_steps = 2", "model.batch_size = 4", "model.eval_steps = 1"])
    assert results["global_step"] == 2 and 1000 < results["reconstruction_loss"] < 10000
    # Counts of disentanglement_lib's networks for 64x64x1 images and 10 latents.
    assert [part.count_params() for part in (model.encoder, model.decoder)] == [309204, 381313]
    assert settings(model.optimizer) == pytest.approx([1e-4, 0.9, 0.999, 1e-8])
    if method == "factor_vae":
        assert model.discriminator.count_params() == 5018002
        assert settings(model.discriminator_optimizer) == pytest.approx([1e-4, 0.5, 0.9, 1e-8])
