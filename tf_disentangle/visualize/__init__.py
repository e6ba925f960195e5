"""Pictures of a trained model, as PNG and GIF files."""
from tf_disentangle.visualize.visualize_model import draw_all, visualize

__all__ = ["draw_all", "visualize"]
