//! On a terminal: what a person is shown before agreeing, and what each answer does. `script` makes the terminal.

use std::process::Command;

use seatrun::sandbox::{HOME_PLAN, SandboxUser};

use super::fixture::{Api, Site, downgrades, members, user};
use super::process::Running;

/// Starts a run of `in.csv` on a terminal of so many columns.
fn on_terminal(site: &Site, columns: u16, arguments: &str, variables: &[(&str, &str)]) -> Running {
    let seatrun = env!("CARGO_BIN_EXE_seatrun");
    let mut command = Command::new("/usr/bin/script");
    let typed = format!("stty cols {columns} rows 40; exec '{seatrun}' run in.csv --no-progress {arguments}");
    command.args(["-qec", &typed, "/dev/null"]);
    let mut command = site.settle(command);
    command.env("PATH", "/usr/bin:/bin").env("TERM", "xterm").env("SHELL", "/bin/sh");
    command.envs(variables.iter().copied());
    Running::start_listening(command)
}

/// A site with a file of so many downgrades, in a plan of 2,000 users.
fn site(api: &Api, count: u64) -> Site {
    let site = Site::facing(api);
    site.write("in.csv", downgrades(count));
    site
}

fn many() -> Api {
    Api::holding(members(1_999))
}

#[test]
fn the_question_says_as_whom_and_what_and_each_answer_counts() {
    let api = many();
    // what is typed, once for each prompt; the exit code; what is said
    let table: [(&[&str], i32, &str); 5] = [
        (&["no\n"], 3, "not confirmed"),
        (&["y\n", "ok\n", "sure\n"], 3, "`sure` is neither yes nor no."),
        (&["\u{4}"], 3, "not confirmed"),
        (&["\u{3}"], 130, "interrupted by SIGINT before anything was changed"),
        (&["y\n", "yes\n"], 0, "SUCCESS               2"),
    ];
    for (typed, code, said) in table {
        let site = site(&api, 2);
        let mut running = on_terminal(&site, 120, "", &[]);
        for (at, text) in typed.iter().enumerate() {
            running.until_said_times("Type yes to go on, or no to stop: ", at + 1);
            running.type_in(text);
        }
        let ended = running.wait().exits(code);
        let shown = &ended.stdout;
        for text in [
            "as sandbox.admin@example.com in Seatrun Sandbox, plan Acme (4843937635559300), 2 of 2000 users, less than 1%",
            "  downgrade   MEMBER → VIEWER       2",
            "paid seats: 2 freed",
            "2 requests, about 1.0 s at 270 a minute",
            "Downgrade 2 users to VIEWER in plan Acme (4843937635559300), less than 1% of 2000?",
            said,
        ] {
            assert!(shown.contains(text), "`{text}` is missing: {ended}");
        }
        if code != 0 {
            assert_eq!(api.changes().len(), 0, "{typed:?}");
            assert_eq!(site.report("in.report.csv").statuses(), ["NOT_ATTEMPTED"; 2], "{typed:?}");
        }
    }
}

#[test]
fn what_cannot_be_undone_or_is_very_large_takes_the_number() {
    let few = || Api::holding(members(4));
    // the API, the file, the flags
    let removal = format!("user_id,action\n{},remove\n", user(0));
    let table = [
        (many(), downgrades(101), "", 101),
        (few(), downgrades(2), "", 2),
        (Api::holding(members(9)), removal, "--allow-remove", 1),
    ];
    for (api, rows, flags, number) in table {
        let site = Site::facing(&api);
        site.write("in.csv", rows);
        let mut running = on_terminal(&site, 80, flags, &[]);
        running.until_said(&format!("Type {number} to go on"));
        running.type_in("yes\n");
        running.until_said(&format!("type {number} in full"));
        assert_eq!(api.changes().len(), 0);
        running.type_in(&format!("{number}\n"));
        running.wait().exits(0);
        assert_eq!(api.changes().len(), usize::try_from(number).unwrap());
    }
}

#[test]
fn right_above_the_prompt_stands_what_will_and_what_will_not_happen_in_24_lines() {
    let administrators = (0..40).map(|number| SandboxUser {
        roles: vec![seatrun::sandbox::Role::GroupAdmin],
        ..SandboxUser::new(user(number))
    });
    let api = Api::holding(administrators.chain(members(1_000).skip(40)));
    api.sandbox.meddle(|world| (50..56).for_each(|number| world.reseat(user(number), HOME_PLAN, "VIEWER")));
    let site = Site::facing(&api);
    let ids = ["x", "4.8E+16", "12.0", "0", "a@b.example", "12345678901234567890", ""];
    let bad = (0..14).map(|number| format!("{},downgrade,{HOME_PLAN},VIEWER\n", ids[number % 7]));
    let bad = bad.collect::<Vec<_>>().concat();
    site.write("in.csv", downgrades(60) + &bad);
    for (columns, lines) in [(80, 24), (120, 24), (60, 24)] {
        let mut running = on_terminal(&site, columns, "--max-invalid 50%", &[("NO_COLOR", "1")]);
        running.until_said("to go on");
        running.type_in("y\n");
        running.until_said("type yes in full");
        running.until_said_times("Type yes to go on, or no to stop: ", 2);
        running.type_in("no\n");
        let ended = running.wait().exits(3);
        let question = ended.stdout.split("Type yes").next().unwrap();
        let shown: Vec<_> = question.lines().skip_while(|line| !line.starts_with("as ")).collect();
        assert!(shown.len() < lines, "{columns} columns: {ended}");
        let words = shown.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
        for text in [
            "will not happen: 14 not understood, 6 already so",
            "paid seats: 54 freed Downgrade 54 users to VIEWER in plan Acme (4843937635559300), 5% of 1001?",
            "and 2 more",
        ] {
            assert!(words.contains(text), "{columns} columns: `{text}` is missing: {ended}");
        }
        assert!(words.ends_with('?'), "{ended}");
    }
    assert_eq!(api.changes().len(), 0);
}

#[test]
fn the_question_of_a_review_says_how_many_rows_are_approved() {
    let api = many();
    let site = Site::facing(&api);
    site.write("source.csv", downgrades(5));
    site.run(&["run", "source.csv", "--dry-run", "--prefill-approved", "-o", "in.csv"]).exits(0);
    site.write("in.csv", site.read("in.csv").replacen(",yes,", ",no,", 2));
    let mut running = on_terminal(&site, 100, "", &[]);
    running.until_said("to go on");
    running.type_in("yes\n");
    let ended = running.wait().exits(0);
    assert!(ended.stdout.contains("approved: 3 of 5 rows"), "{ended}");
    assert!(ended.stdout.contains("Downgrade 3 users to VIEWER"), "{ended}");
}

#[test]
fn a_narrow_terminal_is_kept_to_and_no_colour_is_none() {
    let group_admin = SandboxUser { roles: vec![seatrun::sandbox::Role::GroupAdmin], ..SandboxUser::new(user(0)) };
    let api = Api::holding([group_admin].into_iter().chain(members(3).skip(1)));
    for (variables, is_coloured) in [(&[][..], true), (&[("NO_COLOR", "1")][..], false)] {
        let site = site(&api, 3);
        let mut running = on_terminal(&site, 60, "", variables);
        running.until_said("to go on");
        running.type_in("no\n");
        let ended = running.wait().exits(3);
        assert_eq!(ended.stdout.contains("\u{1b}["), is_coloured, "{ended}");
        let question = ended.stdout.split("Type ").next().unwrap();
        let shown = |line: &str| line.replace("\u{1b}[31m", "").replace("\u{1b}[33m", "").replace("\u{1b}[1m", "");
        let widths = question.lines().map(|line| shown(line).replace("\u{1b}[0m", "").trim_end().chars().count());
        assert_eq!(widths.filter(|width| *width > 60).count(), 0, "{ended}");
        assert!(question.contains("look at these first:"), "{ended}");
    }
}
