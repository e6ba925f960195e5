"""The sampled Jacobian is unbiased, and it is a function of its seed."""
import numpy as np
import pytest
import tensorflow as tf
from helpers import fixtures

from tf_disentangle import jacobian

NUM_SEEDS = 200
NORMS = [jacobian.jacobian_l1, jacobian.jacobian_squared_l2]
FULL = [jacobian.ForwardMode(), jacobian.FiniteDifference(1e-2)]


def decoder_and_codes():
    return fixtures.rule_decoder("jl1_decoder16_c1")


def chosen_latents(z, **kwargs):
    """The latents that an estimator asks for, and the examples, from a stub of its base."""
    class Stub(jacobian.JacobianEstimator):
        def columns(self, decoder, z, latents, output_function, examples=None,
                    linearization=None):
            self.latents = latents.numpy()
            self.examples = None if examples is None else examples.numpy()
            return tf.zeros([*latents.shape, 1])
    stub = Stub()
    seed = kwargs.pop("seed")
    columns = jacobian.Sampled(stub, **kwargs)(None, z, tf.identity, seed=seed)
    return stub.latents, stub.examples, float(columns.weight)


@pytest.mark.convergence
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("full", FULL)
@pytest.mark.parametrize("sampling", [{"num_directions": 3}, {"num_columns": 7}])
def test_mean_over_seeds_is_the_full_value(full, norm, sampling):
    # n = 200 seeds. The columns are computed once: `Sampled` only picks among them.
    decoder, z = decoder_and_codes()
    everything = full(decoder, z, tf.sigmoid)
    batch = z.shape[0]

    class Picks(jacobian.JacobianEstimator):
        def columns(self, decoder, z, latents, output_function, examples=None,
                    linearization=None):
            examples = tf.range(batch) if examples is None else examples
            rows = tf.gather(everything.tangents, examples)
            return tf.gather(rows, latents, batch_dims=1)

    sampled = jacobian.Sampled(Picks(), **sampling)
    values = np.array([norm(sampled(decoder, z, tf.sigmoid, seed=[seed, 0]), batch)
                       for seed in range(NUM_SEEDS)])
    error = values.mean() - norm(everything, batch)
    assert values.std() > 0
    assert abs(error) < 4 * values.std(ddof=1) / np.sqrt(NUM_SEEDS)


@pytest.mark.property
@pytest.mark.parametrize("full", FULL)
@pytest.mark.parametrize("sampling", [{"num_directions": 3}, {"num_columns": 7}])
def test_columns_are_those_of_the_full_jacobian(full, sampling):
    decoder, z = decoder_and_codes()
    everything = full(decoder, z, tf.sigmoid).tangents.numpy()
    latents, examples, _ = chosen_latents(z, seed=[5, 6], **sampling)
    examples = np.arange(len(z)) if examples is None else examples
    tangents = jacobian.Sampled(full, **sampling)(decoder, z, tf.sigmoid, seed=[5, 6]).tangents
    np.testing.assert_allclose(tangents, everything[examples[:, None], latents],
                               rtol=1e-9, atol=1e-13)


@pytest.mark.property
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("full", FULL)
@pytest.mark.parametrize("sampling", [{"num_directions": 10}, {"num_columns": 40}])
def test_all_columns_give_the_full_value(full, norm, sampling):
    decoder, z = decoder_and_codes()
    sampled = jacobian.Sampled(full, **sampling)(decoder, z, tf.sigmoid, seed=[0, 0])
    assert float(sampled.weight) == 1.0
    np.testing.assert_allclose(norm(sampled, 4), norm(full(decoder, z, tf.sigmoid), 4),
                               rtol=1e-9)


@pytest.mark.property
def test_directions_are_distinct_and_every_latent_comes_equally_often():
    # n = 2000 examples, 4 of 10 latents each: every latent 800 times, standard error 22.
    latents, examples, weight = chosen_latents(tf.zeros([2000, 10]), num_directions=4,
                                               seed=[1, 1])
    assert examples is None and weight == 2.5
    assert all(len(set(row)) == 4 for row in latents)
    counts = np.bincount(latents.ravel(), minlength=10)
    assert np.abs(counts - 800).max() < 4 * np.sqrt(2000 * 0.4 * 0.6)


@pytest.mark.property
def test_columns_are_distinct_pairs():
    latents, examples, weight = chosen_latents(tf.zeros([8, 10]), num_columns=16, seed=[1, 1])
    assert weight == 5.0 and latents.shape == (16, 1)
    assert len(set(zip(examples, latents[:, 0]))) == 16
    assert examples.max() < 8 and latents.max() < 10


@pytest.mark.property
@pytest.mark.parametrize("sampling", [{"num_directions": 3}, {"num_columns": 16}])
def test_choice_is_a_function_of_the_seed(sampling):
    z = tf.zeros([8, 10])
    first, again, other = (chosen_latents(z, seed=seed, **sampling)
                           for seed in ([1, 2], [1, 2], [2, 2]))
    np.testing.assert_array_equal(first[0], again[0])
    assert (first[0] != other[0]).any()


@pytest.mark.contract
@pytest.mark.parametrize("sampling, sentence", [
    ({"num_directions": 11}, "Expected a whole number of at least 1 and at most 10. Received: "
                             "num_directions=11."),
    ({"num_columns": 41}, "Expected a whole number of at least 1 and at most 40. Received: "
                          "num_columns=41."),
])
def test_more_columns_than_there_are(sampling, sentence):
    decoder, z = decoder_and_codes()
    with pytest.raises(ValueError) as error:
        jacobian.Sampled(**sampling)(decoder, z, tf.sigmoid, seed=[0, 0])
    assert sentence in str(error.value)


@pytest.mark.contract
def test_a_seed_is_needed():
    decoder, z = decoder_and_codes()
    with pytest.raises(ValueError, match="Expected two integers. Received: seed=None."):
        jacobian.Sampled(num_directions=1)(decoder, z, tf.sigmoid)


@pytest.mark.contract
def test_inside_a_graph_with_unknown_batch_size():
    decoder, z = decoder_and_codes()
    sampled = jacobian.Sampled(num_columns=7)

    @tf.function(input_signature=[tf.TensorSpec([None, 10], tf.float64)])
    def penalty(z):
        return jacobian.jacobian_l1(sampled(decoder, z, tf.sigmoid, seed=[1, 2]),
                                    tf.shape(z)[0])

    expected = jacobian.jacobian_l1(sampled(decoder, z, tf.sigmoid, seed=[1, 2]), 4)
    np.testing.assert_allclose(penalty(z), expected, rtol=1e-9)
