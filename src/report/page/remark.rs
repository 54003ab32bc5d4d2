//! A remark: something that is to be known, in full and in words for everybody.

use super::words;

/// Something that is to be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// How grave it is.
    pub weight: Weight,
    /// What is the matter.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// How grave a remark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// It stopped the run, or would.
    Stops,
    /// Somebody should look.
    Warns,
    /// It is good to know.
    Tells,
}

impl Remark {
    /// Something that stopped the run, or would.
    pub fn stop(message: impl Into<String>, hint: Option<String>) -> Self {
        Self { weight: Weight::Stops, message: message.into(), hint }
    }

    /// Something that somebody should look at.
    pub fn warning(message: impl Into<String>, hint: Option<String>) -> Self {
        Self { weight: Weight::Warns, message: message.into(), hint }
    }

    /// Something that is good to know.
    pub fn note(message: impl Into<String>) -> Self {
        Self { weight: Weight::Tells, message: message.into(), hint: None }
    }

    /// Whether it names something that only an operator of the program knows.
    pub(super) fn is_technical(&self) -> bool {
        let is_plain = |text: &String| words::plain(text).as_ref() == Some(text);
        !is_plain(&self.message) || self.hint.as_ref().is_some_and(|hint| !is_plain(hint))
    }

    /// The remark in words for everybody; none where nothing of it is for everybody.
    pub(super) fn for_everybody(&self) -> Option<Self> {
        let message = match (words::plain(&self.message), self.weight) {
            (Some(message), _) => message,
            (None, Weight::Stops) => "a safety limit stops this file; see \"For operators\" below".to_owned(),
            (None, Weight::Warns | Weight::Tells) => return None,
        };
        Some(Self { message, hint: self.hint.as_deref().and_then(words::plain), ..self.clone() })
    }
}
