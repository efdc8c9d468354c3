//! Trying a connection: a test mail, so that the receiver can be seen to take mail from us (ED-17).

use super::{Asked, DeliveryView, delivery, look_at, once};
use crate::{
    app::App,
    auth::Caller,
    extract::{Creating, Ids},
    problem::{Answer, Code, Problem},
    reply::Made,
};
use axum::{extract::State, response::Response};
use domain::{
    ids::{AdministrationId, MailConnectionId},
    mail::{Attach, ClientAddresses, EmailAddress, Home, Purpose},
};
use serde::{Deserialize, Serialize};
use store::{Read, mail::Recorded};
use utoipa::ToSchema;

/// Which of a client's addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientAddress {
    /// The one for purchases and sales.
    Both,
    /// For what was received.
    Inbound,
    /// For what was issued.
    Outbound,
    /// For files of bank statements.
    BankStatements,
}

impl ClientAddress {
    const ALL: [Self; 4] = [Self::Both, Self::Inbound, Self::Outbound, Self::BankStatements];

    fn of(self, addresses: &ClientAddresses) -> Option<&EmailAddress> {
        match self {
            Self::Both => addresses.both.as_ref(),
            Self::Inbound => addresses.inbound.as_ref(),
            Self::Outbound => addresses.outbound.as_ref(),
            Self::BankStatements => addresses.bank_statements.as_ref(),
        }
    }
}

/// What is tried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TrialBody {
    /// Which address: `both`, `inbound`, `outbound` or `bank_statements`; the first that there is when left out.
    pub to: Option<ClientAddress>,
}

/// Sends a test mail to an address of a connection, whether the switch is on or off. The sender has to be known to packages that take
/// mail from known senders only.
#[utoipa::path(
    post, path = "/administrations/{administration}/mail-connections/{mail_connection}/test", tag = "mail",
    request_body = TrialBody,
    responses((status = 202, body = DeliveryView))
)]
pub async fn test_mail_connection(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, MailConnectionId)>,
    request: Creating<TrialBody>,
) -> Answer<Response> {
    app.check_administration(&caller, administration).await?;
    let settings = app.of(caller.tenant).mail_connections(administration).all(Read::Consistent).await?;
    let connection = settings.connections.into_iter().find(|connection| connection.id == id);
    let connection = connection.ok_or_else(|| Problem::not_found("mail connection", id))?;
    let Creating { body, key, fingerprint } = request;
    once(&app, &caller, ("mail-test", key, fingerprint), async |nonce| {
        let wanted: &[ClientAddress] = body.to.as_ref().map_or(&ClientAddress::ALL, std::slice::from_ref);
        let to = wanted.iter().find_map(|one| one.of(&connection.addresses)).ok_or_else(|| {
            let detail = "The connection has no such address: enter it first.";
            Problem::new(Code::State, detail).at("/to", detail)
        })?;
        let test = delivery(
            &app,
            &caller,
            Asked {
                home: Home::Connection(id),
                administration,
                purpose: Purpose::Test,
                to,
                attach: Attach::Attachment,
                // A test says whether the address takes mail again.
                suspended: &[],
                nonce: &nonce,
            },
        );
        let recorded = app.of(caller.tenant).deliveries().ask(&test, look_at(&caller), &caller.writer()).await?;
        let shown = match &recorded {
            Recorded::New => &test,
            Recorded::There(there) => there,
        };
        let location = format!("/administrations/{administration}/mail-connections/{id}");
        Ok(Made::accepted(location, DeliveryView::new(shown, caller.language)).in_words(caller.language))
    })
    .await
}
