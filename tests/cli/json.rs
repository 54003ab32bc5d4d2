//! JSON: every object that the program writes, read as a careless program would read it. Ids are strings, because many
//! readers of JSON round large numbers into the id of somebody else; keys are `snake_case`.

use serde_json::Value;

use super::fixture::{Api, Site, downgrades, failing, members, user};

/// What a program that counts in floating point still tells apart.
const EXACT: f64 = 1e15;

/// Holds what is true of all JSON. Counts are keyed by statuses, which are words of the report.
fn check(value: &Value, key: &str, what: &str) {
    match value {
        Value::Object(object) => {
            for (name, inner) in object {
                let is_snake = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
                assert!(is_snake || key == "counts", "{what}: the key `{name}` in `{key}`");
                check(inner, name, what);
            }
        }
        Value::Array(list) => list.iter().for_each(|inner| check(inner, key, what)),
        Value::Number(number) => {
            assert!(number.as_f64().unwrap().abs() < EXACT, "{what}: `{key}` is the number {number}");
            let is_id = key.ends_with("_id") || ["user", "plan", "id", "account"].contains(&key);
            assert!(!is_id, "{what}: `{key}` is the number {number}");
        }
        Value::String(_) | Value::Bool(_) | Value::Null => {}
    }
}

#[test]
fn no_json_of_the_program_holds_an_id_as_a_number_or_a_key_in_camel_case() {
    let api = Api::holding(members(3).chain([failing(3, "4002")]));
    let mut site = Site::facing(&api);
    site.set("SEATRUN_PLAN_ID", &seatrun::sandbox::HOME_PLAN.to_string());
    site.set("SEATRUN_EXPECT_PLAN", &seatrun::sandbox::HOME_PLAN.to_string());
    site.write("in.csv", downgrades(4));
    site.write("small.csv", "user_id,action\n5,deactivate\n6,plans\n");
    let id = user(0).to_string();
    let small = user(1).to_string();
    site.run(&["run", "small.csv", "--yes", "--sandbox"]);
    let log = site.run(&["run", "in.csv", "--yes", "--summary-json", "s.json", "-vvv", "--log-format", "json"]);
    for (number, line) in log.stderr.lines().enumerate() {
        let event: Value = line.parse().unwrap_or_else(|error| panic!("line {number} is no JSON: {error}: {line}"));
        check(&event, "", line);
    }
    let summary: Value = site.read("s.json").parse().unwrap();
    check(&summary, "", "summary");
    let run = summary["run"].as_str().unwrap().to_owned();
    for arguments in [
        &["plans", &id, &small, "--json"][..],
        &["history", "--json"],
        &["history", &run, "--json"],
        &["history", "--user", &id, "--json"],
        &["history", "--sandbox", "--json"],
        &["config", "show", "--json"],
        &["doctor", "--json"],
    ] {
        let ended = site.run(arguments);
        let value: Value = ended.stdout.parse().unwrap_or_else(|error| panic!("{error}: {ended}"));
        check(&value, "", &format!("{arguments:?}"));
        assert!(value.as_array().is_none_or(|list| !list.is_empty()), "{arguments:?} shows something");
    }
}
