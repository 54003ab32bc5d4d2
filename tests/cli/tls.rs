//! Certificates and proxies: each way in which a company's network keeps a program from its API has a message that names
//! the remedy. The servers are real, the authorities are made up.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::fixture::{Site, downgrades};

/// What a server says to everybody that gets as far as asking.
const DEAD_TOKEN: &str = r#"{"errorCode": 1003, "message": "Your Access Token has expired."}"#;

/// A certificate of a server, and the authority that it comes from, as PEM.
struct Identity {
    config: Arc<ServerConfig>,
    authority: String,
}

impl Identity {
    /// For a host, valid in these years.
    fn new(host: &str, years: [i32; 2]) -> Self {
        let authority_key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = authority.self_signed(&authority_key).unwrap().pem();
        let key = KeyPair::generate().unwrap();
        let mut leaf = CertificateParams::new(vec![host.to_owned()]).unwrap();
        [leaf.not_before, leaf.not_after] = years.map(|year| date_time_ymd(year, 1, 1));
        let leaf = leaf.signed_by(&key, &Issuer::new(authority, authority_key)).unwrap();
        let chain = vec![CertificateDer::from(leaf.der().to_vec())];
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = versions.with_no_client_auth().with_single_cert(chain, key).unwrap();
        Self { config: Arc::new(config), authority: pem }
    }

    /// Serves TLS, and returns where.
    fn serve(&self) -> String {
        let config = Arc::clone(&self.config);
        let port = accept(move |stream| {
            let mut tls = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
            answer(&mut tls, "401 Unauthorized", DEAD_TOKEN);
        });
        format!("https://localhost:{port}/2.0")
    }
}

/// Serves on loopback until the test ends.
fn accept(serve: impl Fn(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || listener.incoming().map_while(Result::ok).for_each(serve));
    port
}

/// Answers one request. A client that goes away before has seen enough.
fn answer(stream: &mut (impl Read + Write), status: &str, body: &str) {
    let mut request = Vec::new();
    let mut bytes = [0; 1024];
    while let Ok(count @ 1..) = stream.read(&mut bytes) {
        request.extend_from_slice(&bytes[..count]);
        if request.windows(4).any(|end| end == b"\r\n\r\n") {
            let length = body.len();
            let _ = write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
            let _ = stream.flush();
            return;
        }
    }
}

/// A site that asks there.
fn asking(api_url: &str) -> Site {
    let mut site = Site::new();
    site.set("SEATRUN_API_URL", api_url);
    site.set("SMARTSHEET_ACCESS_TOKEN", "hush-hush-hush-hush-hush");
    site.write("in.csv", downgrades(1));
    site
}

#[test]
fn a_certificate_that_is_not_trusted_says_what_is_wrong_with_it() {
    let table = [
        (Identity::new("localhost", [2000, 4000]), false, &["inspect TLS", "ca_file"][..]),
        (Identity::new("localhost", [2000, 2001]), true, &["the clock of this machine", "expired"]),
        (Identity::new("localhost", [3000, 4000]), true, &["the clock of this machine"]),
        (Identity::new("elsewhere.example", [2000, 4000]), true, &["the certificate of another host"]),
        // All is well, as far as TLS goes: the server is asked, and knows no such token.
        (Identity::new("localhost", [2000, 4000]), true, &["the token is not accepted", "SMARTSHEET_ACCESS_TOKEN"]),
    ];
    for (identity, is_known, said) in table {
        let mut site = asking(&identity.serve());
        site.write("ca.pem", &identity.authority);
        if is_known {
            site.set("SEATRUN_CA_FILE", "ca.pem");
        }
        site.run(&["run", "in.csv", "--yes"]).exits(3).warns(said);
    }
}

#[test]
fn a_ca_file_that_holds_no_certificate_says_how_to_make_one() {
    let mut site = asking(&Identity::new("localhost", [2000, 4000]).serve());
    site.write("ca.der", [0x30, 0x82, 0x01, 0x0a]);
    site.set("SEATRUN_CA_FILE", "ca.der");
    site.run(&["run", "in.csv", "--yes"]).exits(3).warns(&["ca_file holds no certificates", "openssl x509"]);
    site.set("SEATRUN_CA_FILE", "none.pem");
    site.run(&["run", "in.csv", "--yes"]).exits(2).warns(&["ca_file none.pem can't be read"]);
}

#[test]
fn a_proxy_that_refuses_says_so_and_loopback_asks_none() {
    let table = [
        ("407 Proxy Authentication Required", &["the proxy wants a user and a password"][..]),
        ("403 Forbidden", &["NO_PROXY", "through the proxy http://127.0.0.1"]),
    ];
    for (status, said) in table {
        let port = accept(move |mut stream| answer(&mut stream, status, ""));
        let mut site = asking("us");
        site.set("HTTPS_PROXY", &format!("http://jane:hush@127.0.0.1:{port}"));
        let ended = site.run(&["run", "in.csv", "--yes"]).exits(3).warns(said);
        assert!(!ended.stderr.contains("hush"), "{ended}");
        site.run(&["run", "in.csv", "--sandbox", "--yes"]).exits(0);
    }
}

#[test]
fn without_a_store_of_certificates_only_https_is_refused() {
    let mut site = asking("us");
    for name in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        site.set(name, "/nonexistent");
    }
    site.run(&["run", "in.csv", "--yes"]).exits(3).warns(&["ca-certificates"]);
    site.run(&["run", "in.csv", "--sandbox", "--yes"]).exits(0);
}
