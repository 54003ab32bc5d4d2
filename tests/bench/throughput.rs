//! How many requests a second the engine sends, and what the ledger costs.
//!
//! Runs the engine with the real client against a server that answers every request with a success (`nginx.conf`
//! beside this file makes nginx one), in pairs: once with a journal that forgets everything at once, and once with the
//! ledger in a temporary folder, whose last commit is waited for. The ratio is told pair by pair, because a machine's
//! speed drifts. `TMPDIR` says on which disk the ledger lies.
//!
//! ```text
//! cargo bench --bench throughput -- http://127.0.0.1:18080/2.0 [ROWS [CONCURRENCY [PAIRS]]]
//! ```

use std::error::Error;
use std::io::Write;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use seatrun::api::{Client, Connection};
use seatrun::engine::{self, Assignment, NoopObserver, Pace, RunOptions, RunSpec};
use seatrun::ledger::{Confirmation, Journal, Ledger, NewRow, NewRun, Record, RunSettings, Verification, Writer};
use seatrun::model::{
    Action, DowngradeSeat, FreeSeatName, Job, JobState, Limit, PlanId, PriorState, StopReason, UserId,
};
use seatrun::policy::{LANDING_TIME, Silence};
use tokio::sync::{mpsc, oneshot};

const USAGE: &str = "usage: cargo bench --bench throughput -- URL [ROWS [CONCURRENCY [PAIRS]]]";
const FIRST_USER: u64 = 48_569_348_493_401_201;
const PLAN: u64 = 4_843_937_635_559_300;

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds `--bench` of its own accord.
    let arguments: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let mut output = std::io::stdout().lock();
    let Some(url) = arguments.first() else {
        return Ok(writeln!(output, "{USAGE}")?);
    };
    let number = |at: usize, usual: u32| arguments.get(at).map_or(Ok(usual), |text| text.parse());
    let (rows, concurrency, pairs) = (number(1, 20_000)?, number(2, 64)?, number(3, 7)?);
    let bench = Bench { url, rows, concurrency };
    bench.without_ledger()?;
    let mut ratios = Vec::new();
    for pair in 1..=pairs {
        let without = bench.per_second(bench.without_ledger()?);
        let (entry, took) = bench.with_ledger()?;
        let with = bench.per_second(took);
        ratios.push(with / without);
        writeln!(
            output,
            "pair {pair}: {without:.0}/s without a ledger, {with:.0}/s with it, ratio {:.3} (entering the plan: {entry:.0?})",
            with / without
        )?;
    }
    ratios.sort_unstable_by(f64::total_cmp);
    if let (Some(least), Some(middle), Some(most)) = (ratios.first(), ratios.get(ratios.len() / 2), ratios.last()) {
        writeln!(output, "ratio: median {middle:.3} (from {least:.3} to {most:.3})")?;
    }
    Ok(())
}

struct Bench<'a> {
    url: &'a str,
    rows: u32,
    concurrency: u32,
}

impl Bench<'_> {
    fn per_second(&self, took: Duration) -> f64 {
        f64::from(self.rows) / took.as_secs_f64()
    }

    fn without_ledger(&self) -> Result<Duration, Box<dyn Error>> {
        let begin = Instant::now();
        self.drive(Forgetful)?;
        Ok(begin.elapsed())
    }

    /// How long it took to enter the plan, and then to carry it out.
    fn with_ledger(&self) -> Result<(Duration, Duration), Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let begin = Instant::now();
        let mut ledger = Ledger::open(folder.path())?;
        let run =
            ledger.enter(&self.run(), self.jobs()?.into_iter().zip(2..).map(|(job, number)| row(number, job)), &[])?;
        let entry = begin.elapsed();
        let begin = Instant::now();
        let (_, unwritten) = self.drive::<Writer>(ledger.into_writer(run))?.close();
        unwritten.map_or(Ok((entry, begin.elapsed())), |why| Err(why.into()))
    }

    fn drive<J: Journal>(&self, journal: J) -> Result<J, Box<dyn Error>> {
        let assignments = self
            .jobs()?
            .into_iter()
            .zip(0..)
            .map(|(job, place)| Assignment {
                place,
                row: u64::from(place) + 2,
                job,
                state: JobState::default(),
                answer: None,
                seat_before: None,
                sent: None,
            })
            .collect();
        let setup = RunSpec {
            assignments,
            free_seat_name: FreeSeatName::Auto,
            remembered_seat_name: None,
            max_errors: Limit::Count(1),
            silence: Silence::default(),
            started: Timestamp::now(),
            landing_time: LANDING_TIME,
            verification: Verification::Waived,
            journal,
            pace: Pace::new(None, []),
            observer: &NoopObserver,
        };
        // As the program has it.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let end = runtime.block_on(async {
            let (_signals, signals) = mpsc::unbounded_channel();
            let drive = RunOptions { concurrency: Some(self.concurrency as usize), deadline: None, signals };
            Ok::<_, Box<dyn Error>>(engine::run(self.client()?, setup, drive).await)
        })?;
        if end.ending == StopReason::Finished { Ok(end.journal) } else { Err(end.ending.describe().into()) }
    }

    fn client(&self) -> Result<Client, Box<dyn Error>> {
        let client = Client::new(&Connection {
            ca_certificates: None,
            base_url: self.url.to_owned(),
            on_loopback: true,
            token: "no-token".to_owned().into(),
            integration_source: "SCRIPT,,seatrun".to_owned(),
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(60),
        })?;
        Ok(client)
    }

    fn jobs(&self) -> Result<Vec<Job>, Box<dyn Error>> {
        let plan = PlanId::new(PLAN).ok_or("no plan id")?;
        let action = Action::Downgrade { plan, to: DowngradeSeat::Viewer };
        (0..u64::from(self.rows))
            .map(|row| {
                let user = UserId::new(FIRST_USER + row).ok_or("no user id")?;
                Ok(Job { user, action: action.clone() })
            })
            .collect()
    }

    fn run(&self) -> NewRun {
        NewRun {
            name: "bench".to_owned(),
            account: self.url.to_owned(),
            who: "nobody".to_owned(),
            input: "bench.csv".to_owned(),
            sha256: String::new(),
            header: "user_id".to_owned(),
            settings: RunSettings {
                plan_names: std::collections::BTreeMap::new(),
                api_url: self.url.to_owned(),
                rate: 0,
                concurrency: Some(self.concurrency),
                max_errors: Limit::Count(1),
                free_seat_name: FreeSeatName::Auto,
                report: "-".to_owned(),
                input_path: None,
                page: None,
                summary: None,
                dialect: seatrun::tabular::Dialect::default(),
                archive_to: None,
                confirmation: Confirmation::Waived,
                verification: Verification::Waived,
            },
            started: Timestamp::now(),
            reviews: Vec::new(),
        }
    }
}

fn row(number: u64, job: Job) -> NewRow {
    let cells = job.user.to_string();
    NewRow { number, cells, job: Some(job), before: PriorState::default(), outcome: None, doubted: None }
}

/// Acknowledges at once and keeps nothing.
struct Forgetful;

impl Journal for Forgetful {
    fn record(&mut self, _: Record, committed: Option<oneshot::Sender<()>>) {
        if let Some(committed) = committed {
            // Whoever asked may be gone.
            let _ = committed.send(());
        }
    }

    fn failure(&self) -> Option<String> {
        None
    }
}
