//! The header `smartsheet-integration-source`: `TYPE,OrgName,SourceName` (seeds 000 to 003, "Header parameters").
//!
//! Smartsheet tells programs from people by it, so it is checked here rather than refused by the server row by row.

use std::fmt;
use std::str::FromStr;

const TYPES: [&str; 3] = ["AI", "SCRIPT", "APPLICATION"];

/// The value of the header: exactly three parts, the first AI, SCRIPT or APPLICATION, the last not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegrationSource(String);

impl IntegrationSource {
    /// The header's value. It holds visible ASCII characters and spaces only, which every header can carry.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IntegrationSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Why a text is no integration source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntegrationError {
    /// It has fewer or more than three parts.
    #[error("`{0}` is not of the form TYPE,OrgName,SourceName with exactly two commas, such as SCRIPT,Acme,leavers")]
    Parts(String),
    /// Its first part is something else.
    #[error("`{0}` begins with none of AI, SCRIPT, APPLICATION")]
    Type(String),
    /// Its last part is empty.
    #[error("`{0}` names no source after the second comma, such as SCRIPT,Acme,leavers")]
    Source(String),
    /// A character of it cannot stand in a header.
    #[error("{0:?} holds a character that no HTTP header can carry: use letters, digits and signs of ASCII")]
    Character(String),
}

impl FromStr for IntegrationSource {
    type Err = IntegrationError;

    fn from_str(text: &str) -> Result<Self, IntegrationError> {
        let text = text.trim();
        let parts: Vec<_> = text.split(',').map(str::trim).collect();
        let [kind, organization, source] = parts[..] else {
            return Err(IntegrationError::Parts(text.to_owned()));
        };
        if !TYPES.contains(&kind) {
            return Err(IntegrationError::Type(text.to_owned()));
        }
        if source.is_empty() {
            return Err(IntegrationError::Source(text.to_owned()));
        }
        if !text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
            return Err(IntegrationError::Character(text.to_owned()));
        }
        Ok(Self(format!("{kind},{organization},{source}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_three_parts_of_which_only_the_organization_may_be_empty() {
        let table = [
            ("SCRIPT,,seatrun", Ok("SCRIPT,,seatrun")),
            ("AI, Sample Org ,My-AI-Connector-v2", Ok("AI,Sample Org,My-AI-Connector-v2")),
            ("APPLICATION,SampleOrg3,SheetUpdater", Ok("APPLICATION,SampleOrg3,SheetUpdater")),
            ("SCRIPT,seatrun", Err("exactly two commas")),
            ("SCRIPT,a,b,c", Err("exactly two commas")),
            ("", Err("exactly two commas")),
            ("script,,seatrun", Err("none of AI, SCRIPT, APPLICATION")),
            (",,seatrun", Err("none of AI, SCRIPT, APPLICATION")),
            ("SCRIPT,Acme,", Err("names no source")),
            ("SCRIPT,Acme, ", Err("names no source")),
            ("SCRIPT,Ac\nme,x", Err("no HTTP header")),
            ("SCRIPT,Äcme,x", Err("no HTTP header")),
        ];
        for (text, expected) in table {
            match (text.parse::<IntegrationSource>(), expected) {
                (Ok(source), Ok(expected)) => assert_eq!(source.as_str(), expected),
                (Err(error), Err(expected)) => assert!(error.to_string().contains(expected), "{text:?}: {error}"),
                (read, _) => panic!("{text:?}: {read:?}"),
            }
        }
    }
}
