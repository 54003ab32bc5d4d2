//! What the ledger is for: runs that were interrupted or killed are carried on, told of, and reported again.

use std::fs;

use seatrun::sandbox::{HOME_PLAN, World};
use serde_json::Value;

use super::fixture::{Api, Site, downgrades, failing, members, user};

/// The name of the newest run.
fn newest(site: &Site) -> String {
    let history: Value = serde_json::from_str(&site.run(&["history", "--json"]).exits(0).stdout).unwrap();
    history[0]["run"].as_str().unwrap().to_owned()
}

#[test]
fn a_killed_run_is_carried_on_and_no_settled_row_is_sent_again() {
    let (rows, concurrency) = (24, 4);
    let api = Api::slowly_holding(members(rows), "60");
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(rows));
    let running = site.start(&["run", "in.csv", "--yes", "--concurrency", "4"]);
    api.until_changes(8);
    running.signal("KILL");
    running.wait();
    // The ledger alone counts: the input may be gone.
    fs::remove_file(site.folder().join("in.csv")).unwrap();
    site.run(&["resume"]).exits(0);
    let report = site.report("in.report.csv");
    assert_eq!(report.counts().into_iter().collect::<Vec<_>>(), [("SUCCESS", rows)]);
    assert!((0..rows).all(|number| api.seat(number) == "CONTRIBUTOR"));
    let sent = api.changes().len() as u64;
    assert!((rows..=rows + concurrency).contains(&sent), "{sent} changes for {rows} rows");
    // With nothing left, the report is written again and the exit code is that of the run.
    let before = api.sandbox.request_count();
    site.run(&["resume"]).exits(0).warns(&["nothing is left to do"]);
    assert_eq!(api.sandbox.request_count(), before);
}

#[test]
fn an_interrupted_run_and_one_whose_token_died_are_carried_on() {
    let api = Api::slowly_holding(members(12), "100");
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(12));
    let running = site.start(&["run", "in.csv", "--yes", "--concurrency", "2"]);
    api.until_changes(3);
    running.signal("TERM");
    running.wait().exits(143);
    site.run(&["resume"]).exits(0);
    assert_eq!((site.report("in.report.csv").statuses(), api.changes().len()), (vec!["SUCCESS"; 12], 12));

    let api = Api::holding(members(1).chain([failing(1, "401-for-good")]).chain(members(4).skip(2)));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(4));
    site.run(&["run", "in.csv", "--yes", "--concurrency", "1"]).exits(4);
    api.sandbox.meddle(World::renew_token);
    site.run(&["resume"]).exits(0);
    assert_eq!(site.report("in.report.csv").statuses(), ["SUCCESS"; 4]);
}

#[test]
fn a_refused_row_is_left_alone_unless_it_is_asked_for() {
    let api = Api::holding([failing(0, "1014")].into_iter().chain(members(2).skip(1)));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(2));
    site.run(&["run", "in.csv", "--yes"]).exits(1);
    site.run(&["resume"]).exits(1);
    assert_eq!((site.report("in.report.csv").statuses(), api.changes().len()), (vec!["FAILED", "SUCCESS"], 2));
    site.run(&["resume", "--retry-failed"]).exits(0);
    assert_eq!((site.report("in.report.csv").statuses(), api.changes().len()), (vec!["SUCCESS"; 2], 3));
}

#[test]
fn what_somebody_else_changed_meanwhile_is_left_alone_unless_it_is_accepted() {
    for (arguments, status, seat) in [
        (&["resume"][..], "SKIPPED", "GUEST"),
        (&["resume", "--accept-drift"], "SUCCESS", "CONTRIBUTOR"),
        (&["resume", "--no-preflight"], "SUCCESS", "CONTRIBUTOR"),
    ] {
        let api = Api::slowly_holding(members(12), "60");
        let site = Site::facing(&api);
        site.write("in.csv", downgrades(12));
        let running = site.start(&["run", "in.csv", "--yes", "--concurrency", "2"]);
        api.until_changes(3);
        running.signal("TERM");
        running.wait().exits(143);
        api.sandbox.meddle(|world| world.reseat(user(11), HOME_PLAN, "GUEST"));
        site.run(arguments).exits(0);
        let report = site.report("in.report.csv");
        assert_eq!((report.statuses()[11], api.seat(11).as_str()), (status, seat), "{arguments:?}");
        assert_eq!(report.column("result_seat_before")[11], "MEMBER", "{arguments:?}");
        assert!((0..11).all(|number| api.seat(number) == "CONTRIBUTOR"), "{arguments:?}");
    }
}

#[test]
fn what_a_later_run_did_is_not_done_again_by_a_resume_of_the_earlier_one() {
    let api = Api::holding([failing(0, "401-for-good")].into_iter().chain(members(2).skip(1)));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(2));
    site.run(&["run", "in.csv", "--yes", "--concurrency", "1"]).exits(3);
    let first = newest(&site);
    api.sandbox.meddle(World::renew_token);
    site.run(&["run", "in.csv", "--yes"]).exits(0).warns(&[&first, "takes over"]);
    let upgrade = format!("user_id,action,plan_id\n{},upgrade,{HOME_PLAN}\n", user(0));
    site.write("back.csv", upgrade);
    site.run(&["run", "back.csv", "--yes"]).exits(0);
    assert_eq!(api.seat(0), "MEMBER");
    let before = api.changes().len();
    site.run(&["resume"]);
    assert_eq!((api.changes().len(), api.seat(0).as_str()), (before, "MEMBER"));
    site.run(&["resume", &first]).exits(3).warns(&["was taken over by run"]);
}

#[test]
fn a_plan_that_may_not_be_read_hides_no_other_from_the_survey() {
    let api = Api::holding(members(4));
    let site = Site::facing(&api);
    let foreign: Vec<_> = (4..7).map(|number| format!("{},downgrade,1,VIEWER\n", user(number))).collect();
    site.write("in.csv", downgrades(4) + &foreign.concat());
    site.run(&["run", "in.csv", "--yes", "--max-errors", "100%"]).exits(1);
    let report = site.report("in.report.csv");
    assert_eq!(report.column("result_seat_before"), ["MEMBER", "MEMBER", "MEMBER", "MEMBER", "", "", ""]);
    assert_eq!(report.statuses()[..4], ["SUCCESS"; 4]);
    assert_eq!(report.statuses()[4..], ["FAILED"; 3]);
}

#[test]
fn a_run_reads_what_users_hold_only_once_no_other_run_can_change_it() {
    let api = Api::slowly_holding(members(1), "300");
    let site = Site::facing(&api);
    site.write("down.csv", downgrades(1));
    site.write("up.csv", format!("user_id,action,plan_id\n{},upgrade,{HOME_PLAN}\n", user(0)));
    let first = site.start(&["run", "down.csv", "--yes"]);
    api.until_changes(1);
    let second = site.start(&["run", "up.csv", "--yes", "--wait", "30s"]);
    first.wait().exits(0);
    second.wait().exits(0);
    assert_eq!(site.report("up.report.csv").statuses(), ["SUCCESS"]);
    assert_eq!(
        (site.report("up.report.csv").column("result_seat_before")[0], api.seat(0).as_str()),
        ("VIEWER", "MEMBER")
    );
}

#[test]
fn nothing_replaces_the_report_of_a_run_but_another_run_and_no_report_its_input() {
    let api = Api::holding(members(2));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(2));
    site.run(&["run", "in.csv", "--yes"]).exits(0);
    let report = site.read("in.report.csv");
    site.run(&["run", "in.csv", "--yes", "--max-changes", "0", "--no-preflight"]).exits(3);
    site.run(&["run", "in.csv", "--yes", "--sandbox"]).exits(0);
    assert_eq!(site.read("in.report.csv"), report);
    site.run(&["report", &newest(&site), "-o", "in.csv"]).exits(2);
    assert_eq!(site.read("in.csv"), downgrades(2));
    site.run(&["run", "in.csv", "--yes"]).exits(0);
    assert_ne!(site.read("in.report.csv"), report, "the report of the next run does");
}

#[test]
fn a_file_that_ran_before_is_told_and_so_is_who_was_changed_back() {
    let api = Api::holding(members(4));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(4));
    site.run(&["run", "in.csv", "--yes"]).exits(0);
    let first = newest(&site);
    site.run(&["run", "in.csv", "--yes"]).exits(0).warns(&["this very file ran already", &first]);
    assert_eq!(api.changes().len(), 4, "what is so already is not sent");
    api.sandbox.meddle(|world| world.reseat(user(2), HOME_PLAN, "MEMBER"));
    site.run(&["run", "in.csv", "--yes"]).exits(0).warns(&["this very file ran already"]);
    assert_eq!(site.report("in.report.csv").statuses(), ["UNCHANGED", "UNCHANGED", "SUCCESS", "UNCHANGED"]);
    api.sandbox.meddle(|world| world.reseat(user(2), HOME_PLAN, "MEMBER"));
    site.run(&["run", "in.csv", "--yes"]).exits(0).warns(&["1 of its users have been changed back", "row 4"]);
}

#[test]
fn a_report_is_written_again_byte_for_byte_even_one_that_was_lost() {
    let api = Api::holding([failing(0, "1014"), failing(1, "502")].into_iter().chain(members(4).skip(2)));
    let site = Site::facing(&api);
    site.write("in.csv", format!("{}Bo,downgrade,1,VIEWER\n", downgrades(4)));
    site.run(&["run", "in.csv", "--yes", "--max-invalid", "1"]).exits(1);
    let first = site.read("in.report.csv");
    let run = newest(&site);
    assert_eq!(site.run(&["report", &run, "-o", "-"]).stdout, first);
    site.run(&["report", &run, "-o", "again.csv"]);
    assert_eq!(site.read("again.csv"), first);
    site.run(&["run", "in.csv", "--yes", "--max-invalid", "1", "-o", "/dev/full"]).exits(5);
    let lost = newest(&site);
    assert_ne!(lost, run);
    let written = site.run(&["report", &lost, "-o", "-"]).stdout;
    assert_eq!(
        super::fixture::Rows::of(&written).statuses(),
        ["SUCCESS", "UNCHANGED", "UNCHANGED", "UNCHANGED", "INVALID"]
    );
    site.run(&["report", "20200101-000000-none"]).exits(3).warns(&["seatrun history"]);
}

#[test]
fn the_history_lists_runs_and_rehearsals_apart() {
    let api = Api::holding(members(2));
    let site = Site::facing(&api);
    let list = |arguments: &[&str]| -> Value {
        serde_json::from_str(&site.run(&[&["history", "--json"], arguments].concat()).exits(0).stdout).unwrap()
    };
    assert_eq!(list(&[]), Value::Array(Vec::new()));
    site.write("in.csv", downgrades(2));
    site.run(&["run", "in.csv", "--dry-run"]).exits(0);
    site.run(&["run", "in.csv", "--yes", "--max-changes", "1"]).exits(3);
    assert_eq!(list(&[]), Value::Array(Vec::new()), "neither a review nor a refused run is one");
    site.run(&["run", "in.csv", "--yes", "--sandbox"]).exits(0);
    assert_eq!((list(&[]).as_array().unwrap().len(), list(&["--sandbox"]).as_array().unwrap().len()), (0, 1));
    site.run(&["run", "in.csv", "--yes"]).exits(0);
    let run = newest(&site);
    assert!(list(&[&run]).as_array().is_some_and(|rows| rows.len() == 2));
    assert!(list(&["--user", &user(1).to_string()]).as_array().is_some_and(|rows| rows.len() == 1));
    // A bare resume does not pick the rehearsal.
    site.run(&["resume"]).exits(0).warns(&[&run]);
    site.run(&["history", "prune", "--older-than", "400d"]).exits(0).warns(&["0 runs"]);
    assert_eq!(list(&[]).as_array().unwrap().len(), 1);
}

#[test]
fn the_doctor_says_what_is_well_and_what_is_not() {
    let api = Api::holding(members(1));
    let mut site = Site::facing(&api);
    let ended = site.run(&["doctor"]).exits(0);
    let said = format!("{}{}", ended.stdout, ended.stderr);
    assert!(said.contains("a System Admin") && !said.contains("failed"), "{said}");
    site.set("SMARTSHEET_ACCESS_TOKEN", "wrong");
    let ended = site.run(&["doctor"]).exits(3);
    let said = format!("{}{}", ended.stdout, ended.stderr);
    assert!(said.contains("failed") && said.contains("hint: "), "{said}");
}
