//! Documents that are mailed to accounting packages.

use serde_json::{Value, json};

use super::ground::{End, Ground, SUPPLIER, same, wrong};
use crate::{
    aws::text,
    demo::mails::{Standing, settled},
    failure::Failure,
    mailbox::{Attachment, Mailbox},
};

const INBOUND: &str = "in@package.example";

/// What waits for a person is accepted and mailed; it is in nobody's books, and the mail's reader finds the file as it was sent.
pub fn accepted(ground: &mut Ground) -> Result<(), Failure> {
    let office = &ground.office;
    let package = office.superuser.post("/mail-packages", &json!({ "name": "Package" }))?;
    let connection = json!({ "package": text(&package, "/id"), "share": true, "addresses": { "inbound": INBOUND } });
    let connections = format!("/administrations/{}/mail-connections", office.administration);
    office.superuser.post(&connections, &connection)?;

    let document = ground.invoice(SUPPLIER, "P-1", 310)?;
    same("before", &ground.end(&document)?, &End::of("complete", "above_maximum"))?;
    let path = format!("/documents/{document}");
    let before = office.ledger.bookings(office.division)?.len();
    office.accountant.post(&format!("{path}/accept"), &Value::Null)?;
    let standing: Standing = settled(&office.accountant, &path)?;
    same("the accounting status", &standing.accounting_status.as_str(), &"ready_to_process")?;
    let [delivery] = standing.deliveries.as_slice() else {
        return Err(wrong("the deliveries", format!("{:?}", standing.deliveries)));
    };
    same("the delivery", &(delivery.to.as_str(), delivery.state.as_str()), &(INBOUND, "delivered"))?;

    let mailbox = Mailbox::at(ground.ports.ledgers);
    let mails = mailbox.arrived(INBOUND)?;
    let [mail] = mails.as_slice() else { return Err(wrong("the mails", format!("{mails:?}"))) };
    same("the mail's id", &delivery.message_id.as_deref(), &Some(mail.message_id()))?;
    let sent = office.invoice(SUPPLIER, "P-1", 310)?;
    let (name, media_type) = ("purchase-P-1.xml".to_owned(), "application/xml".to_owned());
    same("the attachments", &mail.attachments, &vec![Attachment { name, media_type, size: sent.len() }])?;
    if mailbox.contents(mail)? != [sent.into_bytes()] {
        return Err(wrong("the attachment", "it is not what was delivered".into()));
    }
    same("the number of bookings", &office.ledger.bookings(office.division)?.len(), &before)
}
