//! What Twinfield's refusals mean. A fault carries a number; a refusal of a booking comes with HTTP 200, as messages on
//! the elements that are wrong, in the language of the connected user: element and words together tell them apart.

use super::xml::Element;
use crate::{
    call::{Answer, Effect, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
};

/// What is wrong, and the sentence for it: `%` stands for what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Trouble {
    kind: ErrorKind,
    code: ErrorCode,
    sentence: &'static str,
}

const fn no(code: ErrorCode, sentence: &'static str) -> Trouble {
    Trouble { kind: ErrorKind::Rejected, code, sentence }
}

const fn bug(sentence: &'static str) -> Trouble {
    Trouble { kind: ErrorKind::Bug, code: ErrorCode::BadRequest, sentence }
}

const UNKNOWN_ACCOUNT: Trouble = no(
    ErrorCode::UnknownAccount,
    "Ledger account% of this booking does not exist in this company of Twinfield. Choose another one in the posting \
     template, and post again.",
);
const UNKNOWN_RELATION: Trouble = no(
    ErrorCode::ContactMissing,
    "Supplier or customer% of this booking does not exist in this company of Twinfield. Choose the right one at the \
     contact, and post again.",
);
const UNKNOWN_COST_CENTRE: Trouble = no(
    ErrorCode::UnknownReference,
    "Cost centre or project% of this booking does not exist in this company of Twinfield. Choose another one in the \
     posting template, and post again.",
);
const COST_CENTRE_LINK: Trouble = no(
    ErrorCode::CostCentreLink,
    "Ledger account% of this booking asks for a cost centre, or takes none. Correct the posting template, and post \
     again.",
);
const CONTACT_ACCOUNT: Trouble = no(
    ErrorCode::ContactAccount,
    "The payable or receivable account of this booking cannot be used. Look at the account in the connection and at the \
     supplier or customer in Twinfield, and post again.",
);
const UNKNOWN_VAT_CODE: Trouble = no(
    ErrorCode::UnknownVatCode,
    "VAT code% of this booking does not exist in this company of Twinfield, or is not active on the date. Choose \
     another one in the posting template, and post again.",
);
const VAT_CODE_OF_OTHER_SIDE: Trouble = no(
    ErrorCode::VatCodeNotAllowed,
    "VAT code% of this booking is not meant for this daybook: one for sales stands in a purchase, or the other way \
     round. Choose another one in the posting template, and post again.",
);
const VAT_CODE_MISSING: Trouble = no(
    ErrorCode::MandatoryField,
    "A ledger account of this booking needs a VAT code. Choose one in the posting template, and post again.",
);
const VAT_AMOUNT: Trouble = no(
    ErrorCode::VatPercentage,
    "Twinfield does not accept the VAT of this booking. Compare the VAT of the document with the VAT code in the posting \
     template, and post again.",
);
const OUT_OF_BALANCE: Trouble = no(
    ErrorCode::OutOfBalance,
    "Twinfield says that debit and credit of this booking differ. Check the amounts of the document; if they are right, \
     tell us.",
);
const PERIOD_CLOSED: Trouble = no(
    ErrorCode::PeriodClosed,
    "The period of this booking is closed in Twinfield. Open it there or choose another booking date, and post again.",
);
const YEAR_MISSING: Trouble = no(
    ErrorCode::YearMissing,
    "Twinfield has no period for the date of this booking. Make the year there or choose another booking date, and post \
     again.",
);
const DATE_OUTSIDE_PERIOD: Trouble = no(
    ErrorCode::PeriodClosed,
    "The date of the document lies outside the period in which it is to be booked. Choose another booking date, or let \
     the connection accept warnings of Twinfield, and post again.",
);
const NUMBER_IN_USE: Trouble = no(
    ErrorCode::NumberInUse,
    "Twinfield has a booking with this invoice number. Look for it there; if it is another document, change the number \
     and post again.",
);
const WRONG_DAYBOOK: Trouble = no(
    ErrorCode::WrongJournal,
    "Daybook% of this booking does not exist in this company of Twinfield, or is of another kind. Choose another one \
     in the connection, and post again.",
);
const FREE_TEXT: Trouble = no(
    ErrorCode::Option,
    "The daybook does not allow the free text field in which our reference is to stand. Allow that field for the daybook \
     in Twinfield, or choose another place for the reference in the connection, and post again.",
);
const CURRENCY: Trouble = no(
    ErrorCode::CurrencyNotAllowed,
    "This company of Twinfield does not have the currency of the document, or no rate for it on this date. Add it there, \
     and post again.",
);
const NO_ACCESS: Trouble = no(
    ErrorCode::NoDivisionAccess,
    "The connected user may not open this company of Twinfield. Give the user access to it there, and post again.",
);
const NO_COMPANY: Trouble = no(
    ErrorCode::WrongDivision,
    "This company does not exist in the connected organisation of Twinfield. Choose the right one at the administration.",
);
const RELATION_CODE: Trouble = no(
    ErrorCode::Option,
    "Twinfield gave the new supplier or customer no code. Set up automatic numbering for them in Twinfield, or make the \
     supplier or customer there, and post again.",
);
const MANDATORY: Trouble = no(
    ErrorCode::MandatoryField,
    "Twinfield needs something for this booking that is missing. Its own words say what; complete the posting template or \
     the document, and post again.",
);
const RULE_ACCOUNT: Trouble = no(
    ErrorCode::UnknownAccount,
    "Ledger account% of the posting template does not exist in this company of Twinfield, or may not be used. Choose \
     another one in the template, and save it again.",
);
const RULE_REFERENCE: Trouble = no(
    ErrorCode::UnknownReference,
    "Cost centre or project% of the posting template does not exist in this company of Twinfield, or is missing. Choose \
     another one in the template, and save it again.",
);
const RULE_VAT_CODE: Trouble = no(
    ErrorCode::UnknownVatCode,
    "VAT code% of the posting template does not exist in this company of Twinfield, or may not be used here. Choose \
     another one in the template, and save it again.",
);
const RULE_SHARE: Trouble = no(
    ErrorCode::Refused,
    "Twinfield does not take the share% of a line of the posting template. Choose another one, and save it again.",
);
const GONE: Trouble =
    no(ErrorCode::NotFound, "What was asked for is not in Twinfield any more: somebody may have removed it there.");
const WARNED: Trouble = no(
    ErrorCode::Refused,
    "Twinfield booked nothing because of a warning. Its own words say what it is about; correct that, or let the \
     connection accept warnings, and post again.",
);
const REFUSED: Trouble = no(
    ErrorCode::Refused,
    "Twinfield refused this. Its own words say why; correct that there or in the document, and post again.",
);
const OUR_MISTAKE: Trouble = bug("Twinfield does not take this request as we made it. We have to repair that.");

/// A message of Twinfield on an element.
#[derive(Debug, PartialEq, Eq)]
struct Message<'a> {
    /// The element.
    on: &'a str,
    /// Type of the line that it is in.
    line: Option<&'a str>,
    /// The root of the answer.
    root: &'a str,
    warning: bool,
    text: &'a str,
    /// What was sent.
    value: Option<&'a str>,
}

/// Whether an answer of `ProcessXml` says that what was asked was done.
pub(super) fn succeeded(root: &Element) -> bool {
    // A failure may stand on any element, and the root then need not say so.
    let failed = root.everything().iter().any(|element| element.get("result") == Some("0"));
    !failed && root.get("result").is_none_or(|result| result == "1")
}

/// What a refusal of `ProcessXml` means. Nothing was stored.
pub(super) fn refused(operation: Operation, root: &Element) -> LedgerError {
    let messages = messages(root);
    let text: Vec<&str> = messages.iter().map(|message| message.text).collect();
    // Errors before warnings; of each, the first that is known. What is out of balance may be so because of another.
    let known = |warning: bool| {
        let of_kind = messages.iter().filter(move |message| message.warning == warning);
        let known = of_kind.filter_map(|message| Some((trouble(message)?, message.value)));
        known.min_by_key(|(trouble, _)| trouble.code == ErrorCode::OutOfBalance)
    };
    let only_warnings = !messages.is_empty() && messages.iter().all(|message| message.warning);
    let unknown = (if only_warnings { WARNED } else { REFUSED }, None);
    let (trouble, value) = known(false).or_else(|| known(true)).unwrap_or(unknown);
    about(trouble, value, operation).with_ledger_text(&text.join(" // "))
}

fn said(trouble: Trouble, operation: Operation) -> LedgerError {
    about(trouble, None, operation)
}

/// A sentence names what was sent, where it has a place for that.
fn about(trouble: Trouble, value: Option<&str>, operation: Operation) -> LedgerError {
    let value = value.map(|value| format!(" {value}")).unwrap_or_default();
    LedgerError::new(trouble.kind, trouble.code, operation, trouble.sentence.replacen('%', &value, 1))
}

fn messages(root: &Element) -> Vec<Message<'_>> {
    let mut found = Vec::new();
    let mut open: Vec<(&Element, Option<&str>)> = vec![(root, None)];
    while let Some((element, line)) = open.pop() {
        let line = if element.name() == "line" { element.get("type") } else { line };
        if let Some(text) = element.get("msg").map(str::trim).filter(|text| !text.is_empty()) {
            let warning = element.get("msgtype") == Some("warning");
            let (on, root) = (element.name(), root.name());
            // Several messages may stand in one.
            let parts = text.split("//").map(str::trim).filter(|part| !part.is_empty());
            let value = element.text();
            found.extend(parts.map(|text| Message { on, line, root, warning, text, value }));
        }
        open.extend(element.children.iter().rev().map(|child| (child, line)));
    }
    found
}

fn trouble(message: &Message<'_>) -> Option<Trouble> {
    let text = message.text.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let missing =
        says(&["komt niet voor", "bestaat niet", "niet bestaat", "niet gevonden", "does not exist", "not found"]);
    let required =
        says(&["vereist", "verplicht", "ontbreekt", "mist ", "requires", "required", "mandatory", "missing"]);
    if says(&[
        "niet geïmplementeerd",
        "not implemented",
        "mag niet worden aangeleverd",
        "incorrecte xml",
        "incorrect xml",
    ]) {
        return Some(OUR_MISTAKE);
    }
    if says(&["geen toegang", "no access"]) {
        return Some(NO_ACCESS);
    }
    if says(&["administratie bestaat niet", "company does not exist", "office does not exist"]) {
        return Some(NO_COMPANY);
    }
    if says(&["in balans", "in balance"]) {
        return Some(OUT_OF_BALANCE);
    }
    if says(&["periode", "period", "boekjaar"]) {
        if says(&["gesloten", "closed"]) {
            return Some(PERIOD_CLOSED);
        }
        if missing {
            return Some(YEAR_MISSING);
        }
        if says(&["buiten", "outside"]) {
            return Some(DATE_OUTSIDE_PERIOD);
        }
    }
    let relation = message.line == Some("total");
    match message.on {
        // Of a posting rule.
        "dimension1" => Some(RULE_ACCOUNT),
        "dimension2" | "dimension3" => Some(RULE_REFERENCE),
        "vatcode" if message.root == "dimension" => Some(RULE_VAT_CODE),
        "ratio" => Some(RULE_SHARE),
        "dim1" if relation => Some(CONTACT_ACCOUNT),
        "dim1" if required => Some(COST_CENTRE_LINK),
        "dim1" if missing => Some(UNKNOWN_ACCOUNT),
        "dim2" if relation => Some(UNKNOWN_RELATION),
        "dim2" | "dim3" if missing => Some(UNKNOWN_COST_CENTRE),
        "dim2" | "dim3" => Some(COST_CENTRE_LINK),
        "vatcode" if says(&["type", "soort"]) => Some(VAT_CODE_OF_OTHER_SIDE),
        "vatcode" if missing || says(&["actief", "active"]) => Some(UNKNOWN_VAT_CODE),
        "vatcode" if required => Some(VAT_CODE_MISSING),
        "vatvalue" | "vattotal" | "vatturnover" => Some(VAT_AMOUNT),
        "invoicenumber" if says(&["reeds", "bestaat al", "already", "exists"]) => Some(NUMBER_IN_USE),
        "freetext1" | "freetext2" | "freetext3" => Some(FREE_TEXT),
        "currency" => Some(CURRENCY),
        "code" if message.root == "dimension" && missing => Some(GONE),
        "code" if message.root == "dimension" => Some(RELATION_CODE),
        "number" if missing => Some(GONE),
        "code" if message.root.starts_with("transaction") => Some(WRONG_DAYBOOK),
        "office" => Some(NO_COMPANY),
        _ if says(&["btw code", "btw-code", "vat code"]) && required => Some(VAT_CODE_MISSING),
        _ if says(&["kostenplaats", "cost center", "cost centre"]) => Some(COST_CENTRE_LINK),
        _ if required => Some(MANDATORY),
        _ if missing => Some(GONE),
        _ => None,
    }
}

/// An answer other than success, 429 apart.
pub(super) fn refusal(purpose: Purpose, answer: &Answer) -> LedgerError {
    let Purpose { operation, effect, .. } = purpose;
    let fault = Fault::read(&answer.text());
    let text = fault.as_ref().map(|fault| fault.text.as_str()).unwrap_or_default();
    let error = match (fault.as_ref().and_then(|fault| fault.code), answer.status) {
        (Some(100), _) => outage(operation, effect),
        (Some(code), _) if known(code).is_some() => {
            known(code).map_or_else(|| outage(operation, effect), |trouble| said(trouble, operation))
        }
        (_, 401) => said(TOKEN_REFUSED, operation),
        _ if text.contains("logon credentials are not valid") => said(TOKEN_REFUSED, operation),
        (_, 403) => said(USER_RIGHTS, operation),
        (_, 400 | 404 | 405 | 411 | 413 | 414 | 415) => said(OUR_MISTAKE, operation),
        (_, _) => outage(operation, effect),
    };
    error.with_ledger_text(text)
}

const TOKEN_REFUSED: Trouble = Trouble {
    kind: ErrorKind::Unauthorised,
    code: ErrorCode::TokenRefused,
    sentence: "Twinfield did not accept the access. A new one is asked for by itself.",
};
const USER_RIGHTS: Trouble = no(
    ErrorCode::UserRights,
    "The connected user may not do this in Twinfield. Give the user a role that may book by web services there, and post \
     again.",
);

/// What the numbers of faults mean.
fn known(code: u16) -> Option<Trouble> {
    let reconnect = |code, sentence| Some(Trouble { kind: ErrorKind::ReconnectNeeded, code, sentence });
    let retry = |code, sentence| Some(Trouble { kind: ErrorKind::Retryable { after: None }, code, sentence });
    match code {
        101 | 187 => Some(OUR_MISTAKE),
        102 => Some(USER_RIGHTS),
        103 | 354 => Some(TOKEN_REFUSED),
        104 | 105 => reconnect(
            ErrorCode::UserBlocked,
            "The connected user of Twinfield was disabled or removed. Sign in to Twinfield again with a user that may book.",
        ),
        106 => Some(no(
            ErrorCode::CustomerBlocked,
            "The organisation is not active in Twinfield. Twinfield's support can say why; post again once it is open.",
        )),
        // Where the organisation is kept is asked together with a new access.
        108 | 110 => Some(Trouble {
            sentence: "The organisation moved to another server of Twinfield. The new one is looked up by itself.",
            ..TOKEN_REFUSED
        }),
        109 => Some(no(
            ErrorCode::NoDivisionAccess,
            "The connected user has no company in Twinfield. Give the user access to the company there, and post again.",
        )),
        122 => Some(no(
            ErrorCode::AppRefused,
            "Twinfield does not let our software in for this organisation. We have to settle that with Twinfield.",
        )),
        168 => retry(
            ErrorCode::Unavailable,
            "The connected user is at work in Twinfield elsewhere. It is tried again by itself.",
        ),
        351..=353 => reconnect(
            ErrorCode::AppScope,
            "The consent that was given in Twinfield is not complete. Sign in to Twinfield again and leave every box ticked.",
        ),
        358 => {
            retry(ErrorCode::Unavailable, "Twinfield could not check the access just now. It is tried again by itself.")
        }
        359 => Some(NO_COMPANY),
        _ => None,
    }
}

/// A SOAP fault.
struct Fault {
    code: Option<u16>,
    text: String,
}

impl Fault {
    fn read(body: &str) -> Option<Self> {
        let root = Element::read(body).ok()?;
        let all = root.everything();
        let fault = all.iter().find(|element| element.name() == "Fault")?;
        let detail = fault.everything();
        let text_of =
            |name: &str| detail.iter().find(|element| element.name() == name).and_then(|element| element.text());
        let text =
            text_of("message").or_else(|| text_of("faultstring")).or_else(|| text_of("Text")).unwrap_or_default();
        // Also seen as `354 : Access denied. Token invalid.`
        let lead = text.split_once(':').map(|(lead, _)| lead.trim());
        let code = text_of("code").or(lead).and_then(|code| code.parse().ok());
        Some(Self { code, text: text.to_owned() })
    }
}

/// Something in front of Twinfield, or Twinfield itself, is out of order; the request may have been carried out.
fn outage(operation: Operation, effect: Effect) -> LedgerError {
    LedgerError::outage("Twinfield", operation, effect)
}

/// An answer that says nothing that can be used.
pub(super) fn malformed(operation: Operation, effect: Effect) -> LedgerError {
    LedgerError::malformed("Twinfield", operation, effect)
}

/// A booking that was there once.
pub(super) fn gone(operation: Operation) -> LedgerError {
    let message = "The booking is no longer in Twinfield: somebody removed it there.";
    LedgerError::rejected(ErrorCode::NotFound, operation, message)
}

/// What a message of the finder means.
pub(super) fn finder(operation: Operation, code: &str, text: &str) -> LedgerError {
    let trouble = match code {
        "NoAccessToOffice" => NO_ACCESS,
        "AccessDenied" => USER_RIGHTS,
        _ => OUR_MISTAKE,
    };
    said(trouble, operation).with_ledger_text(text)
}

/// An answer of the token endpoint that is not success, 429 apart.
pub(super) fn token_refusal(purpose: Purpose, answer: &Answer) -> LedgerError {
    let operation = purpose.operation;
    let error = serde_json::from_slice::<serde_json::Value>(&answer.body)
        .ok()
        .and_then(|body| body.get("error").and_then(|error| error.as_str()).map(str::to_owned))
        .unwrap_or_default();
    let trouble = match (error.as_str(), operation) {
        ("invalid_grant", Operation::ExchangeCode) => Trouble {
            kind: ErrorKind::ReconnectNeeded,
            code: ErrorCode::ConsentRefused,
            sentence: "Twinfield did not accept the sign-in: it was used before or took too long. Sign in once more.",
        },
        ("invalid_grant", _) => Trouble {
            kind: ErrorKind::ReconnectNeeded,
            code: ErrorCode::ReconnectNeeded,
            sentence: "The consent in Twinfield was withdrawn or has ended. Somebody has to sign in to Twinfield again.",
        },
        ("invalid_client" | "unauthorized_client", _) => no(
            ErrorCode::AppRefused,
            "Twinfield does not accept our registration or its secret. We have to repair that; nobody needs to sign in.",
        ),
        _ => {
            return match answer.status {
                401 => LedgerError::rejected(
                    ErrorCode::AppRefused,
                    operation,
                    "Twinfield does not accept our registration or its secret. We have to repair that.",
                ),
                400 | 403..=428 => said(OUR_MISTAKE, operation).with_ledger_text(&answer.text()),
                _ => outage(operation, purpose.effect),
            };
        }
    };
    said(trouble, operation).with_ledger_text(&error)
}

#[cfg(test)]
#[path = "errors_tests.rs"]
mod tests;
