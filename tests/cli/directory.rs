//! What is read of the users before anything is sent: how much of it, what it foresees, and that it changes nothing.

use seatrun::sandbox::{HOME_PLAN, LoggedRequest, Operation, Options, Quirks, Role, SandboxUser, Status, World};

use super::fixture::{Api, Rows, Site, downgrades, members, user};

const BRANCH_PLAN: u64 = HOME_PLAN + 1;

/// Somebody with an address.
fn at(number: u64, address: &str) -> SandboxUser {
    SandboxUser { email: Some(address.to_owned()), ..SandboxUser::new(user(number)) }
}

/// The paths of what was asked, which is only reads.
#[track_caller]
fn reads(api: &Api) -> Vec<String> {
    let requests = api.sandbox.requests();
    assert!(requests.iter().all(|request| request.method == "GET"), "{requests:?}");
    requests.into_iter().map(|LoggedRequest { path, .. }| path.trim_start_matches("/2.0").to_owned()).collect()
}

/// The review of a file, which changes nothing.
#[track_caller]
fn review(api: &Api, input: &str, arguments: &[&str]) -> (Rows, String, Vec<String>) {
    let mut site = Site::facing(api);
    site.set("SEATRUN_RATE", "0");
    site.write("in.csv", input);
    let ended = site.run(&[&["run", "in.csv", "--dry-run"], arguments].concat());
    (site.report("in.review.csv"), ended.stderr, reads(api))
}

#[test]
fn a_review_of_half_of_ten_thousand_users_takes_no_more_than_their_pages() {
    let rows = |cell: fn(u64) -> String| (0..5_000).map(|number| cell(2 * number) + "\n").collect::<String>();
    let table = [
        format!(
            "user_id,action,plan_id,seat_type\n{}",
            rows(|at| format!("{},downgrade,{HOME_PLAN},VIEWER", user(at)))
        ),
        format!("email,action,seat_type\n{}", rows(|at| format!("user.{}@example.com,downgrade,VIEWER", user(at)))),
        format!("email,action\n{}", rows(|at| format!("user.{}@example.com,deactivate", user(at)))),
    ];
    for input in table {
        let options = Options { rate_per_minute: 0, ..Options::default() };
        let api = Api::of(World::holding(members(10_000)), &options);
        let (report, said, reads) = review(&api, &input, &["--max-changes", "5000"]);
        assert_eq!(report.counts(), [("PLANNED", 5_000)].into());
        assert!(report.column("result_seat_before").iter().all(|seat| *seat == "MEMBER"));
        for (row, number) in report.0.iter().zip(0..) {
            assert_eq!(row["result_row"], (number + 2).to_string());
            assert!(row["result_key"].starts_with(&format!("u{}:", user(2 * number))), "{row:?}");
        }
        assert!(
            said.contains("reading 101 pages of plan 4843937635559300, rather than 5000 users one by one"),
            "{said}"
        );
        assert!(reads.len() <= 103, "{}", reads.len());
    }
}

#[test]
fn a_few_of_many_users_are_read_one_by_one_and_as_completely() {
    let ruling = SandboxUser { roles: vec![Role::Admin], ..SandboxUser::new(user(950)) };
    let gone = SandboxUser { status: Status::deactivated_days_ago(3), ..SandboxUser::new(user(951)) };
    let api = Api::holding(members(950).chain([ruling, gone]));
    let rows = [950, 951].map(|number| format!("{},downgrade,{HOME_PLAN},VIEWER\n", user(number))).concat();
    let (report, said, reads) = review(&api, &format!("user_id,action,plan_id,seat_type\n{rows}"), &[]);
    assert_eq!(report.column("result_seat_before"), ["MEMBER"; 2]);
    assert!(said.contains("reading 2 users one by one, rather than 10 pages"), "{said}");
    let messages = report.column("result_message");
    assert!(messages[0].contains("likely: the user is a System Admin"), "{messages:?}");
    assert!(messages[1].contains("deactivated") && said.contains("1 row (row 3): likely: the user is"), "{said}");
    let (one, two) = (user(950), user(951));
    let expected = [
        "/users/me".to_owned(),
        format!("/users?planId={HOME_PLAN}&page=1"),
        format!("/users/{one}/plans?include=planName"),
        format!("/users/{one}"),
        format!("/users/{two}/plans?include=planName"),
        format!("/users/{two}"),
        format!("/users?email=user.{one}%40example.com,user.{two}%40example.com&page=1"),
    ];
    assert_eq!(reads, expected);
}

#[test]
fn each_plan_is_judged_by_itself_and_rows_about_none_by_the_plan_of_the_rows() {
    let both = SandboxUser::new(user(0)).seated(HOME_PLAN, "MEMBER").seated(BRANCH_PLAN, "VIEWER");
    let api = Api::holding([both, SandboxUser::new(user(1)).seated(BRANCH_PLAN, "MEMBER")]);
    let rows = [
        format!("{},downgrade,{HOME_PLAN},VIEWER\n", user(0)),
        format!("{},downgrade,{BRANCH_PLAN},VIEWER\n", user(0)),
        format!("{},downgrade,{BRANCH_PLAN},VIEWER\n", user(1)),
        format!("{},downgrade,{HOME_PLAN},VIEWER\n", user(1)),
        format!("{},deactivate,,\n", user(1)),
    ];
    let header = "user_id,action,plan_id,seat_type\n";
    let (report, _, reads) = review(&api, &format!("{header}{}", rows.concat()), &[]);
    assert_eq!(report.statuses(), ["PLANNED", "UNCHANGED", "PLANNED", "BLOCKED", "PLANNED"]);
    assert_eq!(report.column("result_seat_before"), ["MEMBER", "VIEWER", "MEMBER", "", "MEMBER"]);
    assert!(report.column("result_message")[3].contains("is not in plan 4843937635559300"), "{report:?}");
    // Whose token it is, a page of each plan, the one who is missing from one of them, and the names of the plans.
    assert_eq!(reads.len(), 5, "{reads:?}");
}

#[test]
fn leavers_have_their_seats_from_the_only_plan_and_where_there_is_none_a_few_are_read_alone() {
    let leavers = |count: u64| {
        let rows = (0..count).map(|number| format!("{}\n", user(number)));
        format!("user_id\n{}", rows.collect::<String>())
    };
    let api = Api::holding(members(3));
    let (report, _, reads) = review(&api, &leavers(3), &["--action", "deactivate"]);
    assert_eq!((report.column("result_seat_before"), reads.len()), (vec!["MEMBER"; 3], 3), "{reads:?}");

    let two_plans = |count| {
        Api::holding(members(count).map(|member| member.seated(HOME_PLAN, "MEMBER").seated(BRANCH_PLAN, "VIEWER")))
    };
    let (report, _, reads) = review(&two_plans(3), &leavers(3), &["--action", "deactivate"]);
    assert_eq!((report.column("result_seat_before"), reads.len()), (vec!["MEMBER"; 3], 9), "{reads:?}");
    let branch = BRANCH_PLAN.to_string();
    let (report, _, reads) = review(&two_plans(3), &leavers(3), &["--action", "deactivate", "--plan-id", &branch]);
    assert_eq!((report.column("result_seat_before"), reads.len()), (vec!["VIEWER"; 3], 3), "{reads:?}");
    let (report, said, reads) = review(&two_plans(51), &leavers(51), &["--action", "deactivate"]);
    assert_eq!((report.counts(), reads.len()), ([("PLANNED", 51)].into(), 2), "{reads:?}");
    assert!(said.contains("name it with --plan-id"), "{said}");
}

#[test]
fn addresses_are_found_in_the_list_and_where_they_are_few_all_are_asked_for() {
    let elsewhere = at(3, "dee@acme.example").seated(BRANCH_PLAN, "MEMBER");
    let sandbox_users = [at(0, "ann@acme.example"), at(1, "bo@acme.example"), at(2, "cy@acme.example"), elsewhere];
    let api = Api::holding(sandbox_users.map(|sandbox_user| {
        if sandbox_user.plans.is_empty() { sandbox_user.seated(HOME_PLAN, "MEMBER") } else { sandbox_user }
    }));
    let rows = [
        (format!(",ANN@acme.example,{HOME_PLAN}"), "PLANNED", ""),
        (format!("{},bo@acme.example,{HOME_PLAN}", user(1)), "PLANNED", ""),
        // The id and the address of two people, of whom the list shows both, or one.
        (format!("{},ann@acme.example,{HOME_PLAN}", user(2)), "INVALID", "two people"),
        (format!("{},cyril@acme.example,{HOME_PLAN}", user(2)), "INVALID", "has the address `cy@acme.example`"),
        (format!(",dee@acme.example,{HOME_PLAN}"), "BLOCKED", "is not in plan"),
        (format!(",eve@acme.example,{HOME_PLAN}"), "SKIPPED", "nobody in the account"),
    ];
    let input = rows.each_ref().map(|(cells, ..)| format!("{cells},downgrade,VIEWER\n")).concat();
    let (report, _, reads) = review(&api, &format!("user_id,email,plan_id,action,seat_type\n{input}"), &[]);
    for (row, (cells, status, said)) in report.0.iter().zip(&rows) {
        assert!(row["result_status"] == *status && row["result_message"].contains(said), "{cells}: {row:?}");
    }
    let by_address: Vec<_> = reads.iter().filter(|path| path.contains("email=")).collect();
    assert_eq!(by_address, ["/users?email=ann%40acme.example,dee%40acme.example,eve%40acme.example&page=1"]);
}

#[test]
fn nobody_counts_as_absent_whom_a_single_read_shows() {
    let hidden = SandboxUser { status: Status::deactivated_days_ago(3), ..SandboxUser::new(user(4)) };
    let elsewhere = SandboxUser::new(user(5)).seated(BRANCH_PLAN, "MEMBER");
    let sandbox_users = members(4).map(|member| member.seated(HOME_PLAN, "MEMBER")).chain([hidden, elsewhere]);
    let quirks = Quirks { lists_deactivated_users: false, ..Quirks::BEFORE_SUNSET };
    let api = Api::of(World::holding(sandbox_users).with_quirks(quirks), &Options::default());
    let (report, ..) = review(&api, &downgrades(7), &[]);
    assert_eq!(report.statuses(), [["PLANNED"; 5].as_slice(), &["BLOCKED"; 2]].concat());
    assert_eq!(report.column("result_seat_before")[3..], ["MEMBER", "MEMBER", "", ""]);

    // What a review calls blocked fails in a run, and nothing is sent for it.
    let site = Site::facing(&api);
    site.write("in.csv", downgrades(7));
    site.run(&["run", "in.csv", "--yes"]).exits(1);
    let report = site.report("in.report.csv");
    assert_eq!(report.statuses(), [["SUCCESS"; 4].as_slice(), &["FAILED"; 3]].concat());
    assert_eq!(report.column("result_attempts"), ["1", "1", "1", "1", "1", "0", "0"]);
    assert_eq!(report.column("result_error_code"), ["", "", "", "", "1188", "", ""]);
    assert_eq!(api.changes().len(), 5);
}

#[test]
fn who_is_missed_because_pages_shift_is_read_alone() {
    let quirks = Quirks { users_skipped_between_pages: 1, ..Quirks::BEFORE_SUNSET };
    let api = Api::of(World::holding(members(250)).with_quirks(quirks), &Options::default());
    let (report, said, reads) = review(&api, &downgrades(250), &[]);
    assert_eq!(report.counts(), [("PLANNED", 250)].into());
    assert!(report.column("result_seat_before").iter().all(|seat| *seat == "MEMBER"));
    assert!(said.contains("reading 3 pages"), "{said}");
    assert!(
        reads.contains(&format!("/users?planId={HOME_PLAN}&page=4")),
        "the API counts more than it shows: {reads:?}"
    );
    assert_eq!(reads.len(), 7, "whose token it is, four pages, and two users: {reads:?}");
}

#[test]
fn a_page_may_be_smaller_than_expected() {
    let quirks = Quirks { users_on_a_page: 7, ..Quirks::BEFORE_SUNSET };
    let api = Api::of(World::holding(members(30)).with_quirks(quirks), &Options::default());
    let (report, _, reads) = review(&api, &downgrades(30), &[]);
    assert!(report.column("result_seat_before").iter().all(|seat| *seat == "MEMBER"));
    assert_eq!(reads.len(), 7, "{reads:?}");
}

#[test]
fn a_file_for_another_plan_is_refused_after_a_look_at_a_few() {
    let api = Api::holding(
        members(450)
            .map(|member| member.seated(BRANCH_PLAN, "MEMBER"))
            .chain([SandboxUser::new(user(900)).seated(HOME_PLAN, "MEMBER")]),
    );
    let mut site = Site::facing(&api);
    site.set("SEATRUN_RATE", "0");
    let rows = (0..400).map(|number| format!("{},downgrade,{HOME_PLAN},VIEWER\n", user(900 + number)));
    site.write("in.csv", format!("user_id,action,plan_id,seat_type\n{}", rows.collect::<String>()));
    let ended = site.run(&["run", "in.csv", "--yes"]).exits(3);
    ended.warns(&["399 of 400 users are not in plan 4843937635559300", "the right token?", "hint: ", "--no-preflight"]);
    assert_eq!(site.report("in.report.csv").statuses()[..399], ["NOT_ATTEMPTED"; 399]);
    assert!(reads(&api).len() <= 110, "{}", reads(&api).len());
    let ended = site.run(&["run", "in.csv", "--dry-run"]).exits(1);
    ended.warns(&["a run would be refused: 399 of 400 users are not in plan"]);
    // A plan that the token cannot read is as wrong.
    let foreign = downgrades(25).replace(&HOME_PLAN.to_string(), "1");
    site.write("foreign.csv", foreign);
    site.run(&["run", "foreign.csv", "--yes"])
        .exits(3)
        .warns(&["this token cannot read plan 1", "the plan of 25 users"]);
    assert_eq!(api.changes().len(), 0);
}

#[test]
fn nobody_but_a_system_admin_changes_anybody_and_a_review_says_so() {
    let api = Api::of(World::holding(members(2)).with_own_user(user(1)), &Options::default());
    let site = Site::facing(&api);
    let email = format!("email,action\nuser.{}@example.com,deactivate\n", user(0));
    for input in [downgrades(1), email] {
        site.write("in.csv", input);
        site.run(&["run", "in.csv", "--yes"])
            .exits(3)
            .warns(&["is not a System Admin", "hint: use the token of a System Admin"]);
        site.run(&["run", "in.csv", "--dry-run"]).exits(1).warns(&[
            "a run would be refused",
            "is not a System Admin",
            "PLANNED",
        ]);
    }
    assert_eq!(reads(&api), ["/users/me"; 4]);
}

#[test]
fn somebody_who_cannot_be_read_keeps_nobody_else_from_being_changed() {
    let fault = || "4004".parse().unwrap();
    let unreadable = (0..3).fold(SandboxUser::new(user(2)).seated(BRANCH_PLAN, "MEMBER"), |sandbox_user, _| {
        sandbox_user.failing(Operation::Plans, fault())
    });
    let api = Api::holding(members(2).map(|member| member.seated(HOME_PLAN, "MEMBER")).chain([unreadable]));
    let (report, ..) = review(&api, &downgrades(3), &[]);
    assert_eq!(report.statuses(), ["PLANNED"; 3]);
    assert!(
        report.column("result_message")[2].contains("likely: the list of the plan's users does not show this user"),
        "{report:?}"
    );
}

#[test]
fn what_the_documents_rule_out_is_blocked_with_its_source() {
    let external = SandboxUser { is_internal: false, ..SandboxUser::new(user(0)) }.seated(HOME_PLAN, "VIEWER");
    let api = Api::holding([external, at(1, "jo@gmail.com"), SandboxUser::new(user(2)), SandboxUser::new(user(3))]);
    let own = api.sandbox.meddle(|world| world.own_user());
    let rows = [
        (format!("{},downgrade,GUEST", user(0)), "BLOCKED", "API documentation, Downgrade user"),
        (
            format!("{},deactivate,", user(0)),
            "PLANNED",
            "likely: the address is not at a domain of the plan's internal users",
        ),
        (format!("{},deactivate,", user(1)), "BLOCKED", "gmail.com"),
        (format!("{},downgrade,GUEST", user(2)), "BLOCKED", "is internal to plan"),
        (format!("{},upgrade,MEMBER", user(3)), "UNCHANGED", "already MEMBER"),
        (format!("{own},deactivate,"), "BLOCKED", "no user can deactivate themselves"),
    ];
    let input = rows.each_ref().map(|(cells, ..)| format!("{cells}\n")).concat();
    let (report, ..) = review(&api, &format!("user_id,action,seat_type\n{input}"), &[]);
    for (row, (cells, status, said)) in report.0.iter().zip(&rows) {
        assert!(row["result_status"] == *status && row["result_message"].contains(said), "{cells}: {row:?}");
    }
}
