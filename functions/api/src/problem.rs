//! What goes wrong, as problem details (RFC 9457): a stable code for programs, a sentence for people that says what is
//! wrong and what to do, and for input the fields that are to blame.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:ident, $title:literal;)*) => {
        /// Every code that the API answers with, its status and its title.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Stable text.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// Status of the answer.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

codes! {
    /// The body is no JSON.
    MalformedJson = "malformed_json", BAD_REQUEST, "The body is not JSON";
    /// The body is no multipart form.
    MalformedForm = "malformed_form", BAD_REQUEST, "The body is not a form with files";
    /// The query string has a wrong, unknown or missing parameter.
    Query = "invalid_query", BAD_REQUEST, "The query is not valid";
    /// A cursor that was not handed out for this list.
    Cursor = "invalid_cursor", BAD_REQUEST, "The cursor is not valid";
    /// A header has an impossible value.
    Header = "invalid_header", BAD_REQUEST, "A header is not valid";
    /// The consent did not come to an end.
    Consent = "consent_failed", BAD_REQUEST, "The connection was not made";
    /// No claims came with the request.
    NotSignedIn = "not_signed_in", UNAUTHORIZED, "Not signed in";
    /// The token is of another kind, or lacks a claim.
    IdTokenWanted = "id_token_wanted", UNAUTHORIZED, "An ID token is needed";
    /// The login belongs to no user of the tenant.
    UserUnknown = "user_unknown", FORBIDDEN, "This login is not a user";
    /// The user was disabled.
    UserDisabled = "user_disabled", FORBIDDEN, "The user is disabled";
    /// The tenant is being deleted.
    TenantClosed = "tenant_closed", FORBIDDEN, "The office is closed";
    /// No role of the user permits it.
    NotPermitted = "not_permitted", FORBIDDEN, "Your roles do not permit this";
    /// Posting needs a link to a user in the ledger.
    NotLinked = "not_linked", FORBIDDEN, "Not linked to a user in the ledger";
    /// There is no such route, or nothing with this id that the caller may see.
    NotFound = "not_found", NOT_FOUND, "Not found";
    /// The route knows other methods.
    Method = "method_not_allowed", METHOD_NOT_ALLOWED, "The method is not allowed here";
    /// Somebody else changed it at the same moment.
    Conflict = "conflict", CONFLICT, "Changed at the same moment";
    /// A request with this key is being done.
    InProgress = "request_in_progress", CONFLICT, "The request is being done";
    /// One of the contact's identifiers belongs to another contact.
    ContactExists = "contact_exists", CONFLICT, "There is such a contact already";
    /// One of the identifiers is the administration's own (AP-55).
    OwnIdentifier = "own_identifier", UNPROCESSABLE_ENTITY, "The administration's own identifier";
    /// A user with this address exists.
    LoginExists = "login_exists", CONFLICT, "There is such a login already";
    /// A rule cannot be made without a template (AP-18).
    TemplateMissing = "template_missing", CONFLICT, "The contact has no posting template";
    /// Automation is recommended for contacts without rules.
    RuleExists = "rule_exists", CONFLICT, "The contact has an automation rule already";
    /// Only a recommendation can be dismissed.
    NotRecommended = "not_recommended", CONFLICT, "Automation is not recommended for this contact";
    /// There is no snapshot to check against.
    DirectoryMissing = "directory_missing", CONFLICT, "The directory was not fetched yet";
    /// The administration has no division in a ledger yet.
    UnitMissing = "division_missing", CONFLICT, "No division was chosen";
    /// The division or the administration is taken.
    DivisionTaken = "division_taken", CONFLICT, "The division is taken";
    /// Nobody has signed in at the ledger.
    NotConnected = "not_connected", CONFLICT, "The connection is not open";
    /// Holds must be cleared before it is posted.
    HoldsOpen = "holds_open", CONFLICT, "Holds have to be cleared first";
    /// There is no such open hold.
    HoldNotOpen = "hold_not_open", CONFLICT, "This hold is not open";
    /// Something is missing in what is to be booked.
    Incomplete = "incomplete", CONFLICT, "Something is missing";
    /// The document says this itself.
    NotEditable = "not_editable", CONFLICT, "This field cannot be corrected";
    /// Not a day on which it may be booked.
    BookingDate = "booking_date", CONFLICT, "Not a possible booking date";
    /// A posted document does not change (AP-59).
    Locked = "locked", CONFLICT, "The document is locked";
    /// It is suspected to be a duplicate (ED-27, ED-28).
    Duplicate = "duplicate", CONFLICT, "It may be a duplicate";
    /// The document's state does not allow it.
    State = "state", CONFLICT, "Not possible in this state";
    /// One facility of an administration is active at a time, and what it exports to stays while it is (EX-4).
    FacilityActive = "facility_active", CONFLICT, "An export facility is active";
    /// A step of its set-up is open (EX-7).
    FacilityIncomplete = "facility_incomplete", CONFLICT, "The facility is not set up completely";
    /// Jobs and exports need an active facility (EX-9).
    FacilityInactive = "facility_inactive", CONFLICT, "The facility is not active";
    /// Not a Finance user of the administration (EX-15).
    FinanceUserInvalid = "finance_user_invalid", CONFLICT, "Not a user on whose behalf can be exported";
    /// EX-22.
    ManualExportsDisabled = "manual_exports_disabled", FORBIDDEN, "Manual exports are disabled";
    /// EX-26.
    SettlingDisabled = "settling_disabled", FORBIDDEN, "Ending hanging runs is not enabled";
    /// EX-27.
    RevertDisabled = "revert_disabled", FORBIDDEN, "Taking exports back is not enabled";
    /// EX-29.
    RunInProgress = "run_in_progress", CONFLICT, "A run is in progress";
    /// At least one Superuser stays active.
    LastSuperuser = "last_superuser", CONFLICT, "At least one Superuser must stay active";
    /// A connection posts under this user's name.
    UserInUse = "user_in_use", CONFLICT, "The user is in use";
    /// Documents of the administration wait for somebody.
    AdministrationInUse = "administration_in_use", CONFLICT, "The administration is in use";
    /// AP-14.
    AutomationUserMissing = "automation_user_missing", CONFLICT, "No automation user is set";
    /// AP-15.
    AutomationSwitchedOn = "automation_switched_on", CONFLICT, "Automatic posting is on";
    /// AP-11.
    AutomationUserInvalid = "automation_user_invalid", CONFLICT, "This user cannot be the automation user";
    /// AP-3.
    Intermediary = "intermediary", CONFLICT, "There is another product in between";
    /// AP-2.
    AutoPostingNotOffered = "auto_posting_not_offered", CONFLICT, "Automatic posting is not offered";
    /// The ledger has no registration of ours, or does not offer what is asked.
    NotOffered = "not_offered", CONFLICT, "Not offered by this ledger";
    /// The version in If-Match is not the current one.
    Stale = "stale", PRECONDITION_FAILED, "Changed since you looked";
    /// The body is too large.
    TooLarge = "too_large", PAYLOAD_TOO_LARGE, "Too large";
    /// The body is of a type that is not taken.
    MediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "This type is not taken";
    /// The body is not UTF-8 and came as text.
    DamagedText = "damaged_text", UNSUPPORTED_MEDIA_TYPE, "The file was damaged as text";
    /// A field has an impossible value or is missing.
    Invalid = "invalid", UNPROCESSABLE_ENTITY, "A field is not valid";
    /// A field that does not exist.
    UnknownField = "unknown_field", UNPROCESSABLE_ENTITY, "There is no such field";
    /// A body without content.
    Empty = "empty", UNPROCESSABLE_ENTITY, "The file is empty";
    /// Roles that exclude each other, or none.
    Roles = "roles", UNPROCESSABLE_ENTITY, "These roles do not go together";
    /// An id in the body that names nothing.
    UnknownReference = "unknown_reference", UNPROCESSABLE_ENTITY, "A reference names nothing";
    /// A ledger account, VAT code, cost centre or division that the ledger's directory does not have.
    UnknownCode = "unknown_code", UNPROCESSABLE_ENTITY, "The ledger does not have this code";
    /// The posting template contradicts itself.
    Template = "template", UNPROCESSABLE_ENTITY, "The posting template is not possible";
    /// The key was used for another request.
    KeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY, "The Idempotency-Key was used for another request";
    /// An edit without If-Match.
    IfMatchMissing = "if_match_missing", PRECONDITION_REQUIRED, "If-Match is missing";
    /// A fault of ours.
    Internal = "internal", INTERNAL_SERVER_ERROR, "Something went wrong here";
    /// Too much at once somewhere behind.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "Not available at this moment";
}

/// A field of the body that is to blame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldProblem {
    /// JSON pointer to the field.
    #[schema(example = "/lines/0/vat_code")]
    pub pointer: String,
    /// What is wrong with it and what it takes.
    pub detail: String,
    /// Stable, for programs, where one field may be wrong in several ways.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// Id of what it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
}

/// Something is wrong with a request, or with us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    code: Code,
    detail: String,
    fields: Vec<FieldProblem>,
    about: Option<String>,
    allow: Option<&'static str>,
}

/// What a handler returns.
pub type Answer<T> = Result<T, Problem>;

impl Problem {
    /// A problem with its sentence.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), fields: Vec::new(), about: None, allow: None }
    }

    /// Nothing with this id that the caller may see. Another tenant's is answered alike.
    pub fn not_found(what: &str, id: impl fmt::Display) -> Self {
        Self::new(Code::NotFound, format!("There is no {what} {id} here, or it is not yours to see."))
    }

    /// A field has an impossible value.
    pub fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self::new(Code::Invalid, detail.clone()).at(pointer, detail)
    }

    /// Blames a field.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        self.fields.push(FieldProblem { pointer: pointer.into(), detail: detail.into(), code: None, about: None });
        self
    }

    /// Blames a field for something that has a code of its own and may be about something with an id.
    #[must_use]
    pub fn blames(
        mut self,
        pointer: &str,
        code: &'static str,
        detail: impl Into<String>,
        about: Option<String>,
    ) -> Self {
        self.fields.push(FieldProblem { pointer: pointer.to_owned(), detail: detail.into(), code: Some(code), about });
        self
    }

    /// Names what stands in the way: the id of a contact or document.
    #[must_use]
    pub fn about(mut self, id: impl fmt::Display) -> Self {
        self.about = Some(id.to_string());
        self
    }

    /// Names the methods that the route knows.
    #[must_use]
    pub fn allow(mut self, methods: &'static str) -> Self {
        self.allow = Some(methods);
        self
    }

    /// Its code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Its sentence.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The body of the answer.
    pub fn details(&self) -> Details {
        Details {
            kind: format!("urn:ledgerpost:problem:{}", self.code.as_str()),
            title: self.code.title().to_owned(),
            status: self.code.status().as_u16(),
            code: self.code.as_str().to_owned(),
            detail: self.detail.clone(),
            errors: self.fields.clone(),
            about: self.about.clone(),
        }
    }
}

/// Problem details as they are sent, `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Details {
    /// A URN that ends in the code.
    #[serde(rename = "type")]
    #[schema(example = "urn:ledgerpost:problem:invalid")]
    pub kind: String,
    /// The code in words.
    pub title: String,
    /// Status of the answer.
    pub status: u16,
    /// Stable, for programs.
    #[schema(example = "invalid")]
    pub code: String,
    /// What is wrong and what to do.
    pub detail: String,
    /// Fields of the body that are to blame.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// Id of what stands in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.code.status();
        let body = serde_json::to_vec(&self.details()).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(methods) = self.allow {
            headers.insert(header::ALLOW, HeaderValue::from_static(methods));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_stable_words_and_differ() {
        let codes: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.as_str().bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{code:?}");
            assert!(code.status().is_client_error() || code.status().is_server_error());
        }
    }

    #[test]
    fn a_problem_names_its_field() {
        let problem = Problem::invalid("/name", "the name is empty");
        let body = serde_json::to_value(problem.details()).unwrap();
        assert_eq!(body["type"], "urn:ledgerpost:problem:invalid");
        assert_eq!(body["status"], 422);
        assert_eq!(body["errors"][0]["pointer"], "/name");
        assert!(body.get("about").is_none());
    }
}
