"""Settings that a user assigns between two calls of `fit` hold in the second."""
import numpy as np
import pytest
from helpers import tiny_run

from tf_disentangle import penalties

IMAGES = np.random.RandomState(0).rand(8, *tiny_run.SHAPE).astype("float32")


@pytest.mark.property
def test_the_next_fit_has_the_new_ones():
    model = tiny_run.make_model(beta=2.0, penalties=[penalties.CodeL1(weight=1.0)])
    model.compile("sgd")
    traced = []
    for beta, weight in ((2.0, 1.0), (2.0, 1.0), (5.0, 1.0), (5.0, 3.0)):
        model.beta, model.penalties[0].weight = beta, weight
        terms = {name: values[-1] for name, values in
                 model.fit(IMAGES, batch_size=4, verbose=0).history.items()}
        np.testing.assert_allclose(
            terms["regularizer"], beta * terms["kl_loss"] + weight * terms["code_l1"], rtol=1e-5)
        traced.append(model.train_function)
    assert traced[0] is traced[1], "nothing is traced again without a reason"
    assert traced[1] is not traced[2] and traced[2] is not traced[3]
