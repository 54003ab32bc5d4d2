//! The screen says why rows did not end well: below each count, grouped, with rows and the next command.

use super::fixture::{Api, Site, downgrades, failing, members, user};

#[test]
fn each_count_that_is_not_well_is_followed_by_its_reasons_and_the_next_command() {
    let api = Api::holding([failing(0, "1006"), failing(1, "1006")].into_iter().chain(members(8).skip(2)));
    let site = Site::facing(&api);
    let bad = ["x1", "x2", "4.85E+16"].map(|id| format!("{id},downgrade,4843937635559300,VIEWER\n")).concat();
    site.write("my leavers.csv", downgrades(6) + &bad);
    site.run(&["run", "my leavers.csv", "--dry-run", "--max-invalid", "50%"]).exits(1).warns(&[
        "  INVALID               3\n    rows 8 and 9: column `user_id`: `…` is not a number of 1 to 19 digits\n    \
         row 10: column `user_id`: `4.85E+16` is an id in scientific notation\n",
        "then run: seatrun run 'my leavers.review.csv'\n",
    ]);
    let arguments =
        ["run", "my leavers.csv", "--yes", "--max-invalid", "50%", "--max-errors", "100%", "--html", "out.html"];
    let ended = site.run(&arguments).exits(1).warns(&[
        "  FAILED                2\n    rows 2 and 3: ",
        "seatrun run 'my leavers.report.csv' --only FAILED,INVALID\n",
        "page: out.html\n",
    ]);
    let at = |text| ended.stderr.find(text).unwrap();
    assert!(at("rows 2 and 3") < at("--only FAILED") && at("--only FAILED") < at("page:"), "{ended}");
}

/// The row of a number.
type RowOf = fn(u64) -> String;

#[test]
fn where_every_row_is_invalid_for_one_reason_that_reason_is_the_error() {
    // The header, a row for a number, the flags, and the error with its hint.
    let table: [(&str, RowOf, &[&str], &str); 4] = [
        (
            "user_id",
            |number| user(number).to_string(),
            &["--action", "downgrade"],
            "no seat named: say --seat-type VIEWER or add a column seat_type\nhint: a downgrade gives GUEST",
        ),
        (
            "user_id",
            |number| format!("n{number}"),
            &["--action", "deactivate"],
            "column `user_id`: `…` is not a number of",
        ),
        (
            "user_id,action,seat_type",
            |number| format!("{},downgrade,MEMBER", user(number)),
            &[],
            "column `seat_type`: MEMBER is",
        ),
        ("email", |_| "jane".to_owned(), &["--action", "deactivate"], "column `email`: `jane` is not an email address"),
    ];
    for (header, row, flags, error) in table {
        let api = Api::holding(members(3));
        let site = Site::facing(&api);
        let rows: Vec<_> = (0..3).map(row).collect();
        site.write("in.csv", format!("{header}\n{}\n", rows.join("\n")));
        let ended = site.run(&[&["run", "in.csv", "--yes", "--plan-id", "4843937635559300"], flags].concat()).exits(3);
        assert!(ended.stderr.contains(&format!("error: {error}")), "`{error}` is missing: {ended}");
        site.run(&[&["run", "in.csv", "--dry-run", "--plan-id", "4843937635559300"], flags].concat())
            .exits(1)
            .warns(&["a run would be refused: "]);
    }
}

#[test]
fn a_refusal_does_not_repeat_its_reason_below_the_count() {
    let api = Api::holding(members(3));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(3));
    let ended = site.run(&["run", "in.csv", "--yes", "--max-changes", "1"]).exits(3);
    assert_eq!(ended.stderr.matches("--max-changes is 1").count(), 1, "{ended}");
}
