//! Conditions: rows are only for users of some seats, and wait for their day.

use jiff::{ToSpan, Zoned};
use seatrun::sandbox::HOME_PLAN;

use super::approvals::{Review, changed};
use super::fixture::{Api, Site, members, user};

/// A day so many days from today.
fn day(days: i64) -> String {
    Zoned::now().checked_add(days.days()).unwrap().date().to_string()
}

/// Downgrades with one more column, a cell of it for each row.
fn with_column(column: &str, cells: &[&str]) -> String {
    let rows = (0..).zip(cells).map(|(number, cell)| format!("{},downgrade,{HOME_PLAN},VIEWER,{cell}\n", user(number)));
    format!("user_id,action,plan_id,seat_type,{column}\n{}", rows.collect::<String>())
}

#[test]
fn rows_are_sent_only_for_users_who_hold_one_of_the_seats() {
    // The column if_seat, the flags, and what becomes of the rows: the second user is a guest.
    let table: [(&[&str], &[&str], [&str; 3]); 4] = [
        (&["", "", ""], &["--if-seat", "MEMBER"], ["SUCCESS", "SKIPPED", "SUCCESS"]),
        (&["", "", ""], &["--if-seat", "guest,viewer"], ["SKIPPED", "SUCCESS", "SKIPPED"]),
        (&["MEMBER", "MEMBER", "Guest; Member"], &[], ["SUCCESS", "SKIPPED", "SUCCESS"]),
        (&["GUEST", "", "nonsense"], &["--if-seat", "GUEST", "--max-invalid", "1"], ["SKIPPED", "SUCCESS", "INVALID"]),
    ];
    for (cells, flags, statuses) in table {
        let api = Api::holding(members(3));
        api.sandbox.meddle(|world| world.reseat(user(1), HOME_PLAN, "GUEST"));
        let site = Site::facing(&api);
        site.write("in.csv", with_column("if_seat", cells));
        let ended = site.run(&[&["run", "in.csv", "--yes"], flags].concat());
        let report = site.report("in.report.csv");
        assert_eq!(report.statuses(), statuses, "{cells:?} {flags:?}: {ended}");
        let skipped = report.0.iter().find(|row| row["result_status"] == "SKIPPED").unwrap();
        assert!(skipped["result_message"].contains("and the row is only for"), "{skipped:?}");
    }
}

#[test]
fn a_seat_that_cannot_be_read_fails_and_without_reading_nothing_is_asked() {
    let api = Api::holding(members(1));
    let site = Site::facing(&api);
    site.write("in.csv", format!("user_id,action\n{},deactivate\n{},deactivate\n", user(0), user(7)));
    site.run(&["run", "in.csv", "--yes", "--if-seat", "MEMBER", "--max-errors", "100%"]).exits(1);
    let report = site.report("in.report.csv");
    assert_eq!(report.statuses(), ["SUCCESS", "FAILED"]);
    assert!(report.0[1]["result_message"].contains("could not be read"), "{report:?}");
    let plain = with_column("if_seat", &["MEMBER"]);
    for (text, flags) in [(&plain, &[][..]), (&"user_id,action\n5,deactivate\n".to_owned(), &["--if-seat", "MEMBER"])] {
        site.write("other.csv", text);
        let arguments = [&["run", "other.csv", "--yes", "--no-preflight"], flags].concat();
        site.run(&arguments).exits(2).warns(&["--no-preflight does not read them"]);
    }
}

#[test]
fn rows_wait_for_their_day_and_an_unreadable_day_is_invalid() {
    let api = Api::holding(members(5));
    let mut site = Site::facing(&api);
    site.set("SEATRUN_TIMEZONE", "UTC");
    let (past, future) = (day(-2), day(3));
    site.write("in.csv", with_column("not_before", &[&past, &future, "", "30.11.2026", "soon"]));
    site.run(&["run", "in.csv", "--yes", "--max-invalid", "50%"]).exits(1);
    let report = site.report("in.report.csv");
    assert_eq!(report.statuses(), ["SUCCESS", "SKIPPED", "SUCCESS", "INVALID", "INVALID"]);
    assert!(report.0[1]["result_message"].contains(&future), "{report:?}");
    assert_eq!(changed(&api, 5), [0, 2]);
    site.set("SEATRUN_TIMEZONE", "Middle/Earth");
    site.run(&["run", "in.csv", "--yes"]).exits(2).warns(&["`Middle/Earth` is not a time zone"]);
}

#[test]
fn a_review_runs_again_for_the_rows_that_waited_and_for_no_others() {
    let api = Api::holding(members(3));
    let site = Site::facing(&api);
    let future = day(3);
    site.write("in.csv", with_column("not_before", &["", &future, &future]));
    site.run(&["run", "in.csv", "--dry-run", "--prefill-approved"]).exits(0);
    let review = Review::open(&site, "in.review.csv");
    assert_eq!(Review::open(&site, "in.review.csv").column("approved"), ["yes", "yes", "yes"]);
    site.run(&["run", "in.review.csv", "--yes"]).exits(0);
    assert_eq!(changed(&api, 3), [0]);
    // Who brings a day forward has changed what was reviewed.
    review.clone().set(1, "not_before", &day(-1)).save(&site, "early.csv");
    site.run(&["run", "early.csv", "--yes", "--max-invalid", "50%"]).exits(1);
    assert_eq!(site.report("early.report.csv").statuses(), ["SKIPPED", "INVALID", "SKIPPED"]);
    let ended = site.run(&["run", "in.review.csv", "--yes"]).exits(0);
    let report = site.report("in.report.csv");
    assert_eq!(report.statuses(), ["SKIPPED"; 3], "{ended}");
    assert!(report.0[0]["result_message"].contains("has had this row already"), "{report:?}");
    assert_eq!(changed(&api, 3), [0]);
}

#[test]
fn a_damaged_column_is_ignored_when_somebody_says_so() {
    let api = Api::holding(members(2));
    let site = Site::facing(&api);
    let rows = (0..2).map(|number| format!("sandbox.user{number}@example.com,4.85E+16,{}\n", user(number)));
    site.write("in.csv", format!("Mail,user_id,Konto\n{}", rows.collect::<String>()));
    let arguments = ["run", "in.csv", "--yes", "--action", "deactivate", "--map", "user_id=Konto"];
    site.run(&arguments).exits(0);
    site.write("in.csv", format!("email,user_id,action\nnobody@example.com,{},deactivate\n", user(0)));
    site.run(&["run", "in.csv", "--yes", "--map", "email="]).exits(0);
    site.run(&["run", "in.csv", "--yes", "--map", "=email"]).exits(2);
}
