//! An office that exports: facilities set up through the API, documents that are ready.

use crate::{Person, Pipeline, Ubl};
use chrono::TimeDelta;
use domain::{
    contact::Contact,
    content::{Coded, Content},
    document::{Actor, Document, Status, Step},
    export::Run,
    ids::{AdministrationId, DocumentId, FacilityId, Id as _, RunId},
    office::Administration,
    permission::Role,
    posting::Posting,
    time::Instant,
};
use serde_json::{Value, json};
use store::{
    Read,
    document::{Change, Created, File, Record},
    settings::Author,
};

/// Who sets exports up, who exports, and the facility that is active.
#[derive(Debug, Clone)]
pub struct Exporting {
    /// Sets facilities and jobs up.
    pub superuser: Person,
    /// On whose behalf jobs run.
    pub finance: Person,
    /// The facility.
    pub facility: FacilityId,
}

impl Pipeline {
    /// A path of the administration.
    pub fn of_books(&self, path: &str) -> String {
        format!("/administrations/{}/{path}", self.office.administration)
    }

    /// Asks, and expects to be answered with this status.
    pub async fn asks(&self, who: &Person, method: &str, path: &str, body: Value, status: u16) -> Value {
        // An edit says which version it was made from.
        let version = if method == "PUT" { Some(self.version_of(who, path).await) } else { None };
        let (answered, body) = self.ask(who, method, path, version, body).await;
        assert_eq!(answered, status, "{method} {path}: {body}");
        body
    }

    async fn version_of(&self, who: &Person, path: &str) -> u32 {
        let (of, _) = path.rsplit_once('/').unwrap();
        let (_, shown) = self.ask(who, "GET", of, None, Value::Null).await;
        shown["version"].as_u64().unwrap().try_into().unwrap()
    }

    /// Sets up an active facility with these settings, step by step, as a person does.
    pub async fn facility(&self, superuser: &Person, system: Value, configuration: Value) -> FacilityId {
        let facilities = self.of_books("export-facilities");
        let made = self.asks(superuser, "POST", &facilities, json!({ "name": "Export" }), 201).await;
        let id: FacilityId = made["id"].as_str().unwrap().parse().unwrap();
        let facility = format!("{facilities}/{id}");
        self.asks(superuser, "PUT", &format!("{facility}/system"), system, 200).await;
        self.asks(superuser, "PUT", &format!("{facility}/configuration"), configuration, 200).await;
        self.asks(superuser, "POST", &format!("{facility}/activate"), Value::Null, 200).await;
        id
    }

    /// An office that exports files of a format, and its people.
    pub async fn exporting(&self, format: &str, options: Value) -> Exporting {
        let superuser = self.person("sara", &[Role::Superuser]).await;
        let finance = self.person("fien", &[Role::Finance]).await;
        let system = json!({ "kind": "file", "format": format });
        let facility = self.facility(&superuser, system, json!({ "options": options })).await;
        Exporting { superuser, finance, facility }
    }

    /// Sets the job of a facility.
    pub async fn set_job(&self, exporting: &Exporting, job: Value) -> Value {
        let path = self.of_books(&format!("export-facilities/{}/job", exporting.facility));
        let mut body = json!({ "on_behalf_of": [exporting.finance.user], "switch": "on" });
        for (name, value) in job.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.asks(&exporting.superuser, "PUT", &path, body, 200).await
    }

    /// The next instants at which the facility's job runs.
    pub async fn next_runs(&self, exporting: &Exporting) -> Vec<Instant> {
        let path = self.of_books(&format!("export-facilities/{}/next-runs", exporting.facility));
        let shown = self.asks(&exporting.finance, "GET", &path, Value::Null, 200).await;
        shown["runs"].as_array().unwrap().iter().map(|run| run["utc"].as_str().unwrap().parse().unwrap()).collect()
    }

    /// Moves time to the next run of the facility's job.
    pub async fn wait_for_run(&mut self, exporting: &Exporting) -> Instant {
        let next = *self.next_runs(exporting).await.first().expect("a next run");
        self.advance(next - self.now() + TimeDelta::seconds(30));
        next
    }

    /// Documents that are ready to export: no rule posts them, and Finance released them.
    pub async fn ready(&self, finance: &Person, invoices: &[Ubl]) -> Vec<DocumentId> {
        let mut ids = Vec::new();
        for invoice in invoices {
            let document = self.process(invoice).await;
            assert_eq!(document.status, Status::Complete, "{:?}", document.reason);
            self.asks(finance, "POST", &format!("/documents/{}/ready", document.id), Value::Null, 200).await;
            ids.push(document.id);
        }
        self.run().await;
        ids
    }

    /// The runs of the administration, the latest first.
    pub async fn export_runs(&self, who: &Person) -> Vec<Value> {
        let shown = self.asks(who, "GET", &self.of_books("export-runs"), Value::Null, 200).await;
        shown["items"].as_array().unwrap().clone()
    }

    /// A run as it is kept.
    pub async fn export_run(&self, id: RunId) -> Run {
        self.office.store().exports(self.office.administration).get(id).await.unwrap().unwrap()
    }

    /// The bytes of a run's file.
    pub fn export_file(&self, run: RunId) -> Vec<u8> {
        self.store.object(&format!("{}/exports/{run}/file", self.office.tenant)).expect("a file")
    }

    /// Documents as they are now.
    pub async fn documents(&self, ids: &[DocumentId]) -> Vec<Document> {
        let mut documents = Vec::new();
        for id in ids {
            documents.push(self.document(*id).await);
        }
        documents
    }

    /// As [`Pipeline::ready`], quickly: the first one is read, the others are stored as it was read, each with its own number;
    /// `change` changes what is booked.
    pub async fn copies_ready(
        &self,
        finance: &Person,
        invoices: &[Ubl],
        change: impl Fn(&str, &mut Posting),
    ) -> Vec<DocumentId> {
        let first = self.ready(finance, &invoices[..1]).await[0];
        let (head, content) = (self.document(first).await, self.content(first).await);
        let mut ids = vec![first];
        for invoice in &invoices[1..] {
            let id = runtime::clock::new_id(self.now());
            self.put_copy(&head, &content, id, |head, content| {
                head.number = Some(invoice.number.clone());
                if let Some(invoice_read) = &mut content.invoice {
                    invoice_read.number = Some(invoice.number.clone());
                }
                if let Coded::Complete { posting } = &mut content.coded {
                    posting.number.clone_from(&invoice.number);
                    change(&invoice.number, posting);
                }
            })
            .await;
            ids.push(id);
        }
        ids
    }

    async fn put_copy(
        &self,
        of: &Document,
        content: &Content,
        id: DocumentId,
        change: impl FnOnce(&mut Document, &mut Content),
    ) {
        let documents = self.office.store().documents();
        let version = 3;
        let mut copy = Document { id, version, content_version: Some(version), ..of.clone() };
        let mut content = content.clone();
        change(&mut copy, &mut content);
        let writer = crate::office::unique(self.now());
        documents.put_file(id, File::Source, b"<Invoice/>".to_vec(), "application/xml").await.unwrap();
        documents.put_content(id, version, &content, &writer).await.unwrap();
        let created = documents.create(&copy, None, None, &writer).await.unwrap();
        assert_eq!(created, Created::New);
    }

    /// Somebody deletes a booking in the ledger, with what hangs on it.
    pub fn delete_booking(&self, ledger_id: &str) {
        self.exact.change(|state| {
            let books = state.division_mut(simulators::exact::seed::DIVISION).unwrap();
            let is_it = |entry: &simulators::exact::books::Entry| entry.id.to_string() == ledger_id;
            let document = books.entries.iter().find(|entry| is_it(entry)).and_then(|entry| entry.document);
            books.entries.retain(|entry| !is_it(entry));
            books.documents.retain(|one| Some(one.id) != document);
        });
    }

    /// The document is in another currency than the books are.
    pub async fn in_currency(&self, id: DocumentId, currency: &str) -> DocumentId {
        let currency = currency.parse().unwrap();
        let before = self.document(id).await;
        let mut content = self.content(id).await;
        content.invoice.as_mut().unwrap().currency = Some(currency);
        if let Coded::Complete { posting } = &mut content.coded {
            posting.currency = currency;
        }
        let version = before.version + 1;
        let after = Document { version, content_version: Some(version), currency: Some(currency), ..before.clone() };
        let writer = crate::office::unique(self.now());
        let documents = self.office.store().documents();
        documents.put_content(id, version, &content, &writer).await.unwrap();
        documents.rest(Change::new(&before, &after, Step::Announce, Record::Covered), &writer).await.unwrap();
        id
    }

    /// A second administration with the same supplier, a facility and a job of its own, and one document that is ready.
    pub async fn second_books(&self, e: &Exporting) -> AdministrationId {
        let other = AdministrationId::from_ulid(ulid::Ulid::from_parts(1_763_700_000_000, 777));
        let store = self.office.store();
        let now = self.now();
        let writer = crate::office::unique(now);
        let author = Author { by: &Actor::Operator, at: now, writer: &writer };
        let books = store.administrations().get(self.office.administration, Read::Consistent).await.unwrap().unwrap();
        let books = Administration { id: other, unit: None, version: 1, ..books };
        store.administrations().create(&books, &author).await.unwrap();
        let supplier = Contact { version: 1, ..self.office.get_supplier().await };
        store.contacts(other).create(&supplier, &author).await.unwrap();
        let facilities = format!("/administrations/{other}/export-facilities");
        let made = self.asks(&e.superuser, "POST", &facilities, json!({ "name": "Other" }), 201).await;
        let facility = format!("{facilities}/{}", made["id"].as_str().unwrap());
        let system = json!({ "kind": "file", "format": "csv" });
        self.asks(&e.superuser, "PUT", &format!("{facility}/system"), system, 200).await;
        self.asks(&e.superuser, "POST", &format!("{facility}/activate"), Value::Null, 200).await;
        let job = json!({ "frequency": "hourly", "on_behalf_of": [e.finance.user], "switch": "on" });
        self.asks(&e.superuser, "PUT", &format!("{facility}/job"), job, 200).await;
        let ready = store.documents().ready(self.office.administration, None, 1).await.unwrap();
        let of = &ready.items[0];
        let content = self.content(of.id).await;
        let id = runtime::clock::new_id(now);
        self.put_copy(of, &content, id, |head, _| head.administration = other).await;
        other
    }
}
