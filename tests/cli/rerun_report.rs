//! A report is a valid input: ids come from its keys, whatever a spreadsheet did to them, and `--only` picks rows.

use super::fixture::{Api, Site, downgrades, failing, members, user};

/// A report on four rows, of which the second and third failed; the next time they work.
fn reported() -> (Api, Site) {
    let api = Api::holding(
        [failing(1, "1014"), failing(2, "1014")].into_iter().chain([0, 3].map(|n| members(n + 1).last().unwrap())),
    );
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(4));
    site.run(&["run", "in.csv", "--yes"]).exits(1);
    assert_eq!(site.report("in.report.csv").statuses(), ["SUCCESS", "FAILED", "FAILED", "SUCCESS"]);
    (api, site)
}

/// An id as a spreadsheet shows it, and as it keeps it.
fn rounded(id: u64) -> (String, String) {
    let digits = id.to_string();
    let kept = format!("{}{}", &digits[..15], "0".repeat(digits.len() - 15));
    (format!("{}.{}E+16", &digits[..1], &digits[1..6]), kept)
}

#[test]
fn only_the_chosen_rows_run_and_the_others_say_what_they_were() {
    let (api, site) = reported();
    let before = api.changes().len();
    site.run(&["run", "in.report.csv", "--only", "failed,UNKNOWN", "--yes"]).exits(0);
    let sent: Vec<_> = api.changes().into_iter().skip(before).filter_map(|request| request.user).collect();
    assert_eq!(sent.len(), 2);
    assert!(sent.contains(&user(1)) && sent.contains(&user(2)), "{sent:?}");
    // The next report has a name of its own, because the usual one is the input.
    let report = site.report("in.report.2.csv");
    assert_eq!(report.statuses(), ["SKIPPED", "SUCCESS", "SUCCESS", "SKIPPED"]);
    assert!(report.0[0]["result_message"].contains("SUCCESS"), "{report:?}");
    // Its columns are replaced, not repeated.
    let header = |name: &str| site.read(name).lines().next().unwrap().to_owned();
    assert_eq!(header("in.report.2.csv"), header("in.report.csv"));
    site.run(&["run", "in.csv", "--only", "FAILED", "--yes"]).exits(2).warns(&["result_status"]);
    site.run(&["run", "in.report.csv", "--only", "BROKEN", "--yes"]).exits(2).warns(&["BROKEN", "FAILED"]);
}

#[test]
fn ids_that_a_spreadsheet_rounded_come_from_the_key() {
    for kept in [false, true] {
        let (api, site) = reported();
        let mut text = site.read("in.report.csv");
        for number in 0..4 {
            let (shown, whole) = rounded(user(number));
            let id = if kept { whole } else { shown };
            // The id's own cell only: the key begins with a `u`.
            text = text.replace(&format!("\n{},", user(number)), &format!("\n{id},"));
        }
        site.write("back.csv", text);
        let before = api.changes().len();
        site.run(&["run", "back.csv", "--only", "FAILED", "--yes"]).exits(0);
        let mut sent: Vec<_> = api.changes().into_iter().skip(before).filter_map(|request| request.user).collect();
        sent.sort_unstable();
        assert_eq!(sent, [user(1), user(2)]);
    }
}

#[test]
fn an_id_or_key_that_was_changed_makes_the_row_invalid() {
    let table = [
        // Somebody else's id beside the key.
        (format!("\n{},", user(1)), format!("\n{},", user(2))),
        // A key that somebody edited.
        (format!(",u{}:", user(1)), format!(",u{}:", user(3))),
    ];
    for (from, to) in table {
        let (api, site) = reported();
        let before = api.changes().len();
        site.write("back.csv", site.read("in.report.csv").replace(&from, &to));
        site.run(&["run", "back.csv", "--only", "FAILED", "--yes", "--max-invalid", "1"]).exits(1);
        let report = site.report("back.report.csv");
        assert_eq!(report.statuses(), ["SKIPPED", "INVALID", "SUCCESS", "SKIPPED"], "{report:?}");
        assert!(api.changes()[before..].iter().all(|request| request.user == Some(user(2))));
    }
}

#[test]
fn a_review_runs_as_it_was_reviewed() {
    let api = Api::holding(members(2));
    let site = Site::facing(&api);
    site.write("in.csv", format!("User ID,Name\n{},Ada\n{},Bo\n", user(0), user(1)));
    site.run(&["run", "in.csv", "--action", "deactivate", "--dry-run", "--prefill-approved"]).exits(0);
    site.run(&["run", "in.review.csv", "--yes"]).exits(0);
    assert_eq!(site.report("in.report.csv").column("Name"), ["Ada", "Bo"]);
    assert_eq!([0, 1].map(|number| api.sandbox.status_of(user(number))), [Some("DEACTIVATED"); 2]);
}
