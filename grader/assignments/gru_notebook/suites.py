"""What the network is asked, and what is true: random cases, by torch and by the equations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from grader.cases import Ranges, Spec, seeded
from grader.records import Array, Arrays, Case, Lookalike, Suite
from grader.suite import Recipe, digest, draw, of_each_case

GATES = "zrh"
WEIGHTS = (*(f"{kind}_{gate}" for kind in "UWb" for gate in GATES), "V", "b_y")
OF_THE_GRU = {  # the homework's names -> the reference's
    **{f"U_{gate}": f"W_{to}x" for gate, to in zip(GATES, "zrn", strict=True)},
    **{f"W_{gate}": f"W_{to}h" for gate, to in zip(GATES, "zrn", strict=True)},
    **{f"b_{gate}": f"b_{to}" for gate, to in zip(GATES, "zrn", strict=True)},
}
# A network of one input has one output, whose log-softmax is 0 whatever its weights are.
OUTPUTS = Ranges(input=(2, 8), hidden=(1, 8), batch=(1, 6))
SEQUENCES = Ranges(input=(2, 6), hidden=(1, 6), batch=(1, 4), steps=(1, 6))
ANSWERS = 24
SEQUENCE_CASES = 20
ONE = Ranges(input=(1, 4), hidden=(1, 5), outputs=(1, 3), steps=(1, 6))


def once(seed: int) -> Suite:
    """Return one case without any arrays, for what is asked of the hand-in as a whole."""
    case = Case(label="the notebook", seed=0, inputs={}, sizes={})
    return Suite(seed, digest([case]), (case,), ({},))


def _answered(name: str, of: Callable[[Arrays], Array], case: Case) -> Arrays:
    return {name: of(case.inputs)}


# --- the output


def outputs(seed: int) -> Suite:
    """Return the states for which `output` is asked, with the mistakes that are known of it."""
    recipe = Recipe(_states, _log_softmax_by_torch, _log_softmax, ANSWERS, OUTPUTS)
    suite = replace(draw(recipe, seeded(seed).derived("outputs")), seed=seed)
    known = (
        (
            "It is the softmax itself: φ in the statement is its logarithm, nn.LogSoftmax. nn.NLLLoss "
            "expects that.",
            lambda a: np.exp(_log_softmax(a)["y"]),
        ),
        ("It is h V + b_y: the logarithm of the softmax is not taken.", lambda a: _scores(a)),
        ("It is right without b_y: the bias of the output is missing.", lambda a: _normed(a["h"] @ a["V"])),
        (
            "The softmax goes over the batch, dim=0: it belongs over the outputs of each sample, dim=-1.",
            lambda a: _normed(_scores(a).T).T,
        ),
        (
            "It is the logarithm of the sigmoid of each output by itself: φ is that of the softmax.",
            lambda a: -np.log1p(np.exp(-_scores(a))),
        ),
        (
            "It is the log-softmax of tanh(h): the state goes into h V + b_y as it is.",
            lambda a: _normed(np.tanh(a["h"]) @ a["V"] + a["b_y"]),
        ),
        (
            "The softmax is taken twice.",
            lambda a: _normed(np.exp(_log_softmax(a)["y"])),
        ),
    )
    likes = tuple(Lookalike(says, of_each_case(partial(_answered, "y", of))) for says, of in known)
    return replace(suite, lookalikes=likes)


def _states(spec: Spec, rng: np.random.Generator) -> Arrays:
    """Fill h (batch, hidden), V (hidden, input), b_y (input,)."""
    return {
        "h": spec.state(rng, spec.batch, spec.hidden),
        "V": spec.weight(rng, spec.input, spec.hidden).T.copy(),
        "b_y": spec.weight(rng, spec.input, 1)[:, 0],
    }


def _log_softmax_by_torch(arrays: Arrays) -> Arrays:
    import torch

    given = {name: torch.as_tensor(array) for name, array in arrays.items()}
    return {"y": torch.log_softmax(given["h"] @ given["V"] + given["b_y"], dim=1).numpy()}


def _log_softmax(arrays: Arrays) -> dict[str, Array]:
    return {"y": _normed(_scores(arrays))}


def _scores(arrays: Arrays) -> Array:
    return np.asarray(arrays["h"] @ arrays["V"] + arrays["b_y"])


def _normed(scores: Array) -> Array:
    shifted = scores - scores.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


# --- whole sequences


def sequences(seed: int) -> Suite:
    """Return the sequences for which a whole network is asked, and its gradients."""
    recipe = Recipe(_sequences, _by_cell, _by_letters, SEQUENCE_CASES, SEQUENCES)
    return replace(draw(recipe, seeded(seed).derived("sequences")), seed=seed)


def _sequences(spec: Spec, rng: np.random.Generator) -> Arrays:
    """Fill x and delta (batch, steps, input), and all weights."""
    inputs, hidden = spec.input, spec.hidden
    found = {f"U_{gate}": spec.weight(rng, hidden, inputs).T.copy() for gate in GATES}
    found |= {f"W_{gate}": spec.weight(rng, hidden, hidden).T.copy() for gate in GATES}
    found |= {f"b_{gate}": spec.weight(rng, hidden, 1)[:, 0] for gate in GATES}
    x = rng.standard_normal((spec.batch, spec.steps, inputs))
    factor = min(
        spec.factor(
            spec.LARGE_TANH,
            np.abs(x) @ np.abs(found[f"U_{gate}"])
            + np.abs(found[f"W_{gate}"]).sum(axis=0)
            + np.abs(found[f"b_{gate}"]),
        )
        for gate in GATES
    )
    found = {name: factor * weight for name, weight in found.items()}
    return {
        "x": x,
        **found,
        "V": spec.weight(rng, inputs, hidden).T.copy(),
        "b_y": spec.weight(rng, inputs, 1)[:, 0],
        "delta": spec.delta(rng, spec.batch, spec.steps, inputs),
    }


def _by_cell(arrays: Arrays) -> Arrays:
    from reference import gru
    from reference.dialects import TEXT_GRU

    return _unrolled(arrays, lambda weights, x, h: gru.step(TEXT_GRU, weights, x, h))


def _by_letters(arrays: Arrays) -> Arrays:
    from reference import gru
    from reference.dialects import TEXT_GRU

    return _unrolled(arrays, lambda weights, x, h: gru.letters(TEXT_GRU, weights, x, h)["h"])


def _unrolled(arrays: Arrays, step: Any) -> Arrays:
    import torch

    from reference.gradients import outputs_and_gradients

    def network(given: Any) -> Any:
        weights = {to: given[name] for name, to in OF_THE_GRU.items()}
        x = given["x"]
        h, found = x.new_zeros(x.shape[0], given["W_z"].shape[0]), []
        for at in range(x.shape[1]):
            h = step(weights, x[:, at], h)
            found.append(torch.log_softmax(h @ given["V"] + given["b_y"], dim=1))
        return {"sequence": torch.stack(found, dim=1)}

    arguments = {name: array for name, array in arrays.items() if name != "delta"}
    found = outputs_and_gradients(network, arguments, {"sequence": arrays["delta"]})
    rows = np.zeros((len(WEIGHTS), max(arrays[name].size for name in WEIGHTS)))
    for row, name in zip(rows, WEIGHTS, strict=True):
        row[: arrays[name].size] = found[f"d{name}"].ravel()
    return {"sequence": found["sequence"], "gradients": rows}


# --- Question 1


def recursions(seed: int) -> Suite:
    """Return the networks for which the gradient of Question 1 is asked."""
    recipe = Recipe(_networks, _gradient_by_torch, _gradient, ANSWERS, ONE, loss=_loss)
    suite = replace(draw(recipe, seeded(seed).derived("recursions")), seed=seed)
    known = (
        (
            "Nothing is carried back from step i+1 to step i: ∇_{hⁱ} E also comes through sⁱ⁺¹.",
            lambda arrays: _gradient(arrays, carries=False)["dW"],
        ),
        ("It is the transpose of the gradient.", lambda arrays: _gradient(arrays)["dW"].T),
        (
            "hⁱ⁺¹ stands where hⁱ belongs: the state before the step is multiplied.",
            lambda arrays: _gradient(arrays, lag=0)["dW"],
        ),
    )
    likes = tuple(Lookalike(says, of_each_case(partial(_answered, "dW", of))) for says, of in known)
    return replace(suite, lookalikes=likes)


def _networks(spec: Spec, rng: np.random.Generator) -> Arrays:
    inputs, hidden, outputs = spec.input, spec.hidden, spec.outputs
    return {
        "x": rng.standard_normal((spec.steps, inputs)),
        "t": rng.random((spec.steps, outputs)),
        "U": spec.weight(rng, hidden, inputs).T.copy(),
        "W": spec.weight(rng, hidden, hidden).T.copy(),
        "V": spec.weight(rng, outputs, hidden).T.copy(),
        "b": spec.weight(rng, hidden, 1)[:, 0],
        "c": spec.weight(rng, outputs, 1)[:, 0],
    }


def _sigmoid(a: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-a)))


def _states_of(arrays: Arrays) -> tuple[list[Array], list[Array]]:
    h, states, answered = np.zeros(len(arrays["b"])), [], []
    for x in arrays["x"]:
        h = _sigmoid(x @ arrays["U"] + h @ arrays["W"] + arrays["b"])
        states.append(h)
        answered.append(_sigmoid(h @ arrays["V"] + arrays["c"]))
    return states, answered


def _loss(arrays: Arrays) -> float:
    _, answered = _states_of(arrays)
    return float(np.sum((np.array(answered) - arrays["t"]) ** 2)) / 2


def _gradient(arrays: Arrays, *, carries: bool = True, lag: int = 1) -> dict[str, Array]:
    h, y = _states_of(arrays)
    gradient, later = np.zeros_like(arrays["W"]), np.zeros_like(arrays["b"])
    for i in reversed(range(len(h))):
        dz = (y[i] - arrays["t"][i]) * y[i] * (1 - y[i])
        ds = (dz @ arrays["V"].T + later) * h[i] * (1 - h[i])
        if i >= lag:
            gradient = gradient + np.outer(h[i - lag], ds)
        later = ds @ arrays["W"].T if carries else later
    return {"dW": gradient}


def _gradient_by_torch(arrays: Arrays) -> Arrays:
    import torch

    given = {name: torch.as_tensor(array) for name, array in arrays.items()}
    given["W"].requires_grad_()
    h, loss = torch.zeros_like(given["b"]), torch.zeros(())
    for x, t in zip(given["x"], given["t"], strict=True):
        h = torch.sigmoid(x @ given["U"] + h @ given["W"] + given["b"])
        loss = loss + ((torch.sigmoid(h @ given["V"] + given["c"]) - t) ** 2).sum() / 2
    (found,) = torch.autograd.grad(loss, given["W"], allow_unused=True)
    return {"dW": np.zeros_like(arrays["W"]) if found is None else found.numpy()}


def of_letters(text: str) -> Array:
    """Return a text as the numbers of its characters."""
    return np.array([float(ord(letter)) for letter in text])


def in_letters(array: Array) -> str:
    """Return the text again."""
    return "".join(chr(int(number)) for number in array)


def suite_of(seed: int, cases: Sequence[Case], expected: Sequence[Arrays], likes: Any) -> Suite:
    """Return a suite of cases that were made here, with known wrong answers: (what it is, case -> arrays)."""
    found = tuple(Lookalike(says, of) for says, of in likes)
    return Suite(seed, digest(list(cases)), tuple(cases), tuple(expected), lookalikes=found)
