//! Exit codes: a contract with scripts. Each is reached, and what goes with it holds.

use std::collections::BTreeMap;

use seatrun::sandbox::{Operation, SandboxUser, World};

use super::fixture::{Api, Site, downgrades, failing, members, user};
use super::process::Ended;

/// Runs `rows` below a header with `user_id`, `action` and `first_name`.
fn run(api: &Api, rows: &str, arguments: &[&str]) -> (Site, Ended) {
    let site = Site::facing(api);
    site.write("in.csv", format!("user_id,action,seat_type,first_name\n{rows}"));
    let ended = site.run(&[&["run", "in.csv"], arguments].concat());
    (site, ended)
}

#[test]
fn zero_means_that_no_row_is_left_to_look_at() {
    let (one, two) = (user(0), user(1));
    let rows = format!("{one},downgrade,VIEWER,\n{two},upgrade,,\n{one},downgrade,viewer,\n{two},update,,Bo\n");
    let (site, ended) = run(&Api::holding(members(2)), &rows, &["--dry-run"]);
    ended.exits(0);
    assert_eq!(site.report("in.review.csv").statuses(), ["PLANNED", "UNCHANGED", "SKIPPED", "PLANNED"]);
    let api = Api::holding(members(2));
    let (site, ended) = run(&api, &rows, &["--yes"]);
    ended.exits(0).warns(&["4 rows of in.csv", "SUCCESS               2", "report: in.report.csv"]);
    assert_eq!(site.report("in.report.csv").statuses(), ["SUCCESS", "UNCHANGED", "SKIPPED", "SUCCESS"]);
    assert_eq!((api.seat(0).as_str(), api.sandbox.user(two).unwrap().first_name.as_str()), ("CONTRIBUTOR", "Bo"));
    // A second time there is nothing left to do.
    let (site, ended) = run(&api, &rows, &["--yes"]);
    ended.exits(0);
    assert_eq!(site.report("in.report.csv").statuses(), ["UNCHANGED", "UNCHANGED", "SKIPPED", "UNCHANGED"]);
}

#[test]
fn one_means_that_some_row_is_left_to_look_at() {
    for (fault, status) in [("1014", "FAILED"), ("partial", "PARTIAL_SUCCESS")] {
        let api = Api::holding([failing(0, fault), SandboxUser::new(user(1))]);
        let site = Site::facing(&api);
        site.write("in.csv", downgrades(2));
        site.run(&["run", "in.csv", "--yes"]).exits(1);
        assert_eq!(site.report("in.report.csv").statuses(), [status, "SUCCESS"]);
    }
    for (arguments, status) in [(["--yes", "--max-invalid=50%"], "SUCCESS"), (["--dry-run", "-q"], "PLANNED")] {
        let api = Api::holding(members(1));
        let (site, ended) = run(&api, &format!("{},downgrade,VIEWER,\nBo,downgrade,VIEWER,\n", user(0)), &arguments);
        ended.exits(1);
        let name = if status == "PLANNED" { "in.review.csv" } else { "in.report.csv" };
        assert_eq!(site.report(name).statuses(), [status, "INVALID"]);
    }
    // Of a dry run, also what a run would refuse to do.
    let api = Api::holding(members(1));
    let (_, ended) = run(&api, &format!("{},downgrade,VIEWER,\n", user(0)), &["--dry-run", "--max-changes=0"]);
    ended.exits(1).warns(&["a run would be refused: the file would change 1 user, and --max-changes is 0"]);
    let myself = World::holding([]).own_user();
    let (site, ended) = run(&api, &format!("{myself},deactivate,,\n"), &["--dry-run"]);
    ended.exits(1);
    assert_eq!(site.report("in.review.csv").statuses(), ["BLOCKED"]);
}

#[test]
fn two_means_wrong_usage_or_settings_and_nothing_is_asked_of_the_api() {
    let api = Api::holding(members(1));
    let table: [(&[&str], &str); 14] = [
        (&["run"], "<INPUT>"),
        (&["run", "in.csv", "--wat"], "--wat"),
        (&["run", "in.csv", "--action", "promote"], "promote"),
        (&["run", "in.csv", "--seat-type", "ADMIN"], "ADMIN"),
        (&["run", "in.csv", "--plan-id", "12x"], "12x"),
        (&["run", "in.csv", "--rate", "often"], "often"),
        (&["run", "in.csv", "--rate", "0", "--api-url", "us"], "loopback"),
        (&["run", "in.csv", "--offline"], "--dry-run"),
        (&["run", "in.csv", "--api-url", "http://api.smartsheet.com/2.0"], "http"),
        (&["run", "in.csv", "--map", "wage=Wage"], "wage"),
        (&["run", "in.csv", "--only", "FAILED"], "result_status"),
        (&["run", "in.csv", "--config", "none.toml"], "none.toml"),
        (&["run", "in.csv", "--config", "bad.toml"], "bad.toml"),
        (&["run", "in.csv", "--profile", "nobody"], "nobody"),
    ];
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(1));
    site.write("bad.toml", "rate = 5\n\nspeed = 7\n");
    for (arguments, named) in table {
        site.run(arguments).exits(2).warns(&[named]);
    }
    site.run(&["run", "in.csv", "--config", "bad.toml"]).exits(2).warns(&["speed", "3"]);
    assert_eq!(api.sandbox.request_count(), 0);
    assert_eq!(site.names(), ["bad.toml", "in.csv"]);
}

#[test]
fn three_means_refused_and_nothing_changed_and_the_report_says_so_for_every_row() {
    let table: [(&[&str], &str); 3] = [
        (&["--yes", "--max-changes", "2"], "the file would change 3 users, and --max-changes is 2"),
        (&["--yes", "--api-url", "GONE"], "cannot be reached"),
        (&[], "--yes"),
    ];
    let api = Api::holding(members(3));
    let gone = Api::gone();
    for (arguments, why) in table {
        let arguments: Vec<_> =
            arguments.iter().map(|word| if *word == "GONE" { gone.as_str() } else { word }).collect();
        let site = Site::facing(&api);
        site.write("in.csv", downgrades(3));
        site.run(&[&["run", "in.csv"], &arguments[..]].concat()).exits(3).warns(&[
            "error: ",
            why,
            "NOT_ATTEMPTED         3",
        ]);
        let report = site.report("in.report.csv");
        assert_eq!(report.statuses(), ["NOT_ATTEMPTED"; 3], "{arguments:?}");
        assert!(report.column("result_message").iter().all(|message| message.contains("refused")), "{report:?}");
    }
    assert_eq!(api.changes().len(), 0);
}

#[test]
fn three_means_that_the_token_or_its_user_may_not() {
    let api = Api::holding(members(2));
    let mut site = Site::facing(&api);
    site.write("in.csv", downgrades(2));
    site.set("SMARTSHEET_ACCESS_TOKEN", "someone-elses-token");
    site.run(&["run", "in.csv", "--yes"]).exits(3).warns(&["the token is not accepted", "SMARTSHEET_ACCESS_TOKEN"]);
    assert_eq!(site.report("in.report.csv").statuses(), ["NOT_ATTEMPTED"; 2]);
    site.set("SMARTSHEET_ACCESS_TOKEN", "");
    site.run(&["run", "in.csv", "--yes"]).exits(3).warns(&["there is no token", "hint: set SMARTSHEET_ACCESS_TOKEN"]);
    assert_eq!(api.changes().len(), 0);

    // Somebody who is not a System Admin.
    let api = Api::of(World::holding(members(2)).with_own_user(user(1)), &seatrun::sandbox::Options::default());
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(1));
    site.run(&["run", "in.csv", "--yes"]).exits(3).warns(&["is not a System Admin"]);
    assert_eq!(site.report("in.report.csv").statuses(), ["NOT_ATTEMPTED"]);
    assert_eq!(api.changes().len(), 0);
}

#[test]
fn four_means_stopped_on_the_way() {
    let rows = 24;
    let sandbox_users = || members(rows).skip(12);
    let dead_token = || {
        (0..12).map(|number| if number == 11 { failing(11, "401-for-good") } else { SandboxUser::new(user(number)) })
    };
    let refused = || (0..12).map(|number| failing(number, "1014"));
    let slow = || [failing(0, "429-silent")].into_iter().chain(members(12).skip(1));
    let table: [(Vec<SandboxUser>, &[&str], &str, &str); 4] = [
        (dead_token().collect(), &[], "token", "FAILED"),
        (refused().collect(), &["--max-errors", "3"], "--max-errors is 3", "FAILED"),
        (refused().collect(), &["--max-errors", "50%"], "--max-errors is 50%", "FAILED"),
        (slow().collect(), &["--deadline", "1s"], "deadline", "NOT_ATTEMPTED"),
    ];
    for (first, arguments, why, bad) in table {
        let api = Api::holding(first.into_iter().chain(sandbox_users()));
        let site = Site::facing(&api);
        site.write("in.csv", downgrades(rows));
        let arguments = [&["run", "in.csv", "--yes", "--concurrency", "1"], arguments].concat();
        site.run(&arguments).exits(4).warns(&[why, "hint: `seatrun resume` carries on"]);
        let report = site.report("in.report.csv");
        let counts = report.counts();
        assert_eq!(counts.values().sum::<u64>(), rows, "{counts:?}");
        assert!(counts["NOT_ATTEMPTED"] > 0 && counts.contains_key(bad), "{arguments:?}: {counts:?}");
        for (number, status) in (0..).zip(report.statuses()) {
            assert_eq!(status == "SUCCESS", api.seat(number) == "CONTRIBUTOR", "{arguments:?}, row {}", number + 2);
        }
    }
}

#[test]
fn five_means_that_all_is_done_and_the_report_is_lost() {
    let api = Api::holding(members(2));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(2));
    let ended = site.run(&["run", "in.csv", "--yes", "-o", "/dev/full", "--summary-json", "summary.json"]).exits(5);
    ended.warns(&["the report could not be written", "hint: `seatrun report ", "SUCCESS               2"]);
    assert_eq!((api.seat(0), api.seat(1)), ("CONTRIBUTOR".to_owned(), "CONTRIBUTOR".to_owned()));
    let summary: serde_json::Value = serde_json::from_str(&site.read("summary.json")).unwrap();
    assert_eq!((&summary["exit_code"], &summary["counts"]["SUCCESS"]), (&5.into(), &2.into()));
}

#[test]
fn a_review_that_could_not_be_written_is_not_offered_to_anybody() {
    let site = Site::new();
    site.write("in.csv", downgrades(2));
    let ended = site.run(&["run", "in.csv", "--dry-run", "--offline", "-o", "/dev/full"]).exits(5);
    let ended = ended.warns(&["the report /dev/full could not be written: No space left", "PLANNED               2"]);
    assert!(!ended.stderr.contains("then run: seatrun run"), "{}", ended.stderr);
}

#[test]
fn six_means_that_another_run_is_under_way_and_a_dead_one_is_none() {
    let api = Api::holding([failing(0, "stall-before"), SandboxUser::new(user(1))]);
    let site = Site::facing(&api);
    site.write("first.csv", downgrades(1));
    site.write("second.csv", downgrades(2));
    let first = site.start(&["run", "first.csv", "--yes"]);
    api.until_changes(1);
    let holder = format!("process {}", first.pid());
    let ended = site.run(&["run", "second.csv", "--yes"]).exits(6);
    ended.warns(&["another run for this account is under way", &holder, "first.csv", "--wait"]);
    assert_eq!(api.changes().len(), 1);
    first.signal("KILL");
    first.wait();
    site.run(&["run", "second.csv", "--yes"]).exits(0);
    assert_eq!(site.report("second.report.csv").counts(), BTreeMap::from([("SUCCESS", 2)]));
}

#[test]
fn seventy_means_a_bug_in_seatrun() {
    let api = Api::holding([SandboxUser::new(user(0)).failing(Operation::Downgrade, "1124".parse().unwrap())]);
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(1));
    site.run(&["run", "in.csv", "--yes"]).exits(70).warns(&["please report this"]);
}
