"""Letters of a run: which are offered in an issue, one filled in at the command line, a mail held against it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from automation.core.comments import say
from automation.core.judged import Judged
from automation.core.letters.envelope import build_envelope, name_of, say_address, usernames
from automation.core.letters.mail_reading import MailError, read_mail
from automation.core.letters.model import Address, Envelope, Letter, LetterState
from automation.core.letters.offer import Draft, build_draft, offer_letter
from automation.core.letters.readiness import after_offers, judge_readiness, named_people, offered_letters
from automation.core.letters.sent_check import SentVerdict, judge_sent
from automation.core.letters.values import issue_values
from automation.core.model import Finding, Issue, Member, Verdict
from automation.core.plan import Post
from automation.edge.gitlab import GitLab
from automation.edge.repository import Repository
from automation.errors import IssueError, UsageError

if TYPE_CHECKING:
    from automation.jobs.run import Considered


class Mailroom:
    """Addresses letters. GitLab is asked once a run for the public address of whom the configuration has none."""

    def __init__(
        self, gitlab: GitLab, repository: Repository, note_failure: Callable[[Issue, IssueError], None]
    ) -> None:
        self._gitlab = gitlab
        self._repository = repository
        self._note_failure = note_failure
        self._addresses: dict[str, str] = {}

    def write_offers(self, found: Considered, verdict: Verdict, members: Mapping[str, Member]) -> Post:
        """Find the letters of the stage, and write the offers of those that are ready and not offered yet."""
        settings = self._repository.configuration.letters
        if settings.draft == "off" or found.judged is None:
            return Post()
        letters = tuple(
            after_offers(each, found.pings)
            for each in offered_letters(
                self._repository.letters, found.judged, verdict, _names(members), settings.allowed_links
            )
        )
        told = {key for _, keys in found.pings for key in keys} | set(found.memory.told if found.memory else ())
        offers = {}
        for each in (letter for letter in letters if letter.is_ready and letter.key not in told):
            try:
                envelope = self.address(each.letter, found.judged, members)
            except IssueError as error:
                # The rest of the issue goes on; the next run asks again.
                self._note_failure(found.issue, error)
                continue
            offers[each.key] = offer_letter(
                each,
                envelope,
                found.judged,
                self._repository.words,
                found.seal,
                is_internal=settings.draft == "internal",
                is_again=bool(each.again),
            )
        return Post(letters, offers)

    def address(self, letter: Letter, judged: Judged, members: Mapping[str, Member]) -> Envelope:
        """Address a letter of an issue."""
        configuration = self._repository.configuration
        for username in map(str.casefold, usernames(letter, judged)):
            member = members.get(username)
            if username in configuration.addresses:
                self._addresses[username] = configuration.addresses[username]
            elif username not in self._addresses and member is not None and member.id:
                self._addresses[username] = self._gitlab.fetch_public_email(member.id)
        return build_envelope(letter, judged, _names(members), self._addresses, configuration.letters.gainsight_bcc)


@dataclass(frozen=True, slots=True)
class WrittenLetter:
    """A letter filled in for one issue, with all that stands in its way in words.

    ``draft`` is its file, None where it cannot be filled in.
    """

    state: LetterState
    envelope: Envelope
    draft: Draft | None
    judged: Judged
    waits: tuple[str, ...]

    @property
    def is_ready(self) -> bool:
        return self.state.is_ready


def write_letter(
    name: str, found: Considered, members: Mapping[str, Member], mailroom: Mailroom, repository: Repository
) -> WrittenLetter:
    """Fill in the letter called *name* for an issue.

    Raises:
        UsageError: there is no such letter, or none of this process.
    """
    judged = found.judged
    if judged is None:
        raise UsageError("This handover cannot be read; its status comment says why.")
    letter = _find_letter(name, judged, repository)
    values = issue_values(judged.process, judged.document, named_people(judged, _names(members)))
    state = judge_readiness(
        repository.letters, letter, judged, found.verdict, values, repository.configuration.letters.allowed_links
    )
    envelope = mailroom.address(letter, judged, members)
    draft = build_draft(state, envelope, judged.issue.iid) if state.rendered is not None else None
    waits = tuple(_say_wait(each, found.verdict, repository) for each in state.waits)
    return WrittenLetter(state, envelope, draft, judged, waits)


def check_mail(content: bytes, written: WrittenLetter, repository: Repository) -> SentVerdict:
    """Hold a mail that was sent against its letter.

    Raises:
        UsageError: this is no mail.
    """
    try:
        mail = read_mail(content)
    except MailError as error:
        raise UsageError(f"The file cannot be checked: {error}") from None
    configuration, judged = repository.configuration, written.judged
    senders = judged.cast.named.get(written.state.letter.sender, ())
    zone = configuration.calendars.of(senders[0] if senders else "").zone
    hosts = configuration.letters.allowed_links
    return judge_sent(mail, written.state, written.envelope, judged, hosts, zone)


def show_letter(written: WrittenLetter) -> str:
    """Show a letter with its recipients, and whether it may go out."""
    letter, envelope, rendered = written.state.letter, written.envelope, written.state.rendered
    ready = [f"Not ready, {len(written.waits)} to go:", *(f"  - {each}" for each in written.waits)]
    lines = [
        f"{letter.title} ({letter.name}, version {letter.version})",
        *(["Ready to be sent."] if written.is_ready else ready),
        "",
        f"From:    {_say_all((envelope.sender,) if envelope.sender else ())}",
        f"To:      {_say_all(envelope.to)}",
        f"Cc:      {_say_all(envelope.cc)}",
        f"Bcc:     {_say_all(envelope.bcc)}",
    ]
    if rendered is not None and written.draft is not None:
        lines += [f"Subject: {rendered.subject}", "", rendered.text.strip(), ""]
        lines += [f"As a file: {written.draft.file} (--format eml), SHA-256 {written.draft.digest}"]
    return "\n".join(line.rstrip() for line in lines)


def show_check(found: SentVerdict) -> str:
    """Show what came of the check of a mail."""
    head = "The mail says what it must, and went to whom it must." if not found.complaints else "The mail is not right:"
    marks = [*(f"  - {each}" for each in found.complaints), *(f"  (worth a look: {each})" for each in found.remarks)]
    return "\n".join([head, *marks])


def _find_letter(name: str, judged: Judged, repository: Repository) -> Letter:
    name = name.removesuffix(".md.j2")
    letter = repository.letters.letters.get(name)
    fitting = ", ".join(each.name for each in repository.letters.fitting(judged.process)) or "it has none"
    if letter is None:
        raise UsageError(f"There is no letter {name!r}. Letters of {judged.process.id}: {fitting}.")
    if letter.process != judged.process.id:
        raise UsageError(
            f"{name} is a letter of {letter.process}, and this issue follows {judged.process.id}."
            f" Its letters: {fitting}."
        )
    if letter not in repository.letters.fitting(judged.process):
        raise UsageError(f"{name} does not fit version {judged.process.version} of {judged.process.id}: {fitting}.")
    return letter


def _say_wait(wait: Finding, verdict: Verdict, repository: Repository) -> str:
    said = say(wait, verdict, repository.words)
    line = f" (line {wait.line} of the issue)" if wait.line else ""
    return f"{said.message}{line} {said.repair}".replace("**", "").strip()


def _say_all(addresses: tuple[Address, ...]) -> str:
    return ", ".join(say_address(each) if each.email else f"{name_of(each)} (address unknown)" for each in addresses)


def _names(members: Mapping[str, Member]) -> dict[str, str]:
    return {username: member.name for username, member in members.items() if member.name}
