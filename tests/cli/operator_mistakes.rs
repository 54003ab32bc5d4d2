//! Mistakes that operators make: each is caught before anybody is changed, and what is said names the row, where it is
//! about one, and the remedy.
//!
//! A mistake is caught when no request but a reading has left, and when somebody is told: on standard error for the
//! file as a whole, in the report for a row.

use std::fmt::Write as _;
use std::fs;

use seatrun::sandbox::{HOME_PLAN, Options, Role, SandboxUser, World};

use super::fixture::{Api, Site, downgrades, members, user};

/// A plan that nobody in a file is in.
const OTHER_PLAN: u64 = 4_843_937_635_559_999;

/// One mistake, and what the operator must be told.
struct Mistake {
    /// What the operator has done.
    what: &'static str,
    /// The file.
    file: String,
    /// What stands on the command line beside `run in.csv --yes -o out.csv`.
    arguments: &'static [&'static str],
    /// How seatrun ends.
    exit: i32,
    /// What has to be said, on standard error or in the report.
    said: &'static [&'static str],
}

fn mistake(
    what: &'static str,
    file: impl Into<String>,
    arguments: &'static [&'static str],
    exit: i32,
    said: &'static [&'static str],
) -> Mistake {
    Mistake { what, file: file.into(), arguments, exit, said }
}

/// Holds that each mistake is caught.
#[track_caller]
fn all_caught(api: &Api, site: &Site, mistakes: &[Mistake]) {
    for Mistake { what, file, arguments, exit, said } in mistakes {
        site.write("in.csv", file);
        let before = api.changes().len();
        let ended = site.run(&[&["run", "in.csv", "--yes", "-o", "out.csv"], *arguments].concat());
        let told = told(site, &ended.stderr);
        assert_eq!(api.changes().len(), before, "{what}: nobody may be changed:\n{told}");
        for text in *said {
            assert!(told.contains(text), "{what}: `{text}` is not said:\n{told}");
        }
        ended.exits(*exit);
        let _ = fs::remove_file(site.folder().join("out.csv"));
    }
}

/// What standard error and the report say together.
fn told(site: &Site, stderr: &str) -> String {
    let mut told = stderr.to_owned();
    if site.folder().join("out.csv").exists() {
        for row in site.report("out.csv").0 {
            let (status, message, hint) = (&row["result_status"], &row["result_message"], &row["result_hint"]);
            let _ = writeln!(told, "row {}: {status}: {message} ({hint})", row["result_row"]);
        }
    }
    told
}

/// A file of orders, one cell after the other.
fn orders(rows: &[String]) -> String {
    format!("user_id,action,plan_id,seat_type\n{}\n", rows.join("\n"))
}

fn down(number: u64) -> String {
    format!("{},downgrade,{HOME_PLAN},VIEWER", user(number))
}

#[test]
fn a_file_of_the_wrong_people_is_refused() {
    let api = Api::holding(members(30));
    let site = Site::facing(&api);
    let ids = |id: &dyn Fn(u64) -> u64| {
        orders(&(0..25).map(|n| format!("{},downgrade,{HOME_PLAN},VIEWER", id(n))).collect::<Vec<_>>())
    };
    let foreign = ids(&|n| 7_000_000_000_000_001 + 3 * n);
    let swapped = orders(&(0..25).map(|n| format!("{HOME_PLAN},downgrade,{},VIEWER", user(n))).collect::<Vec<_>>());
    let wrong_plan = downgrades(25).replace(&HOME_PLAN.to_string(), &OTHER_PLAN.to_string());
    let all = || downgrades(30);
    let company = [
        mistake("the ids of another company", foreign, &[], 3, &["25 of 25", "--no-preflight"]),
        mistake("the wrong plan", wrong_plan, &[], 3, &["--plan-id"]),
        mistake("the columns of users and plans swapped", swapped, &[], 3, &["hint: "]),
        mistake("the whole company selected", all(), &["--max-changes", "25"], 3, &["30 users", "--max-changes 30"]),
        mistake(
            "most of the plan selected",
            all(),
            &["--max-changes", "50%"],
            3,
            &["30 of the 31 users", "--max-changes 97%"],
        ),
    ];
    all_caught(&api, &site, &company);
}

#[test]
fn a_row_about_somebody_who_must_not_be_touched_is_not_sent() {
    let own = user(90);
    let sandbox_users = members(3).chain([
        SandboxUser { roles: vec![Role::Admin], ..SandboxUser::new(own) },
        SandboxUser { email: Some("pat@gmail.com".into()), is_internal: false, ..SandboxUser::new(user(91)) },
        SandboxUser { email: Some("sam@example.com".into()), ..SandboxUser::new(user(92)) },
        SandboxUser::new(user(93)).seated(HOME_PLAN, "CONTRIBUTOR"),
    ]);
    let api = Api::of(World::holding(sandbox_users).with_own_user(own), &Options::default());
    let mut site = Site::facing(&api);
    site.set("SEATRUN_PROTECTED", &format!("{},*@board.example", user(2)));
    let row = |id: u64, rest: &str| orders(&[format!("{},{rest}", user(id))]);
    let guest = format!("downgrade,{HOME_PLAN},GUEST");
    let mistakes = [
        mistake(
            "the own account in the list",
            row(90, "deactivate,,"),
            &[],
            1,
            &["row 2: FAILED", "own user", "another System Admin's token"],
        ),
        mistake("a guest seat for a colleague", row(0, &guest), &[], 1, &["row 2: FAILED", "GUEST", "external"]),
        mistake("an address at an internet provider", row(91, "deactivate,,"), &[], 1, &["row 2: FAILED", "gmail.com"]),
        mistake("somebody who is protected", row(2, "deactivate,,"), &[], 0, &["row 2: SKIPPED", "protected"]),
        mistake("a removal by mistake", row(1, &format!("remove,{HOME_PLAN},")), &[], 3, &["row 2", "--allow-remove"]),
        mistake("a seat that cannot become the other", row(93, &guest), &[], 1, &["row 2: FAILED", "GUEST"]),
        mistake(
            "an address with a typing error",
            "email,action\nsma@example.com,deactivate\n",
            &[],
            3,
            &["row 2: SKIPPED", "nobody in the account has the address `sma@example.com`", "check the address"],
        ),
        mistake(
            "one column sorted without the others",
            format!("user_id,email,action\n{},sam@example.com,deactivate\n", user(1)),
            &["--max-invalid", "100%"],
            1,
            &["row 2: INVALID", "are two people", "one column was sorted alone"],
        ),
        mistake(
            "somebody who is not in the plan",
            row(77, &format!("downgrade,{HOME_PLAN},VIEWER")),
            &[],
            1,
            &["row 2: FAILED"],
        ),
    ];
    all_caught(&api, &site, &mistakes);
}

#[test]
fn a_file_that_does_not_say_what_it_means_is_refused_or_its_rows_are() {
    let api = Api::holding(members(30));
    let site = Site::facing(&api);
    let (one, plan) = (user(0), HOME_PLAN);
    let rounded =
        (0..25_u64).map(|n| format!("{}00,downgrade,{plan},VIEWER", 485_693_484_934_013 + n)).collect::<Vec<_>>();
    let any: &[&str] = &["--max-invalid", "100%"];
    let row = |row: &str| orders(&[row.to_owned()]);
    let twice = orders(&[format!("{one},deactivate,,"), format!("{one},reactivate,,")]);
    let titled = format!("Leavers of the week,,,\n{}", orders(&[down(0)]));
    let mistakes = [
        mistake("ids that a spreadsheet rounded", orders(&rounded), &[], 3, &["rounded", "--ids-are-exact"]),
        mistake(
            "an id in scientific notation",
            row("4.8569E+16,deactivate,,"),
            any,
            1,
            &["row 2, column `user_id`", "INVALID"],
        ),
        mistake("an id with separators", row("48.569.348.493.401.201,deactivate,,"), any, 1, &["row 2", "INVALID"]),
        mistake(
            "a misspelt action",
            row(&format!("{one},downgrad,{plan},VIEWER")),
            any,
            1,
            &["row 2, column `action`", "downgrade"],
        ),
        mistake(
            "a seat that is none",
            row(&format!("{one},downgrade,{plan},FREE")),
            any,
            1,
            &["row 2, column `seat_type`", "`FREE`"],
        ),
        mistake(
            "a downgrade to a paid seat",
            row(&format!("{one},downgrade,{plan},MEMBER")),
            any,
            1,
            &["row 2", "VIEWER or CONTRIBUTOR"],
        ),
        mistake(
            "two opposite orders",
            twice,
            any,
            1,
            &["row 2: contradicts row 3", "row 3: contradicts row 2", "keep only the row that is meant"],
        ),
        mistake(
            "too many bad rows",
            row("nobody,deactivate,,"),
            &[],
            3,
            &["column `user_id`: `nobody` is not a number"],
        ),
        mistake("a misspelt header", format!("user_id,acton\n{one},deactivate\n"), &[], 3, &["did you mean `action`"]),
        mistake("an export without an order", format!("user_id,Seat Type\n{one},Member\n"), &[], 3, &["--action"]),
        mistake("a title above the header", titled, &[], 3, &["--header-row 2"]),
        mistake("the wrong delimiter", orders(&[down(0)]), &["--delimiter", ";"], 3, &["--delimiter"]),
        mistake("an empty file", "", &[], 3, &["empty"]),
        mistake("a row cut short", row(&one.to_string()), any, 1, &["row 2", "INVALID"]),
        mistake(
            "a report asked for what it does not have",
            row(&down(0)),
            &["--only", "FAILED"],
            2,
            &["result_status"],
        ),
    ];
    all_caught(&api, &site, &mistakes);
}

#[test]
fn what_was_done_already_is_told_before_it_is_done_again() {
    let api = Api::holding(members(3));
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(3));
    site.run(&["run", "in.csv", "--yes"]).exits(0);
    let before = api.changes().len();
    // The same file by mistake, when all is so already.
    site.run(&["run", "in.csv", "--yes", "-o", "again.csv"]).exits(0).warns(&["this very file ran already"]);
    assert_eq!(site.report("again.csv").statuses(), ["UNCHANGED"; 3]);
    // Somebody has given one of them the seat back, and nobody told the person who runs last week's file.
    api.sandbox.meddle(|world| world.reseat(user(1), HOME_PLAN, "MEMBER"));
    let ended = site.run(&["run", "in.csv", "--dry-run"]).exits(0);
    ended.warns(&["1 of these users was downgraded", "is back: row 3"]);
    assert_eq!(api.changes().len(), before);
}

#[test]
fn the_wrong_token_account_or_plan_is_refused_before_anything_else_is_read() {
    let sandbox_users = || members(2).chain([SandboxUser { roles: vec![Role::Admin], ..SandboxUser::new(user(90)) }]);
    let table = [
        // whose token, a setting, what is said
        (0, "", "", "is not a System Admin", "use the token of a System Admin"),
        (90, "SEATRUN_EXPECT_ACCOUNT", "Acme", "expect_account", "--profile"),
        (90, "SEATRUN_EXPECT_PLAN", "4843937635559999", "expect_plan", "--plan-id"),
    ];
    for (own, setting, value, said, remedy) in table {
        let api = Api::of(World::holding(sandbox_users()).with_own_user(user(own)), &Options::default());
        let mut site = Site::facing(&api);
        if !setting.is_empty() {
            site.set(setting, value);
        }
        site.write("in.csv", downgrades(2).replace(&user(0).to_string(), &user(1).to_string()));
        site.run(&["run", "in.csv", "--yes", "-o", "out.csv"]).exits(3).warns(&[said, "hint: ", remedy]);
        assert_eq!(site.report("out.csv").counts()["NOT_ATTEMPTED"], 1, "{said}");
        assert_eq!(api.sandbox.request_count(), 1, "{said}: only whose token it is was read");
    }
}

#[test]
fn a_command_line_that_cannot_be_meant_is_refused_before_the_network() {
    let api = Api::holding(members(1));
    let mut site = Site::facing(&api);
    site.write("in.csv", downgrades(1));
    site.write("typing.toml", "max_change = 5\n");
    let table: [(&[&str], i32, &str, &str); 7] = [
        (&["-o", "in.csv", "--yes"], 2, "in.csv", "input"),
        (&["--api-url", "https://api.example.com/2.0", "--rate", "0", "--yes"], 2, "loopback", "--rate"),
        (&["--api-url", "http://api.example.com/2.0", "--yes"], 2, "https", "http"),
        (&["--config", "typing.toml", "--yes"], 2, "typing.toml", "max_changes"),
        (&["--profile", "prodction", "--yes"], 2, "prodction", "profile"),
        (&["--action", "promote", "--yes"], 2, "promote", "downgrade"),
        (&["-o", "out.xls", "--yes"], 2, "out.xls", ".xlsx"),
    ];
    for (arguments, exit, said, more) in table {
        site.run(&[&["run", "in.csv"], arguments].concat()).exits(exit).warns(&[said, more]);
    }
    // Nobody is there to be asked, and nobody said that nobody is to be.
    site.run(&["run", "in.csv"]).exits(3).warns(&["no terminal to ask on", "--yes"]);
    assert_eq!(api.changes().len(), 0);
    site.set("SMARTSHEET_ACCESS_TOKEN", "last-years-token");
    site.run(&["run", "in.csv", "--yes"]).exits(3).warns(&["the token is not accepted", "new access token"]);
    assert_eq!(api.changes().len(), 0);
}
