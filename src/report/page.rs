//! The page: a dry run, a run or a refusal as one HTML file, for people who do not use terminals.
//!
//! It is whole in itself: no address outside of it is named, and the policy in its head forbids the browser to ask for
//! any. What stands on it comes from spreadsheets and the API, so `maud` escapes it where it is text, and it is
//! inert data among the rows ([`rows`]); it is never markup. Summary, warnings and charts are made here and need no script; the script only shows the
//! rows.

mod bars;
mod head;
mod html;
mod overview;
mod people;
mod remarks;
mod rows;
mod sections;
#[cfg(test)]
mod tests;
mod traffic;
mod words;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use maud::html;
use sha2::{Digest, Sha256};

use super::Estimate;
use crate::model::{PlanId, StopReason};
use crate::plan::{AffectedShare, Highlight};
use overview::Tense;

pub use overview::Overview;
pub use people::PersonColumns;
pub use remarks::{Remark, Weight};
pub use rows::Rows;
pub use traffic::Traffic;

const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// What a page is about, but for its rows.
#[derive(Debug)]
pub struct Page<'a> {
    /// What it shows.
    pub occasion: Occasion<'a>,
    /// Whether anything of it is real.
    pub stage: Stage,
    /// The input's name.
    pub input: &'a str,
    /// Where the report is; none when it could not be written, or went to standard output.
    pub report: Option<&'a str>,
    /// When it began.
    pub began: Timestamp,
    /// How long it took, as far as it has come to its end.
    pub took: Option<Duration>,
    /// The token's user and the account, where the API was asked.
    pub who: Option<&'a str>,
    /// The API's address, where it was asked.
    pub api_url: Option<&'a str>,
    /// What is to be known before anything else.
    pub remarks: Vec<Remark>,
    /// How the plans are called, as far as the API said.
    pub plan_names: &'a BTreeMap<PlanId, String>,
    /// How many users of each plan would be changed; none of a run.
    pub shares: &'a [AffectedShare],
    /// The rows to look at first; none of a run.
    pub highlights: &'a [Highlight],
    /// How the rows are approved, where they can be.
    pub approval: Option<Approval<'a>>,
}

/// What a page shows.
#[derive(Debug)]
pub enum Occasion<'a> {
    /// A dry run: what would happen, and what that costs.
    Review(Estimate),
    /// A run that was refused before anything was changed.
    Refusal,
    /// A run.
    Run {
        /// Its name.
        name: &'a str,
        /// Why it ended; none while it is under way, or when it died.
        ending: Option<&'a StopReason>,
        /// What it sent, and when.
        traffic: Traffic,
    },
}

/// Whether anything of it is real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It is.
    Real,
    /// It is not: the API was simulated.
    Rehearsal,
}

/// How the rows of a review are approved.
#[derive(Debug, Clone, Copy)]
pub struct Approval<'a> {
    /// The column that says yes.
    pub column: &'a str,
    /// Until when the review can run; none where nobody knows.
    pub until: Option<Timestamp>,
}

impl Page<'_> {
    /// A plan as people know it: by its name, with its id.
    fn plan_in_words(&self, plan: PlanId) -> String {
        self.plan_names.get(&plan).map_or_else(|| plan.to_string(), |name| format!("{name} ({plan})"))
    }

    /// What the rows come to, before any was counted.
    pub fn overview(&self) -> Overview {
        Overview::new(match self.occasion {
            Occasion::Review(_) | Occasion::Refusal => Tense::Intended,
            Occasion::Run { .. } => Tense::Done,
        })
    }

    /// Writes everything that comes before the rows, which `overview` has counted.
    ///
    /// # Errors
    /// What the output says.
    pub fn begin<W: Write>(&self, mut output: W, overview: &Overview) -> io::Result<Rows<W>> {
        let head = head::head(self, overview).into_string();
        write!(output, "{head}\n<body>\n")?;
        let body = html! { (head::masthead(self, overview)) (sections::sections(self, overview)) };
        writeln!(output, "{}", body.into_string())?;
        Rows::begin(output)
    }
}

impl<W: Write> Rows<W> {
    /// Ends the page.
    ///
    /// # Errors
    /// What the output says.
    pub fn finish(self) -> io::Result<W> {
        let mut output = self.close()?;
        write!(output, "<script>{SCRIPT}</script>\n</body>\n</html>\n")?;
        Ok(output)
    }
}

/// How the policy names a style sheet or script that may stand in the page: by its SHA-256, so that no other may.
fn fingerprint(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
}
