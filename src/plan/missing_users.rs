//! People without an account: what becomes of a row whose address nobody in the account has.
//!
//! Who has left long ago is no mistake of the file, so a row that takes something from them may be skipped. It is never
//! skipped on a guess: the absence has to be proved, and an address that looks like somebody else's fails.

use std::collections::HashMap;

use super::account_state::AccountState;
use super::directory::Directory;
use crate::model::{Action, Email, MissingUserPolicy, Outcome, Reason, Status, UserId};

/// The users of an account by what is left of their addresses without the domain, and by their names.
#[derive(Debug)]
pub(super) struct NearMisses<'a> {
    by_local_part: HashMap<&'a str, Vec<(UserId, &'a Email)>>,
    by_name: HashMap<String, Vec<(UserId, &'a Email)>>,
}

impl<'a> NearMisses<'a> {
    pub(super) fn from_directory(directory: &'a Directory) -> Self {
        let mut near = Self { by_local_part: HashMap::new(), by_name: HashMap::new() };
        for (user, person) in directory.people() {
            let Some(email) = &person.email else { continue };
            near.by_local_part.entry(local_part(email)).or_default().push((user, email));
            if let (Some(first), Some(last)) = (&person.attributes.first_name, &person.attributes.last_name) {
                near.by_name.entry(words(&format!("{first} {last}"))).or_default().push((user, email));
            }
        }
        near
    }

    /// The user who is likely meant by an address: one of the same local part or the same name, at another domain.
    fn likely(&self, missing: &Email) -> Option<(UserId, &'a Email)> {
        let local_part = local_part(missing);
        let of_name = self.by_name.get(&words(local_part));
        let users = self.by_local_part.get(local_part).into_iter().chain(of_name).flatten();
        users.filter(|(_, email)| email.domain() != missing.domain()).min_by_key(|(user, _)| *user).copied()
    }
}

fn local_part(email: &Email) -> &str {
    email.as_str().split('@').next().unwrap_or_default()
}

/// A name as its words in lower case, however they are joined: `jane.doe` and `Jane Doe` are one.
fn words(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// How a row ends whose address nobody in the account has.
pub(super) fn missing_user(
    email: &Email,
    action: &Action,
    directory: &Directory,
    account_state: &AccountState,
    near_misses: &NearMisses<'_>,
) -> Outcome {
    // A row that changes nothing says nothing of the file as a whole.
    let reason = if action.name().changes() { Reason::MissingUser } else { Reason::Row };
    let nobody = format!("nobody in the account has the address `{email}`");
    let failed = |message, hint: String| Outcome { hint: Some(hint), ..Outcome::new(Status::Failed, reason, message) };
    let check = "check the address, or give the user's id".to_owned();
    if let Some((user, other)) = near_misses.likely(email) {
        return failed(
            format!("{nobody}, and user {user} with the address `{other}` may be the same person"),
            "if that user is meant, write that address in the row; else remove the row".to_owned(),
        );
    }
    match (takes_away(action), account_state.missing_users) {
        (false, _) => failed(nobody, check),
        (true, MissingUserPolicy::Fail) => failed(nobody, format!("{check}; --missing-users skip skips such a row")),
        (true, MissingUserPolicy::Skip) if directory.proves_absence(action.plan(), email) => {
            Outcome { hint: Some(check), ..Outcome::new(Status::Skipped, reason, nobody) }
        }
        (true, MissingUserPolicy::Skip) => {
            failed(format!("{nobody} as far as it could be read, and not every user of the plan could be read"), check)
        }
    }
}

/// Whether an action takes a seat or the access from its user, so that there is nothing to do for somebody without any.
const fn takes_away(action: &Action) -> bool {
    match action {
        Action::Downgrade { .. } | Action::Deactivate | Action::Remove { .. } => true,
        Action::Upgrade { .. } | Action::Reactivate | Action::Update(_) | Action::Plans => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Attributes, DowngradeSeat, PlanId, UpgradeSeat};
    use crate::plan::{Coverage, Person, PlanCoverage};

    const PLAN: PlanId = PlanId::new(9).unwrap();

    fn email(text: &str) -> Email {
        Email::new(text).unwrap()
    }

    fn person(address: &str, first: &str, last: &str) -> Person {
        let attributes =
            Attributes { first_name: Some(first.into()), last_name: Some(last.into()), ..Attributes::default() };
        Person { email: Some(email(address)), attributes, ..Person::default() }
    }

    /// What is known once the list was read so far, with an address that was looked up in vain.
    fn directory(coverage: Coverage, missing: &str) -> Directory {
        let mut directory = Directory::default();
        directory.note_default_plan(PLAN);
        directory.note_plan_coverage(PLAN, PlanCoverage { users: Some(2), coverage });
        directory.note_person(UserId::new(5).unwrap(), person("jdoe@acme.example", "Jane", "Doe"));
        directory.note_person(UserId::new(6).unwrap(), person("lee@sub.acme.example", "Lee", "Ng"));
        directory.note_unmatched(email(missing));
        directory
    }

    #[test]
    fn a_row_is_skipped_only_where_the_absence_is_proved_and_nobody_is_like_it() {
        use Coverage::{Partial, Whole};
        let down = || Action::Downgrade { plan: PLAN, to: DowngradeSeat::Viewer };
        let elsewhere = || Action::Remove { plan: PlanId::new(8).unwrap() };
        let up = || Action::Upgrade { plan: PLAN, to: UpgradeSeat::Member };
        let (skip, fail) = (MissingUserPolicy::Skip, MissingUserPolicy::Fail);
        let gone = "gone@acme.example";
        // address, action, policy, how much was read, status, what is said
        let table = [
            (gone, down(), skip, Whole, Status::Skipped, "nobody in the account has the address `gone@acme.example`"),
            (gone, Action::Deactivate, skip, Whole, Status::Skipped, "nobody"),
            (gone, down(), fail, Whole, Status::Failed, "nobody"),
            (gone, down(), skip, Partial, Status::Failed, "not every user of the plan could be read"),
            (gone, down(), skip, Coverage::Barred, Status::Failed, "not every user"),
            (gone, elsewhere(), skip, Whole, Status::Failed, "not every user"),
            (gone, up(), skip, Whole, Status::Failed, "nobody"),
            (gone, Action::Reactivate, skip, Whole, Status::Failed, "nobody"),
            ("jdoe@acme.test", down(), skip, Whole, Status::Failed, "user 5 with the address `jdoe@acme.example`"),
            ("Jane.Doe@acme.test", down(), skip, Whole, Status::Failed, "user 5"),
            ("lee@acme.example", down(), skip, Whole, Status::Failed, "user 6"),
            // At the same domain, another person has the name.
            ("jane.doe@acme.example", down(), skip, Whole, Status::Skipped, "nobody"),
        ];
        for (address, action, missing_users, coverage, status, said) in table {
            let directory = directory(coverage, address);
            let account_state = AccountState { missing_users, ..AccountState::default() };
            let near_misses = NearMisses::from_directory(&directory);
            let outcome = missing_user(&email(address), &action, &directory, &account_state, &near_misses);
            assert_eq!((outcome.status, outcome.reason), (status, Reason::MissingUser), "{address}, {action}");
            assert!(outcome.message.contains(said), "{address}, {action}: {outcome:?}");
        }
    }

    #[test]
    fn an_unreadable_record_or_a_lookup_that_was_not_made_proves_nothing() {
        let gone = email("gone@acme.example");
        let mut directory = directory(Coverage::Whole, "gone@acme.example");
        assert!(directory.proves_absence(Some(PLAN), &gone) && directory.proves_absence(None, &gone));
        assert!(!directory.proves_absence(Some(PLAN), &email("other@acme.example")));
        directory.note_unreadable_users(PLAN);
        assert!(!directory.proves_absence(Some(PLAN), &gone));
    }
}
