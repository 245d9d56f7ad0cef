"""Who a letter comes from and goes to: roles of the handover and the directory become names and addresses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from automation.core.judged import Judged
from automation.core.letters.addresses import is_address, parse_contacts
from automation.core.letters.model import CUSTOMER, GAINSIGHT, Address, Envelope, Letter
from automation.core.letters.readiness import contacts_of

_OTHERS = {CUSTOMER: "the customer", GAINSIGHT: "Gainsight"}


def build_envelope(
    letter: Letter, judged: Judged, names: Mapping[str, str], addresses: Mapping[str, str], gainsight: str
) -> Envelope:
    """Address a letter. *names* and *addresses* are those of people by username, case-folded.

    Whoever's address nobody knows stands in it without one; a role for which nobody is named is left out.
    """

    def people(roles: tuple[str, ...]) -> Iterator[Address]:
        for role in roles:
            if role == CUSTOMER:
                yield from contacts(judged) or (Address("", "", CUSTOMER),)
            elif role == GAINSIGHT:
                yield Address("", gainsight if is_address(gainsight) else "", GAINSIGHT)
            else:
                for username in judged.cast.named.get(role, ()):
                    known = addresses.get(username.casefold(), "")
                    name = names.get(username.casefold()) or username
                    yield Address(name, known if is_address(known) else "", role)

    sender = next(people((letter.sender,)), None)
    return Envelope(sender, tuple(people(letter.to)), tuple(people(letter.cc)), tuple(people(letter.bcc)))


def contacts(judged: Judged) -> tuple[Address, ...]:
    """Return whom the issue names at the customer; who stands there without an address has none."""
    found, unread = parse_contacts(contacts_of(judged))
    return (*found, *(Address(piece, "", CUSTOMER) for piece in unread))


def usernames(letter: Letter, judged: Judged) -> tuple[str, ...]:
    """Return the accounts whose addresses a letter needs, its sender first."""
    roles = (letter.sender, *letter.to, *letter.cc, *letter.bcc)
    return tuple(dict.fromkeys(name for role in roles for name in judged.cast.named.get(role, ())))


def name_of(address: Address) -> str:
    """Name somebody whose address nobody knows: by name, or by what they are."""
    return address.name or _OTHERS.get(address.role, address.role)


def say_address(address: Address) -> str:
    """Write an address as people do: Ada Lind <ada@acme.example>; without one, the name alone."""
    if not address.email:
        return name_of(address)
    name = (
        address.name if address.name.replace(" ", "").isalnum() or not address.name else f'"{_escaped(address.name)}"'
    )
    return f"{name} <{address.email}>" if name else address.email


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')
