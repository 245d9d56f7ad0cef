"""A role needs both: the issue's own field and the directory, narrowed by territory, and membership in the project."""

import pytest

from automation.core.checklist import build_document, parse_sheet
from automation.core.model import Member
from automation.core.people import build_cast, territory_of
from tests.builders import ROLES, SMALL_TEXT, START, make_directory, make_members, small_process, with_value


def cast_of(directory=None, **fields):
    """Build the cast of an issue whose lines (by label, _ for a blank) hold *fields*."""
    text = SMALL_TEXT
    for label, value in fields.items():
        text = with_value(text, label.replace("_", " "), value)
    process = small_process()
    return build_cast(process, build_document(parse_sheet(text), process), directory or make_directory(), START)


# --- who holds a role -------------------------------------------------------------------------------------------------


def test_the_person_named_in_the_issue_holds_the_role_if_the_directory_agrees():
    assert cast_of().named["cse_territory_owner"] == ("ben",)


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("@ben", ("ben",)),
        ("@chloe", ("chloe",)),
        ("@ben, @chloe", ("ben", "chloe")),
        ("@BEN", ("ben",)),
        ("@eve", ()),
        ("@ben, @eve", ("ben",)),
        ("@mia", ()),
        ("@ghost", ()),
        ("@all", ()),
        ("_who reviews_", ()),
    ],
)
def test_the_field_alone_makes_nobody_a_holder(typed, named):
    assert cast_of(Owner=typed).named["cse_territory_owner"] == named


def test_the_directory_alone_makes_nobody_a_holder_either():
    assert not cast_of().may_sign("chloe", ["cse_territory_owner"], START)


@pytest.mark.parametrize(
    ("username", "may"), [("ben", True), ("Ben", True), ("BEN", True), ("chloe", False), ("", False)]
)
def test_usernames_are_compared_without_regard_to_case(username, may):
    assert cast_of().may_sign(username, ["cse_territory_owner"], START) is may


def test_one_of_several_roles_is_enough():
    assert cast_of().may_sign("ben", ["csm", "cse_territory_owner"], START)


@pytest.mark.parametrize("role", ["ae", "unheard_of"])
def test_nobody_holds_a_role_that_the_process_does_not_name(role):
    assert not cast_of().may_sign("ben", [role], START)


# --- membership -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("member", "may"),
    [
        (Member("ben", 50, True), True),
        (Member("ben", 20, True), True),
        (Member("ben", 15, True), True),
        (Member("Ben", 20, True), True),
        (Member("ben", 10, True), False),
        (Member("ben", 5, True), False),
        (Member("ben", 40, False), False),
        (Member("benny", 40, True), False),
    ],
)
def test_only_an_active_member_from_planner_up_holds_a_role(member, may):
    directory = make_directory(members=[member, *make_members(["carol"])])
    assert cast_of(directory).may_sign("ben", ["cse_territory_owner"], START) is may


def test_without_any_member_nobody_holds_a_role():
    directory = make_directory(members=[])
    assert set(cast_of(directory).named.values()) == {()}


# --- territories ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("territory", "owner", "may"),
    [
        ("EMEA-1", "@ben", True),
        ("emea-1", "@ben", True),
        ("`EMEA-1`", "@ben", True),
        ("EMEA-1", "@chloe", False),
        ("_optional_", "@chloe", True),
        ("Nowhere", "@chloe", True),
    ],
)
def test_a_territory_narrows_who_holds_a_role(territory, owner, may):
    cast = cast_of(Territory=territory, Owner=owner)
    assert cast.may_sign(owner.lstrip("@"), ["cse_territory_owner"], START) is may


def test_a_role_that_the_territory_does_not_list_stays_as_it_is():
    assert cast_of(Territory="EMEA-1").may_sign("carol", ["csm"], START)


def test_a_territory_adds_nobody_whom_the_role_does_not_list():
    directory = make_directory(territories={"EMEA-1": {"cse_territory_owner": ["eve"]}})
    assert not cast_of(directory, Territory="EMEA-1", Owner="@eve").may_sign("eve", ["cse_territory_owner"], START)


def test_the_territory_is_what_the_issue_names():
    process = small_process()
    text = with_value(SMALL_TEXT, "Territory", "EMEA-1")
    assert territory_of(process, build_document(parse_sheet(text), process)) == "EMEA-1"
    assert territory_of(process, build_document(parse_sheet(SMALL_TEXT), process)) is None


# --- any holder -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "who", "may"),
    [
        ({}, "dana", True),
        ({}, "eli", True),
        ({}, "DANA", True),
        ({}, "ben", False),
        ({}, "carol", False),
        ({"CSM": "@dave"}, "carol", True),
        ({"CSE": "@eli"}, "dana", True),
        ({"CSE": "@eve"}, "eve", False),
        ({"CSE": "@carol"}, "carol", False),
        ({"Territory": "EMEA-1"}, "dana", True),
        ({"Territory": "EMEA-1"}, "eli", False),
    ],
)
def test_any_cse_of_the_territory_may_sign_but_not_the_outgoing_csm(fields, who, may):
    """carol is in the directory as CSM and as CSE."""
    assert cast_of(**fields).may_sign(who, ["cse"], START) is may


def test_whoever_is_named_is_addressed_and_else_all_who_may():
    assert cast_of().people("cse") == ("dana", "eli")
    assert cast_of(CSE="@eli").people("cse") == ("eli",)


# --- both sides -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("owner", ["@carol", "@Carol", "@carol, @ben"])
def test_the_outgoing_csm_is_never_the_owner_too(owner):
    directory = make_directory({**ROLES, "cse_territory_owner": ("ben", "carol")})
    assert not cast_of(directory, Owner=owner).may_sign("carol", ["cse_territory_owner"], START)


def test_a_csm_whom_the_directory_does_not_know_is_still_on_the_other_side():
    """Else a CSM could take the name out of the directory's reach, and then approve."""
    directory = make_directory({**ROLES, "cse_territory_owner": ("ben", "eve")})
    assert not cast_of(directory, CSM="@eve", Owner="@eve").may_sign("eve", ["cse_territory_owner"], START)
