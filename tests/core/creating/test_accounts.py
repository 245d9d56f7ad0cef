"""When two handovers are about one account."""

from __future__ import annotations

import pytest

from automation.core.creating.accounts import AccountIndex, build_account, link_key, name_key

LINK = "https://acme.my.salesforce.com/001Ab00000CdEfG"


@pytest.mark.parametrize(
    "link",
    [
        LINK,
        f"{LINK}/",
        f"{LINK}?tab=details#top",
        "HTTPS://ACME.my.salesforce.com/001Ab00000CdEfG",
        "http://acme.my.salesforce.com/001Ab00000CdEfG",
        "https://acme.lightning.force.com/lightning/r/Account/001Ab00000CdEfGHIJ/view",
        "https://acme.lightning.force.com/one/one.app#/sObject/001Ab00000CdEfGHIJ/view",
        "https://acme.lightning.force.com/one/one.app#%2FsObject%2F001Ab00000CdEfGHIJ%2Fview",
        "https://acme.my.salesforce.com/apex/v?id=001Ab00000CdEfG",
        "https://acme.my.salesforce.com/apex/v?retURL=%2F001Zz00000CdEfG&ID=001Ab00000CdEfG",
        "https://acme.my.salesforce.com/apex/v?account=001Ab00000CdEfG",
    ],
)
def test_spellings_of_one_link(link):
    assert link_key(link) == link_key(LINK)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (LINK, "https://acme.my.salesforce.com/001Ab00000CdEfg"),
        ("https://crm.example.com/a/1", "https://crm.example.com/a/2"),
        ("https://crm.example.com/a/1", "https://other.example.com/a/1"),
        ("https://crm.example.com/A", "https://crm.example.com/a"),
        ("https://crm.example.com/a?n=1", "https://crm.example.com/a?n=2"),
        ("https://crm.example.com/#/a/1", "https://crm.example.com/#/a/2"),
        (
            "https://acme.lightning.force.com/one/one.app#/sObject/001Ab00000CdEfG/view",
            "https://acme.lightning.force.com/one/one.app#/sObject/001Ab00000CdEfH/view",
        ),
        (
            "https://acme.my.salesforce.com/apex/v?id=001Ab00000CdEfG",
            "https://acme.my.salesforce.com/apex/v?id=001Ab00000CdEfH",
        ),
    ],
)
def test_links_of_two_accounts(first, second):
    assert link_key(first) != link_key(second)


@pytest.mark.parametrize("link", ["none", "", "javascript:x", "https://", "https://[", "ftp://a/b"])
def test_what_is_no_link_names_nothing(link):
    assert link_key(link) == ""


@pytest.mark.parametrize("name", ["Acme Corp", " ACME  corp ", "acme\u00a0corp", "Ａcme Corp"])
def test_spellings_of_one_name(name):
    assert name_key(name) == "acme corp"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("McDonald's", "McDonald’s"),
        ("McDonald's", "McDonald`s"),
        ('"Die" Firma', "„Die“ Firma"),
        ("Coca-Cola", "Coca\u2011Cola"),
        ("Coca-Cola", "Coca–Cola"),
        ("Coca-Cola", "Coca\u2212Cola"),
        ("Acme", "Ac\u200bme"),
        ("Acme", "Ac\u00adme"),
        ("Müller", "Mu\u0308ller"),
        ("Straße", "STRASSE"),
    ],
)
def test_names_that_look_the_same_are_one(first, second):
    assert name_key(first) == name_key(second)


@pytest.mark.parametrize(("first", "second"), [("O'Neil", "ONeil"), ("A-B", "AB"), ("A-B", "A B"), ("Å", "A")])
def test_names_that_look_different_are_two(first, second):
    assert name_key(first) != name_key(second)


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        ((LINK, "Acme"), (LINK, "Acme Inc"), True),
        ((LINK, "Acme"), (f"{LINK}x0", "Acme"), False),
        ((LINK, "Acme"), (None, "acme"), True),
        ((None, "Acme"), (LINK, "ACME"), True),
        ((None, "Acme"), (None, "Acme"), True),
        ((None, "Acme"), (None, "Beta"), False),
        ((None, None), (None, None), False),
        ((["x"], 7), (None, "7"), False),
    ],
)
def test_links_decide_where_both_are_known_else_names(first, second, is_same):
    index = AccountIndex()
    index.add(build_account(*first), "first")
    assert (index.find(build_account(*second)) == "first") is is_same


def test_the_first_of_several_is_found():
    index = AccountIndex()
    index.add(build_account(None, "Acme"), 1)
    index.add(build_account(None, "Acme"), 2)
    assert index.find(build_account(None, "acme")) == 1
