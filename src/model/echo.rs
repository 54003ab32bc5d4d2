//! Echoes: what the answer to an update shows of the user that it changed (seed 003, `data`).

use serde::{Deserialize, Serialize};

use super::UserId;

/// What an answer shows of one user. Each property is optional: nobody promises one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserEcho {
    /// The user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<UserId>,
    /// Primary address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// First name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Last name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Both names, as the API shows them together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The users that the answer to an update shows; one, as a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UpdateEcho {
    users: Vec<UserEcho>,
}

impl UpdateEcho {
    /// An echo of these users; none when there are none.
    pub fn from_users(users: Vec<UserEcho>) -> Option<Box<Self>> {
        (!users.is_empty()).then(|| Box::new(Self { users }))
    }

    /// The users.
    pub fn users(&self) -> &[UserEcho] {
        &self.users
    }
}

impl UserEcho {
    /// Whether nothing is shown.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Name and address for a person, as far as they are shown.
    pub fn describe(&self) -> Option<String> {
        let parts: Vec<_> = [&self.first_name, &self.last_name].into_iter().flatten().map(|part| part.trim()).collect();
        let joined = Some(parts.join(" ")).filter(|joined| !joined.trim().is_empty());
        let name = joined.or_else(|| self.name.clone());
        match (name, &self.email) {
            (Some(name), Some(email)) => Some(format!("{name} <{email}>")),
            (Some(name), None) => Some(name),
            (None, Some(email)) => Some(email.clone()),
            (None, None) => None,
        }
    }
}
