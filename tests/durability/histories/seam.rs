//! The seam between the engine and the ledger: a journal whose commits can be refused, be made and reported lost, or be
//! the last thing that the process does. What it commits, the real ledger commits, in its real file.

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use seatrun::ledger::{Journal, Ledger, Record};
use tokio::sync::{Notify, oneshot};
use tokio::time::sleep;

/// What becomes of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CommitFault {
    /// The disk is full.
    Refused,
    /// It is made, and reported as lost.
    ReportedLost,
    /// Somebody has moved the state folder away.
    FolderGone,
    /// The process dies before it.
    DiesBefore,
    /// The process dies after it, before anything follows.
    DiesAfter,
}

type Waiting = (Record, Option<oneshot::Sender<()>>);

#[derive(Debug)]
struct Shared {
    ledger: Option<Ledger>,
    run: i64,
    waiting: Vec<Waiting>,
    dice: fastrand::Rng,
    /// The commit that goes wrong, and how.
    fault: Option<(usize, CommitFault)>,
    commits: usize,
    failure: Option<String>,
}

/// A journal that hands what it takes to the ledger, a group at a time.
#[derive(Debug, Clone)]
pub(super) struct Seam {
    shared: Arc<Mutex<Shared>>,
    arrival: Arc<Notify>,
    death: Arc<Notify>,
}

impl Seam {
    pub(super) fn new(ledger: Ledger, run: i64, seed: u64, fault: Option<(usize, CommitFault)>) -> Self {
        let dice = fastrand::Rng::with_seed(seed);
        let shared = Shared { ledger: Some(ledger), run, waiting: Vec::new(), dice, fault, commits: 0, failure: None };
        Self { shared: Arc::new(Mutex::new(shared)), arrival: Arc::default(), death: Arc::default() }
    }

    /// Waits until the process dies at a commit.
    pub(super) async fn death(&self) {
        self.death.notified().await;
    }

    /// Commits what arrives, until the process is gone.
    pub(super) async fn commit_groups(&self) {
        loop {
            self.arrival.notified().await;
            let pause = self.shared.lock().unwrap().dice.u64(0..12);
            sleep(Duration::from_millis(pause)).await;
            if self.shared.lock().unwrap().commit() == Life::Over {
                self.death.notify_one();
                return std::future::pending().await;
            }
        }
    }

    /// Commits what still waits, and gives the ledger back.
    pub(super) fn close(&self) -> (Ledger, Option<String>) {
        let mut shared = self.shared.lock().unwrap();
        let _ = shared.commit();
        (shared.ledger.take().expect("the ledger is here between commits"), shared.failure.clone())
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Life {
    GoesOn,
    Over,
}

impl Shared {
    fn commit(&mut self) -> Life {
        let group = std::mem::take(&mut self.waiting);
        if group.is_empty() || self.failure.is_some() {
            return Life::GoesOn;
        }
        self.commits += 1;
        let fault = self.fault.filter(|(at, _)| *at == self.commits).map(|(_, fault)| fault);
        match fault {
            Some(CommitFault::DiesBefore) => return Life::Over,
            Some(CommitFault::Refused) => {
                self.failure = Some("disk full".into());
                return Life::GoesOn;
            }
            Some(CommitFault::ReportedLost | CommitFault::DiesAfter | CommitFault::FolderGone) | None => {}
        }
        let ledger = self.ledger.take().expect("the ledger is here between commits");
        let folder = ledger.path().parent().expect("the ledger lies in a folder").to_owned();
        let elsewhere = folder.with_extension("gone");
        if fault == Some(CommitFault::FolderGone) {
            fs::rename(&folder, &elsewhere).unwrap();
        }
        let mut writer = ledger.into_writer(self.run);
        for (record, _) in &group {
            writer.record(record.clone(), None);
        }
        let (ledger, failure) = writer.close();
        self.ledger = ledger;
        self.failure = failure;
        if fault == Some(CommitFault::FolderGone) {
            fs::rename(&elsewhere, &folder).unwrap();
            assert_ne!(self.failure, None, "nothing is recorded in a folder that is gone");
        }
        match fault {
            Some(CommitFault::DiesAfter) => return Life::Over,
            Some(CommitFault::ReportedLost) => self.failure = Some("the commit was reported lost".into()),
            Some(CommitFault::Refused | CommitFault::DiesBefore | CommitFault::FolderGone) | None => {}
        }
        if self.failure.is_none() {
            for committed in group.into_iter().filter_map(|(_, committed)| committed) {
                let _ = committed.send(());
            }
        }
        Life::GoesOn
    }
}

impl Journal for Seam {
    fn record(&mut self, record: Record, committed: Option<oneshot::Sender<()>>) {
        self.shared.lock().unwrap().waiting.push((record, committed));
        self.arrival.notify_one();
    }

    fn failure(&self) -> Option<String> {
        self.shared.lock().unwrap().failure.clone()
    }
}
