//! The command that prints the token: a password manager's, as a rule.
//!
//! It runs a shell and hands back the first line of what that prints. The command's own words must never be shown in
//! full, because people do write `echo` and the token there.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// A command that prints the token. Shown as its first word only.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenCommand(String);

/// Why a token command gave no line.
#[derive(Debug, thiserror::Error)]
pub enum TokenCommandError {
    /// It can't be started, or its output can't be read.
    #[error("can't be run: {0}")]
    Run(#[from] io::Error),
    /// It said itself that it failed.
    #[error("failed ({0})")]
    Failed(ExitStatus),
    /// It did not end in time.
    #[error("did not end within {} s and was stopped", .0.as_secs())]
    Slow(Duration),
}

impl TokenCommand {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Runs it with `sh -c` and gives the first line that it prints, without the line end.
    ///
    /// Its standard error is the terminal's, so that a password manager can say what it waits for; it gets no standard
    /// input, which may be the rows.
    pub(super) fn first_line(&self, limit: Duration) -> Result<Vec<u8>, TokenCommandError> {
        let end = Instant::now() + limit;
        let mut command = Command::new("sh");
        command.arg("-c").arg(&self.0).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let (sender, receiver) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            // A thread of its own: whatever the command leaves running can hold the pipe open for ever.
            let reading = thread::Builder::new().spawn(move || {
                let mut stdout = BufReader::new(stdout);
                let _ = sender.send(read_line(&mut stdout));
                // What follows is read as well, so that the command does not fail for want of a reader.
                let _ = io::copy(&mut stdout, &mut io::sink());
            });
            if let Err(error) = reading {
                child.kill()?;
                child.wait()?;
                return Err(error.into());
            }
        }
        let line = receiver.recv_timeout(end.saturating_duration_since(Instant::now()));
        match wait(&mut child, end)? {
            None => Err(TokenCommandError::Slow(limit)),
            Some(status) if !status.success() => Err(TokenCommandError::Failed(status)),
            // Without a line although it has ended: something that it left running could still finish the line.
            Some(_) => Ok(line.map_err(|_| TokenCommandError::Slow(limit))??),
        }
    }
}

fn read_line(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    const MOST_BYTES: u64 = 64 * 1024;
    let mut line = Vec::new();
    reader.take(MOST_BYTES).read_until(b'\n', &mut line)?;
    Ok(line)
}

/// How the command ended, or `None` when it had to be stopped.
fn wait(child: &mut Child, end: Instant) -> io::Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= end {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(5));
    }
}

impl fmt::Display for TokenCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = self.0.split_whitespace();
        match (words.next(), words.next()) {
            // `TOKEN=… command` begins with an assignment.
            (Some(word), _) if word.contains('=') => f.write_str("…"),
            (Some(word), Some(_)) => write!(f, "{word} …"),
            (Some(word), None) => f.write_str(word),
            (None, _) => Ok(()),
        }
    }
}

impl fmt::Debug for TokenCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenCommand({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str, limit: Duration) -> Result<String, String> {
        let line = TokenCommand::new(text).first_line(limit).map_err(|error| error.to_string())?;
        Ok(String::from_utf8(line).unwrap())
    }

    #[test]
    fn the_first_line_of_a_command_that_succeeds_is_what_it_gives() {
        let table = [
            ("printf 'hush\\nmore\\n'", Ok("hush\n")),
            ("printf hush", Ok("hush")),
            ("true", Ok("")),
            ("printf 'hush\\n'; seq 100000", Ok("hush\n")),
            ("cat", Ok("")),
            ("printf 'hush\\n'; sleep 2 & true", Ok("hush\n")),
            ("printf 'hush\\n'; exit 3", Err("failed (exit status: 3)")),
            ("no-such-command-anywhere 2>/dev/null", Err("failed (exit status: 127)")),
        ];
        for (text, expected) in table {
            assert_eq!(
                run(text, Duration::from_secs(20)),
                expected.map(str::to_owned).map_err(str::to_owned),
                "{text}"
            );
        }
    }

    #[test]
    fn a_command_that_does_not_end_is_stopped() {
        for text in ["exec sleep 60", "printf hush; sleep 2 & true"] {
            let begun = Instant::now();
            let error = run(text, Duration::from_millis(50)).unwrap_err();
            assert!(error.contains("was stopped") && begun.elapsed() < Duration::from_secs(10), "{text}: {error}");
        }
    }

    #[test]
    fn a_command_shows_its_first_word_only() {
        let table = [("echo hush", "echo …"), ("T=hush env", "…"), ("T=hush", "…"), ("pass", "pass"), ("", "")];
        for (text, shown) in table {
            let command = TokenCommand::new(text);
            assert_eq!(command.to_string(), shown);
            assert!(!format!("{command:?}").contains("hush"));
        }
    }
}
