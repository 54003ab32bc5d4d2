//! What a ledger of years costs: `history` and the start of a run, beside the same with a fresh ledger.
//!
//! Makes a ledger of so many runs of so many rows, by the interface that runs use, and starts the real program on it and on
//! a fresh one in turn, against a served sandbox.
//!
//! ```text
//! cargo bench --bench history -- [RUNS [ROWS [REPEATS]]]
//! ```

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use seatrun::ledger::{Journal, Ledger, NewRow, NewRun, Record};
use seatrun::model::{
    Action, DowngradeSeat, Event, Job, Outcome, PlanId, PriorState, Reason, Status, StopReason, UserId,
};
use seatrun::sandbox::{HOME_PLAN, Options, SandboxUser, World, serve};

const FIRST_USER: u64 = 48_569_348_493_401_201;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    // Cargo adds `--bench` of its own accord.
    let arguments: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let number = |at: usize, usual: u64| arguments.get(at).map_or(Ok(usual), |text| text.parse());
    let (runs, rows, repeats) = (number(0, 1_100)?, number(1, 500)?, number(2, 9)?);
    let mut output = std::io::stdout().lock();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let world = World::holding((0..50).map(|number| SandboxUser::new(FIRST_USER + number)));
    let sandbox = runtime.block_on(serve(world, &Options { rate_per_minute: 0, ..Options::default() }))?;
    let folder = tempfile::tempdir()?;
    let input = folder.path().join("in.csv");
    fs::write(&input, format!("user_id,action,plan_id,seat_type\n{FIRST_USER},downgrade,{HOME_PLAN},VIEWER\n"))?;
    let seatrun = |state: &str, arguments: &[&str]| -> Result<Duration> {
        let begin = Instant::now();
        let status = Command::new(env!("CARGO_BIN_EXE_seatrun"))
            .args(arguments)
            .current_dir(folder.path())
            .env_clear()
            .env("HOME", folder.path())
            .env("SEATRUN_STATE_DIR", folder.path().join(state))
            .env("SEATRUN_API_URL", sandbox.base_url())
            .env("SMARTSHEET_ACCESS_TOKEN", sandbox.token())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        if status.success() { Ok(begin.elapsed()) } else { Err(format!("{arguments:?}: {status}").into()) }
    };
    let run = ["run", "in.csv", "--yes", "--rate", "0"];
    for state in ["fresh", "old"] {
        seatrun(state, &run)?;
    }
    let begin = Instant::now();
    fill(&folder.path().join("old"), runs, rows)?;
    let size = fs::metadata(folder.path().join("old/ledger.sqlite"))?.len() / 1_000_000;
    writeln!(output, "{runs} runs of {rows} rows: {size} MB, made in {:.0?}", begin.elapsed())?;
    for arguments in [&["history", "-n", "20"][..], &["history"], &["history", "latest"], &run] {
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..repeats {
            for (state, times) in ["fresh", "old"].into_iter().zip(&mut times) {
                times.push(seatrun(state, arguments)?);
            }
        }
        let [fresh, old] = times.map(|mut times| {
            times.sort_unstable();
            times[times.len() / 2]
        });
        let ratio = old.as_secs_f64() / fresh.as_secs_f64();
        writeln!(output, "{:<24} fresh {fresh:>8.1?}, old {old:>8.1?}, ratio {ratio:.2}", arguments.join(" "))?;
    }
    Ok(())
}

/// Enters runs of the account of the first one, a night apart, each of which changes other users and finishes.
fn fill(folder: &Path, runs: u64, rows: u64) -> Result<()> {
    let mut ledger = Ledger::open(folder)?;
    let template = ledger.views().named("latest")?.run;
    let plan = PlanId::new(HOME_PLAN).ok_or("no plan id")?;
    let action = Action::Downgrade { plan, to: DowngradeSeat::Viewer };
    for night in 0..runs {
        let started = Timestamp::now() - SignedDuration::from_hours(24 * i64::try_from(runs - night)?);
        let run = NewRun { name: format!("night-{night}"), started, ..template.clone() };
        let users = (0..rows).filter_map(|row| UserId::new(FIRST_USER + 1_000 + night * rows + row));
        let entered: Vec<_> = users
            .zip(2..)
            .map(|(user, number)| NewRow {
                number,
                cells: format!("{user},downgrade,{HOME_PLAN},VIEWER,somebody@example.com,left\r\n"),
                job: Some(Job { user, action: action.clone() }),
                before: PriorState::default(),
                outcome: None,
                doubted: None,
            })
            .collect();
        let id = ledger.enter(&run, entered, &[])?;
        let mut writer = ledger.into_writer(id);
        let outcome = Outcome::new(Status::Success, Reason::Answered, "downgraded");
        let settled = Event::Settled { status: outcome.status, reason: outcome.reason };
        for place in 0..u32::try_from(rows)? {
            let record = |event, outcome| Record { place, at: started, event, answer: None, outcome };
            writer.record(record(Event::Begun, None), None);
            writer.record(record(settled, Some(outcome.clone())), None);
        }
        let (written, failure) = writer.close();
        if let Some(failure) = failure {
            return Err(failure.into());
        }
        ledger = written.ok_or("the writer died")?;
        ledger.end_session(id, started, &StopReason::Finished)?;
    }
    Ok(())
}
