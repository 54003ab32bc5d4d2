//! Parts: the XML files in the archive that a newer workbook is.

use std::borrow::Cow;
use std::io::{BufReader, Cursor};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;
use zip::result::ZipError;

/// The bytes that a shared text takes at least: `<si/>`.
const LEAST_TEXT: u64 = 5;
/// How many bytes one byte of an archive can unpack to (RFC 1951: 258 bytes take at least two bits).
const MOST_UNPACKED: u64 = 1032;

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
    /// A part says that it holds more than it can, and room would be made for that.
    #[error("{part} says that it holds {said} texts, and is too short for them")]
    Overstated {
        /// The part.
        part: String,
        /// How many it says.
        said: u64,
    },
}

/// Refuses an `.xlsx` whose shared texts are said to be more than there can be: calamine makes room for as many.
/// `whole` is the archive's length, in bytes.
pub(super) fn refuse_overstatement(archive: &mut Archive<'_>, whole: u64) -> Result<(), PartError> {
    let all = archive.file_names().flatten().map(Cow::into_owned);
    let of_texts: Vec<_> = all.filter(|name| name.to_ascii_lowercase().ends_with("sharedstrings.xml")).collect();
    for part in of_texts {
        let file = archive.by_name(&part)?;
        // What the archive says of its parts may be overstated, too.
        let most = file.size().min(whole.saturating_mul(MOST_UNPACKED)) / LEAST_TEXT;
        let mut reader = Reader::from_reader(BufReader::new(file));
        let mut buffer = Vec::new();
        let said = loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer)? {
                Event::Start(element) | Event::Empty(element) if element.local_name().as_ref() == "sst" => {
                    break numbers(&element, "uniqueCount").max();
                }
                Event::Eof => break None,
                Event::Start(_)
                | Event::Empty(_)
                | Event::End(_)
                | Event::Text(_)
                | Event::CData(_)
                | Event::Comment(_)
                | Event::Decl(_)
                | Event::PI(_)
                | Event::DocType(_)
                | Event::GeneralRef(_) => {}
            }
        };
        if let Some(said) = said.filter(|said| *said > most) {
            return Err(PartError::Overstated { part, said });
        }
    }
    Ok(())
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
    let name = spelled(archive, part).unwrap_or_else(|| part.to_owned());
    let mut reader = Reader::from_reader(BufReader::new(archive.by_name(&name)?));
    reader.config_mut().expand_empty_elements = true;
    let (mut buffer, mut depth) = (Vec::new(), 0_u64);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer)? {
            Event::Start(element) => {
                depth += 1;
                show(&element);
            }
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
fn numbers(element: &BytesStart<'_>, name: &str) -> impl Iterator<Item = u64> {
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
