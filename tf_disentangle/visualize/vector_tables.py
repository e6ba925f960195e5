"""The numbers behind the pictures of a model of vectors: fields and rows of a table."""

__all__ = ["jacobian", "reconstructions", "samples", "traversals"]


def reconstructions(rows, decoded, names):
    """A line for each value of each row.

    Args:
        rows, decoded: `[num, length]`.
        names: `length` strings, of the columns.
    Returns:
        fields and rows.
    """
    return ["row", "column", "value", "reconstruction"], [
        [number, name, float(value), float(other)]
        for number, (row, of_row) in enumerate(zip(rows, decoded))
        for name, value, other in zip(names, row, of_row)]


def samples(rows, sampled, names):
    """A line for each row of the data set, `[num, length]`, and for each sample, likewise."""
    return ["from", *names], [
        [kind, *map(float, row)] for kind, part in (("data set", rows), ("prior", sampled))
        for row in part]


def traversals(means, values, names):
    """A line for each value of each latent.

    Args:
        means: `[num_latent, num_values, length]`.
        values: `[num_values]`.
        names: `length` strings, of the columns.
    Returns:
        fields and rows.
    """
    return ["latent", "z", *names], [
        [f"z{latent}", float(value), *map(float, row)]
        for latent, of_latent in enumerate(means) for value, row in zip(values, of_latent)]


def jacobian(columns, names):
    """A line for each latent and column.

    Args:
        columns: `[num, num_latent, length]`, at the codes of several examples.
        names: `length` strings, of the columns.
    Returns:
        fields and rows.
    """
    means, deviations = columns.mean(axis=0), columns.std(axis=0)
    return ["latent", "column", "mean d / d z", "standard deviation"], [
        [f"z{latent}", name, float(mean), float(deviation)]
        for latent, parts in enumerate(zip(means, deviations))
        for name, mean, deviation in zip(names, *parts)]
