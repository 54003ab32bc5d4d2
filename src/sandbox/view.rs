//! The JSON of the answers, property by property.
//!
//! It decides how the state looks on the wire (seeds 002 and 003, and the official mocks for the rest). It must never
//! decide who may see it.

use jiff::Timestamp;
use serde::Serialize;

use super::seat::{FreeName, Seat};
use super::user::{Membership, Role, Status, User};
use super::world::World;

/// The answer to a change.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Done {
    message: &'static str,
    result_code: u8,
}

pub(super) const SUCCESS: Done = Done { message: "SUCCESS", result_code: 0 };

/// The answer to an update. Seed 003 and the official mock have an array `data`; the Python SDK looks for an object
/// `result` and cannot read it, here as there.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Updated<'a> {
    message: &'static str,
    result_code: u8,
    data: [UpdatedUser<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UpdatedUser<'a> {
    id: u64,
    email: &'a str,
    name: String,
    first_name: &'a str,
    last_name: &'a str,
    profile_image: ProfileImage,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProfileImage {
    image_id: String,
    height: u16,
    width: u16,
}

impl<'a> Updated<'a> {
    pub(super) fn new(user: &'a User) -> Self {
        Self { message: SUCCESS.message, result_code: SUCCESS.result_code, data: [UpdatedUser::new(user)] }
    }
}

impl ProfileImage {
    fn new(user: &User) -> Self {
        Self { image_id: format!("u!1!{:x}", user.id), height: 1050, width: 1050 }
    }
}

impl<'a> UpdatedUser<'a> {
    fn new(user: &'a User) -> Self {
        Self {
            id: user.id,
            email: &user.email,
            name: user.full_name(),
            first_name: &user.first_name,
            last_name: &user.last_name,
            profile_image: ProfileImage::new(user),
        }
    }
}

/// One page by number.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NumberedPage<T> {
    pub(super) page_number: usize,
    pub(super) page_size: usize,
    pub(super) total_pages: usize,
    pub(super) total_count: usize,
    pub(super) data: Vec<T>,
}

impl<T> NumberedPage<T> {
    /// The same page with each line written otherwise.
    pub(super) fn map<V>(self, view: impl Fn(T) -> V) -> NumberedPage<V> {
        let Self { page_number, page_size, total_pages, total_count, data } = self;
        NumberedPage { page_number, page_size, total_pages, total_count, data: data.into_iter().map(view).collect() }
    }
}

/// One page by token; without `lastKey` it is the last.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct KeyedPage<T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_key: Option<String>,
    pub(super) data: Vec<T>,
}

/// A plan of a user (seed 002).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlanOfUser<'a> {
    plan_id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan_name: Option<&'a str>,
    is_internal: bool,
    #[serde(flatten)]
    seat: SeatView<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SeatView<'a> {
    seat_type: &'a str,
    seat_type_last_changed_at: String,
    /// `null` unless the seat is a trial (seed 002).
    provisional_expiration_date: Option<String>,
}

impl<'a> SeatView<'a> {
    fn new(membership: &'a Membership, free_name: FreeName) -> Self {
        Self {
            seat_type: membership.seat.name(free_name),
            seat_type_last_changed_at: timestamp(membership.changed_at),
            provisional_expiration_date: (membership.seat == Seat::Provisional)
                .then(|| timestamp(membership.provisional_until)),
        }
    }
}

impl<'a> PlanOfUser<'a> {
    pub(super) fn new(membership: &'a Membership, plan_name: Option<&'a str>, free_name: FreeName) -> Self {
        Self {
            plan_id: membership.plan,
            plan_name,
            is_internal: membership.is_internal,
            seat: SeatView::new(membership, free_name),
        }
    }
}

/// What everybody may know of a user.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Person<'a> {
    id: u64,
    email: &'a str,
    first_name: &'a str,
    last_name: &'a str,
    profile_image: ProfileImage,
}

/// The four booleans that seed 003 sets.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the wire has these four")]
struct RolesView {
    admin: bool,
    licensed_sheet_creator: bool,
    group_admin: bool,
    resource_viewer: bool,
}

impl<'a> Person<'a> {
    fn new(user: &'a User) -> Self {
        Self {
            id: user.id,
            email: &user.email,
            first_name: &user.first_name,
            last_name: &user.last_name,
            profile_image: ProfileImage::new(user),
        }
    }
}

impl RolesView {
    fn new(user: &User) -> Self {
        Self {
            admin: user.roles.has(Role::Admin),
            licensed_sheet_creator: user.roles.has(Role::LicensedSheetCreator),
            group_admin: user.roles.has(Role::GroupAdmin),
            resource_viewer: user.roles.has(Role::ResourceViewer),
        }
    }
}

/// A line of the list of users.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListedUser<'a> {
    #[serde(flatten)]
    person: Person<'a>,
    name: String,
    #[serde(flatten)]
    for_admins: Option<AdminView<'a>>,
}

/// What the list tells System Admins alone.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AdminView<'a> {
    #[serde(flatten)]
    roles: RolesView,
    is_internal: bool,
    status: &'static str,
    /// -1 for an active user since May 2025, and left out for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet_count: Option<i8>,
    /// Left out for who has never seen it.
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_welcome_screen_viewed: Option<String>,
    /// Left out for who has never signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_login: Option<String>,
    /// Told only when a plan or a seat was asked for.
    #[serde(flatten)]
    seat: Option<SeatView<'a>>,
}

impl<'a> ListedUser<'a> {
    /// What anybody is told.
    pub(super) fn new(user: &'a User) -> Self {
        Self { person: Person::new(user), name: user.full_name(), for_admins: None }
    }

    /// The same with what admins are told; the seat where it was asked for, by the name that it is shown under.
    pub(super) fn for_admins(
        mut self,
        user: &User,
        membership: &'a Membership,
        tells_login: bool,
        shown_seat: Option<FreeName>,
    ) -> Self {
        self.for_admins = Some(AdminView {
            roles: RolesView::new(user),
            is_internal: membership.is_internal,
            status: user.status.name(),
            sheet_count: (user.status == Status::Active).then_some(-1),
            custom_welcome_screen_viewed: user.first_login().map(timestamp),
            last_login: if tells_login { user.last_login.map(timestamp) } else { None },
            seat: shown_seat.map(|free_name| SeatView::new(membership, free_name)),
        });
        self
    }
}

/// A user read alone. The official mocks name all of this required but roles, image, login and welcome screen.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Profile<'a> {
    #[serde(flatten)]
    person: Person<'a>,
    #[serde(flatten)]
    roles: RolesView,
    account: AccountView<'a>,
    alternate_emails: [(); 0],
    company: &'a str,
    department: &'static str,
    title: &'static str,
    role: &'static str,
    mobile_phone: &'static str,
    work_phone: &'static str,
    locale: &'static str,
    time_zone: &'static str,
    #[serde(flatten)]
    integrations: Integrations,
    sheet_count: i8,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_welcome_screen_viewed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_login: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
}

#[derive(Serialize)]
struct AccountView<'a> {
    id: u64,
    name: &'a str,
}

/// Products that nobody here is connected to.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct Integrations {
    jira_admin: bool,
    salesforce_admin: bool,
    salesforce_user: bool,
}

impl<'a> Profile<'a> {
    pub(super) fn new(world: &'a World, user: &'a User) -> Self {
        Self {
            person: Person::new(user),
            roles: RolesView::new(user),
            account: AccountView { id: world.account.id, name: &world.account.name },
            alternate_emails: [],
            company: &world.account.name,
            department: "",
            title: "",
            role: "",
            mobile_phone: "",
            work_phone: "",
            locale: "en_US",
            time_zone: "US/Pacific",
            integrations: Integrations::default(),
            sheet_count: -1,
            custom_welcome_screen_viewed: user.first_login().map(timestamp),
            last_login: user.last_login.map(timestamp),
            status: Some(user.status).filter(|_| world.quirks.shows_status_of_one_user).map(Status::name),
        }
    }
}

/// ISO-8601 in UTC with 0, 6 or 9 fractional digits, whichever the time needs: the documents show all three.
fn timestamp(time: Timestamp) -> String {
    let form = match time.subsec_nanosecond() {
        0 => "%Y-%m-%dT%H:%M:%SZ",
        nanoseconds if nanoseconds % 1_000 == 0 => "%Y-%m-%dT%H:%M:%S.%6fZ",
        _ => "%Y-%m-%dT%H:%M:%S.%9fZ",
    };
    time.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_have_none_six_or_nine_fractional_digits() {
        for (time, shown) in [
            ("2025-06-14T09:55:30Z", "2025-06-14T09:55:30Z"),
            ("2025-06-14T09:55:30.12Z", "2025-06-14T09:55:30.120000Z"),
            ("2025-06-14T09:55:30.123456700Z", "2025-06-14T09:55:30.123456700Z"),
        ] {
            assert_eq!(timestamp(time.parse().unwrap()), shown);
        }
    }
}
