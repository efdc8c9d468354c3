//! Mailing what was shared up to a day, at a person's request (ED-20): previewed, and part by part (SE-3).

use super::{Asked, Subject, audit, delivery, look_at, once, writer};
use crate::{
    app::App,
    auth::Caller,
    extract::{Creating, Ids},
    problem::{Answer, Code, Problem},
    reply::Made,
};
use axum::{extract::State, response::Response};
use chrono::Days;
use domain::{
    document::List,
    ids::AdministrationId,
    mail::{Delivery, DeliveryState, Frequency, MailConnection, MailPackage, PlannedMail, Purpose, Sharing, plan},
    office::Choice,
    time::{Date, Instant, TimeZone},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{
    Cursor, Read,
    document::{Filter, Span},
    mail::Recorded,
    sales::WhichIssued,
    settings::MailSettings,
};
use utoipa::ToSchema;

/// What is to be mailed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailRunBody {
    /// Documents that were received, or are dated, up to and including this day.
    #[schema(value_type = String, format = Date)]
    pub until: Date,
    /// Also what was mailed already; else each document goes once to each address.
    #[serde(default)]
    pub include_sent: bool,
    /// The accounting status of documents takes no notice of it.
    #[serde(default)]
    pub quiet: bool,
    /// Only counts.
    #[serde(default)]
    pub preview: bool,
    /// `next` of the part before.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// What a part of it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MailRunView {
    /// So many mails are to be sent.
    pub found: usize,
    /// So many of them were queued now; none in a preview, nor those that another request queued before.
    pub queued: usize,
    /// Ask again with it as `cursor` for the next part; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Which documents are looked at, one list after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Received,
    Unpassed,
    Settled,
}

impl Part {
    const ALL: [Self; 3] = [Self::Received, Self::Unpassed, Self::Settled];

    fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Unpassed => "unpassed",
            Self::Settled => "settled",
        }
    }

    fn next(self) -> Option<Self> {
        match self {
            Self::Received => Some(Self::Unpassed),
            Self::Unpassed => Some(Self::Settled),
            Self::Settled => None,
        }
    }
}

/// Where a part begins, as text: the list, and the place in it.
fn read_cursor(text: Option<&str>) -> Answer<(Part, Option<Cursor>)> {
    let Some(text) = text else { return Ok((Part::Received, None)) };
    let (list, place) = text.split_once(':').unwrap_or((text, ""));
    let part = Part::ALL.into_iter().find(|part| part.as_str() == list).ok_or_else(|| {
        Problem::new(Code::Cursor, "The cursor does not belong to this list. Begin again without one.")
    })?;
    Ok((part, (!place.is_empty()).then(|| Cursor::new(place))))
}

fn write_cursor(part: Part, next: Option<Cursor>) -> Option<String> {
    match next {
        Some(cursor) => Some(format!("{}:{}", part.as_str(), cursor.as_str())),
        None => part.next().map(|next| format!("{}:", next.as_str())),
    }
}

/// So many documents are looked at in one request.
const PAGE: usize = 100;

async fn page(
    app: &App,
    caller: &Caller,
    administration: AdministrationId,
    (part, cursor): (Part, Option<Cursor>),
    (until, zone): (Date, TimeZone),
) -> Answer<(Vec<Subject>, Option<Cursor>)> {
    let tenant = app.of(caller.tenant);
    let which = match part {
        Part::Received => {
            let before = until.checked_add_days(Days::new(1)).map(|day| zone.start_of(day));
            let received = Span { from: None, before };
            let list = (administration, List::Archive);
            let listed =
                tenant.documents().list_received(list, received, Filter::default(), cursor.as_ref(), PAGE).await?;
            return Ok((listed.items.iter().map(Subject::from).collect(), listed.next));
        }
        Part::Unpassed => WhichIssued::Unpassed,
        Part::Settled => WhichIssued::Settled,
    };
    let listed = tenant.issued().list(administration, which, cursor.as_ref(), PAGE).await?;
    let dated = listed.items.iter().filter(|issued| issued.issue_date <= until);
    Ok((dated.map(Subject::from).collect(), listed.next))
}

/// As a person asks for it: now, and also what was shared before the switch was turned on. It has to be on.
fn on_request(connection: &MailConnection) -> MailConnection {
    let sharing = match connection.sharing {
        Sharing::Off => Sharing::Off,
        Sharing::On { .. } => Sharing::On { since: Instant::MIN_UTC },
    };
    MailConnection { sharing, frequency: Frequency::Immediately, ..connection.clone() }
}

/// Whether the document went, or is to go, to that address already. What the switch stopped did not.
fn is_there(deliveries: &[Delivery], to: &PlannedMail) -> bool {
    deliveries.iter().any(|there| {
        let is_accounting = matches!(there.purpose, Purpose::Accounting { .. });
        is_accounting && there.state != DeliveryState::NotShared && there.to.mailbox() == to.to.mailbox()
    })
}

struct Request<'a> {
    body: &'a MailRunBody,
    settings: MailSettings,
    packages: Vec<MailPackage>,
    zone: TimeZone,
    nonce: &'a str,
}

impl Request<'_> {
    /// The mails of one document, new ones unless the request says otherwise.
    async fn of(&self, app: &App, caller: &Caller, subject: &Subject) -> Answer<Vec<Delivery>> {
        let Some(plans) = subject.plans(self.zone) else { return Ok(Vec::new()) };
        let planned = plan(&plans, &self.settings.connections, &self.packages, &self.settings.suspended, caller.now);
        if planned.mails.is_empty() {
            return Ok(Vec::new());
        }
        let there = app.of(caller.tenant).deliveries().of(subject.home, Read::Consistent).await?.deliveries;
        // Of two requests at once for what was not mailed yet, one mails it.
        let nonce = if self.body.include_sent { self.nonce.to_owned() } else { format!("run/{}", there.len()) };
        let wanted = planned.mails.iter().filter(|mail| self.body.include_sent || !is_there(&there, mail));
        let asked = wanted.map(|mail| {
            let purpose = Purpose::Accounting {
                connection: mail.connection,
                also: mail.also.clone(),
                kind: plans.kind,
                pdf_alongside: mail.pdf_alongside,
                quiet: Choice::from(self.body.quiet),
            };
            let asked = Asked {
                home: subject.home,
                administration: subject.administration,
                purpose,
                to: &mail.to,
                attach: mail.attach,
                suspended: &self.settings.suspended,
                nonce: &nonce,
            };
            delivery(app, caller, asked)
        });
        Ok(asked.collect())
    }
}

/// Mails what is shared with the accountant up to and including a day (ED-20), also what was shared before a connection was turned
/// on: part by part, newest first, until there is no `next`. A preview counts and sends nothing (SE-3).
#[utoipa::path(
    post, path = "/administrations/{administration}/mail-runs", tag = "mail",
    request_body = MailRunBody,
    responses((status = 202, body = MailRunView))
)]
pub async fn create_mail_run(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    request: Creating<MailRunBody>,
) -> Answer<Response> {
    let zone = app.administration(&caller, administration).await?.time_zone;
    let Creating { body, key, fingerprint } = request;
    once(&app, &caller, ("mail-run", key, fingerprint), async |nonce| {
        let (part, cursor) = read_cursor(body.cursor.as_deref())?;
        let tenant = app.of(caller.tenant);
        let mut settings = tenant.mail_connections(administration).all(Read::Consistent).await?;
        settings.connections = settings.connections.iter().map(on_request).collect();
        let packages = tenant.mail_packages().all().await?;
        let request = Request { body: &body, settings, packages, zone, nonce: &nonce };
        let (subjects, next) = page(&app, &caller, administration, (part, cursor), (body.until, zone)).await?;
        let mut mails = Vec::new();
        for subject in &subjects {
            mails.extend(request.of(&app, &caller, subject).await?);
        }
        let found = mails.len();
        let mut queued = 0;
        if !body.preview {
            let asked = json!({ "until": body.until, "include_sent": body.include_sent, "mails": found });
            audit(&app, &caller, "mail_run.asked_for", administration, Some(asked)).await?;
            for (mail, write) in mails.iter().zip(2..) {
                match tenant.deliveries().ask(mail, look_at(&caller), &writer(&caller, write)).await? {
                    Recorded::New => queued += 1,
                    Recorded::There(_) => {}
                }
            }
        }
        let location = format!("/administrations/{administration}/deliveries?state=queued");
        Ok(Made::accepted(location, MailRunView { found, queued, next: write_cursor(part, next) }))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_list_follows_another() {
        assert_eq!(read_cursor(None).unwrap().0, Part::Received);
        let (part, place) = read_cursor(Some("received:abc")).unwrap();
        assert_eq!((part, place.map(|place| place.as_str().to_owned())), (Part::Received, Some("abc".to_owned())));
        assert_eq!(write_cursor(Part::Received, None).as_deref(), Some("unpassed:"));
        assert_eq!(read_cursor(Some("unpassed:")).unwrap().0, Part::Unpassed);
        assert_eq!(write_cursor(Part::Settled, None), None);
        assert_eq!(read_cursor(Some("x")).unwrap_err().code(), Code::Cursor);
    }
}
