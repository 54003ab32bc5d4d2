//! Events: what `--log-format json` tells a program that follows a run. Each is an object of its own line with a `schema`,
//! its name in `event`, and fields that keep their names; ids are strings.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::tally::Standing;
use super::words;
use crate::model::{Job, Outcome};

/// The form of the events: a change that breaks readers raises it.
const SCHEMA: u32 = 1;

/// An event as a line, at this moment.
pub(super) fn line(name: &str, fields: Value) -> String {
    let mut object = Map::new();
    object.insert("timestamp".to_owned(), jiff::Timestamp::now().to_string().into());
    object.insert("level".to_owned(), "INFO".into());
    object.insert("schema".to_owned(), SCHEMA.into());
    object.insert("event".to_owned(), name.into());
    if let Value::Object(fields) = fields {
        object.extend(fields.into_iter().filter(|(field, _)| field != "schema"));
    }
    Value::Object(object).to_string()
}

/// The fields of `run_started`.
pub(super) fn started(run: &str, jobs: u64, limit: Option<u32>) -> Value {
    json!({ "run": run, "jobs": jobs, "rate": limit })
}

/// The fields of `row`: a job that has ended.
pub(super) fn row(run: &str, row: u64, job: &Job, outcome: &Outcome) -> Value {
    json!({
        "run": run,
        "row": row,
        "user_id": job.user.to_string(),
        "action": job.action.name().name(),
        "plan_id": job.action.plan().map(|plan| plan.to_string()),
        "status": outcome.status.name(),
        "message": outcome.message,
        "hint": outcome.hint,
        "http_status": outcome.http_status,
        "error_code": outcome.error_code,
        "ref_id": outcome.ref_id,
    })
}

/// The fields of `progress`.
pub(super) fn progress(run: &str, standing: &Standing) -> Value {
    let pause = standing.pause.as_ref();
    json!({
        "run": run,
        "message": words::line(standing),
        "jobs": standing.jobs,
        "done": standing.done,
        "failed": standing.failed,
        "unclear": standing.unclear,
        "requests_last_minute": standing.requests,
        "rate": standing.limit,
        "paused_seconds": pause.map(|(_, left)| left.as_secs_f64()),
        "paused_by": pause.map(|(why, _)| why),
        "seconds_left": standing.left.as_ref().map(Duration::as_secs_f64),
    })
}
