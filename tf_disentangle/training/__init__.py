"""Training: a loop that resumes exactly, and the entry points (module `train`)."""
from tf_disentangle.training.options import RunOptions
from tf_disentangle.training.train import train_model, train_with_gin

__all__ = ["RunOptions", "train_model", "train_with_gin"]
