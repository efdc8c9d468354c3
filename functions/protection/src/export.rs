//! The export of a tenant: JSON lines by kind and the original files, in archives of a bounded size. A step writes one archive.
//!
//! Everything is read through the repositories of that one tenant, whose keys begin with it: another tenant's data cannot get in.
//! What opens a ledger (tokens, codes of consents) is in no repository that is read here.

use crate::{App, ProtectionError, sales};
use chrono::TimeDelta;
use domain::{
    document::{Document, UnitId},
    ids::{AdministrationId, DocumentId, TurnDocument},
    mail::Home,
    protection::{Export, ExportPart, ExportPlace, Job, JobWork, LISTS, SalesList},
    reason::Reason,
    time::Instant,
};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    io::{Cursor as Place, Write as _},
};
use store::{
    Cursor, ErrorKind, Read, Store, SystemStore, TenantStore,
    document::{File, Filter, SOURCE_BYTES_MAX},
    settings::AuditFilter,
};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

/// An archive is closed when so many bytes went into it, before they were packed.
const PART_BYTES: usize = 16 * 1024 * 1024;
/// Or when so many pages of lists went into it: a step stays within its time.
const PART_PAGES: usize = 40;
/// Documents of a page: their originals are in memory together.
const DOCUMENTS_AT_ONCE: usize = 4;
/// Entries of a page of anything else.
const ENTRIES_AT_ONCE: usize = 100;

/// What goes into one archive.
pub(crate) struct Volume {
    number: u32,
    zip: ZipWriter<Place<Vec<u8>>>,
    /// What the files in it measure, unpacked.
    bytes: usize,
    lines: BTreeMap<&'static str, Vec<u8>>,
    counts: BTreeMap<String, u64>,
}

impl Volume {
    fn new(number: u32, counts: BTreeMap<String, u64>) -> Self {
        Self { number, zip: ZipWriter::new(Place::new(Vec::new())), bytes: 0, lines: BTreeMap::new(), counts }
    }

    /// Files tell no time of their own, so that a step done twice writes the same bytes.
    fn add(&mut self, name: &str, content: &[u8]) -> Result<(), ProtectionError> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::DEFAULT);
        self.zip.start_file(name, options)?;
        self.zip.write_all(content)?;
        self.bytes += content.len();
        Ok(())
    }

    pub(crate) fn line(&mut self, kind: &'static str, value: &impl Serialize) -> Result<(), ProtectionError> {
        let lines = self.lines.entry(kind).or_default();
        serde_json::to_writer(&mut *lines, value)?;
        lines.push(b'\n');
        *self.counts.entry(kind.to_owned()).or_default() += 1;
        Ok(())
    }

    pub(crate) fn file(&mut self, name: &str, content: &[u8]) -> Result<(), ProtectionError> {
        self.add(name, content)?;
        *self.counts.entry("files".to_owned()).or_default() += 1;
        Ok(())
    }

    fn len(&self) -> usize {
        self.bytes + self.lines.values().map(Vec::len).sum::<usize>()
    }

    fn finish(mut self) -> Result<(Vec<u8>, BTreeMap<String, u64>), ProtectionError> {
        for (kind, lines) in std::mem::take(&mut self.lines) {
            self.add(&format!("data/{:04}/{kind}.jsonl", self.number), &lines)?;
        }
        Ok((self.zip.finish()?.into_inner(), self.counts))
    }
}

/// Writes the next archive.
pub(crate) async fn step(
    app: &App,
    tenant: &TenantStore,
    job: &Job,
    progress: &Export,
) -> Result<Job, ProtectionError> {
    let number = u32::try_from(progress.parts.len()).unwrap_or(u32::MAX).saturating_add(1);
    let mut volume = Volume::new(number, progress.counts.clone());
    let administrations: BTreeSet<AdministrationId> =
        tenant.administrations().all_even_deleted().await?.iter().map(|administration| administration.id).collect();
    let mut place = progress.place.clone();
    let mut pages = 0;
    while place != ExportPlace::End && volume.len() < PART_BYTES && pages < PART_PAGES {
        place = page(app, tenant, &administrations, place, &mut volume).await?;
        pages += 1;
    }
    let now = app.clock.now();
    if place == ExportPlace::End {
        let manifest = json!({
            "tenant": tenant.id(), "export": job.id, "begun": job.requested_at, "ended": now,
            "counts": volume.counts, "earlier_archives": progress.parts,
            "form": "data/<archive>/<kind>.jsonl holds a JSON value a line; files/<document>/ holds what was delivered, and \
                     the PDFs of what was issued.",
            "not_in_it": "Tokens of ledgers. What changed while the export ran stands as it was seen.",
        });
        volume.add("manifest.json", &serde_json::to_vec_pretty(&manifest)?)?;
    }
    let (bytes, counts) = volume.finish()?;
    let sha256 = Sha256::digest(&bytes).iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _written = write!(text, "{byte:02x}");
        text
    });
    let part = ExportPart { number, size: bytes.len() as u64, sha256 };
    // The archive of a step that died is written over.
    tenant.jobs().put_archive(job.id, number, bytes).await?;
    let mut parts = progress.parts.clone();
    parts.push(part);
    let ended = place == ExportPlace::End;
    let work = JobWork::Export { progress: Export { place, parts, counts: counts.clone() } };
    if !ended {
        return Ok(job.stepped(work, now));
    }
    let counted: Vec<_> = counts.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let report = vec![Reason::new("exported", &format!("Exported: {}.", counted.join(", ")))];
    tracing::info!(tenant = %tenant.id(), job = %job.id, archives = number, "Exported.");
    Ok(Job { work, ..job.done(now, report) })
}

/// Adds a page to an archive. Where it goes on.
async fn page(
    app: &App,
    tenant: &TenantStore,
    administrations: &BTreeSet<AdministrationId>,
    place: ExportPlace,
    volume: &mut Volume,
) -> Result<ExportPlace, ProtectionError> {
    match place {
        ExportPlace::Office => {
            office(tenant, volume).await?;
            Ok(ExportPlace::Books { administration: 0, cursor: None })
        }
        ExportPlace::Books { administration, cursor } => match administrations.iter().nth(administration) {
            None => Ok(ExportPlace::Documents { administration: 0, list: 0, cursor: None }),
            Some(id) => match books(tenant, *id, cursor, volume).await? {
                Some(cursor) => Ok(ExportPlace::Books { administration, cursor: Some(cursor) }),
                None => Ok(ExportPlace::Books { administration: administration + 1, cursor: None }),
            },
        },
        ExportPlace::Documents { administration, list, cursor } => match administrations.iter().nth(administration) {
            None => {
                under_way(&app.store, tenant, app.clock.now(), volume).await?;
                Ok(ExportPlace::Sales { administration: 0, list: SalesList::Orders, cursor: None })
            }
            Some(id) => match documents(tenant, *id, list, cursor, volume).await? {
                Some(cursor) => Ok(ExportPlace::Documents { administration, list, cursor: Some(cursor) }),
                None if list < LISTS.len() => {
                    Ok(ExportPlace::Documents { administration, list: list + 1, cursor: None })
                }
                None => Ok(ExportPlace::Documents { administration: administration + 1, list: 0, cursor: None }),
            },
        },
        ExportPlace::Sales { administration, list, cursor } => match administrations.iter().nth(administration) {
            None => Ok(ExportPlace::Audit { cursor: None }),
            Some(id) => Ok(match sales::list(tenant, *id, list, cursor, volume).await? {
                Some(cursor) => ExportPlace::Sales { administration, list, cursor: Some(cursor) },
                None => match list {
                    SalesList::Orders => ExportPlace::Sales { administration, list: SalesList::Unpassed, cursor: None },
                    SalesList::Unpassed => {
                        ExportPlace::Sales { administration, list: SalesList::Settled, cursor: None }
                    }
                    SalesList::Settled => {
                        ExportPlace::Sales { administration: administration + 1, list: SalesList::Orders, cursor: None }
                    }
                },
            }),
        },
        ExportPlace::Audit { cursor } => {
            let cursor = cursor.map(Cursor::new);
            let listed = tenant.audit().list(&AuditFilter::default(), cursor.as_ref(), ENTRIES_AT_ONCE).await?;
            for entry in listed.items {
                let line = json!({
                    "at": entry.at, "by": entry.by.to_string(), "what": entry.what, "subject": entry.subject,
                    "before": entry.before, "after": entry.after,
                });
                volume.line("audit", &line)?;
            }
            Ok(match listed.next {
                Some(next) => ExportPlace::Audit { cursor: Some(next.as_str().to_owned()) },
                None => ExportPlace::End,
            })
        }
        ExportPlace::End => Ok(ExportPlace::End),
    }
}

async fn office(tenant: &TenantStore, volume: &mut Volume) -> Result<(), ProtectionError> {
    if let Some(office) = tenant.office().get(Read::Consistent).await? {
        volume.line("tenant", &office.value)?;
    }
    for user in tenant.users().list().await? {
        volume.line("users", &user)?;
    }
    for connection in tenant.connections().all().await? {
        volume.line("connections", &connection)?;
    }
    for package in tenant.mail_packages().all().await? {
        volume.line("mail_packages", &package)?;
    }
    for administration in tenant.administrations().all_even_deleted().await? {
        volume.line("administrations", &administration)?;
    }
    Ok(())
}

/// Contacts with their templates and rules, every version of them.
async fn books(
    tenant: &TenantStore,
    administration: AdministrationId,
    cursor: Option<String>,
    volume: &mut Volume,
) -> Result<Option<String>, ProtectionError> {
    let cursor = cursor.map(Cursor::new);
    if cursor.is_none() {
        exports(tenant, administration, volume).await?;
    }
    let listed = tenant.contacts(administration).list(cursor.as_ref(), ENTRIES_AT_ONCE).await?;
    for contact in listed.items {
        volume.line("contacts", &json!({ "administration": administration, "contact": contact }))?;
        if let Some(template) = tenant.templates(administration).get(contact.id, Read::Eventual).await? {
            let line = json!({
                "administration": administration, "contact": contact.id, "version": template.version,
                "template": template.value,
            });
            volume.line("templates", &line)?;
        }
        let rules = tenant.rules(administration);
        for rule in rules.of_contact(contact.id).await? {
            let history = rules.history(rule.id).await?.map(|history| history.versions).unwrap_or_default();
            let versions: Vec<_> = history
                .iter()
                .map(|version| json!({ "rule": version.rule, "at": version.at, "by": version.by.to_string() }))
                .collect();
            volume.line("rules", &json!({ "administration": administration, "rule": rule, "versions": versions }))?;
        }
    }
    Ok(listed.next.map(|next| next.as_str().to_owned()))
}

/// Facilities, and runs with what they exported; a run's documents tell themselves which run they are in.
async fn exports(
    tenant: &TenantStore,
    administration: AdministrationId,
    volume: &mut Volume,
) -> Result<(), ProtectionError> {
    for facility in tenant.facilities(administration).all().await? {
        volume.line("export_facilities", &facility)?;
    }
    let mail = tenant.mail_connections(administration).all(Read::Eventual).await?;
    for connection in &mail.connections {
        volume.line("mail_connections", connection)?;
    }
    for suspension in &mail.suspended {
        volume.line("mail_suspensions", suspension)?;
    }
    if let Some(own) = &mail.customer_text {
        volume.line("customer_mail_texts", &json!({ "administration": administration, "text": own.value }))?;
    }
    let mut cursor = None;
    loop {
        let listed = tenant.exports(administration).list(cursor.as_ref(), ENTRIES_AT_ONCE).await?;
        for run in listed.items {
            volume.line("export_runs", &run)?;
        }
        cursor = listed.next;
        if cursor.is_none() {
            return Ok(());
        }
    }
}

async fn documents(
    tenant: &TenantStore,
    administration: AdministrationId,
    list: usize,
    cursor: Option<String>,
    volume: &mut Volume,
) -> Result<Option<String>, ProtectionError> {
    let cursor = cursor.map(Cursor::new);
    let (documents, next) = match LISTS.get(list) {
        Some(list) => {
            let of = tenant.documents();
            let listed = of.list(administration, *list, Filter::default(), cursor.as_ref(), DOCUMENTS_AT_ONCE).await?;
            (listed.items, listed.next)
        }
        None => match unit_of(tenant, administration).await? {
            None => (Vec::new(), None),
            Some(unit) => {
                let listed = tenant.documents().waiting(&unit, cursor.as_ref(), DOCUMENTS_AT_ONCE).await?;
                let mut documents = Vec::new();
                for id in listed.items {
                    match id {
                        TurnDocument::Received(id) => {
                            documents.extend(tenant.documents().get(id, Read::Consistent).await?);
                        }
                        // Issued documents stand in lists of their own, on their way or not.
                        TurnDocument::Issued(_) => {}
                    }
                }
                (documents, listed.next)
            }
        },
    };
    for document in documents {
        whole(tenant, &document, volume).await?;
    }
    Ok(next.map(|next| next.as_str().to_owned()))
}

/// The unit into which an administration's documents are posted.
pub(crate) async fn unit_of(
    tenant: &TenantStore,
    administration: AdministrationId,
) -> Result<Option<UnitId>, ProtectionError> {
    let administration = tenant.administrations().get_even_deleted(administration).await?;
    Ok(administration.and_then(|administration| administration.unit))
}

/// Documents that are being read at this moment are in no list.
async fn under_way(
    store: &Store,
    tenant: &TenantStore,
    now: Instant,
    volume: &mut Volume,
) -> Result<(), ProtectionError> {
    let soon = now + TimeDelta::days(1);
    for shard in 0..SystemStore::SHARDS {
        for found in store.system().stuck(shard, soon, ENTRIES_AT_ONCE).await? {
            if found.tenant == tenant.id()
                && let Some(document) = tenant.documents().get(found.document, Read::Consistent).await?
            {
                whole(tenant, &document, volume).await?;
            }
        }
    }
    Ok(())
}

/// A document with everything that was read, decided and done, and its files.
async fn whole(tenant: &TenantStore, document: &Document, volume: &mut Volume) -> Result<(), ProtectionError> {
    let of = tenant.documents();
    let contents: Vec<_> = of.contents(document.id).await?;
    let contents: Vec<_> =
        contents.iter().map(|(version, content)| json!({ "version": version, "content": content })).collect();
    let decisions: Vec<_> = of.traces(document.id).await?;
    let decisions: Vec<_> =
        decisions.iter().map(|traced| json!({ "version": traced.version, "decision": traced.decision })).collect();
    let history = of.history(document.id).await?;
    let mails = tenant.deliveries().of(Home::Received(document.id), Read::Eventual).await?.deliveries;
    let line = json!({
        "document": document, "readings": contents, "decisions": decisions, "history": history, "mails": mails
    });
    volume.line("documents", &line)?;
    let extension = document.file_name.rsplit_once('.').map_or("bin", |(_, extension)| extension);
    let extension: String = extension.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    for (file, name) in [(File::Source, format!("source.{extension}")), (File::Fields, "fields.json".to_owned())] {
        if let Some(bytes) = file_of(tenant, document.id, file).await? {
            volume.file(&format!("files/{}/{name}", document.id), &bytes)?;
        }
    }
    Ok(())
}

async fn file_of(tenant: &TenantStore, id: DocumentId, file: File) -> Result<Option<Vec<u8>>, ProtectionError> {
    match tenant.documents().file(id, file, SOURCE_BYTES_MAX).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}
