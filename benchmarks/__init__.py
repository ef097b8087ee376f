"""How fast cellgrade is, measured: `make bench`. README.md says what is measured and how; RESULTS.md has
the figures.

    __main__                       the one entry: which sections are measured, in which order
    processes, rounds, timings     one process measured as a whole; programs in turn; functions in turn
    store, machine                 results.json, and what an interrupted run has measured already; where it
    was taken tables, quotes                 results.json -> RESULTS.md, and the figures that documents
    quote work                           hand-ins, inputs and programs that the sections share cold,
    sustained, profile, models, naming, docker, peers/, growth/                the sections: each has
    `measure(settings)`, which returns its figures usual_runner, suite_inputs     what a course runs without
    a sandbox, and the cases that all are asked held, two_checkouts            tools that measure no speed:
    how long a hostile hand-in holds a worker, and
                                   whether two checkouts come to the same reports

What starts processes that are measured imports nothing large: on Linux a process's peak memory includes
that of the one that started it.
"""
