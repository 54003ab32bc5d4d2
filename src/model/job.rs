//! Jobs: one wanted effect each, and the key by which one is known wherever its row has been moved to.
//!
//! The key is text that no spreadsheet will round, and it carries a check, because it is where ids come from when a
//! report or review is read again.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::action::ActionError;
use super::{Action, ActionName, Attributes, DowngradeSeat, IdError, PlanId, Seat, SeatError, UpgradeSeat, UserId};

/// One wanted effect: a user, an action, its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Job {
    /// Whom it is done to.
    pub user: UserId,
    /// What is done.
    pub action: Action,
}

impl Job {
    /// The text by which the job is known: `result_key`.
    pub fn key(&self) -> JobKey {
        JobKey(self.clone())
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "user {}: {}", self.user, self.action)
    }
}

/// A job as the text of the `result_key` column: `u<user>:<action>[:p<plan>][:<argument>…]:<check>`.
///
/// The check is the first six hexadecimal digits of the SHA-256 of what stands before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobKey(Job);

/// More letters than most keys have before their check.
const USUAL_LENGTH: usize = 64;

impl JobKey {
    /// The job that the key stands for.
    pub fn into_job(self) -> Job {
        self.0
    }

    fn body(&self) -> String {
        let mut text = String::with_capacity(USUAL_LENGTH);
        let _ = write!(text, "u{}:{}", self.0.user, self.0.action.name());
        if let Some(plan) = self.0.action.plan() {
            let _ = write!(text, ":p{plan}");
        }
        if let Some(seat) = self.0.action.seat() {
            let _ = write!(text, ":{seat}");
        }
        if let Action::Update(attributes) = &self.0.action {
            for (name, value) in attributes.set() {
                let _ = write!(text, ":{name}={}", escape(&value));
            }
        }
        text
    }
}

impl fmt::Display for JobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.body();
        let check = check(&text);
        write!(text, ":{check:06x}")?;
        f.write_str(&text)
    }
}

/// Why a text is no job key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It was cut, edited or mistyped.
    #[error("its check does not match: the key was edited or cut")]
    Check,
    /// It does not have the parts of a key.
    #[error("it is not of the form user:action:arguments:check")]
    Form,
    /// An id in it is none.
    #[error("an id in it {0}")]
    Id(#[from] IdError),
    /// Its action is none.
    #[error(transparent)]
    Action(#[from] ActionError),
    /// Its seat is none.
    #[error(transparent)]
    Seat(#[from] SeatError),
}

impl FromStr for JobKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (body, sum) = text.trim().rsplit_once(':').ok_or(KeyError::Form)?;
        if format!("{:06x}", check(body)) != sum.to_ascii_lowercase() {
            return Err(KeyError::Check);
        }
        let mut parts = body.split(':');
        let user = parts.next().and_then(|part| part.strip_prefix('u')).ok_or(KeyError::Form)?.parse()?;
        let name: ActionName = parts.next().ok_or(KeyError::Form)?.parse()?;
        let action = read_action(name, &mut parts)?;
        if parts.next().is_some() {
            return Err(KeyError::Form);
        }
        Ok(Self(Job { user, action }))
    }
}

fn read_action<'a>(name: ActionName, parts: &mut impl Iterator<Item = &'a str>) -> Result<Action, KeyError> {
    let mut plan = || -> Result<PlanId, KeyError> {
        Ok(parts.next().and_then(|part| part.strip_prefix('p')).ok_or(KeyError::Form)?.parse()?)
    };
    Ok(match name {
        ActionName::Downgrade => Action::Downgrade { plan: plan()?, to: read_downgrade_seat(parts.next())? },
        ActionName::Upgrade => Action::Upgrade { plan: plan()?, to: read_upgrade_seat(parts.next())? },
        ActionName::Deactivate => Action::Deactivate,
        ActionName::Reactivate => Action::Reactivate,
        ActionName::Remove => Action::Remove { plan: plan()? },
        ActionName::Update => Action::Update(Box::new(read_attributes(parts)?)),
        ActionName::Plans => Action::Plans,
    })
}

fn read_downgrade_seat(part: Option<&str>) -> Result<DowngradeSeat, KeyError> {
    match part.ok_or(KeyError::Form)?.parse()? {
        Seat::Guest => Ok(DowngradeSeat::Guest),
        Seat::Viewer => Ok(DowngradeSeat::Viewer),
        Seat::Contributor => Ok(DowngradeSeat::Contributor),
        Seat::Member | Seat::ProvisionalMember => Err(KeyError::Form),
    }
}

fn read_upgrade_seat(part: Option<&str>) -> Result<UpgradeSeat, KeyError> {
    match part.ok_or(KeyError::Form)?.parse()? {
        Seat::Guest => Ok(UpgradeSeat::Guest),
        Seat::Member => Ok(UpgradeSeat::Member),
        Seat::Viewer | Seat::Contributor | Seat::ProvisionalMember => Err(KeyError::Form),
    }
}

fn read_attributes<'a>(parts: &mut impl Iterator<Item = &'a str>) -> Result<Attributes, KeyError> {
    let mut attributes = Attributes::default();
    for part in parts {
        let (name, value) = part.split_once('=').ok_or(KeyError::Form)?;
        let flag = || value.parse().map(Some).map_err(|_| KeyError::Form);
        match name {
            "admin" => attributes.admin = flag()?,
            "licensedSheetCreator" => attributes.licensed_sheet_creator = flag()?,
            "groupAdmin" => attributes.group_admin = flag()?,
            "resourceViewer" => attributes.resource_viewer = flag()?,
            "firstName" => attributes.first_name = Some(unescape(value)?),
            "lastName" => attributes.last_name = Some(unescape(value)?),
            _ => return Err(KeyError::Form),
        }
    }
    Ok(attributes)
}

/// Names may hold the key's own separators and line ends; those are written as `%` and two hexadecimal digits.
fn escape(value: &str) -> String {
    value.chars().fold(String::with_capacity(value.len()), |mut text, letter| {
        if matches!(letter, ':' | '=' | '%') || letter.is_ascii_control() {
            let _ = write!(text, "%{:02x}", u32::from(letter));
        } else {
            text.push(letter);
        }
        text
    })
}

fn unescape(value: &str) -> Result<String, KeyError> {
    let mut pieces = value.split('%');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2).ok_or(KeyError::Form)?;
        let letter = u8::from_str_radix(digits, 16).map_err(|_| KeyError::Form)?;
        text.push(char::from(letter));
        text.push_str(rest);
    }
    Ok(text)
}

/// The check of what stands before it, as a number of six hexadecimal digits.
fn check(body: &str) -> u32 {
    let digest = Sha256::digest(body.as_bytes());
    u32::from_be_bytes([0, digest[0], digest[1], digest[2]])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id() -> impl Strategy<Value = u64> + Clone {
        1..=9_999_999_999_999_999_999_u64
    }

    fn action() -> impl Strategy<Value = Action> {
        let plan = id().prop_map(|id| PlanId::new(id).unwrap());
        let down =
            prop_oneof![Just(DowngradeSeat::Guest), Just(DowngradeSeat::Viewer), Just(DowngradeSeat::Contributor)];
        let up = prop_oneof![Just(UpgradeSeat::Guest), Just(UpgradeSeat::Member)];
        let flags = proptest::array::uniform4(any::<Option<bool>>());
        let names = (any::<Option<String>>(), any::<Option<String>>());
        prop_oneof![
            (plan.clone(), down).prop_map(|(plan, to)| Action::Downgrade { plan, to }),
            (plan.clone(), up).prop_map(|(plan, to)| Action::Upgrade { plan, to }),
            Just(Action::Deactivate),
            Just(Action::Reactivate),
            plan.prop_map(|plan| Action::Remove { plan }),
            Just(Action::Plans),
            (flags, names).prop_map(|([admin, licensed_sheet_creator, group_admin, resource_viewer], names)| {
                let (first_name, last_name) = names;
                let attributes =
                    Attributes { admin, licensed_sheet_creator, group_admin, resource_viewer, first_name, last_name };
                Action::Update(Box::new(attributes))
            }),
        ]
    }

    proptest! {
        #[test]
        fn every_job_comes_back_from_its_key(user in id(), action in action()) {
            let job = Job { user: UserId::new(user).unwrap(), action };
            let key = job.key().to_string();
            prop_assert_eq!(key.parse::<JobKey>().map(JobKey::into_job), Ok(job));
        }

        #[test]
        fn no_text_makes_the_key_reader_panic(text in ".{0,60}") {
            let _ = text.parse::<JobKey>();
        }

        #[test]
        fn a_changed_digit_is_noticed(user in 10_u64..1_000_000_000_000_000_000, at in 1_usize..3) {
            let job = Job { user: UserId::new(user).unwrap(), action: Action::Deactivate };
            let mut key = job.key().to_string().into_bytes();
            key[at] = if key[at] == b'9' { b'0' } else { key[at] + 1 };
            let key = String::from_utf8(key).unwrap();
            prop_assert!(key.parse::<JobKey>().is_err());
        }
    }

    #[test]
    fn the_key_reads_as_the_interface_shows_it() {
        let job = Job {
            user: UserId::new(48_569_348_493_401_201).unwrap(),
            action: Action::Downgrade {
                plan: PlanId::new(4_843_937_635_559_300).unwrap(),
                to: DowngradeSeat::Contributor,
            },
        };
        let key = job.key().to_string();
        assert!(key.starts_with("u48569348493401201:downgrade:p4843937635559300:CONTRIBUTOR:"), "{key}");
    }
}
