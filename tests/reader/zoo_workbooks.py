"""Makes the workbooks of samples/zoo. Run by hand where one is to change:

    pip install openpyxl xlsxwriter xlwt odfpy msoffcrypto-tool && python3 tests/reader/zoo_workbooks.py

What each is read to stands in tests/reader/zoo.rs.
"""

import datetime
import io
import pathlib
import zipfile

import msoffcrypto.format.ooxml
import odf.opendocument
import odf.style
import odf.table
import odf.text
import openpyxl
import xlsxwriter
import xlwt

ZOO = pathlib.Path(__file__).parents[2] / "samples" / "zoo"
HEADER = ["user_id", "action", "plan_id", "seat_type", "notes"]
PLAN = "4843937635559345"
CLEAN = [
    HEADER,
    ["48569348493401267", "downgrade", PLAN, "VIEWER", "Jane Doe"],
    ["48569348493401283", "deactivate", "", "", "Zoë"],
    ["48569348493401309", "upgrade", PLAN, "MEMBER", "Bo, \"the\" Lee"],
]


def fill(sheet, rows, top=1, left=1):
    for number, row in enumerate(rows):
        for index, value in enumerate(row):
            if value != "":
                sheet.cell(top + number, left + index, value)


def xlsx(name, **sheets):
    """A workbook of the sheets; returns it to be changed before it is saved."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        fill(book.create_sheet(title.replace("_", " ")), rows)
    return Saved(name, book)


class Saved:
    """Saves on leaving, with the times that would change with every run left out."""

    def __init__(self, name, book):
        self.name, self.book = name, book

    def __enter__(self):
        return self.book

    def __exit__(self, *_):
        made = io.BytesIO()
        self.book.save(made)
        (ZOO / self.name).write_bytes(timeless(made.getvalue()))


def timeless(archive):
    """The same zip archive without the times of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            text = old.read(part)
            if part.filename == "docProps/core.xml":
                text = b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
            entry = zipfile.ZipInfo(part.filename)
            entry.compress_type = zipfile.ZIP_STORED if part.filename == "mimetype" else zipfile.ZIP_DEFLATED
            new.writestr(entry, text)
    return out.getvalue()


def main():
    with xlsx("workbook.xlsx", Leavers=CLEAN):
        pass
    # Excel's own extension for workbooks with macros; the content is what counts.
    (ZOO / "workbook.csv").write_bytes((ZOO / "workbook.xlsx").read_bytes())

    # The table begins in C5, below a title, with a gap in it and a note beside it.
    with xlsx("workbook_title.xlsx", Leavers=[]) as book:
        sheet = book["Leavers"]
        sheet["A1"] = "Leavers of May"
        fill(sheet, CLEAN[:2], top=5, left=3)
        fill(sheet, CLEAN[2:], top=9, left=3)
        sheet["I9"] = "ask Bo"

    with xlsx("workbook_sheets.xlsx", Read_me=[["How to use this list"]], Leavers=CLEAN, Empty=[]):
        pass
    with xlsx("workbook_hidden_sheets.xlsx", Leavers=CLEAN, Old=CLEAN, Lists=[["VIEWER"]]) as book:
        book["Old"].sheet_state = "hidden"
        book["Lists"].sheet_state = "veryHidden"
    with xlsx("workbook_all_hidden.xlsx", Leavers=CLEAN, Sheet1=[]) as book:
        book["Leavers"].sheet_state = "hidden"
        book.active = 1
    with xlsx("workbook_empty.xlsx", Sheet1=[], Sheet2=[["", " "]]):
        pass

    # Rows that a filter hides, a column that somebody hid.
    with xlsx("workbook_hidden_rows.xlsx", Leavers=CLEAN) as book:
        sheet = book["Leavers"]
        sheet.auto_filter.ref = "A1:E4"
        sheet.row_dimensions[3].hidden = sheet.row_dimensions[4].hidden = True
        sheet.column_dimensions["B"].hidden = sheet.column_dimensions["E"].hidden = True

    # Ids as numbers: what Excel makes of them, what a program writes, and such as are short enough.
    numbers = [
        HEADER,
        [48569348493401200, "deactivate", "", "", "typed into Excel"],
        [48569348493401267, "deactivate", "", "", "written by a program"],
        [9007199254740993, "deactivate", "", "", "16 digits, too large"],
        [4843937635559345, "deactivate", "", "", "16 digits, exact"],
        ["48569348493401267", "downgrade", 4843937635559345, "VIEWER", "id as text"],
        ["48569348493401283", "downgrade", 48439376355593457, "VIEWER", "plan too large"],
        [48569348493401309.5, "deactivate", "", "", "a fraction that is lost, too"],
        [1234.5, "deactivate", "", "", "a fraction"],
    ]
    with xlsx("workbook_numbers.xlsx", Leavers=numbers) as book:
        book["Leavers"]["A2"].number_format = "0"
        book["Leavers"]["A5"].number_format = "#,##0"
    rounded = [["user_id", "action"]] + [[4843937635559000 + 10 * n, "deactivate"] for n in range(1, 8)]
    with xlsx("workbook_ids_rounded.xlsx", Leavers=rounded):
        pass
    keyed = [
        ["user_id", "action", "result_status", "result_key"],
        [48569348493401300, "deactivate", "FAILED", "KEY"],
    ]
    with xlsx("workbook_report.xlsx", Report=keyed) as book:
        book["Report"]["D2"] = KEY

    cells = [
        ["email", "action", "admin", "first_name", "last_name", "Last day", "Seen"],
        ["jane@acme.example", "update", True, "Jane", "Doe", datetime.date(2026, 5, 31), datetime.datetime(2026, 5, 31, 17, 30)],
        ["bo@acme.example", "update", False, "#N/A", "", "", ""],
        ["cy@acme.example", "update", "", "=B3", "", "", ""],
        ["#REF!", "plans", "", "", "", "", "#DIV/0!"],
    ]
    with xlsx("workbook_cells.xlsx", Cells=cells) as book:
        sheet = book["Cells"]
        for place in ["D3", "A5", "G5"]:
            sheet[place].data_type = "e"

    with xlsx("workbook_one_column.xlsx", A=[["user_id;action"], ["48569348493401267;plans"]]):
        pass
    with xlsx("workbook_duplicate_headers.xlsx", A=[["User ID", "userId", "action"], ["7", "8", "plans"]]):
        pass

    # With a password; with its end missing; with more texts than it can hold, by its own account; a zip archive and an Office document of another kind.
    plain = (ZOO / "workbook.xlsx").read_bytes()
    office = msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(plain))
    with (ZOO / "workbook_password.xlsx").open("wb") as out:
        office.encrypt("secret", out)
    (ZOO / "workbook_cut_off.xlsx").write_bytes(plain[: len(plain) // 2])
    (ZOO / "workbook_overstated.xlsx").write_bytes(plain)
    with zipfile.ZipFile(ZOO / "workbook_overstated.xlsx", "a", zipfile.ZIP_DEFLATED) as archive:
        texts = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" uniqueCount="4294967295"/>'
        archive.writestr(zipfile.ZipInfo("xl/sharedStrings.xml"), texts)
    with zipfile.ZipFile(ZOO / "archive.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("leavers.csv"), "user_id,action\n7,plans\n")

    old = xlwt.Workbook()
    sheet = old.add_sheet("Leavers")
    for number, row in enumerate(CLEAN):
        for index, value in enumerate(row):
            sheet.write(number, index, value)
    sheet.write(4, 0, 48569348493401267)
    sheet.write(4, 1, "deactivate")
    sheet.write(5, 0, 7)
    sheet.write(5, 1, "deactivate")
    sheet.row(3).hidden = sheet.row(5).hidden = True
    sheet.col(1).hidden = True
    old.save(str(ZOO / "workbook.xls"))

    # One id that Excel was given as a number, among others that are text.
    leavers = [["user_id", "action"], *([user, "deactivate"] for user in ["48569348493401267", 4856934849340120])]
    with xlsx("workbook_id_typed.xlsx", Leavers=leavers):
        pass

    # Formulas that their writers did not calculate: with zeros in the place of values, and with nothing.
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Rights")
        sheet.write_row(0, 0, ["user_id", "action", "admin", "first_name"])
        sheet.write_row(1, 0, ["48569348493401267", "update"])
        sheet.write_formula(1, 2, "=TRUE()")
        sheet.write_formula(1, 3, '="Jane"')
    (ZOO / "workbook_zeros.xlsx").write_bytes(timeless(made.getvalue()))
    old = xlwt.Workbook()
    sheet = old.add_sheet("Seats")
    for index, value in enumerate(["user_id", "action", "plan_id", "seat_type", "notes"]):
        sheet.write(0, index, value)
    for number, formula in [(1, '"GU"&"EST"'), (2, '""')]:
        sheet.write(number, 3, xlwt.Formula(formula))
    for index, value in enumerate(["48569348493401267", "upgrade", PLAN]):
        sheet.write(1, index, value)
    old.save(str(ZOO / "workbook_uncalculated.xls"))

    made = io.BytesIO()
    ods(CLEAN + [[48569348493401267.0, "deactivate"], [7, "deactivate"]]).write(made)
    (ZOO / "workbook.ods").write_bytes(timeless(made.getvalue()))


KEY = "u48569348493401283:deactivate:75e88b"


def ods(rows):
    """An OpenDocument spreadsheet with two empty rows in the middle, the last row filtered out, a column hidden."""
    document = odf.opendocument.OpenDocumentSpreadsheet()
    table = odf.table.Table(name="Leavers")
    table.addElement(odf.table.TableColumn())
    table.addElement(odf.table.TableColumn(visibility="collapse"))
    for number, row in enumerate(rows):
        if number == 3:
            table.addElement(odf.table.TableRow(numberrowsrepeated=2))
        line = odf.table.TableRow(visibility="filter") if number + 1 == len(rows) else odf.table.TableRow()
        for value in row:
            if isinstance(value, str):
                cell = odf.table.TableCell(valuetype="string")
                if value:
                    cell.addElement(odf.text.P(text=value))
                else:
                    cell = odf.table.TableCell()
            else:
                cell = odf.table.TableCell(valuetype="float", value=repr(value))
            line.addElement(cell)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    return document


main()
