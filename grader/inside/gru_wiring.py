"""Finds which entry of which parameter of a GRU written in PyTorch is which weight of the equations.

Layers may be called, stacked and turned as their author likes. What an entry does is seen by derivatives of
the step: one by which nothing changes while an input is zero multiplies that input; with all parameters
zero, only the candidate's and the update gate's matter, and in different powers of the state; those of the
reset gate matter as long as their unit of the state is not zero. So mistakes in the step, such as gates that
are exchanged or a reset in the wrong place, do not hide where its weights are.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

GATES = "zrh"
WEIGHTS = (*(f"{kind}_{gate}" for kind in "UWb" for gate in GATES), "V", "b_y")
RELATIVE = 1e-7  # of two derivatives that are the same
ROWS = 2  # of a probing batch: with one, a softmax over the batch would hide everything
Where = tuple[str, int, int]  # a weight, its row, its column: U_z[source, target], b_z[0, target]


@dataclass(frozen=True)
class Wiring:
    """Where the weights are.

    Attributes:
        positions: weight -> for each of its entries the place in the flat vector of all parameters, or -1;
            U (I, H), W (H, H), V (H, I), biases (1, H), (1, I).
        names: of the parameters, with the place of each one's first entry in that vector, and its shape.
        idle: parameters by which nothing changes.
    """

    positions: Mapping[str, NDArray[np.int64]]
    names: Sequence[tuple[str, int, tuple[int, ...]]]
    idle: Sequence[str]

    def set(self, net: Any, weights: Mapping[str, NDArray[np.float64]]) -> None:
        """Put weights where they belong, and zeros into all other parameters."""
        torch = sys.modules["torch"]
        size = sum(int(np.prod(shape)) for _, _, shape in self.names)
        flat = np.zeros(size)
        for name, values in weights.items():
            at = self.positions[name]
            there = at >= 0
            flat[at[there]] = values.reshape(at.shape)[there]
        with torch.no_grad():
            for (_, start, shape), (_, parameter) in zip(self.names, net.named_parameters(), strict=True):
                part = flat[start : start + int(np.prod(shape))].reshape(shape)
                parameter.copy_(torch.as_tensor(part))

    def gradient(self, net: Any, name: str) -> NDArray[np.float64]:
        """Return the gradient that backward has left for a weight, zeros where there is none."""
        parts = [
            np.zeros(one.numel()) if one.grad is None else one.grad.numpy().ravel()
            for _, one in net.named_parameters()
        ]
        at = self.positions[name]
        return np.where(at >= 0, np.concatenate([*parts, [0.0]])[at], 0.0)

    @property
    def missing(self) -> list[str]:
        """Weights of which some entry is nowhere."""
        return [name for name in WEIGHTS if (self.positions[name] < 0).any()]

    def said(self, name: str) -> str:
        """Return where a weight is, such as "U_z.weight" or "gates.weight[0:5, 3:7]"; "" if it is nowhere."""
        at = self.positions[name]
        if (at < 0).any():
            return ""
        found = []
        for parameter, start, shape in self.names:
            inside = at[(at >= start) & (at < start + int(np.prod(shape)))] - start
            if inside.size:
                axes = np.unravel_index(inside, shape)
                spans = [(int(axis.min()), int(axis.max()) + 1) for axis in axes]
                whole = all(span == (0, length) for span, length in zip(spans, shape, strict=True))
                cut = ", ".join(f"{first}:{last}" for first, last in spans)
                found.append(parameter if whole else f"{parameter}[{cut}]")
        return " and ".join(found)


def wired(net: Any, inputs: int, hidden: int) -> Wiring:
    """Return where the weights are, by `step` and `output`; the parameters are other ones afterwards."""
    return _Probe(net, inputs, hidden).wiring()


@dataclass(frozen=True)
class _Seen:
    """What is seen of one entry: inputs and units of the state that it vanishes with, outputs it reaches."""

    at: int
    xs: list[int]
    hs: list[int]
    outputs: list[int]

    def within(self, gate: str, target: int) -> Where:
        """Return which weight of a gate it is, for one of its units."""
        if self.xs:
            return f"U_{gate}", self.xs[0], target
        if self.hs:
            return f"W_{gate}", next((unit for unit in self.hs if unit != target), target), target
        return f"b_{gate}", 0, target


def _of_candidate(one: _Seen, f: list[float]) -> bool:
    """Whether its derivative goes with what it multiplies, and with nothing else of the state."""
    return _same(f[2], 2 * f[1]) if one.hs else _same(f[0], f[1])


def _of_update(one: _Seen, f: list[float]) -> bool:
    """Whether its derivative also goes with the state that the gate lets pass."""
    return not _of_candidate(one, f)


class _Probe:
    def __init__(self, net: Any, inputs: int, hidden: int) -> None:
        self.torch = sys.modules["torch"]
        self.net, self.inputs, self.hidden = net, inputs, hidden
        self.named = list(net.named_parameters())
        self.size = sum(one.numel() for _, one in self.named)
        random = np.random.default_rng(20)
        self.x = random.uniform(0.5, 1.5, (ROWS, inputs))
        self.h = random.uniform(0.5, 1.5, (ROWS, hidden)) * np.array([[1.0], [0.1]])
        self.mixed = random.uniform(0.5, 1.5, max(inputs, hidden))
        self.generic = random.uniform(-0.6, 0.6, self.size)

    def wiring(self) -> Wiring:
        hidden, inputs = self.hidden, self.inputs
        shapes = {f"U_{gate}": (inputs, hidden) for gate in GATES}
        shapes |= {f"W_{gate}": (hidden, hidden) for gate in GATES}
        shapes |= {f"b_{gate}": (1, hidden) for gate in GATES}
        shapes |= {"V": (hidden, inputs), "b_y": (1, inputs)}
        positions = {name: np.full(shape, -1) for name, shape in shapes.items()}
        used = np.zeros(self.size, np.bool_)
        for at, (name, row, column) in (*self._of_step(used), *self._of_output(used)):
            if positions[name][row, column] < 0:  # of two biases that are added the first one
                positions[name][row, column] = at
        names, start, idle = [], 0, []
        for name, one in self.named:
            names.append((name, start, tuple(one.shape)))
            if not used[start : start + one.numel()].any():
                idle.append(name)
            start += one.numel()
        return Wiring(positions, names, idle)

    def _of_step(self, used: NDArray[np.bool_]) -> Iterator[tuple[int, Where]]:
        step = self.net.step
        each = self._derivatives(step, self.generic, self.x, self.h)  # (hidden, n)
        active = np.asarray(self._is(each).any(axis=0))
        used |= active
        seen = [
            _Seen(
                int(at),
                np.flatnonzero(by_x).tolist(),
                np.flatnonzero(by_h).tolist(),
                np.flatnonzero(self._is(each[:, at])).tolist(),
            )
            for at, by_x, by_h in zip(
                np.flatnonzero(active),
                self._vanishing(step, active, of_x=True)[active],
                self._vanishing(step, active, of_x=False)[active],
                strict=True,
            )
        ]
        base = np.zeros(self.size)
        alone = self._is(
            self._derivatives(step, base, self.x, self.h)
        )  # where no unit of the state reaches another
        update = self._those(seen, base, _of_update)
        # Where the update gate lets nothing in at zero, the candidate shows once the gate is open.
        base[[one.at for one in update if not one.hs]] = 0.3
        told = {one.at for one in update}
        rest = [one for one in seen if one.at not in told]
        candidate = self._those(rest, base, _of_candidate)
        # Where the update gate lets no old state through, it shows once there is a candidate.
        base[[one.at for one in candidate if one.xs]] = 0.3
        told |= {one.at for one in candidate}
        update += self._those([one for one in rest if one.at not in told], base, lambda *_: True)
        told |= {one.at for one in update}
        for gate, entries in (("z", update), ("h", candidate)):
            for one in entries:
                if len(outputs := np.flatnonzero(alone[:, one.at]).tolist() or one.outputs) == 1:
                    yield one.at, one.within(gate, outputs[0])
        yield from self._of_reset(
            [one for one in rest if one.at not in told], np.asarray(self.mixed[: self.hidden] @ each)
        )

    def _those(
        self, seen: Sequence[_Seen], base: NDArray[np.float64], are: Callable[[_Seen, list[float]], bool]
    ) -> list[_Seen]:
        """Return those entries that are told apart by their derivatives at no, one and the double state."""
        step = self.net.step
        at_base = [
            self._derivatives(step, base, self.x, scale * self.h, mix=True)[0] for scale in (0.0, 1.0, 2.0)
        ]
        found = []
        for one in seen:
            f = [float(derivative[one.at]) for derivative in at_base]
            if self._is(np.array(f)).any() and are(one, f):
                found.append(one)
        return found

    def _of_reset(self, entries: Sequence[_Seen], mixed: NDArray[np.float64]) -> Iterator[tuple[int, Where]]:
        """Tell the entries of the reset gate apart: what goes into one unit of it shares a derivative."""
        slopes: dict[int, float] = {}  # unit -> derivative by what goes into it
        for one in entries:
            target = _only(one.hs) if one.hs else _only(one.outputs)
            if len(one.xs) == 1 and target is not None:
                slopes[target] = float(mixed[one.at]) / self.x[0, one.xs[0]]
                yield one.at, ("U_r", one.xs[0], target)
        for one in entries:
            if one.xs:
                continue
            if not one.hs or (len(one.outputs) == 1 < self.hidden):  # the reset comes after the product
                if (target := _only(one.outputs)) is not None:
                    yield one.at, ("W_r", one.hs[0], target) if one.hs else ("b_r", 0, target)
                continue
            pairs = [(source, to) for source in one.hs for to in one.hs if len(one.hs) == 1 or source != to]
            fitting = [
                (source, to)
                for source, to in pairs
                if _same(mixed[one.at], slopes.get(to, np.nan) * self.h[0, source])
            ]
            if fitting:
                yield one.at, ("W_r", *fitting[0])
            elif len(one.hs) == 1:
                is_bias = not slopes or _same(mixed[one.at], slopes.get(one.hs[0], np.nan))
                yield one.at, ("b_r", 0, one.hs[0]) if is_bias else ("W_r", one.hs[0], one.hs[0])

    def _of_output(self, used: NDArray[np.bool_]) -> Iterator[tuple[int, Where]]:
        def output(_: Any, h: Any) -> Any:
            return self.net.output(h)

        each = self._derivatives(output, self.generic, self.x, self.h)
        active = self._is(each).any(axis=0) & ~used
        used |= active
        by_h = self._vanishing(output, active, of_x=False)
        at_zero = self._derivatives(output, np.zeros(self.size), self.x, self.h)  # (inputs, n)
        for at in np.flatnonzero(active):
            sources, target = np.flatnonzero(by_h[at]), int(at_zero[:, at].argmax())
            if len(sources) == 1:
                yield int(at), ("V", int(sources[0]), target)
            elif not len(sources):
                yield int(at), ("b_y", 0, target)

    def _derivatives(
        self, function: Callable[..., Any], values: NDArray[np.float64], x: Any, h: Any, mix: bool = False
    ) -> NDArray[np.float64]:
        """Return the derivatives of the first sample's outputs by all parameters: (outputs, n)."""
        torch, edges = self.torch, np.cumsum([one.numel() for _, one in self.named])[:-1]
        with torch.no_grad():
            for (_, one), part in zip(self.named, np.split(values, edges), strict=True):
                one.copy_(torch.as_tensor(part.reshape(tuple(one.shape))))
        with torch.enable_grad():
            answered = function(torch.as_tensor(x), torch.as_tensor(h))[0]
            if mix:
                answered = (answered * torch.as_tensor(self.mixed[: len(answered)])).sum()[None]
            rows = [self._gradient(one) for one in answered]
        return np.array(rows).reshape(len(rows), self.size)

    def _gradient(self, scalar: Any) -> NDArray[np.float64]:
        tensors = [one for _, one in self.named]
        if not scalar.requires_grad:
            return np.zeros(self.size)
        found = self.torch.autograd.grad(scalar, tensors, retain_graph=True, allow_unused=True)
        parts = [
            np.zeros(one.numel()) if grad is None else grad.detach().numpy().astype(float).ravel()
            for one, grad in zip(tensors, found, strict=True)
        ]
        return np.concatenate([*parts, np.empty(0)])

    def _vanishing(
        self, function: Callable[..., Any], active: NDArray[np.bool_], *, of_x: bool
    ) -> NDArray[np.bool_]:
        """Which entries lose their effect with which input, or unit of the state, at zero: (n, inputs)."""
        columns = []
        for at in range(self.inputs if of_x else self.hidden):
            x, h = self.x.copy(), self.h.copy()
            (x if of_x else h)[:, at] = 0.0
            derivative = self._derivatives(function, self.generic, x, h, mix=True)[0]
            columns.append(active & ~self._is(derivative))
        return np.array(columns).reshape(len(columns), self.size).T

    def _is(self, derivative: NDArray[np.float64]) -> NDArray[np.bool_]:
        return np.abs(derivative) > 1e-13


def _only(found: list[int]) -> int | None:
    return found[0] if len(found) == 1 else None


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= RELATIVE * max(abs(one), abs(other))
