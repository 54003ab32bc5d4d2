//! The twenty commonest mistakes of whoever sets a nightly run up: each leads to a message that names the remedy.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::fixture::{Api, Site, downgrades, members};

/// A mistake: its name, how it is made, what is typed behind `run in.csv`, the exit code, and what is said of it.
type Mistake = (&'static str, fn(&mut Site), &'static [&'static str], i32, &'static [&'static str]);

fn mode(site: &Site, name: &str, mode: u32) {
    fs::set_permissions(site.folder().join(name), fs::Permissions::from_mode(mode)).unwrap();
}

fn token_file(site: &mut Site, bits: u32) {
    site.write("token", "sandbox0000000000000001token\n");
    mode(site, "token", bits);
    site.set("SMARTSHEET_ACCESS_TOKEN", "");
    site.set("SEATRUN_TOKEN_FILE", "token");
}

const MISTAKES: [Mistake; 20] = [
    (
        "no token",
        |site| site.set("SMARTSHEET_ACCESS_TOKEN", ""),
        &["--yes"],
        3,
        &["token_file", "SMARTSHEET_ACCESS_TOKEN"],
    ),
    (
        "a token file that is missing",
        |site| {
            site.set("SMARTSHEET_ACCESS_TOKEN", "");
            site.set("SEATRUN_TOKEN_FILE", "none");
        },
        &["--yes"],
        3,
        &["token_file none", "check the path"],
    ),
    ("a token file for everybody", |site| token_file(site, 0o644), &["--yes"], 0, &["chmod o-r", "token_file_shared"]),
    ("a token file that anybody writes", |site| token_file(site, 0o666), &["--yes"], 3, &["chmod o-w"]),
    ("a token with its name", variable_token, &["--yes"], 0, &["only the token belongs there"]),
    (
        "a token of Bearer",
        |site| site.set("SMARTSHEET_ACCESS_TOKEN", "Bearer abc"),
        &["--yes"],
        3,
        &["without `Bearer`"],
    ),
    (
        "a token of another account",
        |site| site.set("SMARTSHEET_ACCESS_TOKEN", "another"),
        &["--yes"],
        3,
        &["came from"],
    ),
    ("no --yes", |_| {}, &[], 3, &["add --yes"]),
    (
        "a URL without its path",
        |site| site.set("SEATRUN_API_URL", "https://api.smartsheet.com"),
        &["--yes"],
        2,
        &["/2.0"],
    ),
    ("a URL without its scheme", |site| site.set("SEATRUN_API_URL", "api.smartsheet.eu"), &["--yes"], 2, &["https://"]),
    ("a region that is none", |site| site.set("SEATRUN_API_URL", "uk"), &["--yes"], 2, &["us, eu, au, gov"]),
    (
        "a URL in the clear",
        |site| site.set("SEATRUN_API_URL", "http://api.smartsheet.com/2.0"),
        &["--yes"],
        2,
        &["use https"],
    ),
    (
        "a setting with a typing error",
        |site| site.write("c.toml", "max_chnages = 5"),
        CONFIG,
        2,
        &["c.toml:1", "max_changes"],
    ),
    ("the token in the settings", |site| site.write("c.toml", "token = \"x\""), CONFIG, 2, &["token_file"]),
    ("a duration without a unit", |site| site.set("SEATRUN_WAIT", "10"), &["--yes"], 2, &["10m for minutes"]),
    ("a profile that is none", |_| {}, &["--yes", "--profile", "prod"], 2, &["no settings file has a [profile.NAME]"]),
    ("a report folder that is missing", |_| {}, &["--yes", "-o", "reports/r.csv"], 3, &["reports/r.csv", "--report"]),
    ("an archive that is missing", |_| {}, &["--yes", "--archive-to", "done"], 3, &["mkdir -p done"]),
    ("no folder for the state", |site| site.set("SEATRUN_STATE_DIR", "/proc/none"), &["--yes"], 3, &["--state-dir"]),
    ("a ping in the clear", |site| site.set("SEATRUN_PING_URL", "http://ping.example/x"), &["--yes"], 2, &["https"]),
];

const CONFIG: &[&str] = &["--yes", "--config", "c.toml"];

fn variable_token(site: &mut Site) {
    site.set("SMARTSHEET_ACCESS_TOKEN", "TOKEN='sandbox0000000000000001token'");
}

#[test]
fn each_of_the_twenty_commonest_mistakes_names_its_remedy() {
    for (name, make, arguments, code, said) in MISTAKES {
        let api = Api::holding(members(9));
        let mut site = Site::facing(&api);
        site.write("in.csv", downgrades(1));
        make(&mut site);
        let ended = site.run(&[&["run", "in.csv"], arguments].concat()).exits(code);
        for text in said {
            assert!(ended.stderr.contains(text), "{name}: `{text}` is missing: {ended}");
        }
        assert!(code == 0 || api.changes().is_empty(), "{name}");
    }
}
