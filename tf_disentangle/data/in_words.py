"""The factors of a data set, in words."""
import numpy as np

__all__ = ["factors"]


def factors(ground_truth_data):
    """The factors of a data set, such as "shape (3), age (continuous, 8 missing)"; or "none".

    The number is that of a discrete factor's values.

    Args:
        ground_truth_data: `GroundTruthData`.
    """
    mixed = getattr(ground_truth_data, "mixed_factors", None)
    found = []
    for k, name in enumerate(ground_truth_data.factor_names):
        about = str(ground_truth_data.factors_num_values[k])
        if mixed is not None:
            about = "continuous" if mixed.continuous[k] else about
            missing = np.count_nonzero(np.isnan(mixed.values[:, k]))
            about += f", {missing} missing" if missing else ""
        found.append(f"{name} ({about})")
    return ", ".join(found) or "none"
