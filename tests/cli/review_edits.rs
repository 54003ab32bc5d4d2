//! Somebody edits a signed review, or strips it of its signatures, and what was not reviewed does not run.

use seatrun::sandbox::HOME_PLAN;

use super::approvals::{Review, changed, reviewed};
use super::fixture::{Api, Site, downgrades, failing, members, user};

/// An edit of one cell: its column, and what becomes of what it says.
type Edit = (&'static str, fn(&str) -> String);

/// The user of the row behind which the edited rows begin: a row that nobody touches.
const UNTOUCHED: usize = 0;

const EDITS: [Edit; 57] = [
    ("user_id", |id| (id.parse::<u64>().unwrap() + 1).to_string()),
    ("user_id", |id| (id.parse::<u64>().unwrap() - 1).to_string()),
    ("user_id", |_| user(UNTOUCHED as u64).to_string()),
    ("user_id", |id| format!("-{id}")),
    ("user_id", |id| format!("{id}0")),
    ("user_id", |_| "ceo@acme.example".to_owned()),
    ("action", |_| "upgrade".to_owned()),
    ("action", |_| "deactivate".to_owned()),
    ("action", |_| "reactivate".to_owned()),
    ("action", |_| "remove".to_owned()),
    ("action", |_| "update".to_owned()),
    ("action", |_| "plans".to_owned()),
    ("action", |_| "downgrade!".to_owned()),
    ("plan_id", |_| (HOME_PLAN + 1).to_string()),
    ("plan_id", |id| id[..15].to_owned()),
    ("plan_id", |_| "Acme".to_owned()),
    ("seat_type", |_| "GUEST".to_owned()),
    ("seat_type", |_| "VIEWER or GUEST".to_owned()),
    ("seat_type", |_| "MEMBER".to_owned()),
    ("seat_type", |_| "PROVISIONAL_MEMBER".to_owned()),
    ("seat_type", |_| "ADMIN".to_owned()),
    ("result_seat_before", |_| "GUEST".to_owned()),
    ("result_seat_before", |_| "VIEWER".to_owned()),
    ("result_seat_before", |_| "CONTRIBUTOR".to_owned()),
    ("result_seat_before", |_| "MEMBERS".to_owned()),
    ("result_seat_before", |_| String::new()),
    ("result_key", |key| key.replace(":VIEWER", ":GUEST")),
    ("result_key", |key| key.replace(":downgrade:", ":upgrade:")),
    ("result_key", |key| key.replace(":downgrade:", ":remove:")),
    ("result_key", |key| key.replace(&format!("p{HOME_PLAN}"), &format!("p{}", HOME_PLAN + 1))),
    ("result_key", |key| key.replacen("u4", "u5", 1)),
    ("result_key", |key| key[..key.len() - 1].to_owned()),
    ("result_key", |key| format!("{key}0")),
    ("result_key", |_| format!("u{}:deactivate", user(UNTOUCHED as u64))),
    ("result_key", |_| "approved".to_owned()),
    ("result_signature", |_| String::new()),
    ("result_signature", |_| "approved by the manager".to_owned()),
    ("result_signature", str::to_uppercase),
    ("result_signature", |text| text[..text.len() - 1].to_owned()),
    ("result_signature", |text| format!("{text}0")),
    ("result_signature", |text| text.replacen("s1.", "s2.", 1)),
    ("result_signature", |text| text.replacen("s1.", "s1", 1)),
    ("result_signature", |text| text.replacen("s1.2", "s1.3", 1)),
    ("result_signature", |text| {
        let last = if text.ends_with('0') { '1' } else { '0' };
        format!("{}{last}", &text[..text.len() - 1])
    }),
    ("result_signature", |text| format!("{}{}", &text[..text.len() - 32], "0".repeat(32))),
    ("approved", |_| String::new()),
    ("approved", |_| "no".to_owned()),
    ("approved", |_| "0".to_owned()),
    ("approved", |_| "-1".to_owned()),
    ("approved", |_| "y\u{200b}".to_owned()),
    ("approved", |_| "\u{202e}sey".to_owned()),
    ("approved", |_| "\u{feff}yes".to_owned()),
    ("approved", |_| "y e s".to_owned()),
    ("approved", |_| "perhaps".to_owned()),
    ("approved", |_| "yes?".to_owned()),
    ("approved", |_| "#N/A".to_owned()),
    ("approved", |_| "n/a".to_owned()),
];

#[test]
fn of_57_edits_of_a_signed_review_none_runs() {
    let (api, site, mut review) = reviewed(1 + EDITS.len() as u64);
    for row in 0..review.rows.len() {
        "yes".clone_into(review.cell(row, "approved"));
    }
    for (row, (column, edit)) in (1..).zip(EDITS) {
        let cell = review.cell(row, column);
        let edited = edit(cell);
        assert_ne!(*cell, edited, "{column}");
        *cell = edited;
    }
    review.save(&site, "in.review.csv");
    let ended = site.run(&["run", "in.review.csv", "--yes", "--max-invalid", "100%"]).exits(1);
    assert_eq!(changed(&api, 99), [UNTOUCHED as u64], "{ended}");
    let statuses = site.report("in.report.csv").statuses().iter().map(|&status| status.to_owned()).collect::<Vec<_>>();
    assert_eq!(statuses[UNTOUCHED], "SUCCESS", "{ended}");
    for (status, (column, edit)) in statuses[1..].iter().zip(EDITS) {
        assert!(
            ["INVALID", "SKIPPED"].contains(&status.as_str()),
            "{column} as {:?}: {status}",
            edit("s1.2x48_0123456789-0123456789-0123456789")
        );
    }
}

#[test]
fn a_row_with_the_key_and_the_signature_of_others_does_not_run() {
    let (api, site, mut review) = reviewed(4);
    let (key, signature) = (review.cell(0, "result_key").clone(), review.cell(0, "result_signature").clone());
    review
        .approve(&[0, 1, 2, 3])
        .set(1, "result_signature", &signature)
        .set(2, "result_key", &key)
        .set(3, "result_key", &key)
        .set(3, "result_signature", &signature)
        .save(&site, "in.review.csv");
    site.run(&["run", "in.review.csv", "--yes", "--max-invalid", "9"]).exits(1);
    assert_eq!(changed(&api, 4), [0]);
}

/// A way of hiding that a sheet was a review.
type Strip = fn(Review) -> Review;

/// Takes the signatures off, and writes another user into the second row.
fn stripped(review: Review) -> Review {
    review.without("result_signature").set(1, "user_id", &user(9).to_string())
}

fn emptied(mut review: Review, column: &str) -> Review {
    for row in 0..review.rows.len() {
        review.cell(row, column).clear();
    }
    review
}

fn renamed(mut review: Review, column: &str, name: &str) -> Review {
    for header in &mut review.header {
        if header == column {
            name.clone_into(header);
        }
    }
    review
}

/// Every column that a report or a review has added, but some.
fn without_results(mut review: Review, kept: &[&str]) -> Review {
    for column in review.header.clone() {
        if column.starts_with("result_") && !kept.contains(&column.as_str()) {
            review = review.without(&column);
        }
    }
    review
}

#[test]
fn a_review_that_was_stripped_of_its_signatures_does_not_run() {
    // What is done to the review, and a part of why it is refused: where nothing tells that it was a review, only because
    // a signature is required.
    let (status, keys, required) = ("row 2 is PLANNED", "no value in `result_run_id`", "require_signed_approval");
    let table: [(Strip, &str); 14] = [
        (|review| review, status),
        (|review| review.without("result_key"), status),
        (|review| emptied(review, "result_key"), status),
        (|review| review.without("approved"), status),
        (|review| review.without("approved").without("result_key"), status),
        (|review| renamed(review, "result_key", "key"), status),
        (|review| without_results(review, &["result_status"]), status),
        (|review| review.without("result_status"), keys),
        (|review| emptied(review, "result_status"), keys),
        (|review| renamed(review, "result_status", "Status"), keys),
        (|review| review.without("result_status").without("result_run_id"), keys),
        (|review| without_results(review, &["result_key"]), keys),
        (|review| review.without("result_status").set(0, "result_run_id", "20260101-000000-abcd"), required),
        (|review| without_results(review, &[]), required),
    ];
    let (api, mut site, review) = reviewed(3);
    let review = review.approve(&[0, 1]);
    site.set("SEATRUN_REQUIRE_SIGNED_APPROVAL", "true");
    for (at, (change, words)) in table.into_iter().enumerate() {
        change(stripped(review.clone())).save(&site, "stripped.csv");
        let ended = site.run(&["run", "stripped.csv", "--yes"]).exits(3);
        ended.warns(&[words, "with --dry-run"]);
        assert_eq!(api.changes().len(), 0, "{at}: {words}");
    }
    site.set("SEATRUN_REQUIRE_SIGNED_APPROVAL", "false");
    for (change, words) in table.into_iter().filter(|(_, words)| *words != required) {
        change(stripped(review.clone())).save(&site, "stripped.csv");
        site.run(&["run", "stripped.csv", "--yes", "--only", "PLANNED"]);
        site.run(&["run", "stripped.csv", "--yes"]).exits(3).warns(&["lost its signatures", words]);
        assert_eq!(api.changes().len(), 0, "{words}");
    }
    // The signed review itself needs nothing else.
    site.set("SEATRUN_REQUIRE_SIGNED_APPROVAL", "true");
    review.save(&site, "in.review.csv");
    site.run(&["run", "in.review.csv", "--yes"]).exits(0);
    assert_eq!(changed(&api, 3), [0, 1]);
}

#[test]
fn a_dry_run_of_a_stripped_review_says_that_it_may_not_run_and_signs_a_new_one() {
    let (api, site, review) = reviewed(2);
    review.approve(&[0, 1]).without("result_signature").save(&site, "stripped.csv");
    site.run(&["run", "stripped.csv", "--dry-run"]).exits(1).warns(&["would be refused", "lost its signatures"]);
    Review::open(&site, "stripped.review.csv").approve(&[1]).save(&site, "again.csv");
    site.run(&["run", "again.csv", "--yes"]).exits(0);
    assert_eq!(changed(&api, 2), [1]);
}

#[test]
fn the_report_of_an_approved_review_is_fed_back_with_only() {
    let api = Api::holding([failing(0, "4002")].into_iter().chain(members(3).skip(1)));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(3));
    site.run(&["run", "in.csv", "--dry-run"]).exits(0);
    Review::open(&site, "in.review.csv").approve(&[0, 1]).save(&site, "in.review.csv");
    site.run(&["run", "in.review.csv", "--yes", "--max-errors", "100%"]);
    site.run(&["run", "in.report.csv", "--only", "SUCCESS,FAILED", "--yes"]).exits(0).warns(&["is not signed"]);
    assert_eq!(changed(&api, 3), [0, 1]);
}
