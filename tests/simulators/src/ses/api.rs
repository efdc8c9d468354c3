//! Who may call, and what a call is about.

use chrono::{DateTime, Utc};
use http::StatusCode;

use super::feedback;
use super::refusal::{self, NAMESPACE, Refusal};
use super::state::{Ses, Verification};
use super::{address, seed, send, view};
use crate::page::escape;
use crate::server::{Answer, Request};
use crate::stand::Books;

/// The only version of the protocol.
const VERSION: &str = "2010-12-01";
/// The service that calls are signed for.
const SERVICE: &str = "ses";
/// How an authorization of the fourth kind begins.
const ALGORITHM: &str = "AWS4-HMAC-SHA256 ";
/// Digits of a signature.
const SIGNATURE_DIGITS: usize = 64;

/// The fields of a call.
#[derive(Debug, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    fn of(request: &Request) -> Self {
        Self(url::form_urlencoded::parse(&request.body).into_owned().collect())
    }

    /// A field.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The members of a list, which are numbered from 1 on: `Tags.member.1.Name`.
    pub(super) fn members(&self, list: &str, field: &str) -> Result<Vec<String>, Refusal> {
        let find = |number: usize| self.get(&format!("{list}.member.{number}{field}")).map(str::to_owned);
        let members: Vec<String> = (1..).map_while(find).collect();
        let prefix = format!("{list}.member.");
        let all = self.0.iter().filter(|(name, _)| name.starts_with(&prefix) && name.ends_with(field)).count();
        if all != members.len() {
            return Err(malformed(&format!("The members of {list} are not numbered from 1 on")));
        }
        Ok(members)
    }
}

fn malformed(text: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "MalformedInput", text)
}

impl Books for Ses {
    const SYSTEM: &'static str = "ses";
    const TITLE: &'static str = "Amazon SES";

    fn demo() -> Self {
        seed::demo()
    }

    fn answer(&mut self, now: DateTime<Utc>, request: &Request) -> Answer {
        let number = self.next();
        let request_id = feedback::uuid(now, number);
        match self.call(now, request, &request_id) {
            Ok(answer) => answer,
            Err(refusal) => refusal.answer(&request_id),
        }
    }

    fn expire_token(&mut self, _now: DateTime<Utc>, request: &Request) {
        self.expired = request.header("authorization").map(str::to_owned);
    }

    /// Every call goes to `/`; its action tells them apart.
    fn route(request: &Request) -> String {
        format!("/{}", Form::of(request).get("Action").unwrap_or_default())
    }

    fn page(&self) -> String {
        view::page(self)
    }

    /// Messages whose subject or files mention the number.
    fn booked(&self, number: &str) -> usize {
        self.messages().iter().filter(|sent| sent.mentions(number)).count()
    }

    fn control(&mut self, request: &Request, first: &str) -> Option<Answer> {
        view::control(self, request, first)
    }
}

impl Ses {
    fn call(&mut self, now: DateTime<Utc>, request: &Request, request_id: &str) -> Result<Answer, Refusal> {
        self.authorize(request)?;
        let bad = |code, text: &str| Refusal::new(StatusCode::BAD_REQUEST, code, text);
        if !request.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
            return Err(malformed("The body is no form"));
        }
        let form = Form::of(request);
        let action = form.get("Action").ok_or_else(|| bad("MissingAction", "The request is missing an action."))?;
        let version = form.get("Version").unwrap_or_default();
        let known = ["SendRawEmail", "GetSendQuota", "VerifyEmailIdentity", "GetIdentityVerificationAttributes"];
        if version != VERSION || !known.contains(&action) {
            let text = format!("Could not find operation {action} for version {version}");
            return Err(bad("InvalidAction", &text));
        }
        let result = match action {
            "SendRawEmail" => {
                let id = send::send(self, now, &form)?;
                format!("    <MessageId>{id}</MessageId>\n")
            }
            "GetSendQuota" => self.quota(now),
            "VerifyEmailIdentity" => {
                let identity = form.get("EmailAddress").unwrap_or_default();
                address::check(identity)?;
                self.identities.entry(identity.to_ascii_lowercase()).or_default();
                String::new()
            }
            _ => self.verification(&form)?,
        };
        let body = format!(
            "<{action}Response xmlns=\"{NAMESPACE}\">\n  <{action}Result>\n{result}  </{action}Result>\n  <ResponseMetadata>\n    \
             <RequestId>{request_id}</RequestId>\n  </ResponseMetadata>\n</{action}Response>\n"
        );
        Ok(refusal::xml(StatusCode::OK, body, request_id))
    }

    fn quota(&self, now: DateTime<Utc>) -> String {
        let (most, rate) = (self.settings.max_24_hour_send, self.settings.max_send_rate);
        let sent = self.in_last_day(now);
        format!(
            "    <SentLast24Hours>{sent}.0</SentLast24Hours>\n    <Max24HourSend>{most}.0</Max24HourSend>\n    \
             <MaxSendRate>{rate}.0</MaxSendRate>\n"
        )
    }

    fn verification(&self, form: &Form) -> Result<String, Refusal> {
        let entry = |identity: String| {
            let status: Verification = *self.identities.get(&identity.to_ascii_lowercase())?;
            let (key, status) = (escape(&identity), status.name());
            Some(format!(
                "      <entry>\n        <key>{key}</key>\n        <value>\n          <VerificationStatus>{status}</VerificationStatus>\n        \
                 </value>\n      </entry>\n"
            ))
        };
        let entries: String = form.members("Identities", "")?.into_iter().filter_map(entry).collect();
        Ok(format!("    <VerificationAttributes>\n{entries}    </VerificationAttributes>\n"))
    }

    /// Refuses a call whose signature has not the right form, or is for another service, region or day. The digits themselves are not
    /// checked: any secret will do.
    fn authorize(&mut self, request: &Request) -> Result<(), Refusal> {
        let forbidden = |code, text: &str| Err(Refusal::new(StatusCode::FORBIDDEN, code, text));
        let incomplete = |text: &str| Err(Refusal::new(StatusCode::BAD_REQUEST, "IncompleteSignature", text));
        let Some(authorization) = request.header("authorization") else {
            return forbidden("MissingAuthenticationToken", "Request is missing Authentication Token");
        };
        if self.expired.as_deref() == Some(authorization) {
            self.expired = None;
            return forbidden("ExpiredToken", "The security token included in the request is expired");
        }
        let Some(rest) = authorization.strip_prefix(ALGORITHM) else {
            return incomplete("The authorization is not of the kind AWS4-HMAC-SHA256.");
        };
        let part = |name: &str| {
            let part = rest.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
            part.filter(|part| !part.is_empty())
        };
        let (Some(credential), Some(signed), Some(signature)) =
            (part("Credential"), part("SignedHeaders"), part("Signature"))
        else {
            return incomplete(
                "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters.",
            );
        };
        let [key, day, region, service, "aws4_request"] = credential.split('/').collect::<Vec<_>>()[..] else {
            return incomplete("Credential must have exactly 5 slash-delimited elements.");
        };
        let settings = &self.settings;
        if key.is_empty() || !(settings.access_keys.is_empty() || settings.access_keys.contains(key)) {
            return forbidden("InvalidClientTokenId", "The security token included in the request is invalid.");
        }
        if service != SERVICE {
            let text = format!("Credential should be scoped to correct service: '{SERVICE}'.");
            return forbidden("SignatureDoesNotMatch", &text);
        }
        if region != settings.region {
            let text = format!("Credential should be scoped to a valid region, not '{region}'.");
            return forbidden("SignatureDoesNotMatch", &text);
        }
        let signed: Vec<&str> = signed.split(';').collect();
        if !signed.contains(&"host") || !signed.contains(&"x-amz-date") {
            return forbidden("SignatureDoesNotMatch", "'Host' and 'X-Amz-Date' must be signed headers.");
        }
        if signature.len() != SIGNATURE_DIGITS || !signature.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return incomplete("The signature is not 64 hexadecimal digits.");
        }
        let date = request.header("x-amz-date").unwrap_or_default();
        if date.len() != "20260701T120000Z".len() || !date.starts_with(&format!("{day}T")) || !date.ends_with('Z') {
            return incomplete("Date must be in ISO-8601 'basic format', and on the day of the credential.");
        }
        Ok(())
    }
}
