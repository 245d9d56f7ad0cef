"""Rows of a file -> what would be made of them, with everything that is wrong by row and column."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from automation.core.creating.accounts import Account, AccountIndex, build_account
from automation.core.creating.cells import tidy
from automation.core.creating.columns import (
    ACCOUNT_LINK,
    CUSTOMER,
    ESCALATION,
    ESCALATIONS,
    RENEWAL,
    columns_of,
    starters,
)
from automation.core.creating.exclusions import Exclusion, judge_exclusion
from automation.core.creating.filling import FillingError, Form, fill
from automation.core.creating.model import NO_ROW, Complaint, Plan, Planned, Receiver, Record
from automation.core.creating.people import receiving_field, say_away
from automation.core.creating.reading import Reading, Rules, read_row, roles_of
from automation.core.creating.stock import Standing
from automation.core.model import Field, Process
from automation.core.people import TERRITORY
from automation.core.validity import judge_document
from automation.core.words import quote

LONGEST_TITLE = 255
# What GitLab makes a link of in a title, which knows no backslash.
_REFERENCE = re.compile(r"(?<!\w)(?:[#!][0-9]+|~\w+)|\[[a-z_]+:[0-9]+\]")
_LINK_IS_LOST = (
    "The issues of this process keep no Salesforce account: another run knows an account by its customer's name only."
)
# What is judged of a handover that is only begun, but that nobody has filled in wrongly.
_STILL_TO_DO = frozenset({"field-blank", "item-open"})


def judge_columns(
    process: Process, keys: Iterable[str], territories: Mapping[str, Mapping[str, object]], row: int
) -> tuple[Complaint, ...]:
    """Find the columns without which no row can become a handover: the customer, and the people who begin.

    People whom a territory decides need no column where there is one for the territory.
    """
    present = set(keys)
    narrowed = {role for roles in territories.values() for role in roles} if TERRITORY in present else set()
    needed = [each for each in starters(process) if not {each.role, each.held_by} & narrowed]
    fields = [each for each in (process.fields.get(CUSTOMER), *needed) if each is not None]
    missing = [each.title for each in fields if each.key not in present]
    if row == NO_ROW:
        return tuple(Complaint(row, title, f"is missing; add --set “{title}=…”.") for title in missing)
    repair = "add it, or give one value for all rows with --set"
    return tuple(Complaint(row, "", f"the column {title} is missing; {repair}.") for title in missing)


def build_plan(form: Form, records: Iterable[Record], rules: Rules) -> Plan:
    """Judge every row in the order of the file. The stock of *rules* counts what each row adds.

    Returns:
        One entry a row; where there is a complaint about any, nothing must be made of the others either.
    """
    seen: AccountIndex[tuple[int, str]] = AccountIndex()
    receiver = receiving_field(form.process, rules.directory)
    rows = []
    complaints: list[Complaint] = []
    has_links = False
    for record in records:
        has_links = has_links or ACCOUNT_LINK in record.cells
        reading = read_row(form.process, record, rules)
        _judge_twin(reading, seen)
        rows.append(_plan_row(form, reading, receiver, rules))
        complaints += reading.complaints
    is_kept = not has_links or ACCOUNT_LINK in form.process.fields
    return Plan(
        tuple(rows),
        tuple(complaints),
        receiver.title if receiver else "",
        remarks=() if is_kept else (_LINK_IS_LOST,),
        newest=rules.stock.newest,
    )


def _plan_row(form: Form, reading: Reading, receiver: Field | None, rules: Rules) -> Planned:
    customer = reading.text(CUSTOMER) or tidy(reading.record.cells.get(CUSTOMER, ""))
    title = f"{form.process.template}: {customer}"
    if len(title) > LONGEST_TITLE:
        reading.complain(CUSTOMER, f"makes a title of {len(title)} letters; GitLab takes {LONGEST_TITLE}.")
    text = _write_text(form, reading, rules) if not reading.complaints else ""
    planned = Planned(reading.record.row, customer, title, "problem")
    if reading.complaints:
        return planned
    excluded = _judge_exclusion(reading, rules)
    standing = rules.stock.accounts.find(_account(reading))
    if standing is not None:
        return replace(planned, state="exists", reasons=(_say(standing),), iid=standing.iid, web_url=standing.web_url)
    if excluded.reasons and rules.has_exclusions:
        return replace(planned, state="excluded", reasons=(*excluded.reasons, *excluded.warnings))
    receivers = _receivers(reading, receiver, rules)
    for role in roles_of(form.process):
        rules.stock.add_load(role.role, reading.people(role))
    nobody = [f"no {receiver.title} yet"] if receiver and not receivers else []
    alike = rules.stock.accounts.find_alike(_account(reading))
    near = [f"#{alike.iid} has nearly the same name: is it this account?"] if alike else []
    away = [said for each in receivers if (said := say_away(each.username, rules.directory, rules.now))]
    told = (*excluded.reasons, *excluded.warnings, *reading.remarks, *near, *away, *nobody, *_judge_title(customer))
    return replace(planned, state="create", text=text, receivers=receivers, reasons=tuple(dict.fromkeys(told)))


def _judge_title(customer: str) -> list[str]:
    """Say what GitLab shows otherwise in a title than it was typed: there, nothing can be escaped."""
    told = [f"GitLab makes a link of {quote(found)} in the title" for found in _REFERENCE.findall(customer)]
    seen = html.unescape(customer)
    return told if seen == customer else [*told, f"GitLab shows the title with {quote(seen)}"]


def _judge_twin(reading: Reading, seen: AccountIndex[tuple[int, str]]) -> None:
    """Complain where a row above is about the same account.

    An issue without a line for the Salesforce account is only known by the customer's name: there, one name is one
    account, whatever its links.
    """
    account, row = _account(reading), reading.record.row
    twin = seen.find(account)
    if twin is not None:
        column = CUSTOMER if twin[1] == account.name else ACCOUNT_LINK
        reading.complain(column, f"is the account of row {twin[0]} already; leave one of them out.")
    elif ACCOUNT_LINK not in reading.process.fields and (twin := seen.find(replace(account, link=""))) is not None:
        message = f"is the name of row {twin[0]} too, and the issues could not be told apart; write two names."
        reading.complain(CUSTOMER, message)
    elif (twin := seen.find_alike(account)) is not None:
        reading.remarks.append(f"row {twin[0]} has nearly the same name: is it this account?")
    seen.add(account, (row, account.name))


def _account(reading: Reading) -> Account:
    return build_account(reading.text(ACCOUNT_LINK), reading.text(CUSTOMER))


def _write_text(form: Form, reading: Reading, rules: Rules) -> str:
    """Write the text of the issue; complain where a value cannot stand in it, or would be judged wrong."""
    try:
        filled = fill(form, reading.values)
    except FillingError as error:
        for key in error.keys:
            reading.complain(key, "cannot be written so that it reads as typed; write it in plain words.")
        return ""
    for fault in judge_document(form.process, filled.document, rules.directory):
        finding = fault.finding
        if finding.code not in _STILL_TO_DO and (not fault.is_role or finding.field in reading.values):
            reading.complain(finding.field, rules.explain(finding))
    return filled.text


def _receivers(reading: Reading, receiver: Field | None, rules: Rules) -> tuple[Receiver, ...]:
    names = reading.people(receiver) if receiver is not None else ()
    return tuple(Receiver(name, rules.stock.load_of(receiver.role if receiver else "", name)) for name in names)


def _judge_exclusion(reading: Reading, rules: Rules) -> Exclusion:
    titles = {column.key: column.title for column in columns_of(reading.process)}
    escalations = {titles[key]: text for key in (ESCALATIONS, ESCALATION) if (text := reading.text(key))}
    today = rules.directory.calendars.day_of("", rules.now)
    return judge_exclusion(reading.text(RENEWAL), escalations, today, rules.renewal_days)


def _say(standing: Standing) -> str:
    over = "; it is over: close it if there is to be a new one" if standing.is_over else ""
    return f"already there: #{standing.iid}{over}"
