//! `seatrun users`: the users of a plan as a sheet, and that sheet as the input of a run.

use seatrun::sandbox::{HOME_PLAN, Options, Quirks, Role, SandboxUser, Status, World};
use serde_json::{Value, json};

use super::fixture::{Api, Rows, Site, user};
use super::loopback::Answer;
use super::rude_server::{PLAN, RudeServer, listed, listed_users, listed_with};
use super::seeds_server::{Manners, Person, SeedsServer};

const HEADER: &str = "user_id,email,name,seat_type,status,is_internal,admin,group_admin,licensed_sheet_creator,\
                      last_login,plan_id";

/// Somebody who last signed in so many days ago; their seat is 90 days old.
fn person(number: u64, seat: &str, last_login_days_ago: Option<u32>) -> SandboxUser {
    SandboxUser { last_login_days_ago, ..SandboxUser::new(user(number)) }.seated(HOME_PLAN, seat)
}

/// The token's own user, and six others who each differ in one thing.
fn people() -> Vec<SandboxUser> {
    vec![
        SandboxUser { roles: vec![Role::GroupAdmin], ..person(0, "MEMBER", Some(1)) },
        person(1, "MEMBER", Some(200)),
        person(2, "VIEWER", Some(200)),
        person(3, "MEMBER", None),
        SandboxUser { is_internal: false, ..person(4, "GUEST", Some(200)) },
        SandboxUser { status: Status::Pending, ..person(5, "MEMBER", Some(200)) },
        SandboxUser { email: Some("Bo@Hr.example.com".to_owned()), ..person(6, "MEMBER", Some(300)) },
    ]
}

fn api() -> Api {
    Api::of(World::holding(people()).with_quirks(Quirks::BEFORE_SUNSET), &Options::default())
}

#[test]
fn each_filter_lists_whom_it_means_and_says_why_others_are_left_out() {
    let api = api();
    let mut site = Site::facing(&api);
    site.set("SEATRUN_RATE", "0");
    // filters, numbers of the users who are listed, what is said
    let table: [(&[&str], &[u64], &str); 13] = [
        (&[], &[0, 1, 2, 3, 4, 5, 6], "8 of 8 users of plan"),
        (&["--seat", "member"], &[0, 1, 3, 5, 6], "2  with another seat"),
        (&["--seat", "contributor,GUEST"], &[2, 4], "6  with another seat"),
        (&["--status", "pending"], &[5], "7  with another status"),
        (&["--domain", "*@HR.example.com."], &[6], "7  at another domain"),
        (&["--domain", "hr.example.com,partner.example.net"], &[4, 6], "6  at another domain"),
        (&["--external"], &[4], "7  not external"),
        (&["--inactive-for", "90d"], &[1, 2, 4, 5, 6], "2  signed in within 90 days"),
        (&["--inactive-for", "90d"], &[1, 2, 4, 5, 6], "1  without a last sign-in (see --never-signed-in)"),
        (&["--inactive-for", "250d"], &[6], "6  signed in within 250 days"),
        (&["--inactive-for", "30d", "--never-signed-in"], &[1, 2, 3, 4, 5, 6], "2  signed in within 30 days"),
        (&["--inactive-for", "100d", "--never-signed-in"], &[1, 2, 4, 5, 6], "with a seat younger than 100 days"),
        (&["--seat", "MEMBER", "--status", "active", "--inactive-for", "90d"], &[1, 6], "3 of 8"),
    ];
    for (filters, expected, said) in table {
        let ended = site.run(&[&["users"], filters].concat()).exits(0);
        assert_eq!(ended.stdout.lines().next(), Some(HEADER));
        let rows = Rows::of(&ended.stdout);
        let ids: Vec<_> = expected.iter().map(|number| user(*number).to_string()).collect();
        let found: Vec<_> =
            rows.column("user_id").into_iter().filter(|id| ids.iter().any(|known| known == id)).collect();
        assert_eq!(found, ids, "{filters:?}: {rows:?}");
        let others = rows.0.len() - found.len();
        assert!(
            others == 0 || (others == 1 && rows.0.iter().any(|row| row["admin"] == "true")),
            "{filters:?}: {rows:?}"
        );
        if said != "3 of 8" {
            ended.warns(&[said]);
        }
    }
}

#[test]
fn a_true_up_is_a_list_a_look_and_a_run() {
    for sheet in ["candidates.xlsx", "candidates.csv"] {
        let api = api();
        let site = Site::facing(&api);
        let filters = ["--seat", "MEMBER", "--status", "ACTIVE", "--inactive-for", "90d", "-o", sheet];
        let ended = site.run(&[&["users"][..], &filters].concat()).exits(0);
        assert_eq!(ended.stdout, "");
        let asked = api.sandbox.requests().into_iter().filter(|request| request.path.contains("lastLogin"));
        assert_eq!(asked.count(), 1, "one request a page");
        let downgrade = ["run", sheet, "--action", "downgrade", "--seat-type", "VIEWER"];
        let dry = site.run(&[&downgrade[..], &["--dry-run", "-o", "review.csv"]].concat()).exits(0);
        assert!(!dry.stderr.contains("looks like"), "{dry}");
        assert_eq!(site.report("review.csv").statuses(), ["PLANNED"; 2]);
        site.run(&[&downgrade[..], &["--yes", "-o", "report.csv"]].concat()).exits(0);
        let report = site.report("report.csv");
        assert_eq!((report.statuses(), report.column("name").len()), (vec!["SUCCESS"; 2], 2));
        assert_eq!([api.seat(1), api.seat(6)], ["CONTRIBUTOR", "CONTRIBUTOR"]);
        assert_eq!(api.seat(0), "MEMBER");
    }
}

#[test]
fn a_seat_that_changed_since_the_list_was_made_is_not_changed_again() {
    let api = api();
    let site = Site::facing(&api);
    let list = site.run(&["users", "--inactive-for", "90d", "-o", "all.csv"]).exits(0);
    list.warns(&["5 of 8"]);
    let older = site.read("all.csv").replace("VIEWER", "MEMBER");
    site.write("all.csv", older);
    site.run(&["run", "all.csv", "--action", "upgrade", "--seat-type", "MEMBER", "--dry-run", "-o", "out.csv"]);
    let review = site.report("out.csv");
    let row = review.0.iter().find(|row| row["user_id"] == user(2).to_string()).unwrap();
    assert_eq!(row["result_status"], "SKIPPED", "{row:?}");
}

#[test]
fn json_has_ids_as_strings_and_nothing_where_nothing_is_known() {
    let server = RudeServer::polite(vec![listed(1), listed_with(2, &json!({"lastLogin": null, "isInternal": null}))]);
    let site = server.site();
    let ended = site.run(&["users", "--json", "--plan-id", &PLAN.to_string()]).exits(0);
    let users: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(
        users[1],
        json!({
            "user_id": user(1).to_string(), "email": "user.1@acme.example", "name": "Jane Doe 1", "seat_type": "MEMBER",
            "status": "ACTIVE", "is_internal": true, "admin": false, "group_admin": false,
            "licensed_sheet_creator": true, "last_login": "2026-11-20T09:55:30.123456Z", "plan_id": PLAN.to_string(),
        })
    );
    assert_eq!((&users[2]["last_login"], &users[2]["is_internal"]), (&Value::Null, &Value::Null));
    site.run(&["users", "--json", "-o", "users.json", "--plan-id", &PLAN.to_string()]).exits(0);
    assert_eq!(serde_json::from_str::<Value>(&site.read("users.json")).unwrap(), users);
    site.run(&["users", "--json", "-o", "users.xlsx"]).exits(2).warns(&["workbook", ".json"]);
    site.run(&["users", "--never-signed-in"]).exits(2).warns(&["--inactive-for"]);
    site.run(&["users", "--domain", "acme"]).exits(2).warns(&["acme"]);
    site.run(&["users", "--inactive-for", "90"]).exits(2).warns(&["90d"]);
}

#[test]
fn every_page_is_read_once_with_the_time_of_the_last_sign_in() {
    let server = RudeServer::polite(listed_users(250));
    let site = server.site();
    let ended = site.run(&["users", "--plan-id", &PLAN.to_string()]).exits(0);
    assert_eq!(Rows::of(&ended.stdout).0.len(), 251);
    let log = server.http.log();
    assert_eq!(log.len(), 3, "{log:?}");
    assert!(log.iter().all(|exchange| exchange.request.parameter("include") == Some("lastLogin")));
}

#[test]
fn where_no_user_has_a_last_sign_in_nobody_is_called_inactive() {
    let signs_in = |value: Value| {
        RudeServer::new(listed_users(3), move |request, account| {
            for user in &mut account.users {
                user["lastLogin"] = value.clone();
            }
            account.answer(request)
        })
    };
    let plan = PLAN.to_string();
    let server = signs_in(Value::Null);
    let site = server.site();
    for never in [&[][..], &["--never-signed-in"]] {
        let arguments = [&["users", "--plan-id", &plan, "--inactive-for", "90d", "-o", "list.csv"], never].concat();
        site.run(&arguments).exits(3).warns(&["when they last signed in", "System Admin"]);
    }
    assert!(site.names().is_empty());
    site.run(&["users", "--plan-id", &plan]).exits(0);

    // What is said and cannot be read is not the same as nothing.
    for odd in [json!({"at": 5}), json!("yesterday"), json!([1]), json!(true)] {
        let server = signs_in(odd.clone());
        let arguments = ["users", "--plan-id", &plan, "--inactive-for", "90d", "--never-signed-in"];
        let ended = server.site().run(&arguments).exits(0);
        assert_eq!(ended.stdout.lines().count(), 1, "{odd}: {ended}");
        ended.warns(&["4  with a last sign-in that cannot be read"]);
    }
}

#[test]
fn a_list_with_gaps_is_written_and_said_to_have_them() {
    let plan = PLAN.to_string();
    let server = RudeServer::polite(vec![listed(1), listed_with(2, &json!({"id": {"odd": 1}})), listed(3)]);
    let ended = server.site().run(&["users", "--plan-id", &plan]).exits(1);
    assert_eq!(Rows::of(&ended.stdout).0.len(), 3);
    ended.warns(&["1  that cannot be read", "`data[2].id` is an object"]);

    // The same page for ever, which counts more.
    let server = RudeServer::new(listed_users(120), |request, account| {
        if request.path != "/users" {
            return account.answer(request);
        }
        let users = &account.users[..100];
        Answer::Json(200, json!({"pageNumber": 1, "totalPages": u32::MAX, "totalCount": 120, "data": users}))
    });
    let ended = server.site().run(&["users", "--plan-id", &plan]).exits(1);
    assert_eq!(Rows::of(&ended.stdout).0.len(), 100);
    ended.warns(&["is not whole"]);
}

#[test]
fn a_server_of_the_seeds_alone_has_no_list_and_says_so() {
    let server = SeedsServer::holding(vec![Person::new(0)], Manners::default());
    let site = server.site();
    let ended = site.run(&["users", "--plan-id", "4843937635559301", "-o", "list.csv"]).exits(3);
    ended.warns(&["this server does not have GET /users"]);
    site.run(&["users"]).exits(3).warns(&["no plan is named", "--plan-id"]);
    assert!(site.names().is_empty());
    // The addresses and names of plans' users are a comfort.
    let ended = site.run(&["plans", &user(0).to_string()]).exits(0);
    assert_eq!(Rows::of(&ended.stdout).column("email"), [""]);
}

#[test]
fn a_rehearsal_lists_a_made_up_company() {
    let site = Site::new();
    let ended =
        site.run(&["users", "--sandbox", "--seat", "MEMBER", "--inactive-for", "90d", "-o", "list.csv"]).exits(0);
    ended.warns(&["of 193 users"]);
    site.run(&["run", "list.csv", "--action", "downgrade", "--seat-type", "VIEWER", "--sandbox", "--yes"]).exits(0);
}
