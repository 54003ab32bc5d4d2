//! A ledger in trouble: the disk fills up mid-run, the file is damaged, or it cannot be written at all.

use std::fs;

use super::stage::{Stage, in_flight};

#[test]
fn a_disk_that_fills_up_mid_run_stops_it_with_a_clear_error_and_a_resume_completes_it() {
    let mut stage = Stage::new(200, "0", &[]);
    // In 512 bytes or 1024, as the shell likes: enough for the plan, not for what follows.
    let mut run = stage.start_run_after("trap '' XFSZ; ulimit -f 420;", &[]);
    run.ends(4);
    let said = run.said();
    assert!(said.contains("ledger.sqlite"), "it names the ledger: {said}");
    assert!(said.contains("seatrun resume"), "it says what to do: {said}");
    let record = &stage.runs()[0];
    let rows = stage.rows_of(record);
    let on_record: u32 = rows.iter().map(|row| row.attempts).sum();
    let sent = stage.changes_since(0).len();
    assert!(sent > 0 && sent < 200, "it stopped part-way: {sent}");
    assert!(sent <= on_record as usize, "{sent} requests were sent, {on_record} are on record");
    let in_doubt = rows.iter().filter(|row| in_flight(row)).count();

    let mut resume = stage.resume();
    resume.ends(0);
    stage.assert_world_is_exact();
    // The ledger may not even have noted that seatrun wrote the first report, and then the second goes beside it.
    let said = resume.said();
    let report = said.lines().find_map(|line| line.strip_prefix("report: ")).expect("it says where the report is");
    stage.assert_is_right(&stage.path(report));
    let again = stage.changes_since(0).len() - 200;
    assert!(again <= in_doubt, "{again} were sent twice, {in_doubt} were in doubt");
}

#[test]
fn a_run_that_does_not_fit_on_the_disk_is_refused_as_a_whole() {
    let mut stage = Stage::new(200, "0", &[]);
    let mut run = stage.start_run_after("trap '' XFSZ; ulimit -f 100;", &[]);
    run.ends(3);
    assert!(run.said().contains("ledger.sqlite"), "{}", run.said());
    assert_eq!(stage.changes_since(0).len(), 0);
    assert_eq!(stage.runs().len(), 0, "a run enters the ledger with its whole plan, or not at all");
}

#[test]
fn a_ledger_that_cannot_be_used_is_refused_with_a_reason_before_anything_is_sent() {
    type Damage = fn(&Stage);
    let table: [(&str, Damage, &str); 4] = [
        (
            "garbage",
            |stage| fs::write(stage.path("state/ledger.sqlite"), b"garbage ".repeat(4096)).unwrap(),
            "no intact",
        ),
        ("a folder", |stage| fs::create_dir(stage.path("state/ledger.sqlite")).unwrap(), "is a folder"),
        (
            "a file in place of the folder",
            |stage| {
                fs::remove_dir(stage.path("state")).unwrap();
                fs::write(stage.path("state"), "").unwrap();
            },
            "cannot open",
        ),
        (
            "a newer version",
            |stage| {
                drop(stage.ledger());
                let connection = rusqlite::Connection::open(stage.path("state/ledger.sqlite")).unwrap();
                connection.pragma_update(None, "user_version", 99).unwrap();
            },
            "newer seatrun",
        ),
    ];
    for (trouble, damage, words) in table {
        let mut stage = Stage::new(3, "0", &[]);
        fs::create_dir(stage.path("state")).unwrap();
        damage(&stage);
        let mut run = stage.start_run(&[]);
        run.ends(3);
        assert!(run.said().contains(words), "{trouble}: {}", run.said());
        assert!(run.said().contains("hint: "), "{trouble}: {}", run.said());
        assert_eq!(stage.changes_since(0).len(), 0, "{trouble}");
        stage.resume().ends(3);
        stage.start(&["history"]).ends(3);
    }
}
