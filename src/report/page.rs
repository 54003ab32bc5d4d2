//! The page: a dry run, a run or a refusal as one HTML file, for people who do not use terminals.
//!
//! It is whole in itself: no address outside of it is named, and the policy in its head forbids the browser to ask for
//! any. What is on it comes from spreadsheets and the API, so `maud` escapes it where it is text, and among the rows it is
//! inert data ([`rows`]); it is never markup. Summary, warnings and charts are made here and need no script; the script only
//! shows the rows.

mod assets;
mod bars;
mod content;
mod head;
mod html;
mod overview;
mod people;
mod remark;
mod remarks;
mod rows;
mod sections;
#[cfg(test)]
mod tests;
mod traffic;
mod words;

use std::io::{self, Write};

use maud::html;

use assets::SCRIPT;
use overview::Tense;

pub use content::{Approval, Occasion, Page, Stage};
pub use overview::Overview;
pub use people::PersonColumns;
pub use remark::{Remark, Weight};
pub use rows::PageRows;
pub use traffic::Traffic;

impl Page<'_> {
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
    pub fn begin<W: Write>(&self, mut output: W, overview: &Overview) -> io::Result<PageRows<W>> {
        let head = head::head(self, overview).into_string();
        write!(output, "{head}\n<body>\n")?;
        let body = html! { (head::masthead(self, overview)) (sections::sections(self, overview)) };
        writeln!(output, "{}", body.into_string())?;
        PageRows::begin(output)
    }
}

impl<W: Write> PageRows<W> {
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
