//! `seatrun undo`: run, undo, run the undo, and the server is as it was.

use std::collections::BTreeMap;

use seatrun::sandbox::{HOME_PLAN, HeldUser, Operation, Options, Role, SandboxUser, Status, World};

use super::fixture::{Api, Rows, Site, downgrades, members, user};
use super::process::Ended;

const SECOND_PLAN: u64 = HOME_PLAN + 5;

/// The name of the newest run.
fn newest(site: &Site) -> String {
    let text = site.run(&["history", "--json"]).exits(0).stdout;
    let history: serde_json::Value = serde_json::from_str(&text).unwrap();
    history[0]["run"].as_str().unwrap().to_owned()
}

/// Undoes the newest run into a file.
fn undo(site: &Site, file: &str) -> Ended {
    let run = newest(site);
    site.run(&["undo", &run, "-o", file])
}

fn run(site: &Site, file: &str) -> Ended {
    let plan = HOME_PLAN.to_string();
    site.run(&["run", file, "--yes", "--allow-remove", "--max-errors", "100", "--plan-id", &plan])
}

/// What the server holds of everybody.
fn held(api: &Api) -> BTreeMap<u64, HeldUser> {
    api.sandbox.users().into_iter().map(|user| (user.id, user)).collect()
}

/// A user, and the rows that a run has for them: action, plan, seat, admin, group admin, first name.
type Scene = (SandboxUser, &'static [&'static str]);

/// Everybody whose rows can be undone.
fn reversible() -> Vec<Scene> {
    let of = |number| SandboxUser::new(user(number));
    let seated = |number, seat: &str| of(number).seated(HOME_PLAN, seat);
    let guest = |number, seat: &str| SandboxUser { is_internal: false, ..seated(number, seat) };
    let named = |first_name: &str, sandbox_user: SandboxUser| SandboxUser {
        first_name: Some(first_name.into()),
        ..sandbox_user
    };
    let inactive = |number, seat: &str| SandboxUser { status: Status::deactivated_days_ago(3), ..seated(number, seat) };
    let in_two_plans = seated(9, "MEMBER").seated(SECOND_PLAN, "CONTRIBUTOR");
    vec![
        (seated(0, "MEMBER"), &["downgrade,HOME,VIEWER,,,"]),
        (guest(1, "GUEST"), &["upgrade,HOME,MEMBER,,,"]),
        (guest(2, "MEMBER"), &["downgrade,HOME,GUEST,,,"]),
        (seated(3, "VIEWER"), &["upgrade,HOME,,,,"]),
        (seated(4, "MEMBER"), &["deactivate,,,,,"]),
        (seated(5, "VIEWER"), &["deactivate,,,,,"]),
        (inactive(6, "CONTRIBUTOR"), &["reactivate,,,,,"]),
        (inactive(7, "MEMBER"), &["reactivate,,,,,", "downgrade,HOME,CONTRIBUTOR,,,"]),
        (seated(8, "MEMBER"), &["downgrade,HOME,CONTRIBUTOR,,,", "deactivate,,,,,"]),
        (in_two_plans, &["downgrade,HOME,VIEWER,,,", "upgrade,SECOND,MEMBER,,,"]),
        // A group admin has to be licensed, so the right goes first and comes back last.
        (
            SandboxUser { roles: vec![Role::GroupAdmin], ..seated(10, "MEMBER") },
            &["update,,,,false,", "downgrade,HOME,VIEWER,,,"],
        ),
        (named("=1+1", seated(11, "MEMBER")), &["update,,,true,,\"Jo, the only\""]),
        (seated(12, "MEMBER"), &["update,,,,,Jo", "update,,,,true,"]),
    ]
}

/// A file with the rows of these users, those of one user one after the other.
fn file(scenes: &[Scene]) -> String {
    let rows =
        scenes.iter().flat_map(|(sandbox_user, rows)| rows.iter().map(|row| format!("{},{row}\n", sandbox_user.id)));
    let rows = rows.collect::<String>().replace("HOME", &HOME_PLAN.to_string());
    let rows = rows.replace("SECOND", &SECOND_PLAN.to_string());
    format!("user_id,action,plan_id,seat_type,admin,group_admin,first_name\n{rows}")
}

#[test]
fn an_undo_restores_what_was_and_the_undo_of_that_does_it_again() {
    let scenes = reversible();
    let sandbox_users = scenes.iter().map(|(sandbox_user, _)| sandbox_user.clone());
    let api = Api::of(World::holding(sandbox_users), &Options::default());
    let site = Site::facing(&api);
    let at_first = held(&api);
    site.write("in.csv", file(&scenes));
    run(&site, "in.csv").exits(0);
    let after_run = held(&api);
    for (sandbox_user, rows) in &scenes {
        assert_ne!(at_first[&sandbox_user.id], after_run[&sandbox_user.id], "{rows:?} changes something");
    }
    let told = undo(&site, "undo.csv").exits(0).warns(&["undo it before", "seatrun run undo.csv --dry-run"]);
    assert!(told.stdout.is_empty(), "{told}");
    run(&site, "undo.csv").exits(0);
    assert_eq!(held(&api), at_first, "{}", site.read("undo.csv"));
    undo(&site, "again.csv").exits(0);
    run(&site, "again.csv").exits(0);
    assert_eq!(held(&api), after_run, "{}", site.read("again.csv"));
}

#[test]
fn what_cannot_be_undone_is_listed_with_row_and_user_and_reason() {
    let of = |number| SandboxUser::new(user(number));
    let partly = of(2).failing(Operation::Downgrade, "partial".parse().unwrap());
    let scenes: [Scene; 6] = [
        (of(0), &["downgrade,HOME,VIEWER,,,"]),
        (of(1), &["remove,HOME,,,,"]),
        (partly, &["downgrade,HOME,VIEWER,,,"]),
        (of(3).seated(HOME_PLAN, "PROVISIONAL_MEMBER"), &["downgrade,HOME,VIEWER,,,"]),
        (SandboxUser { first_name: Some(String::new()), ..of(4) }, &["update,,,,,Jo"]),
        // Nothing to undo: refused.
        (SandboxUser { roles: vec![Role::GroupAdmin], ..of(5) }, &["downgrade,HOME,VIEWER,,,"]),
    ];
    let api = Api::holding(scenes.iter().map(|(sandbox_user, _)| sandbox_user.clone()));
    let site = Site::facing(&api);
    site.write("in.csv", file(&scenes));
    run(&site, "in.csv").exits(1);
    let listed = |row: u64, number, what: &str| format!("row {row}, user {}, cannot be undone: {what}", user(number));
    let expected = [
        listed(3, 1, "remove: a removal cannot be reversed"),
        listed(4, 2, "downgrade: the API did it only in part (PARTIAL_SUCCESS)"),
        listed(5, 3, "downgrade: the seat before was a trial (PROVISIONAL_MEMBER)"),
        listed(6, 4, "update: firstName was empty before"),
    ];
    let told = undo(&site, "undo.csv").exits(1).warns(&expected.each_ref().map(String::as_str));
    assert_eq!(told.stderr.matches("cannot be undone").count(), expected.len(), "{told}");
    let rows = Rows::of(&site.read("undo.csv"));
    assert_eq!(rows.column("user_id"), [user(0).to_string()]);
    let reason = rows.column("reason")[0];
    assert!(
        reason.starts_with("undoes row 2 of run ") && reason.contains("downgrade from MEMBER to VIEWER"),
        "{reason}"
    );
    run(&site, "undo.csv").exits(0);
    assert_eq!(api.seat(0), "MEMBER");
}

#[test]
fn a_run_that_changed_nothing_has_an_empty_undo() {
    let api = Api::holding(members(3).map(|sandbox_user| sandbox_user.seated(HOME_PLAN, "VIEWER")));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(3));
    run(&site, "in.csv").exits(0);
    undo(&site, "undo.csv").exits(0).warns(&["has changed nothing"]);
    let header = "user_id,email,name,action,plan_id,seat_type,admin,licensed_sheet_creator,group_admin,resource_viewer,\
                  first_name,last_name,reason,result_key\n";
    assert_eq!(site.read("undo.csv"), header);
}

#[test]
fn neither_the_input_nor_the_report_of_the_run_is_replaced_and_a_dash_is_standard_output() {
    let api = Api::holding(members(1));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(1));
    run(&site, "in.csv").exits(0);
    let (input, report) = (site.read("in.csv"), site.read("in.report.csv"));
    undo(&site, "in.csv").exits(2).warns(&["would replace the input", "--output"]);
    undo(&site, "in.report.csv").exits(2).warns(&["would replace the report of the run", "--output"]);
    assert_eq!((site.read("in.csv"), site.read("in.report.csv")), (input, report));
    let told = undo(&site, "-").exits(0);
    assert_eq!(Rows::of(&told.stdout).column("action"), ["upgrade"]);
    site.run(&["undo", "20200101-000000-none", "-o", "undo.csv"]).exits(3).warns(&["seatrun history"]);
}

#[test]
fn what_is_under_way_is_not_undone_and_what_was_interrupted_only_as_far_as_it_went() {
    let api = Api::slowly_holding(members(30), "100");
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(30));
    let running = site.start(&["run", "in.csv", "--yes", "--concurrency", "1"]);
    api.until_changes(2);
    undo(&site, "undo.csv").exits(6).warns(&["another run for this account is under way", "then undo"]);
    running.signal("TERM");
    running.wait().exits(143);
    undo(&site, "undo.csv").exits(0).warns(&["is not finished", "seatrun resume"]);
    let done = site.report("in.report.csv").counts()["SUCCESS"];
    assert!((2..30).contains(&done), "{done}");
    assert_eq!(Rows::of(&site.read("undo.csv")).0.len() as u64, done);
}

#[test]
fn runs_that_have_changed_the_same_users_since_are_named() {
    let api = Api::holding(members(2));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(2));
    run(&site, "in.csv").exits(0);
    let first = newest(&site);
    site.write("up.csv", format!("user_id,action,plan_id\n{},upgrade,{HOME_PLAN}\n", user(1)));
    run(&site, "up.csv").exits(0);
    let second = newest(&site);
    let warning = format!("run {second} has changed 1 of these users since");
    site.run(&["undo", &first, "-o", "undo.csv"]).exits(0).warns(&[&warning]);
}

#[test]
fn a_rehearsal_is_undone_from_its_own_ledger() {
    let site = Site::new();
    site.write("in.csv", downgrades(2));
    site.run(&["run", "in.csv", "--sandbox", "--yes"]).exits(0);
    let text = site.run(&["history", "--sandbox", "--json"]).exits(0).stdout;
    let history: serde_json::Value = serde_json::from_str(&text).unwrap();
    let run = history[0]["run"].as_str().unwrap();
    site.run(&["undo", run, "-o", "undo.csv"]).exits(3);
    site.run(&["undo", run, "-o", "undo.csv", "--sandbox"]).exits(0).warns(&["undo.csv --dry-run --sandbox"]);
    assert_eq!(Rows::of(&site.read("undo.csv")).column("seat_type"), ["MEMBER", "MEMBER"]);
}
