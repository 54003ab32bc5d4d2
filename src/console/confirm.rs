//! Confirming: a question on the terminal, answered by typing.
//!
//! It asks and compares. What the question says, and what follows from an answer, `commands` decides. Nothing but what
//! was asked for, typed in full, is a yes.

use std::io::{self, BufRead, IsTerminal, Write};

use super::Screen;
use super::visible::visible_line;

/// What has to be typed to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// The word `yes`.
    Yes,
    /// This number, in digits: for what can't be undone, or is very large.
    Number(u64),
}

/// A question, and what is shown above it. A value in it was made [one line](visible_line) before.
#[derive(Debug, Clone)]
pub struct Question {
    /// Lines that end, what weighs most first: as many are shown as there is room for.
    pub details: String,
    /// Lines that end, all of which are shown right above the prompt.
    pub decision: String,
}

/// Lines of a question, its prompt included, at the most: what a terminal shows without scrolling.
const MOST_LINES: usize = 24;

impl Question {
    /// A question that needs nothing above it.
    pub const fn brief(decision: String) -> Self {
        Self { details: String::new(), decision }
    }

    /// The lines above the prompt, once `fitted` has broken each text to the width of the terminal.
    pub(super) fn text(&self, fitted: impl Fn(&str) -> String) -> String {
        let [details, decision] = [&self.details, &self.decision].map(|text| fitted(text.trim_end()));
        let room = MOST_LINES.saturating_sub(1 + decision.lines().count());
        let count = details.lines().count();
        if count == 0 {
            return decision;
        }
        if count <= room {
            return format!("{details}\n{decision}");
        }
        let shown = room.saturating_sub(1);
        let text = details.lines().take(shown).fold(String::new(), |text, line| text + line + "\n");
        let more = if room > 0 {
            format!("… {} more lines: --dry-run shows them all\n", count - shown)
        } else {
            String::new()
        };
        text + &more + &decision
    }
}

/// What came of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// What was expected was typed.
    Confirmed,
    /// `no`, nothing, the end of the input, or three times something else.
    Declined,
    /// There is no terminal to ask on.
    Unanswered,
}

/// Asks a question that was made visible.
pub(super) fn ask(screen: &Screen, question: &str, expected: Expected) -> Answer {
    let stdin = io::stdin();
    if !stdin.is_terminal() || !io::stderr().is_terminal() {
        return Answer::Unanswered;
    }
    ask_on(&mut stdin.lock(), &mut Prompts(screen), question, expected).unwrap_or(Answer::Unanswered)
}

/// Writes prompts to the screen. They are flushed once they were read, because nobody may answer what they have not seen.
struct Prompts<'s>(&'s Screen);

impl Write for Prompts<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.part(&String::from_utf8_lossy(bytes)) {
            Ok(bytes.len())
        } else {
            Err(io::ErrorKind::StorageFull.into())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.until_written()
    }
}

fn ask_on(
    answers: &mut impl BufRead,
    prompts: &mut impl Write,
    question: &str,
    expected: Expected,
) -> io::Result<Answer> {
    const TRIES: usize = 3;
    let wanted = match expected {
        Expected::Yes => "yes".to_owned(),
        Expected::Number(number) => number.to_string(),
    };
    writeln!(prompts, "{question}")?;
    for _ in 0..TRIES {
        write!(prompts, "Type {wanted} to go on, or no to stop: ")?;
        prompts.flush()?;
        let mut line = String::new();
        if answers.read_line(&mut line)? == 0 {
            // The prompt's line is still open: nobody typed a line end.
            writeln!(prompts)?;
            return Ok(Answer::Declined);
        }
        match line.trim().to_lowercase().as_str() {
            typed if typed == wanted => return Ok(Answer::Confirmed),
            "" | "no" | "n" => return Ok(Answer::Declined),
            "y" | "yes" => writeln!(prompts, "type {wanted} in full")?,
            typed => writeln!(prompts, "`{}` is neither {wanted} nor no.", visible_line(typed))?,
        }
    }
    Ok(Answer::Declined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_asked_for_is_a_yes() {
        let (yes, number) = (Expected::Yes, Expected::Number(212));
        let table = [
            ("yes\n", yes, Answer::Confirmed),
            (" YES \r\n", yes, Answer::Confirmed),
            ("yes", yes, Answer::Confirmed),
            ("y\nyes\n", yes, Answer::Confirmed),
            ("y\nok\nsure\nyes\n", yes, Answer::Declined),
            ("no\n", yes, Answer::Declined),
            ("\n", yes, Answer::Declined),
            ("", yes, Answer::Declined),
            ("212\n", number, Answer::Confirmed),
            ("yes\n212\n", number, Answer::Confirmed),
            ("21\n2120\n0212\n", number, Answer::Declined),
            ("N\n212\n", number, Answer::Declined),
        ];
        for (typed, expected, answer) in table {
            let got = ask_on(&mut typed.as_bytes(), &mut Vec::new(), "Really?", expected).unwrap();
            assert_eq!(got, answer, "{typed:?}");
        }
    }

    #[test]
    fn what_is_more_than_a_terminal_shows_is_cut_above_the_decision() {
        let lines = |count: usize, word: &str| {
            (0..count).map(|number| [word, &number.to_string(), "\n"].concat()).collect::<String>()
        };
        // Lines of details and of the decision, and how many of the details are shown.
        for (details, decision, shown) in [(5, 3, 5), (20, 3, 20), (21, 3, 19), (300, 10, 12), (9, 23, 0), (0, 1, 0)] {
            let question = Question { details: lines(details, "detail "), decision: lines(decision, "decision ") };
            let text = question.text(str::to_owned);
            assert!(text.lines().count() < MOST_LINES, "{details} and {decision}: {text}");
            assert_eq!(text.matches("detail ").count(), shown, "{details} and {decision}: {text}");
            assert_eq!(text.matches("decision ").count(), decision);
        }
    }

    #[test]
    fn the_question_comes_first_and_every_line_is_ended() {
        let mut prompts = Vec::new();
        ask_on(&mut "y\n".as_bytes(), &mut prompts, "Change 212 seats?", Expected::Yes).unwrap();
        let expected = "Change 212 seats?\n\
            Type yes to go on, or no to stop: type yes in full\n\
            Type yes to go on, or no to stop: \n";
        assert_eq!(String::from_utf8(prompts).unwrap(), expected);
    }
}
