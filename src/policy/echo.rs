//! What the echo of an update says: whether it shows the user and the names that were asked for.

use crate::model::{Action, Attributes, Job, UserEcho, UserId};

/// What the answer to an update shows, compared with what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Echo<'a> {
    /// Nothing that could be compared.
    Silent,
    /// The user, and nothing that differs.
    Agrees(&'a UserEcho),
    /// The user, by another name than was asked for.
    OtherName(&'a UserEcho),
    /// Another user.
    OtherUser(UserId),
}

/// Compares the echo in an answer with the update that it answers.
pub fn compare_echo<'a>(job: &Job, users: &'a [UserEcho]) -> Echo<'a> {
    let Action::Update(wanted) = &job.action else { return Echo::Silent };
    let same = users.iter().find(|user| user.id == Some(job.user));
    let other = users.iter().find_map(|user| user.id.filter(|id| *id != job.user));
    match (same.or_else(|| users.first()), other) {
        (_, Some(other)) if same.is_none() => Echo::OtherUser(other),
        (Some(shown), _) if shows_other_name(wanted, shown) => Echo::OtherName(shown),
        (Some(shown), _) => Echo::Agrees(shown),
        (None, _) => Echo::Silent,
    }
}

fn shows_other_name(wanted: &Attributes, shown: &UserEcho) -> bool {
    let parts = [(&wanted.first_name, &shown.first_name), (&wanted.last_name, &shown.last_name)];
    parts.into_iter().any(|(wanted, part)| {
        let Some(wanted) = wanted.as_deref().map(str::trim) else { return false };
        match (part, &shown.name) {
            (Some(part), _) => part.trim() != wanted,
            // Only the whole name is shown: the part has to be in it.
            (None, Some(name)) => !name.contains(wanted),
            (None, None) => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(first: Option<&str>, last: Option<&str>) -> Job {
        let attributes = Attributes {
            first_name: first.map(str::to_owned),
            last_name: last.map(str::to_owned),
            ..Attributes::default()
        };
        Job { user: UserId::new(7).unwrap(), action: Action::Update(Box::new(attributes)) }
    }

    fn shown(id: Option<u64>, first: Option<&str>, last: Option<&str>, name: Option<&str>) -> UserEcho {
        UserEcho {
            id: id.and_then(UserId::new),
            email: None,
            first_name: first.map(str::to_owned),
            last_name: last.map(str::to_owned),
            name: name.map(str::to_owned),
        }
    }

    #[test]
    fn an_echo_agrees_unless_it_shows_another_user_or_another_name() {
        let jane = update(Some("Jane "), Some("Doe"));
        let eight = UserId::new(8).unwrap();
        let echo = [
            shown(Some(7), Some("Jane"), Some("Doe"), None),
            shown(Some(7), Some("Joan"), Some("Doe"), None),
            shown(Some(8), Some("Jane"), Some("Doe"), None),
            shown(None, Some("Jane"), None, None),
            shown(None, None, None, Some("Jane Doe")),
            shown(None, None, None, Some("Jane Roe")),
            shown(Some(7), Some(""), None, None),
        ];
        let table = [
            (&jane, &echo[0..1], Echo::Agrees(&echo[0])),
            (&jane, &echo[1..2], Echo::OtherName(&echo[1])),
            (&jane, &echo[2..3], Echo::OtherUser(eight)),
            (&jane, &echo[0..3], Echo::Agrees(&echo[0])),
            (&jane, &echo[3..4], Echo::Agrees(&echo[3])),
            (&jane, &echo[4..5], Echo::Agrees(&echo[4])),
            (&jane, &echo[5..6], Echo::OtherName(&echo[5])),
            (&jane, &echo[6..7], Echo::OtherName(&echo[6])),
            (&jane, &[], Echo::Silent),
            (&update(None, None), &echo[1..2], Echo::Agrees(&echo[1])),
        ];
        for (job, users, expected) in table {
            assert_eq!(compare_echo(job, users), expected, "{users:?}");
        }
        let deactivate = Job { user: UserId::new(7).unwrap(), action: Action::Deactivate };
        assert_eq!(compare_echo(&deactivate, &echo[2..3]), Echo::Silent, "only an update has an echo");
    }
}
