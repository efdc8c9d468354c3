//! A message as SES reads it before it takes it: what is missing, broken or forbidden in it.

use mailparse::body::Body;
use mailparse::{MailAddr, MailHeaderMap as _, ParsedMail, SingleInfo, addrparse_header, parse_header};

use super::address::{self, Mailbox};
use super::blocked;
use super::lines::{self, Field};
use super::refusal::Refusal;
use super::sent;

/// The encodings that a part may have.
const ENCODINGS: &[&str] = &["7bit", "8bit", "binary", "quoted-printable", "base64"];
/// Names the configuration set in a header; no reader sees it.
const SET_FIELD: &str = "X-SES-CONFIGURATION-SET";
/// Names the tags in a header; no reader sees it.
const TAGS_FIELD: &str = "X-SES-MESSAGE-TAGS";

/// A message that is right.
#[derive(Debug)]
pub(super) struct Letter {
    /// Its writers.
    pub(super) from: Vec<Mailbox>,
    /// Who else it comes from: sender and return path.
    pub(super) senders: Vec<Mailbox>,
    /// Whom its header names: to, cc, bcc.
    pub(super) recipients: Vec<Mailbox>,
    /// The configuration set that its header names.
    pub(super) set: Option<String>,
    /// The tags that its header names.
    pub(super) tags: Vec<(String, String)>,
    /// Whether it holds the test file of virus scanners.
    pub(super) is_infected: bool,
}

impl Letter {
    /// Reads a message strictly.
    pub(super) fn read(raw: &[u8]) -> Result<Self, Refusal> {
        lines::check(raw)?;
        let (fields, _) = lines::split(raw)?;
        lines::check_fields(&fields)?;
        let of = |names: &[&str]| -> Result<Vec<Mailbox>, Refusal> {
            let named = fields.iter().filter(|field| names.iter().any(|name| field.is(name)));
            let found: Result<Vec<_>, _> = named.map(mailboxes).collect();
            Ok(found?.concat())
        };
        let from = of(&["From"])?;
        if from.is_empty() {
            return Err(Refusal::value("Missing required header 'From'."));
        }
        let letter = Self {
            senders: of(&["Sender", "Return-Path"])?,
            recipients: of(&["To", "Cc", "Bcc"])?,
            set: value(&fields, SET_FIELD),
            tags: tags(&value(&fields, TAGS_FIELD).unwrap_or_default())?,
            is_infected: false,
            from,
        };
        if letter.from.len() > 1 && !fields.iter().any(|field| field.is("Sender")) {
            return Err(Refusal::value("Missing required header 'Sender'."));
        }
        of(&["Reply-To"])?;
        let mail = mailparse::parse_mail(raw).map_err(|error| Refusal::value(error.to_string()))?;
        check_part(&mail)?;
        Ok(Self { is_infected: is_infected(&mail), ..letter })
    }
}

fn value(fields: &[Field], name: &str) -> Option<String> {
    fields.iter().find(|field| field.is(name)).map(|field| field.value.trim().to_owned())
}

/// The tags of a header: `name=value, name=value`.
fn tags(text: &str) -> Result<Vec<(String, String)>, Refusal> {
    let pair = |text: &str| match text.split_once('=') {
        Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
        None => Err(Refusal::value(format!("Invalid {TAGS_FIELD} header"))),
    };
    text.split([',', ';']).filter(|text| !text.trim().is_empty()).map(pair).collect()
}

/// The addresses of a field.
fn mailboxes(field: &Field) -> Result<Vec<Mailbox>, Refusal> {
    if field.value.trim().is_empty() || field.value.trim() == "<>" {
        return Ok(Vec::new());
    }
    let parsed = parse_header(&field.bytes).and_then(|(header, _)| addrparse_header(&header));
    let Ok(list) = parsed else {
        // Says more exactly what is wrong, when it is a single address.
        address::read(&field.value)?;
        return Err(Refusal::value("Illegal address"));
    };
    let single = |info: &SingleInfo| {
        address::check(&info.addr)?;
        let shown = match &info.display_name {
            Some(name) => format!("{name} <{}>", info.addr),
            None => info.addr.clone(),
        };
        Ok(Mailbox { shown, address: info.addr.clone() })
    };
    let mut found = Vec::new();
    for address in list.iter() {
        match address {
            MailAddr::Single(info) => found.push(single(info)?),
            MailAddr::Group(group) => found.extend(group.addrs.iter().map(single).collect::<Result<Vec<_>, _>>()?),
        }
    }
    Ok(found)
}

/// Refuses a part, or one inside it, that no reader could read.
fn check_part(part: &ParsedMail<'_>) -> Result<(), Refusal> {
    let encoding = part.headers.get_first_value("Content-Transfer-Encoding").unwrap_or_else(|| "7bit".to_owned());
    let encoding = encoding.trim().to_ascii_lowercase();
    if !ENCODINGS.contains(&encoding.as_str()) {
        return Err(Refusal::value(format!("Unknown encoding: {encoding}")));
    }
    if part.ctype.mimetype.starts_with("multipart/") {
        if matches!(encoding.as_str(), "base64" | "quoted-printable") {
            return Err(Refusal::value(format!("A multipart can't have the encoding {encoding}")));
        }
        check_boundary(part)?;
        return part.subparts.iter().try_for_each(check_part);
    }
    if !is_media_type(&part.ctype.mimetype) {
        return Err(Refusal::value(format!("Illegal content type '{}'.", part.ctype.mimetype)));
    }
    if let Some(name) = sent::file_name(part).filter(|name| blocked::is_blocked(name)) {
        return Err(Refusal::value(format!("Illegal filename '{name}'.")));
    }
    let (encoded, is_seven_bit) = match part.get_body_encoded() {
        Body::Base64(body) | Body::QuotedPrintable(body) => {
            body.get_decoded()
                .map_err(|error| Refusal::value(format!("Illegal content of encoding {encoding}: {error}")))?;
            (body.get_raw(), true)
        }
        Body::SevenBit(body) => (body.get_raw(), true),
        Body::EightBit(body) => (body.get_raw(), false),
        Body::Binary(body) => (body.get_raw(), false),
    };
    if is_seven_bit && !encoded.is_ascii() {
        return Err(Refusal::value(format!(
            "Content of encoding {encoding} contains characters other than 7-bit ASCII"
        )));
    }
    Ok(())
}

fn is_media_type(text: &str) -> bool {
    let is_token = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    text.split_once('/').is_some_and(|(kind, name)| is_token(kind) && is_token(name))
}

/// A multipart has parts, each behind its boundary, and an end.
fn check_boundary(part: &ParsedMail<'_>) -> Result<(), Refusal> {
    let boundary = part.ctype.params.get("boundary").filter(|text| (1..=70).contains(&text.len()));
    let Some(boundary) = boundary else { return Err(Refusal::value("Missing boundary parameter")) };
    let (start, end) = (format!("--{boundary}"), format!("--{boundary}--"));
    let count = |wanted: &str| part.raw_bytes.split(|byte| *byte == b'\n').filter(|line| is_line(line, wanted)).count();
    if count(&start) == 0 || part.subparts.is_empty() {
        return Err(Refusal::value("Missing start boundary"));
    }
    if count(&end) != 1 {
        return Err(Refusal::value("Missing end boundary"));
    }
    Ok(())
}

fn is_line(line: &[u8], wanted: &str) -> bool {
    line.trim_ascii_end() == wanted.as_bytes()
}

/// Whether a part holds the file that makers of virus scanners agreed on for tests. Put together here, so that no scanner takes this
/// file for it.
fn is_infected(mail: &ParsedMail<'_>) -> bool {
    let signature = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS", "-TEST-FILE!$H+H*"].concat();
    let holds = |part: &ParsedMail<'_>| {
        let body = part.get_body_raw().unwrap_or_default();
        body.windows(signature.len()).any(|window| window == signature.as_bytes())
    };
    mail.parts().any(holds)
}
