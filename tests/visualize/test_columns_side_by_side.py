"""Columns of several models on one page: which, in what order, how grey; and their program."""
import itertools
import pathlib

import numpy as np
import pytest
from absl import flags
from absl.testing import flagsaver
from helpers import tiny_run
from PIL import Image

from tf_disentangle import errors, export, models, visualize
from tf_disentangle.cli import runs
from tf_disentangle.cli import train as train_program
from tf_disentangle.cli import visualize as visualize_program
from tf_disentangle.visualize import columns_side_by_side as side_by_side
from tf_disentangle.visualize import visualize_model

LINEAR = """
import helpers.tiny_run
dataset.name = "tiny"
model.training_steps = 10
model.batch_size = 30
model.eval_steps = 1
encoder.num_latent = {num_latent}
model.model = @{name}()
"""


@pytest.fixture
def no_export(monkeypatch):
    """A SavedModel takes long."""
    tiny_run.finished_run()  # which has one
    monkeypatch.setattr(export, "export_saved_model", lambda model, path: None)


def _columns(num_latent, height=8, width=8, channels=1, seed=0):
    return np.random.RandomState(seed).normal(size=(num_latent, height, width, channels))


def _panel(page, number):
    """Enlarged images on a page after the first one, which is the example."""
    return [pixels for pixels, _, _ in page.images][number + 1]


@pytest.mark.oracle
def test_columns_come_by_norm_each_grey_on_a_scale_of_its_own():
    columns = np.zeros([3, 2, 2, 1])
    columns[0, 0, 0] = 0.5
    columns[1, :, :, 0] = [[3.0, -1.5], [0.0, 1.5]]
    page = side_by_side.columns_side_by_side_page(
        np.zeros([2, 2, 1]), [side_by_side.Panel("a", columns)])
    scale = _panel(page, 0).shape[0] // 2
    first, second, third = (_panel(page, number)[::scale, ::scale] for number in range(3))
    # 127.5 + 127.5 * share: 1, -1/2, 0 (a half, to the even number) and 1/2.
    np.testing.assert_array_equal(first[..., 0], [[255, 64], [128, 191]])
    np.testing.assert_array_equal(second[..., 0], [[255, 128], [128, 128]])
    assert np.all(third == 128), "a latent that changes nothing"
    assert np.all(first == first[..., :1])
    written = [text.get_text() for text in page.figure.texts]
    assert written[-4:] == ["a: 3 columns", "3.7", "0.5", "0"]


@pytest.mark.parametrize("most, drawn", [(None, [5, 2]), (4, [4, 2]), (1, [1, 1])])
def test_the_largest_columns_of_each_model_are_drawn(most, drawn):
    panels = [side_by_side.Panel(name, _columns(num)) for name, num in (("a", 5), ("b", 2))]
    page = side_by_side.columns_side_by_side_page(np.zeros([8, 8, 1]), panels, most)
    assert len(page.images) == 1 + sum(drawn)
    columns, norms = side_by_side.largest_columns(panels[0].columns, most)
    expected = np.sort(np.linalg.norm(panels[0].columns.reshape(5, -1), axis=1))[::-1]
    np.testing.assert_allclose(norms, expected[:most], rtol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(columns.reshape(len(norms), -1), axis=1), norms)
    titles = [text.get_text() for text in page.figure.texts]
    assert ("a: 5 columns" if most is None else f"a: {most} of 5 columns") in titles


@pytest.mark.parametrize("size, counts", [
    (16, [20, 20, 10, 10]), (16, [100, 100]), (16, [5, 5]), (64, [10] * 5), (16, [1])])
def test_nothing_overlaps_and_all_is_on_the_page(size, counts):
    from matplotlib.backends import backend_agg
    title = "natural_beta_vae_100_quick"
    page = side_by_side.columns_side_by_side_page(np.zeros([size, size, 1]), [
        side_by_side.Panel(title, _columns(count, size, size, seed=count)) for count in counts])
    renderer = backend_agg.FigureCanvasAgg(page.figure).get_renderer()
    boxes = [(left, top, left + pixels.shape[1], top + pixels.shape[0])
             for pixels, left, top in page.images]
    for text in page.figure.texts:
        box = text.get_window_extent(renderer)
        boxes.append((box.x0, page.height - box.y1, box.x1, page.height - box.y0))
    for left, top, right, bottom in boxes:
        assert 0 <= left <= right <= page.width and 0 <= top <= bottom <= page.height
    for a, b in itertools.combinations(boxes, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (a, b)


@pytest.mark.oracle
def test_columns_of_a_linear_model_are_its_own(tmp_path, monkeypatch):
    data, drawn = tiny_run.TinyData(), []
    model = models.PCA(num_components=3)
    model.build((None, *tiny_run.SHAPE))
    model.adapt(data.sample_observations(50, np.random.RandomState(0)))
    make_page = side_by_side.columns_side_by_side_page
    monkeypatch.setattr(side_by_side, "columns_side_by_side_page",
                        lambda *given: drawn.append(given) or make_page(*given))
    path = pathlib.Path(
        side_by_side.draw_side_by_side([("pca", model)], data, tmp_path / "new", 2, 7))
    (image, panels, most), = drawn
    assert path == tmp_path / "new" / "columns_side_by_side.png" and most == 2
    np.testing.assert_array_equal(image, data.sample_observations(
        1, np.random.RandomState(7))[0])
    np.testing.assert_allclose(panels[0].columns, model.columns, rtol=1e-6, atol=1e-9)
    side_by_side.draw_side_by_side([("pca", model)], data, tmp_path, 2, 7)
    assert (tmp_path / "columns_side_by_side.png").read_bytes() == path.read_bytes()
    for wrong in ({"most_columns": 0}, {"random_seed": -1}):
        with pytest.raises(errors.InvalidArgumentError, match=next(iter(wrong))):
            side_by_side.draw_side_by_side([("pca", model)], data, tmp_path, **wrong)


def test_models_of_other_images_are_refused(tmp_path):
    model = models.PCA(num_components=1)
    model.build((None, 4, 4, 1))
    with pytest.raises(errors.InvalidArgumentError, match="as the model takes"):
        side_by_side.draw_side_by_side([("a", model)], tiny_run.TinyData(), tmp_path)


def _program(*arguments):
    with flagsaver.flagsaver():
        names = flags.FLAGS(["program", *map(str, arguments)])[1:]
        visualize_program._visualize(names)


def test_the_program_trains_what_is_missing_and_draws_all(tmp_path, monkeypatch, capsys, no_export):
    monkeypatch.chdir(tmp_path)
    for name in ("pca", "fast_ica"):
        (tmp_path / f"{name}.gin").write_text(LINEAR.format(name=name, num_latent=3))
    arguments = ["pca.gin", tiny_run.finished_run(), "fast_ica.gin", "--num_columns", "2",
                 "--gin_bindings", "model.eval_steps = 2"]
    _program(*arguments)
    printed = capsys.readouterr().out.splitlines()
    assert [line.split(" ")[0] for line in printed] == [
        "Training", "Fitted", "Training", "Fitted", "Figure"]
    assert printed[-1] == "Figure    figures/columns_side_by_side.png"
    with Image.open(tmp_path / "figures" / "columns_side_by_side.png") as picture:
        first = np.asarray(picture)
    assert min(first.shape[:2]) > 100
    before = tiny_run.files_of(tmp_path / "runs")
    _program(*arguments, "--output_dir", "again")
    assert capsys.readouterr().out.count("is finished (10 steps); nothing was changed.") == 2
    assert tiny_run.files_of(tmp_path / "runs") == before
    np.testing.assert_array_equal(
        first, np.asarray(Image.open("again/columns_side_by_side.png")))
    with pytest.raises(errors.UserError, match="There is no model.keras in nowhere"):
        _program("runs/pca", "nowhere")


def test_all_pictures_of_a_linear_run_are_drawn(tmp_path, monkeypatch, no_export):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pca.gin").write_text(LINEAR.format(name="pca", num_latent=3))
    runs.train("runs/pca", ["pca.gin"], [])
    paths = visualize.visualize("runs/pca", num_examples=2, num_frames=2)
    assert {"reconstructions.png", "samples.png", "traversals.png", "traversals.gif",
            "jacobian_columns.png", "jacobian_columns_top6.png"} <= set(paths)
    assert visualize_model.visualize_side_by_side(["runs/pca"], "out").endswith(".png")


class _WithoutFactors(tiny_run.TinyData):
    factors_num_values = []


class _WithFewImages(tiny_run.TinyData):
    num_observations = 150


@pytest.mark.parametrize("data, flag", [
    (tiny_run.TinyData, "--gin_file local_mig.gin"),
    (_WithFewImages, "--metrics mig,mcc"),
    (_WithoutFactors, "--metrics reconstruction_error,hoyer")])
def test_what_to_do_next_can_be_done_with_the_data(data, flag):
    assert train_program._metric_for(data()) == flag
