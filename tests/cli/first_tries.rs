//! What a person tries first works, or says what does.

use std::process::Command;

use seatrun::sandbox::HOME_PLAN;

use super::approvals::changed;
use super::fixture::{Api, Site, downgrades, members, user};
use super::process::Running;

#[test]
fn what_is_not_a_command_leads_to_one() {
    let site = Site::new();
    site.write("leavers.csv", downgrades(1));
    let table: [(&[&str], i32, &str); 6] = [
        (&["help", "run"], 0, ""),
        (&["leavers.csv"], 2, "to run a sheet, type: seatrun run leavers.csv"),
        (&["deactivate", "x.csv"], 2, "seatrun run x.csv --action deactivate"),
        (&["run", "leavers.csv", "other file.csv", "-n"], 2, "seatrun run 'other file.csv' -n"),
        (&["run", "leavers.csv", "leavers.xlsx"], 2, "one run takes one input"),
        (&["run", "leavers.csv", "-n", "--offline"], 0, "PLANNED"),
    ];
    for (arguments, code, words) in table {
        site.run(arguments).exits(code).warns(&[words]);
    }
}

#[test]
fn a_folder_is_refused_with_its_newest_sheet() {
    let site = Site::new();
    site.run(&["run", ".", "-n"]).exits(3).warns(&[". is a folder", "there is no sheet in it"]);
    let folder = site.folder().join("HR drop");
    std::fs::create_dir(&folder).unwrap();
    for (days, name) in [(3, "old.csv"), (2, "leavers of today.xlsx"), (1, "x.report.csv"), (0, "notes.txt")] {
        let file = std::fs::File::create(folder.join(name)).unwrap();
        let age = std::time::Duration::from_secs(days * 86_400);
        file.set_modified(std::time::SystemTime::now() - age).unwrap();
    }
    site.run(&["run", "HR drop", "--yes"]).exits(3).warns(&["seatrun run 'HR drop/leavers of today.xlsx'"]);
}

#[test]
fn rows_that_come_through_a_pipe_leave_their_report_in_the_working_folder() {
    for typed in ["cat in.csv | $SEATRUN run /dev/stdin --yes", "$SEATRUN run <(cat in.csv) --yes"] {
        let api = Api::holding(members(2));
        let site = Site::facing(&api);
        site.write("in.csv", downgrades(2));
        let mut shell = Command::new("/bin/bash");
        shell.args(["-c", typed]);
        let mut shell = site.settle(shell);
        shell.env("PATH", "/usr/bin:/bin").env("SEATRUN", env!("CARGO_BIN_EXE_seatrun"));
        Running::start(shell, None).wait().exits(0);
        assert_eq!(changed(&api, 2), [0, 1], "{typed}");
        assert_eq!(site.names(), ["in.csv", "stdin.report.csv"], "{typed}");
    }
}

#[test]
fn empty_cells_at_the_end_may_be_missing_or_too_many_where_nothing_is_lost() {
    let (api, plan) = (Api::holding(members(6)), HOME_PLAN);
    let site = Site::facing(&api);
    let ids: Vec<_> = (0..6).map(user).collect();
    let rows = [
        format!("{},downgrade,{plan},VIEWER", ids[0]),
        format!("{},downgrade,{plan},VIEWER,,,", ids[1]),
        format!("{},deactivate", ids[2]),
        format!("{},downgrade,{plan},VIEWER,,,extra", ids[3]),
        format!("{},downgrade,{plan}", ids[4]),
    ];
    site.write("in.csv", format!("user_id,action,plan_id,seat_type,Name\n{}\n", rows.join("\n")));
    site.run(&["run", "in.csv", "--yes", "--max-invalid", "90%"]).exits(1);
    let report = site.report("in.report.csv");
    assert_eq!(report.statuses(), ["SUCCESS", "SUCCESS", "SUCCESS", "INVALID", "INVALID"], "{report:?}");
    // Of attributes nobody can tell which one is missing.
    site.write("in.csv", format!("user_id,action,admin,group_admin\n{},update,true\n", ids[0]));
    site.run(&["run", "in.csv", "--yes"]).exits(3).warns(&["has 3 cells, and the header has 4"]);
}

#[test]
fn a_name_that_programs_write_for_none_warns_once_and_is_invalid_in_several_rows() {
    let api = Api::holding(members(3));
    let site = Site::facing(&api);
    let row = |number, name: &str| format!("{},update,{name}\n", user(number));
    let header = "user_id,action,last_name\n";
    site.write("one.csv", format!("{header}{}{}", row(0, "Null"), row(1, "Olsen")));
    site.run(&["run", "one.csv", "--yes"]).exits(0).warns(&["row 2: `last_name` `Null` may stand for no name"]);
    site.write("two.csv", format!("{header}{}{}{}", row(0, "NaN"), row(1, "None"), row(2, "Olsen")));
    site.run(&["run", "two.csv", "--yes", "--max-invalid", "90%"]).exits(1);
    assert_eq!(site.report("two.report.csv").statuses(), ["INVALID", "INVALID", "SUCCESS"]);
}

#[test]
fn lines_above_the_header_and_remarks_in_it_lead_to_a_run_that_works() {
    // The lines of the file, the hint, and the flags that it leads to.
    let id = user(0);
    let table: [(String, &str, &[&str]); 4] = [
        (format!("Version 2.1\nuser_id,action\n{id},deactivate"), "--header-row 2", &["--header-row", "2"]),
        (format!("1234567,EXAMPLE\n\nuser_id,action\n{id},deactivate"), "--header-row 3", &["--header-row", "3"]),
        (
            format!("User ID [Required],Action\n{id},deactivate"),
            "--map user_id=\"User ID [Required]\"",
            &["--map", "user_id=User ID [Required]"],
        ),
        (
            "Email Address [Required],action\nnobody@acme.example,deactivate".to_owned(),
            "if `Email Address [Required]` holds email addresses, say --map email=",
            &["--map", "email=Email Address [Required]", "-n", "--offline"],
        ),
    ];
    for (text, hint, flags) in table {
        let api = Api::holding(members(1));
        let site = Site::facing(&api);
        site.write("in.csv", text);
        site.run(&["run", "in.csv", "--yes"]).exits(3).warns(&[hint]);
        site.run(&[&["run", "in.csv", "--yes"], flags].concat()).exits(0);
    }
}
