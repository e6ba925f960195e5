"""Names of data sets: the package's, a user's, and those that do not exist."""
import gin
import numpy as np
import pytest

from tf_disentangle import errors
from tf_disentangle.configuration import gin_files, parsing
from tf_disentangle.data import dummy_data, named_data, three_dots


@pytest.fixture(autouse=True)
def restore(monkeypatch):
    monkeypatch.setattr(named_data, "_constructors", dict(named_data._constructors))
    yield
    gin.clear_config()


@pytest.mark.parametrize("name, kind", [
    ("three_dots", three_dots.ThreeDots), ("threeDots", three_dots.ThreeDots),
    ("three_dots_train", three_dots.ThreeDotsTrainingSet),
    ("threeDotsCache", three_dots.ThreeDotsTrainingSet),
    ("three_dots_train_small", three_dots.ThreeDotsTrainingSet),
    ("threeDotsCacheSmall", three_dots.ThreeDotsTrainingSet),
    ("dummy_data", dummy_data.DummyData), ("identity", dummy_data.IdentityObservationsData),
])
def test_names(name, kind):
    assert type(named_data.get_named_ground_truth_data(name)) is kind
    assert name in named_data.dataset_names()


@pytest.mark.parametrize("name, num_images", [("three_dots_train", 500000),
                                              ("three_dots_train_small", 20000)])
def test_training_sets_have_their_number_of_images(name, num_images):
    data = named_data.get_named_ground_truth_data(name)
    expected = three_dots.ThreeDotsTrainingSet(num_images)
    np.testing.assert_array_equal(data.sample_factors(100, np.random.RandomState(0)),
                                  expected.sample_factors(100, np.random.RandomState(0)))
    assert expected._factors.shape == (num_images, 6)


def test_gin_binds_the_name():
    gin.parse_config("dataset.name = 'three_dots'")
    assert type(named_data.get_named_ground_truth_data()) is three_dots.ThreeDots
    data = named_data.get_named_ground_truth_data("identity")
    assert type(data) is dummy_data.IdentityObservationsData


@pytest.mark.parametrize("name, sentence", [
    ("three_dot", "Received: name='three_dot'. Did you mean 'three_dots'?"),
    ("xyz", "Valid names: abstract_dsprites, abstract_dsprites_rendered,"),
    (None, "Received: name=None. Valid names: abstract_dsprites,"),
])
def test_unknown_name(name, sentence):
    with pytest.raises(errors.InvalidArgumentError) as error:
        named_data.get_named_ground_truth_data(name)
    assert sentence in str(error.value) and error.value.argument == "name"


def test_sources(monkeypatch):
    assert set(named_data.dataset_names("tfds")) < set(named_data.dataset_names())
    with pytest.raises(errors.InvalidArgumentError, match="Expected 'files' for three_dots. "
                       "Received: source='tfds'. TensorFlow Datasets has only"):
        named_data.get_named_ground_truth_data("three_dots", source="tfds")
    with pytest.raises(errors.InvalidArgumentError, match="one of 'files', 'tfds'"):
        named_data.get_named_ground_truth_data("three_dots", source="net")
    with pytest.raises(errors.InvalidArgumentError, match="Did you mean 'shapes3d'"):
        named_data.get_named_ground_truth_data("shapes3e", source="tfds")
    monkeypatch.setattr(named_data, "_from_tfds", {})
    named_data.register_dataset("three_dots", source="tfds")(dummy_data.DummyData)
    gin.parse_config(["dataset.name = 'three_dots'", "dataset.source = 'tfds'"])
    assert type(named_data.get_named_ground_truth_data()) is dummy_data.DummyData


def test_parameters_go_to_the_constructor():
    named_data.register_dataset("dots_of_a_user")(three_dots.ThreeDots)
    data = named_data.get_named_ground_truth_data("dots_of_a_user", granularity=5)
    assert data.factors_num_values == [5] * 6


def test_a_user_registers_a_data_set():
    @named_data.register_dataset("dots_16", "my_alias")
    def dots_16():
        return three_dots.ThreeDots(16)

    for name in ("dots_16", "my_alias"):
        data = named_data.get_named_ground_truth_data(name)
        assert data.factors_num_values == [16] * 6
    assert dots_16().factors_num_values == [16] * 6
    named_data.register_dataset("dots_16")(dots_16)            # a second time: no error


def test_a_taken_name_is_refused_and_nothing_is_registered():
    with pytest.raises(errors.InvalidArgumentError, match="name='three_dots'"):
        named_data.register_dataset("new_name", "three_dots")(dummy_data.DummyData)
    assert "new_name" not in named_data.dataset_names()
    data = named_data.get_named_ground_truth_data("three_dots")
    assert type(data) is three_dots.ThreeDots


@pytest.mark.parametrize("name", ["three_dots", "threeDots"])
def test_gin_binds_parameters_of_a_class(name):
    with parsing.parsed(None, [f"dataset.name = '{name}'", f"{name}.granularity = 5"]):
        made = named_data.get_named_ground_truth_data()
        assert type(made) is three_dots.ThreeDots and made.factors_num_values == [5] * 6
        assert parsing.unused_bindings() == []
        assert f"{name}.granularity = 5" in parsing.operative_config()
        # Arguments take precedence, and a plain call ignores gin.
        given = named_data.get_named_ground_truth_data(name, granularity=7)
        assert given.factors_num_values == [7] * 6
        assert three_dots.ThreeDots().factors_num_values == [64] * 6


def test_parameters_of_another_name_have_no_effect_and_are_reported():
    with parsing.parsed(None, ["three_dots.granularity = 5"]):
        made = named_data.get_named_ground_truth_data("threeDots")
        assert made.factors_num_values == [64] * 6
        assert parsing.unused_bindings() == ["three_dots.granularity"]


@pytest.mark.parametrize("binding, sentence", [
    ("three_dots.granularty = 5",
     "`three_dots` has no parameter `granularty`. Did you mean 'granularity'?"),
    ("dummy_data.size = 5", "`dummy_data` has no parameter `size`. It has none."),
    ("cars3d.size = 5", "`cars3d` has no parameter `size`. It has none."),
    ("image_folder.cache = True", "`image_folder` has no parameter `cache`."),
    ("celeba.source = 'tfds'", "`celeba` has no parameter `source`.")])
def test_parameters_that_cannot_be_bound(binding, sentence):
    with pytest.raises(gin_files.ConfigError) as error:
        with parsing.parsed(None, [binding]):
            pass
    assert sentence in str(error.value) and "\n" not in str(error.value)


def test_a_value_that_the_class_refuses_is_placed(tmp_path):
    (tmp_path / "a.gin").write_text("dataset.name = 'three_dots'\nthree_dots.granularity = 1\n")
    with pytest.raises(errors.InvalidArgumentError, match="`granularity`") as error:
        with parsing.parsed([tmp_path / "a.gin"]):
            named_data.get_named_ground_truth_data()
    assert error.value.place == f"{tmp_path / 'a.gin'}:2"


def test_names_that_gin_cannot_have_are_names_all_the_same():
    named_data.register_dataset("dots 16")(three_dots.ThreeDots)
    assert named_data.get_named_ground_truth_data("dots 16", granularity=3).factors_num_values == (
        [3] * 6)


def test_a_name_of_something_else_in_gin_is_refused():
    with pytest.raises(errors.InvalidArgumentError, match="nothing else has in gin files"):
        named_data.register_dataset("dataset")(dummy_data.DummyData)
    assert "dataset" not in named_data.dataset_names()


def test_one_declaration_for_both_sources(monkeypatch):
    monkeypatch.setattr(named_data, "_from_tfds", dict(named_data._from_tfds))

    @named_data.register_dataset("from_both", source=named_data.SOURCES)
    def make(granularity=9, source="files"):
        return source, granularity

    with parsing.parsed(None, ["from_both.granularity = 4", "dataset.name = 'from_both'"]):
        assert named_data.get_named_ground_truth_data() == ("files", 4)
        assert named_data.get_named_ground_truth_data(source="tfds") == ("tfds", 4)
        assert make() == ("files", 9)
