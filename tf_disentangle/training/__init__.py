"""Training: a loop that resumes exactly, and the entry points (module `train`)."""
from tf_disentangle.training.loop import Hook
from tf_disentangle.training.options import RunOptions
from tf_disentangle.training.placement import OneDevice, Placement
from tf_disentangle.training.rotate_codes import RotateCodes
from tf_disentangle.training.score_model import ScoreModel
from tf_disentangle.training.spec import RunSpec
from tf_disentangle.training.trackers import MLflowHook, Tracker
from tf_disentangle.training.train import train_model, train_with_gin

__all__ = ["Hook", "MLflowHook", "OneDevice", "Placement", "RotateCodes", "RunOptions",
           "RunSpec", "ScoreModel", "Tracker", "train_model", "train_with_gin"]
