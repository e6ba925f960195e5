"""Pictures of a trained model, as PNG and GIF files."""

__all__ = ["draw_all", "visualize"]


def __getattr__(name):
    # Late, because drawing a model needs TensorFlow, and drawing scores does not.
    if name in __all__:
        from tf_disentangle.visualize import visualize_model
        return getattr(visualize_model, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
