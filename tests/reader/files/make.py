"""Writes the rows of clean.csv with Python's csv module in its dialects, and with openpyxl. Called by make."""

import csv
import datetime
import io
from pathlib import Path

import openpyxl
from openpyxl.styles import Font

WRITTEN = Path("written")
# Made files do not change when nothing about them does.
THEN = datetime.datetime(2026, 1, 2, 3, 4, 5)

with open("clean.csv", newline="", encoding="utf-8") as file:
    HEADER, *ROWS = csv.reader(file)
IDS = [HEADER.index("user_id"), HEADER.index("plan_id")]
FLAGS = [HEADER.index(name) for name in ("admin", "licensed_sheet_creator", "group_admin", "resource_viewer")]


def write(name, rows=None, encoding="utf-8", above="", **dialect):
    """Writes a CSV; what is not said is Python's default."""
    text = io.StringIO(newline="")
    text.write(above)
    csv.writer(text, **dialect).writerows([HEADER, *(ROWS if rows is None else rows)])
    (WRITTEN / f"python_{name}.csv").write_bytes(text.getvalue().encode(encoding))


def converted(columns, convert):
    """The rows, with those of their cells converted that hold anything."""
    return [[convert(cell) if cell and at in columns else cell for at, cell in enumerate(row)] for row in ROWS]


class Escaped(csv.excel):
    quoting = csv.QUOTE_NONE
    escapechar = "\\"


class Backslashes(csv.excel):
    doublequote = False
    escapechar = "\\"


# Every dialect of the module, and every delimiter, encoding and line end.
write("excel", dialect="excel")
write("excel_tab", dialect="excel-tab")
write("unix", dialect="unix")
write("quote_all", quoting=csv.QUOTE_ALL)
write("quote_nonnumeric", converted(IDS, int), quoting=csv.QUOTE_NONNUMERIC)
write("quote_none", dialect=Escaped)
write("quotes_escaped", dialect=Backslashes)
write("single_quotes", quotechar="'", delimiter=";")
write("semicolon", delimiter=";")
write("pipe", delimiter="|")
write("caret", delimiter="^")
write("lf", lineterminator="\n")
write("cr", lineterminator="\r")
write("cr_quote_all", lineterminator="\r", quoting=csv.QUOTE_ALL)
write("semicolon_cr_quote_all", delimiter=";", lineterminator="\r", quoting=csv.QUOTE_ALL)
write("separator_line", delimiter=";", above="sep=;\r\n")
write("title_lines", above="Leavers of May\r\n\r\n")
write("utf8_with_mark", encoding="utf-8-sig")
write("utf16", encoding="utf-16")
write("utf16_tab", encoding="utf-16", dialect="excel-tab")
write("utf16be", above="\ufeff", encoding="utf-16-be")
write("utf16_without_mark", encoding="utf-16-le")
write("utf32", encoding="utf-32")
write("windows_1252", encoding="cp1252", delimiter=";")
write("mac_roman", encoding="mac-roman", delimiter=";")
# What becomes of ids in programs that take them for numbers.
write("ids_as_floats", converted(IDS, float))
write("ids_of_15_digits", converted(IDS, lambda cell: f"{cell[:15]}{'0' * (len(cell) - 15)}"))
write("ids_with_decimals", converted(IDS, lambda cell: f"{cell}.0"))
write("ids_with_thousands", converted(IDS, lambda cell: f"{int(cell):,}"))


def save(name, book):
    book.properties.created = book.properties.modified = THEN
    book.save(WRITTEN / f"openpyxl_{name}.xlsx")


def sheet(rows, above=(), number_format=None):
    """A workbook with one sheet of the rows; texts are texts, numbers are numbers."""
    book = openpyxl.Workbook()
    fill(book.active, rows, above, number_format)
    return book


def fill(page, rows, above=(), number_format=None):
    for line in above:
        page.append([line])
    page.append(HEADER)
    for cell in page[page.max_row]:
        cell.font = Font(bold=True)
    for row in rows:
        page.append([None if cell == "" else cell for cell in row])
        for at in IDS if number_format else ():
            page.cell(page.max_row, at + 1).number_format = number_format


save("ids_as_text", sheet(ROWS))
save("ids_as_numbers", sheet(converted(IDS, int)))
save("ids_as_whole_numbers", sheet(converted(IDS, int), number_format="0"))
save("ids_with_thousands", sheet(converted(IDS, int), number_format="#,##0"))
save("title_lines", sheet(ROWS, above=["Leavers of May", None]))

flags = converted(FLAGS, lambda cell: cell == "TRUE")
dated = [
    [datetime.date(2026, 10, 30) if cell == "2026-10-30" else cell for cell in row]
    for row in flags
]
save("booleans_and_dates", sheet(dated))

formulas = [[f'="{row[0]}"' if row[0] else "", *row[1:]] for row in ROWS]
save("ids_as_formulas", sheet(formulas))

several = openpyxl.Workbook()
several.active.title = "Read me"
several.active.append(["Fill in the sheet `Seats`."])
fill(several.create_sheet("Seats"), ROWS)
several.create_sheet("Empty")
save("several_sheets", several)

filtered = sheet(ROWS)
filtered.active.auto_filter.ref = filtered.active.dimensions
filtered.active.freeze_panes = "A2"
filtered.active.row_dimensions[5].hidden = True
filtered.active.column_dimensions["C"].hidden = True
save("filtered", filtered)

# Written row by row: texts stand in their cells, not in a table of strings.
streamed = openpyxl.Workbook(write_only=True)
page = streamed.create_sheet("Seats")
for row in [HEADER, *ROWS]:
    page.append(row)
save("streamed", streamed)
