//! Guards: what looks like an accident is refused before anything is changed, with the numbers and what lifts it.

use seatrun::sandbox::{HOME_PLAN, Options, Role, SandboxUser, World};
use serde_json::Value;

use super::fixture::{Api, Site, downgrades, failing, members, user};
use super::process::Ended;

/// The sandbox's account.
const ACCOUNT: &str = "5094772010117508";

/// What was asked of the API, in order.
fn asked(api: &Api) -> Vec<String> {
    api.sandbox.requests().into_iter().map(|request| request.path).collect()
}

/// Runs three downgrades under these settings.
fn run_under(api: &Api, settings: &str, arguments: &[&str]) -> (Site, Ended) {
    let site = Site::facing(api);
    site.write("c.toml", settings);
    site.write("in.csv", downgrades(3));
    let ended = site.run(&[&["run", "in.csv", "--config", "c.toml"], arguments].concat());
    (site, ended)
}

#[test]
fn per_cent_of_changes_are_of_the_plans_users() {
    // Nine members and the token's own user.
    let api = || Api::holding(members(9));
    let settings = "max_changes = \"20%\"";
    let refused =
        format!("the file would change 3 of the 10 users of plan {HOME_PLAN} (30.0%), and --max-changes is 20%");
    let first = api();
    let (site, ended) = run_under(&first, settings, &["--yes"]);
    ended.exits(3).warns(&[&format!("error: {refused}"), "--max-changes 30% allows it"]);
    assert_eq!(site.report("in.report.csv").statuses(), ["NOT_ATTEMPTED"; 3]);
    run_under(&first, settings, &["--dry-run"]).1.exits(1).warns(&[&format!("a run would be refused: {refused}")]);
    // Nobody knows how many users the plan has.
    let (_, ended) = run_under(&first, settings, &["--yes", "--no-preflight"]);
    ended.exits(3).warns(&[
        "the number of users in plan 4843937635559300 is unknown",
        "--max-changes as a number, or run without --no-preflight",
    ]);
    assert_eq!(first.changes().len(), 0);
    // Above a quarter of the plan there is a warning, whatever the limit.
    let (_, ended) = run_under(&first, settings, &["--yes", "--max-changes", "30%"]);
    ended.exits(0).warns(&[&format!("warning: the file would change 3 of the 10 users of plan {HOME_PLAN} (30.0%)")]);
    let many = Api::holding(members(20));
    let (_, ended) = run_under(&many, settings, &["--yes"]);
    assert!(!ended.exits(0).stderr.contains("the file would change"));
    // A rehearsal holds the users of the file and nobody else.
    run_under(&many, settings, &["--yes", "--sandbox"]).1.exits(0);
}

#[test]
fn protected_users_are_skipped_with_the_entry_that_protects_them() {
    let (first, second) = (user(0), user(1));
    let table = [
        (format!("protected = [\n  {first},\n]"), format!("`{first}` in c.toml:2 protects this user")),
        (format!("protected = \"user.{first}@example.com\""), format!("`user.{first}@example.com` in c.toml:1")),
        (format!("protected = [\"nobody@acme.example\", {first}]"), format!("`{first}` in c.toml:1")),
    ];
    for (settings, named) in table {
        let api = Api::holding(members(3));
        let (site, ended) = run_under(&api, &settings, &["--yes"]);
        ended.exits(0);
        let report = site.report("in.report.csv");
        assert_eq!(report.statuses(), ["SKIPPED", "SUCCESS", "SUCCESS"], "{settings}");
        let message = report.column("result_message")[0];
        assert!(message.contains("protected user") && message.contains(&named), "{message}");
        assert_eq!((api.seat(0).as_str(), api.seat(1).as_str()), ("MEMBER", "CONTRIBUTOR"));
    }
    // Settings protect together; a whole domain is protected whether the row or the API tells the address.
    let api = Api::holding(members(3));
    let mut site = Site::facing(&api);
    site.set("SEATRUN_PROTECTED", "*@board.example, *@example.com");
    site.write("in.csv", downgrades(3));
    site.run(&["run", "in.csv", "--dry-run"]).exits(0);
    assert_eq!(site.report("in.review.csv").statuses(), ["SKIPPED"; 3]);
    // Without reading, the rows would have to tell.
    site.run(&["run", "in.csv", "--yes", "--no-preflight"]).exits(3).warns(&[
        "cannot tell whether 3 users (first: row 2) are protected by `*@board.example` (SEATRUN_PROTECTED)",
        "hint: add the addresses in a column `email`, or run without --no-preflight",
    ]);
    site.write("mails.csv", format!("email,action\nuser.{second}@example.com,deactivate\n"));
    site.run(&["run", "mails.csv", "--yes", "--no-preflight"]).exits(0);
    assert_eq!(site.report("mails.report.csv").statuses(), ["SKIPPED"]);
    // Rows that change nothing need no protection.
    site.write("plans.csv", format!("user_id,action\n{first},plans\n"));
    site.run(&["run", "plans.csv", "--yes"]).exits(0);
    assert_eq!(site.report("plans.report.csv").statuses(), ["SUCCESS"]);
    assert_eq!(api.changes().len(), 0);
}

#[test]
fn another_account_or_plan_than_the_expected_one_is_refused_before_anything_else_is_read() {
    let other = "4843937635559399";
    let table = [
        ("expect_account = \"Acme\"".to_owned(), "`Seatrun Sandbox` (account 5094772010117508), and expect_account"),
        (
            format!("expect_plan = {other}"),
            "rows 2, 3 and 4 would change users of plan 4843937635559300, and expect_plan",
        ),
    ];
    for (settings, why) in table {
        let api = Api::holding(members(3));
        let (site, ended) = run_under(&api, &settings, &["--yes"]);
        ended.exits(3).warns(&[why, "c.toml:1", "hint: "]);
        assert_eq!(site.report("in.report.csv").statuses(), ["NOT_ATTEMPTED"; 3]);
        let (site, ended) = run_under(&api, &settings, &["--dry-run"]);
        ended.exits(1).warns(&["a run would be refused: ", why]);
        assert_eq!(site.report("in.review.csv").statuses(), ["PLANNED"; 3]);
        assert_eq!(asked(&api), ["/2.0/users/me"; 2], "nothing but whose token it is");
        let doctor = site.run(&["doctor", "--config", "c.toml"]).exits(3);
        assert!(doctor.stdout.contains("failed "), "{doctor}");
        run_under(&api, &settings, &["--yes", "--sandbox"]).1.exits(0);
    }
    let api = Api::holding(members(3));
    let right = format!("expect_account = {ACCOUNT}\nexpect_plan = [{other}, {HOME_PLAN}]\nplan_id = {HOME_PLAN}");
    run_under(&api, &right, &["--yes"]).1.exits(0);
    let (site, ended) = run_under(&api, "expect_account = \"Seatrun Sandbox\"", &["--dry-run"]);
    ended.exits(0);
    site.write("c.toml", right);
    let doctor = site.run(&["doctor", "--config", "c.toml"]).exits(0);
    assert!(["the expected one", "may be changed"].iter().all(|text| doctor.stdout.contains(text)), "{doctor}");
    // Leavers' files name no plan: theirs is the one that the token's user is in.
    site.write("leavers.csv", format!("user_id,action\n{},deactivate\n", user(0)));
    site.write("c.toml", format!("expect_plan = {other}"));
    site.run(&["run", "leavers.csv", "--config", "c.toml", "--yes"])
        .exits(3)
        .warns(&["row 2 would change users of plan"]);
}

#[test]
fn a_run_that_is_carried_on_keeps_to_what_is_protected_and_expected_meanwhile() {
    let broken = [failing(0, "401-for-good")].into_iter().chain(members(3).skip(1));
    let api = Api::holding(broken);
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(3));
    site.run(&["run", "in.csv", "--yes", "--concurrency", "1"]).exits(3);
    api.sandbox.meddle(World::renew_token);
    site.write("c.toml", "expect_account = \"Acme\"");
    site.run(&["resume", "--yes", "--config", "c.toml"]).exits(3).warns(&["allows only `Acme`"]);
    site.write("c.toml", "expect_plan = 5");
    site.run(&["resume", "--yes", "--config", "c.toml"]).exits(3).warns(&["allows only 5"]);
    site.write("c.toml", format!("protected = [\"user.{}@example.com\"]", user(1)));
    let unread = ["resume", "--yes", "--config", "c.toml", "--no-preflight"];
    site.run(&unread).exits(3).warns(&["cannot tell whether 3 users (first: row 2) are protected"]);
    assert_eq!(api.seat(0), "MEMBER");
    site.run(&["resume", "--yes", "--config", "c.toml"]).exits(0);
    assert_eq!(site.report("in.report.csv").statuses(), ["SUCCESS", "SKIPPED", "SUCCESS"]);
    assert_eq!((api.seat(1).as_str(), api.seat(2).as_str()), ("MEMBER", "CONTRIBUTOR"));
}

#[test]
fn who_would_remain_the_only_admin_is_told() {
    let admin = |number| SandboxUser { roles: vec![Role::Admin], ..SandboxUser::new(user(number)) };
    let run = |rows: &str| {
        let api = Api::holding([admin(0), admin(1), SandboxUser::new(user(2))]);
        let site = Site::facing(&api);
        site.write("in.csv", format!("user_id,action,admin\n{rows}"));
        site.run(&["run", "in.csv", "--dry-run"]).exits(0)
    };
    let take = |number| format!("{},update,no\n", user(number));
    run(&(take(0) + &format!("{},deactivate,\n", user(1)))).warns(&[
        "warning: you would be the last known System Admin: rows 2 and 3 remove all others",
        &format!("row 2: user.{}@example.com, update: a System Admin", user(0)),
    ]);
    assert!(!run(&take(0)).stderr.contains("last known System Admin"));
}

#[test]
fn a_file_in_the_wrong_order_still_finds_free_seats_and_the_money_is_said() {
    // Two members besides the token's own user hold all three seats that there are.
    let free = |number| SandboxUser::new(user(number)).seated(HOME_PLAN, "CONTRIBUTOR");
    let world = || World::holding(members(2).chain([free(2), free(3)])).with_licences(HOME_PLAN, 3);
    let rows = [(2, "upgrade,MEMBER"), (3, "upgrade,MEMBER"), (0, "downgrade,VIEWER"), (1, "downgrade,VIEWER")];
    let rows = rows.map(|(number, rest)| format!("{},{HOME_PLAN},{rest}\n", user(number))).concat();
    let api = Api::of(world(), &Options::default());
    let site = Site::facing(&api);
    site.write("in.csv", format!("user_id,plan_id,action,seat_type\n{rows}"));
    let seats = |name: &str| serde_json::from_str::<Value>(&site.read(name)).unwrap()["paid_seats"].clone();
    let words = "paid seats: 2 freed, 2 taken: as many in use as before";
    site.run(&["run", "in.csv", "--dry-run", "--summary-json", "review.json"]).exits(0).warns(&[words]);
    site.run(&["run", "in.csv", "--yes", "--summary-json", "run.json"]).exits(0).warns(&[words]);
    assert_eq!(site.report("in.report.csv").statuses(), ["SUCCESS"; 4]);
    for name in ["review.json", "run.json"] {
        let seats = seats(name);
        assert_eq!((&seats["freed"], &seats["taken"], &seats["fewer_in_use"]), (&2.into(), &2.into(), &0.into()));
        assert_eq!(seats["plans"][0]["plan_id"], HOME_PLAN.to_string());
    }
}

#[test]
fn a_finished_run_counts_the_seats_that_were_really_freed() {
    let api = Api::holding([failing(0, "1014"), failing(1, "partial"), SandboxUser::new(user(2))]);
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(3));
    site.run(&["run", "in.csv", "--yes", "--summary-json", "s.json"]).exits(1).warns(&["paid seats: up to 2 freed"]);
    let summary: Value = serde_json::from_str(&site.read("s.json")).unwrap();
    assert_eq!((&summary["paid_seats"]["freed"], &summary["paid_seats"]["freed_at_most"]), (&1.into(), &2.into()));
}
