"""results.json as Markdown: every section that there is, in the order of `SECTIONS`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks import explained, work
from benchmarks.store import Section

HEADING = """# Figures

Written by `make bench` from `results.json`; [README.md](README.md) says what they mean and how they are
measured. A figure is a median, with the smallest and the largest behind it. Ratios are taken within a
round.
"""
GROWTH = "growth: "


def rendered(sections: Mapping[str, Section], unexplained: str = "") -> str:
    """Return RESULTS.md.

    Args:
        sections: what was measured.
        unexplained: what UNEXPLAINED.md says, whose figures are told as well.
    """
    parts = [HEADING]
    for name, write in SECTIONS.items():
        if name in sections:
            parts.append("\n".join([*write(sections[name]["figures"]), "", where(sections[name]), ""]))
    growing = {name: one for name, one in sections.items() if name.startswith(GROWTH)}
    if growing:
        parts.append("\n".join(growth(growing)))
    if unexplained:
        parts.append("\n".join(named(unexplained)))
    return "\n".join(parts).rstrip() + "\n"


def where(section: Section) -> str:
    """Return one line: when and on what a section was measured."""
    about = section["about"]
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    user = "root" if about["as_root"] else "an ordinary user"
    asked = ", ".join(
        f"{name} {value}" for name, value in section["settings"].items() if value not in ("", [])
    )
    return (
        f"{about['date']}; {about['cores']} cores ({about['processor']}), {about['memory_gib']} GiB, load "
        f"{about['load']} before; as {user}; {versions}. Settings: {asked}; it took "
        f"{section['took_s']:.0f} s."
    )


def cold(figures: Mapping[str, Any]) -> Iterator[str]:
    """Yield one grading as a whole process."""
    yield "## One grading, cold"
    yield ""
    yield from beside_one_another(figures["rows"])


def beside_one_another(rows: Mapping[str, Any]) -> Iterator[str]:
    """Yield the rows of programs that ran in turn."""
    usual, numpy = f"beside {work.USUAL}", f"beside {work.FLOOR}"
    columns = {
        "wall, s": ("wall_s", "{:.3f}"),
        "CPU, s": ("cpu_s", "{:.3f}"),
        "all processes, MiB": ("together_mib", "{:.0f}"),
        "wall / usual": (f"wall_s {usual}", "{:.3f}"),
        "CPU / usual": (f"cpu_s {usual}", "{:.3f}"),
        "MiB / usual": (f"together_mib {usual}", "{:.2f}"),
        "wall / numpy": (f"wall_s {numpy}", "{:.2f}"),
        "CPU / numpy": (f"cpu_s {numpy}", "{:.2f}"),
    }
    yield from table(
        ["", *columns],
        [[name, *(words(row[key], form) for key, form in columns.values())] for name, row in rows.items()],
    )


def sustained(figures: Mapping[str, Any]) -> Iterator[str]:
    """Yield a class."""
    yield "## A class, sustained"
    yield ""
    columns = {
        "hand-ins per s and core": ("per_core_s", "{:.2f}"),
        "per CPU second": ("per_cpu_s", "{:.2f}"),
        "per s and core / usual": (f"per_core_s beside {work.USUAL}", "{:.1f}"),
        "per CPU second / usual": (f"per_cpu_s beside {work.USUAL}", "{:.1f}"),
    }
    rows = figures["rows"].items()
    cells = [[name, *(words(row[key], form) for key, form in columns.values())] for name, row in rows]
    yield from table(["", *columns], cells)


def peers(figures: Mapping[str, Any]) -> Iterator[str]:
    """Yield all peers."""
    yield "## Peers side by side"
    yield ""
    yield from beside_one_another(figures["rows"])
    wrong = ", ".join(f"{name} {points:.4g}" for name, points in figures["wrong"].items())
    versions = ", ".join(f"{name} {version}" for name, version in figures["versions"].items())
    yield ""
    yield f"Points for a right hand-in: 100 by each; for one whose dWh is wrong: {wrong}."
    yield f"Versions: {versions}."
    if "batch" in figures:
        batch = figures["batch"]
        yield ""
        time_s = f"{batch['wall_s']:.2f} s of wall time, {batch['cpu_s']:.2f} s of CPU time"
        yield f"nbgrader in a batch of {batch['hand_ins']}, each hand-in: {time_s}."
        yield f"Its largest process had {batch['peak_mib']:.0f} MiB."
        yield "None of the others has a batch: a class is so many times one."


PARTS = {
    "whole": "a grading, all of it",
    "before": "the hand-in read, a job forked, locked down, handed its sources",
    "bare fork": "... of it a bare fork, with its end and the wait for it (floor)",
    "locked down": "... a fork locked down by all layers, with its end",
    "import": "the hand-in's import",
    "between": "from its import to its first call",
    "calls": "from its first call to its last",
    "own": "... of it in the hand-in's own functions (floor)",
    "after": "the end of the job, what is left to compare, the report",
    "bare calls": "beside it: a bare fork that imports the hand-in and makes its calls, nothing around "
    "them (floor)",
}


def timeline(figures: Mapping[str, Any]) -> Iterator[str]:
    """Yield where a grading's time goes."""
    yield "## Where a grading's time goes"
    yield ""
    yield "In a process that has graded before; wall time."
    yield ""
    cells = [[says, words(figures["parts"][name], "{:.2f}")] for name, says in PARTS.items()]
    yield from table(["", "ms"], cells)
    cpu, layers = figures["cpu"], figures["layers"]
    yield ""
    grading, bare, beside = (words(cpu[name], "{:.1f}") for name in ("grading", "bare calls", "beside"))
    yield f"CPU time of a grading, job included: {grading} ms; of the bare fork that makes the same calls:"
    yield f"{bare} ms; {beside} times as much."
    yield f"Layers on: {', '.join(layers['on'])}; off: {', '.join(layers['off']) or 'none'}."
    yield ""
    yield "What a process has to begin with:"
    yield ""
    yield from table(
        ["floor", "ms"], [[name, words(one, "{:.0f}")] for name, one in figures["floors"].items()]
    )


NAMING = {
    "once_s": "once, s",
    "once_mib": "once, MiB",
    "read_s": "kept and read, s",
    "kept_mib": "kept, MiB",
    "right_s": "a right hand-in, s",
}


def naming(figures: Mapping[str, Any]) -> Iterator[str]:
    """Yield what naming a mistake costs."""
    rows = figures["rows"]
    told = [name for name in NAMING if all(name in row for row in rows.values())]
    yield "## What naming a mistake costs"
    yield ""
    yield from table(
        ["", *(NAMING[name] for name in told), "for a wrong one, median s", "95 %", "largest", "of"],
        [
            [
                f"`{name}`",
                *(f"{row[one]:.3g}" for one in told),
                *(f"{row['hand_in_s'][key]:.3f}" for key in ("median", "95 %", "largest")),
                str(row["explained"]),
            ]
            for name, row in rows.items()
        ],
    )


def models(figures: Mapping[str, Any]) -> Iterator[str]:
    """Yield the model hand-ins beside torch."""
    rows = figures["rows"]
    sizes = sorted({int(size) for row in rows.values() for size in row["sizes"]})
    yield "## The model hand-ins over torch's own cells"
    yield ""
    yield "CPU time of a step (of a sequence: 20) forward and back over torch's, by hidden and input size."
    yield ""
    cells = []
    for name, row in rows.items():
        found = [row["sizes"].get(str(size)) for size in sizes]
        cells.append([name, row["torch"], *(words(one["beside"], "{:.2f}") if one else "" for one in found)])
    yield from table(["", "torch's", *map(str, sizes)], cells)


def docker(figures: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the images weigh, and what a container costs."""
    yield "## The images"
    yield ""
    yield from image_layers(figures)
    yield ""
    yield from image_runs(figures)


def image_layers(figures: Mapping[str, Any]) -> Iterator[str]:
    """Yield the layers of both images, from the ground up."""
    whole, baked = (figures["layers"].get(target, {}) for target in ("whole", "baked"))
    of_whole = [
        [what, f"{mib:.1f}", f"{baked[what]:.1f}" if what in baked else ""] for what, mib in whole.items()
    ]
    totals = [f"{mib:.1f}" for mib in figures["mib"].values()]
    yield from table(["layer, MiB", "with torch", "without"], [*of_whole, ["all", *totals]])
    yield ""
    students = ", ".join(f"{mib:.1f}" for mib in figures["student_mib"].values())
    yield f"The students' environment in them alone: {students} MiB."


def image_runs(figures: Mapping[str, Any]) -> Iterator[str]:
    """Yield what `docker run` takes."""
    yield from table(
        ["`docker run` of", "with torch, s", "without, s"],
        [
            [command if command == "`true`" else f"{command}, beyond that"]
            + [words(one, "{:.2f}") for one in by_target.values()]
            for command, by_target in figures["runs"].items()
        ],
    )


def growth(sections: Mapping[str, Section]) -> Iterator[str]:
    """Yield the curves, each with its picture."""
    yield "## How cost grows"
    yield ""
    yield "CPU time of all processes, fitted by fixed + each · size^slope; slopes on a log-log scale."
    yield ""
    cells = []
    for section in sections.values():
        figures, fit = section["figures"], section["figures"]["fit"]
        bend = f"{fit['bend']:,.0f}" if fit["bend"] is not None else "nowhere here"
        extent = f"{figures['sizes'][0]:,} to {figures['sizes'][-1]:,}"
        slopes = [f"{fit[key]:.2f}" for key in ("first_slope", "last_slope", "slope")]
        cells.append([figures["x"], extent, f"{fit['fixed']:.3g}", f"{fit['each']:.2g}", *slopes, bend])
    yield from table(
        ["by", "from, to", "fixed, s", "each, s", "slope at first", "at last", "fitted", "bends at"], cells
    )
    for name, section in sections.items():
        figures, file = section["figures"], f"growth/{name.removeprefix(GROWTH)}"
        yield ""
        yield f"![{figures['title']}]({file}.svg)"
        yield ""
        yield f"{figures['why']} [Its figures]({file}.csv)."
        if "peak_mib" in figures:
            peaks = ", ".join(f"{peak:.0f}" for peak in figures["peak_mib"])
            yield f"Memory of the largest process at each size: {peaks} MiB."
        yield ""
        yield where(section)


def named(unexplained: str) -> Iterator[str]:
    """Yield of how many mistakes the cause is named."""
    yield ""
    yield "## Of how many mistakes the cause is named"
    yield ""
    yield "From [UNEXPLAINED.md](UNEXPLAINED.md), which lists those that are not named."
    yield ""
    yield from table(["", "seed", *explained.COLUMNS, "falsely"], list(explained.rows(unexplained)))


def table(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield a table's lines."""
    yield f"| {' | '.join(columns)} |"
    yield f"|{' --- |' * len(columns)}"
    for row in cells:
        yield f"| {' | '.join(row)} |"


def words(figures: Mapping[str, float], form: str) -> str:
    """Return a median with its range, such as "1.27 (1.22-1.40)"."""
    median, least, most = (form.format(figures[name]) for name in ("median", "min", "max"))
    return median if median == least == most else f"{median} ({least}-{most})"


SECTIONS = {
    "cold": cold,
    "sustained": sustained,
    "timeline": timeline,
    "models": models,
    "docker": docker,
    "peers": peers,
    "naming": naming,
}
