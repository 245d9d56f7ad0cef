"""Bytes of a file -> rows with the numbers that a spreadsheet shows, or one sentence that says how to repair it."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.creating.columns import columns_of, fold, letter, starters
from automation.core.creating.table import MOST_ROWS, TableError, parse_table
from tests.scene import REPOSITORY

PROCESSES = {process.id: process for process in REPOSITORY.processes.values()}
COLUMNS = columns_of(PROCESSES["csm-to-cse-plus"])


def read(text, columns=COLUMNS):
    table = parse_table(text if isinstance(text, bytes) else text.encode(), columns)
    return {record.row: dict(record.cells) for record in table.records}


def refused(text, columns=COLUMNS):
    with pytest.raises(TableError) as error:
        read(text, columns)
    return [(each.row, each.message) for each in error.value.complaints]


ONE = {2: {"customer": "Acme", "csm": "carol"}}


@pytest.mark.parametrize(
    "text",
    [
        "Customer,CSM\nAcme,carol\n",
        "Customer;CSM\r\nAcme;carol\r\n",
        "Customer\tCSM\rAcme\tcarol",
        "\ufeffCustomer,CSM\nAcme,carol",
        "sep=;\nCustomer;CSM\nAcme;carol\n",
        "\ufeffsep=,\r\nCustomer,CSM\r\nAcme,carol\r\n",
        '"sep=;"\nCustomer;CSM\nAcme;carol\n',
        '"Customer","CSM"\n"Acme","carol"\n',
        " CUSTOMER : ,csm:\nAcme,carol\n",
        "customer,csm\nAcme,carol\n",
        "Customer,CSM,,\nAcme,carol,,\n",
        "Customer,CSM,Health\nAcme,carol\n",
        "Customer,CSM\nAcme,carol\n,\n\n , \n",
    ],
)
def test_one_account_in_every_form_that_spreadsheets_write(text):
    assert read(text) == ONE


def test_rows_are_numbered_as_a_spreadsheet_shows_them():
    text = 'Customer,Goals\nA,"one\r\ntwo\nthree"\n\n,\nB,"x"\n'
    assert {row: cells["customer"] for row, cells in read(text).items()} == {2: "A", 5: "B"}
    assert read(text)[2]["goals"] == "one\r\ntwo\nthree"


def test_a_header_further_down_keeps_the_numbers():
    assert read("\n\nCustomer,CSM\nAcme,carol\n") == {4: ONE[2]}
    assert refused("\n\nCustomer,Colour\nAcme,red\n")[0][0] == 3


def test_a_label_with_commas_tells_the_delimiter_all_the_same():
    columns = columns_of(PROCESSES["presales-to-postsales"])
    text = "Customer;Next steps, near, medium and long term\nAcme;call, then write\n"
    assert read(text, columns) == {2: {"customer": "Acme", "next_steps": "call, then write"}}


def test_line_separators_inside_a_cell_begin_no_row():
    assert read("Customer,Goals\nAcme,a\u2028b\x0bc\x85d\n")[2]["goals"] == "a\u2028b\x0bc\x85d"


@pytest.mark.parametrize(
    ("content", "row", "said"),
    [
        (b"", 0, "empty"),
        (b"\n\n ,\n", 0, "empty"),
        (b"Customer,CSM\n", 0, "no account"),
        ("Customer,CSM\nAcme,carol\nMüller,carol\n".encode("latin-1"), 0, "line 3 is not UTF-8"),
        ("Customer,CSM\nAcme,carol\n".encode("utf-16"), 0, "UTF-16"),
        ("Customer,CSM\nAcme,carol\n".encode("utf-16-le"), 0, "NUL"),
        (b"Customer,CSM\nAc\0me,carol\n", 0, "line 2 holds a NUL byte"),
        ('Customer,CSM\nA,carol\nB,"carol\nC,carol\n', 3, "quotation mark"),
        ('Customer,CSM\nA,carol\n"B"x,carol\n', 3, "quotation mark"),
        ("Customer,CSM\nA,carol\nAcme, Inc,carol\n", 3, "3 cells, and the header 2"),
        ("Customer,CSM,Customer\nA,carol,B\n", 1, "Customer stands twice, as A and C"),
        ("Customer,csm,CSM\nA,carol,otto\n", 1, "CSM stands twice, as B and C"),
        ("Customer,CSM,Helth\nA,carol,Green\n", 1, "no column `Helth`; did you mean Health?"),
        (b"PK\x03\x04\x14\x00rest", 0, "a workbook"),
        ("Customer,CSM\nA,carol\n" + "B" * 140_000 + ",carol\n", 3, "more than 131,072 letters"),
        ("Customer,CSM,Zzzz\nA,carol,Green\n", 1, "no column `Zzzz`; delete it, `--columns` shows"),
        ("Customer,CSM,\nA,carol,x\n", 1, "column C has no name"),
        ("Customer,CSM,=1+1\nA,carol,x\n", 1, "no column `=1+1`"),
    ],
)
def test_a_wrong_file_is_told_its_row_and_the_repair(content, row, said):
    content = content if isinstance(content, bytes) else content.encode()
    (found,) = refused(content)
    assert found[0] == row
    assert said in found[1]


def test_what_is_no_utf_8_says_how_to_save_it():
    (found,) = refused("Customer\nMüller\n".encode("latin-1"))
    assert "CSV UTF-8" in found[1]


def test_all_that_is_wrong_with_a_header_is_told_together():
    assert len(refused("Customer,Helth,Helth2,CSM,CSM,\nA,,,,,x\n")) == 3


def test_the_columns_of_an_export_are_told_in_one_sentence():
    ((row, message),) = refused("Customer,Helth,Owner,Zip,CSM\nA,,,,\n")
    assert row == 1
    assert "3 columns mean nothing to this process: `Helth` (B, perhaps Health); `Owner` (C); `Zip` (D)." in message
    assert "delete the others" in message
    assert not refused("Customer,Accounts to hand over\nA,\n")[0][1].count("did you mean")


@pytest.mark.parametrize(("rows", "is_taken"), [(MOST_ROWS, True), (MOST_ROWS + 1, False), (50_000, False)])
def test_a_file_with_too_many_rows_is_refused_with_their_number(rows, is_taken):
    text = "Customer,CSM\n" + "Acme,carol\n" * rows
    if is_taken:
        assert len(read(text)) == rows
    else:
        assert f"{rows:,} rows" in refused(text)[0][1]


CELL = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@given(
    st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=6),
    st.sampled_from(",;\t"),
    st.sampled_from(["utf-8", "utf-8-sig"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_a_spreadsheet_writes_is_read_back_with_its_row(rows, delimiter, encoding, end):
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([("Customer", "Goals", "Health"), *rows])
    kept = {number: row for number, row in enumerate(rows, 2) if any(cell.strip() for cell in row)}
    content = file.getvalue().encode(encoding)
    if not kept:
        assert "no account" in refused(content)[0][1]
        return
    found = read(content)
    keys = ("customer", "goals", "health")
    assert found == {
        number: {key: cell for key, cell in zip(keys, row, strict=True) if cell.strip()} for number, row in kept.items()
    }


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content):
    try:
        parse_table(content, COLUMNS)
    except TableError as error:
        assert error.complaints


# --- columns ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("process", "keys"),
    [
        ("csm-to-cse-plus", ["csm"]),
        ("cse-request", ["ae"]),
        ("csm-to-csm", ["new_csm"]),
        ("presales-to-postsales", ["sa"]),
        ("disengagement", ["csm"]),
        ("executive-briefing", ["csm"]),
    ],
)
def test_those_who_begin_are_needed(process, keys):
    assert [each.key for each in starters(PROCESSES[process])] == keys


@pytest.mark.parametrize("process", PROCESSES.values(), ids=PROCESSES)
def test_columns_have_names_of_their_own(process):
    columns = columns_of(process)
    titles = [fold(column.title) for column in columns]
    assert len(set(titles)) == len(titles)
    assert {"next_renewal", "open_escalation", "salesforce_account"} <= {column.key for column in columns}


@pytest.mark.parametrize(("place", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ")])
def test_columns_are_called_as_a_spreadsheet_calls_them(place, letters):
    assert letter(place) == letters
