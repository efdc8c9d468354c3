//! Names of files: ASCII, no spaces, no folders, at most [`NAME_CHARS_MAX`] characters, and what the target asks for first.

use crate::{
    Writer,
    document::{Books, RunFacts},
    segment::Summary,
};
use domain::export_format::{FileFormat, NamePart, NamePattern};

/// The longest name with its ending.
pub const NAME_CHARS_MAX: usize = 100;

/// The name of a run's file.
pub fn file_name(
    pattern: &NamePattern,
    format: &FileFormat,
    writer: &dyn Writer,
    books: &Books,
    run: &RunFacts,
    summary: &Summary,
) -> String {
    let (from, to) = summary.dates.unwrap_or((run.job_date, run.job_date));
    let filled = pattern.fill(|part| match part {
        NamePart::Administration => books.name.clone(),
        NamePart::Run => run.reference.clone(),
        NamePart::Date => run.job_date.to_string(),
        NamePart::Format => format.as_str().to_owned(),
        NamePart::From => from.to_string(),
        NamePart::To => to.to_string(),
        NamePart::Documents => summary.documents.to_string(),
    });
    let prefix = prefix(format);
    let stem = plain(filled.strip_prefix(prefix).unwrap_or(&filled));
    let room = NAME_CHARS_MAX.saturating_sub(prefix.len() + writer.extension().len() + 1);
    let stem: String = stem.chars().take(room).collect();
    format!("{prefix}{}.{}", stem.trim_end_matches(['-', '.']), writer.extension())
}

/// How the name begins where the target looks for that.
fn prefix(format: &FileFormat) -> &'static str {
    match format {
        FileFormat::Datev(_) => "EXTF_",
        FileFormat::Csv(_)
        | FileFormat::Standard(_)
        | FileFormat::Xaf(_)
        | FileFormat::JpkFa(_)
        | FileFormat::UblBundle(_) => "",
    }
}

/// Letters, digits, `_`, `-` and single dots; accents are taken off, and the rest is a dash.
pub(crate) fn plain(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => plain.push(c),
            'ä' | 'á' | 'à' | 'â' | 'ã' | 'å' | 'ą' => plain.push('a'),
            'Ä' | 'Á' | 'À' | 'Â' | 'Ã' | 'Å' | 'Ą' => plain.push('A'),
            'ç' | 'ć' | 'č' => plain.push('c'),
            'Ç' | 'Ć' | 'Č' => plain.push('C'),
            'é' | 'è' | 'ê' | 'ë' | 'ę' => plain.push('e'),
            'É' | 'È' | 'Ê' | 'Ë' | 'Ę' => plain.push('E'),
            'í' | 'ì' | 'î' | 'ï' => plain.push('i'),
            'ł' => plain.push('l'),
            'Ł' => plain.push('L'),
            'ñ' | 'ń' => plain.push('n'),
            'ö' | 'ó' | 'ò' | 'ô' | 'õ' | 'ø' => plain.push('o'),
            'Ö' | 'Ó' | 'Ò' | 'Ô' | 'Õ' | 'Ø' => plain.push('O'),
            'ś' | 'š' => plain.push('s'),
            'Ś' | 'Š' => plain.push('S'),
            'ß' => plain.push_str("ss"),
            'ü' | 'ú' | 'ù' | 'û' => plain.push('u'),
            'Ü' | 'Ú' | 'Ù' | 'Û' => plain.push('U'),
            'ż' | 'ź' | 'ž' => plain.push('z'),
            'Ż' | 'Ź' | 'Ž' => plain.push('Z'),
            '.' if !plain.ends_with(['.', '-']) && !plain.is_empty() => plain.push('.'),
            _ if !plain.ends_with(['-', '.']) => plain.push('-'),
            _ => {}
        }
    }
    let trimmed = plain.trim_matches(['-', '.']);
    if trimmed.is_empty() { "export".to_owned() } else { trimmed.to_owned() }
}
