//! A tiny HTTP server on loopback for tests: it reads requests, asks a closure for each answer, and keeps a log of both.
//!
//! It is written by hand so that a test sees exactly what went over the wire, and can answer as no framework would:
//! with a redirect, with a page of HTML, or by closing the connection. It decides one thing itself: a POST or PUT that
//! does not say its length is answered with 411, as some gateways do.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use reqwest::Url;
use serde_json::Value;

/// The path below which the API is served.
const BASE: &str = "/2.0";

/// A request as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Without the base path and the query.
    pub(crate) path: String,
    /// Names and values in their order, decoded.
    pub(crate) query: Vec<(String, String)>,
    /// Names in lower case, in their order.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The parts of the path between its slashes.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|segment| !segment.is_empty()).collect()
    }

    pub(crate) fn is_change(&self) -> bool {
        self.method != "GET"
    }

    /// The body as JSON, `null` where there is none or none that can be read.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }
}

/// What is sent back.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Json(u16, Value),
    /// Status, content type, body.
    Text(u16, &'static str, String),
    /// A 429 with this `Retry-After`.
    Throttled(&'static str),
    /// A 302 to this address.
    Redirect(&'static str),
    /// The connection is closed without a word.
    HangUp,
    /// Nothing is said until the client closes the connection.
    Stall,
}

impl Answer {
    fn status(&self) -> u16 {
        match self {
            Self::Json(status, _) | Self::Text(status, ..) => *status,
            Self::Throttled(_) => 429,
            Self::Redirect(_) => 302,
            Self::HangUp | Self::Stall => 0,
        }
    }

    /// The whole answer as it goes over the wire; nothing where nothing is said.
    fn to_bytes(&self) -> Option<Vec<u8>> {
        let (headers, body) = match self {
            Self::Json(_, value) => ("content-type: application/json;charset=UTF-8\r\n".to_owned(), value.to_string()),
            Self::Text(_, kind, body) => (format!("content-type: {kind}\r\n"), body.clone()),
            Self::Throttled(after) => {
                let body = serde_json::json!({"errorCode": 4003, "message": "Rate limit exceeded.", "refId": "r"});
                (format!("content-type: application/json\r\nretry-after: {after}\r\n"), body.to_string())
            }
            Self::Redirect(location) => (format!("location: {location}\r\n"), String::new()),
            Self::HangUp | Self::Stall => return None,
        };
        let (status, length) = (self.status(), body.len());
        let headers = if status == 411 { headers + "connection: close\r\n" } else { headers };
        Some(format!("HTTP/1.1 {status} Some Words\r\n{headers}content-length: {length}\r\n\r\n{body}").into_bytes())
    }
}

/// A request and the status that it got, 0 where nothing was said.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) request: Request,
    pub(crate) status: u16,
}

type Handler = dyn Fn(&Request) -> Answer + Send + Sync;

/// A server that listens until it is dropped.
pub(crate) struct Loopback {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
    log: Arc<Mutex<Vec<Exchange>>>,
}

impl Loopback {
    pub(crate) fn serve(handler: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (is_over, log) = (Arc::<AtomicBool>::default(), Arc::<Mutex<Vec<Exchange>>>::default());
        let handler: Arc<Handler> = Arc::new(handler);
        let (ending, keeping) = (Arc::clone(&is_over), Arc::clone(&log));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if ending.load(Ordering::SeqCst) {
                    break;
                }
                let (handler, log) = (Arc::clone(&handler), Arc::clone(&keeping));
                // It ends when the client closes the connection, however it does that.
                thread::spawn(move || converse(&stream, &*handler, &log));
            }
        });
        Self { address, is_over, log }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}{BASE}", self.address)
    }

    pub(crate) fn log(&self) -> Vec<Exchange> {
        self.log.lock().unwrap().clone()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.log().into_iter().map(|exchange| exchange.request).collect()
    }

    pub(crate) fn changes(&self) -> Vec<Request> {
        self.requests().into_iter().filter(Request::is_change).collect()
    }

    /// How many reads of exactly this path there were.
    pub(crate) fn reads_of(&self, path: &str) -> usize {
        self.requests().iter().filter(|request| !request.is_change() && request.path == path).count()
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Wakes the listener, which may be gone already.
        let _ = TcpStream::connect(self.address);
    }
}

/// Answers what comes over one connection until it ends.
fn converse(mut stream: &TcpStream, handler: &Handler, log: &Mutex<Vec<Exchange>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let request = read_request(&mut reader)?;
        let needs_length = matches!(request.method.as_str(), "POST" | "PUT");
        let answer = if needs_length && request.header("content-length").is_none() {
            Answer::Text(411, "text/html", "<h1>Length Required</h1>".to_owned())
        } else {
            handler(&request)
        };
        let (status, bytes) = (answer.status(), answer.to_bytes());
        log.lock().unwrap().push(Exchange { request, status });
        if matches!(answer, Answer::Stall) {
            // Whatever ends it, the connection is over.
            let _ = reader.read_to_end(&mut Vec::new());
        }
        stream.write_all(&bytes?).ok()?;
        if status == 411 {
            // A body without a length may follow, and nobody knows how much of it.
            return None;
        }
    }
}

/// The next request of a connection, or nothing where the connection ends.
fn read_request(reader: &mut impl BufRead) -> Option<Request> {
    let first = read_line(reader)?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?);
    let url = Url::parse("http://127.0.0.1").unwrap().join(target).unwrap();
    let query = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    let path = url.path().strip_prefix(BASE).unwrap_or(url.path()).to_owned();
    let mut headers = Vec::new();
    loop {
        let line = read_line(reader)?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut request = Request { method, path, query, headers, body: String::new() };
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    request.body = String::from_utf8(body).unwrap();
    Some(request)
}

/// A line without its end, or nothing at the end of the stream.
fn read_line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    let count = reader.read_line(&mut line).ok()?;
    (count > 0).then(|| line.trim_end().to_owned())
}
