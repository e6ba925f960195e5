"""Independent component analysis: the linear model of codes that are far from normal."""
import warnings

from sklearn import decomposition, exceptions

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.models import linear

__all__ = ["FastICA"]


@registry.part("fast_ica", denylist=linear.FIXED_PARTS)
class FastICA(linear.LinearModel):
    """scikit-learn's FastICA (Hyvarinen and Oja 2000), all components in parallel.

    The codes of `PCA` are rotated to maximise the sum of their distances from normality. Both
    therefore reconstruct the same images, but with different columns; for natural images
    FastICA's are local. https://doi.org/10.1016/S0893-6080(00)00026-5

    Args:
        fun: "logcosh", "exp" or "cube", the function that measures the distance.
        max_iter: largest number of iterations; the result is used even if it has not converged,
            but a line reports it.
        tol: the rotation has converged when no component moves by more, in 1 - cosine.
        num_components, prior, seed: see `LinearModel`. The seed determines the first rotation.
    """

    def __init__(self, fun="logcosh", max_iter=200, tol=1e-4, **kwargs):
        super().__init__(**kwargs)
        self.fun = errors.one_of("fun", fun, ("logcosh", "exp", "cube"))
        self.max_iter = errors.whole_number("max_iter", max_iter)
        self.tol = errors.number("tol", tol, above=0)

    def rotation(self, codes, random_state, report):
        """FastICA's rotation; the arguments are those of `LinearModel.rotation`."""
        ica = decomposition.FastICA(whiten=False, fun=self.fun, max_iter=self.max_iter,
                                    tol=self.tol, random_state=random_state)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            ica.fit(codes)
        if any(issubclass(warning.category, exceptions.ConvergenceWarning)
               for warning in caught):
            report(f"FastICA has not converged in {self.max_iter} iterations; its columns may "
                   "still change. Raise fast_ica.max_iter, or fast_ica.tol, or use more images.")
        return ica.components_

    def get_config(self):
        return {**super().get_config(), "fun": self.fun, "max_iter": self.max_iter,
                "tol": self.tol}
