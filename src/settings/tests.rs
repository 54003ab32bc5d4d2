//! What a user can rely on when several places speak about one setting, and what is said when one of them is wrong.

use std::fs;
use std::path::PathBuf;

use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::*;

const FIELDS: &[&str] = &["user_id", "email", "action", "plan_id", "seat_type"];

/// A machine with a home folder, settings files and an environment of its own.
struct Machine {
    folder: TempDir,
    sources: Sources,
}

impl Machine {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let home = folder.path().join("home");
        let sources = Sources {
            flags: Flags::default(),
            target: ApiTarget::Configured,
            fields: FIELDS,
            environment: [("HOME", home)].into_iter().collect(),
            system_file: folder.path().join("etc.toml"),
        };
        Self { folder, sources }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(self, name: &str, text: &str) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn system(self, text: &str) -> Self {
        self.file("etc.toml", text)
    }

    fn user(self, text: &str) -> Self {
        self.file("home/.config/seatrun/config.toml", text)
    }

    fn variables(mut self, variables: &[(&str, &str)]) -> Self {
        let home = self.path("home");
        let all = variables.iter().map(|(name, value)| (*name, PathBuf::from(value)));
        self.sources.environment = all.chain([("HOME", home)]).collect();
        self
    }

    fn flags(mut self, change: impl FnOnce(&mut Flags)) -> Self {
        change(&mut self.sources.flags);
        self
    }

    fn profile(self, name: &str) -> Self {
        self.flags(|flags| flags.profile = Some(name.to_owned()))
    }

    fn load(&self) -> Result<Settings, SettingsError> {
        load(&self.sources)
    }

    /// The error, with the machine's folder left out.
    fn error(&self) -> String {
        let error = self.load().unwrap_err();
        let text = error.hint().map_or_else(|| error.to_string(), |hint| format!("{error}\n{hint}"));
        text.replace(&format!("{}/", self.folder.path().display()), "")
    }

    fn rate(&self) -> (String, String) {
        let Setting { value, origin } = self.load().unwrap().rate;
        (value.to_string(), origin.to_string().replace(&format!("{}/", self.folder.path().display()), ""))
    }
}

#[test]
fn the_stronger_place_wins_and_is_named() {
    let mut machine = Machine::new();
    assert_eq!(machine.rate(), ("270".into(), "built in".into()));
    machine = machine.system("# ours\nrate = 1\n[profile.p]\nrate = 4");
    assert_eq!(machine.rate(), ("1".into(), "etc.toml:2".into()));
    machine = machine.user("rate = 2");
    assert_eq!(machine.rate(), ("2".into(), "home/.config/seatrun/config.toml:1".into()));
    let asked = machine.path("asked.toml");
    machine = machine.file("asked.toml", "\n\nrate = 3").flags(|flags| flags.config = Some(asked));
    assert_eq!(machine.rate(), ("3".into(), "asked.toml:3".into()));
    machine = machine.profile("p");
    assert_eq!(machine.rate(), ("4".into(), "etc.toml:4 [profile.p]".into()));
    machine = machine.user("[profile.p]\nrate = 5");
    assert_eq!(machine.rate(), ("5".into(), "home/.config/seatrun/config.toml:2 [profile.p]".into()));
    machine = machine.variables(&[("SEATRUN_RATE", "6")]);
    assert_eq!(machine.rate(), ("6".into(), "SEATRUN_RATE".into()));
    machine = machine.flags(|flags| flags.rate = Some("7".parse().unwrap()));
    assert_eq!(machine.rate(), ("7".into(), "--rate".into()));
}

#[test]
fn the_environment_names_the_file_and_the_profile_when_no_flag_does() {
    let machine = Machine::new().file("asked.toml", "[profile.p]\nrate = 9\n[profile.q]\nrate = 8");
    let asked = machine.path("asked.toml");
    let machine = machine.variables(&[("SEATRUN_CONFIG", asked.to_str().unwrap()), ("SEATRUN_PROFILE", "p")]);
    assert_eq!(machine.rate().0, "9");
    assert_eq!(machine.profile("q").rate().0, "8");
}

#[test]
fn an_empty_variable_says_nothing() {
    let machine = Machine::new().user("rate = 5").variables(&[("SEATRUN_RATE", ""), ("SEATRUN_PROFILE", "")]);
    assert_eq!(machine.rate().0, "5");
}

#[test]
fn the_users_file_follows_the_base_directory_specification() {
    let machine = Machine::new().user("rate = 5").file("xdg/seatrun/config.toml", "rate = 6");
    let (xdg, home) = (machine.path("xdg"), machine.path("home"));
    let table = [(xdg.to_str().unwrap(), "6"), ("relative", "5"), ("/dev/null", "270")];
    let mut machine = machine;
    for (folder, rate) in table {
        machine.sources.environment =
            [("HOME", home.to_str().unwrap()), ("XDG_CONFIG_HOME", folder)].into_iter().collect();
        assert_eq!(machine.rate().0, rate, "{folder}");
    }
}

#[test]
fn what_is_wrong_is_named_with_its_place_and_what_to_do() {
    let table = [
        ("rate = 5\nraet = 6", "etc.toml:2: there is no setting `raet`\ndid you mean `rate`?"),
        ("colour = 1", "etc.toml:1: there is no setting `colour`\nthe settings are api_url, ca_file"),
        ("token = \"hush\"", "etc.toml:1: there is no setting `token`\nthe token itself never stands"),
        ("access_token = \"hush\"", "etc.toml:1: there is no setting `access_token`\nthe token itself never stands"),
        ("token = hush", "etc.toml:1: this is not TOML: "),
        ("\nrate = \"fast\"", "etc.toml:2: rate: is text, expected a whole number"),
        ("rate = -5", "etc.toml:1: rate: `-5` is not a number of requests a minute"),
        ("rate = 2.5", "etc.toml:1: rate: is a number with a decimal point, expected a whole number"),
        ("concurrency = 0", "etc.toml:1: concurrency: `0` is not a number of requests in flight"),
        ("max_changes = \"many\"", "etc.toml:1: max_changes: `many` is not a limit"),
        ("plan_id = 4.8e15", "etc.toml:1: plan_id: is a number with a decimal point, expected a whole number, or text"),
        ("plan_id = \"4.8E+15\"", "etc.toml:1: plan_id: the plan id `4.8E+15` is not a number of 1 to 19 digits"),
        ("action = \"delete\"", "etc.toml:1: action: `delete` is not an action: it is one of downgrade"),
        ("seat_type = \"licensed\"", "etc.toml:1: seat_type: `licensed` is not a seat type"),
        ("seat_type = \"PROVISIONAL_MEMBER\"", "etc.toml:1: seat_type: `PROVISIONAL_MEMBER` is not a seat type"),
        ("request_timeout = \"30\"", "etc.toml:1: request_timeout: `30` has no unit"),
        ("request_timeout = \"0s\"", "etc.toml:1: request_timeout: `0s` is no time at all"),
        ("request_timeout = 30", "etc.toml:1: request_timeout: is a number, expected text in quotes"),
        ("integration_source = \"seatrun\"", "etc.toml:1: integration_source: `seatrun` is not of the form TYPE,"),
        ("free_seat_name = \"MEMBER\"", "etc.toml:1: free_seat_name: `member` is not a name of the free seat"),
        ("protected = []", "etc.toml:1: protected: is empty, which says nothing"),
        (
            "protected = [\n  \"ceo@acme.example\",\n  \"*\",\n]",
            "etc.toml:3: protected: `*` means no user: write an id",
        ),
        ("protected = [true]", "etc.toml:1: protected: is true or false, expected a list"),
        ("protected = \"a@b.example, c@d.example\"", "etc.toml:1: protected: `a@b.example, c@d.example` means no user"),
        ("expect_account = \"\"", "etc.toml:1: expect_account: is empty"),
        ("expect_account = [\"Acme\"]", "etc.toml:1: expect_account: is a list, expected a whole number, or text"),
        ("expect_plan = [12,\n 4.8e15]", "etc.toml:2: expect_plan: is a number with a decimal point, expected a list"),
        ("expect_plan = \"Acme\"", "etc.toml:1: expect_plan: the plan id `Acme` is not a number of 1 to 19 digits"),
        ("review_valid_for = \"0s\"", "etc.toml:1: review_valid_for: `0s` is no time at all"),
        ("encoding = \"klingon\"", "etc.toml:1: encoding: `klingon` is not an encoding: write a name such as utf-8"),
        ("delimiter = \"||\"", "etc.toml:1: delimiter: `||` is not a delimiter: write one ASCII character, or `tab`"),
        ("header_row = \"third\"", "etc.toml:1: header_row: is text, expected a whole number"),
        ("wait = \"-1s\"", "etc.toml:1: wait: `-1s` is negative"),
        ("deadline = \"0\"", "etc.toml:1: deadline: `0` is no time at all"),
        ("verify = \"true\"", "etc.toml:1: verify: is text, expected true or false, without quotes"),
        ("verbose = 256", "etc.toml:1: verbose: `256` is not a small whole number"),
        ("report = \"\"", "etc.toml:1: report: is empty"),
        ("log_format = \"xml\"", "etc.toml:1: log_format: `xml` is not a log format"),
        ("state_dir = \" \"", "etc.toml:1: state_dir: is empty"),
        (
            "api_url = \"http://api.smartsheet.com/2.0\"",
            "etc.toml:1: api_url: `http://api.smartsheet.com/2.0` would send",
        ),
        ("columns = 5", "etc.toml:1: columns: is a number, expected a table"),
        ("[columns]\nuser_id = 5", "etc.toml:2: columns.user_id: is a number, expected the header of a column"),
        (
            "[columns]\nuserid = \"A\"",
            "etc.toml:2: there is no field `userid` to map a column to\ndid you mean `user_id`?",
        ),
        ("[profile.p]\n\nraet = 6", "etc.toml:3 [profile.p]: there is no setting `raet`\ndid you mean `rate`?"),
        ("[profile.p]\nrate = \"fast\"", "etc.toml:2 [profile.p]: rate: is text, expected a whole number"),
        ("[profile]\np = 5", "etc.toml:2 [profile.p]: p: is a number, expected a table"),
        ("rate = 5\nrate = 6", "etc.toml:2: this is not TOML: duplicate key"),
        ("b = 1\na = 1", "etc.toml:1: there is no setting `b`"),
        (
            "rate = 0",
            "etc.toml:1: a rate of 0 (no limit) is for loopback addresses only, and the API is at https://api.",
        ),
    ];
    for (text, expected) in table {
        let error = Machine::new().system(text).error();
        assert!(error.starts_with(expected), "{text}\n{error}");
        assert!(!error.contains("hush"), "{error}");
    }
}

#[test]
fn a_value_that_loses_is_judged_all_the_same() {
    let machine = Machine::new().system("concurrency = 0").flags(|flags| flags.concurrency = "8".parse().ok());
    assert!(machine.error().starts_with("etc.toml:1: concurrency"), "{}", machine.error());
}

#[test]
fn a_variable_is_judged_like_a_file_and_a_mistyped_one_is_warned_of() {
    let machine = Machine::new().variables(&[("SEATRUN_MAX_CHANGES", "lots")]);
    assert!(machine.error().starts_with("SEATRUN_MAX_CHANGES: max_changes: `lots` is not"), "{}", machine.error());
    let machine = Machine::new().variables(&[("SEATRUN_MAX_CHANGE", "5"), ("SEATRUN_LOG", "debug")]);
    let expected =
        "the environment variable SEATRUN_MAX_CHANGE is no setting of seatrun: did you mean SEATRUN_MAX_CHANGES?";
    assert_eq!(machine.load().unwrap().warnings, [expected]);
}

#[test]
fn a_profile_that_stands_nowhere_is_refused_with_those_that_do() {
    let machine = Machine::new().system("[profile.production]").user("[profile.test]\nrate = 5").profile("prod");
    assert_eq!(machine.error(), "--profile: there is no profile `prod`\nthe profiles are production, test");
    let machine = Machine::new().variables(&[("SEATRUN_PROFILE", "prod")]);
    let expected = "SEATRUN_PROFILE: there is no profile `prod`\nno settings file has a [profile.NAME]";
    assert!(machine.error().starts_with(expected), "{}", machine.error());
}

#[test]
fn a_file_that_was_asked_for_must_be_there() {
    let machine = Machine::new();
    let asked = machine.path("nowhere.toml");
    let machine = machine.flags(|flags| flags.config = Some(asked));
    let error = machine.error();
    assert!(error.starts_with("the settings file nowhere.toml can't be read: No such file"), "{error}");
}

#[test]
fn no_limit_is_for_loopback_and_the_sandbox() {
    let unlimited = || Machine::new().flags(|flags| flags.rate = Some(Rate::UNLIMITED));
    assert!(unlimited().error().starts_with("--rate: a rate of 0"), "{}", unlimited().error());
    let loopback = unlimited().flags(|flags| flags.api_url = "http://127.0.0.1:8080/2.0".parse().ok());
    assert!(loopback.load().is_ok());
    let mut sandbox = unlimited();
    sandbox.sources.target = ApiTarget::Sandbox;
    assert!(sandbox.load().is_ok());
}

#[test]
fn protected_users_add_up_and_expected_plans_do_not() {
    let shown = |machine: &Machine, key: &str| {
        let rows = machine.load().unwrap().rows().into_iter().filter(|row| row.key == key);
        let rows = rows.map(|row| format!("{} {}", row.value, row.origin));
        rows.map(|row| row.replace(&format!("{}/", machine.folder.path().display()), "")).collect::<Vec<_>>()
    };
    let machine = Machine::new();
    assert_eq!(shown(&machine, "protected"), [" not set"]);
    let machine = machine
        .system("protected = [\n  5,\n  \"ceo@acme.example\"\n]\nexpect_plan = [1, \"2\"]")
        .user("expect_plan = 9\n[profile.p]\nprotected = \"*@board.example\"\nexpect_plan = 3")
        .variables(&[("SEATRUN_PROTECTED", "6, 7")]);
    let of_all = ["5 etc.toml:2", "ceo@acme.example etc.toml:3"];
    let from_environment = ["6 SEATRUN_PROTECTED", "7 SEATRUN_PROTECTED"];
    assert_eq!(shown(&machine, "protected"), [of_all, from_environment].concat());
    assert_eq!(shown(&machine, "expect_plan"), ["9 home/.config/seatrun/config.toml:1"]);
    let machine = machine.profile("p");
    let of_profile = ["*@board.example home/.config/seatrun/config.toml:3 [profile.p]"];
    assert_eq!(shown(&machine, "protected"), [&of_all[..], &of_profile, &from_environment].concat());
    assert_eq!(shown(&machine, "expect_plan"), ["3 home/.config/seatrun/config.toml:4 [profile.p]"]);
    let machine = Machine::new().variables(&[("SEATRUN_EXPECT_PLAN", "1,,2")]);
    assert!(
        machine.error().starts_with("SEATRUN_EXPECT_PLAN: expect_plan: the plan id is empty"),
        "{}",
        machine.error()
    );
}

#[test]
fn of_more_and_less_talk_the_stronger_place_counts() {
    let said = |machine: &Machine| {
        let settings = machine.load().unwrap();
        (settings.verbose.map(|setting| setting.value), settings.quiet.map(|setting| setting.value))
    };
    let machine = Machine::new().system("verbose = 2").user("quiet = 1");
    assert_eq!(said(&machine), (None, Some(1)));
    let machine = machine.variables(&[("SEATRUN_VERBOSE", "3")]);
    assert_eq!(said(&machine), (Some(3), None));
    assert_eq!(said(&machine.flags(|flags| flags.quiet = Some(2))), (None, Some(2)));
}

#[test]
fn columns_are_merged_field_by_field() {
    let machine = Machine::new()
        .system("[columns]\nuser_id = \"A\"\nemail = \"B\"\naction = \"C\"")
        .user("[profile.p.columns]\nemail = \"D\"")
        .profile("p")
        .flags(|flags| flags.columns = vec!["action = Was tun".parse().unwrap()]);
    let columns = machine.load().unwrap().columns;
    let columns: Vec<_> = columns.iter().map(|(field, column)| (field.as_str(), column.value.as_str())).collect();
    assert_eq!(columns, [("action", "Was tun"), ("email", "D"), ("user_id", "A")]);
}

#[test]
fn a_flag_maps_known_fields_once() {
    let map = |texts: &[&str]| {
        let columns = texts.iter().map(|text| text.parse().unwrap()).collect();
        Machine::new().flags(|flags| flags.columns = columns).error()
    };
    assert_eq!(map(&["plan=A"]), "--map: there is no field `plan` to map a column to\ndid you mean `plan_id`?");
    assert!(
        map(&["email=A", "email=B"]).starts_with("--map: email: is mapped twice"),
        "{}",
        map(&["email=A", "email=B"])
    );
    for text in ["email", "=A", "email=", " = "] {
        assert!(text.parse::<Mapping>().is_err(), "{text:?}");
    }
}

#[test]
fn the_state_folder_follows_the_base_directory_specification() {
    let state_dir = |machine: &Machine| {
        let Setting { value, origin } = machine.load().unwrap().state_dir;
        (value, origin.to_string())
    };
    let machine = Machine::new();
    assert_eq!(state_dir(&machine), (machine.path("home/.local/state/seatrun"), "HOME".to_owned()));
    let machine = machine.variables(&[("XDG_STATE_HOME", "relative")]);
    assert_eq!(state_dir(&machine), (machine.path("home/.local/state/seatrun"), "HOME".to_owned()));
    let mut machine = machine.variables(&[("XDG_STATE_HOME", "/var/lib")]);
    assert_eq!(state_dir(&machine), (PathBuf::from("/var/lib/seatrun"), "XDG_STATE_HOME".to_owned()));
    machine.sources.environment = Environment::default();
    assert!(machine.error().starts_with("there is no folder for the state"), "{}", machine.error());
    machine.sources.environment = [("SEATRUN_STATE_DIR", "state")].into_iter().collect();
    assert_eq!(machine.load().unwrap().state_dir.value, PathBuf::from("state"));
}

#[test]
fn a_path_in_a_file_is_relative_to_that_file() {
    let table = [("token", "home/.config/seatrun/token"), ("~/token", "home/token"), ("/run/token", "/run/token")];
    for (text, expected) in table {
        let machine = Machine::new().user(&format!("token_file = \"{text}\""));
        assert_eq!(machine.load().unwrap().token_file.unwrap().value, machine.path(expected));
    }
}

#[test]
fn a_stream_is_a_path_like_others_or_a_dash() {
    let table = [("r.csv", "home/.config/seatrun/r.csv"), ("~/r.csv", "home/r.csv"), ("/tmp/r.csv", "/tmp/r.csv")];
    let report = |text: &str| {
        let machine = Machine::new().user(&format!("report = \"{text}\""));
        (machine.load().unwrap().report.unwrap().value, machine)
    };
    for (text, expected) in table {
        let (value, machine) = report(text);
        assert_eq!(value, Stream::File(machine.path(expected)));
    }
    assert_eq!(report("-").0, Stream::Standard);
}

#[test]
fn json_names_each_value_with_its_origin() {
    let machine = Machine::new()
        .system("plan_id = 4843937635559300\nrate = 100\nprotected = [5]\n[columns]\nemail = \"Mail\"")
        .variables(&[("SEATRUN_VERIFY", "yes")]);
    let mut json = machine.load().unwrap().json();
    let text = json.to_string().replace(&format!("{}/", machine.folder.path().display()), "");
    json = text.parse().unwrap();
    assert_eq!(json["files"], serde_json::json!(["etc.toml"]));
    let table = [
        ("/settings/plan_id/value", serde_json::json!("4843937635559300")),
        ("/settings/plan_id/origin", "etc.toml:1".into()),
        ("/settings/rate/value", 100.into()),
        ("/settings/protected/0/value", "5".into()),
        ("/settings/columns/email/value", "Mail".into()),
        ("/settings/verify/value", true.into()),
        ("/settings/verify/origin", "SEATRUN_VERIFY".into()),
        ("/settings/max_errors/value", "50%".into()),
        ("/settings/max_errors/origin", "built in".into()),
        ("/settings/expect_plan", serde_json::json!([])),
        ("/settings/html", serde_json::Value::Null),
        ("/profile", serde_json::Value::Null),
    ];
    for (pointer, expected) in table {
        assert_eq!(json.pointer(pointer), Some(&expected), "{pointer}: {json:#}");
    }
}

#[test]
fn the_token_is_the_one_of_the_strongest_place() {
    let base =
        || Machine::new().file("home/.config/seatrun/token", "of-file\n").system("token_command = \"echo of-command\"");
    let table = [
        (base(), "of-command"),
        (base().user("token_file = \"token\""), "of-file"),
        (
            base().user("token_file = \"token\"\n[profile.p]\ntoken_command = \"echo of-profile\"").profile("p"),
            "of-profile",
        ),
        (base().user("token_file = \"token\"\ntoken_command = \"echo both\""), "of-file"),
        (base().variables(&[("SMARTSHEET_ACCESS_TOKEN", " of-environment ")]), "of-environment"),
    ];
    for (machine, expected) in table {
        let token = token::find(&machine.load().unwrap(), &machine.sources.environment).unwrap();
        assert_eq!(token.secret.expose_secret(), expected);
        assert!(!format!("{token:?} {:?} {:?}", machine.sources, machine.load()).contains("of-env"), "{token:?}");
    }
}

#[test]
fn a_token_that_cannot_be_sent_is_refused_and_not_shown() {
    let table = [
        ("hush\nhush", "the token of token_file token (SEATRUN_TOKEN_FILE) holds a line end at position 5"),
        ("Bearer hush", "the token of token_file token (SEATRUN_TOKEN_FILE) holds a space at position 7"),
        ("hüsh", "the token of token_file token (SEATRUN_TOKEN_FILE) holds a character beyond ASCII at position 2"),
        ("hush\u{7}", "the token of token_file token (SEATRUN_TOKEN_FILE) holds a control character at position 5"),
        (" \r\n", "token_file token (SEATRUN_TOKEN_FILE) is empty"),
        ("''", "token_file token (SEATRUN_TOKEN_FILE) is empty"),
        ("TOKEN=", "token_file token (SEATRUN_TOKEN_FILE) is empty"),
        (&"hush".repeat(3_000), "token_file token (SEATRUN_TOKEN_FILE) holds more than 8185 characters"),
        (&"hush".repeat(30_000), "token_file token (SEATRUN_TOKEN_FILE) holds more than 8185 characters"),
    ];
    for (text, expected) in table {
        let machine = Machine::new().file("home/token", text).variables(&[("SEATRUN_TOKEN_FILE", "~/token")]);
        let error = token::find(&machine.load().unwrap(), &machine.sources.environment).unwrap_err();
        let shown = error.to_string().replace(&format!("{}/home/", machine.folder.path().display()), "");
        assert!(shown.starts_with(expected), "{text:?}: {shown}");
        assert!(!format!("{error:?}").contains("hush"), "{error:?}");
    }
}

#[test]
fn no_token_says_the_three_ways_to_give_one() {
    let machine = Machine::new();
    let error = token::find(&machine.load().unwrap(), &machine.sources.environment).unwrap_err();
    for way in ["SMARTSHEET_ACCESS_TOKEN", "token_file", "token_command"] {
        assert!(error.hint().contains(way), "{way}");
    }
    let machine = machine.system("token_command = \"echo hush; exit 1\"");
    let error = token::find(&machine.load().unwrap(), &machine.sources.environment).unwrap_err();
    let expected = format!("token_command `echo …` ({}:1) failed (exit status: 1)", machine.path("etc.toml").display());
    assert_eq!(error.to_string(), expected);
    let machine = Machine::new().system("token_file = \"nowhere\"");
    let error = token::find(&machine.load().unwrap(), &machine.sources.environment).unwrap_err();
    assert!(error.to_string().contains("can't be read: No such file"), "{error}");
}

#[test]
fn a_token_file_that_others_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let table = [
        (0o600, "", false),
        (0o400, "", false),
        (0o640, "", false),
        (0o440, "", false),
        (0o604, "", true),
        (0o644, "", true),
        (0o644, "token_file_shared = true", false),
    ];
    for (mode, also, warned) in table {
        let machine = Machine::new().file("token", "hush").system(&format!("token_file = \"token\"\n{also}"));
        fs::set_permissions(machine.path("token"), fs::Permissions::from_mode(mode)).unwrap();
        let token = token::find(&machine.load().unwrap(), &machine.sources.environment).unwrap();
        assert_eq!(token.warning.is_some(), warned, "{mode:o}");
        let folder = machine.path("");
        let machine = machine.variables(&[("CREDENTIALS_DIRECTORY", folder.to_str().unwrap())]);
        let token = token::find(&machine.load().unwrap(), &machine.sources.environment).unwrap();
        assert_eq!(token.warning, None, "{mode:o}");
    }
}

#[test]
fn the_credential_of_a_unit_is_found_by_itself() {
    let machine = Machine::new().file("credentials/seatrun-token", "hush");
    let folder = machine.path("credentials");
    let machine = machine.variables(&[("CREDENTIALS_DIRECTORY", folder.to_str().unwrap())]);
    let token = token::find(&machine.load().unwrap(), &machine.sources.environment).unwrap();
    assert_eq!(token.source.to_string(), format!("the credential {}", folder.join("seatrun-token").display()));
    assert_eq!((token.secret.expose_secret(), token.warning), ("hush", None));
    let machine = machine.system("token_command = \"echo command\"");
    let token = token::find(&machine.load().unwrap(), &machine.sources.environment).unwrap();
    assert_eq!(token.secret.expose_secret(), "command");
}

#[test]
fn a_token_that_is_written_as_for_a_shell_is_understood() {
    let table = [
        "\"hush\"",
        "'hush'\n",
        "SMARTSHEET_ACCESS_TOKEN=hush",
        "export SMARTSHEET_ACCESS_TOKEN=\"hush\"\n",
        "token = 'hush'",
        "\u{20}hush ",
    ];
    for text in table {
        let machine = Machine::new().file("token", text).system("token_file = \"token\"");
        let token = token::find(&machine.load().unwrap(), &machine.sources.environment).unwrap();
        assert_eq!(token.secret.expose_secret(), "hush", "{text}");
        assert_eq!(token.warning.is_some(), text.trim() != "hush", "{text}: {:?}", token.warning);
    }
    // What only looks like it is left as it is.
    for text in ["hush=", "aG=hush", "\"hush"] {
        let machine = Machine::new().variables(&[("SMARTSHEET_ACCESS_TOKEN", text)]);
        let token = token::find(&machine.load().unwrap(), &machine.sources.environment).unwrap();
        assert_eq!(token.secret.expose_secret(), text);
    }
}

#[test]
fn files_that_others_can_change_are_refused_with_what_mends_it() {
    use std::os::unix::fs::PermissionsExt;
    let everybody = |path: &std::path::Path| fs::set_permissions(path, fs::Permissions::from_mode(0o666)).unwrap();
    let machine = Machine::new().system("rate = 5").file("token", "hush");
    everybody(&machine.path("etc.toml"));
    let expected =
        "the settings file etc.toml can be changed by everybody on this machine (mode 666)\nchmod o-w etc.toml";
    assert_eq!(machine.error(), expected);
    let machine = Machine::new().file("token", "hush").system("token_file = \"token\"");
    everybody(&machine.path("token"));
    let error = token::find(&machine.load().unwrap(), &machine.sources.environment).unwrap_err();
    assert_eq!(error.hint(), format!("chmod o-w {}", machine.path("token").display()));
    let machine = Machine::new().flags(|flags| flags.config = Some("/dev/zero".into()));
    assert!(machine.error().starts_with("the settings file /dev/zero is a device, and not a regular file"));
    let machine = Machine::new().system("ca_file = \"/dev/zero\"");
    let error = machine.load().unwrap().ca_certificates().unwrap_err().to_string();
    assert_eq!(error, "the ca_file /dev/zero is a device, and not a regular file");
}

#[test]
fn every_key_is_explained_in_the_defaults_and_shown_with_its_origin() {
    let defaults = include_str!("../../config/default.toml");
    let rows = Machine::new().user("token_command = \"echo hush\"").load().unwrap().rows();
    for key in Key::ALL {
        let name = key.name;
        let explained = defaults.lines().any(|line| line.trim_start_matches("# ").starts_with(&format!("{name} = ")));
        assert!(explained, "{name} is not in config/default.toml");
        let row = rows.iter().find(|row| row.key == name).unwrap();
        assert_eq!(row.value.is_empty(), row.origin == "not set", "{row:?}");
    }
    assert!(!format!("{rows:?}").contains("hush"));
}

#[test]
fn every_shown_value_reads_back() {
    let settings = Machine::new().load().unwrap();
    for key in Key::ALL {
        let row = settings.rows().into_iter().find(|row| row.key == key.name).unwrap();
        if !row.value.is_empty() {
            let machine = Machine::new().variables(&[(&key.variable(), &row.value)]);
            let read = machine.load().unwrap().rows().into_iter().find(|row| row.key == key.name).unwrap();
            assert_eq!((read.value, read.origin), (row.value, key.variable()));
        }
    }
}

#[test]
fn the_example_is_valid_in_each_of_its_profiles() {
    let said_by = |example: &str| {
        let rows = Machine::new().user(example).load().unwrap().rows();
        rows.into_iter().filter(|row| row.origin.contains("config.toml")).count()
    };
    assert_eq!(said_by(EXAMPLE), 0, "every setting is commented out");
    let line = |line: &'static str| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line);
    let example = EXAMPLE.lines().map(line).collect::<Vec<_>>().join("\n");
    assert!(said_by(&example) > 8);
    for profile in ["production", "test"] {
        let settings = Machine::new().user(&example).profile(profile).load().unwrap();
        assert_eq!(settings.rate.value.to_string(), "200");
        assert_eq!(settings.token_file.is_some(), profile == "test", "the profile's token replaces the general one");
    }
}

#[test]
fn the_table_lines_its_columns_up() {
    let table = Machine::new().load().unwrap().table();
    let froms: BTreeSet<_> =
        table.lines().filter_map(|line| line.find("built in").or_else(|| line.find("FROM"))).collect();
    assert_eq!(froms.len(), 1, "{table}");
}
