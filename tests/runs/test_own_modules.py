"""What a run's gin files imported is imported again with its model."""
import sys

import pytest
from helpers import tiny_run

from tf_disentangle import errors, trained
from tf_disentangle.configuration import parsing


@pytest.mark.contract
def test_modules_of_the_run_are_imported_and_a_missing_one_is_named(tmp_path, monkeypatch):
    run = tiny_run.copy_of_finished_run(tmp_path)
    with (run / "config.gin").open("a") as file:
        file.write("\nimport own_parts_of_a_run\n")
    with parsing.parsed(None, ["vae.beta = 1"]):
        with pytest.raises(errors.UserError, match="module that cannot be found: No module named "
                                                   "'own_parts_of_a_run'. Start the program"):
            trained.load_model(run)
    (tmp_path / "own_parts_of_a_run.py").write_text(
        "from tf_disentangle.configuration import registry\n"
        "@registry.register('own_part_of_a_run')\ndef part():\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    # gin is locked here, as it is where a metric's files have been read.
    with parsing.parsed(None, ["vae.beta = 1"]):
        trained.load_model(run)
    assert "own_parts_of_a_run" in sys.modules
    with parsing.parsed(None, ["vae.beta = @own_part_of_a_run"]):
        assert parsing.bound_value("vae.beta") is not None
