//! Damage to the file: it is noticed, or it changes nothing about what is told and what is sent.

use super::*;

/// A small ledger with a run that was interrupted and one that is finished, and the review that it came from.
fn small_ledger(folder: &Path) {
    let mut ledger = Ledger::open(folder).unwrap();
    let review = Review {
        name: "review".into(),
        made: at(0),
        input: "leavers.csv".into(),
        sha256: "ab".repeat(32),
        account: Some(format!("{URL} 7")),
    };
    ledger.remember_review(&review, &SecretBox::new(Box::new([7; 32]))).unwrap();
    let success = || Outcome::new(Status::Success, Reason::Answered, "downgraded");
    for (name, ending) in [("first", StopReason::Finished), ("second", StopReason::Interrupted(Signal::Term))] {
        let reviews = if name == "first" { vec!["review".to_owned()] } else { Vec::new() };
        let run = NewRun { reviews, ..new_run(name, at(0)) };
        let before = PriorState { seat: Some(ReportedSeat::Known(Seat::Member)), ..PriorState::default() };
        let rows = (1..=6).map(|user| NewRow {
            before: before.clone(),
            outcome: (user == 6).then(|| Outcome::of_row(Status::Skipped, "a duplicate")),
            ..row(user + 1, &format!("{user},Zoë Ångström,left in June\r\n"), Some(down(user)))
        });
        let id = ledger.enter(&run, rows, &[]).unwrap();
        let events = [
            record(0, 1, Event::Begun),
            settled(0, 2, success()),
            record(1, 3, Event::Begun),
            record(2, 4, Event::Begun),
            record(2, 5, Event::NoEffect),
            settled(3, 6, Outcome::new(Status::Failed, Reason::GaveUp, "throttled")),
        ];
        ledger = write(ledger, id, events);
        ledger.end_session(id, at(9), &ending).unwrap();
        let totals = RunTotals { seats_freed: 1, ..RunTotals::default() };
        ledger.keep_totals(&ledger.views().run(name).unwrap(), &totals).unwrap();
    }
}

/// Everything that is told of the runs and that a resume would go by, and which rows are known to be damaged.
fn told(folder: &Path) -> Result<(Vec<String>, bool), LedgerError> {
    let ledger = Ledger::open(folder)?;
    ledger.refuse_structural_damage()?;
    let mut told = Vec::new();
    let mut is_any_damaged = false;
    for run in ledger.views().runs()? {
        told.push(format!("{run:?}"));
        ledger.views().each_row(run.id, |row| {
            is_any_damaged |= row.is_damaged;
            let is_left = row.job.is_some() && row.state.revived(crate::model::RetryRefused::No).is_some();
            assert!(!row.is_damaged || !is_left, "what is damaged is never sent: {row:?}");
            told.push(format!("{is_left} {row:?}"));
        })?;
    }
    let review = ledger.views().review("review")?;
    told.push(format!(
        "{:?}",
        review.map(|found| (found.review, found.spent_by, found.secret.expose_secret()[..].to_vec()))
    ));
    if is_any_damaged {
        assert!(!ledger.damage()?.is_empty(), "the doctor says so");
    }
    Ok((told, is_any_damaged))
}

#[test]
fn a_flipped_bit_is_noticed_or_changes_nothing_that_is_told_or_sent() {
    let folder = folder();
    small_ledger(folder.path());
    let path = folder.path().join("ledger.sqlite");
    let intact = fs::read(&path).unwrap();
    let (expected, is_any_damaged) = told(folder.path()).unwrap();
    assert!(!is_any_damaged && expected.len() == 15, "{expected:#?}");
    // Most of the file is empty; a flip there shows nothing.
    let written: Vec<_> = (0..intact.len()).filter(|byte| intact[*byte] != 0).collect();
    let mut random = fastrand::Rng::with_seed(14);
    let mut noticed = 0;
    for flip in 0..600 {
        let byte = if flip % 4 == 0 { random.usize(..intact.len()) } else { written[random.usize(..written.len())] };
        let mut bytes = intact.clone();
        bytes[byte] ^= 1 << random.u32(..8);
        fs::write(&path, &bytes).unwrap();
        match told(folder.path()) {
            Ok((told, false)) => assert_eq!(told, expected, "byte {byte}"),
            Ok((_, true)) | Err(_) => noticed += 1,
        }
        for side in ["ledger.sqlite-wal", "ledger.sqlite-shm"] {
            let _ = fs::remove_file(folder.path().join(side));
        }
    }
    assert!(noticed > 300, "{noticed} of 600 were noticed");
}

#[test]
fn what_is_missing_or_changed_is_noticed_where_it_is_read() {
    // What somebody does to the file, what is said of the run, and what the doctor says.
    let table = [
        ("DELETE FROM events WHERE place = 0 AND run = 1", None, "ok"),
        ("DELETE FROM rows WHERE place = 5 AND run = 1", None, "ok"),
        ("UPDATE rows SET job = replace(job, 'downgrade', 'remove') WHERE place = 1 AND run = 1", Some(1), "in `rows`"),
        ("UPDATE events SET event = '\"no_effect\"' WHERE place = 1 AND run = 1", Some(1), "in `events`"),
        ("UPDATE events SET place = 1 WHERE place = 2 AND run = 1", Some(1), "in `events`"),
        ("UPDATE runs SET account = 'other' WHERE id = 1", None, "in `runs`"),
        ("UPDATE sessions SET ending = '\"finished\"' WHERE run = 2", None, "in `sessions`"),
    ];
    for (sql, damaged, doctor) in table {
        let folder = folder();
        small_ledger(folder.path());
        let ledger = Ledger::open(folder.path()).unwrap();
        assert_eq!(ledger.damage().unwrap(), Vec::<String>::new());
        ledger.connection.execute_batch(sql).unwrap();
        let read = ledger.views().runs().and_then(|_| {
            let mut damaged = Vec::new();
            ledger.views().each_row(1, |row| damaged.extend(row.is_damaged.then_some(row.place)))?;
            Ok(damaged)
        });
        match damaged {
            Some(place) => assert_eq!(read.unwrap(), [place], "{sql}"),
            None => assert!(matches!(read, Err(LedgerError::Damaged { .. })), "{sql}: {read:?}"),
        }
        let said = ledger.damage().unwrap().join("; ");
        assert!(said.contains(doctor) || doctor == "ok", "{sql}: {said}");
    }
}

#[test]
fn a_ledger_of_the_fourth_version_is_brought_up_to_date_with_right_checksums() {
    let folder = folder();
    let connection = rusqlite::Connection::open(folder.path().join("ledger.sqlite")).unwrap();
    for sql in &schema::MIGRATIONS[..4] {
        connection.execute_batch(sql).unwrap();
    }
    let settings = serde_json::to_string(&new_run("r", at(0)).settings).unwrap();
    let job = down(1).key().to_string();
    for name in ["ended", "killed"] {
        let sql = "INSERT INTO runs (name, account, who, input, sha256, header, settings, started)
            VALUES (?1, 'a 1', 'w', 'i.csv', 's', 'h', ?2, 0)";
        connection.execute(sql, [name, &settings]).unwrap();
        let run = connection.last_insert_rowid();
        let sql = "INSERT INTO rows (run, place, number, cells, user, job) VALUES (?1, 0, 2, 'c', 1, ?2)";
        connection.execute(sql, rusqlite::params![run, job]).unwrap();
        connection.execute("INSERT INTO events (run, place, at, event) VALUES (?1, 0, 5, '\"begun\"')", [run]).unwrap();
        connection.execute("INSERT INTO sessions (run, began) VALUES (?1, 0)", [run]).unwrap();
    }
    connection
        .execute_batch(
            "UPDATE sessions SET ended = 9, ending = '\"deadline\"' WHERE run = 1;
             INSERT INTO reviews (name, made, input, sha256, secret) VALUES ('v', 0, 'i', 's', zeroblob(32));
             PRAGMA user_version = 4",
        )
        .unwrap();
    drop(connection);
    for _ in 0..2 {
        let ledger = Ledger::open(folder.path()).unwrap();
        assert_eq!(ledger.damage().unwrap(), Vec::<String>::new());
        for name in ["ended", "killed"] {
            let run = ledger.views().run(name).unwrap();
            assert_eq!((run.rows, &run.totals), (1, &None));
            let found = rows(&ledger, run.id);
            assert_eq!((found[0].job.as_ref(), found[0].attempts), (Some(&down(1)), 1));
        }
        assert!(ledger.views().review("v").unwrap().is_some());
    }
}

#[test]
fn what_a_run_came_to_is_kept_until_something_more_happens_to_it() {
    let mut ledger = Ledger::in_memory().unwrap();
    let id = ledger.enter(&new_run("r", at(0)), [row(2, "", Some(down(1)))], &[]).unwrap();
    let totals = RunTotals { seats_freed: 1, actions: ledger.views().actions_of(id).unwrap(), ..RunTotals::default() };
    assert_eq!(totals.actions.get("downgrade"), Some(&1));
    let found = |ledger: &Ledger| ledger.views().run("r").unwrap();
    let stale = found(&ledger);
    ledger.end_session(id, at(1), &StopReason::Deadline).unwrap();
    ledger.keep_totals(&stale, &totals).unwrap();
    assert_eq!(found(&ledger).totals, None, "something has happened since it was counted");
    ledger.keep_totals(&found(&ledger), &totals).unwrap();
    assert_eq!(found(&ledger).totals, Some(totals));
    ledger.begin_session(id, at(2), &[]).unwrap();
    assert_eq!(found(&ledger).totals, None);
}

#[test]
fn a_run_is_known_by_its_name_by_a_part_that_no_other_has_and_as_the_latest() {
    let mut ledger = Ledger::in_memory().unwrap();
    assert!(matches!(ledger.views().named("latest"), Err(LedgerError::NoSuchRun(_))));
    for name in ["20260101-000000-abcd", "20260101-000000-abce", "20260102-000000-abcd-2", "20260102-000000-abcd"] {
        ledger.enter(&new_run(name, at(0)), [], &[]).unwrap();
    }
    let table = [
        ("latest", Ok("20260102-000000-abcd")),
        ("20260102-000000-abcd", Ok("20260102-000000-abcd")),
        ("abce", Ok("20260101-000000-abce")),
        ("20260101-000000-abcd", Ok("20260101-000000-abcd")),
        ("20260101", Err("20260101-000000-abce, 20260101-000000-abcd")),
        ("xyz", Err("no run `xyz`")),
        ("", Err("several")),
    ];
    for (text, expected) in table {
        let found = ledger.views().named(text).map(|record| record.run.name);
        match expected {
            Ok(name) => assert_eq!(found.unwrap(), name, "{text}"),
            Err(words) => {
                let error = found.unwrap_err().to_string();
                assert!(error.contains(words), "{text}: {error}");
            }
        }
    }
}
