"""Scores of learned representations against known factors of variation.

    table = evaluation.score(codes, factors)
"""

__all__ = ["score"]


def __getattr__(name):
    # Imported on first use, because it imports all metrics.
    if name == "score":
        from tf_disentangle.evaluation import score_table
        return score_table.score
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
