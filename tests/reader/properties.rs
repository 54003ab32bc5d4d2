//! Properties of the reader: what holds of any file, of files made up at random, and of every known trouble.

use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use seatrun::input::Options;

use super::claims::{self, Line, Table, options};

const CLAIMS: [fn(&[u8]); 5] = [claims::decode, claims::dialect, claims::columns, claims::rows, claims::workbook];

/// The fields of an order, each with all its names of the interface.
const NAMES: [&[&str]; 11] = [
    &["user_id", "userId", "User ID"],
    &["email", "Email address", "User email"],
    &["action", "operation"],
    &["plan_id", "planId"],
    &["seat_type", "seatType", "Target seat"],
    &["admin"],
    &["licensed_sheet_creator", "licensedSheetCreator"],
    &["group_admin", "groupAdmin"],
    &["resource_viewer", "resourceViewer"],
    &["first_name", "firstName"],
    &["last_name", "lastName"],
];

/// A cell such as sheets hold, or nearly.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        "[1-9][0-9]{0,19}",
        "[a-z]{1,3}@[a-z]{1,3}[.]example",
        select(vec![
            "downgrade",
            "Upgrade",
            "update",
            "plans",
            "VIEWER",
            "guest",
            "TRUE",
            "no",
            "user_id",
            "email",
            ""
        ])
        .prop_map(str::to_owned),
        "[a-z0-9,;|\t\"'=+@\\\\ \r\n\u{a0}\u{feff}äß€😀-]{0,8}",
    ]
}

/// A line of a file that was never written by a program.
fn line() -> impl Strategy<Value = String> {
    vec(cell(), 1..6).prop_map(|cells| cells.join(","))
}

/// A text that is nearly a sheet, with any delimiter and line end.
fn text() -> impl Strategy<Value = String> {
    (vec(line(), 0..6), select(vec!["\n", "\r\n", "\r"]), select(vec![",", ";", "\t", "|"])).prop_map(
        |(lines, ending, delimiter)| {
            let text = format!("user_id,action,email\n{}", lines.join("\n"));
            text.replace('\n', ending).replace(',', delimiter)
        },
    )
}

/// A file that is nearly a sheet, in any encoding, or none at all.
fn file() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => text().prop_map(String::into_bytes),
        1 => text().prop_map(|text| format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()),
        1 => vec(any::<u8>(), 0..60),
        1 => vec(any::<u8>(), 0..40).prop_map(|bytes| [b"email,action\n".as_slice(), &bytes].concat()),
    ]
}

proptest! {
    // Each case reads a file some fifty times.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_claim_holds_of_files_made_up_at_random(file in file()) {
        for claim in CLAIMS {
            claim(&file);
        }
    }

    #[test]
    fn every_name_of_a_field_in_any_spelling_means_the_same(
        cells in vec(vec(cell(), NAMES.len()), 1..4),
        names in vec(any::<prop::sample::Index>(), NAMES.len()),
        spellings in vec(vec((any::<bool>(), select(vec!["", "", " ", "_", "-", "\u{a0}"])), 30), NAMES.len()),
    ) {
        let spelt = |(at, index): (usize, &prop::sample::Index)| {
            let mut spelt = String::new();
            for (letter, (upper, space)) in index.get(NAMES[at]).chars().zip(&spellings[at]) {
                spelt.push(if *upper { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() });
                spelt.push_str(space);
            }
            spelt
        };
        let plain: Vec<_> = NAMES.iter().map(|names| names[0].to_owned()).collect();
        let other: Vec<_> = names.iter().enumerate().map(spelt).collect();
        let read = |header: &Vec<String>| Table::read(&written(header, &cells), &Options { delimiter: Some(b','), ..options() });
        match (read(&plain), read(&other)) {
            (Ok((one, _)), Ok((two, _))) => {
                let tell = |table: &Table| table.lines.iter().map(Line::meaning).collect::<Vec<_>>();
                prop_assert_eq!(tell(&one), tell(&two), "{:?}", other);
            }
            (one, two) => prop_assert_eq!(one.err(), two.err()),
        }
    }

    #[test]
    fn an_id_of_any_length_and_look_is_read_to_its_last_digit_or_not_at_all(
        digits in "[0-9]{1,24}", before in select(BEFORE.to_vec()), behind in select(BEHIND.to_vec()), mark in select(MARKS.to_vec()), at in 0_usize..24,
    ) {
        let at = at.min(digits.len());
        let text = format!("{before}{}{mark}{}{behind}", &digits[..at], &digits[at..]);
        let file = written(&["user_id".to_owned(), "action".to_owned()], &[vec![text.clone(), "plans".to_owned()]]);
        // An id that was changed fails here, as in every other claim.
        let (table, _) = Table::read(&file, &options()).unwrap();
        let is_plain = mark.is_empty() && (before, behind) == ("", "") && digits.len() <= 19;
        if is_plain && digits.bytes().any(|digit| digit != b'0') {
            prop_assert!(table.lines[0].id().is_some(), "{text:?}: {:?}", table.lines[0].entry);
        }
    }
}

/// What stands before an id, behind it, and inside of it, where a spreadsheet or a person had a hand in it.
const BEFORE: [&str; 8] = ["", "", "'", "=\"", "\"", " ", "\u{feff}", "-"];
const BEHIND: [&str; 8] = ["", "", "\"", " ", "\u{200b}", ".0", ",00", "E+16"];
const MARKS: [&str; 8] = ["", "", "", ".", ",", " ", "'", "e"];

fn written(header: &[String], rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).unwrap();
    for row in rows {
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
}

#[test]
fn every_claim_holds_of_the_zoo() {
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/zoo")).unwrap() {
        let path = entry.unwrap().path();
        let file = fs::read(&path).unwrap();
        for claim in CLAIMS {
            // Shown with a failure only.
            println!("{}", path.display());
            claim(&file);
        }
    }
}
