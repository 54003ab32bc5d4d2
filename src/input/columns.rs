//! Columns: which column of a sheet holds which field, and which only say what was.
//!
//! This decides the meaning of a header and of nothing below it. A column that is not understood is carried along, and
//! where its name is nearly that of a field, somebody is told: nothing is ever matched by likeness.

use crate::model::{ActionName, REPORT_COLUMNS, SIGNATURE_COLUMN, normalize_name};
use crate::tabular::cell_text;
use crate::tabular::formula_escape;
use crate::tabular::read::{EscapedFormulas, Hidden, Origin};

use super::field::{self, Field, TARGET_SEAT};
use super::{InputError, Options, Warning, cell};

/// Likeness from which a header is taken for a mistyped field name (Jaro-Winkler, 0 to 1).
const NEARLY: f64 = 0.9;

/// Longest header, in bytes, that is looked at for a mistyped name: likeness costs time in the product of two lengths.
const LONGEST_MISTYPED: usize = 60;

/// The columns of a sheet.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    header: Vec<String>,
    at: [Option<usize>; Field::COUNT],
    seat_was: Option<usize>,
    was: Vec<usize>,
    carried: Vec<usize>,
    formulas: EscapedFormulas,
}

impl Columns {
    /// Finds the fields of a header.
    ///
    /// # Errors
    /// Two columns for one field, and `--map` that names no column or contradicts itself.
    pub(super) fn find(mut header: Vec<String>, map: &[(Field, String)], origin: &Origin) -> Result<Self, InputError> {
        let formulas = match origin {
            Origin::Text if header.iter().any(|name| is_ours(name)) => EscapedFormulas::Present,
            // A text in a workbook is no formula, so a report that is one needs no apostrophes and has none.
            Origin::Text | Origin::Workbook(_) => EscapedFormulas::Absent,
        };
        match formulas {
            EscapedFormulas::Absent => {}
            EscapedFormulas::Present => {
                for name in &mut header {
                    *name = formula_escape::unescape(name).into_owned();
                }
            }
        }
        let mut at = mapped(&header, map)?;
        let is_mapped = |index: usize| map.iter().any(|(field, _)| at[*field as usize] == Some(index));
        let named: Vec<_> = header
            .iter()
            .enumerate()
            .filter(|(index, _)| !is_mapped(*index))
            .filter_map(|(index, name)| Some((index, Field::of_header(name)?)))
            .filter(|(_, field)| at[*field as usize].is_none())
            .collect();
        for (index, field) in named {
            match at[field as usize] {
                None => at[field as usize] = Some(index),
                Some(first) => return Err(duplicate(field, first, index, &header)),
            }
        }
        let carried = (0..header.len()).filter(|index| !is_ours(&header[*index])).collect();
        let columns = Self { header, at, seat_was: None, was: Vec::new(), carried, formulas };
        Ok(if columns.at(Field::Action).is_none() { columns.read_as_export() } else { columns })
    }

    /// Without an action column, seats and roles are what was when the sheet was exported, and order nothing; only a
    /// column that calls itself the target seat cannot mean the past.
    fn read_as_export(mut self) -> Self {
        let target = self.at(Field::SeatType).filter(|index| normalize_name(&self.header[*index]) == TARGET_SEAT);
        let was = [Field::SeatType, Field::UserType, Field::SystemAdmin, Field::GroupAdmin]
            .map(|field| self.at[field as usize].take().filter(|index| Some(*index) != target));
        self.at[Field::SeatType as usize] = target;
        self.seat_was = was[0].or(was[1]);
        self.was = was.into_iter().flatten().collect();
        self
    }

    /// The header's cells as they were.
    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    /// The columns that a report carries on, by index.
    pub(super) fn carried(&self) -> &[usize] {
        &self.carried
    }

    /// Whether apostrophes stand in front of the formulas of the file: a report writes them so.
    pub(super) const fn formulas(&self) -> EscapedFormulas {
        self.formulas
    }

    /// The column from which a field is read.
    pub(super) const fn at(&self, field: Field) -> Option<usize> {
        self.at[field as usize]
    }

    /// The column that says which seat a user had when the sheet was exported.
    pub(super) const fn seat_was(&self) -> Option<usize> {
        self.seat_was
    }

    /// The header of a field as the file writes it, for messages.
    pub(super) fn name_of(&self, field: Field) -> Option<&str> {
        self.at(field).map(|index| cell::trim(&self.header[index]))
    }

    /// The headers that say what was.
    pub(super) fn was(&self) -> Vec<String> {
        self.was.iter().map(|index| cell::trim(&self.header[*index]).to_owned()).collect()
    }

    /// Whether any column says whom a row is about.
    pub(super) fn name_users(&self) -> bool {
        [Field::UserId, Field::Email, Field::ResultKey].into_iter().any(|field| self.at(field).is_some())
    }

    /// The attribute columns, by field.
    pub(super) fn attributes(&self) -> impl Iterator<Item = Field> {
        Field::ATTRIBUTES.into_iter().filter(|field| self.at(*field).is_some())
    }

    /// Refuses a sheet that cannot order what the user asks for.
    ///
    /// # Errors
    /// No action anywhere; `--only` without a status to choose by.
    pub(super) fn check(&self, options: &Options) -> Result<(), InputError> {
        if options.only.is_some() && self.at(Field::ResultStatus).is_none() {
            return Err(InputError::OnlyWithoutStatus);
        }
        let says_action = self.at(Field::Action).is_some() || self.at(Field::ResultKey).is_some();
        if !says_action && options.action.is_none() {
            let near = self.header.iter().find(|name| nearest(name) == Some(Field::Action));
            return Err(InputError::NoAction { was: self.was(), near: near.map(|name| cell::trim(name).to_owned()) });
        }
        Ok(())
    }

    /// What is to be said of columns that hold a field and that nobody sees.
    pub(super) fn hidden(&self, hidden: &Hidden) -> Option<Warning> {
        // A review folds away what only the program reads.
        let folded = [Field::ResultKey, Field::ResultSignature].map(|field| self.at(field));
        let is_folded = |index: &usize| self.at(Field::ResultSignature).is_some() && folded.contains(&Some(*index));
        let unseen = self.at.iter().flatten().copied().filter(|index| hidden.has_column(*index) && !is_folded(index));
        let mut unseen: Vec<_> = unseen.collect();
        unseen.sort_unstable();
        let columns: Vec<_> = unseen.into_iter().map(|index| cell::trim(&self.header[index]).to_owned()).collect();
        (!columns.is_empty()).then_some(Warning::HiddenColumns { columns })
    }

    /// What is to be said once about the header.
    pub(super) fn warnings(&self, options: &Options) -> Vec<Warning> {
        let mut warnings = Vec::new();
        // In a review it is the key that orders.
        if !self.was.is_empty() && self.at(Field::ResultSignature).is_none() {
            warnings.push(Warning::ReadAsExport { columns: self.was() });
        }
        let looks_exported = self.at(Field::UserType).is_some() || self.at(Field::SystemAdmin).is_some();
        if let Some(column) = self.name_of(Field::SeatType).filter(|_| looks_exported) {
            warnings.push(Warning::ReadAsOrder { column: column.to_owned() });
        }
        if self.is_never_update(options) && self.attributes().next().is_some() {
            let columns = self.attributes().filter_map(|field| self.name_of(field)).map(str::to_owned).collect();
            warnings.push(Warning::AttributesIgnored { columns });
        }
        if self.at(Field::UserId).is_none()
            && let Some(column) = self.bare_id()
        {
            warnings.push(Warning::BareId { column: column.to_owned() });
        }
        if let (Some(column), None) = (self.name_of(Field::Approved), self.at(Field::ResultSignature)) {
            warnings.push(Warning::Unsigned { column: column.to_owned() });
        }
        warnings.extend(self.near_misses());
        warnings
    }

    /// Whether every row does what the options say, and that is no update.
    fn is_never_update(&self, options: &Options) -> bool {
        let rows_say = self.at(Field::Action).is_some() || self.at(Field::ResultKey).is_some();
        !rows_say && options.action.is_some_and(|action| action != ActionName::Update)
    }

    /// A column of which only a person can say whose number it holds.
    pub(super) fn bare_id(&self) -> Option<&str> {
        self.header.iter().map(|name| cell::trim(name)).find(|name| normalize_name(name) == "id")
    }

    fn near_misses(&self) -> impl Iterator<Item = Warning> {
        self.carried.iter().filter(|index| !self.at.contains(&Some(**index)) && !self.was.contains(*index)).filter_map(
            |index| {
                let column = cell::trim(&self.header[*index]);
                let field = nearest(column).filter(|field| self.is_missing(*field))?;
                Some(Warning::NearMiss { column: column.to_owned(), field: field.name() })
            },
        )
    }

    fn is_missing(&self, field: Field) -> bool {
        let was_read = self.was.iter().any(|index| Field::of_header(&self.header[*index]) == Some(field));
        self.at(field).is_none() && !was_read
    }
}

/// Whether a header is that of a report's or review's own column.
fn is_ours(name: &str) -> bool {
    let folded = normalize_name(name);
    REPORT_COLUMNS.iter().chain([&SIGNATURE_COLUMN]).any(|column| field::is_name(column, &folded))
}

/// The field of whose name a header may be a mistyping.
pub(super) fn nearest(header: &str) -> Option<Field> {
    let folded = normalize_name(header);
    if folded.len() > LONGEST_MISTYPED || folded == "id" || Field::of_header(header).is_some() {
        return None;
    }
    let likeness = |field: Field| {
        let name = normalize_name(field.name());
        // A slip in a long name moves the first measure little, one in a short name the second.
        let slips = strsim::damerau_levenshtein(&folded, &name);
        let is_slip = slips * 4 <= name.len();
        let likeness = strsim::jaro_winkler(&folded, &name);
        (is_slip || likeness >= NEARLY).then_some((field, likeness))
    };
    Field::WRITTEN
        .iter()
        .filter_map(|field| likeness(*field))
        .max_by(|one, other| one.1.total_cmp(&other.1))
        .map(|(field, _)| field)
}

/// The columns that `--map` names: exactly, or else without regard to case and spacing.
fn mapped(header: &[String], map: &[(Field, String)]) -> Result<[Option<usize>; Field::COUNT], InputError> {
    let mut at = [None; Field::COUNT];
    for (turn, (field, column)) in map.iter().enumerate() {
        let exactly = header.iter().position(|name| name.trim() == column.trim());
        let index = exactly.or_else(|| header.iter().position(|name| normalize_name(name) == normalize_name(column)));
        let Some(index) = index else {
            let found = cell_text::list(header);
            return Err(InputError::NoSuchColumn { field: field.name(), column: column.clone(), found });
        };
        let earlier = map[..turn].iter().find(|(other, _)| other == field || at[*other as usize] == Some(index));
        if let Some((other, named)) = earlier {
            let first = (other.name(), named.clone());
            return Err(InputError::MapContradiction { first, second: (field.name(), column.clone()) });
        }
        let twin = header.iter().enumerate().skip(index + 1).find(|(_, name)| name.trim() == header[index].trim());
        if let Some((second, _)) = twin {
            return Err(duplicate(*field, index, second, header));
        }
        at[*field as usize] = Some(index);
    }
    Ok(at)
}

fn duplicate(field: Field, first: usize, second: usize, header: &[String]) -> InputError {
    let named = |index: usize| (index + 1, header[index].clone());
    InputError::DuplicateColumns { field: field.name(), first: named(first), second: named(second) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(header: &str, map: &[(Field, &str)]) -> Result<Columns, InputError> {
        let map: Vec<_> = map.iter().map(|(field, column)| (*field, (*column).to_owned())).collect();
        Columns::find(header.split(',').map(str::to_owned).collect(), &map, &Origin::Text)
    }

    #[test]
    fn two_columns_for_one_field_are_an_error_that_map_resolves() {
        let error = columns("User ID,action,userId", &[]).unwrap_err();
        assert_eq!(error.to_string(), "columns 1 (`User ID`) and 3 (`userId`) both hold `user_id`");
        assert!(error.hint().contains("--map user_id=\"User ID\""), "{}", error.hint());
        let mapped = columns("User ID,action,userId", &[(Field::UserId, "userId")]).unwrap();
        assert_eq!(mapped.at(Field::UserId), Some(2));
        assert!(columns("email,email,action", &[(Field::Email, "email")]).is_err());
        assert!(columns("Notes,email,Notes", &[]).is_ok());
    }

    #[test]
    fn map_names_a_column_or_is_refused() {
        let found = columns("ID,Aktion", &[(Field::UserId, "id"), (Field::Action, "Aktion")]).unwrap();
        assert_eq!((found.at(Field::UserId), found.at(Field::Action)), (Some(0), Some(1)));
        for (map, message) in [
            (&[(Field::UserId, "Nummer")][..], "`user_id` is to be read from a column `Nummer`, and there is none"),
            (&[(Field::UserId, "ID"), (Field::UserId, "Aktion")], "contradicts"),
            (&[(Field::UserId, "ID"), (Field::Email, "ID")], "contradicts"),
        ] {
            let error = columns("ID,Aktion", map).unwrap_err();
            assert!(error.to_string().contains(message), "{error}");
            assert_eq!(error.source(), super::super::ErrorSource::CommandLine);
        }
        let swapped = columns("email,user_id", &[(Field::UserId, "email"), (Field::Email, "user_id")]).unwrap();
        assert_eq!((swapped.at(Field::UserId), swapped.at(Field::Email)), (Some(0), Some(1)));
    }

    #[test]
    fn without_an_action_column_seats_and_roles_are_the_past() {
        let export = columns("Email,Seat type,System Admin,Group Admin,User type", &[]).unwrap();
        assert_eq!((export.at(Field::SeatType), export.at(Field::GroupAdmin)), (None, None));
        assert_eq!(export.seat_was(), Some(1));
        let old = columns("Email,User type", &[]).unwrap();
        assert_eq!(old.seat_was(), Some(1));
        let order = columns("Email,action,Seat type,Group Admin", &[]).unwrap();
        assert_eq!((order.at(Field::SeatType), order.at(Field::GroupAdmin)), (Some(2), Some(3)));
        assert_eq!(order.seat_was(), None);
        let target = columns("Email,Target seat", &[]).unwrap();
        assert_eq!((target.at(Field::SeatType), target.seat_was()), (Some(1), None));
    }

    #[test]
    fn a_near_miss_is_named_once_and_only_for_a_field_that_is_missing() {
        let table = [
            ("email,seat_typ", "`seat_typ` is not a column that is understood: did you mean `seat_type`?"),
            ("email,E-mial", ""),
            ("user_id,E-mial", "`E-mial` is not a column that is understood: did you mean `email`?"),
            ("email,approval", "`approval` is not a column that is understood: did you mean `approved`?"),
            ("email,licenced sheet creator", "did you mean `licensed_sheet_creator`?"),
            ("email,ID", "`ID` may be anybody's number"),
            ("user_id,ID", ""),
            ("email,Department,User domain,Plan Asset Admin,Last login,Active,Status,Notes,Name", ""),
        ];
        for (header, expected) in table {
            let warnings = columns(header, &[]).unwrap().warnings(&Options::default());
            let texts: Vec<_> = warnings.iter().map(ToString::to_string).collect();
            assert!(texts.len() <= 1 && texts.join("").contains(expected), "{header}: {texts:?}");
            assert_eq!(texts.is_empty(), expected.is_empty(), "{header}: {texts:?}");
        }
    }

    #[test]
    fn the_columns_of_our_own_reports_are_not_carried() {
        let report = columns("email,action,Notes,result_row,Result Status,result_key,result_of_survey", &[]).unwrap();
        assert_eq!(report.carried(), [0, 1, 2, 6]);
    }
}
