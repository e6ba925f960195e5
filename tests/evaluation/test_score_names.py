"""Names of codes and factors in place of their numbers."""
import pytest

from tf_disentangle.evaluation import score_names


@pytest.mark.parametrize("score, expected", [
    ("mig.factor_1", "mig.colour"), ("600:test_accuracy_factor_0", "600:test_accuracy_shape"),
    ("train_accuracy_attribute_1", "train_accuracy_colour"),
    ("importance.dci_completeness.code_0", "importance.dci_completeness.z"),
    ("mean_fairness:pred0:sens1", "mean_fairness:pred(shape):sens(colour)"),
    ("mean_fairness:pred1:mean_sens", "mean_fairness:pred(colour):mean_sens"),
    # Numbers that are not those of a factor, or of one without a name.
    ("factor_2", "factor_2"), ("factor_3", "factor_3"), ("factor_10", "factor_10"),
    ("encode_0", "encode_0"), ("barcode_1", "barcode_1"), ("discrete_mig", "discrete_mig"),
    ("pred_0", "pred_0"), ("code1", "code1"), ("code_1", "code_1")])
def test_numbers_become_names(score, expected):
    assert score_names.with_names(score, ["z", "code_1"],
                                  ["shape", "colour", "factor_2"]) == expected
    assert score_names.with_names(score) == score
