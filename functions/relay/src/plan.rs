//! Which step goes where.

use domain::{
    document::{Status, Step},
    ids::{AdministrationId, DocumentId, TenantId},
};
use runtime::message::{DocumentMessage, TurnMessage};
use serde::Serialize;
use store::document::RelayRecord;

/// An event for the tenant's systems: what became of a document. It names, and carries no content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Announcement {
    /// Whose.
    pub tenant: TenantId,
    /// In which set of books.
    pub administration: AdministrationId,
    /// Which document.
    pub document: DocumentId,
    /// Its version: an event that comes late tells so.
    pub version: u32,
    /// Where it stands; the event's type is `document.` and this.
    pub status: Status,
    /// Why it waits or failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Its number in the ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger_number: Option<String>,
}

/// What a batch of records asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// For invoice-tagged.
    pub read: Vec<DocumentMessage>,
    /// For automation-evaluate.
    pub evaluate: Vec<DocumentMessage>,
    /// For connector-push: one for each unit, whatever number of its documents changed.
    pub turns: Vec<TurnMessage>,
    /// For the event bus.
    pub announcements: Vec<Announcement>,
}

/// The table from step to place.
pub fn plan(records: &[RelayRecord]) -> Plan {
    let mut plan = Plan::default();
    for record in records {
        let (tenant, document) = (record.tenant, &record.document);
        let message = DocumentMessage { tenant, document: document.id, version: document.version };
        match record.step {
            Step::Read => plan.read.push(message),
            Step::Evaluate => plan.evaluate.push(message),
            Step::Turn => {
                let known = |turn: &TurnMessage| turn.tenant == tenant && Some(&turn.unit) == document.unit.as_ref();
                if let Some(unit) = document.unit.clone()
                    && !plan.turns.iter().any(known)
                {
                    plan.turns.push(TurnMessage { tenant, unit, document: Some(document.id) });
                }
            }
            Step::Announce => plan.announcements.push(Announcement {
                tenant,
                administration: document.administration,
                document: document.id,
                version: document.version,
                status: document.status,
                reason: document.reason.as_ref().map(|reason| reason.code.clone()),
                ledger_number: document.booked.as_ref().map(|booked| booked.ledger_number.clone()),
            }),
        }
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        automation::DocumentFormat,
        document::{Channel, Delivered, Document, UnitId},
        ids::{ConnectionId, Id},
        reason::Reason,
    };
    use ulid::Ulid;

    fn record(n: u64, step: Step) -> RelayRecord {
        let connection = ConnectionId::from_ulid(Ulid::from_parts(1, 1));
        RelayRecord {
            tenant: TenantId::from_ulid(Ulid::from_parts(1, 1)),
            step,
            document: Document {
                version: 3,
                status: Status::Posting,
                reason: Some(Reason::new("no_rule", "")),
                unit: Some(UnitId { connection, division: "123456".parse().ok() }),
                ..Document::received(&Delivered {
                    id: DocumentId::from_ulid(Ulid::from_parts(n, 1)),
                    administration: AdministrationId::from_ulid(Ulid::from_parts(1, 1)),
                    format: DocumentFormat::Ubl,
                    file_name: "",
                    channel: Channel::Api,
                    at: chrono::DateTime::UNIX_EPOCH,
                })
            },
        }
    }

    #[test]
    fn each_step_has_one_place() {
        for step in Step::ALL {
            let plan = plan(&[record(1, *step)]);
            let sent = [plan.read.len(), plan.evaluate.len(), plan.turns.len(), plan.announcements.len()];
            let wanted = match step {
                Step::Read => [1, 0, 0, 0],
                Step::Evaluate => [0, 1, 0, 0],
                Step::Turn => [0, 0, 1, 0],
                Step::Announce => [0, 0, 0, 1],
            };
            assert_eq!(sent, wanted, "{step}");
        }
    }

    #[test]
    fn a_unit_is_woken_once_a_batch() {
        let plan = plan(&[record(1, Step::Turn), record(2, Step::Turn)]);
        assert_eq!(plan.turns.len(), 1);
        assert_eq!(plan.turns[0].document, Some(record(1, Step::Turn).document.id));
    }

    #[test]
    fn an_announcement_names_and_carries_no_content() {
        let plan = plan(&[record(1, Step::Announce)]);
        let json = serde_json::to_value(&plan.announcements[0]).unwrap();
        let mut fields: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["administration", "document", "reason", "status", "tenant", "version"]);
    }

    #[test]
    fn announcements_follow_their_schema() {
        let schema: serde_json::Value =
            serde_json::from_str(include_str!("../../../infra/events/document.json")).unwrap();
        let properties = schema["properties"].as_object().unwrap();
        for required in schema["required"].as_array().unwrap() {
            assert!(properties.contains_key(required.as_str().unwrap()));
        }
        let statuses: Vec<_> = schema["properties"]["status"]["enum"].as_array().unwrap().clone();
        for status in Status::ALL {
            let announced = !status.is_in_transit();
            assert_eq!(statuses.contains(&status.as_str().into()), announced, "{status}");
        }
        let mut full = record(1, Step::Announce);
        full.document.booked = Some(domain::document::Booked {
            ledger_id: "1".into(),
            ledger_number: "26600042".into(),
            link: None,
            at: chrono::DateTime::UNIX_EPOCH,
        });
        let json = serde_json::to_value(&plan(&[full]).announcements[0]).unwrap();
        assert!(json.as_object().unwrap().keys().eq(properties.keys()), "{json}");
    }
}
