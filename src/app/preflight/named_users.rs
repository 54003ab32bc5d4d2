//! Named users: who is meant by ids and addresses, and how they are called, for whoever only looks.

use std::collections::{HashMap, HashSet};

use crate::api::ListedUser;
use crate::app::CommandError;
use crate::app::account::read_error::Lookup;
use crate::app::account::reader::AccountReader;
use crate::input::Subject;
use crate::model::{Email, UserId};

/// Profiles that may be asked for in vain, one after the other, before the server is taken to have none.
const IN_VAIN: usize = 3;

/// A user and how they are called, as far as it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedUser {
    /// The user.
    pub id: UserId,
    /// The primary address.
    pub email: Option<String>,
    /// First and last name.
    pub name: Option<String>,
}

impl NamedUser {
    fn of_listed(user: &ListedUser) -> Self {
        Self { id: user.id, email: user.email.clone(), name: user.name.clone() }
    }
}

/// The users whom somebody means, once each, and the addresses that nobody has.
#[derive(Debug, Default)]
pub(crate) struct NamedUsers {
    /// Those who were found, in the order in which they were named.
    pub users: Vec<NamedUser>,
    /// Addresses that nobody in the account has.
    pub unknown: Vec<Email>,
}

/// Finds out who is meant.
pub(crate) async fn named_users(reader: &AccountReader<'_>, subjects: &[Subject]) -> Result<NamedUsers, CommandError> {
    let addresses: Vec<_> = subjects.iter().filter_map(Subject::email).cloned().collect();
    let mut by_address: HashMap<Email, Vec<NamedUser>> = HashMap::new();
    let mut by_id: HashMap<UserId, NamedUser> = HashMap::new();
    for user in reader.users_by_email(&addresses).await?.users {
        let known = NamedUser::of_listed(&user);
        if let Some(email) = user.email.as_deref().and_then(Email::new) {
            by_address.entry(email).or_default().push(known.clone());
        }
        by_id.insert(user.id, known);
    }
    let mut named = NamedUsers::default();
    for subject in subjects {
        match subject {
            Subject::Id(id) | Subject::Both(id, _) => {
                let unnamed = NamedUser { id: *id, email: None, name: None };
                named.users.push(by_id.get(id).cloned().unwrap_or(unnamed));
            }
            Subject::Email(email) => match by_address.get(email) {
                None => named.unknown.push(email.clone()),
                // Whoever only looks may look at all of them.
                Some(several) => {
                    if several.len() > 1 {
                        let count = several.len();
                        let console = reader.console();
                        console.warn(&format!("{count} users have the address {email}: all of them are listed"));
                    }
                    named.users.extend_from_slice(several);
                }
            },
        }
    }
    let mut seen = HashSet::new();
    named.users.retain(|user| seen.insert(user.id));
    Ok(named)
}

/// Reads how users are called of whom only the id is known, a request each. It stops asking where nobody is shown.
#[derive(Debug, Default)]
pub(crate) struct Introductions {
    in_vain: usize,
}

impl Introductions {
    /// The same user with address and name, where the API shows them: a comfort, so that not to read them is no failure.
    pub(crate) async fn introduce(&mut self, reader: &AccountReader<'_>, user: NamedUser) -> NamedUser {
        if user.email.is_some() || self.in_vain >= IN_VAIN {
            return user;
        }
        match reader.profile(user.id).await {
            Ok(Lookup::Found(profile)) => {
                self.in_vain = 0;
                NamedUser { id: user.id, email: profile.email, name: profile.name }
            }
            // No document on plans names profiles, so a server may do without.
            Ok(Lookup::NotFound | Lookup::Unreadable) | Err(_) => {
                self.in_vain += 1;
                user
            }
        }
    }
}
