"""Every class is abstract or final: a base cannot be made, and a leaf is never a base."""
import importlib
import inspect

import pytest
from test_imports import MODULES

from tf_disentangle import jacobian, models, penalties, priors, reconstruction

pytestmark = pytest.mark.contract

BASES = {
    models.LatentVariableModel: "loss_terms", models.BaseVAE: "regularizer",
    models.LinearModel: "rotation", penalties.Penalty: "value", priors.Prior: "distribution",
    priors.Posterior: "sample", jacobian.JacobianEstimator: "columns",
    reconstruction.ReconstructionLoss: "__call__",
}


def own_classes():
    loaded = [importlib.import_module(f"tf_disentangle.{name}".rstrip(".")) for name in MODULES]
    return {cls for module in loaded for cls in vars(module).values()
            if inspect.isclass(cls) and cls.__module__ == module.__name__}


@pytest.mark.parametrize("base", BASES)
def test_a_base_cannot_be_made_and_names_what_is_to_be_filled(base):
    with pytest.raises(TypeError, match=f"abstract.*{BASES[base]}"):
        base()


def test_leaves_are_never_subclassed():
    parts = [cls for cls in own_classes() if any(issubclass(cls, base) for base in BASES)]
    concrete = [cls for cls in parts if not inspect.isabstract(cls)]
    assert len(concrete) > 25
    assert [cls for cls in concrete if any(base in concrete for base in cls.__mro__[1:])] == []


def test_linear_models_have_no_training_step():
    for name in ("update", "penalties", "regularizer", "_descend"):
        assert not [cls for cls in (models.LinearModel, models.PCA, models.FastICA)
                    if name in dir(cls)], name
    assert not issubclass(models.LinearModel, models.BaseVAE)
