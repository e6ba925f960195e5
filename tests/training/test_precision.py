"""The precision that suits a machine."""
import keras
import pytest
import tensorflow as tf

from tf_disentangle.training import precision

pytestmark = pytest.mark.contract


@pytest.mark.parametrize("flags, expected", [
    ("flags : fpu avx2 avx512f avx512_bf16", "mixed_bfloat16"), ("amx_bf16", "mixed_bfloat16"),
    ("flags : fpu avx2 avx512f avx512_vnni", "float32"), (None, "float32")])
def test_of_a_processor(tmp_path, monkeypatch, flags, expected):
    monkeypatch.setattr(precision, "_CPU", tmp_path / "cpuinfo")
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [])
    if flags is not None:
        (tmp_path / "cpuinfo").write_text(flags)
    assert precision.best() == expected
    with precision.precision("auto"):
        assert keras.config.dtype_policy().name == expected


@pytest.mark.parametrize("details, expected", [
    ({"compute_capability": (9, 0)}, "mixed_bfloat16"),
    ({"compute_capability": (7, 5)}, "float32"), ({}, "float32")])
def test_of_a_graphics_processor(monkeypatch, details, expected):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["a GPU"])
    monkeypatch.setattr(tf.config.experimental, "get_device_details", lambda device: details)
    assert precision.best() == expected
