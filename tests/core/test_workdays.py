"""Limits in working days: the dates below were read off printed calendars and counted by hand, never by the code."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.workdays import (
    Absence,
    Calendar,
    Calendars,
    Pause,
    day_begins,
    judge_calendar,
    months_before,
    week_deadline,
    working_deadline,
)

# Everybody is called as the town where they work.
TOWNS = {
    "auckland": Calendar("NZ", "", "Pacific/Auckland"),
    "beijing": Calendar("CN", "", "Asia/Shanghai"),
    "berlin": Calendar("DE", "BE", "Europe/Berlin"),
    "cairo": Calendar("EG", "", "Africa/Cairo"),
    "edinburgh": Calendar("GB", "SCT", "Europe/London"),
    "jerusalem": Calendar("IL", "", "Asia/Jerusalem"),
    "london": Calendar("GB", "ENG", "Europe/London"),
    "mumbai": Calendar("IN", "MH", "Asia/Kolkata"),
    "munich": Calendar("DE", "BY", "Europe/Berlin"),
    "new-york": Calendar("US", "", "America/New_York"),
    "paris": Calendar("FR", "", "Europe/Paris"),
    "santiago": Calendar("CL", "", "America/Santiago"),
    "tokyo": Calendar("JP", "", "Asia/Tokyo"),
}

# --- the table --------------------------------------------------------------------------------------------------------

# One case a line; lines below it that are indented say who is away and when the handover was on hold, or go on with
# the reason. Who acts on the last day stands in brackets where it is not the person of the limit.
TABLE = """
event                     | days | who       | limit ends on           | what it shows

# Weekends, and the day of the event

2026-03-02T09:00+01:00    |    1 | berlin    | Tue 2026-03-03          | one day: all of the day after Monday's event
2026-03-02T09:00+01:00    |    5 | berlin    | Mon 2026-03-09          | Tue to Fri are 1 to 4, the next Monday is 5
2026-03-06T17:00+01:00    |    1 | berlin    | Mon 2026-03-09          | Friday's event: Sat and Sun do not count
2026-03-05T10:00-05:00    |   10 | new-york  | Thu 2026-03-19          | ten days from a Thursday are two weeks
2026-03-07T12:00+01:00    |    1 | berlin    | Mon 2026-03-09          | event on a Saturday: Monday is the first day
2026-03-08T12:00+01:00    |    2 | berlin    | Tue 2026-03-10          | event on a Sunday: Mon 1, Tue 2
    why: (Women's Day, a holiday in Berlin, falls on that Sunday, with no substitute)
2026-05-01T12:00+02:00    |    1 | berlin    | Mon 2026-05-04          | event on a holiday (Fri, 1 May): Monday
2026-07-14T12:00+02:00    |    1 | paris     | Wed 2026-07-15          | event on a holiday (Tue, 14 July): Wednesday

# Midnight, and where it is which day

2026-06-08T23:59:59+02:00 |    1 | berlin    | Tue 2026-06-09          | a second before midnight it is still Monday
2026-06-09T00:00:00+02:00 |    1 | berlin    | Wed 2026-06-10          | at midnight it is Tuesday, which does not count
2026-06-08T00:00:00+02:00 |    1 | berlin    | Tue 2026-06-09          | Monday's first moment: Monday does not count
2026-11-02T23:30-05:00    |    1 | berlin    | Wed 2026-11-04          | late on 2 Nov in New York is 3 Nov in Berlin
2026-11-03T00:30+01:00    |    1 | new-york  | Tue 2026-11-03          | early on 3 Nov in Berlin is 2 Nov in New York
2026-06-08T16:00+00:00    |    1 | tokyo     | Wed 2026-06-10          | Mon 16:00 UTC is Tuesday 01:00 in Tokyo
2026-06-08T14:00+02:00    |    1 | auckland  | Wed 2026-06-10          | Mon 12:00 UTC is Tuesday 00:00 in Auckland
2026-06-05T19:00-04:00    |    1 | berlin    | Mon 2026-06-08          | Friday evening in New York is Sat in Berlin
2026-06-07T23:30-04:00    |    1 | berlin    | Tue 2026-06-09          | Sunday night in New York is Mon in Berlin
2026-06-08T01:00+02:00    |    1 | new-york  | Mon 2026-06-08          | Monday 01:00 in Berlin is Sun in New York

# Holidays of the United States

2026-07-02T10:00-04:00    |    1 | new-york  | Mon 2026-07-06          | 4 July is a Saturday, kept on Fri 3
2027-07-02T10:00-04:00    |    1 | new-york  | Tue 2027-07-06          | 4 July is a Sunday, kept on Mon 5
2026-06-18T10:00-04:00    |    1 | new-york  | Mon 2026-06-22          | Juneteenth is Fri 19
2026-11-25T10:00-05:00    |    2 | new-york  | Mon 2026-11-30          | Thanksgiving Thu off, Fri 1, Mon 2
2026-11-25T10:00-05:00    |    1 | nobody    | Fri 2026-11-27          | for nobody in particular: the default calendar
2026-12-24T09:00-05:00    |    1 | new-york  | Mon 2026-12-28          | Christmas is Fri 25; Boxing Day is not kept
2027-12-23T09:00-05:00    |    1 | new-york  | Mon 2027-12-27          | Christmas is a Saturday, kept on Fri 24
2027-12-30T09:00-05:00    |    2 | new-york  | Tue 2028-01-04          | New Year 2028 is a Sat, kept on Fri 31 Dec 2027

# Holidays of Germany: regions differ, and none has a substitute

2026-01-05T10:00+01:00    |    1 | munich    | Wed 2026-01-07          | Epiphany, Tue 6 Jan, is kept in Bavaria
2026-01-05T10:00+01:00    |    1 | berlin    | Tue 2026-01-06          | Epiphany is not kept in Berlin
2026-06-03T10:00+02:00    |    1 | munich    | Fri 2026-06-05          | Corpus Christi, Thu 4 June, is kept in Bavaria
2026-06-03T10:00+02:00    |    1 | berlin    | Thu 2026-06-04          | Corpus Christi is not kept in Berlin
2027-03-05T10:00+01:00    |    1 | berlin    | Tue 2027-03-09          | Women's Day, Mon 8 March, is kept in Berlin
2027-03-05T10:00+01:00    |    1 | munich    | Mon 2027-03-08          | Women's Day is not kept in Bavaria
2026-04-02T10:00+02:00    |    2 | berlin    | Wed 2026-04-08          | Good Friday 3, Easter Monday 6: Tue 1, Wed 2
2026-05-13T10:00+02:00    |    8 | berlin    | Wed 2026-05-27          | Ascension Thu 14 and Whit Monday 25 are off:
    why: Fri 15 is 1, 18 to 22 are 2 to 6, Tue 26 is 7, Wed 27 is 8
2026-10-02T10:00+02:00    |    1 | berlin    | Mon 2026-10-05          | 3 October is a Saturday, no substitute
2026-12-24T10:00+01:00    |    2 | berlin    | Tue 2026-12-29          | 26 Dec is a Sat, no substitute: Mon 1, Tue 2

# Holidays of Great Britain

2026-12-24T10:00+00:00    |    2 | london    | Wed 2026-12-30          | Boxing Day is a Sat, kept Mon 28: Tue 1, Wed 2
2027-12-24T09:00+00:00    |    1 | london    | Wed 2027-12-29          | Sat 25, Sun 26 Dec are kept on Mon 27, Tue 28
2027-12-30T09:00+00:00    |    2 | london    | Tue 2028-01-04          | Fri 31 is 1; New Year is kept Mon 3; Tue 4 is 2
2026-04-02T10:00+01:00    |    1 | london    | Tue 2026-04-07          | Good Friday and Easter Monday in England
2026-04-02T10:00+01:00    |    1 | edinburgh | Mon 2026-04-06          | Easter Monday is not kept in Scotland
2026-05-01T10:00+01:00    |    1 | london    | Tue 2026-05-05          | the early May holiday is Mon 4
2026-08-28T10:00+01:00    |    1 | london    | Tue 2026-09-01          | the summer bank holiday is Mon 31 August

# Holidays of France, India, Japan

2026-04-02T10:00+02:00    |    1 | paris     | Fri 2026-04-03          | Good Friday is a working day in France
2026-05-07T10:00+02:00    |    1 | paris     | Mon 2026-05-11          | Victory Day is Fri 8 May
2026-05-13T10:00+02:00    |    2 | paris     | Mon 2026-05-18          | Ascension Thu 14 off, Fri 15 is 1, Mon 18 is 2
2026-07-13T10:00+02:00    |    1 | paris     | Wed 2026-07-15          | the National Day is Tue 14 July
2026-01-23T10:00+05:30    |    1 | mumbai    | Tue 2026-01-27          | Republic Day is Mon 26 January
2026-10-01T10:00+05:30    |    1 | mumbai    | Mon 2026-10-05          | Gandhi's birthday is Fri 2 October
2026-08-14T10:00+05:30    |    1 | mumbai    | Mon 2026-08-17          | Independence Day is a Saturday, no substitute
2026-05-01T10:00+09:00    |    1 | tokyo     | Thu 2026-05-07          | 3 May is a Sunday, kept on Wed 6 after 4 and 5
2026-09-18T10:00+09:00    |    1 | tokyo     | Thu 2026-09-24          | Tue 22 lies between holidays Mon 21 and Wed 23
2025-12-31T10:00+09:00    |    1 | tokyo     | Fri 2026-01-02          | New Year's Day is Thu 1; Fri 2 is none by law

# Weekends on Friday and Saturday, and a Saturday on which people work

2026-02-05T10:00+02:00    |    1 | cairo     | Sun 2026-02-08          | after Thursday comes Sunday
2026-02-04T10:00+02:00    |    5 | cairo     | Wed 2026-02-11          | Thu 1, Sun 2, Mon 3, Tue 4, Wed 5
2026-04-21T10:00+03:00    |    1 | jerusalem | Thu 2026-04-23          | Independence Day is Wed 22 April
2026-04-23T10:00+03:00    |    1 | jerusalem | Sun 2026-04-26          | Sunday is a working day in Israel
2026-02-13T10:00+08:00    |    1 | beijing   | Sat 2026-02-14          | Sat 14 Feb 2026 is worked, in turn for Fri 20

# Clocks that change

2026-03-27T10:00+01:00    |    1 | berlin    | Mon 2026-03-30          | summer time begins on Sun 29 March in Berlin
2026-03-30T00:30+02:00    |    1 | berlin    | Tue 2026-03-31          | in summer time it is Mon already, not Sun 23:30
2026-10-23T10:00+02:00    |    1 | berlin    | Mon 2026-10-26          | summer time ends on Sun 25 October in Berlin
2026-10-25T23:30+01:00    |    1 | berlin    | Mon 2026-10-26          | in winter time it is Sun still, not Mon 00:30
2026-03-06T10:00-05:00    |    1 | new-york  | Mon 2026-03-09          | summer time begins on Sun 8 March in New York
2026-10-30T10:00-04:00    |    1 | new-york  | Mon 2026-11-02          | summer time ends on Sun 1 November in New York
2026-03-09T03:30+00:00    |    1 | new-york  | Mon 2026-03-09          | 23:30 on Sunday 8 March, four hours behind
2026-04-22T10:00+02:00    |    1 | cairo     | Thu 2026-04-23          | ends at a midnight that the clocks leap over
2026-04-23T22:00+00:00    |    1 | cairo     | Sun 2026-04-26          | Fri 24 April begins at 01:00; weekend: Sun 1
2026-10-29T23:30+02:00    |    1 | cairo     | Sun 2026-11-01          | the second 23:30 of Thu 29 October
2026-09-04T10:00-04:00    |    1 | santiago  | Mon 2026-09-07          | Sun 6 September begins at 01:00

# The end of the year, and leap days

2026-12-31T10:00+01:00    |    3 | munich    | Thu 2027-01-07          | Fri 1 and Epiphany Wed 6 are off: 4, 5, 7 Jan
2026-12-31T23:30-05:00    |    1 | berlin    | Mon 2027-01-04          | it is Fri 1 January 2027 in Berlin
2026-12-18T10:00+01:00    |   10 | berlin    | Tue 2027-01-05          | 21 to 24 are 1 to 4, 28 to 31 are 5 to 8,
    why: Fri 25 and Fri 1 January are off, Mon 4 is 9, Tue 5 is 10
2028-02-28T10:00+01:00    |    1 | berlin    | Tue 2028-02-29          | the leap day is a working Tuesday
2028-02-28T10:00+01:00    |    2 | berlin    | Wed 2028-03-01          | the leap day is 1, 1 March is 2
2028-02-29T10:00-05:00    |    1 | new-york  | Wed 2028-03-01          | event on the leap day
2027-02-26T10:00+01:00    |    1 | berlin    | Mon 2027-03-01          | no leap day in 2027: Fri 26, then Mon 1 March

# Away with a deputy: the deputy's calendar and zone count

2026-06-01T10:00+02:00    |    3 | munich    | Thu 2026-06-04 (berlin) | Corpus Christi is a working day of the deputy
    away: munich 2026-06-01..2026-06-05 for berlin
2026-06-01T10:00+02:00    |    3 | berlin    | Fri 2026-06-05 (munich) | Corpus Christi is a holiday of the deputy
    away: berlin 2026-06-01..2026-06-05 for munich
2026-07-13T10:00+01:00    |    1 | london    | Wed 2026-07-15 (paris)  | 14 July is a holiday of the deputy
    away: london 2026-07-13..2026-07-17 for paris
2026-07-13T10:00+02:00    |    1 | paris     | Tue 2026-07-14 (london) | one's own holiday, but the deputy works
    away: paris 2026-07-13..2026-07-17 for london
2026-02-05T10:00+01:00    |    2 | berlin    | Mon 2026-02-09          | Fri, Sat off in Cairo, Sun 1 there, Mon 2 here
    away: berlin 2026-02-05..2026-02-08 for cairo
2026-06-01T20:00-04:00    |    1 | new-york  | Wed 2026-06-03 (tokyo)  | the event is on Tuesday where the deputy lives
    away: new-york 2026-06-01..2026-06-05 for tokyo
2026-06-08T09:00+02:00    |    3 | berlin    | Thu 2026-06-11 (tokyo)  | away from the middle: Tue here, Wed, Thu there
    away: berlin 2026-06-10..2026-06-30 for tokyo
2026-06-08T09:00+02:00    |    3 | berlin    | Thu 2026-06-11          | back in the middle: Tue there, Wed, Thu here
    away: berlin 2026-06-08..2026-06-09 for paris
2026-06-08T09:00+02:00    |    2 | berlin    | Wed 2026-06-10 (tokyo)  | a chain: Berlin's deputy is away for Tokyo
    away: berlin 2026-06-08..2026-06-12 for paris
    away: paris 2026-06-08..2026-06-12 for tokyo
2026-06-08T09:00+02:00    |    2 | berlin    | Wed 2026-06-10 (paris)  | of two absences the one with a deputy is heard
    away: berlin 2026-06-08..2026-06-19 for nobody
    away: berlin 2026-06-09..2026-06-10 for paris

# Away without a deputy: ten working days do not count, from the eleventh on they do

2026-06-08T09:00+02:00    |    3 | berlin    | Tue 2026-06-16          | Tue to Thu away, Fri 12 is 1, Mon 2, Tue 3
    away: berlin 2026-06-09..2026-06-11 for nobody
2026-06-08T09:00+02:00    |    1 | berlin    | Tue 2026-06-09          | away on the day of the event only
    away: berlin 2026-06-08..2026-06-08 for nobody
2026-06-12T09:00+02:00    |    1 | berlin    | Mon 2026-06-15          | away on a weekend only
    away: berlin 2026-06-13..2026-06-14 for nobody
2026-06-08T09:00+02:00    |    3 | berlin    | Mon 2026-06-22          | away from the middle: Tue 1, Wed 2, Mon 22 is 3
    away: berlin 2026-06-11..2026-06-19 for nobody
2026-06-08T09:00+02:00    |    1 | berlin    | Tue 2026-06-23          | ten away (9-12, 15-19, 22), at work on Tue 23
    away: berlin 2026-06-09..2026-06-22 for nobody
2026-06-08T09:00+02:00    |    1 | berlin    | Tue 2026-06-23 (nobody) | ten away, Tue 23 is the eleventh and counts
    away: berlin 2026-06-09..2026-06-30 for nobody
2026-06-08T09:00+02:00    |    2 | berlin    | Wed 2026-06-24 (nobody) | the eleventh is 1, the twelfth is 2
    away: berlin 2026-06-09..2026-06-30 for nobody
2026-05-11T09:00+02:00    |    1 | berlin    | Thu 2026-05-28 (nobody) | weekends and holidays are not among the ten:
    why: 12, 13, 15, 18 to 22, 26, 27 May are ten, without Ascension (14) and Whit Monday (25)
    away: berlin 2026-05-12..2026-06-30 for nobody
2026-06-08T09:00+02:00    |    3 | berlin    | Thu 2026-06-25 (nobody) | two share the ten: 9-12, 16-19, 22, 23 June;
    why: Mon 15 is 1, Wed 24 is 2, Thu 25 is 3
    away: berlin 2026-06-09..2026-06-12 for nobody
    away: berlin 2026-06-16..2026-06-30 for nobody
2026-06-08T09:00+02:00    |    2 | berlin    | Fri 2026-06-12 (paris)  | the deputy is away Tue, Wed too: Thu 1, Fri 2
    away: berlin 2026-06-08..2026-06-12 for paris
    away: paris 2026-06-09..2026-06-10 for nobody
2026-06-08T09:00+02:00    |    1 | berlin    | Thu 2026-06-11          | two stand in for each other until Wed: Thu 1
    away: berlin 2026-06-08..2026-06-10 for paris
    away: paris 2026-06-08..2026-06-10 for berlin
2026-06-08T09:00+02:00    |    2 | berlin    | Thu 2026-06-11 (london) | a circle of three on Tue, broken on Wed
    away: berlin 2026-06-08..2026-06-12 for paris
    away: paris 2026-06-08..2026-06-12 for london
    away: london 2026-06-08..2026-06-09 for berlin
2026-06-08T09:00+02:00    |    1 | berlin    | Thu 2026-06-11          | one's own deputy is none
    away: berlin 2026-06-09..2026-06-10 for berlin

# On hold: a day touched by a hold does not count

2026-06-08T09:00+02:00    |    2 | berlin    | Thu 2026-06-11          | an hour on Tuesday: Wed 1, Thu 2
    hold: 2026-06-09T10:00+02:00..2026-06-09T11:00+02:00
2026-06-08T09:00+02:00    |    1 | berlin    | Tue 2026-06-09          | on hold on the day of the event only
    hold: 2026-06-08T10:00+02:00..2026-06-08T11:00+02:00
2026-06-08T09:00+02:00    |    1 | berlin    | Thu 2026-06-11          | from Monday to Wed 09:00: Tue, Wed do not count
    hold: 2026-06-08T15:00+02:00..2026-06-10T09:00+02:00
2026-06-08T09:00+02:00    |    1 | berlin    | Wed 2026-06-10          | ends on Tuesday's midnight: Wed counts
    hold: 2026-06-09T10:00+02:00..2026-06-10T00:00+02:00
2026-06-08T09:00+02:00    |    2 | berlin    | Thu 2026-06-11          | begins on Tuesday's midnight: Tue 1, Thu 2
    hold: 2026-06-10T00:00+02:00..2026-06-10T08:00+02:00
2026-06-08T09:00+02:00    |    2 | berlin    | Fri 2026-06-12          | two holds, on Tue and Thu: Wed 1, Fri 2
    hold: 2026-06-09T10:00+02:00..2026-06-09T11:00+02:00
    hold: 2026-06-11T10:00+02:00..2026-06-11T11:00+02:00
2026-06-12T09:00+02:00    |    1 | berlin    | Mon 2026-06-15          | on hold on a Saturday only
    hold: 2026-06-13T10:00+02:00..2026-06-13T11:00+02:00
2026-06-08T10:00+09:00    |    2 | tokyo     | Thu 2026-06-11          | 18:00 in Berlin is Wed in Tokyo: Tue 1, Thu 2
    hold: 2026-06-09T18:00+02:00..2026-06-09T19:00+02:00
2026-06-08T10:00+09:00    |    1 | tokyo     | Wed 2026-06-10          | Tue 16:00 to 17:00 in Berlin is Tue in Tokyo
    hold: 2026-06-09T16:00+02:00..2026-06-09T17:00+02:00
2026-06-08T09:00+02:00    |    1 | berlin    | Tue 2026-06-09 (tokyo)  | it is Wed where the deputy lives: Tue counts
    away: berlin 2026-06-08..2026-06-12 for tokyo
    hold: 2026-06-09T18:00+02:00..2026-06-09T19:00+02:00
2026-06-08T09:00+02:00    |    1 | berlin    | Wed 2026-06-24 (nobody) | a day on hold is not among the ten away:
    why: 10 to 12, 15 to 19, 22, 23 June are ten
    away: berlin 2026-06-09..2026-06-30 for nobody
    hold: 2026-06-09T10:00+02:00..2026-06-09T11:00+02:00
"""


class Case(NamedTuple):
    event: datetime
    days: int
    who: str
    weekday: str
    ends_on: date
    acts: str
    calendars: Calendars
    holds: tuple[Pause, ...]


def named(town):
    """The username of a cell: nobody is written out in the table, and is "" in the code."""
    return "" if town == "nobody" else town


def world(*absences):
    """Everybody's calendar, and who is away: ("berlin", "2026-06-08", "2026-06-12", "paris")."""
    away = {}
    for person, first, last, deputy in absences:
        absence = Absence(date.fromisoformat(first), date.fromisoformat(last), deputy)
        away[person] = (*away.get(person, ()), absence)
    return Calendars(own=TOWNS, away=away)


def hold(starts_at, ends_at):
    return Pause(datetime.fromisoformat(starts_at), datetime.fromisoformat(ends_at))


def read_table(text):
    """Yield a pytest parameter for every case of a table."""
    lines = [line for line in text.strip().splitlines()[1:] if line and not line.startswith("#")]
    for chunk in re.split(r"\n(?! )", "\n".join(lines)):
        row, *below = chunk.splitlines()
        event, days, who, ends, why = (cell.strip() for cell in row.split("|"))
        absences, holds = [], []
        for line in below:
            kind, rest = line.strip().split(": ", 1)
            if kind == "away":
                absences.append(re.fullmatch(r"(\S+) (\S+)\.\.(\S+) for (\S+)", rest).groups())
            elif kind == "hold":
                holds.append(hold(*rest.split("..")))
            else:
                assert kind == "why", line
                why = f"{why} {rest}"
        weekday, ends_on, acts = re.fullmatch(r"(\w{3}) (\S+)(?: \((\S+)\))?", ends).groups()
        case = Case(
            datetime.fromisoformat(event),
            int(days),
            named(who),
            weekday,
            date.fromisoformat(ends_on),
            named(acts or who),
            world(*((person, first, last, named(deputy)) for person, first, last, deputy in absences)),
            tuple(holds),
        )
        yield pytest.param(case, id=f"{who} {ends}: {why}")


CASES = tuple(read_table(TABLE))


def check(case):
    assert case.ends_on.strftime("%a") == case.weekday, "the table names the wrong day of the week"
    found = working_deadline(case.event, case.days, case.who, case.calendars, case.holds)
    zone = case.calendars.of(case.acts or case.who).zone
    assert found.due_at.astimezone(zone) == datetime.combine(case.ends_on, time(23, 59, 59), zone)
    assert found.person == case.acts


@pytest.mark.parametrize("case", CASES)
def test_a_limit_ends_on_the_day_that_the_calendar_says(case):
    check(case)


def test_the_table_is_read_whole():
    rows = [line for line in TABLE.splitlines() if re.match(r"\d", line)]
    assert len(CASES) == len({each.id for each in CASES}) == len(rows) >= 45


# --- deputies on another side of the world ----------------------------------------------------------------------------

# The day of the event does not count where the person lives who must act, whoever had to act when it happened.
FAR_DEPUTIES = """
event                     | days | who       | limit ends on             | what it shows

2026-06-08T23:00-04:00    |    1 | new-york  | Wed 2026-06-10 (tokyo)    | it is Tue noon where the deputy of Tue lives
    away: new-york 2026-06-09..2026-06-12 for tokyo
2026-06-08T20:00-04:00    |    1 | new-york  | Tue 2026-06-09            | it is Mon where the person of Tue lives
    away: new-york 2026-06-08..2026-06-08 for tokyo
2026-06-09T10:00+09:00    |    1 | tokyo     | Tue 2026-06-09 (new-york) | it is Mon evening where the deputy lives
    away: tokyo 2026-06-09..2026-06-12 for new-york
2026-06-09T10:00+09:00    |    1 | tokyo     | Wed 2026-06-10            | away until the day of the event: Wed at work
    away: tokyo 2026-06-08..2026-06-09 for nobody
"""


@pytest.mark.parametrize("case", list(read_table(FAR_DEPUTIES)))
def test_the_day_of_the_event_is_the_one_where_the_person_lives_who_must_act(case):
    check(case)


# --- the moment -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "who", "due_at"),
    [
        ("2026-03-26T10:00+01:00", "berlin", "2026-03-27T23:59:59+01:00"),
        ("2026-03-27T10:00+01:00", "berlin", "2026-03-30T23:59:59+02:00"),
        ("2026-10-22T10:00+02:00", "berlin", "2026-10-23T23:59:59+02:00"),
        ("2026-10-23T10:00+02:00", "berlin", "2026-10-26T23:59:59+01:00"),
        ("2026-03-06T10:00-05:00", "new-york", "2026-03-09T23:59:59-04:00"),
        ("2026-10-30T10:00-04:00", "new-york", "2026-11-02T23:59:59-05:00"),
        ("2026-06-08T10:00+00:00", "mumbai", "2026-06-09T23:59:59+05:30"),
        ("2026-06-08T10:00+00:00", "tokyo", "2026-06-09T23:59:59+09:00"),
        ("2026-04-22T10:00+02:00", "cairo", "2026-04-23T23:59:59+02:00"),
        # The last hour of that Thursday runs twice; the second one is its end.
        ("2026-10-28T10:00+03:00", "cairo", "2026-10-29T23:59:59+02:00"),
    ],
)
def test_a_limit_ends_a_second_before_midnight_by_the_clock_of_that_day(event, who, due_at):
    found = working_deadline(datetime.fromisoformat(event), 1, who, world())
    assert found.due_at.isoformat() == due_at


def test_a_limit_ends_by_the_clock_of_the_deputy_who_acts_on_its_last_day():
    calendars = world(("berlin", "2026-06-10", "2026-06-12", "tokyo"))
    found = working_deadline(datetime.fromisoformat("2026-06-08T09:00+02:00"), 2, "berlin", calendars)
    assert found.due_at.isoformat() == "2026-06-10T23:59:59+09:00"
    assert (found.person, found.calendar) == ("tokyo", TOWNS["tokyo"])


def test_nobody_in_particular_and_strangers_live_by_the_default_calendar():
    calendars = Calendars(default=TOWNS["munich"])
    for who in ("", "a-stranger"):
        found = working_deadline(datetime.fromisoformat("2026-01-05T10:00+01:00"), 1, who, calendars)
        assert found.due_at.isoformat() == "2026-01-07T23:59:59+01:00"
        assert (found.person, found.calendar) == (who, TOWNS["munich"])


def test_capitals_in_usernames_do_not_matter():
    own = {"anna": TOWNS["berlin"], "ben": TOWNS["tokyo"]}
    away = {"anna": (Absence(date(2026, 6, 8), date(2026, 6, 12), "BEN"),)}
    calendars = Calendars(own=own, away=away)
    found = working_deadline(datetime.fromisoformat("2026-06-08T09:00+02:00"), 1, "Anna", calendars)
    assert found.due_at.isoformat() == "2026-06-09T23:59:59+09:00"
    assert found.person == "BEN"
    assert calendars.of("ANNA") == TOWNS["berlin"]


# --- warnings and later steps -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "warn_from"),
    [
        # Event on Mon 8 June; 9 to 12 are 1 to 4, 15 to 19 are 5 to 9, 22 to 26 are 10 to 14, 29 is 15.
        (1, "2026-06-09"),
        (4, "2026-06-12"),
        (5, "2026-06-15"),
        (9, "2026-06-19"),
        (10, "2026-06-19"),
        (14, "2026-06-25"),
        (15, "2026-06-25"),
    ],
)
def test_a_warning_comes_when_the_last_fifth_begins_at_least_the_last_day(days, warn_from):
    found = working_deadline(datetime.fromisoformat("2026-06-08T09:00+02:00"), days, "berlin", world())
    assert found.warn_from == datetime.fromisoformat(f"{warn_from}T00:00+02:00")


def test_a_warning_comes_in_the_zone_of_who_acts_on_that_day():
    calendars = world(("berlin", "2026-06-15", "2026-06-19", "tokyo"))
    found = working_deadline(datetime.fromisoformat("2026-06-08T09:00+02:00"), 5, "berlin", calendars)
    assert found.warn_from == datetime.fromisoformat("2026-06-15T00:00+09:00")


@pytest.mark.parametrize(
    ("event", "who", "absences", "holds", "later"),
    [
        # Due on Fri 12.
        ("2026-06-11T09:00+02:00", "berlin", (), (), ["2026-06-15T23:59:59+02:00", "2026-06-16T23:59:59+02:00"]),
        # Due on the Thursday before Easter.
        ("2026-04-01T09:00+02:00", "berlin", (), (), ["2026-04-07T23:59:59+02:00", "2026-04-08T23:59:59+02:00"]),
        # Due on Fri 27 March, before the clocks change.
        ("2026-03-26T09:00+01:00", "berlin", (), (), ["2026-03-30T23:59:59+02:00", "2026-03-31T23:59:59+02:00"]),
        (
            "2026-06-11T09:00+02:00",
            "berlin",
            (),
            (hold("2026-06-15T10:00+02:00", "2026-06-15T11:00+02:00"),),
            ["2026-06-16T23:59:59+02:00", "2026-06-17T23:59:59+02:00"],
        ),
        (
            "2026-06-11T09:00+02:00",
            "berlin",
            (("berlin", "2026-06-15", "2026-06-15", ""), ("berlin", "2026-06-16", "2026-06-16", "tokyo")),
            (),
            ["2026-06-16T23:59:59+09:00", "2026-06-17T23:59:59+02:00"],
        ),
    ],
    ids=["weekend", "easter", "summer time", "on hold", "away"],
)
def test_the_later_steps_are_the_next_two_working_days(event, who, absences, holds, later):
    found = working_deadline(datetime.fromisoformat(event), 1, who, world(*absences), holds)
    assert [each.isoformat() for each in found.later] == later


# --- weeks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "who", "holds", "due_at"),
    [
        ("2026-06-08T09:00+02:00", "berlin", (), "2026-07-06T23:59:59+02:00"),
        ("2026-06-06T09:00+02:00", "berlin", (), "2026-07-04T23:59:59+02:00"),
        # Two weeks in April hold Good Friday and Easter Monday, which count like Sundays.
        ("2026-03-16T09:00+01:00", "berlin", (), "2026-04-13T23:59:59+02:00"),
        ("2028-02-07T09:00+01:00", "berlin", (), "2028-03-06T23:59:59+01:00"),
        ("2026-11-02T23:30-05:00", "berlin", (), "2026-12-01T23:59:59+01:00"),
        (
            "2026-06-08T09:00+02:00",
            "berlin",
            (hold("2026-06-13T23:00+02:00", "2026-06-15T01:00+02:00"),),
            "2026-07-09T23:59:59+02:00",
        ),
        (
            "2026-06-08T09:00+02:00",
            "berlin",
            (hold("2026-06-08T10:00+02:00", "2026-06-09T00:00+02:00"),),
            "2026-07-06T23:59:59+02:00",
        ),
        # The hold touches the last day alone.
        (
            "2026-06-08T09:00+02:00",
            "berlin",
            (hold("2026-07-06T10:00+02:00", "2026-07-06T11:00+02:00"),),
            "2026-07-07T23:59:59+02:00",
        ),
    ],
    ids=[
        "Monday to Monday",
        "Saturday to Saturday",
        "over Easter",
        "over a leap day",
        "3 November in Berlin",
        "a hold from Saturday night to Monday pushes three days on",
        "a hold on the day of the event",
        "a hold on the last day",
    ],
)
def test_four_weeks_are_28_days_of_any_kind_but_for_those_on_hold(event, who, holds, due_at):
    assert week_deadline(datetime.fromisoformat(event), 28, who, world(), holds).due_at.isoformat() == due_at


def test_weeks_run_on_while_somebody_is_away():
    calendars = world(("berlin", "2026-06-09", "2026-06-30", ""))
    found = week_deadline(datetime.fromisoformat("2026-06-08T09:00+02:00"), 28, "berlin", calendars)
    assert (found.due_at.isoformat(), found.person) == ("2026-07-06T23:59:59+02:00", "berlin")


def test_weeks_that_end_while_a_deputy_acts_end_by_the_clock_of_the_deputy():
    calendars = world(("berlin", "2026-07-01", "2026-07-31", "tokyo"))
    found = week_deadline(datetime.fromisoformat("2026-06-08T09:00+02:00"), 28, "berlin", calendars)
    assert (found.due_at.isoformat(), found.person) == ("2026-07-06T23:59:59+09:00", "tokyo")


def test_weeks_warn_on_the_last_five_days_of_28():
    found = week_deadline(datetime.fromisoformat("2026-06-08T09:00+02:00"), 28, "berlin", world())
    assert found.warn_from == datetime.fromisoformat("2026-07-02T00:00+02:00")


@pytest.mark.parametrize(
    ("event", "who", "absences", "later"),
    [
        (
            "2026-06-06T09:00+02:00",
            "berlin",
            (),
            ["2026-07-06T23:59:59+02:00", "2026-07-07T23:59:59+02:00"],
        ),
        # Due on Mon 29 June, the first day away; the deputy has Tue 30 and Wed 1.
        (
            "2026-06-01T09:00-04:00",
            "new-york",
            (("new-york", "2026-06-29", "2026-07-03", "tokyo"),),
            ["2026-06-30T23:59:59+09:00", "2026-07-01T23:59:59+09:00"],
        ),
        # Due on Mon 29 June, the last day away; back on Tue 30.
        (
            "2026-06-01T09:00+09:00",
            "tokyo",
            (("tokyo", "2026-06-22", "2026-06-29", "new-york"),),
            ["2026-06-30T23:59:59+09:00", "2026-07-01T23:59:59+09:00"],
        ),
    ],
    ids=["after a Saturday", "a deputy far east from the last day on", "a deputy far west until the last day"],
)
def test_the_steps_after_weeks_are_the_two_working_days_after_the_last_day(event, who, absences, later):
    found = week_deadline(datetime.fromisoformat(event), 28, who, world(*absences))
    assert [each.isoformat() for each in found.later] == later


# --- who acts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("absences", "acts"),
    [
        ((), "berlin"),
        ((("berlin", "2026-06-09", "2026-06-12", "paris"),), "berlin"),
        ((("berlin", "2026-06-01", "2026-06-07", "paris"),), "berlin"),
        ((("berlin", "2026-06-08", "2026-06-12", "paris"),), "paris"),
        ((("berlin", "2026-06-01", "2026-06-08", "paris"),), "paris"),
        ((("berlin", "2026-06-08", "2026-06-08", ""),), ""),
        ((("berlin", "2026-06-08", "2026-06-08", "a-stranger"),), "a-stranger"),
        ((("berlin", "2026-06-08", "2026-06-08", ""), ("berlin", "2026-06-08", "2026-06-08", "paris")), "paris"),
        ((("berlin", "2026-06-08", "2026-06-08", "paris"), ("berlin", "2026-06-08", "2026-06-08", "")), "paris"),
        ((("berlin", "2026-06-08", "2026-06-08", "berlin"),), ""),
        ((("berlin", "2026-06-08", "2026-06-08", "Berlin"),), ""),
        ((("berlin", "2026-06-08", "2026-06-08", "paris"), ("paris", "2026-06-08", "2026-06-08", "tokyo")), "tokyo"),
        ((("berlin", "2026-06-08", "2026-06-08", "paris"), ("paris", "2026-06-08", "2026-06-08", "")), ""),
        ((("berlin", "2026-06-08", "2026-06-08", "paris"), ("paris", "2026-06-08", "2026-06-08", "BERLIN")), ""),
    ],
    ids=[
        "nobody away",
        "away from the day after",
        "away until the day before",
        "the first day away",
        "the last day away",
        "no deputy",
        "a deputy without a calendar",
        "two absences, the deputy last",
        "two absences, the deputy first",
        "one's own deputy",
        "one's own deputy in capitals",
        "a chain",
        "the deputy is away too",
        "a circle",
    ],
)
def test_who_acts_is_the_person_or_a_deputy_at_work(absences, acts):
    assert world(*absences).who_acts("berlin", date(2026, 6, 8)) == acts


# --- days and months --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "zone", "begins"),
    [
        ("2026-06-09", "Europe/Berlin", "2026-06-08T22:00+00:00"),
        ("2026-12-09", "Europe/Berlin", "2026-12-08T23:00+00:00"),
        ("2026-03-29", "Europe/Berlin", "2026-03-28T23:00+00:00"),
        ("2026-03-30", "Europe/Berlin", "2026-03-29T22:00+00:00"),
        ("2026-09-06", "America/Santiago", "2026-09-06T01:00-03:00"),
        ("2026-04-24", "Africa/Cairo", "2026-04-24T01:00+03:00"),
        ("2026-03-08", "America/Havana", "2026-03-08T01:00-04:00"),
        # Midnight comes twice there, and the day begins at the first one.
        ("2026-11-01", "America/Havana", "2026-11-01T00:00-04:00"),
        ("2026-10-25", "Atlantic/Azores", "2026-10-25T00:00+00:00"),
    ],
)
def test_a_day_begins_at_its_first_moment_even_where_midnight_does_not_exist(day, zone, begins):
    found = day_begins(date.fromisoformat(day), ZoneInfo(zone))
    assert found == datetime.fromisoformat(begins)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        ("2026-08-31", 6, "2026-02-28"),
        ("2028-08-31", 6, "2028-02-29"),
        ("2028-08-29", 6, "2028-02-29"),
        ("2100-08-31", 6, "2100-02-28"),
        ("2026-08-28", 6, "2026-02-28"),
        ("2026-05-31", 1, "2026-04-30"),
        ("2026-01-15", 1, "2025-12-15"),
        ("2026-01-31", 2, "2025-11-30"),
        ("2026-12-31", 12, "2025-12-31"),
        ("2026-12-01", 11, "2026-01-01"),
        ("2028-02-29", 12, "2027-02-28"),
        ("2028-02-29", 48, "2024-02-29"),
        ("2026-06-30", 18, "2024-12-30"),
        ("2026-06-30", 0, "2026-06-30"),
    ],
)
def test_months_before_a_day_is_the_same_day_or_the_last_of_a_shorter_month(day, months, before):
    assert months_before(date.fromisoformat(day), months) == date.fromisoformat(before)


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("town", TOWNS)
def test_a_calendar_that_exists_is_good(town):
    assert list(judge_calendar(TOWNS[town])) == []


@pytest.mark.parametrize(
    ("found", "key", "start", "nearest"),
    [
        (Calendar("de", "", "Europe/Berlin"), "country", "there is no country `de`", "`DE`"),
        (Calendar("USA", "", "Europe/Berlin"), "country", "there is no country `USA`", "`US`"),
        (Calendar("DE", "by", "Europe/Berlin"), "region", "`DE` has no region `by`", "`BY`"),
        (Calendar("GB", "EN", "Europe/London"), "region", "`GB` has no region `EN`", "`ENG`"),
        (
            Calendar("DE", "BE", "Europe/berlin"),
            "time_zone",
            "there is no time zone `Europe/berlin`",
            "`Europe/Berlin`",
        ),
        (Calendar("US", "", "New York"), "time_zone", "there is no time zone `New York`", "`America/New_York`"),
    ],
)
def test_a_name_that_nobody_knows_is_told_with_the_nearest_one(found, key, start, nearest):
    ((told, message),) = judge_calendar(found)
    assert told == key
    assert message.startswith(f"{start}; did you mean `")
    assert f" {nearest}" in message


def test_a_name_like_no_other_is_told_alone():
    ((key, message),) = judge_calendar(Calendar("12345", "", "Europe/Berlin"))
    assert (key, message) == ("country", "there is no country `12345`.")


def test_country_and_zone_are_both_told_and_the_region_of_no_country_is_not():
    assert [key for key, _ in judge_calendar(Calendar("12345", "BY", "67890"))] == ["country", "time_zone"]


def test_a_region_like_no_other_is_better_left_out():
    ((key, message),) = judge_calendar(Calendar("EG", "C", "Africa/Cairo"))
    assert (key, message) == ("region", "`EG` has no region `C`; leave it out.")


# --- laws -------------------------------------------------------------------------------------------------------------

MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))
DAYS = st.integers(1, 30)
PEOPLE = st.sampled_from(["", *TOWNS])
# Of one zone, so that a law speaks of dates alone.
NEIGHBOURS = ("berlin", "munich", "paris")


@st.composite
def pauses(draw):
    starts_at = draw(MOMENTS)
    return Pause(starts_at, starts_at + draw(st.timedeltas(timedelta(seconds=1), timedelta(days=20))))


@st.composite
def absences(draw):
    first = draw(st.dates(date(2025, 1, 1), date(2029, 1, 1)))
    last = first + timedelta(days=draw(st.integers(0, 60)))
    return draw(st.sampled_from(NEIGHBOURS)), str(first), str(last), draw(st.sampled_from(("", *NEIGHBOURS)))


@st.composite
def stories(draw):
    """An event, and a few absences and holds that begin within some weeks of it."""
    event = draw(MOMENTS)
    soon = st.timedeltas(timedelta(days=-5), timedelta(days=30))
    away, holds = [], []
    for person, first, last, deputy in draw(st.lists(absences(), max_size=4)):
        moved = (event + draw(soon)).date()
        length = date.fromisoformat(last) - date.fromisoformat(first)
        away.append((person, str(moved), str(moved + length), deputy))
    for each in draw(st.lists(pauses(), max_size=3)):
        moved = event + draw(soon)
        holds.append(Pause(moved, moved + (each.ends_at - each.starts_at)))
    return event, world(*away), holds


@given(stories(), DAYS, st.sampled_from(NEIGHBOURS), st.timedeltas(timedelta(0), timedelta(days=20)))
def test_a_later_event_never_has_an_earlier_limit(story, days, who, wait):
    event, calendars, holds = story
    for deadline in (working_deadline, week_deadline):
        early = deadline(event, days, who, calendars, holds)
        late = deadline(event + wait, days, who, calendars, holds)
        assert early.due_at <= late.due_at


@given(stories(), DAYS, st.sampled_from(NEIGHBOURS))
def test_a_day_more_always_ends_later_and_steps_follow_one_another(story, days, who):
    event, calendars, holds = story
    for deadline in (working_deadline, week_deadline):
        found = deadline(event, days, who, calendars, holds)
        assert event < found.due_at < found.later[0] < found.later[1]
        assert found.warn_from < found.due_at < deadline(event, days + 1, who, calendars, holds).due_at


@given(stories(), DAYS, st.sampled_from(NEIGHBOURS), st.data())
def test_one_more_hold_never_ends_a_limit_earlier(story, days, who, data):
    event, calendars, holds = story
    starts_at = event + data.draw(st.timedeltas(timedelta(days=-5), timedelta(days=40)))
    more = Pause(starts_at, starts_at + data.draw(st.timedeltas(timedelta(seconds=1), timedelta(days=20))))
    for deadline in (working_deadline, week_deadline):
        fewer = deadline(event, days, who, calendars, holds)
        assert fewer.due_at <= deadline(event, days, who, calendars, [*holds, more]).due_at


@given(MOMENTS, DAYS, PEOPLE)
def test_between_event_and_end_lie_as_many_working_days_as_the_limit_has(event, days, who):
    calendars = world()
    found = working_deadline(event, days, who, calendars)
    first = calendars.day_of(who, event)
    last = calendars.day_of(who, found.due_at)
    between = [first + timedelta(days=each) for each in range(1, (last - first).days + 1)]
    assert sum(calendars.of(who).is_working_day(each) for each in between) == days
    assert calendars.of(who).is_working_day(last)


@given(
    st.dates(date(2025, 1, 1), date(2035, 1, 1)),
    st.sampled_from(["Africa/Cairo", "America/Havana", "America/Santiago", "Atlantic/Azores", "Asia/Beirut", "UTC"]),
)
def test_a_second_before_a_day_begins_it_is_the_day_before(day, name):
    zone = ZoneInfo(name)
    begins = day_begins(day, zone)
    assert begins.astimezone(zone).date() == day
    assert (begins - timedelta(seconds=1)).astimezone(zone).date() == day - timedelta(days=1)
