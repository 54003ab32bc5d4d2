//! What the outside is told of a run: a ping at its start and its end, as services take it that ring when nobody calls
//! (`ping_url`), and a message at its end (`webhook_url`).
//!
//! It can neither fail a run nor slow it: a thread of its own sends, what does not arrive is warned of, and the end of the
//! program waits ten seconds for it, no longer. The token of the API never comes here.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use reqwest::{Certificate, Client, redirect};
use serde_json::{Value, json};

use crate::app::context::{Context, console};
use crate::report::QuotedAddresses;
use crate::settings::{SignalUrl, WebhookFormat};

/// How long one message may take, and how long the end of the program waits for all.
const LIMIT: Duration = Duration::from_secs(10);

/// Whoever is told of the run of this process.
static NOTIFIER: Mutex<Option<Notifier>> = Mutex::new(None);

struct Notifier {
    ping: Option<SignalUrl>,
    webhook: Option<(SignalUrl, WebhookFormat)>,
    /// Whether messages may name people.
    names_people: bool,
    messages: Sender<Message>,
    /// Told when there is nothing more to send.
    done: Receiver<()>,
}

/// A message: where it goes, and what it says. Without a body it is a ping.
struct Message {
    url: SignalUrl,
    body: Option<Value>,
}

/// Tells the outside that a run begins, where it wants to know.
pub(crate) fn begin(context: &Context) {
    let settings = &context.settings;
    let ping = settings.ping_url.as_ref().map(|url| url.value.clone());
    let webhook = settings.webhook_url.as_ref().map(|url| (url.value.clone(), settings.webhook_format.value));
    if context.is_sandbox_run() || (ping.is_none() && webhook.is_none()) {
        return;
    }
    let certificates = settings.ca_certificates().ok().flatten();
    let (messages, inbox) = channel();
    let (finished, done) = channel();
    let sending = thread::Builder::new().name("notify".to_owned()).spawn(move || {
        send_all(certificates.as_deref(), &inbox);
        // The program may have ended without waiting.
        let _ = finished.send(());
    });
    if let Err(error) = sending {
        return console().warn(&format!("nobody is told of this run: {error}"));
    }
    let notifier = Notifier { ping, webhook, names_people: settings.webhook_names.value, messages, done };
    if let Some(url) = &notifier.ping {
        notifier.tell(url.below("start"), None);
    }
    *NOTIFIER.lock().unwrap_or_else(PoisonError::into_inner) = Some(notifier);
}

/// Tells the outside how the run has ended, and waits until that has arrived, up to ten seconds. `summary` says the
/// summary, with people or without.
pub(crate) fn end(exit_code: u8, summary: impl Fn(QuotedAddresses) -> Value) {
    let Some(notifier) = NOTIFIER.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
    if let Some(url) = &notifier.ping {
        let url = if exit_code == 0 { url.clone() } else { url.below(&exit_code.to_string()) };
        notifier.tell(url, None);
    }
    if let Some((url, format)) = &notifier.webhook {
        let summary = summary(if notifier.names_people { QuotedAddresses::Shown } else { QuotedAddresses::Hidden });
        let body = match format {
            WebhookFormat::Json => summary,
            WebhookFormat::Text => json!({ "text": text(&summary) }),
        };
        notifier.tell(url.clone(), Some(body));
    }
    let Notifier { messages, done, .. } = notifier;
    drop(messages);
    if done.recv_timeout(LIMIT).is_err() {
        console().warn("whoever is told of runs did not answer within 10 s");
    }
}

impl Notifier {
    fn tell(&self, url: SignalUrl, body: Option<Value>) {
        // Without a thread that sends, nobody is told.
        let _ = self.messages.send(Message { url, body });
    }
}

/// One message after the other, so that no end comes before its start.
fn send_all(certificates: Option<&[u8]>, inbox: &Receiver<Message>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    for Message { url, body } in inbox {
        let sent = match (&runtime, client(&url, certificates)) {
            (Ok(runtime), Ok(client)) => runtime.block_on(send(&client, &url, body.as_ref())),
            (Err(error), _) => Err(error.to_string()),
            (_, Err(error)) => Err(error),
        };
        if let Err(error) = sent {
            console().warn(&format!("{url} could not be told of this run: {error}"));
        }
    }
    if let Ok(runtime) = runtime {
        // A name that is still being looked up must not keep the program.
        runtime.shutdown_background();
    }
}

fn client(url: &SignalUrl, certificates: Option<&[u8]>) -> Result<Client, String> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder().redirect(redirect::Policy::none()).timeout(LIMIT);
    if url.expose().scheme() == "https" {
        let found = certificates.map(Certificate::from_pem_bundle).transpose().map_err(|_| "ca_file holds no PEM")?;
        builder = builder.tls_certs_merge(found.unwrap_or_default());
    } else {
        builder = builder.tls_certs_only([]).no_proxy();
    }
    builder.build().map_err(|error| error.without_url().to_string())
}

async fn send(client: &Client, url: &SignalUrl, body: Option<&Value>) -> Result<(), String> {
    let request = match body {
        Some(body) => client
            .post(url.expose().clone())
            .header(reqwest::header::CONTENT_TYPE, "application/json")
            .body(body.to_string()),
        None => client.get(url.expose().clone()),
    };
    let answer = request.send().await.map_err(|error| error.without_url().to_string())?;
    if answer.status().is_success() { Ok(()) } else { Err(format!("HTTP {}", answer.status().as_u16())) }
}

/// A summary as a line that people read.
fn text(summary: &Value) -> String {
    let said = |key: &str| summary[key].as_str().unwrap_or_default().to_owned();
    let counts = summary["counts"].as_object().into_iter().flatten();
    let counts: Vec<_> =
        counts.filter(|(_, count)| **count != 0).map(|(status, count)| format!("{count} {status}")).collect();
    let well = if summary["exit_code"] == 0 { "all is well" } else { "something is wrong" };
    let mut parts = vec![format!("seatrun: {well} (exit code {}) with {}", summary["exit_code"], said("input"))];
    parts.extend((!counts.is_empty()).then(|| counts.join(", ")));
    parts.extend([said("reason"), said("hint")].into_iter().filter(|part| !part.is_empty()));
    parts.join("\n")
}
