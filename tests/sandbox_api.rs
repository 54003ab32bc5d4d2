//! The sandbox seen from the other end of a socket: what only bytes can show.
//!
//! It decides that connections end as faults promise and that the way in and out works. It must never test a rule: the
//! modules do that without sockets.

// Clippy lets code unwrap where it is marked as test code, and an integration test is not by itself.
#![cfg(test)]

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use seatrun::sandbox::{HOME_PLAN, Operation, Options, Sandbox, SandboxUser, World, serve};

const USER: u64 = 48_569_348_493_401_200;

/// A sandbox without a rate limit that keeps what it is asked.
async fn sandbox(sandbox_users: impl IntoIterator<Item = SandboxUser>) -> Sandbox {
    let options = Options { rate_per_minute: 0, keeps_requests: true, ..Options::default() };
    serve(World::holding(sandbox_users), &options).await.unwrap()
}

async fn sandbox_failing(fault: &str) -> Sandbox {
    sandbox([SandboxUser::new(USER).failing(Operation::Downgrade, fault.parse().unwrap())]).await
}

/// A connection on which requests can be written and answers read byte by byte.
struct Line(TcpStream);

impl Line {
    fn to(sandbox: &Sandbox) -> Self {
        let authority = sandbox.base_url().strip_prefix("http://").unwrap().strip_suffix("/2.0").unwrap();
        Self(TcpStream::connect(authority).unwrap())
    }

    fn write(&mut self, sandbox: &Sandbox, request: &str, body: &str) {
        let (method, path) = request.split_once(' ').unwrap();
        let head = format!(
            "{method} /2.0{path} HTTP/1.1\r\nHost: sandbox\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nsmartsheet-integration-source: SCRIPT,,test\r\nContent-Length: {}\r\n\r\n",
            sandbox.token(),
            body.len(),
        );
        self.0.write_all(format!("{head}{body}").as_bytes()).unwrap();
    }

    fn downgrade(&mut self, sandbox: &Sandbox) {
        let request = format!("POST /users/{USER}/plans/{HOME_PLAN}/downgrade");
        self.write(sandbox, &request, r#"{"seatType":"CONTRIBUTOR"}"#);
    }

    /// Head and body of one answer.
    fn read(&mut self) -> (String, String) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.0.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        let head = String::from_utf8(head).unwrap().to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        self.0.read_exact(&mut body).unwrap();
        (head, String::from_utf8(body).unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_serves_request_after_request() {
    let sandbox = sandbox([SandboxUser::new(USER)]).await;
    let mut line = Line::to(&sandbox);
    for _ in 0..3 {
        line.downgrade(&sandbox);
        let (head, body) = line.read();
        assert!(head.starts_with("http/1.1 200 ok") && head.contains("application/json"), "{head}");
        assert_eq!(body, r#"{"message":"SUCCESS","resultCode":0}"#);
    }
    assert_eq!(sandbox.seat_of(USER, HOME_PLAN).as_deref(), Some("CONTRIBUTOR"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_is_a_reset_and_not_an_end() {
    for (fault, seat) in [("reset", "MEMBER"), ("reset-applied", "CONTRIBUTOR"), ("lost", "CONTRIBUTOR")] {
        let sandbox = sandbox_failing(fault).await;
        let mut line = Line::to(&sandbox);
        line.downgrade(&sandbox);
        let error = line.0.read(&mut [0; 64]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{fault}");
        assert_eq!(sandbox.seat_of(USER, HOME_PLAN).as_deref(), Some(seat), "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_answer_promises_more_than_it_holds() {
    let sandbox = sandbox_failing("cut").await;
    let mut line = Line::to(&sandbox);
    line.downgrade(&sandbox);
    let mut answer = String::new();
    line.0.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.to_lowercase().contains("content-length: 36"), "{head}");
    assert_eq!(body, &r#"{"message":"SUCCESS","resultCode":0}"#[..18]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stall_is_silence_that_holds_up_nobody_else_and_ends_when_the_sandbox_stops() {
    let sandbox = sandbox_failing("stall").await;
    let mut silent = Line::to(&sandbox);
    silent.downgrade(&sandbox);
    silent.0.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let error = silent.0.read(&mut [0; 64]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    let mut other = Line::to(&sandbox);
    other.downgrade(&sandbox);
    assert!(other.read().0.contains("200 ok"));
    sandbox.stop().await;
    silent.0.set_read_timeout(None).unwrap();
    assert!(matches!(silent.0.read(&mut [0; 64]), Ok(0) | Err(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttle_says_how_long_to_wait_or_says_nothing() {
    for (fault, expected) in [("429", Some("2")), ("429-date", Some("gmt")), ("429-silent", None), ("4001", Some("2"))]
    {
        let sandbox = sandbox_failing(fault).await;
        let mut line = Line::to(&sandbox);
        line.downgrade(&sandbox);
        let (head, _) = line.read();
        let retry_after = head.lines().find_map(|line| line.strip_prefix("retry-after: "));
        match expected {
            Some(end) => assert!(retry_after.is_some_and(|value| value.ends_with(end)), "{fault}: {head}"),
            None => assert_eq!(retry_after, None, "{fault}: {head}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_says_when_the_next_request_can_come() {
    let options = Options { rate_per_minute: 2, ..Options::default() };
    let sandbox = serve(World::holding([]), &options).await.unwrap();
    let mut line = Line::to(&sandbox);
    for status in ["200", "200", "429"] {
        line.write(&sandbox, "GET /users/me", "");
        let (head, _) = line.read();
        assert!(head.starts_with(&format!("http/1.1 {status}")), "{head}");
        assert_eq!(head.contains("retry-after: 60"), status == "429", "{head}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_kept_with_what_they_brought_and_what_they_got() {
    let sandbox = sandbox_failing("1014").await;
    let mut line = Line::to(&sandbox);
    line.downgrade(&sandbox);
    let (_, body) = line.read();
    line.write(&sandbox, "GET /users/me", "");
    line.read();
    let [first, second] = &sandbox.requests()[..] else { panic!("two requests were sent") };
    assert_eq!((first.number, first.method.as_str(), first.user), (0, "POST", Some(USER)));
    assert_eq!((first.operation, first.fault), (Some(Operation::Downgrade), "1014".parse().ok()));
    assert_eq!((first.token.as_deref(), first.body.as_str()), (Some(sandbox.token()), r#"{"seatType":"CONTRIBUTOR"}"#));
    assert_eq!(first.integration_source.as_deref(), Some("SCRIPT,,test"));
    let (code, ref_id) = first.refused.clone().unwrap();
    assert!(body.contains(&ref_id) && first.status == Some(403) && code == 1014, "{body}");
    assert!(first.began <= first.ended.unwrap() && first.ended.unwrap() <= second.began);
    assert_eq!((second.path.as_str(), second.status, sandbox.request_count()), ("/2.0/users/me", Some(200), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_gives_up_changes_nothing_about_what_was_done() {
    let options = Options { rate_per_minute: 0, latency: "60000".parse().unwrap(), ..Options::default() };
    let sandbox = serve(World::holding([SandboxUser::new(USER)]), &options).await.unwrap();
    let mut line = Line::to(&sandbox);
    line.downgrade(&sandbox);
    while sandbox.request_count() == 0 {
        tokio::task::yield_now().await;
    }
    drop(line);
    while sandbox.seat_of(USER, HOME_PLAN).as_deref() != Some("CONTRIBUTOR") {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_sandbox_gives_its_port_back() {
    let sandbox = sandbox([]).await;
    let authority = sandbox.base_url().strip_prefix("http://").unwrap().strip_suffix("/2.0").unwrap().to_owned();
    sandbox.stop().await;
    assert_eq!(TcpStream::connect(&authority).unwrap_err().kind(), ErrorKind::ConnectionRefused);
}
