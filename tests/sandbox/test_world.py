"""What people do in the page, through the world itself."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from automation.sandbox import RefusedError, TravellingClock, World
from tests.sandbox.conftest import PROJECT

TEXT = """**Process:** `csm-to-cse-plus` version 1

- **Customer:** _name_
- **CSM:** @ben

- [ ] 1.1 First
- [x] **1.10** Bold
  * [ ] 2.1a Nested
> 1. [ ] 2.1 Quoted
- [~] 3.1 Not applicable"""


@pytest.fixture
def issue(world):
    return world.create_issue(PROJECT, "ben", "t", TEXT)


def bodies(world):
    return [note.body for note in world.list_notes(PROJECT, 1)]


@pytest.mark.parametrize(
    ("code", "line"), [("1.1", "- [x] 1.1 First"), ("2.1a", "  * [x] 2.1a Nested"), ("2.1", "> 1. [x] 2.1 Quoted")]
)
def test_tick_changes_the_line_of_its_code_alone(world, issue, code, line):
    changed = world.tick(PROJECT, 1, code, "pia").description
    assert set(changed.split("\n")) - set(TEXT.split("\n")) == {line}
    assert bodies(world) == [f"marked the checklist item **{line.split('] ')[1]}** as completed"]


def test_untick_leaves_its_note(world, issue):
    assert "- [ ] **1.10** Bold" in world.untick(PROJECT, 1, "1.10", "ben").description
    assert bodies(world) == ["marked the checklist item **\\*\\*1.10\\*\\* Bold** as incomplete".replace("\\", "")]


@pytest.mark.parametrize(("act", "code"), [("tick", "9.9"), ("tick", "1.10"), ("untick", "1.1"), ("tick", "3.1")])
def test_a_box_that_cannot_be_turned_is_a_mistake_of_the_test(world, issue, act, code):
    with pytest.raises(LookupError):
        getattr(world, act)(PROJECT, 1, code, "ben")


def test_set_field_writes_the_line(world, issue):
    assert "- **Customer:** Acme & Co\n" in world.set_field(PROJECT, 1, "Customer", "Acme & Co", "ben").description
    assert "- **CSM:**\n" in world.set_field(PROJECT, 1, "CSM", "", "ben").description
    assert bodies(world) == ["changed the description"] * 2


def test_set_field_knows_the_label(world, issue):
    with pytest.raises(LookupError):
        world.set_field(PROJECT, 1, "Nothing", "x", "ben")


def test_a_tick_on_a_stale_page_is_refused(world, issue):
    world.edit_description(PROJECT, 1, "ben", "inserted\n" + TEXT)
    with pytest.raises(LookupError, match="at the same time"):
        world.tick_line(PROJECT, 1, "ben", 6, "- [ ] 1.1 First")


def test_a_page_tick_keeps_edits_elsewhere(world, issue):
    world.edit_description(PROJECT, 1, "ben", TEXT.replace("@ben", "@pia"))
    changed = world.tick_line(PROJECT, 1, "ben", 6, "- [ ] 1.1 First").description
    assert "@pia" in changed
    assert "- [x] 1.1 First" in changed


def test_move_card_leaves_label_events_and_no_note(world, issue):
    world.move_card(PROJECT, 1, "ben", add="s::a")
    world.move_card(PROJECT, 1, "pia", remove="s::a", add="s::b")
    assert world.list_titles(PROJECT, 1) == ("s::b",)
    assert [(event.action, event.user_id) for event in world.label_events[issue.id]] == [
        ("add", world.user("ben").id),
        ("add", world.user("pia").id),
        ("remove", world.user("pia").id),
    ]
    assert bodies(world) == []


def test_comment_of_commands_only_is_none(world, issue):
    assert world.comment(PROJECT, 1, "ben", "/close") is None
    assert world.issue(PROJECT, 1).state == "closed"


def test_comment_is_edited_and_deleted(world, issue):
    note = world.comment(PROJECT, 1, "ben", "one")
    assert world.edit_comment(PROJECT, 1, note.id, "ben", "two").body == "two"
    world.delete_comment(PROJECT, 1, note.id, "ben")
    assert bodies(world) == []


def test_close_and_reopen(world, issue):
    assert world.close(PROJECT, 1, "ben").state == "closed"
    assert world.reopen(PROJECT, 1, "ben").state == "opened"


@pytest.mark.parametrize(("user", "status"), [("gus", 403), ("otto", 404)])
def test_what_one_may_not_do_is_refused(world, issue, user, status):
    with pytest.raises(RefusedError) as refused:
        world.tick(PROJECT, 1, "1.1", user)
    assert refused.value.status == status


def test_time_is_the_clocks_in_utc_with_milliseconds(world, clock):
    clock.set(datetime(2026, 1, 1, 12, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=1))))
    issue = world.create_issue(PROJECT, "ben", "t")
    assert issue.created_at == datetime(2026, 1, 1, 11, 0, 0, 123_000, tzinfo=UTC)


def test_ids_rise_while_time_goes_back(world, clock):
    first = world.create_issue(PROJECT, "ben", "t")
    clock.advance(days=-1)
    second = world.create_issue(PROJECT, "ben", "t")
    assert second.id > first.id
    assert second.created_at < first.created_at


def test_projects_are_named_by_value_id_or_path_and_groups_grow_above_them():
    world = World(now=TravellingClock(datetime(2026, 1, 1, tzinfo=UTC)))
    project = world.add_project("a/b/c")
    assert [group.path for group in world.groups.values()] == ["a", "a/b"]
    assert world.project(project) == world.project("a/b/c") == world.project(project.id)


def test_thousands_of_issues_are_made_and_counted_quickly(world):
    start = datetime.now(UTC)
    for number in range(2000):
        world.create_issue(PROJECT, "ben", f"t{number}", TEXT)
    assert datetime.now(UTC) - start < timedelta(seconds=2)
