//! Parts: the XML files in the archive that a newer workbook is.

use std::borrow::Cow;
use std::io::{BufReader, Cursor};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;
use zip::result::ZipError;

/// The parts of a workbook.
pub(super) type Archive<'b> = ZipArchive<Cursor<&'b [u8]>>;

/// Why the parts of a workbook could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum PartError {
    /// The archive, or a part that is missing in it.
    #[error(transparent)]
    Zip(#[from] ZipError),
    /// A part is no XML.
    #[error(transparent)]
    Xml(#[from] quick_xml::Error),
    /// A part ends before its elements do.
    #[error("{0} is cut off")]
    CutOff(String),
}

/// Whether an `.xlsx` says that its formulas are to be calculated when it is opened, because its writer did not.
pub(super) fn is_to_be_calculated(archive: &mut Archive<'_>) -> Result<bool, PartError> {
    let Some(workbook) = workbook(archive)? else { return Ok(false) };
    let mut is_said = false;
    elements(archive, &workbook, |element| {
        is_said |= element.local_name().as_ref() == "calcPr" && is_set(element, "fullCalcOnLoad");
    })?;
    Ok(is_said)
}

/// The part of an `.xlsx` that is the workbook, as the package names it.
pub(super) fn workbook(archive: &mut Archive<'_>) -> Result<Option<String>, PartError> {
    target(archive, "", "_rels/.rels", |relation| {
        attribute(relation, "Type").is_some_and(|kind| kind.ends_with("/relationships/officeDocument"))
    })
}

/// The part to which the first relation leads that is wanted.
pub(super) fn target(
    archive: &mut Archive<'_>,
    folder: &str,
    relations: &str,
    is_wanted: impl Fn(&BytesStart<'_>) -> bool,
) -> Result<Option<String>, PartError> {
    let mut found = None;
    elements(archive, relations, |element| {
        if found.is_none() && element.local_name().as_ref() == "Relationship" && is_wanted(element) {
            found = attribute(element, "Target");
        }
    })?;
    let part = found.map(|target| target.strip_prefix('/').map_or_else(|| format!("{folder}{target}"), str::to_owned));
    Ok(part.map(|part| part.trim_start_matches('/').to_owned()))
}

/// Shows every element of a part, in the order in which they begin.
pub(super) fn elements(
    archive: &mut Archive<'_>,
    part: &str,
    mut show: impl FnMut(&BytesStart<'_>),
) -> Result<(), PartError> {
    events(archive, part, |event| {
        if let Event::Start(element) = event {
            show(element);
        }
        true
    })
}

/// Shows what a part is made of, as long as more is wanted.
pub(super) fn events(
    archive: &mut Archive<'_>,
    part: &str,
    mut wants_more: impl FnMut(&Event<'_>) -> bool,
) -> Result<(), PartError> {
    let name = spelled(archive, part).unwrap_or_else(|| part.to_owned());
    let mut reader = Reader::from_reader(BufReader::new(archive.by_name(&name)?));
    reader.config_mut().expand_empty_elements = true;
    let (mut buffer, mut depth) = (Vec::new(), 0_u64);
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer)?;
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Eof if depth > 0 => return Err(PartError::CutOff(part.to_owned())),
            Event::Eof => return Ok(()),
            Event::Empty(_)
            | Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::GeneralRef(_) => {}
        }
        if !wants_more(&event) {
            return Ok(());
        }
    }
}

/// A part's name as the archive spells it: some writers use another case than their relations do, or backslashes.
fn spelled(archive: &Archive<'_>, part: &str) -> Option<String> {
    let mut names = archive.file_names().flatten();
    names.find(|name| name.replace('\\', "/").eq_ignore_ascii_case(part)).map(Cow::into_owned)
}

/// The value of an attribute, by its name without a prefix.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = element.attributes();
    let found =
        attributes.with_checks(false).flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    Some(found.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
}

/// Every number that an element gives under a name, whatever the prefix.
pub(super) fn numbers(element: &BytesStart<'_>, name: &str) -> impl Iterator<Item = u64> {
    let mut attributes = element.attributes();
    let named = attributes.with_checks(false).flatten().filter(|other| other.key.local_name().as_ref() == name);
    let values = named.filter_map(|found| found.normalized_value(XmlVersion::Implicit1_0).ok()?.trim().parse().ok());
    values.collect::<Vec<_>>().into_iter()
}

pub(super) fn number(element: &BytesStart<'_>, name: &str) -> Option<u64> {
    attribute(element, name)?.parse().ok()
}

pub(super) fn is_set(element: &BytesStart<'_>, name: &str) -> bool {
    attribute(element, name).is_some_and(|value| value == "1" || value == "true")
}
