//! How Fakturowo is asked: one address, a task in a form, and lines of text for an answer. The first line is 1 or 0, and anything else is
//! no answer of Fakturowo's.

use super::{NAME, errors};
use crate::{
    auth::Secret,
    call::{Answer, Body, Call, Effect, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
};
use std::borrow::Cow;
use url::form_urlencoded;

pub(super) const DOCUMENTS: &str = "documents";
pub(super) const LIST: &str = "list";
pub(super) const NEXT: &str = "next_number";
pub(super) const PDF: &str = "pdf";

/// Tasks.
const ISSUE: &str = "1";
const LISTED: &str = "3";
const NUMBER: &str = "8";

/// Columns of a row that are known to be there: the last one says whether it is paid.
const COLUMNS: usize = 17;
const NUMBER_COLUMN: usize = 2;

/// Fields of a form.
pub(super) type Fields = Vec<(Cow<'static, str>, String)>;

fn task(purpose: Purpose, task: &'static str, fields: Fields) -> Call {
    let task = (Cow::Borrowed("api_zadanie"), task.to_owned());
    let fields = std::iter::once(task).chain(fields).map(|(name, value)| (name, Secret::new(value)));
    // Where to, the key says.
    Call { purpose, path: String::new(), body: Body::Form(fields.collect()) }
}

/// Asks for a page of the documents, from 1.
pub(super) fn list(operation: Operation, page: usize) -> Call {
    let purpose = Purpose { operation, effect: Effect::Reads, resource: LIST };
    task(purpose, LISTED, vec![(Cow::Borrowed("p"), page.to_string())])
}

/// Asks for the next number of a type of documents. Nothing keeps it free.
pub(super) fn next(kind: &str, day: String) -> Call {
    let purpose = Purpose { operation: Operation::ReadCodes, effect: Effect::Reads, resource: NEXT };
    let fields = vec![(Cow::Borrowed("dokument_rodzaj"), kind.to_owned()), (Cow::Borrowed("dokument_data_w"), day)];
    task(purpose, NUMBER, fields)
}

/// Makes a document.
pub(super) fn issue(fields: Fields) -> Call {
    let purpose = Purpose { operation: Operation::CreateBooking, effect: Effect::Writes, resource: DOCUMENTS };
    task(purpose, ISSUE, fields)
}

/// Asks for a PDF where it lies.
pub(super) fn print(address: &str) -> Call {
    let purpose = Purpose { operation: Operation::Fetch, effect: Effect::Reads, resource: PDF };
    Call { purpose, path: address.to_owned(), body: Body::Nothing }
}

/// The lines after the first one, when that says that it was done.
pub(super) fn lines(purpose: Purpose, answer: &Answer) -> Result<Vec<String>, LedgerError> {
    let text = answer.text();
    let mut lines = text.trim_start_matches('\u{feff}').lines().map(|line| line.trim().to_owned());
    let first = lines.next().unwrap_or_default();
    let rest: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    match first.as_str() {
        "1" => Ok(rest),
        "0" => Err(errors::refused(purpose, &rest.join(" "))),
        _ => Err(malformed(purpose)),
    }
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// It grows with each document.
    pub(super) id: u64,
    pub(super) number: String,
}

/// A page of the list.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) pages: usize,
    pub(super) rows: Vec<Row>,
}

/// A text of the list, which may be percent-encoded there.
fn plain(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let pair = format!("v={}", text.replace('&', "%26"));
    form_urlencoded::parse(pair.as_bytes()).next().map_or_else(|| text.to_owned(), |(_, value)| value.into_owned())
}

pub(super) fn page(purpose: Purpose, answer: &Answer) -> Result<Page, LedgerError> {
    let lines = lines(purpose, answer)?;
    let row = |line: &String| {
        let columns: Vec<&str> = line.split(';').collect();
        let id = columns.first()?.trim().parse().ok().filter(|_| columns.len() >= COLUMNS)?;
        Some(Row { id, number: plain(columns.get(NUMBER_COLUMN)?.trim()) })
    };
    let (pages, rows) = lines.split_first().ok_or_else(|| malformed(purpose))?;
    let pages = pages.parse().map_err(|_| malformed(purpose))?;
    let rows = rows.iter().map(row).collect::<Option<Vec<_>>>().ok_or_else(|| malformed(purpose))?;
    Ok(Page { pages, rows })
}

/// The number of a document, as it is told.
pub(super) fn number(purpose: Purpose, answer: &Answer) -> Result<String, LedgerError> {
    let lines = lines(purpose, answer)?;
    let fits = |number: &&String| {
        let ends = number.ends_with(|c: char| c.is_alphanumeric());
        ends && number.chars().count() <= 100 && number.contains(|c: char| c.is_ascii_digit())
    };
    lines.first().filter(fits).cloned().ok_or_else(|| malformed(purpose))
}

/// What is answered about a document that was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) id: u64,
    /// Where its PDF lies.
    pub(super) pdf: Option<String>,
    /// Its public page.
    pub(super) link: Option<String>,
    /// The name of its file, which is made of the number.
    pub(super) file: Option<String>,
}

/// All five lines, or the first two: anything between was cut off.
pub(super) fn made(purpose: Purpose, answer: &Answer) -> Result<Made, LedgerError> {
    let lines = lines(purpose, answer)?;
    let is_address = |text: &String| text.starts_with("https://") || text.starts_with("http://");
    let (id, rest) = lines.split_first().ok_or_else(|| malformed(purpose))?;
    let id = id.parse().map_err(|_| malformed(purpose))?;
    match rest {
        [] => Ok(Made { id, ..Made::default() }),
        [pdf, link, file, ..] if is_address(pdf) && is_address(link) => {
            let some = |text: &String| Some(text.clone());
            Ok(Made { id, pdf: some(pdf), link: some(link), file: some(file) })
        }
        _ => Err(malformed(purpose)),
    }
}

/// A document as it is kept here: its id, its number, which no request asks for by the id, and where its PDF lies, which only the answer to
/// its making says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) id: u64,
    pub(super) number: String,
    pub(super) pdf: Option<String>,
}

impl Stored {
    pub(super) fn read(text: &str) -> Result<Self, LedgerError> {
        let (id, rest) = text.split_once('?').unwrap_or((text, ""));
        let field = |name: &str| {
            let mut pairs = form_urlencoded::parse(rest.as_bytes());
            pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
        };
        let id = id.parse().map_err(|_| {
            let message = format!("What is stored as the document's id in {NAME} is none.");
            LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, Operation::Fetch, message)
        })?;
        Ok(Self { id, number: field("number").unwrap_or_default(), pdf: field("pdf") })
    }

    pub(super) fn written(&self) -> String {
        let mut rest = form_urlencoded::Serializer::new(String::new());
        rest.append_pair("number", &self.number);
        if let Some(pdf) = &self.pdf {
            rest.append_pair("pdf", pdf);
        }
        format!("{}?{}", self.id, rest.finish())
    }
}

/// An answer that says success and cannot be read.
pub(super) fn malformed(purpose: Purpose) -> LedgerError {
    LedgerError::malformed(NAME, purpose.operation, purpose.effect)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderMap;

    const WRITES: Purpose =
        Purpose { operation: Operation::CreateBooking, effect: Effect::Writes, resource: DOCUMENTS };
    const LINKS: &str = "https://konto.fakturowo.pl/pobierz?x\nhttps://konto.fakturowo.pl/pokaz?x";

    fn answer(body: &str) -> Answer {
        Answer { status: 200, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
    }

    #[test]
    fn an_answer_is_all_five_lines_or_two() {
        let whole = format!("1\n8400123\n{LINKS}\nFV_17_03_2026.pdf");
        for body in [whole.clone(), whole.replace('\n', "\r\n"), format!("\u{feff}{whole}\n\n")] {
            let made = made(WRITES, &answer(&body)).unwrap();
            assert_eq!((made.id, made.file.as_deref()), (8_400_123, Some("FV_17_03_2026.pdf")));
            assert_eq!(made.pdf.as_deref(), Some("https://konto.fakturowo.pl/pobierz?x"));
        }
        assert_eq!(made(WRITES, &answer("1\n8400123\n")).unwrap().pdf, None);
        for body in ["", "1", "2\n8400123", "<html>1</html>", "1\nabc", &format!("1\n8400123\n{LINKS}"), "{}", "11\n1"]
        {
            let error = made(WRITES, &answer(body)).unwrap_err();
            assert_eq!((error.kind(), error.code()), (ErrorKind::Unknown, ErrorCode::MalformedAnswer), "{body}");
        }
    }

    #[test]
    fn rows_are_read_by_position_and_not_when_they_are_cut_off() {
        let row = |number: &str| format!("8400123;x;{number};x;x;x;x;x;x;x;x;x;x;x;x;x;1;x;more");
        for number in ["FV/17/03/2026", "FV%2F17%2F03%2F2026"] {
            let page = page(WRITES, &answer(&format!("1\n3\n{}\n", row(number)))).unwrap();
            let rows = vec![Row { id: 8_400_123, number: "FV/17/03/2026".to_owned() }];
            assert_eq!((page.pages, page.rows), (3, rows));
        }
        assert_eq!(page(WRITES, &answer("1\n1")).unwrap().rows, []);
        for body in
            ["1", "1\n\n", "1\n1\n8400123;x;FV/1", "1\nx", &format!("1\n1\n{}", row("1").replace("8400123", ""))]
        {
            assert!(page(WRITES, &answer(body)).is_err(), "{body}");
        }
    }

    #[test]
    fn what_is_stored_reads_back() {
        for pdf in [None, Some("https://konto.fakturowo.pl/pobierz?a=b&c=d".to_owned())] {
            let stored = Stored { id: 8_400_123, number: "FV 17/03/2026".to_owned(), pdf };
            assert_eq!(Stored::read(&stored.written()).unwrap(), stored);
        }
        assert_eq!(Stored::read("7").unwrap().number, "");
        assert!(Stored::read("x?pdf=y").is_err());
    }
}
