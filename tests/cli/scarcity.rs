//! Scarcity: where the system gives no thread, no file or no certificates, nothing panics and every row is accounted for.

use std::process::Command;

use super::fixture::{Api, Site, downgrades, members};
use super::process::{Ended, Running};

/// Runs seatrun in a shell that has first done `limit`.
fn run_under(site: &Site, limit: &str, arguments: &str) -> Ended {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &format!("{limit} '{}' {arguments}", env!("CARGO_BIN_EXE_seatrun"))]);
    let mut shell = site.settle(shell);
    shell.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    Running::start(shell, None).wait()
}

/// Holds that a run has ended as a run may, with all its rows in its report where anything may have been sent.
#[track_caller]
fn ends_well(site: &Site, api: &Api, rows: u64, limit: &str, ended: &Ended) {
    let said = ended.to_string();
    assert!(!said.contains("panicked"), "{limit}: {said}");
    let code = [0, 3, 4, 5].into_iter().find(|code| ended.code() == Some(*code));
    let code = code.unwrap_or_else(|| panic!("{limit}: {said}"));
    if code == 3 {
        assert_eq!(api.changes().len(), 0, "{limit}: {said}");
    }
    if code == 0 || code == 4 {
        assert_eq!(site.report("in.report.csv").0.len() as u64, rows, "{limit}: {said}");
    }
}

#[test]
fn few_open_files() {
    // With fewer, the program itself cannot be loaded.
    std::thread::scope(|scope| {
        for files in 4..24 {
            scope.spawn(move || {
                let api = Api::holding(members(3));
                let site = Site::facing(&api);
                site.write("in.csv", downgrades(3));
                let limit = format!("ulimit -n {files};");
                // Files may be had again later, so a run waits for them.
                let ended = run_under(&site, &limit, "run in.csv --yes --rate 0 --deadline 1s");
                ends_well(&site, &api, 3, &limit, &ended);
            });
        }
    });
}

#[test]
fn few_threads() {
    // The system does not limit root, and counts everything that a user runs: so it is a user who runs nothing else.
    let is_root = rustix::process::geteuid().is_root();
    let limits: Vec<_> = if is_root {
        (1..8).map(|tasks| format!("exec setpriv --reuid 54321 --clear-groups prlimit --nproc={tasks}")).collect()
    } else {
        vec!["ulimit -u 1; exec".to_owned()]
    };
    for limit in limits {
        let api = Api::holding(members(3));
        let site = Site::facing(&api);
        site.write("in.csv", downgrades(3));
        if is_root {
            let opened = Command::new("chmod").args(["-R", "a+rwX"]).arg(site.folder().parent().unwrap()).status();
            let owned = Command::new("chown").args(["-R", "54321"]).arg(site.folder().parent().unwrap()).status();
            assert!(opened.unwrap().success() && owned.unwrap().success());
        }
        let ended = run_under(&site, &limit, "run in.csv --yes --rate 0");
        ends_well(&site, &api, 3, &limit, &ended);
    }
}

#[test]
fn no_certificates() {
    let api = Api::holding(members(1));
    let mut site = Site::facing(&api);
    site.write("in.csv", downgrades(1));
    site.set("SSL_CERT_FILE", "/nowhere");
    site.set("SSL_CERT_DIR", "/nowhere");
    site.run(&["run", "in.csv", "--yes"]).exits(0);
    site.run(&["run", "in.csv", "--yes", "--sandbox"]).exits(0);
    site.run(&["doctor"]).exits(0);
    site.set("SEATRUN_API_URL", "us");
    let ended = site.run(&["doctor"]).exits(3).to_string();
    for text in ["ok      settings", "ok      state folder", "certificates"] {
        assert!(ended.contains(text), "`{text}` is missing: {ended}");
    }
}
