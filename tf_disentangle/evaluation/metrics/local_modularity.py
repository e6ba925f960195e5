"""Local modularity: modularity within neighbourhoods of factor space.

Rhodes & Lee (2021), section 5.3 [1].

References: [1] https://arxiv.org/abs/2106.02923
"""
import numpy as np

from tf_disentangle import errors
from tf_disentangle.evaluation.metrics import modularity_explicitness
from tf_disentangle.evaluation.metrics.common import (
    declaration,
    discretizers,
    draws,
    local_sampling,
    notes,
    varying,
)

__all__ = ["compute_local_modularity"]


@declaration.metric("local_modularity", draws.own(), paper="Rhodes and Lee (2021), section 5.3",
                    scores="modularity_score: 0 to 1, higher", in_table=False)
def compute_local_modularity(ground_truth_data, representation_function, random_state,
                             num_train=10000, num_local_clusters=20, batch_size=16,
                             discretizer=discretizers.make_discretizer,
                             window_fn=local_sampling.local_window, count_frozen_factors=True):
    """Mean modularity over random neighbourhoods.

    Factors with a single value in the data set are left out, frozen ones are not.

    Published numbers use 5 bins (`discretizer=5`) and count frozen factors, which raises the
    score the more factors are frozen.

    Args:
        num_train: points per neighbourhood.
        num_local_clusters: number of neighbourhoods.
        discretizer: see `modularity_explicitness.modularity`.
        window_fn: function `(factors_num_values, centroid) -> low, high`; the default is what
            gin files bind to `local_sample_factors`.
        count_frozen_factors: True as published; False compares only factors that vary; then there
            must be at least two.
    Returns:
        modularity_score: float in [0, 1], the mean.
        local_modularity_scores_samples: list of `num_local_clusters` floats.
    Raises:
        InvalidArgumentError: every factor is frozen, or see
            `modularity_explicitness.modularity`.
    """
    errors.whole_number("num_train", num_train)
    clusters = local_sampling.draw_clusters(
        ground_truth_data, representation_function, random_state, num_train,
        num_local_clusters, batch_size, window_fn)
    kept = varying.factors_of_data(ground_truth_data)
    scores = []
    for codes, factors in clusters:
        with notes.silenced():              # about one neighbourhood among many
            scores.append(modularity_explicitness.modularity(
                codes, factors[:, kept], discretizer, count_frozen_factors))
    return {"modularity_score": float(np.mean(scores)),
            "local_modularity_scores_samples": scores}
