"""Rows -> what would be made of them: duplicates, receivers, exclusions, and every problem by row and column."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from automation.core.checklist import build_document, parse_sheet
from automation.core.creating.exclusions import judge_exclusion
from automation.core.creating.filling import build_form, fill
from automation.core.creating.model import NO_ROW, Record
from automation.core.creating.people import receiving_field
from automation.core.creating.plan import build_plan, judge_columns
from automation.core.creating.reading import Rules
from automation.core.creating.stock import Stock, newest_of, take_stock
from automation.core.model import Member
from automation.core.people import TERRITORY
from automation.core.validity import judge_document
from automation.core.workdays import Absence, Calendars
from tests.builders import ROOT, START, make_directory, make_issue, make_members, make_user, words
from tests.scene import REPOSITORY

PROCESSES = {process.id: process for process in REPOSITORY.processes.values()}
FORMS = {
    process.id: build_form(process, (ROOT / f".gitlab/issue_templates/{process.template}.md").read_text())
    for process in PROCESSES.values()
}
MAIN = "csm-to-cse-plus"
TODAY = date(2026, 11, 2)
ROLES = {
    "csm": ("carol", "dave"),
    "cse_territory_owner": ("ben", "chloe", "eli"),
    "cse": ("dana", "eli"),
    "csm_manager": ("mia",),
    "ae": ("alex",),
    "rm": ("zoe",),
    "sa": ("eve",),
    "eba": ("zoe",),
}
TERRITORIES = {
    "EMEA-1": {"cse_territory_owner": ("ben",), "cse": ("dana", "eli")},
    "EMEA-2": {"cse_territory_owner": ("chloe", "ben", "eli")},
}


def rules(stock=None, calendars=None, members=None, territories=TERRITORIES, **more):
    directory = make_directory(ROLES, territories, members, calendars=calendars)
    return Rules(directory, stock or Stock(), START, lambda finding: finding.words, **more)


def plan(*rows, process=MAIN, **more):
    """Plan rows given as mappings of cells; the first has number 2."""
    records = [Record(number, {"csm": "carol", **row}) for number, row in enumerate(rows, 2)]
    return build_plan(FORMS[process], records, more.pop("rules", None) or rules(**more))


def told(found):
    return [(each.row, each.column, each.message) for each in found.complaints]


def chosen(found):
    return [(row.receivers[0].username, row.receivers[0].open) if row.receivers else None for row in found.rows]


def issue(iid, process=MAIN, labels=(), title="x", **values):
    form = FORMS[process]
    typed = {key: (value,) if form.process.fields[key].role else value for key, value in values.items()}
    return make_issue(fill(form, typed).text, iid=iid, title=title, labels=labels, web_url=f"https://gl/{iid}")


def without_line(text):
    """Take the line away that names the process."""
    return "\n".join(line for line in text.split("\n") if not line.startswith("**Process:**"))


def stock(*issues, process=MAIN):
    return take_stock(issues, PROCESSES[process], REPOSITORY.processes)


# --- the issue --------------------------------------------------------------------------------------------------------


def test_a_row_becomes_an_issue_of_the_template_with_its_fields_filled_in():
    found = plan({"customer": "Acme", "territory": "emea-1", "seats": "420", "next_renewal": "2027-06-01"})
    (row,) = found.rows
    assert (row.state, row.row, row.title) == ("create", 2, "CSM to CSE+ Handover: Acme")
    values = build_document(parse_sheet(row.text), PROCESSES[MAIN]).data
    assert values["people"] == {"csm": ["carol"], "cse_territory_owner": ["ben"]}
    assert values["account"] == {"customer": "Acme", "territory": "EMEA-1"}
    assert values["technical"]["seats"] == 420
    assert found.complaints == ()


MINIMAL = {
    "cse-request": {"ae": "alex"},
    "csm-to-csm": {"new_csm": "dave"},
    "presales-to-postsales": {"sa": "eve"},
    "engagement-start": {"ae": "alex"},
}


@pytest.mark.parametrize("process", PROCESSES)
def test_every_process_needs_only_a_customer_and_who_begins(process):
    cells = {"customer": "Acme", **MINIMAL.get(process, {"csm": "carol"})}
    found = build_plan(FORMS[process], [Record(2, cells)], rules())
    assert told(found) == []
    document = build_document(parse_sheet(found.rows[0].text), PROCESSES[process])
    codes = {fault.finding.code for fault in judge_document(PROCESSES[process], document, rules().directory)}
    assert codes <= {"field-blank", "item-open", "role-unknown"}


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ({"customer": ""}, "Customer", "is blank"),
        ({"customer": "A", "csm": ""}, "CSM", "is blank"),
        ({"customer": "=A1"}, "Customer", "formula"),
        ({"customer": "x" * 240}, "Customer", "title of 262 letters"),
        ({"customer": "A", "csm": "carrol"}, "CSM", "`carrol` holds no such role; did you mean `carol`?"),
        ({"customer": "A", "csm": "Carol Meyer"}, "CSM", "is a name; write the username, `carol`"),
        ({"customer": "A", "csm": "ben"}, "CSM", "`ben` holds no such role; write one of `carol`, `dave`, "),
        ({"customer": "A", "csm": "outside"}, "CSM", "no active member"),
        ({"customer": "A", "csm_manager": "gone"}, "CSM manager", "no active member"),
        ({"customer": "A", "territory": "EMEA-9"}, "Territory", "no territory of .gitlab/handover.yml; did you mean"),
        (
            {"customer": "A", "territory": "EMEA-1", "cse_territory_owner": "chloe"},
            "CSE Territory Owner",
            "`chloe` holds this role, but not in `EMEA-1`: there it is `ben`.",
        ),
        ({"customer": "A", "cse": "dana", "csm": "dana"}, "CSM", "`dana` holds no such role"),
        ({"customer": "A", "next_renewal": "11/30/2026"}, "Next renewal", "year-month-day"),
        ({"customer": "A", "open_escalation": "=A1"}, "Open escalation", "formula"),
        ({"customer": "A", "salesforce_account": "acme"}, "Salesforce account", "no link"),
        ({"customer": "A", "last_ping": "yesterday"}, "Last ping", "field-invalid"),
        ({"customer": "A", "call_minutes": "5"}, "Length of the call in minutes", "field-invalid.minimum"),
        ({"customer": "A", "top_three": "one\ntwo"}, "Top 3 things to know", "field-invalid.minItems"),
    ],
)
def test_a_problem_is_told_by_row_and_column(row, column, said):
    members = [
        *(Member(name, 20, True, make_user(name).id, "Carol Meyer" if name == "carol" else "") for name in names()),
        Member("gone", 20, False, 99),
        Member("guest", 10, True, 98),
    ]
    roles = {**ROLES, "csm": (*ROLES["csm"], "outside"), "csm_manager": ("mia", "gone", "guest")}
    directory = make_directory(roles, TERRITORIES, members)
    found = plan(row, rules=Rules(directory, Stock(), START, lambda finding: finding.words))
    assert [(number, where) for number, where, _ in told(found)] == [(2, column)]
    assert said in found.complaints[0].message
    assert found.rows[0].state == "problem"
    assert found.rows[0].text == ""


def names():
    return [member.username for member in make_members()]


def test_every_problem_of_every_row_is_told():
    found = plan(
        {"customer": "A", "seats": "x", "health": "Blue"},
        {"customer": "B"},
        {"customer": "", "csm": "nobody-at-all"},
    )
    assert [(row, column) for row, column, _ in told(found)] == [
        (2, "Seats"),
        (2, "Health"),
        (4, "CSM"),
        (4, "Customer"),
    ]
    assert [row.state for row in found.rows] == ["problem", "create", "problem"]


def test_nobody_stands_on_both_sides():
    roles = {**ROLES, "csm": ("carol", "ben")}
    found = plan(
        {"customer": "A", "csm": "ben", "cse_territory_owner": "ben"},
        rules=Rules(make_directory(roles, TERRITORIES), Stock(), START, lambda finding: finding.words),
    )
    assert told(found) == [(2, "CSE Territory Owner", "`ben` stands on both sides, as CSM too.")]


@pytest.mark.parametrize(
    ("process", "keys", "territories", "missing"),
    [
        (MAIN, ["customer", "csm"], {}, []),
        (MAIN, ["csm"], {}, ["Customer"]),
        (MAIN, ["territory"], TERRITORIES, ["Customer", "CSM"]),
        (MAIN, ["customer", "territory"], {"EMEA-1": {"csm": ("carol",)}}, []),
        (MAIN, ["customer"], {"EMEA-1": {"csm": ("carol",)}}, ["CSM"]),
        ("csm-to-csm", ["customer"], {}, ["New CSM"]),
    ],
)
def test_columns_that_cannot_be_missing(process, keys, territories, missing):
    found = judge_columns(PROCESSES[process], keys, territories, 1)
    assert [each.message.split(" is missing")[0] for each in found] == [f"the column {title}" for title in missing]


def test_a_value_that_is_missing_on_the_command_line_is_told_with_the_option():
    (found,) = judge_columns(PROCESSES[MAIN], ["customer"], {}, NO_ROW)
    assert str(found) == "CSM: is missing; add --set “CSM=…”."


# --- the same account -------------------------------------------------------------------------------------------------

LINK = "https://acme.my.salesforce.com/001Ab00000CdEfG"


def test_two_rows_of_one_account_are_a_problem_of_the_second():
    found = plan({"customer": "Acme"}, {"customer": "Beta"}, {"customer": " ACME "})
    assert told(found) == [(4, "Customer", "is the account of row 2 already; leave one of them out.")]


def test_two_names_with_one_link_are_one_account():
    rows = [{"customer": name, "sa": "eve", "salesforce_account": LINK} for name in ("Acme", "Acme Inc")]
    found = plan(*rows, process="presales-to-postsales")
    assert (3, "Salesforce account") in [(row, column) for row, column, _ in told(found)]


def test_one_name_with_two_links_is_two_accounts_where_the_issue_keeps_the_link():
    links = (LINK, LINK.replace("AbC", "AbD").replace("G", "H"))
    rows = [{"customer": "Acme", "sa": "eve", "csm": "dave", "salesforce_account": link} for link in links]
    assert told(plan(*rows, process="presales-to-postsales")) == []
    assert told(plan(*({"customer": "Acme", "salesforce_account": link} for link in links))) == []
    rows = [{"customer": "Acme", "salesforce_account": link} for link in links]
    found = plan(*rows, process="executive-briefing")
    assert "could not be told apart" in found.complaints[0].message


def test_the_link_tells_an_account_in_a_later_run_too():
    there = issue(12, customer="Acme", salesforce_account=LINK)
    found = plan({"customer": "Acme Inc.", "salesforce_account": f"{LINK}?tab=1"}, stock=stock(there))
    assert [(row.state, row.iid) for row in found.rows] == [("exists", 12)]
    assert found.remarks == ()


def test_a_name_that_is_nearly_the_same_is_made_with_a_word():
    there = stock(issue(12, customer="Müller GmbH"))
    found = plan({"customer": "Müller GmbH."}, {"customer": "Beta AG"}, {"customer": "Beta-AG"}, stock=there)
    assert [row.state for row in found.rows] == ["create"] * 3
    assert "#12 has nearly the same name: is it this account?" in found.rows[0].reasons
    assert "row 3 has nearly the same name: is it this account?" in found.rows[2].reasons
    assert not any("nearly" in each for each in found.rows[1].reasons)


def test_a_name_without_letters_is_near_to_none():
    assert not any("nearly" in each for each in plan({"customer": "!!"}, {"customer": "??"}).rows[1].reasons)


def test_where_the_issue_keeps_no_link_that_is_said_once():
    rows = [{"customer": name, "salesforce_account": LINK.replace("A", name)} for name in "BC"]
    (remark,) = plan(*rows, process="executive-briefing").remarks
    assert "keep no Salesforce account" in remark
    assert plan({"customer": "A"}, process="executive-briefing").remarks == ()


def test_an_account_that_is_there_is_not_made_again():
    there = issue(12, customer="Acme")
    found = plan({"customer": "acme", "territory": "EMEA-1"}, {"customer": "Beta"}, stock=stock(there))
    assert [(row.state, row.iid, row.web_url) for row in found.rows] == [
        ("exists", 12, "https://gl/12"),
        ("create", 0, ""),
    ]
    assert found.rows[0].reasons == ("already there: #12",)


@pytest.mark.parametrize(
    ("there", "is_there"),
    [
        (issue(1, customer="Acme"), True),
        (make_issue(issue(1, customer="Acme").description.replace("version 1", "version 7"), iid=1), True),
        (issue(1, process="csm-to-csm", customer="Acme"), False),
        (issue(1, customer="Other"), False),
        (issue(1, title="CSM to CSE+ Handover: Acme"), True),
        (make_issue("Call Acme", iid=1, title="CSM to CSE+ Handover: Acme"), False),
        (make_issue(without_line(issue(1, customer="Acme").description), iid=1, title="x"), True),
        (make_issue(without_line(issue(1).description), iid=1, title="CSM to CSE+ Handover: Acme"), True),
        (make_issue(without_line(issue(1, process="csm-to-csm", customer="Acme").description), iid=1), False),
        (make_issue("gone", iid=1, title="CSM to CSE+ Handover: Acme", labels=(f"{MAIN}::review",)), True),
        (make_issue("- " * 30_000, iid=1, title="Acme"), False),
    ],
    ids=[
        "by name",
        "another version",
        "another process",
        "another name",
        "by title",
        "no handover",
        "no line",
        "no line, by title",
        "no line, another process",
        "label",
        "deep",
    ],
)
def test_what_counts_as_there(there, is_there):
    found = plan({"customer": "Acme"}, stock=stock(there))
    assert (found.rows[0].state == "exists") is is_there


def test_links_and_names_are_compared_where_one_side_lacks_the_link():
    there = stock(
        issue(1, process="presales-to-postsales", customer="Acme", salesforce_account=LINK),
        issue(2, process="presales-to-postsales", customer="Beta"),
        process="presales-to-postsales",
    )
    rows = [
        {"customer": "Another name", "sa": "eve", "salesforce_account": f"{LINK}?x=1"},
        {"customer": "acme", "sa": "eve"},
        {"customer": "Beta", "sa": "eve", "salesforce_account": "https://crm.example.com/b"},
        {"customer": "ACME", "sa": "eve", "salesforce_account": "https://crm.example.com/c"},
    ]
    found = [plan(row, process="presales-to-postsales", stock=there).rows[0] for row in rows]
    assert [(row.state, row.iid) for row in found] == [("exists", 1), ("exists", 1), ("exists", 2), ("create", 0)]


def test_one_that_is_over_says_so():
    there = issue(3, customer="Acme", labels=(f"{MAIN}::complete",))
    assert "close it" in plan({"customer": "Acme"}, stock=stock(there)).rows[0].reasons[0]


def test_the_newest_version_is_made():
    assert newest_of(REPOSITORY.processes, "csm-to-csm") == PROCESSES["csm-to-csm"]
    assert newest_of(REPOSITORY.processes, "no-such") is None


# --- who receives it --------------------------------------------------------------------------------------------------


def test_the_owner_of_the_territory_with_the_fewest_receives_and_rows_above_count():
    there = stock(
        issue(1, customer="One", cse_territory_owner="ben"),
        issue(2, customer="Two", cse_territory_owner="Chloe"),
        issue(3, customer="Three", cse_territory_owner="chloe"),
        issue(4, customer="Four", cse_territory_owner="eli", labels=(f"{MAIN}::cancelled",)),
    )
    rows = [{"customer": name, "territory": "EMEA-2"} for name in "ABCDE"]
    found = plan(*rows, stock=there)
    assert chosen(found) == [("eli", 0), ("ben", 1), ("eli", 1), ("chloe", 2), ("ben", 2)]
    assert found.receiver == "CSE Territory Owner"


def test_of_equals_the_first_in_the_configuration_receives():
    assert chosen(plan({"customer": "A", "territory": "EMEA-2"})) == [("chloe", 0)]


def test_who_is_named_receives_and_is_shown_with_the_number():
    there = stock(issue(1, customer="One", cse_territory_owner="ben"))
    found = plan({"customer": "A", "territory": "EMEA-2", "cse_territory_owner": "@BEN"}, stock=there)
    assert chosen(found) == [("ben", 1)]


def test_rows_that_make_nothing_count_for_nobody():
    there = stock(issue(1, customer="A"))
    rows = [{"customer": "A", "territory": "EMEA-1"}, {"customer": "B", "territory": "EMEA-1"}]
    assert chosen(plan(*rows, stock=there)) == [None, ("ben", 0)]


def test_who_is_away_is_left_out_with_a_word():
    away = Calendars(away={"chloe": (Absence(TODAY, date(2026, 11, 9)),)})
    found = plan({"customer": "A", "territory": "EMEA-2"}, calendars=away)
    assert chosen(found) == [("ben", 0)]
    assert found.rows[0].reasons == ("chloe is away until 2026-11-09",)


def test_when_all_are_away_one_receives_all_the_same():
    away = Calendars(away={"ben": (Absence(TODAY, TODAY),)})
    found = plan({"customer": "A", "territory": "EMEA-1"}, calendars=away)
    assert chosen(found) == [("ben", 0)]
    assert found.rows[0].reasons == ("ben is away until 2026-11-02",)


def test_who_is_named_and_away_receives_with_a_word():
    away = Calendars(away={"chloe": (Absence(TODAY, date(2026, 11, 9)),)})
    found = plan({"customer": "A", "cse_territory_owner": "chloe"}, calendars=away)
    assert chosen(found) == [("chloe", 0)]
    assert found.rows[0].reasons == ("chloe is away until 2026-11-09",)


def test_who_hands_over_does_not_receive():
    roles = {**ROLES, "csm": ("carol", "chloe", "ben")}
    directory = make_directory(roles, TERRITORIES)
    found = plan(
        {"customer": "A", "csm": "chloe", "territory": "EMEA-2"},
        rules=Rules(directory, Stock(), START, lambda finding: finding.words),
    )
    assert chosen(found) == [("ben", 0)]
    found = plan(
        {"customer": "A", "csm": "ben", "territory": "EMEA-1"},
        rules=Rules(directory, Stock(), START, lambda finding: finding.words),
    )
    assert "nobody of `EMEA-1` can receive it (`ben` stands on the other side of this row);" in told(found)[0][2]


def test_why_nobody_of_a_territory_can_receive_is_said_of_each():
    members = [member for member in make_members() if member.username != "ben"]
    territories = {"SOLO": {"cse_territory_owner": ("ben", "mia")}}
    (complaint,) = plan({"customer": "A", "territory": "SOLO"}, members=members, territories=territories).complaints
    assert "`ben` is no active member" in complaint.message
    assert "`mia` does not hold the role" in complaint.message


@pytest.mark.parametrize("typed", ["DACH Su\u0308d", "dach süd", "DACH\u00a0Süd"])
def test_a_territory_is_known_however_its_letters_are_encoded(typed):
    territories = {"DACH Süd": {"cse_territory_owner": ("ben",)}}
    assert chosen(plan({"customer": "A", "territory": typed}, territories=territories)) == [("ben", 0)]


@pytest.mark.parametrize(
    ("customer", "said"),
    [
        ("Shop #12", "GitLab makes a link of `#12` in the title"),
        ("Oh!3 !3", "GitLab makes a link of `!3` in the title"),
        ("R&amp;D", "GitLab shows the title with `R&D`"),
        ("C# and F#", ""),
        ("Yahoo!", ""),
        ("AT&T", ""),
    ],
)
def test_what_a_title_cannot_say_as_typed_is_told(customer, said):
    (row,) = plan({"customer": customer, "cse_territory_owner": "ben"}).rows
    assert (row.state, row.reasons) == ("create", (said,) if said else ())


@pytest.mark.parametrize("customer", ["&#64;all Corp", "Acme &commat;ben", "@all"])
def test_nobody_is_notified_by_a_title(customer):
    assert "would notify" in told(plan({"customer": customer}))[0][2]


def test_who_is_no_member_does_not_receive():
    members = [member for member in make_members() if member.username != "chloe"]
    assert chosen(plan({"customer": "A", "territory": "EMEA-2"}, members=members)) == [("ben", 0)]


def test_nobody_is_chosen_for_whom_any_holder_may_stand():
    text = plan({"customer": "A", "territory": "EMEA-1"}).rows[0].text
    assert PROCESSES[MAIN].fields["cse"].may_be_any_holder
    assert build_document(parse_sheet(text), PROCESSES[MAIN]).data["people"].get("cse") is None


def test_without_a_territory_nobody_is_chosen_and_that_is_said():
    (row,) = plan({"customer": "A"}).rows
    assert (row.receivers, row.reasons) == ((), ("no CSE Territory Owner yet",))


@pytest.mark.parametrize(
    ("process", "territories", "title"),
    [
        (MAIN, TERRITORIES, "CSE Territory Owner"),
        (MAIN, {}, "CSE Territory Owner"),
        ("csm-to-csm", TERRITORIES, "New CSM"),
        ("presales-to-postsales", {}, "CSM"),
        ("cse-request", TERRITORIES, "AE"),
    ],
)
def test_who_receives_a_process(process, territories, title):
    assert receiving_field(PROCESSES[process], make_directory(ROLES, territories)).title == title


def test_any_text_is_a_territory_where_none_is_configured():
    assert told(plan({"customer": "A", "territory": "Mars"}, territories={})) == []
    assert TERRITORY in PROCESSES[MAIN].fields


def test_a_person_counts_once_an_issue_and_in_each_role_apart():
    twice = fill(FORMS[MAIN], {"customer": "A", "cse_territory_owner": ("ben", "Ben"), "csm": ("ben",)}).text
    assert stock(make_issue(twice)).loads == Counter({("cse_territory_owner", "ben"): 1, ("csm", "ben"): 1})


# --- exclusions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("renewal", "escalation", "reasons", "warnings"),
    [
        ("", "", 0, 0),
        ("2026-11-02", "", 1, 0),
        ("2026-11-03", "", 1, 0),
        ("2027-01-01", "", 1, 0),
        ("2027-01-02", "", 0, 0),
        ("2026-11-01", "", 0, 1),
        ("", "none", 0, 0),
        ("", "No.", 0, 0),
        ("", "N/A", 0, 0),
        ("", "yes", 1, 0),
        ("2026-12-01", "P1 since Monday", 2, 0),
    ],
)
def test_a_near_renewal_or_an_open_escalation_leaves_an_account_out(renewal, escalation, reasons, warnings):
    found = judge_exclusion(renewal, {"Open escalation": escalation}, TODAY, 60)
    assert (len(found.reasons), len(found.warnings)) == (reasons, warnings)


NOTHING = (
    "-", "—", "none", "None.", "no", "No.", "N", "n", "n/a", "N.A.", "0", "0.0", "0,0", "false", "nein", "keine",
    "Keine.", "no open escalations", "No escalations", "nothing open", "none open!", "No issues",
    "No open issues or escalations",
    "none known", "none at present", "zero", "There are no open tickets", "resolved", "closed", "All closed",
    "all issues resolved", "keine offenen Eskalationen", "not applicable", "  ",
)  # fmt: skip
SOMETHING = (
    "yes", "1", "P1", "1 open ticket about SSO", "No answer from support since Monday", "not resolved",
    "none of the P1 cases is solved", "not closed", "open", "one", "no. 4711 is open", "unknown", "nobody knows",
    "0 downtime budget left",
)  # fmt: skip


@pytest.mark.parametrize("text", NOTHING)
def test_what_says_that_nothing_is_open_leaves_nothing_out(text):
    assert judge_exclusion("", {"Open escalation": text}, TODAY, 60).reasons == ()


@pytest.mark.parametrize("text", SOMETHING)
def test_whatever_else_stands_there_leaves_the_account_out(text):
    assert len(judge_exclusion("", {"Open escalation": text}, TODAY, 60).reasons) == 1


def test_an_account_left_out_says_why():
    found = plan(
        {"customer": "A", "next_renewal": "2026-12-01", "open_escalation": "P1"},
        {"customer": "B", "escalations": "an outage"},
        {"customer": "C", "next_renewal": "2026-10-01"},
    )
    assert [row.state for row in found.rows] == ["excluded", "excluded", "create"]
    assert found.rows[0].reasons == (
        "the renewal is in 29 days, on 2026-12-01 (within 60 days)",
        "under “Open escalation” stands `P1`",
    )
    assert found.rows[1].reasons == ("under “Open issues and escalations” stands `an outage`",)
    assert "in the past" in found.rows[2].reasons[0]


def test_an_account_left_out_can_be_asked_for_and_is_told_all_the_same():
    (row,) = plan({"customer": "A", "next_renewal": "2026-12-01"}, has_exclusions=False).rows
    assert row.state == "create"
    assert "the renewal is in 29 days" in row.reasons[0]


def test_columns_that_only_decide_leave_out_in_every_process():
    (row,) = plan(
        {"customer": "A", "sa": "eve", "csm": "dave", "next_renewal": "2026-12-01"}, process="presales-to-postsales"
    ).rows
    assert row.state == "excluded"


def test_what_is_there_is_there_whatever_would_leave_it_out():
    there = stock(issue(1, customer="A"))
    assert plan({"customer": "A", "open_escalation": "P1"}, stock=there).rows[0].state == "exists"


def test_the_number_of_days_can_be_chosen():
    assert plan({"customer": "A", "next_renewal": "2026-12-01"}, renewal_days=10).rows[0].state == "create"


def test_the_words_of_the_bot_explain_what_is_wrong():
    explained = Rules(make_directory(ROLES, TERRITORIES), Stock(), START, lambda each: str(sorted(each.facts)))
    (complaint,) = plan({"customer": "A", "call_minutes": "5"}, rules=explained).complaints
    assert "wanted" in complaint.message
    assert words().findings
