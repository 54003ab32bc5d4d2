//! Each fault that the sandbox knows, and how its row is settled: the row says what was done, and what was done is what
//! the file asked for.

use std::collections::BTreeSet;

use seatrun::sandbox::{Fault, HOME_PLAN, Operation, SandboxUser};

use super::fixture::{Api, Site, failing, members, user};

/// A fault, the row's status, the changes sent for it, and the seat in the end.
type Claim = (&'static str, &'static str, &'static str, &'static str);

const DONE: &str = "CONTRIBUTOR";
const LEFT: &str = "MEMBER";

/// Faults that a run lives through in a few seconds, and some of the documented error codes.
const SETTLED: [Claim; 31] = [
    ("429", "SUCCESS", "2", DONE),
    ("429-date", "SUCCESS", "2", DONE),
    ("4001", "SUCCESS", "2", DONE),
    ("4000", "FAILED", "1", LEFT),
    ("4002", "SUCCESS", "2", DONE),
    ("4002-applied", "SUCCESS", "1", DONE),
    ("4004", "SUCCESS", "2", DONE),
    ("502", "SUCCESS", "2", DONE),
    ("502-applied", "SUCCESS", "1", DONE),
    ("504-applied", "SUCCESS", "1", DONE),
    ("partial", "PARTIAL_SUCCESS", "1", DONE),
    ("partial-not-applied", "PARTIAL_SUCCESS", "1", LEFT),
    // Only --verify looks whether it is so.
    ("untrue", "SUCCESS", "1", LEFT),
    ("html", "SUCCESS", "2", DONE),
    ("unknown-fields", "SUCCESS", "1", DONE),
    ("cut", "SUCCESS", "1", DONE),
    ("stall", "SUCCESS", "1", DONE),
    ("stall-before", "SUCCESS", "2", DONE),
    ("reset", "SUCCESS", "2", DONE),
    ("reset-applied", "SUCCESS", "1", DONE),
    ("1006", "FAILED", "1", LEFT),
    ("1014", "FAILED", "1", LEFT),
    ("1013", "FAILED", "1", LEFT),
    // Not an admin, or not in the plan: as the token's user is an admin, only the row fails.
    ("1004", "FAILED", "1", LEFT),
    ("1076", "FAILED", "1", LEFT),
    ("1188", "FAILED", "1", LEFT),
    ("1359", "FAILED", "1", LEFT),
    // One of these among answers that are fine is not believed, and the user is read back.
    ("401", "SUCCESS", "2", DONE),
    ("redirect", "SUCCESS", "2", DONE),
    // The free seat's other name is tried once after any 400 that may be about the name.
    ("5697", "SUCCESS", "2", DONE),
    ("1031", "SUCCESS", "2", DONE),
];

/// Faults that stop a run, would hold it for longer than a test should take, or are about an update.
const ELSEWHERE: [&str; 6] = ["401-for-good", "429-silent", "4001-silent", "lost", "echo-id", "echo-name"];

fn input(faults: &[Claim]) -> String {
    let rows = (0..)
        .zip(faults)
        .map(|(number, (fault, ..))| format!("{},downgrade,{HOME_PLAN},CONTRIBUTOR,{fault}\n", user(number)));
    format!("user_id,action,plan_id,seat_type,sandbox_fault\n{}", rows.collect::<String>())
}

#[test]
fn no_fault_is_left_out() {
    let named: BTreeSet<_> = SETTLED.iter().map(|(fault, ..)| *fault).chain(ELSEWHERE).collect();
    let missing: Vec<_> = Fault::names().filter(|name| !named.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_fault_is_settled_by_what_was_really_done() {
    let api = Api::holding((0..).zip(SETTLED).map(|(number, (fault, ..))| failing(number, fault)));
    let mut site = Site::facing(&api);
    site.set("SEATRUN_REQUEST_TIMEOUT", "1s");
    site.write("in.csv", input(&SETTLED));
    site.run(&["run", "in.csv", "--yes", "--max-errors", "100"]).exits(1);
    let report = site.report("in.report.csv");
    assert_eq!(report.0.len(), SETTLED.len());
    for ((number, (fault, status, attempts, seat)), row) in (0..).zip(SETTLED).zip(&report.0) {
        let told = (row["result_status"].as_str(), row["result_attempts"].as_str());
        assert_eq!((told, api.seat(number).as_str()), ((status, attempts), seat), "{fault}: {row:?}");
        let sent = api.changes().iter().filter(|request| request.user == Some(user(number))).count();
        assert_eq!(sent.to_string(), attempts, "{fault}");
        // What the API said last is in the row, refusals with their reference.
        let refused = api
            .changes()
            .into_iter()
            .filter(|request| request.user == Some(user(number)))
            .find_map(|request| request.refused);
        if let (Some((code, reference)), "FAILED") = (refused, status) {
            assert_eq!((&row["result_error_code"], &row["result_ref_id"]), (&code.to_string(), &reference), "{fault}");
        }
        let code = match (status, row["result_http_status"].as_str()) {
            ("SUCCESS", "200") => "0",
            ("PARTIAL_SUCCESS", _) => "3",
            _ => "",
        };
        assert_eq!(row["result_code"], code, "{fault}: {row:?}");
    }
}

#[test]
fn the_column_asks_for_the_same_faults_in_a_rehearsal_and_a_real_run_only_carries_it_along() {
    let mut site = Site::new();
    site.set("SEATRUN_REQUEST_TIMEOUT", "1s");
    // The last two are about the free seat's other name, which a tenant past its sunset refuses as well.
    let rehearsed = &SETTLED[..SETTLED.len() - 2];
    site.write("in.csv", input(rehearsed));
    site.run(&["run", "in.csv", "--yes", "--sandbox", "--max-errors", "100"]).exits(1);
    let report = site.report("in.report.csv");
    for (&(fault, status, attempts, _), row) in rehearsed.iter().zip(&report.0) {
        let told = (row["sandbox_fault"].as_str(), row["result_status"].as_str(), row["result_attempts"].as_str());
        assert_eq!(told, (fault, status, attempts), "{row:?}");
    }
    let api = Api::holding(members(2));
    let site = Site::facing(&api);
    site.write("in.csv", input(&[SETTLED[3], SETTLED[10]]));
    site.run(&["run", "in.csv", "--yes"]).exits(0);
    assert_eq!(site.report("in.report.csv").column("sandbox_fault"), ["4000", "partial"]);
    site.write("in.csv", input(&[("boom", "", "", "")]));
    site.run(&["run", "in.csv", "--yes"]).exits(0);
    site.run(&["run", "in.csv", "--yes", "--sandbox"]).exits(3).warns(&[
        "row 2",
        "sandbox_fault",
        "boom",
        "429-silent",
    ]);
}

#[test]
fn a_server_that_names_no_time_gets_a_minute_and_the_row_waits_for_it() {
    for fault in ["429-silent", "4001-silent"] {
        let api = Api::holding([failing(0, fault), SandboxUser::new(user(1))]);
        let site = Site::facing(&api);
        site.write("in.csv", input(&[SETTLED[0], SETTLED[0]]));
        let ended = site.run(&["run", "in.csv", "--yes", "--concurrency", "1", "--deadline", "1s"]).exits(4);
        ended.warns(&["paused for 1m"]);
        let report = site.report("in.report.csv");
        assert_eq!(report.statuses(), ["NOT_ATTEMPTED"; 2]);
        assert!(report.0[0]["result_message"].contains("tried without effect"), "{report:?}");
        assert_eq!((api.changes().len(), api.seat(0), api.seat(1)), (1, LEFT.to_owned(), LEFT.to_owned()));
    }
}

#[test]
fn what_nobody_can_tell_is_unknown_and_holds_back_the_users_later_rows() {
    let plan = HOME_PLAN;
    let doubt = failing(0, "4000").failing(Operation::Plans, "1020".parse().unwrap());
    let api = Api::holding([doubt, failing(1, "lost")]);
    let site = Site::facing(&api);
    let (one, two) = (user(0), user(1));
    let rows = format!("{one},downgrade,VIEWER\n{one},deactivate,\n{two},downgrade,VIEWER\n");
    site.write("in.csv", format!("user_id,action,seat_type\n{rows}"));
    let plan = plan.to_string();
    // Without a look at the seats first, which would meet the refusal that is meant for reading back.
    site.run(&["run", "in.csv", "--yes", "--plan-id", &plan, "--deadline", "3s", "--no-preflight"]).exits(4);
    let report = site.report("in.report.csv");
    assert_eq!(report.statuses(), ["UNKNOWN", "NOT_ATTEMPTED", "UNKNOWN"]);
    assert!(report.0[1]["result_message"].contains("row 2, of the same user, ended as UNKNOWN"), "{report:?}");
    assert_eq!((api.seat(0).as_str(), api.sandbox.status_of(one)), (LEFT, Some("ACTIVE")));
}

#[test]
fn every_action_survives_a_lost_answer() {
    let plan = HOME_PLAN;
    let operations = [
        ("downgrade", Operation::Downgrade, "VIEWER"),
        ("upgrade", Operation::Upgrade, "MEMBER"),
        ("deactivate", Operation::Deactivate, ""),
        ("reactivate", Operation::Reactivate, ""),
        ("remove", Operation::Remove, ""),
        ("update", Operation::Update, ""),
    ];
    for fault in ["reset-applied", "502", "cut"] {
        let sandbox_users = (0..).zip(operations).map(|(number, (_, operation, _))| {
            let sandbox_user = SandboxUser::new(user(number)).failing(operation, fault.parse().unwrap());
            match operation {
                Operation::Upgrade => sandbox_user.seated(plan, "VIEWER"),
                Operation::Reactivate => {
                    SandboxUser { status: seatrun::sandbox::Status::deactivated_days_ago(3), ..sandbox_user }
                }
                Operation::Downgrade
                | Operation::Deactivate
                | Operation::Remove
                | Operation::Update
                | Operation::Plans => sandbox_user,
            }
        });
        let api = Api::holding(sandbox_users);
        let mut site = Site::facing(&api);
        site.set("SEATRUN_LANDING_TIME", "1s");
        let rows = (0..).zip(operations).map(|(number, (action, _, seat))| {
            let name = if action == "update" { "Zoë" } else { "" };
            format!("{},{action},{plan},{seat},{name}\n", user(number))
        });
        site.write("in.csv", format!("user_id,action,plan_id,seat_type,first_name\n{}", rows.collect::<String>()));
        site.run(&["run", "in.csv", "--yes", "--allow-remove"]).exits(0);
        let sandbox = &api.sandbox;
        assert_eq!(site.report("in.report.csv").statuses(), ["SUCCESS"; 6], "{fault}");
        assert_eq!((api.seat(0).as_str(), api.seat(1).as_str()), (DONE, LEFT));
        assert_eq!(sandbox.status_of(user(2)), Some("DEACTIVATED"));
        assert_eq!(sandbox.status_of(user(3)), Some("ACTIVE"));
        assert_eq!(sandbox.seat_of(user(4), plan), None);
        assert_eq!(sandbox.user(user(5)).unwrap().first_name, "Zoë");
    }
}
