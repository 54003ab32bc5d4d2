//! People without an account: a night is not cancelled by those who have left already, and nobody is passed over on a
//! guess.

use seatrun::sandbox::{HOME_PLAN, Options, Quirks, SandboxUser, World};
use serde_json::json;

use super::fixture::{Api, Site, members, user};
use super::rude_server::{PLAN, RudeServer, listed, listed_with};

/// Deactivations by address: of that many members, and then of these addresses.
fn leavers(count: u64, others: &[&str]) -> String {
    let known = (0..count).map(|number| format!("user.{}@example.com,deactivate\n", user(number)));
    let others = others.iter().map(|address| format!("{address},deactivate\n"));
    format!("email,action\n{}", known.chain(others).collect::<String>())
}

#[test]
fn three_of_twelve_leavers_without_an_account_do_not_cancel_the_night() {
    let gone = ["ann@example.com", "bo@example.com", "cy@example.com"];
    // arguments, exit code, what becomes of the three and of the nine
    let table = [
        (&["--yes"][..], 0, "SKIPPED", "SUCCESS"),
        (&["--dry-run"], 0, "SKIPPED", "PLANNED"),
        (&["--yes", "--missing-users", "skip", "--max-invalid", "0"], 0, "SKIPPED", "SUCCESS"),
        (&["--yes", "--missing-users", "fail"], 1, "FAILED", "SUCCESS"),
        (&["--dry-run", "--missing-users", "fail"], 1, "BLOCKED", "PLANNED"),
        // Nothing is proved where nothing is read.
        (&["--yes", "--no-preflight"], 1, "FAILED", "SUCCESS"),
    ];
    for (arguments, code, of_missing, of_others) in table {
        let api = Api::holding(members(40));
        let site = Site::facing(&api);
        site.write("in.csv", leavers(9, &gone));
        let ended = site.run(&[&["run", "in.csv", "-o", "out.csv"], arguments].concat()).exits(code);
        let ended = ended.warns(&["of these, without an account: 3"]);
        let report = site.report("out.csv");
        assert_eq!(report.statuses(), [[of_others; 9].as_slice(), &[of_missing; 3]].concat(), "{arguments:?}");
        assert!(report.0[9]["result_message"].contains("nobody in the account has the address `ann@example.com`"));
        let is_changed = of_others == "SUCCESS";
        assert_eq!(api.changes().len(), if is_changed { 9 } else { 0 });
        if of_missing == "SKIPPED" {
            ended.warns(&["row 11 is skipped: nobody", "row 12 is skipped", "row 13 is skipped"]);
        }
    }
    let api = Api::holding(members(40));
    let mut site = Site::facing(&api);
    site.set("SEATRUN_MISSING_USERS", "fail");
    site.write("in.csv", leavers(9, &gone));
    site.run(&["run", "in.csv", "--yes"]).exits(1);
    assert_eq!(site.report("in.report.csv").counts(), [("FAILED", 3), ("SUCCESS", 9)].into());
}

#[test]
fn whom_the_address_may_mean_is_named_and_the_row_fails() {
    let named = SandboxUser {
        email: Some("jdoe@new.example".to_owned()),
        first_name: Some("Jane".to_owned()),
        last_name: Some("Doe".to_owned()),
        ..SandboxUser::new(user(50))
    };
    let moved = SandboxUser { email: Some("bo@new.example".to_owned()), ..SandboxUser::new(user(51)) };
    let api = Api::holding(members(10).chain([named, moved]));
    let site = Site::facing(&api);
    site.write("in.csv", leavers(3, &["jane.doe@old.example", "BO@old.example", "cy@old.example"]));
    site.run(&["run", "in.csv", "--yes", "--max-invalid", "0", "--max-changes", "9"]).exits(1);
    let report = site.report("in.report.csv");
    assert_eq!(report.statuses(), ["SUCCESS", "SUCCESS", "SUCCESS", "FAILED", "FAILED", "SKIPPED"]);
    let messages = report.column("result_message");
    assert!(messages[3].contains(&user(50).to_string()) && messages[3].contains("jdoe@new.example"), "{messages:?}");
    assert!(messages[4].contains(&user(51).to_string()) && messages[4].contains("bo@new.example"), "{messages:?}");
}

#[test]
fn only_what_takes_something_away_is_skipped_and_ids_that_nobody_has_fail() {
    let api = Api::holding(members(10));
    let site = Site::facing(&api);
    // Cells, and what becomes of the row.
    let rows = [
        (format!(",ann@example.com,downgrade,{HOME_PLAN},VIEWER"), "SKIPPED"),
        (format!(",ann@example.com,remove,{HOME_PLAN},"), "SKIPPED"),
        (",ann@example.com,deactivate,,".to_owned(), "SKIPPED"),
        (format!(",ann@example.com,upgrade,{HOME_PLAN},MEMBER"), "FAILED"),
        (",ann@example.com,reactivate,,".to_owned(), "FAILED"),
        (",ann@example.com,plans,,".to_owned(), "FAILED"),
        (format!("{},,downgrade,{HOME_PLAN},VIEWER", user(70)), "FAILED"),
        (format!("{},ann@example.com,downgrade,{HOME_PLAN},VIEWER", user(70)), "FAILED"),
        // The id is somebody's, and the address is not theirs.
        (format!("{},ann@example.com,downgrade,{HOME_PLAN},VIEWER", user(1)), "INVALID"),
        (format!("{},,downgrade,{HOME_PLAN},VIEWER", user(2)), "SUCCESS"),
    ];
    let cells = rows.each_ref().map(|(cells, _)| format!("{cells}\n")).concat();
    site.write("in.csv", format!("user_id,email,action,plan_id,seat_type\n{cells}"));
    site.run(&["run", "in.csv", "--yes", "--allow-remove"]).exits(1);
    assert_eq!(site.report("in.report.csv").statuses(), rows.each_ref().map(|(_, status)| *status));
}

#[test]
fn the_whole_list_of_a_large_account_is_read_before_anybody_is_skipped() {
    let options = Options { rate_per_minute: 0, ..Options::default() };
    for (policy, status, pages) in [("skip", "SKIPPED", 9), ("fail", "FAILED", 1)] {
        let api = Api::of(World::holding(members(850)).with_quirks(Quirks::BEFORE_SUNSET), &options);
        let mut site = Site::facing(&api);
        site.set("SEATRUN_RATE", "0");
        site.write("in.csv", leavers(1, &["ann@example.com"]));
        site.run(&["run", "in.csv", "--yes", "--missing-users", policy]).exits(i32::from(policy == "fail"));
        assert_eq!(site.report("in.report.csv").statuses(), ["SUCCESS", status]);
        let is_page = |path: &str| path.contains("planId=");
        let read = api.sandbox.requests().iter().filter(|request| is_page(&request.path)).count();
        assert_eq!(read, pages, "{policy}");
    }
}

#[test]
fn a_record_that_cannot_be_read_may_be_anybody_so_nobody_is_skipped() {
    // What stands in one record of the list, and what becomes of the row.
    let table = [
        (json!({"id": 7, "email": "odd@acme.example"}), "SKIPPED"),
        (json!({"id": {"value": 1}, "email": "odd@acme.example"}), "FAILED"),
        (json!({"id": 7, "email": null}), "FAILED"),
        (json!({"id": 7, "email": ["odd@acme.example"]}), "FAILED"),
    ];
    for (record, status) in table {
        let server = RudeServer::polite(vec![listed(0), listed_with(7, &record), listed(1), listed(2)]);
        let site = server.site();
        let known = format!("{},,downgrade,{PLAN},VIEWER\n", user(0));
        let missing = format!(",nobody@acme.example,downgrade,{PLAN},VIEWER\n");
        site.write("in.csv", format!("user_id,email,action,plan_id,seat_type\n{known}{missing}"));
        site.run(&["run", "in.csv", "--yes"]).exits(i32::from(status == "FAILED"));
        assert_eq!(site.report("in.report.csv").statuses(), ["SUCCESS", status], "{record}");
    }
}

#[test]
fn a_file_of_people_who_are_all_or_mostly_missing_is_refused() {
    let many: Vec<_> = (0..11).map(|number| format!("gone.{number}@example.com")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    // Members in the file, missing users, whether it is refused.
    let table = [(0, 1, true), (0, 3, true), (1, 3, false), (8, 11, false), (9, 11, true), (11, 9, false)];
    for (known, missing, is_refused) in table {
        let api = Api::holding(members(40));
        let site = Site::facing(&api);
        site.write("in.csv", leavers(known, &many[..missing]));
        let said = format!("the addresses of {missing} of the {} users in the file", known + missing as u64);
        for (mode, code) in [("--dry-run", 1), ("--yes", 3)] {
            let ended = site.run(&["run", "in.csv", mode]).exits(if is_refused { code } else { 0 });
            assert_eq!(ended.stderr.contains(&said), is_refused, "{ended}");
            assert_eq!(ended.stderr.contains("meant for another account"), is_refused, "{ended}");
        }
        assert_eq!(api.changes().len() as u64, if is_refused { 0 } else { known });
    }
}
