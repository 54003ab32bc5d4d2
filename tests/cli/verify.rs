//! `--verify`: what the API said was done is read back, and what is found is reported.

use seatrun::sandbox::{HOME_PLAN, Operation, SandboxUser};

use super::fixture::{Api, Site, downgrades, failing, members, user};

#[test]
fn each_changed_user_is_read_back_and_a_success_that_is_not_so_is_unknown() {
    let refused =
        |number, fault: &str| SandboxUser::new(user(number)).failing(Operation::Plans, fault.parse().unwrap());
    let untrue = SandboxUser::new(user(5)).failing(Operation::Deactivate, "untrue".parse().unwrap());
    let sandbox_users = [failing(1, "untrue"), failing(2, "partial-not-applied"), refused(3, "1004"), untrue];
    let api = Api::holding(members(1).chain(sandbox_users).chain([SandboxUser::new(user(4))]));
    let site = Site::facing(&api);
    let deactivations: String = [4, 5].map(|number| format!("{},deactivate,,\n", user(number))).concat();
    site.write("in.csv", downgrades(4) + &deactivations);
    site.run(&["run", "in.csv", "--yes", "--verify", "--max-errors", "100"]).exits(1);
    let report = site.report("in.report.csv");
    let table = [
        ("SUCCESS", "0", "VIEWER", "read back: the seat is VIEWER"),
        ("UNKNOWN", "0", "MEMBER", "the API said SUCCESS, and reading back shows MEMBER"),
        ("PARTIAL_SUCCESS", "3", "MEMBER", "so it is not done"),
        // Reading this user alone is refused, and a page shows the seat.
        ("SUCCESS", "0", "VIEWER", "read back: the seat is VIEWER"),
        ("SUCCESS", "0", "", "deactivated; read back: the user is DEACTIVATED"),
        ("UNKNOWN", "0", "", "the API said SUCCESS, and reading back shows that the user is ACTIVE"),
    ];
    for ((status, code, seat, message), row) in table.into_iter().zip(&report.0) {
        let found = (&*row["result_status"], &*row["result_code"], &*row["result_seat_after"]);
        assert_eq!(found, (status, code, seat), "{row:?}");
        assert!(row["result_message"].contains(message), "{row:?}");
        assert_eq!(row["result_attempts"], "1", "{row:?}");
    }
    assert_eq!(api.changes().len(), 6, "nothing was sent twice");
    // A resumed run reads what is unknown, and sends it again where that shows it undone.
    site.run(&["resume", "--yes"]).exits(1);
    let expected = ["SUCCESS", "SUCCESS", "PARTIAL_SUCCESS", "SUCCESS", "SUCCESS", "SUCCESS"];
    assert_eq!(site.report("in.report.csv").statuses(), expected);
    assert_eq!(api.seat(1), "CONTRIBUTOR");
}

#[test]
fn a_run_that_is_stopped_before_it_has_read_back_says_so_and_a_resumed_one_reads_without_sending() {
    let api = Api::slowly_holding(members(3), "250");
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(3));
    let running = site.start(&["run", "in.csv", "--yes", "--verify", "--concurrency", "1"]);
    api.until_changes(1);
    running.signal("TERM");
    running.wait().exits(143);
    let report = site.report("in.report.csv");
    assert_eq!(report.statuses(), ["SUCCESS", "NOT_ATTEMPTED", "NOT_ATTEMPTED"]);
    let message = report.column("result_message")[0];
    assert!(message.contains("the API said SUCCESS, and it was not verified"), "{message}");
    site.run(&["resume", "--yes"]).exits(0);
    let report = site.report("in.report.csv");
    assert_eq!(report.statuses(), ["SUCCESS"; 3]);
    assert_eq!(report.column("result_seat_after"), ["VIEWER"; 3], "it verifies as the run was started");
    let sent = api.changes();
    assert_eq!(sent.len(), 3, "each was sent once: {sent:?}");
    assert!(sent.iter().all(|request| request.path.contains(&HOME_PLAN.to_string())));
}

#[test]
fn what_verifying_costs_is_in_the_review() {
    let site = Site::new();
    site.write("in.csv", downgrades(4) + &format!("{},plans,,\n", user(9)));
    for (arguments, requests) in [(vec![], "5 requests"), (vec!["--verify"], "9 requests")] {
        let review = ["run", "in.csv", "--dry-run", "--offline"].into_iter().chain(arguments).collect::<Vec<_>>();
        site.run(&review).exits(0).warns(&[requests]);
    }
}
