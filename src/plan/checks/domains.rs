//! Domains: at which addresses users can be deactivated and reactivated.

use std::collections::HashSet;

use crate::model::Email;
use crate::plan::directory::Directory;

/// The internet providers' domains whose users cannot be deactivated (seed 001).
const PROVIDERS: [&str; 17] = [
    "aol.com",
    "charter.net",
    "comcast.net",
    "duck.com",
    "email.com",
    "gmail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mail.com",
    "mail.ru",
    "outlook.com",
    "rocketmail.com",
    "usa.com",
    "verizon.net",
    "web.de",
    "yahoo.com",
];

/// Whether a domain is one of the 17.
pub(super) fn is_provider(domain: &str) -> bool {
    PROVIDERS.contains(&domain)
}

/// The domains of the users who are internal to some plan. Internal means that the domain belongs to the plan (seed 002,
/// `isInternal`).
#[derive(Debug, Default)]
pub(super) struct Domains<'a>(HashSet<&'a str>);

impl<'a> Domains<'a> {
    /// The domains that a directory shows.
    pub(super) fn from_directory(directory: &'a Directory) -> Self {
        let internal = directory.seats().filter(|(_, _, held)| held.is_internal == Some(true));
        Self(internal.filter_map(|(_, user, _)| Some(directory.person(user)?.email.as_ref()?.domain())).collect())
    }

    /// Whether an address is at none of the domains. Where no domain is known, no address is excluded.
    pub(super) fn exclude(&self, address: &Email) -> bool {
        !self.0.is_empty() && !self.0.contains(address.domain())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PlanId, ReportedSeat, Seat, UserId};
    use crate::plan::{Person, SeatRecord};

    #[test]
    fn a_domain_is_foreign_only_where_some_are_known_to_be_the_plans() {
        let email = |text| Email::new(text).unwrap();
        let mut directory = Directory::default();
        assert!(!Domains::from_directory(&directory).exclude(&email("jo@partner.example")));
        for (id, address, is_internal) in [(1, "a@acme.example", Some(true)), (2, "b@other.example", None)] {
            let user = UserId::new(id).unwrap();
            let held = SeatRecord { is_internal, ..SeatRecord::seat(ReportedSeat::Known(Seat::Member)) };
            directory.note_seat(PlanId::new(9).unwrap(), user, held);
            directory.note_person(user, Person { email: Some(email(address)), ..Person::default() });
        }
        let table = [("jo@Acme.example", false), ("jo@other.example", true), ("jo@hr.acme.example", true)];
        for (address, excluded) in table {
            assert_eq!(Domains::from_directory(&directory).exclude(&email(address)), excluded, "{address}");
        }
    }

    #[test]
    fn only_the_seventeen_are_providers() {
        assert!(is_provider("gmail.com") && is_provider("web.de"));
        for address in ["jo@GMAIL.com", "jo@gmail.com.", "jo@ｇｍａｉｌ．ｃｏｍ", "jo@Web.De."] {
            assert!(is_provider(Email::new(address).unwrap().domain()), "{address}");
        }
        assert!(!is_provider("notgmail.com") && !is_provider("gmail.com.example") && !is_provider(""));
    }
}
