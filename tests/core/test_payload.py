"""A webhook's payload is a hint by anybody: two whole numbers, or nothing."""

import pytest

from automation.core.payload import parse_hint


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        ({"object_kind": "issue", "project": {"id": 4}, "object_attributes": {"iid": 2}}, (2, 4)),
        ({"object_kind": "work_item", "project": {"id": 4}, "object_attributes": {"iid": 2}}, (2, 4)),
        ({"object_kind": "note", "project": {"id": 4}, "issue": {"iid": 2}, "object_attributes": {"id": 9}}, (2, 4)),
        ({"object_kind": "issue", "object_attributes": {"iid": 2}}, (2, None)),
        ({"object_kind": "note", "project": {"id": 4}}, (None, 4)),
        ({"object_kind": "push", "project": {"id": 4}, "issue": {"iid": 2}}, (None, 4)),
        ({"object_kind": ["issue"], "object_attributes": {"iid": 2}}, (None, None)),
        ({"object_kind": "issue", "object_attributes": {"iid": True}}, (None, None)),
        ({"object_kind": "issue", "object_attributes": {"iid": "2"}}, (None, None)),
        ({"object_kind": "issue", "object_attributes": {"iid": -2}}, (None, None)),
        ({"object_kind": "issue", "object_attributes": [{"iid": 2}]}, (None, None)),
        ([], (None, None)),
        (None, (None, None)),
        ("issue", (None, None)),
    ],
)
def test_a_hint_is_two_whole_numbers_or_nothing(content, hint):
    assert parse_hint(content) == hint
