"""Disentanglement metrics, one file each, named after the metric's gin name or nearly so.

Importing this package declares every metric in it. Only NumPy, SciPy and scikit-learn are needed: a
metric sees a data set and a function from images to codes, never a model.

Declare your own metric the same way, in a module of your own:

    from tf_disentangle.evaluation import metrics

    @metrics.metric("code_spread", metrics.draws.codes(num_train=1000))
    def code_spread(codes):
        variances = codes.var(axis=0)
        return {"largest_share": float(variances.max() / variances.sum())}
"""
import importlib
import pkgutil

from tf_disentangle.evaluation.metrics.common import declaration, draws

metric = declaration.metric

_MODULES = tuple(found.name for found in pkgutil.iter_modules(__path__) if not found.ispkg)
for _name in _MODULES:
    importlib.import_module(f"{__name__}.{_name}")

__all__ = [*_MODULES, "draws", "metric"]
