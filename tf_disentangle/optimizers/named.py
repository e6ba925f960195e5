"""Optimizers by name: TensorFlow 1's, with its arguments, and Keras'."""
import keras

from tf_disentangle import errors
from tf_disentangle.configuration import registry
from tf_disentangle.optimizers import from_keras, rates

__all__ = ["adam_optimizer", "gradient_descent_optimizer"]


@registry.register("AdamOptimizer")
def adam_optimizer(learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8,
                   use_locking=False, name="Adam", amsgrad=False):
    """Adam, with TensorFlow 1's argument names and epsilon.

    Args:
        learning_rate: number greater than 0, or a Keras schedule.
        beta1, beta2: decay rates of the moments, at least 0 and less than 1.
        epsilon: added to the root of the second moment, before its bias correction.
        use_locking: accepted for old gin files, but ignored.
        name: name of the optimizer.
        amsgrad: whether to divide by the root of the largest second moment so far: Reddi et
            al. (2018), algorithm 2, https://arxiv.org/abs/1904.09237.
    Returns:
        `keras.optimizers.Optimizer`.
    """
    del use_locking
    return keras.optimizers.Adam(
        rates.learning_rate("learning_rate", learning_rate),
        beta_1=errors.number("beta1", beta1, 0, below=1),
        beta_2=errors.number("beta2", beta2, 0, below=1),
        epsilon=errors.number("epsilon", epsilon, 0),
        amsgrad=errors.boolean("amsgrad", amsgrad),
        name=errors.name("name", name) or "Adam")


@registry.register("GradientDescentOptimizer")
def gradient_descent_optimizer(learning_rate=0.01, use_locking=False,
                               name="GradientDescent"):
    """Plain gradient descent.

    Args:
        learning_rate: number greater than 0, or a Keras schedule.
        use_locking: accepted for old gin files, but ignored.
        name: name of the optimizer.
    Returns:
        `keras.optimizers.Optimizer`.
    """
    del use_locking
    return keras.optimizers.SGD(rates.learning_rate("learning_rate", learning_rate),
                                name=errors.name("name", name) or "GradientDescent")


# Keras' name, which is also the gin name -> description.
_KERAS_OPTIMIZERS = {
    "Adadelta": "Adadelta: Zeiler (2012), https://arxiv.org/abs/1212.5701.",
    "Adafactor": "Adafactor: Shazeer and Stern (2018), https://arxiv.org/abs/1804.04235.",
    "Adagrad": "Adagrad: Duchi, Hazan and Singer (2011), JMLR 12.",
    "Adam": "Adam with Keras' epsilon, 1e-7: Kingma and Ba (2015), "
            "https://arxiv.org/abs/1412.6980.",
    "AdamW": "Adam with decoupled weight decay: Loshchilov and Hutter (2019), "
             "https://arxiv.org/abs/1711.05101.",
    "Adamax": "Adam with the infinity norm: Kingma and Ba (2015), section 7.1, "
              "https://arxiv.org/abs/1412.6980.",
    "Ftrl": "Follow the regularized leader: McMahan et al. (2013), KDD.",
    "Lamb": "Adam with layer-wise rates, for large batches: You et al. (2020), "
            "https://arxiv.org/abs/1904.00962.",
    "Lion": "Steps along the sign of a momentum: Chen et al. (2023), "
            "https://arxiv.org/abs/2302.06675.",
    "Nadam": "Adam with Nesterov momentum: Dozat (2016), ICLR workshop.",
    "RMSprop": "Gradients divided by their recent size: Tieleman and Hinton (2012), lecture 6.5.",
    "SGD": "Gradient descent, optionally with momentum.",
}

for _name, _summary in _KERAS_OPTIMIZERS.items():
    from_keras.register_keras_class(_name, getattr(keras.optimizers, _name), _summary)
