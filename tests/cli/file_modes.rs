//! The modes of what is written: names of people are for the owner of a new file alone, and a replaced file keeps its mode.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use seatrun::sandbox::HOME_PLAN;

use super::fixture::{Api, Site, downgrades, members, user};
use super::process::{Ended, Running};

/// Runs seatrun under a umask.
#[track_caller]
fn run(site: &Site, umask: &str, line: &str) -> Ended {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("umask {umask}; exec {} {line}", env!("CARGO_BIN_EXE_seatrun"))]);
    Running::start(site.settle(shell), None).wait()
}

fn mode(site: &Site, name: &str) -> u32 {
    fs::metadata(site.folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}")).permissions().mode()
        & 0o7777
}

#[test]
fn what_holds_names_is_its_owners_alone_and_what_holds_none_follows_the_umask() {
    for (umask, summary) in [("000", 0o666), ("022", 0o644), ("077", 0o600)] {
        let api = Api::holding(members(3));
        let site = Site::facing(&api);
        site.write("in.csv", downgrades(3));
        let plan = format!("--plan-id {HOME_PLAN}");
        let lines = [
            "run in.csv --dry-run --html review.html".to_owned(),
            "run in.csv --yes --html page.html --summary-json summary.json".to_owned(),
            format!("users {plan} -o users.csv"),
            format!("users {plan} -o users.xlsx"),
            format!("users {plan} --json -o users.json"),
            format!("plans {} -o plans.csv", user(0)),
            "template downgrade -o template.csv".to_owned(),
        ];
        for line in lines {
            run(&site, umask, &line).exits(0);
        }
        let history: serde_json::Value = serde_json::from_str(&site.run(&["history", "--json"]).stdout).unwrap();
        let undo = format!("undo {} -o undo.csv", history[0]["run"].as_str().unwrap());
        run(&site, umask, &undo).exits(0);
        let private =
            "in.review.csv review.html in.report.csv page.html users.csv users.xlsx users.json plans.csv undo.csv";
        for name in private.split(' ') {
            assert_eq!(mode(&site, name), 0o600, "{name} under {umask}");
        }
        for name in ["summary.json", "template.csv"] {
            assert_eq!(mode(&site, name), summary, "{name} under {umask}");
        }
    }
}

#[test]
fn a_file_that_is_replaced_keeps_its_mode() {
    for kept in [0o640, 0o604, 0o666, 0o755, 0o400] {
        let api = Api::holding(members(3));
        let site = Site::facing(&api);
        site.write("in.csv", downgrades(3));
        let names = ["report.csv", "page.html", "summary.json"];
        for name in names {
            site.write(name, "as it was");
            fs::set_permissions(site.folder().join(name), Permissions::from_mode(kept)).unwrap();
        }
        run(&site, "077", "run in.csv --yes -o report.csv --html page.html --summary-json summary.json").exits(0);
        for name in names {
            assert_ne!(site.read(name), "as it was");
            assert_eq!(mode(&site, name), kept, "{name}");
        }
    }
}
