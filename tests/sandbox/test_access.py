"""Who may do what, and what those hear who may not (gitlab-facts 9.2 and 10)."""

from datetime import date

import gitlab
import pytest
import requests

from tests.sandbox.conftest import PROJECT


def ask(sandbox, method="GET", path="/projects/1", token=None, **options):
    headers = {"PRIVATE-TOKEN": token} if token else {}
    return requests.request(method, f"{sandbox.url}/api/v4{path}", headers=headers, timeout=5, **options)


def heard(answer):
    return answer.status_code, answer.json()


def test_unknown_token(sandbox):
    assert heard(ask(sandbox, path="/user", token="nonsense")) == (401, {"message": "401 Unauthorized"})


def test_no_token_on_a_protected_route(sandbox):
    assert heard(ask(sandbox, path="/user")) == (401, {"message": "401 Unauthorized"})


def test_revoked_token(sandbox, world):
    token = world.add_token("ben")
    world.revoke_token(token)
    text = "Token was revoked. You have to re-authorize from the user."
    answer = ask(sandbox, token=token)
    assert heard(answer) == (401, {"error": "invalid_token", "error_description": text})
    assert "WWW-Authenticate" in answer.headers


def test_expired_token(sandbox, world, clock):
    token = world.add_token("ben", expires_at=date(2026, 12, 1))
    assert ask(sandbox, token=token).ok
    clock.advance(days=1)
    text = "Token is expired. You can either do re-authorization or token refresh."
    assert heard(ask(sandbox, token=token)) == (401, {"error": "invalid_token", "error_description": text})


def test_blocked_user(sandbox, world):
    token = world.add_token("ben")
    world.block_user("ben")
    assert heard(ask(sandbox, token=token)) == (403, {"message": "403 Forbidden - Your account has been blocked."})


def test_bearer_token(sandbox, world):
    answer = requests.get(
        f"{sandbox.url}/api/v4/user", headers={"Authorization": f"Bearer {world.add_token('ben')}"}, timeout=5
    )
    assert answer.json()["username"] == "ben"


def test_job_token_is_of_no_use(sandbox, world):
    answer = requests.get(f"{sandbox.url}/api/v4/projects/1", headers={"JOB-TOKEN": world.add_token("ben")}, timeout=5)
    assert answer.status_code == 401


def test_reading_scope_may_read_but_not_write(client, world):
    world.create_issue(PROJECT, "ben", "t")
    project = client("ben", scopes=("read_api",)).projects.get(PROJECT)
    assert project.issues.get(1).title == "t"
    with pytest.raises(gitlab.GitlabUpdateError) as refused:
        project.issues.update(1, {"title": "x"})
    assert (refused.value.response_code, refused.value.error_message) == (403, "insufficient_scope")


def test_scope_without_api_may_read_nothing_but_itself(sandbox, world):
    token = world.add_token("ben", scopes=("read_repository",))
    assert ask(sandbox, token=token).json()["scope"] == "api read_api"
    assert ask(sandbox, path="/personal_access_tokens/self", token=token).json()["scopes"] == ["read_repository"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/projects/99", "404 Project Not Found"),
        ("/projects/acme%2Fnothing", "404 Project Not Found"),
        ("/groups/99", "404 Group Not Found"),
        ("/projects/1/issues/99", "404 Not found"),
        ("/projects/1/issues/99/notes", "404 Issue Not Found"),
        ("/projects/1/labels/none", "404 Label Not Found"),
        ("/projects/1/boards/9", "404 Board Not Found"),
    ],
)
def test_what_is_absent_is_named_as_gitlab_names_it(sandbox, world, path, message):
    assert heard(ask(sandbox, path=path, token=world.add_token("ben"))) == (404, {"message": message})


def test_unknown_route(sandbox, world):
    assert heard(ask(sandbox, path="/nothing", token=world.add_token("ben"))) == (404, {"error": "404 Not Found"})


def test_a_private_project_is_absent_for_outsiders(sandbox, world):
    for token in (None, world.add_token("otto")):
        assert heard(ask(sandbox, token=token)) == (404, {"message": "404 Project Not Found"})


def test_a_public_projects_issues_are_open_but_its_notes_need_a_token(sandbox, world):
    world.add_project("acme/open", "public")
    world.create_issue("acme/open", "otto", "t")
    assert len(ask(sandbox, path="/projects/2/issues").json()) == 1
    assert ask(sandbox, path="/projects/2/issues/1/notes").status_code == 401


def test_a_project_is_found_by_id_and_by_path_in_any_case(sandbox, world):
    token = world.add_token("ben")
    for path in ("1", "acme%2Fhandovers", "Acme%2FHandovers"):
        assert ask(sandbox, path=f"/projects/{path}", token=token).json()["path_with_namespace"] == PROJECT


@pytest.mark.parametrize(
    ("user", "change", "is_allowed"),
    [
        ("ben", {"title": "x"}, True),
        ("pia", {"title": "x"}, True),
        ("gus", {"title": "x"}, False),
        ("gus", {"state_event": "close"}, False),
        ("gus", {"add_labels": ["x"]}, False),
    ],
)
def test_guests_change_no_issue_of_others(client, world, user, change, is_allowed):
    world.create_issue(PROJECT, "ben", "t")
    issues = client(user).projects.get(PROJECT).issues
    if is_allowed:
        issues.update(1, change)
    else:
        with pytest.raises(gitlab.GitlabUpdateError, match="403 Forbidden"):
            issues.update(1, change)


def test_guests_change_and_close_what_is_theirs(client, world):
    world.create_issue(PROJECT, "gus", "t")
    answer = client("gus").projects.get(PROJECT).issues.update(1, {"title": "x", "state_event": "close"})
    assert (answer["title"], answer["state"]) == ("x", "closed")


def test_a_confidential_issue_hides_from_guests(client, world):
    client("pia").projects.get(PROJECT).issues.create({"title": "secret", "confidential": True})
    project = client("gus").projects.get(PROJECT)
    assert project.issues.list(get_all=True) == []
    with pytest.raises(gitlab.GitlabGetError, match="404 Not found"):
        project.issues.get(1)


def test_members_all_adds_those_of_the_groups_with_their_highest_level(client, world):
    world.add_member("acme", "gus", 40)
    world.add_member("acme", "otto", 20)
    world.block_user("pia")
    project = client().projects.get(PROJECT)
    assert {
        member.username: (member.access_level, member.state) for member in project.members_all.list(get_all=True)
    } == {
        "ben": (20, "active"),
        "pia": (15, "blocked"),
        "gus": (40, "active"),
        "otto": (20, "active"),
    }
    assert {member.username for member in project.members.list(get_all=True)} == {"ben", "pia", "gus"}


def test_a_profile_shows_the_address_that_its_owner_wants_shown(sandbox, world):
    ada = world.add_user("ada", "Ada Lind", "ada@example.com")
    token = world.add_token("gus")
    shown = [ask(sandbox, path=f"/users/{user.id}", token=token).json() for user in (ada, world.user("ben"))]
    assert [(each["username"], each["name"], each["public_email"]) for each in shown] == [
        ("ada", "Ada Lind", "ada@example.com"),
        ("ben", "Ben", None),
    ]


def test_a_profile_is_for_those_who_are_signed_in(sandbox, world):
    assert heard(ask(sandbox, path="/users/1")) == (403, {"message": "403 Forbidden - Not authorized!"})
    assert heard(ask(sandbox, path="/users/99", token=world.add_token("ben"))) == (
        404,
        {"message": "404 User Not Found"},
    )


def test_members_are_named_but_their_addresses_are_not_told(client, world):
    world.add_member(PROJECT, world.add_user("ada", "Ada Lind", "ada@example.com"), 20)
    found = {each.username: each for each in client().projects.get(PROJECT).members_all.list(get_all=True)}
    assert found["ada"].name == "Ada Lind"
    assert "public_email" not in found["ada"].attributes


def test_a_project_token_does_not_see_the_private_group_above(sandbox, world):
    _, token = world.add_bot(PROJECT)
    with pytest.raises(gitlab.GitlabGetError, match="404 Group Not Found"):
        gitlab.Gitlab(sandbox.url, private_token=token).groups.get("acme")


def test_a_group_is_seen_by_its_members_with_its_members(client, world):
    world.add_member("acme", "ben", 20)
    group = client().groups.get("acme")
    assert (group.full_path, [member.username for member in group.members_all.list(get_all=True)]) == ("acme", ["ben"])


def test_a_projects_bot_is_named_after_it(sandbox, world):
    bot, token = world.add_bot(PROJECT, access_level=20)
    client = gitlab.Gitlab(sandbox.url, private_token=token)
    client.auth()
    assert client.user.username == bot.username
    assert bot.username.startswith("project_1_bot_")
    assert client.user.bot is True
    own = client.personal_access_tokens.get("self")
    assert (own.user_id, own.active, own.scopes, own.expires_at) == (bot.id, True, ["api"], "2027-11-30")
