"""Pictures of a model of vectors: the columns' names, and the numbers that are drawn."""
import numpy as np
import pytest

from tf_disentangle import data, visualize
from tf_disentangle.visualize import (
    columns_side_by_side,
    plots,
    vector_tables,
    vectors,
    visualize_dataset,
)

NAMES = ["height", "weight", "a name that is much too long to be shown whole"]


@pytest.fixture
def figures(monkeypatch):
    """The figures that are rendered, in order."""
    seen = []
    monkeypatch.setattr(plots, "render", lambda figure: seen.append(figure) or np.zeros(
        (2, 2, 3), np.uint8))
    return seen


def columns(names=NAMES):
    return vectors.Columns(list(names), "unit")


def names_of(axes):
    return [label.get_text() for label in axes.get_yticklabels()]


def test_bars_are_the_means_of_the_columns(figures):
    jacobians = np.random.RandomState(0).normal(size=(10, 2, 3)) * [[1, 1, 1], [5, 5, 5]]
    vectors.jacobian_picture(jacobians, columns())
    first, second = figures[0].axes
    assert names_of(first) == ["height", "weight", "a name that is much too l..."]
    assert first.get_title().startswith("z1: ") and second.get_title().startswith("z0: ")
    for axes, latent in ((first, 1), (second, 0)):
        np.testing.assert_allclose([bar.get_width() for bar in axes.patches],
                                   jacobians[:, latent].mean(axis=0))


def test_traversals_show_the_largest_kl_first(figures):
    means = np.arange(2 * 5 * 3, dtype=float).reshape(2, 5, 3)
    vectors.traversals_picture(means, np.linspace(-2, 2, 5), np.array([0.5, 1.5]), "the prior",
                               columns())
    axes = figures[0].axes[0]
    assert axes.get_title() == "z1: 1.50"
    np.testing.assert_array_equal([line.get_xdata() for line in axes.lines], means[1])
    assert [text.get_text() for text in figures[0].legends[0].get_texts()] == [
        "z = -2", "z = -1", "z = 0", "z = 1", "z = 2"]


def test_reconstructions_and_samples(figures):
    rows, decoded = np.random.RandomState(0).normal(size=(2, 9, 3))
    vectors.reconstructions_picture(rows, decoded, columns())
    vectors.samples_picture(rows, decoded, columns())
    drawn = figures[0].axes[8].lines
    np.testing.assert_array_equal(drawn[0].get_xdata(), rows[8])
    np.testing.assert_array_equal(drawn[1].get_xdata(), decoded[8])
    np.testing.assert_array_equal(figures[1].axes[0].lines[1].get_xdata(), decoded.T.ravel())


def test_names_of_very_many_columns_are_left_out(figures):
    vectors.jacobian_picture(np.ones((1, 1, 200)), columns([f"c{i}" for i in range(200)]))
    assert "c7" not in names_of(figures[0].axes[0])


def test_a_table_is_drawn_with_its_names(tmp_path, make_model):
    rows = np.random.RandomState(0).normal(size=(30, 3)) * [1e-6, 1, 1e6]
    table = data.ImageSet(rows.astype(np.float32), columns=data.TableColumns.of(rows, NAMES))
    model = make_model([3], 2)
    model.use_columns(table.table_columns)
    assert vectors.columns_of(model).names == NAMES
    paths = visualize.draw_all(model, table, tmp_path)
    assert {f"{stem}.{ending}" for ending in ("png", "csv") for stem in (
        "reconstructions", "samples", "traversals", "jacobian_columns", "aggregate_posterior",
        "posteriors")} == set(paths)


def test_two_columns_of_a_table_are_no_points(tmp_path, make_model, make_data, figures):
    rows = np.random.RandomState(0).normal(size=(30, 2)) * [1e-6, 1e6]
    table = data.ImageSet(rows.astype(np.float32), columns=data.TableColumns.of(rows, NAMES[:2]))
    model = make_model([2], 3)
    model.use_columns(table.table_columns)
    visualize.draw_all(model, table, tmp_path)
    visualize_dataset.draw_dataset(table, tmp_path)
    assert [names_of(figure.axes[0]) for figure in figures] == [NAMES[:2]] * 5
    # Without names and units of their own, two values are points.
    points = make_data([2])
    visualize_dataset.draw_dataset(points, tmp_path)
    assert figures[5].axes[0].get_aspect() == 1
    assert vectors.are_points(points) and not vectors.are_points(table)


def test_the_numbers_behind_the_pictures():
    values = np.arange(12.0).reshape(2, 2, 3)
    assert vector_tables.reconstructions(values[0], values[1], NAMES)[1][4] == [1, NAMES[1], 4, 10]
    assert vector_tables.samples(values[0], values[1], NAMES)[1][2] == ["prior", 6, 7, 8]
    assert vector_tables.traversals(values, [-2, 2], NAMES)[1][3] == ["z1", 2, 9, 10, 11]
    assert vector_tables.jacobian(values, NAMES)[1][1] == ["z0", NAMES[1], 4, 3]


def test_models_side_by_side(tmp_path, make_model, make_data):
    models = [("one", make_model([3], 2)), ("other", make_model([3], 4))]
    path = columns_side_by_side.draw_side_by_side(models, make_data([3]), tmp_path, 3)
    assert path.endswith("columns_side_by_side.png")
