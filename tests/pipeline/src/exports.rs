//! An office that exports: facilities set up through the API, documents that are ready.

use crate::{Person, Pipeline, Ubl};
use chrono::TimeDelta;
use domain::{
    document::{Document, Status},
    export::Run,
    ids::{DocumentId, FacilityId, RunId},
    permission::Role,
    time::Instant,
};
use serde_json::{Value, json};

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
        self.store.object(&format!("exports/{}/{run}/file", self.office.tenant)).expect("a file")
    }

    /// Documents as they are now.
    pub async fn documents(&self, ids: &[DocumentId]) -> Vec<Document> {
        let mut documents = Vec::new();
        for id in ids {
            documents.push(self.document(*id).await);
        }
        documents
    }
}
