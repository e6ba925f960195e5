"""Docstrings of metrics on data sets, assembled from those of their functions of arrays."""
import inspect
import re

__all__ = ["entries", "for_form", "sections"]

_REPRESENTATION = "images `[n, *observation_shape]` to codes `[n, num_codes]`."

# The arguments that an evaluation gives, and the settings of the ways of drawing points.
_KNOWN = {
    "ground_truth_data": "data set.",
    "representation_function": _REPRESENTATION,
    "representation_functions": "list of two or more functions, one per model, from images\n"
        "`[n, *observation_shape]` to mean codes `[n, num_codes]` and the divergences\n"
        "KL(posterior || prior) `[num_codes]` in nats, averaged over these images.",
    "random_state": "`numpy.random.RandomState`; points are drawn from it first.",
    "model_functions": "`ModelFunctions` of the model.",
    "observations": "`[num_points, *observation_shape]`.",
    "labels": "`[num_factors, num_points]` discrete values of the factors.",
    "num_train": "number of points; of training points if there are test points, too.",
    "num_test": "number of test points.",
    "batch_size": "points per draw; it decides the order of the random draws.",
    "num_data_points": "number of points.",
    "train_percentage": "share of the points, the first ones, to train on, in (0, 1).",
    "random_seed": "seed of whatever is random in the metric.",
}

_UNUSED = "unused; part of the signature of every metric."

# Nothing is drawn from a fixed set.
_KNOWN_ON_FIXED_DATA = _KNOWN | {
    "batch_size": "part of disentanglement_lib's signature; it has no effect."}


def for_form(arguments, unused, score_name, *documented):
    """The docstring of a metric's form for a data set.

    Args:
        arguments: names of the form's arguments.
        unused: names of those that this metric does not use.
        score_name: key of the score where the documented function returns a number, or None.
        *documented: docstrings, the most specific one first. Summary and text come from the first
            one; an argument's description comes from the first that has one, or is a general one;
            so do Returns and Raises.
    Returns:
        the docstring.
    """
    found = [sections(text or "") for text in documented]
    text = next((each["text"] for each in found if each["text"]), "Scores of given codes.")
    described = {name: ((name,), [_UNUSED]) for name in unused}
    for each in reversed(found):
        for names, lines in entries(each.get("Args", "")):
            described.update(dict.fromkeys(names, (names, lines)))
    on = "a fixed labelled set" if "observations" in arguments else "a data set"
    parts = [text.replace("of given codes", f"of a representation on {on}"), "", "Args:",
             *_argument_lines(arguments, described)]
    for title in ("Returns", "Raises"):
        body = next((each[title] for each in found if title in each), "")
        if score_name and title == "Returns":
            body = f'    `{{"{score_name}": score}}`, where the score is a\n{body}'
        parts += [f"{title}:", body] if body else []
    return "\n".join(parts)


def _argument_lines(arguments, described):
    known = _KNOWN_ON_FIXED_DATA if "observations" in arguments else _KNOWN
    done = set()
    for name in arguments:
        if name in done:
            continue
        names, lines = described.get(name, ((name,), [known.get(name, "")]))
        # Of arguments that are described together, only those that the form has.
        together = [each for each in names if each in arguments
                    and described.get(each, (names,))[0] is names]
        done.update(together)
        first, *more = "\n".join(lines).split("\n")
        yield f"    {', '.join(together)}: {first}"
        yield from (f"        {line.strip()}" for line in more)


def sections(docstring):
    """The parts of a docstring: "text", and whichever of "Args", "Returns", ... it has."""
    parts = re.split(r"^(Args|Returns|Yields|Raises):\n", inspect.cleandoc(docstring) + "\n",
                     flags=re.MULTILINE)
    return {"text": parts[0].rstrip(),
            **{title: body.rstrip() for title, body in zip(parts[1::2], parts[2::2])}}


def entries(section):
    """What an Args section describes.

    Args:
        section: its lines, indented by four spaces, or by more if they continue an entry.
    Returns:
        list of names (a tuple, as in "num_train, num_test: ...") and lines.
    """
    found = []
    for line in section.splitlines():
        start = re.match(r"    ([*\w, ]+): ?(.*)$", line)
        if start and not line.startswith("     "):
            found.append((tuple(re.findall(r"\w+", start[1])), [start[2]]))
        elif found:
            found[-1][1].append(line.strip())
    return found
