//! SES: what it allows, and handing it a mail. What it answers is told apart by one question: has it the mail, has it not, or is
//! that unknown?

use aws_sdk_ses::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    operation::send_raw_email::SendRawEmailError,
    primitives::Blob,
    types::{MessageTag, RawMessage},
};
use domain::{
    ids::TenantId,
    mail::{Allowance, Delivery, EmailAddress},
    reason::cut,
};
use mail::feedback::tag;
use runtime::telemetry::{Paid, asked};

/// Why SES did not answer that it has a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotSent {
    /// It has not, and may take it later.
    Later(String),
    /// It has not, and will not.
    Refused(String),
    /// It may have.
    Unknown(String),
}

/// SES, as this deployment uses it.
#[derive(Debug, Clone)]
pub struct Ses {
    /// The client: it repeats nothing by itself.
    pub client: Client,
    /// The configuration set, which has SES tell what becomes of mails.
    pub configuration_set: Option<String>,
}

/// How much of SES's words is kept.
const WORDS_CHARS_MAX: usize = 160;

/// SES's words, without the addresses that it likes to name.
fn words(text: &str) -> String {
    let shown: Vec<&str> =
        text.split_whitespace().map(|word| if word.contains('@') { "(address)" } else { word }).collect();
    cut(&shown.join(" "), WORDS_CHARS_MAX).to_owned()
}

impl Ses {
    /// What the account may send at the moment.
    pub async fn allowance(&self) -> Result<Allowance, NotSent> {
        asked(Paid::Ses, "ses.quota", 0);
        let quota = self.client.get_send_quota().send().await;
        let quota = quota.map_err(|error| NotSent::Later(words(&DisplayErrorContext(&error).to_string())))?;
        Ok(Allowance {
            per_second: whole(quota.max_send_rate()).unwrap_or(1).max(1),
            per_day: whole(quota.max24_hour_send()),
        })
    }

    /// Hands a mail to SES; its id of the mail.
    pub async fn send(
        &self,
        tenant: TenantId,
        delivery: &Delivery,
        from: &EmailAddress,
        raw: Vec<u8>,
    ) -> Result<String, NotSent> {
        asked(Paid::Ses, "ses.send", 1);
        let message = RawMessage::builder().data(Blob::new(raw)).build();
        let message = message.map_err(|error| NotSent::Refused(error.to_string()))?;
        let mut request = self
            .client
            .send_raw_email()
            .source(from.as_str())
            .destinations(delivery.to.as_str())
            .set_configuration_set_name(self.configuration_set.clone())
            .raw_message(message);
        let (home, id) = (delivery.home.to_string(), delivery.id.to_string());
        for (name, value) in [(tag::TENANT, tenant.to_string()), (tag::HOME, home), (tag::DELIVERY, id)] {
            let tag = MessageTag::builder().name(name).value(value).build();
            request = request.tags(tag.map_err(|error| NotSent::Refused(error.to_string()))?);
        }
        request.send().await.map(|answer| answer.message_id().to_owned()).map_err(|error| judged(&error))
    }
}

/// SES says `-1` where there is no bound.
fn whole(number: f64) -> Option<u32> {
    // Rates below one a second exist; a fraction is left unused.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be within bounds")]
    (0.0..f64::from(u32::MAX)).contains(&number).then_some(number as u32)
}

fn judged(error: &SdkError<SendRawEmailError>) -> NotSent {
    match error {
        // Nothing left this machine.
        SdkError::ConstructionFailure(_) => NotSent::Refused(words(&DisplayErrorContext(error).to_string())),
        SdkError::DispatchFailure(failure) => {
            let said = DisplayErrorContext(error).to_string();
            if never_connected(failure.as_connector_error()) {
                NotSent::Later(words(&said))
            } else {
                NotSent::Unknown(words(&said))
            }
        }
        SdkError::ServiceError(service) => {
            let (code, said) = (service.err().code().unwrap_or_default(), service.err().message().unwrap_or_default());
            of_code(code, service.raw().status().as_u16(), said)
        }
        SdkError::TimeoutError(_) | SdkError::ResponseError(_) => {
            NotSent::Unknown(words(&DisplayErrorContext(error).to_string()))
        }
        _ => NotSent::Unknown(words(&DisplayErrorContext(error).to_string())),
    }
}

fn of_code(code: &str, status: u16, said: &str) -> NotSent {
    let shown = words(&format!("{code}: {said}"));
    match code {
        // It said no before it looked at the mail, and says so only for now.
        "Throttling"
        | "ThrottlingException"
        | "TooManyRequestsException"
        | "LimitExceededException"
        | "ServiceUnavailable"
        | "AccountSendingPausedException"
        | "ConfigurationSetSendingPausedException"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "RequestExpired" => NotSent::Later(shown),
        _ if (400..500).contains(&status) => NotSent::Refused(shown),
        // A failure inside of SES: it may have taken the mail before.
        _ => NotSent::Unknown(shown),
    }
}

/// Whether a request failed before anything could be sent: nobody answered at the address.
fn never_connected(error: Option<&aws_sdk_ses::error::ConnectorError>) -> bool {
    let mut source: Option<&(dyn std::error::Error + 'static)> = error.map(|error| error as _);
    while let Some(error) = source {
        let refused = error.downcast_ref::<std::io::Error>().is_some_and(|io| {
            matches!(
                io.kind(),
                std::io::ErrorKind::ConnectionRefused
                    | std::io::ErrorKind::HostUnreachable
                    | std::io::ErrorKind::NetworkUnreachable
            )
        });
        if refused {
            return true;
        }
        source = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_no_is_a_no() {
        let later = |code, status| matches!(of_code(code, status, ""), NotSent::Later(_));
        let refused = |code, status| matches!(of_code(code, status, ""), NotSent::Refused(_));
        let unknown = |code, status| matches!(of_code(code, status, ""), NotSent::Unknown(_));
        assert!(later("Throttling", 400) && later("ServiceUnavailable", 503));
        assert!(refused("MessageRejected", 400) && refused("ConfigurationSetDoesNotExist", 400));
        assert!(unknown("InternalFailure", 500) && unknown("", 502) && unknown("", 200));
    }

    #[test]
    fn addresses_stay_out_of_what_is_kept() {
        let said = "Email address is not verified: a@b.example, <c@d.example>";
        assert_eq!(words(said), "Email address is not verified: (address) (address)");
    }

    #[test]
    fn no_bound_is_none() {
        assert_eq!([whole(-1.0), whole(0.5), whole(14.0)], [None, Some(0), Some(14)]);
    }
}
