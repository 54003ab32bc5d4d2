//! The zoo: one small file in `samples/zoo/` for each known trouble, and what the reader makes of it.
//!
//! Each line of a verdict must be found in what the reader says in that place: warnings first, then one line for every
//! row, or one line for a refused file. A file without a verdict fails the test, and so does a verdict without a file.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use seatrun::input::{Field, IdTrust, Options, ParsedRow, RowError, Sheet, Subject};
use seatrun::model::{ActionName, PlanId, Seat, Status};

fn zoo() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "samples", "zoo"].iter().collect()
}

/// Everything the reader says of a file, a line each.
fn say(file: &str, options: &Options) -> Vec<String> {
    let bytes = fs::read(zoo().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let sheet = match Sheet::read(bytes, options) {
        Ok(sheet) => sheet,
        Err(error) => return vec![format!("refused: {error} ({})", error.hint())],
    };
    let warnings = sheet.warnings().iter().map(|warning| format!("warning: {warning}"));
    let rows = sheet.rows().map(|row| {
        let was = sheet.seat_was(&row).map(|seat| format!(" (was {seat})")).unwrap_or_default();
        format!("{}: {}{was}", row.number, verdict(sheet.parse(&row)))
    });
    warnings.chain(rows).collect()
}

fn verdict(entry: ParsedRow) -> String {
    match entry {
        ParsedRow::Job { subject, action, notes } => format!("{} {action} {}", whom(&subject), notes.join(" + ")),
        ParsedRow::MissingPlan { subject, action } => format!("{} {action} in no plan", whom(&subject)),
        ParsedRow::Skipped { reason, .. } => format!("left out: {reason}"),
        ParsedRow::Invalid { errors: complaints } => complaints.iter().map(complaint).collect::<Vec<_>>().join(" + "),
    }
}

fn complaint(RowError { column, message, hint, .. }: &RowError) -> String {
    let column = column.as_deref().unwrap_or("row");
    let hint = hint.as_deref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("INVALID {column}: {message}{hint}")
}

fn whom(subject: &Subject) -> String {
    match subject {
        Subject::Id(id) => id.to_string(),
        Subject::Email(email) => email.to_string(),
        Subject::Both(id, email) => format!("{id}={email}"),
    }
}

const A: &str = "2: 48569348493401267 downgrade to VIEWER in plan 4843937635559345";
const B: &str = "3: 48569348493401283 deactivate";
const C: &str = "4: 48569348493401309 upgrade to MEMBER in plan 4843937635559345";
const CLEAN: &[&str] = &[A, B, C];

/// What a file is read to when nothing is said on the command line.
const PLAINLY: &[(&str, &[&str])] = &[
    // Encodings and dialects that read to what the clean file says.
    ("clean.csv", CLEAN),
    ("utf8_with_mark.csv", CLEAN),
    ("utf16le_tabs.csv", CLEAN),
    ("utf16be.csv", CLEAN),
    ("semicolons.csv", CLEAN),
    ("tabs.csv", CLEAN),
    ("pipes.csv", CLEAN),
    ("separator_line.csv", CLEAN),
    ("crlf.csv", CLEAN),
    ("cr_only.csv", CLEAN),
    ("no_newline_at_end.csv", CLEAN),
    ("commas_below_semicolons.csv", CLEAN),
    ("everything_quoted.csv", CLEAN),
    ("line_breaks_in_quotes.csv", CLEAN),
    ("other_names.csv", CLEAN),
    ("other_case.csv", CLEAN),
    ("ids_with_apostrophes.csv", CLEAN),
    ("ids_as_formulas.csv", CLEAN),
    ("ids_with_spaces.csv", CLEAN),
    // Files that cannot be used.
    (
        "utf16le_without_mark.csv",
        &[
            "refused: byte 1 (in row 1) is NUL, so the input is not text (it looks like UTF-16 without a byte order mark: say --encoding utf-16le)",
        ],
    ),
    (
        "windows_1252.csv",
        &[
            "refused: byte 136 (in row 3) is not UTF-8: EB (a CSV from Excel on Windows is often read with --encoding windows-1252",
        ],
    ),
    (
        "tildes.csv",
        &[
            "refused: row 1 is not a header with a `user_id` or `email` column: separated by comma, it reads `user_id~action~plan_id~seat_type~notes`",
        ],
    ),
    ("empty.csv", &["refused: the input is empty"]),
    ("only_a_mark.csv", &["refused: the input is empty"]),
    ("header_only.csv", &["refused: the input has a header (row 1) and no row below it"]),
    ("quote_in_header.csv", &["refused: the quote that opens column 2 of the header (row 1) is not closed"]),
    (
        "title_lines.csv",
        &[
            "(row 4 looks like the header (`user_id`, `action`, `plan_id` and `seat_type`): if it is, say --header-row 4)",
        ],
    ),
    ("no_header.csv", &["(`48569348493401267` looks like data: the sheet needs a row with the column names above it)"]),
    (
        "no_user_column.csv",
        &["it reads `Name`, `Department` and `action` (name the column that says who: --map user_id=COLUMN"],
    ),
    ("bare_id.csv", &["(if `ID` holds Smartsheet's user ids, say --map user_id=ID)"]),
    (
        "duplicate_headers.csv",
        &[
            "refused: columns 1 (`User ID`) and 3 (`userId`) both hold `user_id` (delete one of them, or say which one counts: --map user_id=",
        ],
    ),
    ("gzipped.csv", &["refused: the input is gzip, and neither CSV nor a workbook (unpack it first"]),
    ("archive.zip", &["refused: the input is a zip archive, and neither CSV nor a workbook (unpack it"]),
    (
        "web_page.xls",
        &["refused: the input is a web page, and neither CSV nor a workbook (open it in a spreadsheet program"],
    ),
    ("nul_byte.csv", &["refused: byte 192 (in row 4) is NUL"]),
    ("no_action.csv", &["refused: no action"]),
    (
        "admin_center_export.csv",
        &[
            "refused: no action: the input has no `action` column, and neither --action nor the settings name one (`Seat type`, `System Admin` and `Group Admin` say what was, and an export is not an order",
        ],
    ),
    ("admin_center_older_export.csv", &["`User type` and `System Admin` say what was"]),
    ("export_with_names.csv", &["refused: no action"]),
    (
        "ids_rounded.csv",
        &[
            "refused: a spreadsheet has rounded the user ids: in all 4 rows that have one of 16 or more digits it ends in zeros (the first is `48569348493401200` in row 2), so these are the ids of other users",
        ],
    ),
    // Rows that cannot be used, among others that can.
    (
        "blank_lines.csv",
        &["5: 48569348493401267 downgrade", "8: 48569348493401283 deactivate", "10: 48569348493401309 upgrade"],
    ),
    ("ragged.csv", &[A, "3: INVALID row: has 6 cells, and the header has 5", C]),
    (
        "unclosed_quote.csv",
        &[
            A,
            "3: INVALID notes: opens a quote that is never closed: the rest of the file (2 line breaks) went into this cell",
        ],
    ),
    (
        "swallowed_rows.csv",
        &[
            "2: INVALID notes: holds what looks like a row of its own: `48569348493401283,deactivate,,,`",
            "3: 48569348493401309 upgrade",
        ],
    ),
    ("text_behind_quote.csv", &["2: INVALID notes: has text behind its closing quote: `Jane JJ\" Doe\"`", B, C]),
    ("bare_id_beside_email.csv", &["warning: `ID` may be anybody's number", "2: jane@acme.example plans"]),
    (
        "near_miss.csv",
        &[
            "warning: `seat_typ` is not a column that is understood: did you mean `seat_type`?",
            "2: INVALID row: no seat named: say --seat-type VIEWER",
        ],
    ),
    (
        "ids_scientific.csv",
        &[
            "2: INVALID user_id: `4.85693E+16` is an id in scientific notation (its last digits are lost: export it again",
            "3: INVALID user_id: `4,85693E+16` is an id in scientific notation",
            "4: INVALID plan_id: `4.84394E+15` is an id in scientific notation",
        ],
    ),
    (
        "ids_with_decimals.csv",
        &[
            "2: INVALID user_id: `48569348493401267.0` is an id with a decimal point (format the column as text",
            "3: INVALID user_id: `48569348493401283,00` is an id with a decimal point",
        ],
    ),
    (
        "ids_with_separators.csv",
        &[
            "2: INVALID user_id: `48,569,348,493,401,267` is an id with thousands separators",
            "3: INVALID user_id: `48.569.348.493.401.283` is an id with thousands separators",
            "4: INVALID user_id: `48\u{202f}569\u{202f}348\u{202f}493\u{202f}401\u{202f}309` is an id with thousands separators",
        ],
    ),
    (
        "ids_of_nobody.csv",
        &[
            "2: INVALID user_id: `0` is zero, which is nobody's id",
            "3: INVALID user_id: `12345678901234567890` has more than 19 digits",
            "4: INVALID user_id: `-48569348493401267` is not a number of 1 to 19 digits",
            "5: INVALID user_id: `Jane` is not a number of 1 to 19 digits",
            "6: INVALID user_id: is empty, so the row does not say whom it is about",
        ],
    ),
    (
        "ids_are_emails.csv",
        &["2: INVALID user_id: `jane@acme.example` is an email address, not an id (put it into a column `email`"],
    ),
    ("ids_floated.csv", &["refused: a program that counts in floating point has rounded the user ids: in all 12 rows"]),
    (
        "swallowed_row_cut.csv",
        &[
            "2: INVALID name: holds what looks like a row of its own: `48569348493401283,Berger`",
            "3: 48569348493401309",
        ],
    ),
    (
        "formula_errors.csv",
        &[
            "2: INVALID first_name: `#NV` is the error of a formula",
            "3: INVALID first_name: `#BEZUG!` is the error",
            "4: INVALID first_name: `#¿NOMBRE?` is the error",
            "5: INVALID first_name: `Err:502` is the error",
            "6: INVALID first_name: `n/a` is the error",
            "7: 48569348493401357 update",
        ],
    ),
    (
        "header_with_line_break.csv",
        &[
            "refused: row 1 is not a header with a `user_id` or `email` column: separated by comma, it reads `user\\nids` (did \
             you mean `user_id`? Rename `user\\nids`, or say --map user_id=\"user\\nids\")",
        ],
    ),
    (
        "unseen_letters.csv",
        &[
            "2: 48569348493401267 deactivate",
            "3: INVALID user\u{200b}_id: `4856934\\u{200b}8493401283` is not a number",
            "4: INVALID email: `jane@ac\\u{ad}me.example` is not an email address",
        ],
    ),
    (
        "workbook_id_typed.xlsx",
        &[
            "warning: every user id that is kept as a number of 16 digits ends in zero (1 row; the first is `4856934849340120`",
            "2: 48569348493401267 deactivate",
            "3: 4856934849340120 deactivate",
        ],
    ),
    ("workbook_zeros.xlsx", &["2: INVALID admin: is a formula that was never calculated"]),
    ("workbook_uncalculated.xls", &["2: INVALID seat_type: is a formula that shows nothing, or was never calculated"]),
    (
        "ids_perhaps_rounded.csv",
        &[
            "warning: every user id of 16 or more digits ends in zeros (2 rows; the first is `48569348493401200` in row 2)",
            "2: 48569348493401200 deactivate",
            "3: 48569348493401300 deactivate",
        ],
    ),
    (
        "ids_rounded_beside_emails.csv",
        &[
            "2: 48569348493401200=jane@acme.example deactivate",
            "3: 48569348493401300=bo@acme.example",
            "4: 48569348493405700=cy@acme.example",
        ],
    ),
    ("plan_ids_rounded.csv", &["2: 48569348493401267 upgrade to MEMBER in plan 48439376355593000", "3: ", "4: "]),
    ("report_opened_in_excel.csv", CLEAN),
    (
        "report_edited.csv",
        &[
            "2: INVALID user_id: `48569348493401283` contradicts `result_key`, which says `48569348493401267`",
            "3: INVALID action: `reactivate` contradicts `result_key`, which says `deactivate`",
            "4: INVALID seat_type: `GUEST` contradicts `result_key`, which says `MEMBER`",
        ],
    ),
    ("report_with_broken_keys.csv", &["2: INVALID result_key: ", "3: INVALID result_key: ", C]),
    (
        "export_with_action_added.csv",
        &[
            "warning: the sheet has an `action` column, so `Seat type` says what is wanted, not what was",
            "2: INVALID Seat type: MEMBER is not a seat that a downgrade gives: it gives GUEST (external users only), VIEWER or CONTRIBUTOR (if the column says what the seat was, rename it",
            "3: bo@acme.example downgrade to VIEWER",
        ],
    ),
    (
        "seats_not_for_the_action.csv",
        &[
            "2: INVALID seat_type: MEMBER is not a seat that a downgrade gives: it gives GUEST (external users only), VIEWER or CONTRIBUTOR",
            "3: INVALID seat_type: is empty, and a downgrade needs a seat",
            "4: INVALID seat_type: PROVISIONAL_MEMBER is not a seat that a downgrade gives",
            "5: INVALID seat_type: `licensed` is not a seat type: the action gives GUEST",
            "6: INVALID seat_type: VIEWER is not a seat that an upgrade gives: it gives MEMBER or GUEST",
            "7: 48569348493401267 upgrade to MEMBER",
            "8: 48569348493401267 deactivate `seat_type` `VIEWER` is ignored: deactivate takes no seat",
        ],
    ),
    (
        "actions_unknown.csv",
        &[
            "2: INVALID action: `delete` is not an action (it is one of downgrade, upgrade, deactivate, reactivate, remove, update, plans)",
            "3: INVALID action: is empty, so the row does not say what is to be done",
            "4: INVALID action: `downgrade user` is not an action",
        ],
    ),
    (
        "plans_missing.csv",
        &[
            "2: 48569348493401267 downgrade in no plan",
            "3: INVALID plan_id: `0` is zero",
            "4: 48569348493401309 deactivate",
        ],
    ),
    (
        "emails_unreadable.csv",
        &[
            "2: INVALID email: `jane` is not an email address",
            "3: INVALID email: `Jane Doe <jane@acme.example>` is not an email address",
            "4: INVALID email: `jane@acme.example,bo@acme.example` is not an email address",
            "5: jane@acme.example plans",
            "6: INVALID email: is empty, so the row does not say whom it is about",
        ],
    ),
    (
        "flags.csv",
        &[
            "2: 48569348493401267 update admin=true, licensedSheetCreator=false, groupAdmin=true, resourceViewer=false",
            "3: INVALID admin: `ja` is neither yes nor no (write true or false (yes/no, y/n and 1/0 are understood too)) + INVALID licensed_sheet_creator: `2` is neither yes nor no",
            "4: INVALID row: nothing to change: `admin`, `licensed_sheet_creator`, `groupAdmin`, `Resource Viewer`, `First Name` and `last_name` are empty (fill what is to change, or take the row out)",
            "5: 48569348493401267 update firstName=Zoë, lastName=O'Hara",
            "6: 48569348493401267 deactivate `First Name` is ignored: only an update sets attributes, and this is a deactivate",
        ],
    ),
    ("update_without_columns.csv", &["2: INVALID row: an update needs one of the columns admin"]),
    (
        "approvals.csv",
        &[
            "warning: only rows that say yes in `Approved` run, but the sheet is not signed",
            "2: 48569348493401267 deactivate",
            "3: left out: not approved",
            "4: left out: not approved",
            "5: INVALID Approved: `ask Bo` is neither yes nor no",
        ],
    ),
    ("removals.csv", &["2: 48569348493401267 remove in plan"]),
    // Workbooks.
    ("workbook.xlsx", CLEAN),
    ("workbook.csv", CLEAN),
    (
        "workbook.xls",
        &[
            "warning: `action` is hidden in the workbook, and read all the same",
            "warning: 2 rows are hidden or filtered out in the workbook (the first is row 4), and read all the same",
            A,
            B,
            C,
            "5: INVALID user_id: `4.85693484934013E+16` is kept as a number",
            "6: 7 deactivate",
        ],
    ),
    (
        "workbook.ods",
        &[
            "warning: `action` is hidden in the workbook, and read all the same",
            "warning: 1 row is hidden or filtered out in the workbook (the first is row 8), and read all the same",
            A,
            B,
            "6: 48569348493401309 upgrade to MEMBER",
            "7: INVALID user_id: `4.85693484934013E+16` is kept as a number",
            "8: 7 deactivate",
        ],
    ),
    (
        "workbook_title.xlsx",
        &[
            "refused: row 1 is not a header with a `user_id` or `email` column: it reads `Leavers of May` (row 5 looks like the header (`user_id`, `action`, `plan_id` and `seat_type`): if it is, say --header-row 5)",
        ],
    ),
    (
        "workbook_sheets.xlsx",
        &[
            "refused: the workbook has 2 sheets that hold something: `Read me` and `Leavers` (say which one, such as --sheet \"Read me\")",
        ],
    ),
    ("workbook_hidden_sheets.xlsx", CLEAN),
    (
        "workbook_all_hidden.xlsx",
        &["refused: what the workbook holds is hidden, in sheet `Leavers` (unhide it, or say --sheet \"Leavers\")"],
    ),
    ("workbook_empty.xlsx", &["refused: there is nothing in the sheets `Sheet1` and `Sheet2` (it needs a header"]),
    (
        "workbook_hidden_rows.xlsx",
        &[
            "warning: `action` is hidden in the workbook, and read all the same",
            "warning: 2 rows are hidden or filtered out in the workbook (the first is row 3), and read all the same: --visible-only skips them",
            A,
            B,
            C,
        ],
    ),
    (
        "workbook_numbers.xlsx",
        &[
            "2: INVALID user_id: `4.85693484934012E+16` is kept as a number, and a workbook keeps 15 digits of one: its last ones are lost (format the column as text before the ids are pasted in; or take the ids from the column `result_key` of a report, or name users by email)",
            "3: INVALID user_id: `4.85693484934013E+16` is kept as a number",
            "4: INVALID user_id: `9.00719925474099E+15` is kept as a number",
            "5: 4843937635559345 deactivate",
            "6: 48569348493401267 downgrade to VIEWER in plan 4843937635559345",
            "7: INVALID plan_id: `4.84393763555935E+16` is kept as a number",
            "8: INVALID user_id: `4.85693484934013E+16` is kept as a number",
            "9: INVALID user_id: `1234.5` is an id with a decimal point",
        ],
    ),
    (
        "workbook_ids_rounded.xlsx",
        &[
            "refused: a spreadsheet has rounded the user ids: in all 7 rows that have one of 16 or more digits it ends in zeros (the first is `4843937635559010` in row 2)",
        ],
    ),
    ("workbook_report.xlsx", &["2: 48569348493401283 deactivate"]),
    (
        "workbook_cells.xlsx",
        &[
            "2: jane@acme.example update admin=true, firstName=Jane, lastName=Doe",
            "3: INVALID first_name: `#N/A` is the error of a formula (mend the formula, or replace it by its value)",
            "4: INVALID first_name: is a formula that was never calculated (open the workbook in a spreadsheet program and save it",
            "5: INVALID email: `#REF!` is the error of a formula",
        ],
    ),
    ("workbook_duplicate_headers.xlsx", &["refused: columns 1 (`User ID`) and 2 (`userId`) both hold `user_id`"]),
    (
        "workbook_one_column.xlsx",
        &["it reads `user_id;action` (all columns stand in one: have the spreadsheet program split it into columns"],
    ),
    (
        "workbook_password.xlsx",
        &["refused: the workbook is protected with a password (open it in a spreadsheet program, save a copy without"],
    ),
    (
        "workbook_cut_off.xlsx",
        &["refused: the input looks like a workbook and cannot be read as one: invalid Zip archive"],
    ),
    (
        "workbook_overstated.xlsx",
        &[
            "refused: the input looks like a workbook and cannot be read as one: xl/sharedStrings.xml says that it holds \
           4294967295 texts, and is too short for them",
        ],
    ),
    ("old_workbook.csv", &["refused: the input looks like a workbook and cannot be read as one: Invalid CFB file"]),
];

/// What the same files are read to when the user says what the refusal, or the warning, offered.
fn once_told() -> Vec<(&'static str, Options, &'static [&'static str])> {
    let plain = Options::default;
    let encoding = |label: &str| Options { encoding: Some(label.to_owned()), ..plain() };
    let map = |field, column: &str| Options { map: vec![(field, column.to_owned())], ..plain() };
    let plan_id = PlanId::new(4_843_937_635_559_345);
    let order = Options { action: Some(ActionName::Downgrade), seat: Some(Seat::Viewer), plan_id, ..plain() };
    vec![
        ("utf16le_without_mark.csv", encoding("utf-16le"), CLEAN),
        ("windows_1252.csv", encoding("windows-1252"), CLEAN),
        ("utf8_with_mark.csv", encoding("windows-1252"), &["warning: the file's byte order mark says UTF-8", A, B, C]),
        ("tildes.csv", Options { delimiter: Some(b'~'), ..plain() }, CLEAN),
        ("clean.csv", Options { delimiter: Some(b'\n'), ..plain() }, &["refused: `\\n` cannot separate cells"]),
        ("clean.csv", encoding("utf-9"), &["refused: `utf-9` is not an encoding"]),
        (
            "title_lines.csv",
            Options { header_row: Some(4), ..plain() },
            &["5: 48569348493401267 downgrade", "6: 48569348493401283 deactivate", "7: 48569348493401309 upgrade"],
        ),
        ("bare_id.csv", map(Field::UserId, "ID"), &["2: 48569348493401267 plans"]),
        (
            "bare_id.csv",
            map(Field::UserId, "Nummer"),
            &["refused: `user_id` is to be read from a column `Nummer`, and there is none"],
        ),
        ("duplicate_headers.csv", map(Field::UserId, "userId"), &["2: 48569348493401267 plans"]),
        ("near_miss.csv", map(Field::SeatType, "seat_typ"), &[A]),
        ("ids_rounded.csv", Options { ids: IdTrust::Exact, ..plain() }, &["2: 485", "3: 485", "4: 485", "5: 485"]),
        ("ids_perhaps_rounded.csv", Options { ids: IdTrust::Exact, ..plain() }, &["2: 485", "3: 485"]),
        (
            "admin_center_export.csv",
            order.clone(),
            &[
                "warning: no `action` column: the sheet is treated as an export. `Seat type`, `System Admin` and \
                 `Group Admin` are ignored as a target",
                "2: jane@acme.example downgrade to VIEWER in plan 4843937635559345  (was MEMBER)",
                "3: bo@partner.example downgrade to VIEWER in plan 4843937635559345  (was GUEST)",
                "4: cy@acme.example downgrade to VIEWER in plan 4843937635559345  (was PROVISIONAL_MEMBER)",
            ],
        ),
        (
            "admin_center_older_export.csv",
            order.clone(),
            &["warning: no `action` column: the sheet is treated as an export", "(was Licensed)", "(was VIEWER)"],
        ),
        (
            "export_with_names.csv",
            order,
            &["warning: `First name` and `Last name` are ignored: only an update sets attributes", "2: jane@"],
        ),
        (
            "plans_missing.csv",
            Options { plan_id, ..plain() },
            &["2: 48569348493401267 downgrade to VIEWER in plan 4843937635559345", "3: INVALID", "4: "],
        ),
        (
            "report_opened_in_excel.csv",
            Options { only: Some(vec![Status::Failed]), ..plain() },
            &[
                A,
                "3: left out: it was NOT_ATTEMPTED, and --only asks for FAILED",
                "4: left out: it was SUCCESS, and --only asks for FAILED",
            ],
        ),
        (
            "clean.csv",
            Options { only: Some(vec![Status::Failed]), ..plain() },
            &["refused: --only chooses by the `result_status` column of a report, and the input has none"],
        ),
    ]
}

/// The same of workbooks.
fn workbooks_once_told() -> Vec<(&'static str, Options, &'static [&'static str])> {
    let plain = Options::default;
    let sheet = |name: &str| Options { sheet: Some(name.to_owned()), ..plain() };
    vec![
        ("workbook_sheets.xlsx", sheet("leavers"), CLEAN),
        ("workbook_hidden_sheets.xlsx", sheet("Old"), CLEAN),
        ("workbook_all_hidden.xlsx", sheet("Leavers"), CLEAN),
        (
            "workbook_sheets.xlsx",
            sheet("Laevers"),
            &[
                "refused: the workbook has no sheet `Laevers` (did you mean `Leavers`? The sheets are `Read me`, `Leavers` and `Empty`)",
            ],
        ),
        (
            "workbook_sheets.xlsx",
            sheet("Joiners"),
            &["refused: the workbook has no sheet `Joiners` (the sheets are `Read me`, `Leavers` and `Empty`)"],
        ),
        ("workbook_sheets.xlsx", sheet("Empty"), &["refused: there is nothing in sheet `Empty`"]),
        ("clean.csv", sheet("Leavers"), &["refused: --sheet chooses a sheet of a workbook, and the input is text"]),
        (
            "workbook.xlsx",
            Options { delimiter: Some(b';'), ..plain() },
            &[
                "refused: --delimiter says how a text file is written, and the input is a workbook (leave --delimiter out)",
            ],
        ),
        (
            "workbook.xlsx",
            Options { encoding: Some("utf-8".into()), ..plain() },
            &["refused: --encoding says how a text file is written"],
        ),
        (
            "workbook_title.xlsx",
            Options { header_row: Some(5), ..plain() },
            &["6: 48569348493401267 downgrade", "9: 48569348493401283 deactivate", "10: 48569348493401309 upgrade"],
        ),
        (
            "workbook_duplicate_headers.xlsx",
            Options { map: vec![(Field::UserId, "userId".into())], ..plain() },
            &["2: 8 plans"],
        ),
        (
            "workbook_ids_rounded.xlsx",
            Options { ids: IdTrust::Exact, ..plain() },
            &["2: 4843937635559010 deactivate", "3: ", "4: ", "5: ", "6: ", "7: ", "8: "],
        ),
    ]
}

fn check(file: &str, options: &Options, expected: &[&str]) {
    let said = say(file, options);
    let agrees = said.len() == expected.len() && said.iter().zip(expected).all(|(said, part)| said.contains(part));
    assert!(agrees, "{file} was read to\n  {}\nand not to\n  {}", said.join("\n  "), expected.join("\n  "));
}

#[test]
fn every_animal_is_read_to_its_verdict() {
    for (file, expected) in PLAINLY {
        check(file, &Options::default(), expected);
    }
}

#[test]
fn what_a_refusal_offers_works() {
    for (file, options, expected) in once_told().into_iter().chain(workbooks_once_told()) {
        check(file, &options, expected);
    }
}

#[test]
fn every_file_of_the_zoo_has_a_verdict() {
    let files: BTreeSet<_> = fs::read_dir(zoo())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.') && name != "README.md")
        .collect();
    let judged: BTreeSet<_> = PLAINLY.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(files, judged);
    assert!(files.len() >= 40, "{}", files.len());
}
