//! The expected account: the only one in which anything is changed, by its id or its name.

use std::fmt;
use std::str::FromStr;

/// Which account is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedAccount {
    /// The account of this id. A bare number is one, because nobody can tell whether a name of digits is meant.
    Id(u64),
    /// The account of this name.
    Name(String),
}

/// A text that means no account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpectedAccountError {
    /// Nothing is there, or nothing behind `name:`.
    #[error("is empty: give it a value such as name:Acme, or leave the key out")]
    Empty,
    /// Behind `id:` comes something else than a number.
    #[error("`{0}` is not an id: write id: and digits, such as id:5094772010117508")]
    NotAnId(String),
}

impl ExpectedAccount {
    /// Whether an account of this id and name is meant. What the API does not show is not meant.
    pub fn is_met_by(&self, id: Option<u64>, name: Option<&str>) -> bool {
        match self {
            Self::Id(expected) => id == Some(*expected),
            Self::Name(expected) => name.is_some_and(|name| name.trim() == expected),
        }
    }
}

impl fmt::Display for ExpectedAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "id:{id}"),
            Self::Name(name) => write!(f, "name:{name}"),
        }
    }
}

impl FromStr for ExpectedAccount {
    type Err = ExpectedAccountError;

    fn from_str(text: &str) -> Result<Self, ExpectedAccountError> {
        let text = text.trim();
        let id = |digits: &str| digits.trim().parse().map(Self::Id);
        if let Some(digits) = text.strip_prefix("id:") {
            return id(digits).map_err(|_| ExpectedAccountError::NotAnId(text.to_owned()));
        }
        let (is_named, name) = text.strip_prefix("name:").map_or((false, text), |name| (true, name.trim()));
        match id(name) {
            _ if name.is_empty() => Err(ExpectedAccountError::Empty),
            Ok(id) if !is_named => Ok(id),
            Ok(_) | Err(_) => Ok(Self::Name(name.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_meant_by_id_or_by_name_and_a_bare_number_is_never_a_name() {
        // the setting, how it is shown, whether account 12345 named Acme, and account 7 named 12345, are meant
        let table = [
            ("id:12345", "id:12345", [true, false]),
            (" id: 12345 ", "id:12345", [true, false]),
            ("12345", "id:12345", [true, false]),
            ("name:12345", "name:12345", [false, true]),
            ("name:Acme", "name:Acme", [true, false]),
            ("Acme", "name:Acme", [true, false]),
            ("acme", "name:acme", [false, false]),
            ("7", "id:7", [false, true]),
            ("name:id:7", "name:id:7", [false, false]),
        ];
        for (text, shown, expected) in table {
            let account: ExpectedAccount = text.parse().unwrap();
            let met = [account.is_met_by(Some(12_345), Some(" Acme ")), account.is_met_by(Some(7), Some("12345"))];
            assert_eq!((account.to_string().as_str(), met), (shown, expected), "{text:?}");
            assert!(!account.is_met_by(None, None), "{text:?}");
            assert_eq!(shown.parse(), Ok(account), "what is shown is read again");
        }
        for text in ["", " ", "name:", "name: ", "id:", "id:Acme", "id:-5", "id:4.8E+16"] {
            assert!(text.parse::<ExpectedAccount>().is_err(), "{text:?}");
        }
    }
}
