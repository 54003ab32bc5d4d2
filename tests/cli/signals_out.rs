//! Signals to the outside: who is told of a run, what is said, and that nobody who is told can fail it.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use serde_json::Value;

use super::fixture::{Api, Site, downgrades, failing, members};

/// A service that notes what it is told: the first line of each request, and its body.
pub(super) fn service(status: &'static str) -> (String, Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://127.0.0.1:{}/s3cret", listener.local_addr().unwrap().port());
    let (tell, told) = channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut request = Vec::new();
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = stream.read(&mut bytes) {
                request.extend_from_slice(&bytes[..count]);
                let text = String::from_utf8_lossy(&request);
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let head_of = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
                if body.len() >= head_of("content-length:").unwrap_or(0_usize) {
                    let line = head.lines().next().unwrap_or_default().replace(" HTTP/1.1", "");
                    let _ = tell.send((line, body.to_owned()));
                    break;
                }
            }
            let _ = write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    (url, told)
}

#[test]
fn a_ping_says_how_a_run_ended_and_dry_runs_call_nobody() {
    let table: [(&str, &[&str], i32, &[&str]); 5] = [
        ("good", &[], 0, &["GET /s3cret/start", "GET /s3cret"]),
        ("guard", &["--max-changes", "1"], 3, &["GET /s3cret/start", "GET /s3cret/3"]),
        ("full disk", &["-o", "/dev/full"], 5, &["GET /s3cret/start", "GET /s3cret/5"]),
        ("dry run", &["-n"], 0, &[]),
        ("rehearsal", &["--sandbox"], 0, &[]),
    ];
    for (name, arguments, code, calls) in table {
        let api = Api::holding(members(2));
        let mut site = Site::facing(&api);
        let (url, told) = service("200 OK");
        site.set("SEATRUN_PING_URL", &url);
        site.write("in.csv", downgrades(2));
        site.run(&[&["run", "in.csv", "--yes"], arguments].concat()).exits(code);
        let called: Vec<_> = told.try_iter().map(|(line, _)| line).collect();
        assert_eq!(called, calls, "{name}");
    }
}

#[test]
fn a_webhook_is_sent_the_summary_without_people() {
    let api = Api::holding(members(1).chain([failing(1, "partial")]));
    let mut site = Site::facing(&api);
    let (url, told) = service("200 OK");
    site.set("SEATRUN_WEBHOOK_URL", &url);
    site.write("in.csv", downgrades(2));
    site.run(&["run", "in.csv", "--yes"]).exits(1);
    let (line, body) = told.recv().unwrap();
    let body: Value = body.parse().unwrap();
    assert_eq!((line.as_str(), &body["exit_code"], &body["counts"]["SUCCESS"]), ("POST /s3cret", &1.into(), &1.into()));
    site.set("SEATRUN_WEBHOOK_FORMAT", "text");
    site.run(&["run", "in.csv", "--yes", "--max-changes", "0"]);
    let body: Value = told.recv().unwrap().1.parse().unwrap();
    assert!(body["text"].as_str().unwrap().starts_with("seatrun: "), "{body}");
    assert!(!body.to_string().contains('@'), "{body}");
    assert_eq!(body.as_object().unwrap().len(), 1);
}

#[test]
fn a_service_that_refuses_or_is_gone_fails_nothing_and_its_address_is_not_shown() {
    let api = Api::holding(members(1));
    let (refusing, _told) = service("500 Internal Server Error");
    for url in [refusing.as_str(), "http://127.0.0.1:1/s3cret"] {
        let mut site = Site::facing(&api);
        site.set("SEATRUN_PING_URL", url);
        site.set("SEATRUN_WEBHOOK_URL", url);
        site.write("in.csv", downgrades(1));
        let ended = site.run(&["run", "in.csv", "--yes"]).exits(0).warns(&["could not be told of this run"]);
        let shown = site.run(&["config", "show"]).exits(0);
        assert!(!format!("{ended}{shown}").replace(&format!("{url:?}"), "").contains("s3cret"), "{ended}{shown}");
    }
    let mut site = Site::facing(&api);
    site.set("SEATRUN_PING_URL", "http://hooks.example/s3cret");
    site.write("in.csv", downgrades(1));
    site.run(&["run", "in.csv", "--yes"]).exits(2).warns(&["ping_url: is not an https URL"]);
}
