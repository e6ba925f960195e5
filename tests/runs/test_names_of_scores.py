"""Names of scores taken apart, also where the evaluation's file has a dot in its name."""
import pytest
from studies import made_up

from tf_disentangle import json_files
from tf_disentangle.runs import curves, results, score_names


@pytest.mark.parametrize("name, parts", [
    ("mig.discrete_mig", ("mig", "discrete_mig")),
    ("curve.sap(rho=0.1)", ("curve", "sap(rho=0.1)")),
    ("local_mig_0.1.a(rho=0.1)", ("local_mig_0.1", "a(rho=0.1)")),
    ("local_mig_0", ("local_mig_0", "")),
    ("local_mig_0.2.a", ("local_mig_0", "2.a")), ("local_mig_0.1", ("local_mig_0", "1"))])
def test_split(name, parts):
    assert score_names.split(name, ["local_mig_0.1", "local_mig_0", "mig"]) == parts


def test_scores_of_an_evaluation_with_a_dot_are_found_by_their_short_names(tmp_path):
    made_up.write_run(tmp_path)
    json_files.save({"vae.beta": "4"}, results.config_path(tmp_path, results.TRAIN))
    made_up.write_scores(tmp_path, "own_0.1", **{"own": 0.5, "part(rho=1)": 0.25})
    assert curves.is_score(tmp_path, "own") and not curves.is_score(tmp_path, "1.own")
    assert curves.values([tmp_path], "own") == {"own": [(str(tmp_path), 0.5)]}
    (x, y, _), = curves.curves_of_number([tmp_path], "part(rho=*)")[0].values()
    assert (*x, *y) == (1.0, 0.25)
