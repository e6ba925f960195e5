"""What methods refuse, through `bin/train`: one line with the place, and nothing left behind."""
import pytest
from absl.testing import flagsaver
from cli import test_programs
from helpers import feature_networks, tiny_run, tracing

from tf_disentangle.cli import train
from tf_disentangle.configuration import registry

registry.register("network_of_two_layers")(feature_networks.tiny_network)

DIP, ANNEALED, TC, FACTOR = (f"model.model = @{name}()" for name in (
    "dip_vae", "annealed_vae", "beta_tc_vae", "factor_vae"))
ALTERNATING = f"{FACTOR}\nfactor_vae.discriminator_update = 'alternating'"
PERCEPTUAL = ("reconstruction_loss.loss_fn = @perceptual_loss\n"
              "perceptual_loss.network = @network_of_two_layers\n"
              "perceptual_loss.content_layers = ['first']")
AT_LEAST_0 = "Expected a number of at least 0."

# Lines of a gin file, the last of which is wrong, and what is said about it.
VALUES = [
    (f"{DIP}\ndip_vae.dip_type = 'iii'", "`dip_type`. Expected one of 'i', 'ii'. Received: "
     "dip_type='iii'. Did you mean 'ii'?"),
    (f"{DIP}\ndip_vae.lambda_od = -1", f"`lambda_od`. {AT_LEAST_0}"),
    (f"{DIP}\ndip_vae.lambda_d = -1", f"`lambda_d`. {AT_LEAST_0}"),
    (f"{DIP}\ndip_vae.lambda_d_factor = -1", f"`lambda_d_factor`. {AT_LEAST_0}"),
    (f"{DIP}\ndip_vae.lambda_3 = -1", f"`lambda_3`. {AT_LEAST_0}"),
    (f"{ANNEALED}\nannealed_vae.gamma = -1", f"`gamma`. {AT_LEAST_0}"),
    (f"{ANNEALED}\nannealed_vae.c_max = 0", "`c_max`. Expected a number greater than 0."),
    (f"{ANNEALED}\nannealed_vae.iteration_threshold = 0",
     "`iteration_threshold`. Expected a whole number of at least 1."),
    (f"{ANNEALED}\nannealed_vae.iteration_threshold = 1e5",
     "`iteration_threshold`. Expected a whole number of at least 1. Received: "
     "iteration_threshold=100000.0."),
    (f"{TC}\nbeta_tc_vae.beta = -1", f"`beta`. {AT_LEAST_0}"),
    (f"{TC}\nbeta_tc_vae.estimator = 'weigthed'", "Did you mean 'weighted'?"),
    (f"{TC}\nbeta_tc_vae.dataset_size = 0", "`dataset_size`. Expected a whole number of at least"),
    (f"{FACTOR}\nfactor_vae.gamma = -1", f"`gamma`. {AT_LEAST_0}"),
    (f"{FACTOR}\nfactor_vae.discriminator_update = 'alternate'", "Did you mean 'alternating'?"),
    (f"{FACTOR}\ndiscriminator.discriminator_fn = 3", "`discriminator_fn`. Expected a function"),
    (f"{FACTOR}\ndiscriminator_optimizer.learning_rate = -1",
     "`learning_rate`. Expected a number greater than 0. Received: learning_rate=-1."),
    ("vae_optimizer.learning_rate = 0", "`learning_rate`. Expected a number greater than 0."),
    ("vae.penalties = [@code_l1()]\ncode_l1.weight = -1", f"`weight`. {AT_LEAST_0}"),
    ("vae.penalties = [@code_l1()]\ncode_l1.codes = 'mean'", "Did you mean 'z_mean'?"),
    ("vae.penalties = [@mmd_dim()]\nmmd_dim.scales = [0]", "`scales`. Expected a number greater"),
    ("vae.penalties = [@inclusive_kl()]\ninclusive_kl.num_samples = 0",
     "`num_samples`. Expected a whole number of at least 1."),
    ("vae.penalties = [@moment_matching()]\nmoment_matching.lambda_mean = -1",
     f"`lambda_mean`. {AT_LEAST_0}"),
    (f"{PERCEPTUAL}\nperceptual_loss.content_weight = -1", f"`content_weight`. {AT_LEAST_0}"),
    (f"{PERCEPTUAL}\nperceptual_loss.pixel_weight = -1", f"`pixel_weight`. {AT_LEAST_0}"),
    (f"{PERCEPTUAL}\nperceptual_loss.style_layers = ['frist']", "Did you mean 'first'? Valid "
     "names: first, first_pool, second, second_pool."),
    (f"{PERCEPTUAL}\nperceptual_loss.style_layers = ['relu1_2']", "Received: style_layers="
     "'relu1_2'. Valid names: first, first_pool, second, second_pool."),
]

# The same for batches of too few images, or for data sets.
BATCHES = [
    (f"{DIP}\nmodel.batch_size = 1", "2 for a covariance of codes. Received: batch_size=1."),
    ("vae.penalties = [@moment_matching()]\nmodel.batch_size = 1", "2 for a covariance of codes."),
    ("vae.penalties = [@mmd_dim()]\nmodel.batch_size = 1", "2 for the unbiased estimator of the"),
    ("vae.penalties = [@total_correlation()]\nmodel.batch_size = 1", "2 for a total correlation"),
    (f"{TC}\nmodel.batch_size = 1", "2 for a total correlation of codes."),
    (f"{TC}\nbeta_tc_vae.estimator = 'weighted'\nbeta_tc_vae.dataset_size = 3",
     "`dataset_size`. Expected a whole number of at least 4. Received: dataset_size=3."),
    (f"{TC}\nbeta_tc_vae.estimator = 'stratified'\nbeta_tc_vae.dataset_size = 3",
     "`dataset_size`. Expected a whole number of at least 4. Received: dataset_size=3."),
    (f"{FACTOR}\nmodel.batch_size = 1", "at least 2 for permutations of codes."),
    (f"{ALTERNATING}\nmodel.batch_size = 3",
     "at least 4 with discriminator_update 'alternating', which halves batches."),
]


@pytest.fixture
def line_of_error(tmp_path, monkeypatch, capfd):
    """Function from gin lines to the place of the last one, and what `bin/train` says."""
    def run(lines):
        path = tiny_run.gin_file(tmp_path, lines)
        with flagsaver.flagsaver(), tracing.without_tracing():
            code, _, err = test_programs.in_process(
                monkeypatch, capfd, train.main, "--gin_file", path, "--model_dir",
                tmp_path / "run")
        said = [line for line in err.splitlines() if "cuda_platform.cc" not in line]
        assert code == 1 and len(said) == 1, err
        assert sorted(entry.name for entry in tmp_path.iterdir()) == ["tiny.gin"]
        return f"Error: {path}:{len(path.read_text().splitlines())}: ", said[0]

    return run


@pytest.mark.contract
@pytest.mark.parametrize("lines, reason", VALUES, ids=[text.split("\n")[-1] for text, _ in VALUES])
def test_values(lines, reason, line_of_error):
    place, line = line_of_error(lines)
    assert line.startswith(f"{place}Invalid value for argument `") and reason in line


@pytest.mark.contract
@pytest.mark.parametrize("lines, reason", BATCHES, ids=[lines for lines, _ in BATCHES])
def test_batches(lines, reason, line_of_error):
    place, line = line_of_error(
        f"discriminator.discriminator_fn = @tiny_discriminator\n{lines}")
    assert line.startswith(f"{place}Invalid value for argument `") and reason in line


@pytest.mark.contract
@pytest.mark.parametrize("lines, reason", [
    (f"{TC}\nbeta_tc_vae.estimator = 'stratified'",
     "Invalid value for argument `dataset_size`. Expected the number of images in the data set for "
     "the estimator 'stratified'. Received: dataset_size=None. 'disentanglement_lib' does"),
    (f"{DIP}\ndip_vae.lambda_d = 5\ndip_vae.lambda_d_factor = 1", "Give one of the two: lambda_d"),
    (f"{DIP}\ndip_vae.posterior = @student_t_posterior()",
     "Expected 'monte_carlo' for KL(Independent(StudentT) || Independent(Normal))"),
    (f"{DIP}\ndip_vae.dip_type = 'ii'\ndip_vae.posterior = @student_t_posterior()\n"
     "student_t_posterior.df = 2\ndip_vae.prior = @standard_normal()\n"
     "standard_normal.kl_mode = 'monte_carlo'", "`df`. Expected a number greater than 2 where the "
     "posterior's variance is used. Received: df=2."),
])
def test_parts_that_do_not_go_together(lines, reason, line_of_error):
    assert reason in line_of_error(lines)[1]
