"""`own_table.gin` trains on a table, with rows held out."""
import io

import numpy as np

from tf_disentangle import training


def test_it_trains(tmp_path):
    rows = np.random.RandomState(0).normal(size=(40, 3))
    path = tmp_path / "table.csv"
    path.write_text("a,b,c,kind\n" + "".join(
        f"{a},{b},{c},{'even' if i % 2 else 'odd'}\n" for i, (a, b, c) in enumerate(rows)))
    said = io.StringIO()
    results = training.train_with_gin(None, gin_config_files=["own_table.gin"], stream=said,
                                      gin_bindings=[
        f"table.path = '{path}'", "table.factor_columns = ['kind']", "model.training_steps = 2",
        "model.batch_size = 8", "model.eval_steps = 1", "train.validate_every = 1",
        "dense_encoder.num_hidden = 4", "dense_decoder.num_hidden = 4"])
    assert results["global_step"] == 2 and np.isfinite(results["loss"])
    assert results["jacobian_l1"] > 0 and results["best_step"] in (1, 2)
    assert "vectors of 3 numbers" in said.getvalue()
    assert " 187 weights." in said.getvalue()  # of 2 layers of 4 units in each network
