//! Which step goes where.

use domain::{
    document::{Status, Step, UnitId},
    ids::{AdministrationId, DeliveryId, DocumentId, IssuedId, OrderId, TenantId, TurnDocument},
    mail::{Delivery, DeliveryState, Home},
    sales::{IssuedKind, Passing},
};
use runtime::message::{DocumentMessage, MailMessage, OrderMessage, RenderMessage, TurnMessage};
use serde::Serialize;
use store::{
    document::{RelayRecord, StreamRecord},
    mail::MailRef,
    sales::PassRecord,
};

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

/// An event for the tenant's systems: what became of a document that was issued here. It names, and carries no content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IssuedAnnouncement {
    /// Whose.
    pub tenant: TenantId,
    /// Of which administration.
    pub administration: AdministrationId,
    /// Which document.
    pub issued: IssuedId,
    /// Its version: an event that comes late tells so.
    pub version: u32,
    /// What it is.
    pub kind: IssuedKind,
    /// How far it has come on its way to the ledger; the event's type is `issued.` and this.
    pub passing: Passing,
    /// The number that counts in law, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_number: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// An event for the tenant's systems: what became of a mail. It names, and carries no address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveryAnnouncement {
    /// Whose.
    pub tenant: TenantId,
    /// Of which administration.
    pub administration: AdministrationId,
    /// Which delivery.
    pub delivery: DeliveryId,
    /// Of what: a document, an order, an export run, a connection that is tried.
    pub of: Home,
    /// Its version: an event that comes late tells so.
    pub version: u32,
    /// Where it stands; the event's type is `delivery.` and this.
    pub state: DeliveryState,
    /// Why it waits or failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// An event for the tenant's systems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Told {
    /// About a document that was received.
    Received(Announcement),
    /// About one that was issued.
    Issued(IssuedAnnouncement),
    /// About a mail.
    Delivery(DeliveryAnnouncement),
}

impl Told {
    /// Type of the event.
    pub fn detail_type(&self) -> String {
        match self {
            Self::Received(told) => format!("document.{}", told.status),
            Self::Issued(told) => format!("issued.{}", told.passing),
            Self::Delivery(told) => format!("delivery.{}", told.state),
        }
    }
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
    /// For order-actions: one for each order.
    pub orders: Vec<OrderMessage>,
    /// For document-render.
    pub renders: Vec<RenderMessage>,
    /// For email-delivery: one for each thing that is to be mailed.
    pub mails: Vec<MailMessage>,
    /// For the event bus.
    pub announcements: Vec<Told>,
}

impl Plan {
    fn turn(&mut self, tenant: TenantId, unit: Option<&UnitId>, document: TurnDocument) {
        let known = |turn: &TurnMessage| turn.tenant == tenant && Some(&turn.unit) == unit;
        if let Some(unit) = unit
            && !self.turns.iter().any(known)
        {
            self.turns.push(TurnMessage { tenant, unit: unit.clone(), document: Some(document) });
        }
    }

    fn order(&mut self, tenant: TenantId, order: OrderId) {
        let message = OrderMessage { tenant, order };
        if !self.orders.contains(&message) {
            self.orders.push(message);
        }
    }

    fn mail(&mut self, mail: MailRef) {
        let message = MailMessage { tenant: mail.tenant, home: mail.home };
        if !self.mails.contains(&message) {
            self.mails.push(message);
        }
    }

    fn delivery(&mut self, tenant: TenantId, delivery: &Delivery) {
        self.announcements.push(Told::Delivery(DeliveryAnnouncement {
            tenant,
            administration: delivery.administration,
            delivery: delivery.id,
            of: delivery.home,
            version: delivery.version,
            state: delivery.state,
            reason: delivery.reason.as_ref().map(|reason| reason.code.clone()),
        }));
    }

    fn received(&mut self, record: &RelayRecord) {
        let (tenant, document) = (record.tenant, &record.document);
        let message = DocumentMessage { tenant, document: document.id, version: document.version };
        match record.step {
            Step::Read => self.read.push(message),
            Step::Evaluate => self.evaluate.push(message),
            Step::Turn => self.turn(tenant, document.unit.as_ref(), document.id.into()),
            Step::Announce => self.announcements.push(Told::Received(Announcement {
                tenant,
                administration: document.administration,
                document: document.id,
                version: document.version,
                status: document.status,
                reason: document.reason.as_ref().map(|reason| reason.code.clone()),
                ledger_number: document.booked.as_ref().map(|booked| booked.ledger_number.clone()),
            })),
        }
    }

    fn issued(&mut self, record: &PassRecord) {
        let (tenant, issued) = (record.tenant, &record.issued);
        // A document is laid out when it is issued, and again when another number than ours comes to count.
        let is_numbered_anew = issued.legal_number().is_some_and(|number| number != issued.number);
        if issued.version == 1 || is_numbered_anew {
            self.renders.push(RenderMessage { tenant, issued: issued.id });
        }
        if let Some(order) = record.watched_by {
            self.order(tenant, order);
        }
        match record.step {
            Step::Turn => self.turn(tenant, issued.unit.as_ref(), issued.id.into()),
            // An issued document is neither read nor decided on: all that is left is to tell.
            Step::Read | Step::Evaluate | Step::Announce => {
                self.announcements.push(Told::Issued(IssuedAnnouncement {
                    tenant,
                    administration: issued.administration,
                    issued: issued.id,
                    version: issued.version,
                    kind: issued.kind,
                    passing: issued.passing,
                    legal_number: issued.legal_number().map(ToOwned::to_owned),
                    reason: issued.reason.as_ref().map(|reason| reason.code.clone()),
                }));
            }
        }
    }
}

/// The table from step to place.
pub fn plan(records: &[StreamRecord]) -> Plan {
    let mut plan = Plan::default();
    for record in records {
        match record {
            StreamRecord::Received(record) => plan.received(record),
            StreamRecord::Issued(record) => plan.issued(record),
            StreamRecord::Order(order) => plan.order(order.tenant, order.order),
            StreamRecord::Mail(mail) => plan.mail(*mail),
            StreamRecord::Delivery(tenant, delivery) => plan.delivery(*tenant, delivery),
        }
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        automation::DocumentFormat,
        document::{Actor, Channel, Delivered, Document},
        ids::{ConnectionId, Id},
        reason::Reason,
        sales::Replacement,
    };
    use store::sales::OrderRef;
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

    fn received(record: RelayRecord) -> StreamRecord {
        StreamRecord::Received(Box::new(record))
    }

    /// An issued document as its head is stored.
    fn issued(step: Step) -> StreamRecord {
        let unit = record(1, Step::Turn).document.unit;
        let id = |prefix: &str| format!("{prefix}{}", Ulid::from_parts(1, 1));
        let issued = serde_json::json!({
            "id": id("iss_"), "administration": id("adm_"), "version": 2, "kind": "invoice", "number": "FV 1",
            "series": id("ser_"), "order": id("ord_"), "issue_date": "2026-03-10", "customer": "X", "currency": "PLN",
            "gross": "98.40", "passing": "failed", "numbering": "ours", "unit": unit, "reason": Reason::new("held", ""),
            "issued_at": "2026-03-10T10:00:00Z", "updated_at": "2026-03-10T10:00:00Z",
        });
        let issued = serde_json::from_value(issued).unwrap();
        let tenant = TenantId::from_ulid(Ulid::from_parts(1, 1));
        StreamRecord::Issued(Box::new(PassRecord { tenant, step, issued, watched_by: None }))
    }

    #[test]
    fn an_issued_document_has_events_of_its_own() {
        let schema: serde_json::Value =
            serde_json::from_str(include_str!("../../../infra/events/issued.json")).unwrap();
        let properties = schema["properties"].as_object().unwrap();
        let states: Vec<serde_json::Value> = properties["passing"]["enum"].as_array().unwrap().clone();
        assert_eq!(states, Passing::ALL.map(Passing::as_str));
        let kinds: Vec<serde_json::Value> = properties["kind"]["enum"].as_array().unwrap().clone();
        assert_eq!(kinds, IssuedKind::ALL.map(IssuedKind::as_str));
        let plan = plan(&[issued(Step::Announce)]);
        assert_eq!(plan.announcements[0].detail_type(), "issued.failed");
        let json = serde_json::to_value(&plan.announcements[0]).unwrap();
        assert!(json.as_object().unwrap().keys().eq(properties.keys()), "{json}");
    }

    #[test]
    fn a_mail_is_told_of_by_its_state_and_without_its_address() {
        let schema: serde_json::Value =
            serde_json::from_str(include_str!("../../../infra/events/delivery.json")).unwrap();
        let properties = schema["properties"].as_object().unwrap();
        let states: Vec<serde_json::Value> = properties["state"]["enum"].as_array().unwrap().clone();
        let under_way = [DeliveryState::Queued, DeliveryState::Sending];
        let told = DeliveryState::ALL.into_iter().filter(|state| !under_way.contains(state));
        assert_eq!(states, told.map(|state| state.as_str().into()).collect::<Vec<serde_json::Value>>());
        let id = Ulid::from_parts(1, 1);
        let tenant = TenantId::from_ulid(id);
        let home = Home::Received(DocumentId::from_ulid(id));
        let delivery = serde_json::json!({
            "id": DeliveryId::from_ulid(id), "home": home, "administration": AdministrationId::from_ulid(id), "version": 3,
            "for": "test", "to": "in@x.example", "form": "attachment", "state": "bounced", "reason": Reason::new("held", ""),
            "due": "2026-03-10T10:00:00Z", "by": { "kind": "system" }, "at": "2026-03-10T10:00:00Z",
            "updated_at": "2026-03-10T10:00:00Z",
        });
        let delivery: Delivery = serde_json::from_value(delivery).unwrap();
        let armed = StreamRecord::Mail(MailRef { tenant, home });
        let plan = plan(&[armed.clone(), StreamRecord::Delivery(tenant, Box::new(delivery)), armed]);
        assert_eq!(plan.mails, [MailMessage { tenant, home }]);
        assert_eq!(plan.announcements[0].detail_type(), "delivery.bounced");
        let json = serde_json::to_value(&plan.announcements[0]).unwrap();
        assert!(json.as_object().unwrap().keys().eq(properties.keys()), "{json}");
        assert!(!json.to_string().contains('@'));
    }

    #[test]
    fn each_step_has_one_place() {
        for step in Step::ALL {
            let plan = plan(&[received(record(1, *step))]);
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
    fn an_order_is_looked_at_once_a_batch() {
        let StreamRecord::Issued(mut watched) = issued(Step::Announce) else { panic!("it is issued") };
        let order = watched.issued.order;
        assert_eq!(plan(&[StreamRecord::Issued(watched.clone())]).orders, [], "nothing waits for it");
        watched.watched_by = Some(order);
        let tenant = watched.tenant;
        let run = StreamRecord::Order(OrderRef { tenant, order });
        let plan = plan(&[run, StreamRecord::Issued(watched)]);
        assert_eq!(plan.orders, [OrderMessage { tenant, order }]);
    }

    #[test]
    fn a_document_is_laid_out_when_it_is_issued_and_when_it_is_numbered_anew() {
        let laid_out = |version: u32, number: Option<&str>| {
            let StreamRecord::Issued(mut record) = issued(Step::Announce) else { panic!("it is issued") };
            record.issued.version = version;
            record.issued.replacement = number.map(|number| Replacement {
                number: Some(number.to_owned()),
                pdf: None,
                by: Actor::System,
                at: chrono::DateTime::UNIX_EPOCH,
            });
            plan(&[StreamRecord::Issued(record)]).renders.len()
        };
        assert_eq!((laid_out(1, None), laid_out(2, None), laid_out(2, Some("7/2026"))), (1, 0, 1));
    }

    #[test]
    fn a_unit_is_woken_once_a_batch() {
        let plan = plan(&[received(record(1, Step::Turn)), received(record(2, Step::Turn)), issued(Step::Turn)]);
        assert_eq!(plan.turns.len(), 1);
        assert_eq!(plan.turns[0].document, Some(record(1, Step::Turn).document.id.into()));
    }

    #[test]
    fn an_announcement_names_and_carries_no_content() {
        let plan = plan(&[received(record(1, Step::Announce))]);
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
        let json = serde_json::to_value(&plan(&[received(full)]).announcements[0]).unwrap();
        assert!(json.as_object().unwrap().keys().eq(properties.keys()), "{json}");
    }
}
