#!/usr/bin/env python3
"""Writes small files of which a careless reader makes more than any memory holds, and holds seatrun to refusing each.

Needs GNU time (Debian: time) in PATH, and a release build of seatrun.

    tests/reader/attack_files.py [SEATRUN]        SEATRUN is target/release/seatrun unless given

Each has to end with exit code 3 within 3 seconds and 300 megabytes.
"""

import os
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

LONGEST_FILE = 100_000
SECONDS = 3.0
MEGABYTES = 300

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CELL = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'


def package(parts):
    def write(path):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name, content in parts.items():
                archive.writestr(name, content)

    return write


def ods(rows):
    content = (
        '<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:body><office:spreadsheet>'
        f'<table:table table:name="S">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return package({"mimetype": kind, "META-INF/manifest.xml": "<m/>", "content.xml": content})


def row(cells, repeated=1):
    return f'<table:table-row table:number-rows-repeated="{repeated}">{cells}</table:table-row>'


def empty(repeated):
    return f'<table:table-cell table:number-columns-repeated="{repeated}"/>'


def relations(*targets):
    each = (f'<Relationship Id="r{at}" Type="{RELATIONS}/{kind}" Target="{target}"/>' for at, (kind, target) in enumerate(targets))
    return f"<Relationships>{''.join(each)}</Relationships>"


def xlsx(texts, rows):
    return package(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": f'<workbook xmlns:r="{RELATIONS}"><sheets><sheet name="S" sheetId="1" r:id="r0"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": relations(("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")),
            "xl/sharedStrings.xml": f"<sst>{texts}</sst>",
            "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{rows}</sheetData></worksheet>",
        }
    )


def overlapping(path):
    """Many entries of one archive that all unpack the same bytes, and say that they unpack to few."""
    package({"[Content_Types].xml": " <x/>" * 6_000_000})(path)
    whole = path.read_bytes()
    directory = whole.index(b"PK\x01\x02")
    end = whole.index(b"PK\x05\x06")
    entry = bytearray(whole[directory:end])
    entry[24:28] = struct.pack("<I", 100)
    entries = bytes(entry) + b"".join(
        bytes(entry[:46]) + (b"%018d.x" % at)[: len(entry) - 46] for at in range(200)
    )
    tail = bytearray(whole[end:])
    tail[8:12] = struct.pack("<HH", 201, 201)
    tail[12:16] = struct.pack("<I", len(entries))
    path.write_bytes(whole[:directory] + entries + bytes(tail))


HEADER = row(CELL.format("user_id") + CELL.format("action"))
LONG = f"<si><t>{'x' * 32_000}</t></si>"
REFERENCES = "".join(f'<row><c t="s"><v>0</v></c></row>' for _ in range(1_000_000))

ATTACKS = {
    "spaces.ods": ods(HEADER + row(CELL.format('<text:s text:c="1000000000"/>'))),
    "spaces_beyond_numbers.ods": ods(HEADER + row(CELL.format('<text:s text:c="18446744073709551615"/>'))),
    "repeated_rows.ods": ods(HEADER + row(CELL.format("x" * 30_000), 1_048_576)),
    "repeated_columns.ods": ods(HEADER + row(CELL.format("x").replace("<table:table-cell", '<table:table-cell table:number-columns-repeated="16384"'), 1_048_576)),
    "far_cell.ods": ods(HEADER + row(empty(16_000), 1_000_000) + row(empty(16_000) + CELL.format("x"))),
    "one_long_text.xlsx": xlsx(LONG, REFERENCES),
    "far_columns.xlsx": xlsx(LONG, "".join(f'<row r="{at}"><c r="XFD{at}"><v>1</v></c></row>' for at in range(1, 18_000))),
    "text_bomb.xlsx": xlsx(f"<si><t>{'x' * 90_000_000}</t></si>", "<row><c t=\"s\"><v>0</v></c></row>"),
    "shared_texts.xlsx": xlsx("<si/>" * 13_000_000, ""),
    "overlapping.xlsx": overlapping,
}


def run(seatrun, path, folder):
    measured = folder / "measured"
    command = ["time", "-q", "-f", "%e %M", "-o", measured, seatrun, "run", path, "--dry-run", "--offline"]
    command += ["--action", "plans", "--state-dir", folder / "state", "-o", folder / "review.csv"]
    done = subprocess.run(command, capture_output=True, text=True)
    seconds, kilobytes = measured.read_text().split()
    said = done.stderr.strip().splitlines()[:1]
    return done.returncode, float(seconds), int(kilobytes) * 1024 / 1e6, said


def main():
    seatrun = sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2] / "target/release/seatrun"
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = [Path("/dev/zero")]
        for name, write in ATTACKS.items():
            paths.append(folder / name)
            write(paths[-1])
            assert os.path.getsize(paths[-1]) <= LONGEST_FILE, f"{name}: {os.path.getsize(paths[-1])} bytes"
        for path in paths:
            code, seconds, megabytes, said = run(seatrun, path, folder)
            is_well = code == 3 and seconds < SECONDS and megabytes < MEGABYTES
            wrong += not is_well
            print(f"{'ok ' if is_well else 'BAD'} {path.name}: exit {code}, {seconds:.2f} s, {megabytes:.0f} MB {said}")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
