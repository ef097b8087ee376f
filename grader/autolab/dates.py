"""When a lab begins, is due and ends. Without dates, Autolab takes tomorrow for all three."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from grader.errors import UsageError

DAYS = 14  # from the start to the day when it is due, unless that is said
FIRST_MINUTE, LAST_MINUTE = time(0, 0), time(23, 59)


@dataclass(frozen=True)
class Dates:
    """A lab's dates; without an offset from UTC they are meant in the time zone of the Autolab server.

    Attributes:
        start: students see it from then on.
        due: hand-ins after it are late.
        end: nobody can hand in after it.

    Raises:
        UsageError: they are not in this order, or one has an offset and another has none.
    """

    start: datetime
    due: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Hold them to what Autolab checks (`verify_dates_order` in its app/models/assessment.rb)."""
        if len({moment.tzinfo is None for moment in (self.start, self.due, self.end)}) != 1:
            raise UsageError("of the dates, either all have an offset from UTC or none has")
        if not self.start <= self.due <= self.end:
            raise UsageError(
                f"the start ({written(self.start)}), when it is due ({written(self.due)}) and the end "
                f"({written(self.end)}) must follow one another"
            )

    @property
    def fields(self) -> dict[str, str]:
        """As Autolab's yml has them; old versions want the last two, new ones do not look at them."""
        said = {"start_at": self.start, "due_at": self.due, "end_at": self.end}
        said |= {"visible_at": self.start, "grading_deadline": self.end}
        return {name: written(moment, seconds=True) for name, moment in said.items()}

    @property
    def sentence(self) -> str:
        """What a person is told of them."""
        ends = "and ends then" if self.end == self.due else f"and ends {written(self.end)}"
        zone = "" if self.start.tzinfo else " (in the time zone of the Autolab server)"
        return f"It starts {written(self.start)}, is due {written(self.due)} {ends}{zone}."


def chosen(today: date, start: str | None, due: str | None, end: str | None) -> Dates:
    """Return the dates that were asked for; by default from today on, due after `DAYS` days, ending when due.

    Args:
        today: the day on which the lab is written.
        start, due, end: "2026-12-01", "2026-12-01 23:59" or "2026-12-01 23:59+01:00"; a day alone means its
            first minute for the start, its last for the others.

    Raises:
        UsageError: one of them is no date, or they are out of order.
    """
    begins = moment("--start", start, FIRST_MINUTE) if start else datetime.combine(today, FIRST_MINUTE)
    if due:
        is_due = moment("--due", due, LAST_MINUTE)
        if not start:
            begins = min(begins.replace(tzinfo=is_due.tzinfo), is_due)
    else:
        day = begins.date() + timedelta(days=DAYS)
        is_due = datetime.combine(day, LAST_MINUTE, begins.tzinfo)
    return Dates(begins, is_due, moment("--end", end, LAST_MINUTE) if end else is_due)


def moment(option: str, text: str, at: time) -> datetime:
    """Return a day, or a day and a time.

    Raises:
        UsageError: it is neither; the message shows what it may be.
    """
    try:
        return datetime.combine(date.fromisoformat(text), at)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f'{option} takes "2026-12-01", "2026-12-01 23:59" or "2026-12-01 23:59+01:00", not {text!r}'
        ) from None


def written(moment: datetime, *, seconds: bool = False) -> str:
    """Return the moment in letters that Ruby's Time.zone.parse takes."""
    offset = moment.strftime("%z")
    return moment.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M") + (
        f" {offset}" if offset else ""
    )
