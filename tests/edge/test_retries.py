"""How long is waited before a request is sent again, and whom it is told."""

from __future__ import annotations

import pytest
from urllib3 import HTTPResponse

from automation.edge.retries import Patience


def waits(monkeypatch, count, headers=None):
    """Return what was slept and what was told for *count* answers of GitLab's limit in a row."""
    slept, told = [], []
    monkeypatch.setattr("time.sleep", slept.append)
    patience = Patience(on_wait=told.append)
    for _ in range(count):
        answer = HTTPResponse(status=429, headers=headers or {}, body=b"")
        patience = patience.increment("POST", "/", response=answer)
        patience.sleep(answer)
    return slept, told


def test_no_wait_is_long_and_all_of_them_outlast_a_minute(monkeypatch):
    slept, _ = waits(monkeypatch, 12)
    assert max(slept) <= 20
    assert 90 <= sum(slept) <= 120


def test_only_waits_that_somebody_would_notice_are_told(monkeypatch):
    slept, told = waits(monkeypatch, 12)
    assert told == [each for each in slept if each >= 5]
    assert 2 < len(told) < len(slept)


@pytest.mark.parametrize(("asked", "waited"), [("60", 60.0), ("86400", 120.0)])
def test_what_gitlab_asks_for_is_told(monkeypatch, asked, waited):
    assert waits(monkeypatch, 2, {"Retry-After": asked}) == ([waited] * 2, [waited] * 2)


def test_a_post_need_not_wait():
    patience = Patience(posts_wait=False)
    answer = HTTPResponse(status=429, headers={}, body=b"")
    for each in (patience, patience.increment("GET", "/", response=answer)):
        assert not each.is_retry("POST", 429)
        assert each.is_retry("GET", 429)
