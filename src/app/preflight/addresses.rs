//! Addresses: who has those of a file, where the lists of users have not said it.

use super::findings::person_of_listed;
use crate::app::CommandError;
use crate::app::account::read_error::ReadError;
use crate::app::account::reader::{AccountReader, AddressMatches, Readability};
use crate::app::preflight::subjects::AffectedUsers;
use crate::model::Email;
use crate::plan::{AddressOwner, Directory, Lookups};

/// Notes whose the addresses are that nobody was found to have yet.
pub(crate) async fn look_up(
    reader: &AccountReader<'_>,
    directory: &mut Directory,
    affected: &AffectedUsers,
) -> Result<(), CommandError> {
    let addresses: Vec<_> = affected.unresolved(directory).into_iter().collect();
    ask_by_address(reader, directory, &addresses).await
}

/// Without one of these users nobody could say whom a row is about, so a refusal concerns more than the request. A server
/// that has no list of users is another matter: rows that give an id can do without.
pub(super) async fn ask_by_address(
    reader: &AccountReader<'_>,
    directory: &mut Directory,
    addresses: &[Email],
) -> Result<(), CommandError> {
    if addresses.is_empty() || directory.lookups() == Lookups::Impossible {
        return Ok(());
    }
    match reader.users_by_email(addresses).await {
        Ok(AddressMatches { users, readability }) => {
            for user in users {
                directory.note_person(user.id, person_of_listed(&user));
            }
            let unmatched = addresses.iter().filter(|_| readability == Readability::Readable);
            for email in
                unmatched.filter(|email| directory.owner(email) == AddressOwner::Nobody).cloned().collect::<Vec<_>>()
            {
                directory.note_unmatched(email);
            }
        }
        Err(ReadError::Lacking(failure)) => {
            reader.console().warn(&format!("{}: users cannot be looked up by their addresses", failure.message));
            directory.note_lookups(Lookups::Impossible);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}
