"""`bin/rotate` in this process."""
import pytest
from helpers import programs, tiny_run

from tf_disentangle.cli import rotate

pytestmark = pytest.mark.contract


def test_it_says_what_was_done(monkeypatch, capfd, tmp_path):
    model_dir = tiny_run.copy_of_finished_run(tmp_path)
    code, out, err = programs.run(rotate, monkeypatch, capfd, "--model_dir", model_dir,
                                  "--criterion", "quartimax", "--num_images", 32)
    lines = out.splitlines()
    assert code == 0 and lines[0].startswith("Rotated 3 of 3 latents: Jacobians of 32 images in ")
    assert [line.split()[0] for line in lines[1:6]] == [
        "before", "criterion", "reconstruction_loss", "kl_loss", "elbo"]
    assert lines[6:] == ["Losses and ELBO are means over these 32 images.",
                         f"Run       {model_dir}_rotated",
                         f"Figure    {model_dir}_rotated/figures/columns_side_by_side.png"]
    code, out, err = programs.run(rotate, monkeypatch, capfd, "--model_dir", model_dir)
    assert code == 1 and out == "" and len(err.splitlines()) == 1
    assert "copy_rotated already holds a run. Give --overwrite" in err


@pytest.mark.parametrize("arguments, message", [
    ([], "Error: No --model_dir was given. Give the directory of a finished run."),
    (["--model_dir", "nowhere"], "Error: There is no model.keras in nowhere"),
    (["--model_dir", "nowhere", "--output_dir", "/proc/out"], "Error: Cannot write /proc/out: "),
    (["--model_dir", "nowhere", "--gin_file", "a.gin"], "Error: --gin_file does nothing here."),
])
def test_what_is_refused(monkeypatch, capfd, tmp_path, arguments, message):
    monkeypatch.chdir(tmp_path)
    code, out, err = programs.run(rotate, monkeypatch, capfd, *arguments)
    assert code == 1 and out == "" and err.startswith(message) and len(err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_help(monkeypatch, capfd):
    code, out, err = programs.run(rotate, monkeypatch, capfd, "--help")
    assert code == 0 and err == "" and "`bin/rotate`" in out and "--criterion" in out
