"""Dates and amounts of money in prose, however they are written."""

from __future__ import annotations

import re
from datetime import date

_MONTH = (
    r"(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
# "may 3 people", "march 2 miles": before a number these two are months only with a capital.
_MONTH_FIRST = rf"(?!may\b|march\b){_MONTH}"
_DAY = r"[0-3]?[0-9](?:st|nd|rd|th)?"
_WEEKDAY = r"(?i:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?i:day)?\.?,?[ ](?:the[ ])?"
DATE = re.compile(
    rf"""(?<![\w./-])(?:
        [0-9]{{4}}(?P<of_year>[-/.])[01]?[0-9](?P=of_year)[0-3]?[0-9]
      | [0-3]?[0-9](?P<of_day>[-/.])[0-3]?[0-9](?P=of_day)(?:[0-9]{{4}}|[0-9]{{2}})
      | (?:{_WEEKDAY})?(?:{_DAY}[ ](?:of[ ])?{_MONTH}|{_MONTH_FIRST}[ ](?:the[ ])?{_DAY})(?:,?[ ][0-9]{{4}})?
      | {_MONTH_FIRST}[ ][0-9]{{4}}
      | {_WEEKDAY}[0-3]?[0-9](?:st|nd|rd|th)
    )(?!\w|[-/][0-9])""",
    re.VERBOSE,
)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WORDS_OR_NUMBERS = re.compile(r"[a-z]+|[0-9]+")

_CURRENCY = r"(?:usd|eur|gbp|chf|cad|aud|jpy|inr|dollars?|euros?|pounds?|francs?|cents?)"
_SIGN = r"(?:us|c|a)?[$€£¥₹]"
_NUMBER = r"[0-9][0-9.,']{0,15}(?:[ ]?(?:k|m|mn|bn|million|thousand|billion))?"
MONEY = re.compile(
    rf"""(?<![\w.,])(?:
        (?:{_SIGN}|{_CURRENCY})[ ]?{_NUMBER}
      | {_NUMBER}[ ]?(?:[$€£¥₹]|{_CURRENCY}(?!\w))
    )""",
    re.IGNORECASE | re.VERBOSE,
)


def means_day(written: str, day: date) -> bool:
    """Tell whether *written*, which `DATE` found, is *day*: "30 Nov", "11/30/2026", "Monday the 30th".

    A year or weekday in it must be right, and the day must be there; of 3/11/2026 either reading will do.
    """
    found = _WORDS_OR_NUMBERS.findall(written.casefold())
    numbers = [int(each) for each in found if each.isdigit()]
    names = {each[:3] for each in found if each.isalpha()}
    months, weekdays = names.intersection(_MONTHS), names.intersection(_WEEKDAYS)
    if not weekdays <= {_WEEKDAYS[day.weekday()]} or not months <= {_MONTHS[day.month - 1]}:
        return False
    years = ([day.year], [day.year % 100])
    if months:
        return numbers == [day.day] or numbers in ([day.day, day.year], [day.year, day.day])
    if weekdays:
        return numbers == [day.day]
    inner = ([day.month, day.day], [day.day, day.month])
    return any(numbers in (year + each, each + year) for year in years for each in inner)
