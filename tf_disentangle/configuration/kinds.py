"""The kind of part that each parameter takes, for parameters that take parts.

Parameters with the same name take the same kind everywhere. A user's own classes and functions
can be of any kind; only references to the package's own are checked.
"""
__all__ = ["mistake"]

_METRICS = "evaluation.metrics"
_COMMON = f"{_METRICS}.common"

# Parameter -> where the package declares such parts (in one or several places), and an example as
# written in a gin file.
_OBJECTS = {
    "model": ("models", "@vae()"),
    "prior": ("priors", "@standard_normal()"),
    "posterior": ("priors.posteriors", "@normal_posterior()"),
    "penalties": ("penalties", "[@jacobian_l1()]"),
    "reconstruction_loss": ("reconstruction", "@bernoulli_loss()"),
    "estimator": ("jacobian", "@finite_difference()"),
    "learning_rate": ("optimizers", "@warmup()"),
    "initial_learning_rate": ("optimizers", "@warmup()"),
    "discriminator_optimizer": ("optimizers", "@AdamOptimizer()"),
}
_FUNCTIONS = {
    "encoder_fn": ("networks", "@fitted_encoder"),
    "decoder_fn": ("networks", "@fitted_decoder"),
    "discriminator_fn": ("networks", "@fc_discriminator"),
    "loss_fn": ("reconstruction", "@bernoulli_loss"),
    "optimizer_fn": ("optimizers", "@AdamOptimizer"),
    "evaluation_fn": (_METRICS, "@mig"),
    "validation_fn": (_METRICS, "@mig_validation"),
    "postprocess_fn": (("postprocessing", "rotation"), "@mean_representation"),
    "discretizer": (f"{_COMMON}.discretizers", "@discretizer"),
    "discretizer_fn": (f"{_COMMON}.discretizers", "@histogram_discretizer"),
    "predictor": (f"{_COMMON}.predictors", "@logistic_regression_cv"),
    "predictor_fn": (f"{_COMMON}.predictors", "@logistic_regression_cv"),
    "window_fn": (f"{_COMMON}.local_sampling", "@local_sample_factors"),
    "matrix_fns": (f"{_METRICS}.matrix_functions", "[@mutual_information_matrix]"),
    "prune_fn": (f"{_METRICS}.factor_vae", "@prune_dims"),
    "reduce_fn": (f"{_METRICS}.reduced_downstream_task", "@reduced_representation"),
    "correlation_measure": (f"{_METRICS}.reduced_downstream_task", "@factorwise_dci"),
}
_PACKAGE = "tf_disentangle."


def mistake(parameter, references):
    """A sentence about a value of the wrong kind, or None.

    Args:
        parameter: name of the parameter.
        references: (name as written, module of its target, whether it has brackets) for each
            reference in the value.
    Returns:
        a sentence, or None. The class of an object, and values that are not references, are
        checked where they are used.
    """
    where, example = {**_OBJECTS, **_FUNCTIONS}.get(parameter, (None, None))
    if where is None:
        return None
    places = tuple(f"{place}." for place in ([where] if isinstance(where, str) else where))
    for name, module, has_brackets in references:
        home = module.removeprefix(_PACKAGE)
        if home != module and not f"{home}.".startswith(places):
            return f"`{parameter}` takes a part such as {example}, and {name} is of another kind."
        if home != module and has_brackets and parameter in _FUNCTIONS:
            return f"`{parameter}` takes a function, such as {example}, without brackets: {name}."
    return None
