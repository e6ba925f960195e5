"""What is read of a log, whatever has become of its lines; and what can be drawn of it."""
import json

import pytest

from tf_disentangle.report import curves
from tf_disentangle.runs import losses

DAMAGED = ['{"step": 1', "[" * 100_000, '{"step": 1' + "0" * 400 + ', "loss": 1}',
           '{"step": -1, "loss": 1}', '{"step": 1, "loss": 1' + "0" * 400 + "}", '{"loss": 1}',
           json.dumps({"step": 1, "\ud800": 1.0}), "[1]", '{"step": 1, "loss": "high"}']


@pytest.mark.contract
@pytest.mark.parametrize("line", DAMAGED)
def test_damaged_lines_are_counted(tmp_path, line):
    path = tmp_path / "losses.jsonl"
    path.write_text(f'{{"step": 1, "loss": 2.0}}\n{line}\n{{"step": 3, "loss": 1.5}}\n')
    assert losses.read(path) == ({"loss": [(1, 2.0), (3, 1.5)]}, 1)


@pytest.mark.contract
def test_values_that_cannot_be_drawn_are_left_out():
    odd = {"nan": [(1, float("nan"))], "huge": [(1, 1e308), (2, -1e308), (3, 1.0)]}
    for drawn in (curves.score_curves(odd), curves.loss_curves(odd, {})):
        curve, = drawn
        assert (curve["name"], curve["points"]) == ("huge", [(3, 1.0)])
