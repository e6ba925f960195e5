"""Trained models as files for other programs."""
from tf_disentangle.export.saved_model import export_saved_model

__all__ = ["export_saved_model"]
