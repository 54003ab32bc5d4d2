//! A child process: started, fed, sent signals, and waited for with a deadline.

use std::fmt;
use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Nothing here takes that long: who waits longer waits for something that will not come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(50);

/// A running child. Dropping it kills it.
pub(crate) struct Running {
    name: String,
    child: Child,
    stdout: Heard,
    stderr: Heard,
}

/// A child that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    name: String,
    status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// What a stream has said so far, and word of its end.
struct Heard {
    text: Arc<Mutex<Vec<u8>>>,
    ended: Receiver<()>,
}

impl Heard {
    fn of(mut stream: impl Read + Send + 'static) -> Self {
        let text = Arc::<Mutex<Vec<u8>>>::default();
        let (tell, ended) = channel();
        let heard = Arc::clone(&text);
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = stream.read(&mut bytes) {
                heard.lock().unwrap().extend_from_slice(&bytes[..count]);
            }
            // Nobody may be listening any more.
            let _ = tell.send(());
        });
        Self { text, ended }
    }

    fn text(&self) -> String {
        String::from_utf8(self.text.lock().unwrap().clone()).unwrap()
    }
}

impl Running {
    pub(crate) fn start(mut command: Command, input: Option<&str>) -> Self {
        let name = format!("{command:?}");
        let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
        let mut child = command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        if let Some(input) = input {
            child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        }
        let stdout = Heard::of(child.stdout.take().unwrap());
        let stderr = Heard::of(child.stderr.take().unwrap());
        Self { name, child, stdout, stderr }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, by its name without SIG.
    pub(crate) fn signal(&self, signal: &str) {
        let status = Command::new("sh").args(["-c", &format!("kill -{signal} {}", self.child.id())]).status().unwrap();
        assert!(status.success(), "kill -{signal} {}", self.name);
    }

    /// Waits until standard output holds `text`, and returns all of it.
    pub(crate) fn until_said(&self, text: &str) -> String {
        until(&format!("{}: `{text}` on standard output", self.name), || {
            Some(self.stdout.text()).filter(|said| said.contains(text))
        })
    }

    /// Waits until standard error holds `text`, and returns all of it.
    pub(crate) fn until_warned(&self, text: &str) -> String {
        until(&format!("{}: `{text}` on standard error", self.name), || {
            Some(self.stderr.text()).filter(|said| said.contains(text))
        })
    }

    #[track_caller]
    pub(crate) fn wait(mut self) -> Ended {
        let end = Instant::now() + PATIENCE;
        for heard in [&self.stdout, &self.stderr] {
            let left = end.saturating_duration_since(Instant::now());
            let has_ended = heard.ended.recv_timeout(left).is_ok();
            assert!(has_ended, "{} does not end; it said {}{}", self.name, self.stdout.text(), self.stderr.text());
        }
        let status = self.child.wait().unwrap();
        Ended { name: self.name.clone(), status, stdout: self.stdout.text(), stderr: self.stderr.text() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.status.code(), Some(code), "{self}");
        self
    }

    /// Holds that standard error has all of these.
    #[track_caller]
    pub(crate) fn warns(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.stderr.contains(text), "`{text}` is missing: {self}");
        }
        self
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, status, stdout, stderr } = self;
        write!(f, "{name}\n{status}\nstandard output:\n{stdout}\nstandard error:\n{stderr}")
    }
}

/// Waits for a condition.
#[track_caller]
pub(crate) fn until<T>(what: &str, condition: impl Fn() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(met) = condition() {
            return met;
        }
        assert!(Instant::now() < end, "waited in vain for {what}");
        thread::park_timeout(Duration::from_millis(2));
    }
}
