"""The table of factors beside a folder of pictures."""
import os
import unicodedata
import warnings

import gin
import numpy as np
import PIL.Image
import pytest

from tf_disentangle import data, errors
from tf_disentangle.data import files, image_folder, image_values, named_data, npz, text_table

NUM = 6


@pytest.fixture(name="folder")
def folder_fixture(tmp_path):
    folder = tmp_path / "photos"
    for i in range(NUM):
        path = folder / ("more" if i % 2 else "") / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        PIL.Image.fromarray(np.full((8, 8), 10 * i, np.uint8)).save(path)
    return folder


def write(folder, text, name="labels.csv", encoding="utf-8"):
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return folder / name


def made(folder, **arguments):
    return image_folder.make_image_folder(folder, size=8, channels=1, **arguments)


def by_picture(found):
    """Factors in the order of the pictures' numbers."""
    rows = np.arange(found.num_observations)
    greys = np.rint(found.observations_at(rows, None)[:, 0, 0, 0] * 255).astype(int) // 10
    return found.factors_at(rows)[np.argsort(greys)]


NAMES = ["0.png", "more/1.png", "2.png", "3.png", "4", "more/5"]


def table(delimiter=",", header="file,shape,size"):
    rows = [f"{name},{'cube' if i % 3 else 'ball'},{i % 2}" for i, name in enumerate(NAMES)]
    return "\n".join([header] * bool(header) + rows).replace(",", delimiter) + "\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_table_gives_factors(folder, delimiter, encoding):
    write(folder, table(delimiter), encoding=encoding)
    found = made(folder)
    assert found.factor_names == ["shape", "size"] and found.mixed_factors is None
    assert found.factor_value_names == {"shape": ["ball", "cube"], "size": ["size 0", "size 1"]}
    assert by_picture(found).dtype == np.int64
    np.testing.assert_array_equal(by_picture(found), [[i % 3 > 0, i % 2] for i in range(NUM)])


def test_parts_have_the_factors_of_their_pictures(folder):
    write(folder, table())
    whole = by_picture(made(folder))
    parts = [made(folder, split=split, train_fraction=0.5) for split in ("train", "test")]
    joined = np.concatenate([part.factors_at(np.arange(3)) for part in parts])
    all_rows = made(folder).factors_at(np.arange(NUM))
    np.testing.assert_array_equal(joined, all_rows)
    assert whole.shape == joined.shape and parts[0].factors_num_values == [2, 2]


def test_without_a_header_and_elsewhere(folder, tmp_path):
    elsewhere = write(tmp_path, table(header=""), "elsewhere.tsv")
    assert made(folder).num_factors == 0
    found = made(folder, labels=str(elsewhere))
    assert found.factor_names == ["factor_0", "factor_1"]
    write(folder, table())
    assert made(folder, labels=None).num_factors == 0
    gin.parse_config(["dataset.name = 'image_folder'", "image_folder.size = 8",
                      f"image_folder.path = '{folder}'", "image_folder.labels = 'auto'"])
    assert named_data.get_named_ground_truth_data().factor_names == ["shape", "size"]


def test_pictures_without_a_row_and_rows_without_a_picture(folder):
    lines = table().splitlines()
    write(folder, "\n".join([*lines[:4], "", "lost.png,cube,1", "gone.png,cube,1"]))
    with pytest.warns(image_values.DataWarning, match="has 2 rows .* lost.png in line 6"):
        found = made(folder)
    np.testing.assert_array_equal(
        by_picture(found), [[0, 0], [1, 1], [1, 0]] + [[np.nan, np.nan]] * 3)


@pytest.mark.parametrize("cell", ["", "nan", "NaN", "NA", "<NA>", "?", "#N/A", "-nan"])
def test_missing_and_continuous_values(folder, cell):
    write(folder, f"file;age\n0.png;0,5\n2.png;1,5\n4.png;{cell}\n3.png;-2\n")
    found = made(folder, continuous_factors=["age"])
    np.testing.assert_array_equal(by_picture(found)[:, 0], [0.5, np.nan, 1.5, -2, np.nan, np.nan])
    assert found.mixed_factors.continuous.tolist() == [True]
    discrete = made(folder)
    np.testing.assert_array_equal(by_picture(discrete)[:, 0], [1, np.nan, 2, 0, np.nan, np.nan])
    assert discrete.factor_value_names == {"age": ["age -2", "age 0.5", "age 1.5"]}


def test_the_table_and_the_file_of_arrays_agree(folder, tmp_path):
    values = np.array([["a", "2.5"], ["b", ""], ["", "10"], ["a", "2.5"], ["b", "-1"], ["c", "1"]])
    write(folder, "".join(f"{i}.png,{','.join(row)}\n" for i, row in enumerate(values)))
    images = np.broadcast_to((10 * np.arange(NUM, dtype=np.uint8))[:, None, None], (NUM, 8, 8))
    for given in (values, np.char.encode(values, "utf-8")):
        np.savez(tmp_path / "a.npz", images=images, factors=given)
        from_arrays = npz.make_npz(tmp_path / "a.npz")
        np.testing.assert_array_equal(by_picture(from_arrays), by_picture(made(folder)))
        assert from_arrays.factor_value_names == made(folder).factor_value_names


@pytest.mark.parametrize("text, sentence", [
    ("", "is empty"), ("\n\n", "is empty"), ("﻿", "is empty"),
    ("0.png\n2.png\n", "has a single column"),
    (b"\x89PNG\xff\xfe\x00", "is not text in UTF-8: byte 0"),
    (b"a,b\0\n", "is not a text file"), ("a,b\n".encode("utf-16"), "is in UTF-16"),
    ("0.png,1,2\n2.png,1\n", "has 2 cells in line 2, but 3 in line 1"),
    ("0.png,1\n2.png,1\n0.png,2\n", "names 0.png in line 1 and again in line 3"),
    ("0.png,1\n0,2\n", "names 0 in line 1 and again in line 2"),
    ("x.png,1\ny.png,2\n", "no row that names a picture of the folder; the first is x.png"),
    ("file,shape\n", "no row that names a picture of the folder."),
    ("file,a,a\n0.png,1,2\n", "several columns called 'a'"),
    ('0.png,"a\n', "is not a table"),
    ("0.png," + "x" * 1001, "more than 1000 characters in line 1")])
def test_bad_tables(folder, text, sentence):
    write(folder, text)
    with pytest.raises(data.DataFileError) as error:
        made(folder)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value) and "labels.csv" in str(error.value)


def test_ambiguous_names_and_missing_files(folder, tmp_path):
    PIL.Image.fromarray(np.zeros((8, 8), np.uint8)).save(folder / "more" / "0.png")
    write(folder, "0.png,1\nmore/0.png,2\n2.png,3\n")
    assert made(folder).num_factors == 1
    write(folder, "1.png,1\n0,2\n")
    with pytest.raises(data.DataFileError, match="several pictures are called so"):
        made(folder)
    with pytest.raises(data.DataFileError, match="no file .*none.csv; image_folder.labels"):
        made(folder, labels=tmp_path / "none.csv")
    with pytest.raises(data.DataFileError, match="photos is not a file"):
        made(folder, labels=folder)
    for argument, value in (("labels", 3), ("continuous_factors", 3),
                            ("discrete_factors", ["lenght"])):
        write(folder, "file,length\n2.png,3\n")
        with pytest.raises(errors.InvalidArgumentError, match=f"`{argument}`"):
            made(folder, **{argument: value})
    with pytest.raises(errors.InvalidArgumentError, match="because there is no table of factors"):
        made(folder, labels=None, continuous_factors=["length"])


@pytest.mark.parametrize("of_files, of_table", [("NFD", "NFC"), ("NFC", "NFD")])
@pytest.mark.parametrize("form", ["größe/café.png", "café.png", "café", "größe\\café"])
def test_accents_may_be_composed_or_not(folder, of_files, of_table, form):
    inner = folder / unicodedata.normalize(of_files, "größe")
    inner.mkdir()
    (folder / "0.png").rename(inner / unicodedata.normalize(of_files, "café.png"))
    written = unicodedata.normalize(of_table, form)
    write(folder, f"{written},7\n2.png,8\n")
    np.testing.assert_array_equal(by_picture(made(folder))[:3, 0], [0, np.nan, 1])
    write(folder, f"{written},7\n{unicodedata.normalize(of_files, form)},8\n")
    with pytest.raises(data.DataFileError, match="in line 1 and again in line 2"):
        made(folder)
    write(folder, unicodedata.normalize(of_table, "é.png,7\n2.png,8\n"))
    with pytest.warns(image_values.DataWarning, match=unicodedata.normalize(of_table, "é.png")):
        made(folder)


def test_names_that_differ_only_in_how_accents_are_written(folder):
    names = [unicodedata.normalize(form, "é.png") for form in ("NFC", "NFD")]
    for i, name in enumerate(names):
        (folder / f"{2 * i}.png").rename(folder / name)
    if len(set(os.listdir(folder)) & set(names)) < 2:
        pytest.skip("the file system takes both for one")
    write(folder, f"{names[0]},7\n{names[1]},8\n")
    np.testing.assert_array_equal(by_picture(made(folder))[:3, 0], [0, np.nan, 1])


def test_large_files_are_refused_unread(folder, monkeypatch):
    monkeypatch.setattr(text_table, "MOST_BYTES", 10)
    write(folder, table())
    with pytest.raises(data.DataFileError, match="Leave out rows and columns"):
        made(folder)


@pytest.mark.parametrize("column, sentence", [
    (["", "nan", "NA"], "no values"), (["7", "7", ""], "a single value")])
def test_columns_that_say_nothing(folder, column, sentence):
    write(folder, "file,x\n" + "".join(f"{2 * i}.png,{cell}\n" for i, cell in enumerate(column)))
    with pytest.warns(image_values.DataWarning, match=f"Column 'x' .* has {sentence}"):
        assert made(folder).factors_num_values == [1]


def test_nothing_else_is_said(folder):
    write(folder, table())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made(folder)


def test_a_table_of_something_else(folder):
    write(folder, "file," + ",".join(f"g{i}" for i in range(1001)) + "\n")
    with pytest.raises(files.DataFileError, match="has 1001 columns after the names of pictures; "
                       "there can be up to 1000"):
        made(folder)
