//! Who is meant by an address: whoever had it when a run read them, or for whom a row gave it.

use std::collections::BTreeSet;

use crate::app::CommandError;
use crate::input::{Field, Row, Subject};
use crate::ledger::Ledger;
use crate::model::{Email, UserId};

/// The users whom the ledger knows by an id or an address.
///
/// # Errors
/// When it knows nobody by this address, or cannot be read.
pub(crate) fn users(ledger: &Ledger, asked: &Subject) -> Result<BTreeSet<UserId>, CommandError> {
    let email = match asked {
        Subject::Id(user) | Subject::Both(user, _) => return Ok(BTreeSet::from([*user])),
        Subject::Email(email) => email,
    };
    let mut users = BTreeSet::new();
    for candidate in ledger.views().mentions(email.as_str())? {
        let is_read = candidate.email.as_deref().and_then(Email::new).is_some_and(|found| found == *email);
        if is_read || is_given(&candidate.header, &candidate.cells, email) {
            users.insert(candidate.user);
        }
    }
    if users.is_empty() {
        let message = format!("no run in {} was about {email}", ledger.path().display());
        return Err(CommandError::refused(message).hint("ask by the user's id; runs that were pruned are forgotten"));
    }
    Ok(users)
}

/// Whether a row gives an address in a column for addresses.
fn is_given(header: &str, cells: &str, email: &Email) -> bool {
    let (header, cells) = (Row::from_record(header), Row::from_record(cells));
    let mut columns = header.cells().zip(cells.cells());
    columns.any(|(name, cell)| Field::names_address(name) && Email::new(cell).is_some_and(|found| found == *email))
}
