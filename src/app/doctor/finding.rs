//! What the doctor finds, and how it is written: a line for each check, or one object of JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::app::CommandError;
use crate::console::visible_line;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// As it should be.
    Good,
    /// Not as usual, and not a fault.
    Note,
    /// A run would fail, or do what nobody wants.
    Failed,
}

impl Verdict {
    const fn name(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Note => "note",
            Self::Failed => "failed",
        }
    }
}

/// What one check has found.
#[derive(Debug, Clone)]
struct Finding {
    check: &'static str,
    verdict: Verdict,
    message: String,
    hint: Option<String>,
}

/// What all checks have found, in their order.
#[derive(Debug, Default)]
pub(crate) struct Checkup(Vec<Finding>);

impl Checkup {
    /// What is as it should be.
    pub(crate) fn good(&mut self, check: &'static str, message: impl Into<String>) {
        self.add(check, Verdict::Good, message.into(), None);
    }

    /// What is not as usual, and no fault.
    pub(crate) fn note(&mut self, check: &'static str, message: impl Into<String>, hint: Option<&str>) {
        self.add(check, Verdict::Note, message.into(), hint.map(str::to_owned));
    }

    /// What a run would fail for, and how it is mended.
    pub(crate) fn failed(&mut self, check: &'static str, failure: &CommandError) {
        self.add(check, Verdict::Failed, failure.message.clone(), failure.hint.clone());
    }

    fn add(&mut self, check: &'static str, verdict: Verdict, message: String, hint: Option<String>) {
        self.0.push(Finding { check, verdict, message, hint });
    }

    /// How many checks have failed.
    pub(crate) fn failures(&self) -> usize {
        self.0.iter().filter(|finding| finding.verdict == Verdict::Failed).count()
    }

    /// A line for each check, and one below it that says how to mend what is not well.
    pub(crate) fn text(&self) -> String {
        self.0.iter().fold(String::new(), |mut text, Finding { check, verdict, message, hint }| {
            let _ = writeln!(text, "{:<7} {check:<13} {}", verdict.name(), visible_line(message));
            if let Some(hint) = hint {
                let _ = writeln!(text, "        hint: {}", visible_line(hint));
            }
            text
        })
    }

    /// The same for machines.
    pub(crate) fn json(&self) -> Value {
        let checks = self.0.iter().map(|Finding { check, verdict, message, hint }| {
            json!({ "check": check, "status": verdict.name(), "message": message, "hint": hint })
        });
        json!({ "schema": 1, "failed": self.failures(), "checks": checks.collect::<Vec<_>>() })
    }
}
