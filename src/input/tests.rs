//! Claims about whole sheets: which row becomes which job, and what is said of the others.
//!
//! Each table is a header, rows, and for every row the one line that tells what it was read as.

use proptest::prelude::*;

use super::*;
use crate::model::{Action, ActionName, Attributes, DowngradeSeat, Job, PlanId, ReportedSeat, Seat, Status, UserId};
use crate::tabular::formula_escape;

/// What a row is, on one line: `3 job id 7 deactivate`.
fn tell(number: u64, entry: ParsedRow) -> String {
    let whom = |subject: Subject| match subject {
        Subject::Id(id) => format!("id {id}"),
        Subject::Email(email) => email.to_string(),
        Subject::Both(id, email) => format!("id {id} = {email}"),
    };
    match entry {
        ParsedRow::Job { subject, action, notes } => {
            format!(
                "{number} job {} {action}{}",
                whom(subject),
                notes.iter().fold(String::new(), |all, n| all + " // " + n)
            )
        }
        ParsedRow::MissingPlan { subject, action } => format!("{number} plan? {} {action}", whom(subject)),
        ParsedRow::Skipped { subject, reason } => {
            format!("{number} out {} {reason}", subject.map_or_else(|| "nobody".to_owned(), whom))
        }
        ParsedRow::Invalid { errors: complaints } => {
            assert!(!complaints.is_empty());
            complaints.iter().map(ToString::to_string).collect::<Vec<_>>().join(" + ")
        }
    }
}

fn read(text: &str, options: &Options) -> Vec<String> {
    let sheet = Sheet::read(text.into(), options).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let first: Vec<_> = sheet.rows().map(|row| tell(row.number, sheet.parse(&row))).collect();
    let second: Vec<_> = sheet.rows().map(|row| tell(row.number, sheet.parse(&row))).collect();
    assert_eq!(first, second, "a second pass gives what the first one gave");
    first
}

fn refusal(text: &str, options: &Options) -> InputError {
    Sheet::read(text.into(), options).unwrap_err()
}

fn in_plan_5() -> Options {
    Options { plan_id: PlanId::new(5), ..Options::default() }
}

fn key(user: u64, action: Action) -> String {
    Job { user: UserId::new(user).unwrap(), action }.key().to_string()
}

fn downgrade_key() -> String {
    let plan = PlanId::new(4_843_937_635_559_345).unwrap();
    key(48_569_348_493_401_267, Action::Downgrade { plan, to: DowngradeSeat::Contributor })
}

/// One header, and rows below it with what each is said to be.
fn table(header: &str, options: &Options, rows: &[(&str, &str)]) {
    for (row, expected) in rows {
        let said = read(&format!("{header}\n{row}\n"), options).join(" | ");
        assert_eq!(said, *expected, "{header}\n{row}");
    }
}

#[test]
fn each_action_takes_exactly_its_arguments() {
    let options = Options::default();
    table(
        "user_id,action,plan_id,seat_type",
        &options,
        &[
            ("7,downgrade,9,viewer", "2 job id 7 downgrade to VIEWER in plan 9"),
            ("7,downgrade,9,Guest", "2 job id 7 downgrade to GUEST in plan 9"),
            ("7,Down-Grade,9,CONTRIBUTOR", "2 job id 7 downgrade to CONTRIBUTOR in plan 9"),
            (
                "7,downgrade,9,MEMBER",
                "row 2, column `seat_type`: MEMBER is not a seat that a downgrade gives: it gives GUEST (external users \
             only), VIEWER or CONTRIBUTOR",
            ),
            (
                "7,downgrade,9,",
                "row 2, column `seat_type`: is empty, and a downgrade needs a seat: GUEST (external users only), VIEWER \
             or CONTRIBUTOR",
            ),
            (
                "7,downgrade,9,licensed",
                "row 2, column `seat_type`: `licensed` is not a seat type: the action gives GUEST (external users \
             only), VIEWER or CONTRIBUTOR",
            ),
            ("7,downgrade,,viewer", "2 plan? id 7 downgrade"),
            ("7,upgrade,9,", "2 job id 7 upgrade to MEMBER in plan 9"),
            ("7,upgrade,9,guest", "2 job id 7 upgrade to GUEST in plan 9"),
            (
                "7,upgrade,9,VIEWER",
                "row 2, column `seat_type`: VIEWER is not a seat that an upgrade gives: it gives MEMBER or GUEST (external \
             users only)",
            ),
            ("7,deactivate,,", "2 job id 7 deactivate"),
            ("7,deactivate,x,", "2 job id 7 deactivate"),
            (
                "7,deactivate,9,VIEWER",
                "2 job id 7 deactivate // `seat_type` `VIEWER` is ignored: deactivate takes no seat",
            ),
            ("7,reactivate,,", "2 job id 7 reactivate"),
            ("7,remove,9,", "2 job id 7 remove in plan 9"),
            ("7,remove,,", "2 plan? id 7 remove"),
            ("7,plans,,", "2 job id 7 plans"),
            ("7,delete,9,", "row 2, column `action`: `delete` is not an action"),
            ("7,,9,", "row 2, column `action`: is empty, so the row does not say what is to be done"),
        ],
    );
}

#[test]
fn rows_that_do_not_say_take_what_the_options_say() {
    let options = Options { action: Some(ActionName::Downgrade), seat: Some(Seat::Viewer), ..in_plan_5() };
    table(
        "user_id,action,plan_id,seat_type",
        &options,
        &[
            ("7,,,", "2 job id 7 downgrade to VIEWER in plan 5"),
            ("7,,9,GUEST", "2 job id 7 downgrade to GUEST in plan 9"),
            ("7,deactivate,,", "2 job id 7 deactivate"),
            (
                "7,upgrade,,",
                "row 2, column `seat_type`: VIEWER (from --seat-type or the settings) is not a seat that an upgrade gives: \
             it gives MEMBER or GUEST (external users only)",
            ),
        ],
    );
}

#[test]
fn a_row_is_read_to_all_its_complaints() {
    table(
        "User ID,E-Mail,Operation,planId,seatType",
        &Options::default(),
        &[
            (
                "4.85E+16,jane,downgrade,123.0,member",
                "row 2, column `User ID`: `4.85E+16` is an id in scientific notation + row 2, column `E-Mail`: `jane` is \
             not an email address + row 2, column `seatType`: MEMBER is not a seat that a downgrade gives: it gives \
             GUEST (external users only), VIEWER or CONTRIBUTOR + row 2, column `planId`: `123.0` is an id with a \
             decimal point",
            ),
            ("7,Jane@Acme.example,plans,,", "2 job id 7 = jane@acme.example plans"),
            (",jane@acme.example,plans,,", "2 job jane@acme.example plans"),
            (
                ",,plans,,x",
                "row 2, column `User ID`: is empty, and so is the email: the row does not say whom it is about",
            ),
            (
                "7,Jane <jane@acme.example>,plans,,",
                "row 2, column `E-Mail`: `Jane <jane@acme.example>` is not an email address",
            ),
            ("7,,plans,", "2 job id 7 plans"),
            ("7,,plans,,,", "2 job id 7 plans"),
            ("7,,plans,,,x", "row 2: has 6 cells, and the header has 5"),
        ],
    );
}

#[test]
fn an_update_sets_what_its_cells_say_and_no_other_action_does() {
    table(
        "user_id,action,admin,First Name,lastName,groupAdmin",
        &Options::default(),
        &[
            ("7,update,TRUE,Jane,,", "2 job id 7 update admin=true, firstName=Jane"),
            ("7,update,n,,'=Doe,y", "2 job id 7 update admin=false, groupAdmin=true, lastName='=Doe"),
            ("7,update,,,,", "row 2: nothing to change: `admin`, `groupAdmin`, `First Name` and `lastName` are empty"),
            (
                "7,update,maybe,,,ja",
                "row 2, column `admin`: `maybe` is neither yes nor no + row 2, column `groupAdmin`: `ja` is neither yes \
             nor no",
            ),
            (
                "7,deactivate,TRUE,Jane,,",
                "2 job id 7 deactivate // `admin` and `First Name` are ignored: only an update sets attributes, and this \
             is a deactivate",
            ),
        ],
    );
    let said = read("user_id,action\n7,update", &Options::default());
    assert!(said[0].starts_with("row 2: an update needs one of the columns"), "{said:?}");
}

#[test]
fn an_export_is_not_an_order() {
    let export = "Email,Seat type,Group Admin\njane@acme.example,Provisional member,Y\nbo@acme.example,,N\n";
    let error = refusal(export, &Options::default());
    assert_eq!(error, InputError::NoAction { was: vec!["Seat type".into(), "Group Admin".into()], near: None });
    let options = Options { action: Some(ActionName::Downgrade), ..in_plan_5() };
    let said = read(export, &options);
    assert!(said[0].contains("no seat named: say --seat-type VIEWER"), "{said:?}");
    let options = Options { seat: Some(Seat::Contributor), ..options };
    let said = read(export, &options);
    assert_eq!(said[0], "2 job jane@acme.example downgrade to CONTRIBUTOR in plan 5");
    let sheet = Sheet::read(export.into(), &options).unwrap();
    let was: Vec<_> = sheet.rows().map(|row| sheet.seat_was(&row)).collect();
    assert_eq!(was, [Some(ReportedSeat::Known(Seat::ProvisionalMember)), None]);
    let warnings: Vec<_> = sheet.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("treated as an export. `Seat type` and `Group Admin` are ignored"), "{warnings:?}");
    let options = Options { action: Some(ActionName::Update), ..Options::default() };
    assert!(read(export, &options)[0].contains("an update needs one of the columns"));
}

#[test]
fn a_key_says_who_and_what_and_cells_beside_it_may_be_rounded_but_not_edited() {
    let key = downgrade_key();
    let job = "downgrade to CONTRIBUTOR in plan 4843937635559345";
    for (beside, expected) in [
        ("48569348493401267,downgrade,CONTRIBUTOR,4843937635559345", Ok("id 48569348493401267")),
        ("48569348493401200,downgrade,viewer,4843937635559340", Ok("id 48569348493401267")),
        ("4.85693E+16,,,4.84394E+15", Ok("id 48569348493401267")),
        (",,,", Ok("id 48569348493401267")),
        ("48569348493401268,,,", Err("column `user_id`: `48569348493401268` contradicts `result_key`")),
        (",deactivate,,", Err("column `action`: `deactivate` contradicts `result_key`, which says `downgrade`")),
        (",,GUEST,", Err("column `seat_type`: `GUEST` contradicts `result_key`, which says `CONTRIBUTOR`")),
        (",,,7", Err("column `plan_id`: `7` contradicts `result_key`, which says `4843937635559345`")),
        (",rename,,", Err("column `action`: `rename` is not an action")),
    ] {
        let said = read(&format!("user_id,action,seat_type,plan_id,result_key\n{beside},{key}"), &Options::default());
        match expected {
            Ok(whom) => assert_eq!(said, [format!("2 job {whom} {job}")], "{beside}"),
            Err(complaint) => assert!(said[0].contains(complaint), "{beside}: {said:?}"),
        }
    }
    let broken = format!("result_key,email\n{}x,jane@acme.example", &key[..key.len() - 1]);
    assert!(read(&broken, &Options::default())[0].contains("column `result_key`"));
    let both = format!("email,result_key\njane@acme.example,{key}");
    assert!(read(&both, &Options::default())[0].contains("id 48569348493401267 = jane@acme.example"));
    let export = format!("user_id,Seat type,result_key\n48569348493401267,Member,{key}");
    assert_eq!(read(&export, &Options::default()).len(), 1, "what was cannot contradict");
    assert!(read(&export, &Options::default())[0].contains(job));
}

#[test]
fn the_attributes_beside_the_key_of_an_update_must_say_the_same() {
    let attributes = Attributes { admin: Some(true), first_name: Some("=Jane".into()), ..Default::default() };
    let key = key(7, Action::Update(Box::new(attributes)));
    for (beside, expected) in [
        ("TRUE,'=Jane,", None),
        ("TRUE,''=Jane,", Some("column `first_name`: `'=Jane` contradicts `result_key`, which says `=Jane`")),
        ("TRUE,=Jane,", None),
        ("FALSE,=Jane,", Some("column `admin`: `FALSE` contradicts `result_key`, which says `true`")),
        (",=Jane,", Some("column `admin`: an empty cell contradicts `result_key`, which says `true`")),
        ("TRUE,=Jane,Doe", Some("column `last_name`: `Doe` contradicts `result_key`, which says `left as it is`")),
    ] {
        let said = read(&format!("admin,first_name,last_name,result_key\n{beside},{key}"), &Options::default());
        match expected {
            None => assert_eq!(said, ["2 job id 7 update admin=true, firstName==Jane"], "{beside}"),
            Some(complaint) => assert!(said[0].contains(complaint), "{beside}: {said:?}"),
        }
    }
}

#[test]
fn a_name_that_its_key_proves_may_look_like_anything() {
    for name in ["'-x", "''=x", "'Bo'", "Jim \\\"JJ\\\"", "x\\", "#N/A", "-"] {
        let attributes = Attributes { last_name: Some(name.into()), ..Default::default() };
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["last_name", "result_key"]).unwrap();
        writer.write_record([&*formula_escape::escape(name), &key(7, Action::Update(Box::new(attributes)))]).unwrap();
        let said = read(std::str::from_utf8(&writer.into_inner().unwrap()).unwrap(), &Options::default());
        assert_eq!(said, [format!("2 job id 7 update lastName={name}")]);
    }
}

#[test]
fn rows_without_a_key_in_a_report_are_ordinary_rows() {
    let said = read(&format!("user_id,result_key\n7,\n,{}", downgrade_key()), &Options::default());
    assert_eq!(said[0], "row 2: no action: the row does not say what is to be done");
    assert!(said[1].starts_with("3 job id 48569348493401267 downgrade"), "{said:?}");
}

#[test]
fn only_approved_rows_run() {
    table(
        "user_id,action,Approved",
        &Options::default(),
        &[
            ("7,deactivate,Yes", "2 job id 7 deactivate"),
            ("7,deactivate,", "2 out id 7 not approved"),
            ("7,deactivate,no", "2 out id 7 not approved"),
            ("4.8E+16,deactivate,no", "2 out nobody not approved"),
            ("7,deactivate,boss", "row 2, column `Approved`: `boss` is neither yes nor no"),
            (
                "x,deactivate,boss",
                "row 2, column `Approved`: `boss` is neither yes nor no + row 2, column `user_id`: `x` is not a number of 1 to 19 digits",
            ),
        ],
    );
}

#[test]
fn only_chooses_rows_by_how_they_ended() {
    let options = Options { only: Some(vec![Status::Failed, Status::NotAttempted]), ..Options::default() };
    table(
        "user_id,action,result_status",
        &options,
        &[
            ("7,deactivate,FAILED", "2 job id 7 deactivate"),
            ("7,deactivate,not attempted", "2 job id 7 deactivate"),
            ("7,deactivate,SUCCESS", "2 out id 7 it was SUCCESS, and --only asks for FAILED, NOT_ATTEMPTED"),
            ("7,deactivate,", "2 out id 7 it has no status, and --only asks for FAILED, NOT_ATTEMPTED"),
            (
                "7,deactivate,Done",
                "2 out id 7 its status, `Done`, is none that is known, and --only asks for FAILED, NOT_ATTEMPTED",
            ),
        ],
    );
    let error = refusal("user_id,action\n7,deactivate", &options);
    assert_eq!(error, InputError::OnlyWithoutStatus);
    assert_eq!(error.source(), ErrorSource::CommandLine);
}

#[test]
fn a_stray_quote_costs_its_row_and_is_named_where_it_opens() {
    let said = read("user_id,action,notes\n1,plans,\n2,plans,\"tall\n3,plans,\n4,plans,\n", &Options::default());
    assert_eq!(said.len(), 2);
    assert_eq!(
        said[1],
        "row 3, column `notes`: opens a quote that is never closed: the rest of the file (3 line breaks) went into \
         this cell",
    );
    let said = read("user_id,action,notes\n2,plans,\"tall\n3,plans,x\n4,plans,\"\n5,plans,\n", &Options::default());
    assert_eq!(said[0], "row 2, column `notes`: holds what looks like a row of its own: `3,plans,x`");
    assert_eq!(said[1], "3 job id 5 plans");
    let said = read("user_id,action,notes\n2,plans,\"tall, wide\nand, well, old\"\n", &Options::default());
    assert_eq!(said, ["2 job id 2 plans"]);
}

#[test]
fn files_that_cannot_be_used_say_why_and_what_to_do() {
    let table = [
        ("", "the input is empty", "user_id,action"),
        ("user_id,action\n\n,,\n", "the input has a header (row 1) and no row below it", "cut off"),
        (
            "Name,Department\nJane,IT",
            "row 1 is not a header with a `user_id` or `email` column",
            "--map user_id=COLUMN",
        ),
        ("ID,action\n7,plans", "separated by comma, it reads `ID` and `action`", "say --map user_id=ID"),
        ("sep=;\nuser_id,action\n7,plans", "separated by semicolon, it reads", "say --delimiter ','"),
        ("usr_id,action\n7,plans", "is not a header", "did you mean `user_id`? Rename `usr_id`"),
        ("48569348493401267,plans\n7,plans", "is not a header", "`48569348493401267` looks like data"),
        (
            "Leavers of May\n\nUser ID;Action\n7;plans",
            "row 1 is not a header",
            "row 3 looks like the header (`User ID` and `Action`): if it is, say --header-row 3",
        ),
        ("user_id,\"action\n7,plans", "the quote that opens column 2 of the header (row 1)", "stray quote"),
        ("user_id\n7", "no action", "--action"),
    ];
    for (text, message, hint) in table {
        let error = refusal(text, &Options::default());
        assert!(error.to_string().contains(message), "{text:?}: {error}");
        assert!(error.hint().contains(hint), "{text:?}: {}", error.hint());
    }
}

#[test]
fn the_header_may_stand_lower_where_its_user_says_so() {
    let text = "Leavers of May\n\nUser ID;Action\n7;plans\n";
    let options = Options { header_row: Some(3), ..Options::default() };
    assert_eq!(read(text, &options), ["4 job id 7 plans"]);
    for wrong in [2, 9] {
        let options = Options { header_row: Some(wrong), ..Options::default() };
        assert_eq!(refusal(text, &options), InputError::NoSuchHeader(wrong));
    }
    assert_eq!(read("\n\nuser_id,action\n7,plans", &Options::default()), ["4 job id 7 plans"]);
    assert_eq!(read("sep=;\nuser_id;action\n7;plans", &Options::default()), ["2 job id 7 plans"]);
}

proptest! {
    #[test]
    fn every_row_is_accounted_for_and_none_makes_the_reader_panic(
        rows in proptest::collection::vec(
            proptest::collection::vec("[0-9a-zE+.,@' =\"\n]{0,12}|downgrade|update|7|yes|VIEWER|a@b[.]c", 3..9), 1..8),
        key in proptest::option::of(Just(downgrade_key())),
    ) {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        writer.write_record(["user_id", "email", "action", "seat_type", "admin", "approved", "notes", "result_key"]).unwrap();
        for row in &rows {
            let key = key.iter().map(String::as_str).take(usize::from(row.len() == 7));
            writer.write_record(row.iter().map(String::as_str).chain(key)).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let filled = rows.iter().filter(|row| row.iter().any(|text| !cell::is_blank(text)) || (row.len() == 7 && key.is_some())).count();
        match Sheet::read(bytes, &in_plan_5()) {
            Ok(sheet) => {
                prop_assert_eq!(sheet.rows().count(), filled);
                for row in sheet.rows() {
                    let hole = tell(row.number, sheet.parse(&row)).contains("please report");
                    prop_assert!(!hole);
                }
            }
            Err(error) => prop_assert_eq!((error, filled), (InputError::NoRows { header_row: 1 }, 0)),
        }
    }

    #[test]
    fn a_damaged_workbook_is_read_or_refused_without_a_panic(
        book in proptest::sample::select(vec![
            include_bytes!("../../samples/zoo/workbook.xls").as_slice(),
            include_bytes!("../../samples/zoo/workbook.xlsx"),
            include_bytes!("../../samples/zoo/workbook.ods"),
        ]),
        place in any::<proptest::sample::Index>(),
        bytes in proptest::collection::vec(any::<u8>(), 1..9),
        is_cut in proptest::bool::weighted(0.2),
    ) {
        let mut damaged = book.to_vec();
        let at = place.index(damaged.len());
        if is_cut {
            damaged.truncate(at);
        } else {
            let end = (at + bytes.len()).min(damaged.len());
            damaged.splice(at..end, bytes);
        }
        if let Ok(sheet) = Sheet::read(damaged, &in_plan_5()) {
            for row in sheet.rows() {
                let _ = sheet.parse(&row);
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        if let Ok(sheet) = Sheet::read([b"email,action\n".as_slice(), &bytes].concat(), &in_plan_5()) {
            for row in sheet.rows() {
                let _ = sheet.parse(&row);
            }
        }
    }
}
