"""`handover create` against the sandbox: what is shown, what is made, and that nothing is ever made twice."""

from __future__ import annotations

import io
import itertools
import json
import shutil
from functools import cache

import pytest
from click.testing import CliRunner

from automation.cli import cli
from automation.cli.group import main
from automation.core.creating.model import Record
from automation.core.installation import AccessToken, ProjectFacts, Unseen
from automation.edge import gitlab
from automation.edge.repository import load_repository
from automation.edge.retries import Patience
from automation.errors import AccessError, GitLabError, LimitError, RepositoryError, UsageError
from automation.jobs.create import Creation, judge_rights, plan_creation
from automation.jobs.creation_run import Tools, make_issues
from automation.sandbox.faults import Fault
from automation.sandbox.sample import PEOPLE, PROJECT
from tests.scene import PROCESS, ROOT, TEMPLATE, Scene, Silence

NOW = "2026-11-02T12:00:00Z"
ACCOUNTS = "Customer;CSM;Territory;Next renewal\nAcme;carol;EMEA-1;\nBeta;otto;EMEA-2;\nGamma;carol;EMEA-2;\n"


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A copy of the repository whose role directory names the sample people."""
    target = tmp_path_factory.mktemp("repository")
    for name in ("schemas", ".gitlab"):
        shutil.copytree(ROOT / name, target / name)
    shutil.copy(ROOT / ".gitlab-ci.yml", target)
    roles = {}
    for person, (_, role) in PEOPLE.items():
        roles.setdefault(role, {"users": []})["users"].append(person)
    operations = roles.pop("operations")["users"]
    territories = {
        "EMEA-1": {"cse_territory_owner": ["ben"]},
        "EMEA-2": {"cse_territory_owner": ["chloe", "ben"]},
    }
    content = {"roles": roles, "operations": operations, "territories": territories}
    (target / ".gitlab/handover.yml").write_text(json.dumps(content))
    return target


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)


@pytest.fixture(scope="module", autouse=True)
def loaded_once():
    """The repository is the same in every test: reading it each time would take most of the minutes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("automation.edge.repository.load_repository", cache(load_repository))
        yield


@pytest.fixture
def scene():
    with Scene() as scene:
        yield scene


class Desk:
    """Where somebody of operations sits: a file, a shell, a server."""

    def __init__(self, scene, repository, tmp_path, monkeypatch):
        self.scene, self.repository, self.file = scene, repository, tmp_path / "accounts.csv"
        for name in ("HANDOVER_GROUP", "HANDOVER_NOW", "CI_PROJECT_ID", "CI_SERVER_URL"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HANDOVER_GITLAB_URL", scene.sandbox.url)
        monkeypatch.setenv("HANDOVER_PROJECT", PROJECT)
        monkeypatch.setenv("HANDOVER_TOKEN", scene.token)

    def write(self, text):
        self.file.write_bytes(text if isinstance(text, bytes) else text.encode())

    def create(self, *args, process="csm-to-cse-plus", given=True):
        source = ["--from", str(self.file)] if given else []
        place = ["--repository", str(self.repository), "--now", NOW]
        found = CliRunner().invoke(cli, ["create", process, *source, *place, *args], standalone_mode=False)
        if found.exception is not None and not isinstance(found.exception, (GitLabError, RepositoryError, UsageError)):
            raise found.exception
        return found

    def rows(self, *args, **more):
        found = self.create("--format", "json", *args, **more)
        return found, json.loads(found.output)

    def titles(self):
        return [each.title for each in self.scene.world.issues.get(1, {}).values()]

    def posts(self):
        return [each for each in self.scene.sandbox.requests if each.method != "GET"]


@pytest.fixture
def desk(scene, repository, tmp_path, monkeypatch):
    found = Desk(scene, repository, tmp_path, monkeypatch)
    found.write(ACCOUNTS)
    return found


TITLES = [f"CSM to CSE+ Handover: {name}" for name in ("Acme", "Beta", "Gamma")]


# --- the usual way ----------------------------------------------------------------------------------------------------


def test_first_it_is_shown_and_nothing_is_written(desk):
    found = desk.create()
    assert found.exception is None
    assert desk.posts() == []
    assert found.output.splitlines() == [
        "CSM to CSE+ Handover (csm-to-cse-plus version 1) from accounts.csv",
        "",
        "To create (3)",
        "  row  customer  CSE Territory Owner  remark",
        "  2    Acme      ben (0 open)",
        "  3    Beta      chloe (0 open)",
        "  4    Gamma     chloe (1 open)",
        "",
        "3 to create. Nothing was created; add --apply to create.",
    ]


def test_then_it_is_made_in_order_and_a_second_run_makes_nothing(desk):
    found, told = desk.rows("--apply")
    assert found.exception is None
    assert desk.titles() == TITLES
    assert [(row["state"], row["iid"]) for row in told["rows"]] == [("created", 1), ("created", 2), ("created", 3)]
    assert all(row["web_url"].endswith(f"/{row['iid']}") for row in told["rows"])
    desk.scene.sandbox.requests.clear()
    again, told = desk.rows("--apply")
    assert again.exception is None
    assert [(row["state"], row["iid"]) for row in told["rows"]] == [("exists", 1), ("exists", 2), ("exists", 3)]
    assert desk.posts() == []


def test_the_text_is_the_template_with_the_fields_filled_in(desk):
    desk.create("--apply")
    text = desk.scene.text(1)
    expected = TEMPLATE
    for label, value in {
        "CSM": "@carol",
        "CSE Territory Owner": "@ben",
        "Customer": "Acme",
        "Territory": "EMEA-1",
    }.items():
        lines = [
            f"- **{label}:** {value}" if line.startswith(f"- **{label}:**") else line for line in expected.split("\n")
        ]
        expected = "\n".join(lines)
    assert text.strip() == expected.strip()
    assert desk.scene.labels(1) == set()


def test_what_was_made_is_judged_without_a_complaint(desk):
    desk.create("--apply")
    desk.scene.repository = load_repository(desk.repository)
    desk.scene.run()
    assert desk.scene.stage(1) == "pre-handover"
    codes = {each["code"] for iid in (1, 2, 3) for each in desk.scene.row(iid)["findings"]}
    assert codes <= {"item-open", "field-blank", "role-unknown"}
    assert desk.scene.codes(1) == []


def test_json_has_every_key(desk):
    desk.write("Customer,CSM,Territory,Next renewal\nAcme,carol,EMEA-1,\nBeta,carol,,2026-12-01\n")
    _, told = desk.rows()
    assert sorted(told) == ["problems", "process", "remarks", "requests", "rows", "version"]
    assert told["remarks"] == []
    assert told["rows"] == [
        {
            "row": 2,
            "customer": "Acme",
            "title": "CSM to CSE+ Handover: Acme",
            "state": "create",
            "receiver": "ben",
            "open": 0,
            "iid": None,
            "web_url": None,
            "reasons": [],
        },
        {
            "row": 3,
            "customer": "Beta",
            "title": "CSM to CSE+ Handover: Beta",
            "state": "excluded",
            "receiver": None,
            "open": None,
            "iid": None,
            "web_url": None,
            "reasons": ["the renewal is in 29 days, on 2026-12-01 (within 60 days)"],
        },
    ]
    assert told["requests"]["total"] == len(desk.scene.sandbox.requests)


def test_one_handover_from_the_command_line(desk):
    found, told = desk.rows(
        "--set", "Customer=Acme = Co", "--set", "csm=@carol", "--set", "Key people, their roles and what to know=Ada",
        "--set", "key_people=Bo", "--apply", given=False,
    )  # fmt: skip
    assert found.exception is None
    assert told["rows"][0]["row"] is None
    assert desk.titles() == ["CSM to CSE+ Handover: Acme = Co"]
    assert "\n1. Ada\n2. Bo\n3.\n" in desk.scene.text(1)


def test_a_value_for_every_row_that_leaves_it_blank(desk):
    desk.write("Customer,CSM,Health\nAcme,carol,Red\nBeta,,\n")
    desk.create("--set", "CSM=otto", "--set", "Health=Green", "--apply")
    assert ["@carol" in desk.scene.text(1), "**Health:** Red" in desk.scene.text(1)] == [True, True]
    assert ["@otto" in desk.scene.text(2), "**Health:** Green" in desk.scene.text(2)] == [True, True]


def test_an_empty_file_to_begin_with_is_a_file_that_works(desk):
    header = desk.create("--columns", given=False).output
    assert header.startswith("Customer,CSM,CSE Territory Owner,")
    assert desk.scene.sandbox.requests == []
    desk.write(header + "Acme,carol\n")
    assert desk.rows()[1]["rows"][0]["state"] == "create"


def test_left_out_and_already_there_are_listed_with_their_reasons(desk):
    desk.scene.create(title="CSM to CSE+ Handover: Acme")
    desk.scene.write(1, "Customer", "ACME")
    desk.write(
        "Customer,CSM,Next renewal,Open escalation\n"
        "Acme,carol,,\nBeta,carol,2026-12-24,\nGamma,carol,,P1 since Monday\n"
    )
    text = desk.create().output
    assert "Already there (1)" in text
    assert "already there: #1 http" in text
    assert "the renewal is in 52 days, on 2026-12-24" in text
    assert "under “Open escalation” stands `P1 since Monday`" in text
    assert desk.rows("--no-exclusions", "--apply")[1]["rows"][2]["state"] == "created"
    assert len(desk.titles()) == 3


def test_every_line_fits_a_terminal(desk):
    long = "A company whose name is much longer than anybody would like it to be " * 2
    desk.write(f"Customer,CSM,Open escalation\n{long},carol,{'trouble ' * 40}\n{long}2,carol,\n")
    lines = desk.create().output.splitlines()
    assert max(map(len, lines)) <= 120


# --- wrong input ------------------------------------------------------------------------------------------------------


def test_with_a_problem_nothing_at_all_is_made(desk):
    desk.write("Customer,CSM,Seats\nAcme,carol,4\nBeta,benn,x\n=cmd,carol,1\nacme,carol,\n")
    found, told = desk.rows("--apply")
    assert isinstance(found.exception, RepositoryError)
    assert "accounts.csv: 4 problems" in str(found.exception)
    assert [(each["row"], each["column"]) for each in told["problems"]] == [
        (3, "Seats"),
        (3, "CSM"),
        (4, "Customer"),
        (5, "Customer"),
    ]
    assert desk.posts() == []
    text = desk.create("--apply").output
    assert "  row 3, CSM: `benn` holds no such role; write one of `carol`, `otto`." in text
    assert "Nothing is created while there is a problem." in text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Customer,CSM\nMüller,carol\n".encode("latin-1"), "line 2 is not UTF-8"),
        (b"CSM\ncarol\n", "the column Customer is missing"),
        (b"Customer\nAcme\n", "the column CSM is missing"),
        (b"Customer,CSM,Colour\nAcme,carol,red\n", "no column `Colour`"),
        (b"Customer,CSM\n" + b"Acme,carol\n" * 50_000, "50,000 rows"),
        (b"Customer,CSM\nAcme,\"carol\n", "quotation mark"),
        (b"", "empty"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_before_anything_is_asked(desk, content, said):
    desk.write(content)
    found, told = desk.rows("--apply")
    assert isinstance(found.exception, RepositoryError)
    assert found.exception.exit_code == 3
    assert said in told["problems"][0]["message"]
    assert said in " ".join(desk.create().output.split())
    assert desk.scene.sandbox.requests == []


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "Needed: Customer; CSM."),
        (["--set", "Customer"], "lacks its value"),
        (["--set", "Custmer=Acme"], "did you mean Customer?"),
        (["--set", "Customer=A", "--set", "customer=B"], "gives Customer twice"),
        (["--set", "Customer=A"], "1 problem"),
        (["--set", "Customer=A", "--set", "CSM=nobody"], "1 problem"),
    ],
)
def test_a_wrong_command_line_says_what_to_write(desk, args, said):
    found = desk.create(*args, given=False)
    assert isinstance(found.exception, UsageError)
    assert said in str(found.exception)
    assert desk.posts() == []


def test_a_process_that_is_none_is_answered_with_the_nearest(desk):
    found = desk.create(process="csm-to-cse-pls")
    assert "did you mean csm-to-cse-plus?" in str(found.exception)
    assert "presales-to-postsales" in str(desk.create(process="zzz").exception)


def test_a_file_that_is_not_there_is_named(desk):
    desk.file.unlink()
    assert "accounts.csv: the file cannot be read" in str(desk.create().exception)


def test_handovers_are_created_in_one_project(desk, monkeypatch):
    monkeypatch.setenv("HANDOVER_GROUP", "customer-success")
    assert "--project" in str(desk.create().exception)


def test_what_people_wrote_moves_no_terminal(desk):
    desk.write("Customer,CSM,Open escalation\nAc\x1b[31mme,carol,\x1b]0;x\x07 P1\n=\x1b[2J,carol,\n")
    assert "\x1b" not in desk.create().output


# --- a server that fails ----------------------------------------------------------------------------------------------


class KilledError(BaseException):
    """The process dies here; nothing after it runs."""


@pytest.mark.parametrize("number", range(1, 12))
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_any_request_and_run_again_all_are_there_once(desk, monkeypatch, number, after):
    sent = itertools.count(1)
    real = gitlab.GitLab._request

    def dying(self, *args, **kwargs):
        is_last = next(sent) == number
        if is_last and not after:
            raise KilledError
        answer = real(self, *args, **kwargs)
        if is_last:
            raise KilledError
        return answer

    monkeypatch.setattr(gitlab.GitLab, "_request", dying)
    if number <= 10:
        with pytest.raises(KilledError):
            desk.create("--apply")
    monkeypatch.setattr(gitlab.GitLab, "_request", real)
    assert desk.create("--apply").exception is None
    assert sorted(desk.titles()) == TITLES


FAULTS = [
    Fault("429-rack", retry_after=1),
    Fault("429-application"),
    Fault("429-application", retry_after=60),
    Fault("500"),
    Fault("502"),
    Fault("503"),
    Fault("409-lock"),
    Fault("reset-before"),
    Fault("reset-after"),
    Fault("truncated"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.kind}-{fault.retry_after}")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_fault_ends_with_each_account_there_once(desk, fault, method):
    turn = itertools.count()
    desk.scene.sandbox.on_request = lambda info: fault if info.method == method and next(turn) % 2 == 0 else None
    for _ in range(5):
        if desk.create("--apply").exception is None:
            break
    desk.scene.sandbox.on_request = None
    _, told = desk.rows("--apply")
    assert sorted(desk.titles()) == TITLES
    assert {row["state"] for row in told["rows"]} == {"exists"}


def test_an_answer_that_was_lost_is_found_at_once(desk):
    desk.scene.sandbox.on_request = lambda info: Fault("reset-after") if info.method == "POST" else None
    found, told = desk.rows("--apply")
    assert found.exception is None
    assert [(row["state"], row["iid"]) for row in told["rows"]] == [("created", 1), ("created", 2), ("created", 3)]


def test_what_nobody_knows_is_listed_and_the_others_are_made(desk):
    turn = itertools.count()
    desk.scene.sandbox.on_request = lambda info: Fault("500") if info.method == "POST" and next(turn) == 1 else None
    found, told = desk.rows("--apply")
    assert found.exception.exit_code == 4
    assert "same command again" in str(found.exception)
    assert [row["state"] for row in told["rows"]] == ["created", "uncertain", "created"]
    assert "It is not there yet." in told["rows"][1]["reasons"][0]
    desk.scene.sandbox.on_request = None
    assert desk.create("--apply").exception is None
    assert sorted(desk.titles()) == TITLES


def test_stopped_by_hand_it_lists_what_was_made_and_what_may_be_there(desk, monkeypatch):
    real = gitlab.GitLab.create_issue
    turn = itertools.count()

    def stopped(self, scope, content):
        if next(turn) == 1:
            raise KeyboardInterrupt
        return real(self, scope, content)

    monkeypatch.setattr(gitlab.GitLab, "create_issue", stopped)
    runner = CliRunner()
    args = ["create", "csm-to-cse-plus", "--from", str(desk.file), "--repository", str(desk.repository), "--now", NOW]
    found = runner.invoke(cli, [*args, "--apply", "--format", "json"], standalone_mode=False)
    states = [row["state"] for row in json.loads(found.output)["rows"]]
    assert states == ["created", "uncertain", "create"]
    assert found.exit_code == 1


def meanwhile(desk, act):
    """Do *act* when the first issue is about to be made, once."""
    turn = itertools.count()

    def hook(info):
        if info.method == "POST" and next(turn) == 0:
            desk.scene.sandbox.on_request = None
            act()

    desk.scene.sandbox.on_request = hook


def test_what_somebody_else_makes_meanwhile_is_not_made_again(desk):
    first = desk.rows("--set", "Customer=Beta", "--set", "CSM=carol", "--apply", given=False)[1]["rows"][0]
    text = desk.scene.text(first["iid"])
    desk.scene.world.issues[1].clear()
    meanwhile(desk, lambda: desk.scene.create(text, title="Something else"))
    found, told = desk.rows("--apply")
    assert found.exception is None
    assert [row["state"] for row in told["rows"]] == ["created", "exists", "created"]
    assert "made meanwhile" in told["rows"][1]["reasons"][0]
    assert told["rows"][1]["web_url"].endswith(f"/{told['rows'][1]['iid']}")
    assert len(desk.titles()) == 3


def test_of_two_runs_in_the_same_moment_the_later_stops(desk):
    meanwhile(desk, lambda: desk.rows("--apply"))
    found, told = desk.rows("--apply")
    assert found.exception.exit_code == 4
    assert "Another run creates the same handovers" in str(found.exception)
    # Only the one that was on its way already is there twice, and that is told.
    assert sorted(desk.titles()) == sorted([*TITLES, TITLES[0]])
    assert [row["state"] for row in told["rows"]] == ["created", "create", "create"]
    assert "#1 is of the same account" in told["rows"][0]["reasons"][0]


def test_of_two_runs_in_the_same_moment_the_earlier_goes_on(desk, monkeypatch):
    real = gitlab.GitLab.create_issue
    turn = itertools.count()

    def doubled(self, scope, content):
        made = real(self, scope, content)
        if next(turn) == 0:
            real(self, scope, content)
        return made

    monkeypatch.setattr(gitlab.GitLab, "create_issue", doubled)
    found, told = desk.rows("--apply")
    assert found.exception is None
    assert [row["state"] for row in told["rows"]] == ["created"] * 3
    assert "#2 is of the same account" in told["rows"][0]["reasons"][0]
    assert told["rows"][1]["reasons"] == []


def test_a_look_before_each_issue_asks_only_for_what_is_new(desk):
    desk.create("--apply")
    looks = [each for each in desk.scene.sandbox.requests if "created_after" in each.query]
    assert len(looks) == 2


def limited(desk, count):
    """Answer the next *count* POSTs with GitLab's limit."""
    turn = itertools.count()
    desk.scene.sandbox.on_request = lambda info: (
        Fault("429-application") if info.method == "POST" and next(turn) < count else None
    )


def test_a_limit_is_waited_for_a_minute_at_a_time_and_told(desk, monkeypatch):
    slept = []
    monkeypatch.setattr("time.sleep", lambda seconds: slept.append(seconds) if seconds >= 5 else None)
    limited(desk, 3)
    found = desk.create("--apply")
    assert found.exception is None
    assert desk.titles() == TITLES
    assert slept == [60.0] * 3
    assert found.stderr.count("GitLab allows only so many requests a minute; going on at ") == 3


def make(desk, seconds, waited):
    repository = load_repository(desk.repository)
    client = gitlab.GitLab(desk.scene.sandbox.url, desk.scene.token, Patience(posts_wait=False))
    job = Creation(PROCESS, TEMPLATE, gitlab.project_scope(PROJECT), desk.scene.clock())
    records = [Record(0, {"customer": "Acme", "csm": "carol"})]
    plan = plan_creation(job, records, client, repository, Silence())
    rows = list(plan.rows)
    try:
        make_issues(job, repository.processes, client, plan, rows, Tools(Silence(), seconds, waited.append))
    finally:
        waited.append([row.state for row in rows])


def test_a_limit_without_end_is_given_up_after_ten_minutes_with_what_to_do(desk):
    limited(desk, 10_000)
    waited = []
    with pytest.raises(LimitError, match="again in some minutes"):
        make(desk, itertools.count(0, 150).__next__, waited)
    assert waited == [60.0, 60.0, 60.0, ["create"]]
    assert desk.titles() == []


# --- rights -----------------------------------------------------------------------------------------------------------


def test_a_token_that_may_only_read_is_named_and_nothing_is_made(desk, monkeypatch):
    scene = desk.scene
    bot = next(user for user in scene.world.users.values() if user.is_bot)
    monkeypatch.setenv("HANDOVER_TOKEN", scene.world.add_token(bot, ("read_api",)))
    found = desk.create()
    assert found.exception is None
    assert "may only read" in found.output
    assert found.output.splitlines()[-1].endswith("cannot be with this token: see above.")
    found, told = desk.rows("--apply")
    assert isinstance(found.exception, AccessError)
    assert "scope `api`" in str(found.exception)
    assert desk.posts() == []
    assert [row["state"] for row in told["rows"]] == ["create"] * 3
    assert desk.titles() == []


def test_a_token_that_ends_half_way_leaves_a_list_of_what_was_made(desk):
    turn = itertools.count()

    def hook(info):
        if info.method == "POST" and next(turn) == 1:
            desk.scene.world.tokens.clear()

    desk.scene.sandbox.on_request = hook
    found, told = desk.rows("--apply")
    assert isinstance(found.exception, AccessError)
    assert [row["state"] for row in told["rows"]] == ["created", "create", "create"]


def test_a_guest_is_told_why_not(desk, monkeypatch):
    scene = desk.scene
    scene.world.add_member(PROJECT, "alex", 10)
    monkeypatch.setenv("HANDOVER_TOKEN", scene.world.add_token(scene.world.find_user("alex"), ("api",)))
    found = desk.create()
    assert found.exception is None
    assert "sees no confidential issue" in " ".join(found.output.split())
    found, told = desk.rows("--apply")
    assert found.exception.exit_code == 4
    assert "is a Guest here" in str(found.exception)
    assert "is a Guest here" in told["remarks"][0]
    assert desk.posts() == []


@pytest.mark.parametrize(
    ("token", "level", "has_issues", "said"),
    [
        (AccessToken(1, "t", 1, ("api",), True), 20, True, []),
        (AccessToken(1, "t", 1, ("api", "read_api"), True), 15, True, []),
        (AccessToken(1, "t", 1, ("granular",), True), 20, True, []),
        (AccessToken(1, "t", 1, (), True), 0, True, []),
        (Unseen(), 50, True, []),
        (AccessToken(1, "t", 1, ("read_api", "read_user"), True), 20, True, ["`read_api`, `read_user`"]),
        (Unseen(), 10, False, ["Guest", "switched off"]),
    ],
)
def test_what_stands_against_creating(token, level, has_issues, said):
    project = ProjectFacts(1, "g/p", "https://gl/g/p", "private", "main", "g", level, has_issues)
    found = judge_rights(token, project)
    assert len(found) == len(said)
    assert all(part in sentence for part, sentence in zip(said, found, strict=True))


# --- the terminal -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["cp1252", "cp932", "utf-8"])
def test_no_letter_stops_the_list_of_what_was_made(desk, monkeypatch, encoding):
    desk.write("Customer,CSM\n日本 🙂,carol\n")
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr("sys.stdout", out)
    args = ["create", "csm-to-cse-plus", "--from", str(desk.file), "--repository", str(desk.repository), "--now", NOW]
    monkeypatch.setattr("sys.argv", ["handover", *args, "--apply", "--format", "json"])
    main()
    out.flush()
    told = json.loads(out.buffer.getvalue().decode(encoding))
    assert [(row["customer"], row["state"]) for row in told["rows"]] == [("日本 🙂", "created")]


def test_a_file_may_come_from_standard_input(desk):
    args = ["create", "csm-to-cse-plus", "--from", "-", "--repository", str(desk.repository), "--now", NOW]
    found = CliRunner().invoke(cli, args, input=ACCOUNTS, standalone_mode=False)
    assert "from standard input" in found.output
    assert "3 to create" in found.output


def test_stopped_by_hand_it_says_what_to_do_and_no_more(desk, monkeypatch, capsys):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(gitlab.GitLab, "create_issue", stopped)
    args = ["create", "csm-to-cse-plus", "--from", str(desk.file), "--repository", str(desk.repository), "--now", NOW]
    monkeypatch.setattr("sys.argv", ["handover", *args, "--apply"])
    with pytest.raises(SystemExit):
        main()
    said = capsys.readouterr()
    assert "Uncertain: they may be there (1)" in said.out
    assert said.err.splitlines()[-1] == "handover: Stopped. Run the same command again to go on."


def test_bytes_that_are_no_text_are_refused(desk):
    found = desk.create("--set", "Customer=a\udcffb", "--set", "CSM=carol", given=False)
    assert isinstance(found.exception, UsageError)
    assert "no text" in str(found.exception)


@pytest.mark.parametrize("process", ["csm-to-cse-plus", "csm-to-csm", "engagement-start", "presales-to-postsales"])
def test_an_empty_file_has_the_columns_that_decide(desk, process):
    header = desk.create("--columns", process=process, given=False).output
    assert {"Next renewal", "Salesforce account"} <= set(header.strip().split(","))
    assert "scalation" in header


def test_no_token_is_shown(desk):
    assert desk.scene.token not in desk.create("--apply").output
    assert PROCESS.template in desk.titles()[0]
