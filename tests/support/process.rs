//! A child process: started, fed, sent signals, and waited for with a deadline.

use std::fmt;
use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
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
    /// Open while somebody may type.
    stdin: Option<ChildStdin>,
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
        // What has been read so far may end within a letter.
        String::from_utf8_lossy(&self.text.lock().unwrap()).into_owned()
    }
}

impl Running {
    pub(crate) fn start(command: Command, input: Option<&str>) -> Self {
        let Some(input) = input else { return Self::spawn(command, Stdio::null()) };
        let mut running = Self::spawn(command, Stdio::piped());
        running.type_in(input);
        running.stdin = None;
        running
    }

    /// Starts a child into whose standard input something can be typed.
    pub(crate) fn start_listening(command: Command) -> Self {
        Self::spawn(command, Stdio::piped())
    }

    fn spawn(mut command: Command, stdin: Stdio) -> Self {
        let name = format!("{command:?}");
        let mut child = command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = Heard::of(child.stdout.take().unwrap());
        let stderr = Heard::of(child.stderr.take().unwrap());
        Self { name, stdin: child.stdin.take(), child, stdout, stderr }
    }

    pub(crate) fn type_in(&mut self, text: &str) {
        self.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
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
        self.until_said_times(text, 1)
    }

    /// Waits until standard output holds `text` so many times, and returns all of it.
    pub(crate) fn until_said_times(&self, text: &str, times: usize) -> String {
        until(&format!("{}: `{text}` {times} times on standard output", self.name), || {
            Some(self.stdout.text()).filter(|said| said.matches(text).count() >= times)
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
    /// The exit code; none where a signal ended it.
    pub(crate) fn code(&self) -> Option<i32> {
        self.status.code()
    }

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

    /// Holds that one line of standard error is a warning with all of these.
    #[track_caller]
    pub(crate) fn warns_in_one_line(self, texts: &[&str]) -> Self {
        let mut warnings = self.stderr.lines().filter(|line| line.starts_with("warning: "));
        let is_warned = warnings.any(|line| texts.iter().all(|text| line.contains(text)));
        assert!(is_warned, "no warning has all of {texts:?}: {self}");
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
