"""Folders with unusual or broken pictures, which are read correctly or refused in one line."""
import os
import re
import shutil
import signal
import socket
import struct
import warnings
import zlib

import numpy as np
import PIL.Image
import pytest

from tf_disentangle import data, errors
from tf_disentangle.data import files, image_folder, picture_files, pictures, room, whole_files

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="no pipes, no alarms here")

RANDOM = np.random.RandomState(0)
PICTURE = RANDOM.randint(256, size=(12, 10, 3)).astype(np.uint8)
SMOOTH = np.uint8(np.add.outer(np.arange(12), np.arange(10))[..., None] * [8, 4, 2])


def _late(signum, frame):
    raise AssertionError("not done in 30 s")


@pytest.fixture(autouse=True)
def nothing_waits():
    """Opening a named pipe would wait forever."""
    signal.signal(signal.SIGALRM, _late)
    signal.alarm(30)
    yield
    signal.alarm(0)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "photos").mkdir()
    PIL.Image.fromarray(PICTURE).save(tmp_path / "photos" / "good.png")
    return tmp_path / "photos"


def refused(folder, *parts, cache=False, **arguments):
    """The error is one line that has all the parts, and nothing is written beside the folder."""
    with pytest.raises(errors.UserError) as error:
        image_folder.make_image_folder(folder, **{"size": 4, **arguments}, cache=cache)
    line = str(error.value).split("\n  In call to")[0]
    assert line.isprintable() and all(part in line for part in parts), line
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    return error.value


@pytest.mark.parametrize("cache", [False, True])
def test_what_is_no_file(folder, cache):
    place = folder / "x.png"
    os.mkfifo(place)
    refused(folder, "x.png should be a picture, but is a named pipe", cache=cache)
    with pytest.raises(data.DataFileError, match="a named pipe"):
        pictures.grey(place)
    place.unlink()
    place.symlink_to("/dev/zero")
    refused(folder, "x.png", "a device", cache=cache)
    place.unlink()
    place.symlink_to(folder / "nothing.png")
    refused(folder, "x.png cannot be read: FileNotFoundError", cache=cache)
    place.unlink()
    place.symlink_to(place)
    refused(folder, "x.png cannot be read: OSError", cache=cache)
    place.unlink()
    with socket.socket(socket.AF_UNIX) as listening:
        before = os.getcwd()
        os.chdir(folder)
        try:
            listening.bind("x.png")
        finally:
            os.chdir(before)
        refused(folder, "x.png should be a picture, but is a socket", cache=cache)
    place.unlink()
    place.mkdir()                                           # folders can have such names, too
    shutil.copy(folder / "good.png", place / "y.png")
    assert image_folder.make_image_folder(folder, 4).num_observations == 2


def contents(tmp_path):
    """(name, bytes, message) of pictures that have been damaged."""
    path = tmp_path / "a"
    for suffix in (".png", ".jpg", ".gif", ".bmp", ".tif", ".webp"):
        PIL.Image.fromarray(RANDOM.randint(256, size=(64, 64, 3)).astype(np.uint8)).save(
            path.with_suffix(suffix))
        whole = path.with_suffix(suffix).read_bytes()
        path.with_suffix(suffix).unlink()
        yield f"cut{suffix}", whole[:len(whole) // 2], "cannot be read: "
        yield f"begin{suffix}", whole[:8], "cannot be read: "
        yield f"empty{suffix}", b"", "cannot be read: it is empty"
        yield f"zeros{suffix}", bytes(999), "cannot be read: "
        yield f"page{suffix}", b"<html>" * 99, "cannot be read: "
        yield f"noise{suffix}", RANDOM.bytes(999), "cannot be read: "


def test_damaged_files(folder, tmp_path_factory):
    for name, content, sentence in contents(tmp_path_factory.mktemp("other")):
        (folder / name).write_bytes(content)
        for cache in (False, True):
            refused(folder, name, sentence, cache=cache)
        (folder / name).unlink()


def test_too_many_pixels(folder, monkeypatch):
    PIL.Image.new("1", (20000, 20000)).save(folder / "bomb.png")
    refused(folder, "bomb.png is too large: Image size (400000000 pixels) exceeds limit")
    (folder / "bomb.png").unlink()
    monkeypatch.setattr(room, "available_memory", lambda: 5_000_000)
    PIL.Image.new("1", (2000, 1000)).save(folder / "large.png")
    refused(folder, "large.png of 2000x1000 pixels takes 24 MB of memory, of which 5 MB are free")


def test_unreadable_folders_and_files(folder, monkeypatch):
    (folder / "closed").mkdir()
    scandir = os.scandir

    def closed(path):
        if os.fspath(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    refused(folder, "closed cannot be read: Permission denied")
    monkeypatch.undo()
    if os.geteuid():
        (folder / "good.png").chmod(0)
        refused(folder, "good.png cannot be read: PermissionError")


@pytest.mark.parametrize("name", ["žluťoučký kůň.png", "图片.PNG", "a\nb.png", "a\tb\x1b[31m.png",
                                  os.fsdecode(b"\xff\xfe.png"), "[1],*?'\".png", "-x.png"])
@pytest.mark.parametrize("cache", [False, True])
def test_names_of_any_letters(name, folder, cache):
    shutil.copy(folder / "good.png", folder / name)
    made = image_folder.make_image_folder(folder, 4, cache=cache)
    assert made.num_observations == 2
    again = image_folder.make_image_folder(folder, 4)
    np.testing.assert_array_equal(
        again.observations_at([0, 1], None), made.observations_at([0, 1], None))
    for path in folder.parent.glob("photos_*"):
        path.unlink()
    (folder / name).write_bytes(b"damaged")
    refused(folder, files.shown(name), "cannot be read", cache=cache)
    (folder / name).unlink()
    (folder / "good.png").unlink()
    folder.rmdir()
    (folder.parent / name).mkdir()
    refused(folder.parent / name, "no pictures", files.shown(name))


def read(picture, path, form=None, **options):
    picture.save(path, **options)
    form = pictures.Form(picture.height, picture.width, 3) if form is None else form
    return pictures.read([path], form, path.parent)[0]


def test_modes(tmp_path):
    base = PIL.Image.fromarray(SMOOTH)
    expected = np.asarray(base)
    grey = np.asarray(base.convert("L"))
    alpha = PIL.Image.fromarray(np.uint8(255 * (np.arange(120).reshape(12, 10) % 2)))
    on_white = np.where(np.asarray(alpha)[..., None] > 0, expected, 255)
    palette = base.quantize(120)
    turned = base.convert("RGBA")
    turned.putalpha(alpha)
    faded = base.convert("LA")
    faded.putalpha(alpha)
    threes = np.repeat(grey[..., None], 3, axis=2)
    for picture, wanted, suffix, tolerance in (
            (base, expected, ".png", 0), (base.convert("L"), threes, ".png", 0),
            (palette, expected, ".png", 2), (palette, expected, ".gif", 2),
            (turned, on_white, ".png", 0), (turned, on_white, ".tif", 0),
            (faded, np.where(np.asarray(alpha)[..., None] > 0, threes, 255), ".png", 0),
            (base.convert("CMYK"), expected, ".tif", 0),
            (base.convert("YCbCr"), expected, ".tif", 3),
            (base.convert("1"), np.repeat(np.asarray(base.convert("1"))[..., None] * 255, 3, 2),
             ".png", 0),
            (PIL.Image.fromarray(grey.astype(np.uint16) * 257), threes, ".png", 0),
            (PIL.Image.fromarray(grey.astype(np.uint16) * 257), threes, ".tif", 0),
            (PIL.Image.fromarray(grey.astype(np.int32) * 257), threes, ".tif", 0)):
        found = read(picture, tmp_path / f"a{suffix}")
        assert np.abs(found.astype(int) - wanted).max() <= tolerance, (picture.mode, suffix)
    clear = palette.copy()
    clear.info["transparency"] = palette.getpixel((0, 0))
    found = read(clear, tmp_path / "b.png", transparency=palette.getpixel((0, 0)))
    assert (found[0, 0] == 255).all()


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp", ".tif"])
def test_the_first_frame_of_several(suffix, tmp_path):
    frames = [PIL.Image.fromarray(np.full((6, 6, 3), level, np.uint8)) for level in (40, 200, 90)]
    options = {"lossless": True} if suffix == ".webp" else {}
    found = read(frames[0], tmp_path / f"a{suffix}", save_all=True, append_images=frames[1:],
                 **options)
    assert np.abs(found.astype(int) - 40).max() <= 1


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_pictures_that_a_camera_turned(suffix, turn, tmp_path):
    upright = np.zeros((16, 32, 3), np.uint8)
    upright[:8, :16], upright[:8, 16:], upright[8:, :16] = 240, 160, 80
    # The pixels that are stored for each of the eight positions of the camera.
    stored = {1: upright, 2: upright[:, ::-1], 3: upright[::-1, ::-1], 4: upright[::-1],
              5: upright.swapaxes(0, 1), 6: np.rot90(upright),
              7: np.rot90(upright.swapaxes(0, 1), 2),
              8: np.rot90(upright, -1)}[turn]
    exif = PIL.Image.Exif()
    exif[0x0112] = turn
    found = read(PIL.Image.fromarray(np.ascontiguousarray(stored)), tmp_path / f"a{suffix}",
                 pictures.Form(16, 32, 3), exif=exif)
    middle = found[4::8, 8::16, 0].astype(int)
    assert np.abs(middle - [[240, 160], [80, 0]]).max() <= 6


def test_every_size_of_picture_and_result():
    """The part that is used is within the picture, no matter how numbers are rounded."""
    sides = [1, 2, 3, 7, 27, 100, 178, 218, 333, 506, 1007, 4032, 10000]
    for width in sides:
        for height in sides:
            for goal in (1, 3, 28, 31, 64, 97):
                for form in (pictures.Form(goal, goal, 3), pictures.Form(goal, 2 * goal + 1, 3),
                             pictures.Form(goal, goal, 3, None),
                             pictures.Form(goal, goal, 3, min(width, height))):
                    left, top, right, bottom = pictures._box((width, height), form, 1)
                    assert 0 <= left < right <= width and 0 <= top < bottom <= height
    for side in range(1, 700):
        for goal in (28, 32, 61, 64):
            box = pictures._box((side, side), pictures.Form(goal, goal, 3), 1)
            assert min(box) >= 0 and max(box) <= side


@pytest.mark.parametrize("sides", [(506, 506), (1, 1), (1, 10000), (10000, 1), (2, 3), (1007, 608),
                                   (1001, 601), (253, 1012)])
@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_sides_of_all_kinds(sides, suffix, tmp_path):
    picture = PIL.Image.new("RGB", sides, (100, 100, 100))
    for form in (pictures.Form(28, 28, 3), pictures.Form(28, 13, 1), pictures.Form(28, 28, 3, None),
                 pictures.Form(5, 64, 3), pictures.Form(28, 28, 3, min(sides))):
        found = read(picture, tmp_path / f"a{suffix}", form)
        assert found.shape == form.shape(1)[1:] and np.abs(found.astype(int) - 100).max() <= 1


def test_links_in_a_circle(folder):
    inner = folder / "inner"
    inner.mkdir()
    (inner / "up").symlink_to(folder)
    (inner / "self").symlink_to(inner / "self")
    (inner / "there").symlink_to(inner / "back")
    (inner / "back").symlink_to(inner / "there")
    assert [path.name for path in picture_files.find(folder)] == ["good.png"]


@pytest.mark.parametrize("size", [1_000_000, 65_536, 10**400, [10**9, 1], 2**40])
@pytest.mark.parametrize("cache", [False, True])
def test_sizes_that_nobody_has_room_for(folder, size, cache):
    assert refused(folder, "`size`", size=size, cache=cache).argument == "size"


def test_memory_and_disk_are_asked_first(folder, monkeypatch):
    monkeypatch.setattr(pictures, "_read_one", None)        # nothing is read
    monkeypatch.setattr(room, "available_memory", lambda: 3_000_000)
    refused(folder, "`size`", "1 pictures of 2000x2000x3 bytes", "of which 3 MB are free",
            size=2000)
    monkeypatch.setattr(room, "available_memory", lambda: 10**12)
    usage = shutil._ntuple_diskusage(1, 1, 7_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    refused(folder, "photos_2000x2000_rgb_middle.npy takes 12 MB on the disk of", "7 MB are free",
            size=2000, cache=True)


def test_nothing_is_left_of_a_cache_that_fails(folder, monkeypatch):
    for i in range(20):
        shutil.copy(folder / "good.png", folder / f"{i}.png")
    (folder / "bad.png").write_bytes(b"damaged")
    refused(folder, "bad.png", cache=True)
    (folder / "bad.png").unlink()

    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    refused(folder, "photos_4x4_rgb_middle.npy: No space left", cache=True)
    monkeypatch.undo()
    monkeypatch.setattr(type(folder), "write_bytes", full)
    refused(folder, "photos_4x4_rgb_middle.sha256: No space left", cache=True)


def test_no_link_is_written_through(tmp_path):
    target, elsewhere = tmp_path / "a.npy", tmp_path / "elsewhere"
    elsewhere.write_bytes(b"precious")
    (tmp_path / ".a.unfinished.npy").symlink_to(elsewhere)
    whole_files.write_npy(target, (2, 3), iter([np.full((1, 3), 7), np.full((1, 3), 9)]))
    np.testing.assert_array_equal(np.load(target), [[7] * 3, [9] * 3])
    assert elsewhere.read_bytes() == b"precious" and not target.is_symlink()


def test_memory_that_the_system_tells_of(tmp_path, monkeypatch):
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 900 kB\nMemAvailable: 400 kB\nSwapFree: 100 kB\n")
    limit, used = tmp_path / "max", tmp_path / "stat"
    monkeypatch.setattr(room, "_MEMINFO", meminfo)
    monkeypatch.setattr(room, "_CONTAINERS", [(limit, used)])
    assert room.available_memory() == 500 * 1024
    limit.write_text("300000\n")
    used.write_text("anon 100000\nfile 150000\nshmem 1000\n")
    assert room.available_memory() == 199000
    limit.write_text("max\n")
    assert room.available_memory() == 500 * 1024
    meminfo.unlink()
    assert room.available_memory() is None or room.available_memory() > 10**8
    assert room.no_memory(1) is None and room.megabytes(1) == "1 MB"


def test_dark_masks(folder):
    for i in range(4):
        PIL.Image.fromarray(np.uint8(np.arange(100).reshape(10, 10) % 2)).save(folder / f"{i}.png")
    (folder / "good.png").unlink()
    with pytest.warns(data.DataWarning, match="only the levels 0 and 1.*by 255"):
        image_folder.make_image_folder(folder, 10)


def colours_of_16_bits(levels):
    """A PNG file, which Pillow reads but does not write."""
    def chunk(kind, content):
        return (struct.pack(">I", len(content)) + kind + content
                + struct.pack(">I", zlib.crc32(kind + content)))
    height, width, _ = levels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in levels)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(
        ">IIBBBBB", width, height, 16, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


@pytest.mark.parametrize("colours", [False, True])
@pytest.mark.parametrize("bits, brightest", [(8, "[01]"), (10, "[34]"), (12, r"1\d"), (16, None)])
@pytest.mark.parametrize("cache", [False, True])
def test_fewer_bits_in_files_of_16(folder, bits, brightest, colours, cache):
    (folder / "good.png").unlink()
    levels = np.random.RandomState(0).randint(2**bits, size=(4, 20, 20)).astype(np.uint16)
    levels[:, :9, :9] = 2**bits - 1
    for i in range(4):
        if colours:
            (folder / f"{i}.png").write_bytes(colours_of_16_bits(levels[i][..., None].repeat(3, 2)))
        else:
            PIL.Image.fromarray(levels[i]).save(folder / f"{i}.png")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        image_folder.make_image_folder(folder, 10, cache=cache)
    assert len(caught) == (brightest is not None)
    if caught:
        assert caught[0].category is data.DataWarning and caught[0].filename == __file__
        assert re.search(f"nearly black: their brightest level is {brightest} of 255. .* 16 bits; "
                         "if only 8, 10 or 12 .* by 257, 64 or 16", str(caught[0].message))


def test_dark_pictures_of_8_bits_are_what_they_are(folder):
    for i in range(4):
        PIL.Image.fromarray(np.full((10, 10), i, np.uint8)).save(folder / f"{i}.png")
    (folder / "good.png").unlink()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        image_folder.make_image_folder(folder, 10)
