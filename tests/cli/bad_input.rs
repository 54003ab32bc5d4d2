//! Bad input: a clear error that says what is wrong, where, and what to do; and nothing is lost or asked of the API.

use seatrun::sandbox::{HOME_PLAN, SandboxUser};

use super::fixture::{Api, Site, downgrades, members, user};

/// A file's name, what it holds, and what is said of it.
type Unusable = (&'static str, Option<&'static [u8]>, &'static [&'static str]);

#[test]
fn a_file_that_cannot_be_used_is_refused_with_a_reason_and_a_hint() {
    let api = Api::holding(members(1));
    let site = Site::facing(&api);
    let table: [Unusable; 8] = [
        ("none.csv", None, &["there is no none.csv", "check the path"]),
        ("empty.csv", Some(b""), &["empty.csv: the input is empty"]),
        ("header.csv", Some(b"user_id,action\n"), &["header.csv: the input has a header (row 1) and no row below it"]),
        ("who.csv", Some(b"Name,action\nBo,deactivate\n"), &["`Name` and `action`", "--map user_id="]),
        ("what.csv", Some(b"user_id\n48569348493401201\n"), &["no action", "--action"]),
        (
            "zip.csv",
            Some(b"PK\x03\x04\x14\x00\x06\x00"),
            &["looks like a workbook", "open it in a spreadsheet program"],
        ),
        ("nul.csv", Some(b"user_id,action\n\x00\x00,deactivate\n"), &["NUL"]),
        ("latin.csv", Some(b"user_id,action,name\n48569348493401201,deactivate,K\xe4the\n"), &["UTF-8"]),
    ];
    for (name, contents, said) in table {
        if let Some(contents) = contents {
            site.write(name, contents);
        }
        for arguments in [&["--yes"][..], &["--dry-run"], &["--dry-run", "--offline"]] {
            let ended = site.run(&[&["run", name], arguments].concat()).exits(3).warns(&["error: ", "hint: "]);
            ended.warns(said);
        }
    }
    site.run(&["run", ".", "--yes"]).exits(3).warns(&["cannot be read"]);
    assert_eq!(api.sandbox.request_count(), 0);
}

#[test]
fn a_row_that_cannot_be_understood_is_invalid_with_its_place_and_the_others_run() {
    let api = Api::holding(members(2));
    let site = Site::facing(&api);
    let plan = HOME_PLAN;
    let (good, other) = (user(0), user(1));
    // cells, what is said
    let table = [
        (format!("{good},downgrade,{plan},VIEWER,"), ""),
        (
            format!("{other},promote,{plan},,"),
            "`promote` is not an action; it is one of downgrade, upgrade, deactivate",
        ),
        ("Bo,deactivate,,,".to_owned(), "user_id"),
        ("12345678901234567890,deactivate,,,".to_owned(), "user_id"),
        ("4.8569E+16,deactivate,,,".to_owned(), "user_id"),
        (",deactivate,,,".to_owned(), "user_id"),
        (format!("{other},downgrade,{plan},MEMBER,"), "GUEST (external users only), VIEWER or CONTRIBUTOR"),
        (format!("{other},upgrade,{plan},VIEWER,"), "MEMBER or GUEST (external users only)"),
        (format!("{other},downgrade,{plan},ADMIN,"), "`ADMIN` is not a seat type"),
        (format!("{other},downgrade,{plan},,"), "a downgrade needs a seat"),
        (format!("{other},downgrade,12x,VIEWER,"), "plan_id"),
        (format!("{other},update,,,perhaps"), "admin"),
        (String::new(), "passed over"),
        (format!("{good},deactivate,,,"), ""),
    ];
    let rows = table.each_ref().map(|(cells, _)| format!("{cells}\n")).concat();
    site.write("in.csv", format!("user_id,action,plan_id,seat_type,admin\n{rows}"));
    site.run(&["run", "in.csv", "--yes", "--max-invalid", "100%"]).exits(1);
    let report = site.report("in.report.csv");
    // An empty line is no row, but it counts for the row numbers that a spreadsheet shows.
    let expected: Vec<_> = (2_u64..).zip(&table).filter(|(_, (cells, _))| !cells.is_empty()).collect();
    assert_eq!(report.0.len(), expected.len());
    for (row, (number, (cells, said))) in report.0.iter().zip(expected) {
        assert_eq!(row["result_row"], number.to_string());
        let status = if said.is_empty() { "SUCCESS" } else { "INVALID" };
        let text = format!("{}; {}", row["result_message"], row["result_hint"]);
        assert!(row["result_status"] == status && text.contains(said), "{cells}: {row:?}");
    }
    assert_eq!((api.seat(0).as_str(), api.seat(1).as_str()), ("CONTRIBUTOR", "MEMBER"));
}

#[test]
fn a_removal_refuses_the_file_unless_it_is_allowed() {
    let api = Api::holding(members(2));
    let site = Site::facing(&api);
    site.write("in.csv", format!("user_id,action\n{},deactivate\n{},remove\n", user(0), user(1)));
    let ended = site.run(&["run", "in.csv", "--yes"]).exits(3);
    ended.warns(&["permanently remove 1 user from a plan", "row 3", "hint: --allow-remove"]);
    assert_eq!((site.report("in.report.csv").statuses(), api.changes().len()), (vec!["NOT_ATTEMPTED"; 2], 0));
    site.run(&["run", "in.csv", "--dry-run"]).exits(1).warns(&["a run would be refused", "--allow-remove"]);
    site.run(&["run", "in.csv", "--yes", "--allow-remove"]).exits(0);
    assert_eq!(api.sandbox.seat_of(user(1), HOME_PLAN), None);
}

#[test]
fn contradictions_are_invalid_on_both_sides_and_more_than_a_few_bad_rows_refuse_the_file() {
    let api = Api::holding(members(3));
    let site = Site::facing(&api);
    let (one, two) = (user(0), user(1));
    let rows = format!("{one},deactivate\n{two},deactivate\n{one},reactivate\n");
    site.write("in.csv", format!("user_id,action\n{rows}"));
    let ended = site.run(&["run", "in.csv", "--yes"]).exits(3);
    ended.warns(&["2 of 3 rows are invalid, and --max-invalid is 10%", "hint: ", "--max-invalid"]);
    assert_eq!(site.report("in.report.csv").statuses(), ["INVALID", "NOT_ATTEMPTED", "INVALID"]);
    assert_eq!(api.changes().len(), 0);
    site.run(&["run", "in.csv", "--yes", "--max-invalid", "2"]).exits(1);
    assert_eq!(site.report("in.report.csv").statuses(), ["INVALID", "SUCCESS", "INVALID"]);
}

#[test]
fn rows_without_a_plan_are_about_the_only_one_and_with_several_the_error_lists_them() {
    let rows = format!("user_id,action,seat_type\n{},downgrade,VIEWER\n", user(0));
    let api = Api::holding(members(1));
    let site = Site::facing(&api);
    site.write("in.csv", &rows);
    site.run(&["run", "in.csv", "--yes"]).exits(0).warns(&[&HOME_PLAN.to_string()]);
    assert_eq!(api.seat(0), "CONTRIBUTOR");

    let (one, two) = (4_843_937_635_559_301, 4_843_937_635_559_302);
    let api = Api::holding([SandboxUser::new(user(0)).seated(one, "MEMBER").seated(two, "MEMBER")]);
    let site = Site::facing(&api);
    site.write("in.csv", &rows);
    let ended = site.run(&["run", "in.csv", "--yes"]).exits(3);
    ended.warns(&[&format!("{one}, {two}"), "hint: ", "--plan-id"]);
    assert_eq!(site.report("in.report.csv").statuses().len(), 1);
    assert_eq!(api.changes().len(), 0);
    site.run(&["run", "in.csv", "--yes", "--plan-id", &two.to_string()]).exits(0);
    assert_eq!(api.sandbox.seat_of(user(0), one).as_deref(), Some("MEMBER"));
    assert_eq!(api.sandbox.seat_of(user(0), two).as_deref(), Some("CONTRIBUTOR"));
}

#[test]
fn a_host_that_does_not_speak_the_api_is_told_from_one_that_refuses() {
    // A page instead of JSON for the first thing that is asked.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        use std::io::{Read, Write};
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let read = stream.read(&mut request).unwrap();
        let page = "<html>Sign in to the hotel's network</html>";
        write!(stream, "HTTP/1.1 404 Not Found\r\ncontent-length: {}\r\n\r\n{page}", page.len()).unwrap();
        String::from_utf8_lossy(&request[..read]).into_owned()
    });
    let mut site = Site::new();
    site.set("SMARTSHEET_ACCESS_TOKEN", "token");
    site.write("in.csv", downgrades(2));
    let ended = site.run(&["run", "in.csv", "--yes", "--api-url", &format!("http://{address}/2.0")]).exits(3);
    ended.warns(&["404", "--api-url"]);
    assert_eq!(site.report("in.report.csv").statuses(), ["NOT_ATTEMPTED"; 2]);
    assert!(server.join().unwrap().starts_with("GET /2.0/users/me "));
}
