"""What may be given as images, and what is refused in one line."""
import keras
import numpy as np
import pytest
import tensorflow as tf
from models.test_small_batches import is_finite, make

from tf_disentangle import errors, models, networks, penalties, reconstruction, training
from tf_disentangle.data import image_values
from tf_disentangle.training import precision

FLOATS = (np.random.RandomState(0).randint(256, size=(12, 8, 8, 1)) / 255).astype(np.float32)
BYTES = np.round(FLOATS * 255).astype(np.uint8)


def batches(*arrays):
    return tf.data.Dataset.from_tensor_slices(arrays if len(arrays) > 1 else arrays[0]).batch(4)


class Pairs(keras.utils.PyDataset):
    def __len__(self):
        return 3

    def __getitem__(self, index):
        rows = slice(4 * index, 4 * index + 4)
        return BYTES[rows], np.arange(4)


AS_IMAGES = {
    "floats": FLOATS, "bytes": BYTES, "float64": FLOATS.astype(np.float64), "list": list(FLOATS),
    "nested_list": FLOATS.tolist(), "tensor": tf.constant(FLOATS), "grey": FLOATS[..., 0],
    "grey_bytes": BYTES[..., 0], "byte_tensor": tf.constant(BYTES)}

AS_BATCHES = {
    "dataset": batches(FLOATS), "dataset_of_bytes": batches(BYTES),
    "dataset_with_labels": batches(FLOATS, np.arange(12)),
    "dataset_of_pairs": batches(BYTES, BYTES), "dataset_of_grey": batches(FLOATS[..., 0]),
    "py_dataset": Pairs(workers=1)}


def learner():
    """Function from images to the weights after `fit`, always from the same first ones.

    One model does it all, so that a step is traced for new kinds of batches alone.
    """
    model = make()
    model.build([None, 8, 8, 1])
    model.optimizer.build(model.trainable_variables)
    everything = [*model.variables, *model.optimizer.variables]
    first = [variable.numpy() for variable in everything]

    def learn(images, batch_size=None):
        for variable, value in zip(everything, first, strict=True):
            variable.assign(value)
        model.fit(images, batch_size=batch_size, shuffle=False, verbose=0)
        assert int(model.step) == 3
        return model.get_weights()
    return learn


@pytest.fixture(scope="module")
def learn():
    """One model for all, with channels and without: TensorFlow then traces any number of axes."""
    return learner()


@pytest.fixture(scope="module")
def expected(learn):
    return learn(FLOATS, 4)


@pytest.mark.property
@pytest.mark.parametrize("name", [*AS_IMAGES, *AS_BATCHES])
def test_it_learns_the_same_from_all_of_them(name, learn, expected):
    found = learn(AS_IMAGES[name], 4) if name in AS_IMAGES else learn(AS_BATCHES[name])
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def weights_of_a_new_model(name):
    """Weights after `fit` of a model that is not built yet, without a trace."""
    model = make()
    model.compile(keras.optimizers.Adam(1e-3), run_eagerly=True)
    images, size = (AS_IMAGES[name], 4) if name in AS_IMAGES else (AS_BATCHES[name], None)
    model.fit(images, batch_size=size, shuffle=False, verbose=0)
    return model.get_weights()


@pytest.fixture(scope="module")
def expected_of_a_new_model():
    return weights_of_a_new_model("floats")


@pytest.mark.property
@pytest.mark.parametrize("name", [*AS_IMAGES, *AS_BATCHES])
def test_a_new_model_does_too(name, expected_of_a_new_model):
    for ours, theirs in zip(weights_of_a_new_model(name), expected_of_a_new_model, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.fixture(scope="module")
def shared():
    """A model that several tests use, so that its functions are traced once."""
    return make()


@pytest.mark.property
@pytest.mark.parametrize("name", AS_IMAGES)
def test_every_other_method_takes_them_too(name, shared):
    images, model = AS_IMAGES[name], shared
    for use in (lambda x: model.evaluate(x, verbose=0, batch_size=12),
                lambda x: model.test_on_batch(x), lambda x: model.predict(x, verbose=0).z_mean,
                lambda x: model.predict_on_batch(np.asarray(x)).z_mean,
                lambda x: model.loss_terms(x, draw=1)["loss"], lambda x: model.encode(x)[0],
                model.representation, model.transform, model.reconstruct,
                lambda x: model.call(x, [1, 2]).logits):
        np.testing.assert_allclose(use(images), use(FLOATS), rtol=1e-4, atol=1e-5)
    assert np.isfinite(model.train_on_batch(images)).all()


@pytest.mark.contract
def test_a_model_that_is_not_built_takes_grey_images():
    for use in (lambda m: m.fit(BYTES16[..., 0], verbose=0), lambda m: m(BYTES16[..., 0]),
                lambda m: m.representation(BYTES16[..., 0])):
        model = models.VAE()
        model.compile("adam")
        use(model)
        assert model.observation_shape == [64, 64, 1]


BYTES16 = np.random.RandomState(0).randint(256, size=(2, 64, 64, 1)).astype(np.uint8)

WRONG = {
    "255": (FLOATS * 255, "from 0.0 to 255.0"), "nan": (FLOATS * np.nan, "from nan to nan"),
    "inf": (np.where(FLOATS > 0.9, np.inf, FLOATS), "inf"),
    "minus_one": (2 * FLOATS - 1, r"\(images \+ 1\) / 2"),
    "masks": ((FLOATS > 0.5).astype(np.uint8), "0 and 1"), "int": (BYTES.astype(int), "uint8"),
    "shape": (FLOATS[:, :4], r"\[num_images, 8, 8, 1\], which the model is built for"),
    "channels": (np.repeat(FLOATS, 3, -1), r"\[num_images, 8, 8, 1\]"),
    "table": (FLOATS.reshape(12, -1), r"\[num_images, 8, 8, 1\]"),
    "empty": (FLOATS[:0], "one image or more"), "nothing": (None, "images"),
    "ragged": ([FLOATS[0], FLOATS[0, :4]], "images of one shape"),
    "strings": (np.array(["a"] * 4), "numbers")}


@pytest.mark.contract
@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_what_is_wrong_is_said_in_one_line(name, method):
    images, words = WRONG[name]
    model = make()
    options = {"verbose": 0} if method in ("fit", "evaluate") else {}
    with pytest.raises(errors.InvalidArgumentError, match=words) as caught:
        getattr(model, method)(images, **options)
    assert "\n" not in str(caught.value) and int(getattr(model, "step", 0)) == 0


@pytest.mark.contract
@pytest.mark.parametrize("steps_per_execution", [1, 2])
def test_it_is_said_of_batches_too(steps_per_execution):
    model = make()
    model.compile("adam", steps_per_execution=steps_per_execution)
    for name in ("nan", "inf", "255", "minus_one", "shape"):
        with pytest.raises(errors.InvalidArgumentError) as caught:
            model.fit(batches(WRONG[name][0]), verbose=0)
        assert "\n" not in str(caught.value) and is_finite(model), name


@pytest.mark.contract
@pytest.mark.parametrize("method", ["predict", "representation", "__call__", "loss_terms",
                                    "encode", "reconstruct", "transform", "update"])
def test_another_shape_is_said_everywhere(method):
    with pytest.raises(errors.InvalidArgumentError, match=r"\[num_images, 8, 8, 1\]") as caught:
        getattr(make(), method)(FLOATS[:, :4])
    assert "\n" not in str(caught.value)


@pytest.mark.contract
def test_a_build_that_failed_can_be_tried_again():
    model = models.VAE()
    model.compile("adam")
    with pytest.raises(errors.InvalidArgumentError, match="8"):
        model.fit(np.zeros((12, 4, 4, 1), np.float32), verbose=0)
    model.fit(BYTES16, verbose=0)


@pytest.mark.contract
def test_standardised_values_are_for_a_gaussian_loss():
    standard = (FLOATS - 0.5) * 4
    with pytest.warns(image_values.DataWarning, match="standardised"):
        make().fit(standard, verbose=0)
    gaussian = make(reconstruction_loss=reconstruction.L2Loss("linear"))
    gaussian.fit(standard, verbose=0)
    gaussian.fit(2 * FLOATS - 1, verbose=0)
    gaussian.fit(batches(2 * FLOATS - 1), verbose=0)
    assert not gaussian.reconstruction_loss.is_bounded and is_finite(gaussian)


@pytest.mark.contract
@pytest.mark.parametrize("use", [
    lambda m: m.fit(FLOATS, sample_weight=np.ones(12), verbose=0),
    lambda m: m.fit(batches(FLOATS, FLOATS, np.ones(12, "f")), verbose=0),
    lambda m: m.fit(FLOATS, validation_data=(FLOATS, None, np.ones(12)), verbose=0),
    lambda m: m.evaluate(FLOATS, sample_weight=np.ones(12), verbose=0),
    lambda m: m.train_on_batch(FLOATS, sample_weight=np.ones(12)),
    lambda m: m.test_on_batch(FLOATS, None, np.ones(12))])
def test_weights_of_images_are_refused_by_name(use):
    with pytest.raises(errors.InvalidArgumentError, match="`sample_weight`. Expected None.*batch"):
        use(make())


@pytest.mark.contract
def test_class_weights_targets_and_losses_of_others():
    model = make()
    with pytest.raises(errors.InvalidArgumentError, match="`class_weight`. Expected None"):
        model.fit(FLOATS, np.zeros(12), class_weight={0: 1.0}, verbose=0)
    for use in (lambda: model.fit(FLOATS, 1 - FLOATS, verbose=0),
                lambda: model.evaluate(FLOATS, 1 - FLOATS, verbose=0)):
        with pytest.raises(errors.InvalidArgumentError, match="`y`. Expected None, labels, or"):
            use()
    model.compile("adam", loss="mse")
    with pytest.warns(UserWarning, match="a loss of its own"):
        model.fit(FLOATS, FLOATS, verbose=0)
    with pytest.raises(errors.InvalidArgumentError, match="`validation_data`. Expected images"):
        model.fit(FLOATS, validation_data=(FLOATS * 255, None), verbose=0)


class RootOfZero(penalties.Penalty):
    """0, with a gradient of NaN."""
    default_name = "root_of_zero"

    def value(self, model, outputs, seed):
        return tf.reduce_sum(tf.sqrt(0 * outputs.z))


@pytest.mark.contract
@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize("use", [lambda m, x: m.fit(x, batch_size=4, verbose=0),
                                 lambda m, x: [m.train_on_batch(x) for _ in range(3)]])
def test_nan_does_not_reach_the_weights(use, jit_compile):
    for model, optimizer in ((make(), keras.optimizers.SGD(1e30)),
                             (make(penalties=[RootOfZero()]), keras.optimizers.SGD(0.1))):
        model.compile(optimizer, jit_compile=jit_compile)
        with pytest.raises(errors.NonFiniteLossError, match=r"The loss term `\w+` became (nan|inf) "
                                                            r"at step [123]\."):
            use(model, FLOATS)
        assert is_finite(model)
        assert all(float(mean.count) == 0 for mean in model.metrics)  # for the next `fit`


@pytest.mark.contract
def test_float16_with_scaled_losses():
    with precision.precision("mixed_float16"):
        model = make()
    model.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(1e-3)),
                  auto_scale_loss=False)
    assert np.isfinite(model.fit(BYTES, verbose=0).history["loss"]).all()
    with pytest.raises(errors.InvalidArgumentError, match="finite numbers"):
        model.fit(batches(FLOATS * np.nan), verbose=0)
    # A loss that overflows is said, and leaves finite weights.
    model.decoder.layers[-2].bias.assign(np.full(64, 3e38, "f"))
    with pytest.raises(errors.NonFiniteLossError):
        model.fit(FLOATS, verbose=0)
    assert is_finite(model)


@pytest.mark.contract
def test_an_update_needs_an_optimizer():
    encoder = networks.make_gaussian_encoder([64, 64, 1])
    for model in (models.VAE(), models.VAE(encoder=encoder), models.FactorVAE()):
        with pytest.raises(errors.UserError, match=r'has no optimizer .*call compile\("adam"\)'):
            model.update(BYTES16)


@pytest.mark.contract
@pytest.mark.parametrize("images", [BYTES16, BYTES16 / np.float32(255), BYTES16[..., 0]])
def test_train_model_takes_an_array_of_images(images):
    model = models.VAE()
    results = training.train_model(model, images, 1, batch_size=2, eval_steps=1)
    assert np.isfinite(results["loss"]) and model.observation_shape == [64, 64, 1]
