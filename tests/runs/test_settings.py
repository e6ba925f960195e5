"""What a finished run was configured with, read back."""
import pytest

from tf_disentangle import errors, json_files
from tf_disentangle.configuration import gin_text, parsing
from tf_disentangle.data import named_data
from tf_disentangle.runs import results, settings


def run(folder, **config):
    """A run of which only the configuration is there."""
    json_files.save(config, results.config_path(folder, results.TRAIN))
    return folder


def test_settings_with_macros_resolved(tmp_path):
    found = settings.settings_of(run(tmp_path, BETA="4.0", **{
        "vae.beta": "%BETA", "vae.penalties": "[@one(), %BETA]", "model.name": "'%BETA'"}))
    assert found == {"BETA": 4.0, "vae.beta": 4.0, "vae.penalties": "[@one(), 4.0]",
                     "model.name": "%BETA"}
    assert isinstance(found["vae.penalties"], gin_text.Reference)


def test_the_data_set(tmp_path):
    run(tmp_path, SIDE="8", NAME="'image_folder'", **{
        "dataset.name": "%NAME", "dataset.source": "'files'", "image_folder.path": "'photos'",
        "image_folder.size": "[%SIDE, 16]", "image_folder.channels": "@channels()",
        "npz.path": "'other.npz'", "model.batch_size": "64"})
    assert settings.dataset_name(tmp_path) == "image_folder"
    assert settings.dataset_bindings(tmp_path) == {
        "image_folder.path": "photos", "image_folder.size": [8, 16], "dataset.source": "files",
        "dataset.name": "image_folder"}


def test_a_run_that_names_no_data_set(tmp_path):
    run(tmp_path)
    for read in (settings.dataset_name, settings.dataset_bindings):
        with pytest.raises(errors.UserError, match="names no data set. Bind dataset.name"):
            read(tmp_path)
    with pytest.raises(errors.UserError, match="^Cannot read .*train_config.json"):
        settings.settings_of(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["three_dots", "threeDots"])
def test_parameters_of_a_data_set_come_back(tmp_path, name):
    with parsing.parsed(None, ["SIZE = 5", f"{name}.granularity = %SIZE",
                               f"dataset.name = '{name}'"]):
        named_data.get_named_ground_truth_data()
        config = gin_text.gin_dict(parsing.operative_config())
    bindings = settings.dataset_bindings(run(tmp_path, **config))
    assert bindings == {f"{name}.granularity": 5, "dataset.source": "files", "dataset.name": name}
    with parsing.parsed():
        for key, value in bindings.items():
            parsing.rebind(key, value)
        assert named_data.get_named_ground_truth_data().factors_num_values == [5] * 6
