"""Local mutual information gap: the gap within neighbourhoods of factor space.

Rhodes & Lee (2021), "Local Disentanglement in Variational Auto-Encoders Using Jacobian L1
Regularization", section 5.3 [1]. A representation whose codes turn slowly over the data can be
disentangled everywhere and still have no global gap.

References: [1] https://arxiv.org/abs/2106.02923
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import mig
from tf_disentangle.evaluation.metrics.common import (
    declaration,
    discretizers,
    draws,
    local_sampling,
    notes,
)

__all__ = ["compute_local_mig"]


@declaration.metric("local_mig", draws.own(), paper="Rhodes and Lee (2021), section 5.3",
                    scores="discrete_mig: 0 to 1, higher", in_table=False)
def compute_local_mig(ground_truth_data, representation_function, random_state, num_train=10000,
                      num_local_clusters=20, batch_size=16,
                      discretizer=discretizers.make_discretizer,
                      window_fn=local_sampling.local_window):
    """Mean mutual information gap over random neighbourhoods.

    Codes are binned anew in every neighbourhood; frozen factors are left out of its mean.
    Published numbers use 5 bins (`discretizer=5`).

    Args:
        num_train: points per neighbourhood.
        num_local_clusters: number of neighbourhoods.
        discretizer: see `mig.mig`.
        window_fn: function `(factors_num_values, centroid) -> low, high`; the default is what
            gin files bind to `local_sample_factors`.
    Returns:
        discrete_mig: float in [0, 1], the mean.
        local_discrete_migs_samples: list of `num_local_clusters` floats.
    Raises:
        InvalidArgumentError: every factor is frozen, or see `mig.mig`.
    """
    errors.whole_number("num_train", num_train)
    clusters = local_sampling.draw_clusters(
        ground_truth_data, representation_function, random_state, num_train,
        num_local_clusters, batch_size, window_fn)
    scores = []
    for codes, factors in clusters:
        with notes.silenced():  # neighbourhoods always have frozen factors
            scores.append(mig.mig(codes, factors, discretizer))
    return {"discrete_mig": float(np.mean(scores)), "local_discrete_migs_samples": scores}
