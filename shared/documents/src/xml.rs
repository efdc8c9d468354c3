//! A pull reader over quick-xml that is safe to point at a stranger's file: namespaces are resolved, everything is
//! bounded, nothing is expanded but the five built-in entities and character references.
//!
//! The caller asks for one child element after the other and consumes each by descending into it ([`Xml::child`] again,
//! until it says that there are no more), by taking its text, or by skipping it. Names are slices of the input, so that
//! walking through a document allocates nothing.

use crate::{ErrorCode, ReadError, error::shown};
use domain::words::Place;
use quick_xml::{
    XmlVersion,
    errors::{Error as XmlError, SyntaxError},
    events::{BytesRef, BytesStart, Event, attributes::Attributes},
    reader::Reader,
};
use std::{borrow::Cow, mem};

/// Elements may be nested this deep; real invoices stay under ten.
pub(crate) const DEPTH_MAX: usize = 64;
/// An invoice of 5,000 lines has some 150,000 elements.
pub(crate) const ELEMENTS_MAX: usize = 500_000;
/// Attributes of one element.
pub(crate) const ATTRIBUTES_MAX: usize = 64;
/// Attributes of the whole document.
pub(crate) const ATTRIBUTES_TOTAL_MAX: usize = 500_000;
/// Bytes of one value that is not an embedded file.
pub(crate) const TEXT_BYTES_MAX: usize = 100_000;
/// Namespace declarations in force at one place.
const BINDINGS_MAX: usize = 256;
/// Entries of lists that are kept: lines, allowances, notes and the like together.
pub(crate) const ITEMS_MAX: usize = 50_000;

/// The namespaces that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    /// UBL's `Invoice-2`.
    UblInvoice,
    /// UBL's `CreditNote-2`.
    UblCreditNote,
    /// UBL's aggregates, usually `cac:`.
    Cac,
    /// UBL's values, usually `cbc:`.
    Cbc,
    /// CII's root, usually `rsm:`.
    Rsm,
    /// CII's entities, usually `ram:`.
    Ram,
    /// CII's data types, usually `udt:` and `qdt:`.
    Udt,
    /// Bank statements of ISO 20022, CAMT.053 of any version.
    Camt,
    /// Any other namespace.
    Other,
    /// No namespace.
    None,
}

impl Space {
    fn of(uri: &str) -> Self {
        match uri {
            "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" => Self::UblInvoice,
            "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2" => Self::UblCreditNote,
            "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" => Self::Cac,
            "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2" => Self::Cbc,
            "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100" => Self::Rsm,
            "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100" => Self::Ram,
            "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"
            | "urn:un:unece:uncefact:data:standard:QualifiedDataType:100" => Self::Udt,
            "" => Self::None,
            _ if is_camt053(uri) => Self::Camt,
            _ => Self::Other,
        }
    }
}

fn is_camt053(uri: &str) -> bool {
    let version = uri.strip_prefix("urn:iso:std:iso:20022:tech:xsd:camt.053.001.");
    version.is_some_and(|version| version.len() == 2 && version.bytes().all(|byte| byte.is_ascii_digit()))
}

/// An element that has been opened and waits to be consumed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'i> {
    /// Its namespace.
    pub space: Space,
    /// Its name without prefix.
    pub local: &'i [u8],
    attributes: &'i str,
    /// The first attribute, raw: most elements that have any have one.
    first: Option<(&'i str, &'i str)>,
    offset: usize,
}

impl<'i> Element<'i> {
    /// The value of an attribute without prefix, white space around it removed; empty is the same as missing.
    pub fn attribute(&self, name: &str) -> Option<Cow<'i, str>> {
        let (first, raw) = self.first?;
        let value = if first == name && !raw.contains(['&', '\t', '\r', '\n']) {
            Cow::Borrowed(raw.trim_ascii())
        } else {
            let mut attributes = Attributes::new(self.attributes, 0);
            let found = attributes.with_checks(false).flatten().find(|attribute| attribute.key.as_ref() == name)?;
            match found.normalized_value(XmlVersion::Implicit1_0).ok()? {
                Cow::Borrowed(text) => Cow::Borrowed(text.trim_ascii()),
                Cow::Owned(text) => Cow::Owned(text.trim_ascii().to_owned()),
            }
        };
        (!value.is_empty()).then_some(value)
    }

    /// The name as text, for messages.
    pub fn name(&self) -> String {
        shown(&String::from_utf8_lossy(self.local))
    }
}

/// The attributes of a tag as they stand, and the first of them.
type Attributed<'i> = (&'i str, Option<(&'i str, &'i str)>);

/// The reader. See the module.
pub(crate) struct Xml<'i> {
    input: &'i [u8],
    reader: Reader<&'i [u8]>,
    depth: usize,
    elements: usize,
    attributes: usize,
    items: usize,
    /// The element returned last was an empty tag, so that its end has been read already.
    hollow: bool,
    /// Prefixes in force, the innermost last, with the depth of the element that declares them.
    bindings: Vec<(usize, &'i str, Space)>,
    /// Names of the elements that may stand once and have been met, with their depth, for all that are open.
    singles: Vec<(usize, &'i [u8])>,
}

impl<'i> Xml<'i> {
    /// Starts to read a file that is in UTF-8 and has no byte order mark.
    pub fn new(input: &'i [u8]) -> Self {
        Self {
            input,
            reader: Reader::from_reader(input),
            depth: 0,
            elements: 0,
            attributes: 0,
            items: 0,
            hollow: false,
            bindings: Vec::with_capacity(8),
            singles: Vec::with_capacity(64),
        }
    }

    /// Reads up to the root element.
    pub fn root(&mut self) -> Result<Element<'i>, ReadError> {
        loop {
            let offset = self.position();
            match self.event()? {
                Event::Start(start) => return self.enter(&start, offset),
                Event::Empty(start) => {
                    self.hollow = true;
                    return self.enter(&start, offset);
                }
                Event::Decl(_) if offset == 0 => {}
                Event::Comment(_) | Event::PI(_) => {}
                Event::Text(text) if is_blank(&text) => {}
                Event::DocType(_) => return Err(self.dtd()),
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) | Event::End(_) => {
                    return Err(self.error_at(offset, ErrorCode::NotXml, "The file is not XML: it begins with text."));
                }
                Event::Decl(_) => {
                    let message = "The XML declaration must be the very first thing in the file.";
                    return Err(self.error_at(offset, ErrorCode::MalformedXml, message));
                }
                Event::Eof => {
                    let message = "The file holds no XML element. Send the invoice file itself.";
                    return Err(ReadError::new(ErrorCode::NotXml, message));
                }
            }
        }
    }

    /// The next child of the element that was opened last and is not yet at its end.
    pub fn child(&mut self) -> Result<Option<Element<'i>>, ReadError> {
        if mem::take(&mut self.hollow) {
            self.leave();
            return Ok(None);
        }
        loop {
            let offset = self.position();
            // Here and in `content` the error is mapped last: it is larger than an event, and moving it costs.
            match self.reader.read_event() {
                Ok(Event::Start(start)) => return self.enter(&start, offset).map(Some),
                Ok(Event::Empty(start)) => {
                    self.hollow = true;
                    return self.enter(&start, offset).map(Some);
                }
                Ok(Event::End(_)) => {
                    self.leave();
                    return Ok(None);
                }
                Ok(Event::Text(text)) => self.check_characters(&text, offset)?,
                Ok(Event::CData(text)) => self.check_characters(&text, offset)?,
                Ok(Event::GeneralRef(reference)) => {
                    self.resolve(&reference, offset)?;
                }
                Ok(Event::Comment(_) | Event::PI(_)) => {}
                Ok(Event::Decl(_) | Event::DocType(_)) => return Err(self.dtd()),
                Ok(Event::Eof) => return Err(self.unclosed()),
                Err(error) => return Err(self.broken(&error)),
            }
        }
    }

    /// Passes over the element that was opened last, with all that is in it.
    pub fn skip(&mut self) -> Result<(), ReadError> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            self.child()?;
        }
        Ok(())
    }

    /// The text of the element that was opened last, white space collapsed: `None` when there is nothing but that.
    pub fn text(&mut self, element: Element<'i>) -> Result<Option<Cow<'i, str>>, ReadError> {
        let text = self.content(element, TEXT_BYTES_MAX)?;
        self.check_characters(&text, element.offset)?;
        Ok(collapse(text))
    }

    /// As [`Self::text`], but with lines kept apart: for notes and terms.
    pub fn prose(&mut self, element: Element<'i>) -> Result<Option<String>, ReadError> {
        let text = self.content(element, TEXT_BYTES_MAX)?;
        self.check_characters(&text, element.offset)?;
        let trimmed = text.trim_ascii();
        let trimmed = if trimmed.contains('\r') { &trimmed.replace("\r\n", "\n").replace('\r', "\n") } else { trimmed };
        Ok((!trimmed.is_empty()).then(|| trimmed.to_owned()))
    }

    /// The text of one element below the one that was opened last, by path. Each step may stand once.
    pub fn text_at(&mut self, path: &[(Space, &[u8])]) -> Result<Option<String>, ReadError> {
        let Some(((space, name), rest)) = path.split_first() else { return Ok(None) };
        let mut found = None;
        while let Some(element) = self.child()? {
            if element.space != *space || element.local != *name {
                self.skip()?;
                continue;
            }
            self.once(element)?;
            found = if rest.is_empty() { self.text(element)?.map(Cow::into_owned) } else { self.text_at(rest)? };
        }
        Ok(found)
    }

    /// The text of the element as it stands, for embedded files: neither its length nor its characters are looked at.
    pub fn raw(&mut self, element: Element<'i>) -> Result<Cow<'i, str>, ReadError> {
        self.content(element, usize::MAX)
    }

    /// Refuses an element that may stand once in its parent and stands there for the second time. To be called before
    /// the element is consumed.
    pub fn once(&mut self, element: Element<'i>) -> Result<(), ReadError> {
        let depth = self.depth;
        let again =
            self.singles.iter().rev().take_while(|(at, _)| *at == depth).any(|(_, name)| *name == element.local);
        if again {
            let message =
                format!("{} stands twice where it may stand once. Ask the sender for a correct file.", element.name());
            return Err(self.error(element, ErrorCode::RepeatedElement, &message).about(element.name()));
        }
        self.singles.push((depth, element.local));
        Ok(())
    }

    /// Counts an entry of a list that is kept.
    pub fn item(&mut self, element: Element<'i>) -> Result<(), ReadError> {
        self.items += 1;
        if self.items <= ITEMS_MAX {
            return Ok(());
        }
        Err(self.too_complex(element.offset, &format!("more than {ITEMS_MAX} lines and other entries")))
    }

    /// Reads to the end of the file: nothing but white space, comments and processing instructions may follow the root.
    pub fn finish(&mut self) -> Result<(), ReadError> {
        loop {
            let offset = self.position();
            match self.event()? {
                Event::Eof => return Ok(()),
                Event::Comment(_) | Event::PI(_) => {}
                Event::Text(text) if is_blank(&text) => {}
                Event::DocType(_) => return Err(self.dtd()),
                Event::Start(_)
                | Event::Empty(_)
                | Event::End(_)
                | Event::Text(_)
                | Event::CData(_)
                | Event::Decl(_)
                | Event::GeneralRef(_) => {
                    let message = "Something follows the end of the document. Send each document as a file of its own.";
                    return Err(self.error_at(offset, ErrorCode::TrailingContent, message));
                }
            }
        }
    }

    /// An error about an element, with its place in the file.
    pub fn error(&self, element: Element<'i>, code: ErrorCode, message: &str) -> ReadError {
        self.error_at(element.offset, code, message)
    }

    /// Where an element stands, as `line 3, column 5`.
    pub fn place(&self, element: Element<'i>) -> String {
        let Place { line, column } = self.place_at(element.offset);
        format!("line {line}, column {column}")
    }

    fn content(&mut self, element: Element<'i>, bytes_max: usize) -> Result<Cow<'i, str>, ReadError> {
        let mut joined = Cow::Borrowed("");
        if mem::take(&mut self.hollow) {
            self.leave();
            return Ok(joined);
        }
        loop {
            let offset = self.position();
            match self.reader.read_event() {
                Ok(Event::Text(text)) => join(&mut joined, text.into_inner()),
                Ok(Event::CData(text)) => join(&mut joined, text.into_inner()),
                Ok(Event::GeneralRef(reference)) => joined.to_mut().push(self.resolve(&reference, offset)?),
                Ok(Event::Comment(_) | Event::PI(_)) => {}
                Ok(Event::End(_)) => {
                    self.leave();
                    return Ok(joined);
                }
                Ok(Event::Start(_) | Event::Empty(_)) => {
                    let message = format!("{} holds a value and may hold no other element.", element.name());
                    return Err(self.error_at(offset, ErrorCode::MisplacedElement, &message));
                }
                Ok(Event::Decl(_) | Event::DocType(_)) => return Err(self.dtd()),
                Ok(Event::Eof) => return Err(self.unclosed()),
                Err(error) => return Err(self.broken(&error)),
            }
            if joined.len() > bytes_max {
                return Err(self.too_complex(offset, &format!("a value of more than {bytes_max} bytes")));
            }
        }
    }

    fn event(&mut self) -> Result<Event<'i>, ReadError> {
        self.reader.read_event().map_err(|error| self.broken(&error))
    }

    fn position(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    fn enter(&mut self, start: &BytesStart<'_>, offset: usize) -> Result<Element<'i>, ReadError> {
        self.depth += 1;
        self.elements += 1;
        if self.depth > DEPTH_MAX {
            let message = format!("Elements are nested more than {DEPTH_MAX} deep: this is no invoice.");
            return Err(self.error_at(offset, ErrorCode::TooDeep, &message));
        }
        if self.elements > ELEMENTS_MAX {
            return Err(self.too_complex(offset, &format!("more than {ELEMENTS_MAX} elements")));
        }
        // The event lends its name for as long as it lives; the same bytes of the input live as long as the file.
        let name_end = offset + 1 + start.name().as_ref().len();
        let name = self.input.get(offset + 1..name_end).unwrap_or_default();
        if !matches!(name.first(), Some(b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80..)) {
            return Err(self.error_at(offset, ErrorCode::MalformedXml, "A tag has no proper name."));
        }
        let attributes = self.input.get(name_end..offset + 1 + start.len()).unwrap_or_default();
        let (attributes, first) = if attributes.is_empty() { ("", None) } else { self.attributes(attributes, offset)? };
        let (prefix, local) = match name.iter().position(|byte| *byte == b':') {
            Some(colon) => (name.get(..colon).unwrap_or_default(), name.get(colon + 1..).unwrap_or_default()),
            None => (&[][..], name),
        };
        let space = self.space(prefix, offset)?;
        Ok(Element { space, local, attributes, first, offset })
    }

    fn leave(&mut self) {
        let depth = self.depth;
        while self.singles.last().is_some_and(|(at, _)| *at > depth) {
            self.singles.pop();
        }
        while self.bindings.last().is_some_and(|(at, ..)| *at >= depth) {
            self.bindings.pop();
        }
        self.depth = depth.saturating_sub(1);
    }

    /// Checks the attributes of a tag and takes in the namespaces they declare.
    fn attributes(&mut self, bytes: &'i [u8], offset: usize) -> Result<Attributed<'i>, ReadError> {
        let broken = |xml: &Self, what: &str| {
            xml.error_at(offset, ErrorCode::MalformedXml, &format!("The attributes of a tag are malformed: {what}."))
        };
        let text = std::str::from_utf8(bytes).map_err(|_| broken(self, "not UTF-8"))?;
        let mut count = 0;
        let mut first = None;
        let mut iterator = Attributes::new(text, 0);
        iterator.with_checks(false);
        for attribute in iterator {
            let attribute = attribute.map_err(|error| broken(self, &error.to_string()))?;
            count += 1;
            self.attributes += 1;
            if count > ATTRIBUTES_MAX || self.attributes > ATTRIBUTES_TOTAL_MAX {
                let what = format!("more than {ATTRIBUTES_MAX} attributes in a tag, or {ATTRIBUTES_TOTAL_MAX} in all");
                return Err(self.too_complex(offset, &what));
            }
            let raw = &attribute.value;
            if raw.bytes().any(|byte| byte == b'<' || is_forbidden(byte)) {
                return Err(broken(self, "a character that may not stand there"));
            }
            if raw.contains('&') && attribute.normalized_value(XmlVersion::Implicit1_0).is_err() {
                let message =
                    "An attribute refers to an entity that XML does not have. Only the five built-in ones are read.";
                return Err(self.error_at(offset, ErrorCode::UnknownEntity, message));
            }
            let key = attribute.key.into_inner();
            if let (None, Cow::Borrowed(raw)) = (first, &attribute.value) {
                first = Some((key, *raw));
            }
            let prefix = match key.strip_prefix("xmlns") {
                Some("") => "",
                Some(rest) => match rest.strip_prefix(':') {
                    Some(prefix) if !prefix.is_empty() && !raw.is_empty() => prefix,
                    Some(_) => return Err(broken(self, "an empty namespace declaration")),
                    None => continue,
                },
                None => continue,
            };
            if self.bindings.len() >= BINDINGS_MAX {
                return Err(self.too_complex(offset, &format!("more than {BINDINGS_MAX} namespace declarations")));
            }
            let uri = attribute.normalized_value(XmlVersion::Implicit1_0).unwrap_or_default();
            self.bindings.push((self.depth, prefix, Space::of(&uri)));
        }
        if count > 1 {
            // Only now with quick-xml's check for names that stand twice, which allocates.
            for attribute in Attributes::new(text, 0) {
                attribute.map_err(|error| broken(self, &error.to_string()))?;
            }
        }
        Ok((text, first))
    }

    fn space(&self, prefix: &[u8], offset: usize) -> Result<Space, ReadError> {
        let found = self.bindings.iter().rev().find(|(_, bound, _)| bound.as_bytes() == prefix);
        match found {
            Some((.., space)) => Ok(*space),
            None if prefix.is_empty() => Ok(Space::None),
            None if prefix == b"xml" => Ok(Space::Other),
            None => {
                let prefix = shown(&String::from_utf8_lossy(prefix));
                let message = format!("The prefix {prefix} is used and not declared.");
                Err(self.error_at(offset, ErrorCode::MalformedXml, &message))
            }
        }
    }

    fn resolve(&self, reference: &BytesRef<'_>, offset: usize) -> Result<char, ReadError> {
        let found = match reference.resolve_char_ref() {
            Ok(Some(character)) => Some(character).filter(|c| is_xml_character(*c)),
            Ok(None) => match reference.as_ref() {
                "lt" => Some('<'),
                "gt" => Some('>'),
                "amp" => Some('&'),
                "apos" => Some('\''),
                "quot" => Some('"'),
                _ => None,
            },
            Err(_) => None,
        };
        found.ok_or_else(|| {
            let name = shown(reference);
            let message = format!(
                "The reference &{name}; means nothing: only the five built-in entities and character references are read."
            );
            self.error_at(offset, ErrorCode::UnknownEntity, &message)
        })
    }

    fn check_characters(&self, text: &str, offset: usize) -> Result<(), ReadError> {
        if !has_forbidden(text.as_bytes()) {
            return Ok(());
        }
        let message = "The file holds control characters (such as NUL) that XML does not allow.";
        Err(self.error_at(offset, ErrorCode::MalformedXml, message))
    }

    fn dtd(&self) -> ReadError {
        let message = "The file has a document type declaration (DTD). An invoice needs none, so it is refused: ask the \
                       sender for the file without it.";
        self.error_at(self.position(), ErrorCode::DtdRefused, message)
    }

    fn unclosed(&self) -> ReadError {
        let message = "The file ends in the middle: elements are not closed. Send it again in full.";
        self.error_at(self.input.len(), ErrorCode::MalformedXml, message)
    }

    fn too_complex(&self, offset: usize, what: &str) -> ReadError {
        self.error_at(offset, ErrorCode::TooComplex, &format!("The file has {what}: more than is read."))
    }

    fn broken(&self, error: &XmlError) -> ReadError {
        let offset = usize::try_from(self.reader.error_position()).unwrap_or(usize::MAX);
        match error {
            XmlError::Syntax(SyntaxError::UnclosedDoctype) => self.dtd(),
            XmlError::Encoding(_) => {
                let message = "The file holds bytes that are not valid UTF-8. Save it as UTF-8, or declare its encoding, \
                               and send it again.";
                self.error_at(self.position(), ErrorCode::BadEncoding, message)
            }
            other => {
                let message = format!(
                    "The XML is not well formed ({}). Ask the sender for a correct file.",
                    shown(&other.to_string())
                );
                self.error_at(offset, ErrorCode::MalformedXml, &message)
            }
        }
    }

    fn error_at(&self, offset: usize, code: ErrorCode, message: &str) -> ReadError {
        let Place { line, column } = self.place_at(offset);
        let place = Some(Place { line, column });
        ReadError { place, ..ReadError::new(code, format!("{message} (line {line}, column {column})")) }
    }

    fn place_at(&self, offset: usize) -> Place {
        let before = self.input.get(..offset.min(self.input.len())).unwrap_or_default();
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let line = before.split(|byte| *byte == b'\n').count();
        Place { line, column: before.len() - line_start + 1 }
    }
}

fn join<'i>(joined: &mut Cow<'i, str>, piece: Cow<'i, str>) {
    if joined.is_empty() {
        *joined = piece;
    } else {
        joined.to_mut().push_str(&piece);
    }
}

/// White space of XML.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(is_space)
}

/// Control characters that XML 1.0 does not allow, in any encoding of theirs that is one byte.
fn is_forbidden(byte: u8) -> bool {
    byte < b' ' && !is_space(byte)
}

/// Looks at eight bytes at a time and at single ones only where there is a control character among them.
fn has_forbidden(bytes: &[u8]) -> bool {
    const LOW: u64 = 0x2020_2020_2020_2020;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let (words, rest) = bytes.as_chunks::<8>();
    words.iter().any(|word| {
        let packed = u64::from_ne_bytes(*word);
        packed.wrapping_sub(LOW) & !packed & HIGH != 0 && word.iter().copied().any(is_forbidden)
    }) || rest.iter().copied().any(is_forbidden)
}

pub(crate) fn is_xml_character(character: char) -> bool {
    !matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Removes white space around a text and makes one space of each run of it inside.
fn collapse(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    let trimmed = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_ascii()),
        Cow::Owned(text) => Cow::Owned(text.trim_ascii().to_owned()),
    };
    let mut after_space = false;
    let tidy = trimmed.bytes().all(|byte| {
        let odd = byte <= b' ' && (after_space || byte != b' ');
        after_space = byte == b' ';
        !odd
    });
    if tidy {
        return (!trimmed.is_empty()).then_some(trimmed);
    }
    let words: Vec<&str> = trimmed.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()).collect();
    Some(Cow::Owned(words.join(" ")))
}
