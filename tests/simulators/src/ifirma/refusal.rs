//! Refusals: a number and a sentence, with status 200.

use std::borrow::Cow;

use http::StatusCode;

use crate::json::Node;
use crate::server::Answer;

/// A number and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: i64,
    pub(super) text: Cow<'static, str>,
}

const fn fixed(code: i64, text: &'static str) -> Refusal {
    Refusal { code, text: Cow::Borrowed(text) }
}

/// The body has another encoding than UTF-8.
pub(super) const ENCODING: Refusal = fixed(101, "Nieprawidłowe kodowanie znaków żądania");
/// The body is no JSON.
pub(super) const CONTENT_TYPE: Refusal = fixed(102, "Nieprawidłowy typ zawartości żądania");
/// No object can be made of the body.
pub(super) const STRUCTURE: Refusal =
    fixed(200, "Niepoprawna zawartość żądania – nie można utworzyć obiektu na podstawie zawartości żądania.");
/// The buyer that is named is not there.
pub(super) const NO_CONTRACTOR: Refusal = fixed(208, "Nie znaleziono kontrahenta");
/// The header is missing or looks otherwise.
pub(super) const HEADER: Refusal = fixed(400, "Niepoprawna struktura nagłówka Authentication");
/// Nobody has this login.
pub(super) const LOGIN: Refusal = fixed(401, "Nie znaleziono użytkownika o podanym loginie");
/// There is no key for the area.
pub(super) const NO_KEY: Refusal = fixed(402, "Użytkownik nie wygenerował klucza autoryzacji");
/// The digest is another one.
pub(super) const DIGEST: Refusal = fixed(403, "Niepoprawny hash wiadomości");
/// The terms were not accepted.
pub(super) const TERMS: Refusal = fixed(499, "Regulamin korzystania z API nie został zaakceptowany");
/// The account has no API.
pub(super) const NO_API: Refusal = fixed(500, "Użytkownik nie posiada prawa do korzystania z API.");

/// A rule that is broken.
pub(super) fn rule(text: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal { code: 201, text: text.into() }
}

/// An answer: the number, its words, and what else belongs to it.
pub(super) fn answer(code: i64, text: &str, more: Vec<(Cow<'static, str>, Node)>) -> Answer {
    let mut members = vec![(Cow::Borrowed("Kod"), Node::Int(code)), (Cow::Borrowed("Informacja"), Node::text(text))];
    members.extend(more);
    Answer::json(StatusCode::OK, &Node::object([("response", Node::Object(members))]))
}

impl Refusal {
    pub(super) fn answer(self) -> Answer {
        answer(self.code, &self.text, Vec::new())
    }
}
