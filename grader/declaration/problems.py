"""A row of the gradebook, and a file that is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.declaration.checks import Check, Person, Reading, Rule
from grader.declaration.choices import Without


@dataclass(frozen=True)
class Problem:
    """A row of the gradebook. Its criteria are what its checks judge.

    Attributes:
        name: as in the gradebook.
        points: to be had; 0 for what is judged and worth nothing.
        checks: how it is judged.
        needs: functions ("rnn_forward") and methods ("RNN.train") that the main file must define.
        without: what becomes of it when one of `needs` is missing.
    """

    name: str
    points: float
    checks: tuple[Check | Reading | Rule | Person, ...]
    needs: tuple[str, ...] = ()
    without: Without = Without.FAIL

    @property
    def criteria(self) -> tuple[str, ...]:
        """The names of all criteria, in order."""
        return tuple(name for check in self.checks for name in check.names)

    @property
    def is_manual(self) -> bool:
        """Whether a person decides all of it."""
        return all(
            isinstance(check, Person) or (isinstance(check, Reading) and check.person)
            for check in self.checks
        )

    def fate(self, lacking: Sequence[str], *, unparsed: bool) -> Without:
        """Decide what becomes of it where the hand-in lacks something.

        Args:
            lacking: what of `needs` is not there.
            unparsed: some of it may stand in lines that Python cannot read. That is failed, and not missing:
                its error is what the student must read. But where it may be there in another form, a person
                reads the error.

        Returns:
            Without.FAIL as well where nothing is lacking: it is asked.
        """
        if not lacking or (unparsed and self.without is not Without.PERSON):
            return Without.FAIL
        return self.without

    @property
    def calls(self) -> tuple[Check, ...]:
        """The checks that ask the hand-in."""
        return tuple(check for check in self.checks if isinstance(check, Check))


@dataclass(frozen=True)
class Wanted:
    """A file that the hand-in must hold.

    Attributes:
        path: where the statement puts it, such as "hw3/gru.py"; a pattern where students choose part of the
            name, such as "homework6_*.py".
        places: folders that are as right as the path's own, such as "mytorch"; "" is the root.
        also: other file names that are accepted (fnmatch patterns), such as "gru_cell.py".
        defines: top-level names by which it is recognised, such as "GRU_Cell".
        methods: functions and methods that the student writes, such as "GRU_Cell.forward".
        given: those that the starter gives and that are to be left alone, such as "GRU_Cell.__init__".
        required: without it the hand-in is rejected. At least one wanted file must always be there.
        own_folder: it is found in a folder of its path's own name alone: others hold files of the same name.
    """

    path: str
    places: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    required: bool = True
    own_folder: bool = False
