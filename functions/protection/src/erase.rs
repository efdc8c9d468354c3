//! Erasure: of a person's data, and of a tenant. Nothing is erased that a law wants kept; what was kept is said with its reason.

use crate::{After, App, ProtectionError, export::unit_of, sales};
use chrono::{NaiveTime, TimeDelta};
use domain::{
    automation::AutomationSwitch,
    document::Actor,
    ids::{AdministrationId, UserId},
    office::{ConnectionState, UserState},
    permission::Role,
    protection::{
        Deletion, DeletionStage, Erasure, Job, JobWork, LISTS, Tombstone, erasable_from, erased_user, pseudonym,
        pseudonymous_address,
    },
    reason::Reason,
    time::{Date, Instant},
};
use serde_json::Value;
use std::collections::BTreeSet;
use store::{
    Cursor, Part, Read, TenantStore, Wiped, Writer,
    document::Filter,
    settings::{AuditFilter, Author, LastSuperuser},
};

/// Documents of a step.
const DOCUMENTS_AT_ONCE: usize = 25;
/// Entries of the audit record of a step.
const ENTRIES_AT_ONCE: usize = 50;
/// Somebody else may be editing: so often a change is tried in one step.
const EDITS_MAX: usize = 3;

/// Takes a person's data out of the details of the audit record. The settings hold a pseudonym already.
pub(crate) async fn person(app: &App, tenant: &TenantStore, job: &Job, user: UserId) -> Result<Job, ProtectionError> {
    let now = app.clock.now();
    tenant.users().forget_logins(user).await?;
    let erased = erase_details(tenant, user, now).await?;
    let report = [
        ("erased_settings", "Name, address, links to ledger users and the login are erased; the id stays.".to_owned()),
        ("erased_audit", format!("{erased} entries of the audit record show a pseudonym instead of name and address.")),
        ("kept_history", "Kept: what was done, under the id; history and audit record have to stay true.".to_owned()),
        (
            "kept_reasons",
            "Kept: reasons that people wrote in their own words, as part of a document's history.".to_owned(),
        ),
        ("kept_ledger", "Kept: what stands in the ledger under this person's name there; it is not ours.".to_owned()),
        ("kept_answers", "Kept for a day at most: answers to requests that may be repeated.".to_owned()),
        ("kept_backups", "Kept for 35 days at most: the tables' backups.".to_owned()),
    ];
    Ok(job.done(now, report.iter().map(|(code, text)| Reason::new(code, text)).collect()))
}

async fn erase_details(tenant: &TenantStore, user: UserId, now: Instant) -> Result<u32, ProtectionError> {
    let subject = user.to_string();
    let erased = tenant
        .audit()
        .erase_details(&subject, now, |value| {
            if let Value::Object(fields) = value {
                for (field, text) in [("name", pseudonym(user)), ("email", pseudonymous_address(user))] {
                    if fields.contains_key(field) {
                        fields.insert(field.to_owned(), Value::String(text));
                    }
                }
                fields.remove("ledger_users");
            }
        })
        .await?;
    Ok(erased)
}

fn deletes(job: &Job, progress: Erasure, due: Instant) -> After {
    After::Job(Box::new(job.stepped(JobWork::DeleteTenant { progress }, due)))
}

/// Goes on with the deletion of a tenant.
pub(crate) async fn tenant(
    app: &App,
    tenant: &TenantStore,
    job: &Job,
    progress: &Erasure,
    writer: &Writer,
) -> Result<After, ProtectionError> {
    let now = app.clock.now();
    // Settings go before the job does: then there is nothing left to be asked.
    if let Erasure::Wipe { store, cursor } = progress {
        return wipe(tenant, job, (*store, cursor.as_deref()), now).await;
    }
    let deletion = tenant.deletion().get(Read::Consistent).await?;
    let Some(deletion) = deletion.filter(|deletion| is_of(deletion, job)) else {
        return cancelled(app, tenant, job, progress).await;
    };
    let author = Author { by: &Actor::System, at: now, writer };
    match progress {
        Erasure::Close => {
            close(tenant, &author).await?;
            for user in tenant.users().list().await? {
                // Superusers stay able to export and to cancel.
                if !user.roles.contains(Role::Superuser) {
                    app.logins.close(&user.email).await?;
                }
            }
            tracing::info!(tenant = %tenant.id(), "Closed.");
            Ok(deletes(job, Erasure::Grace, deletion.erases_at().unwrap_or(now)))
        }
        Erasure::Grace => {
            if let Some(at) = deletion.erases_at().filter(|at| *at > now) {
                return Ok(deletes(job, Erasure::Grace, at));
            }
            // From here on nobody takes it back.
            let erasing = deletion.erasing(job.id, now, None);
            tenant.deletion().put(Some(&deletion), &erasing, &author).await?;
            Ok(deletes(job, Erasure::Persons, now))
        }
        Erasure::Persons => {
            // A consent that was under way may have brought tokens since.
            close(tenant, &author).await?;
            persons(app, tenant, now, &author).await?;
            Ok(deletes(job, Erasure::Deleted { cursor: None }, now))
        }
        Erasure::Deleted { cursor } => {
            let users = AuditFilter { kind: Some("user".to_owned()), ..AuditFilter::default() };
            let cursor = cursor.as_deref().map(Cursor::new);
            let listed = tenant.audit().list(&users, cursor.as_ref(), ENTRIES_AT_ONCE).await?;
            let subjects: BTreeSet<&str> = listed.items.iter().map(|entry| entry.subject.as_str()).collect();
            for user in subjects.into_iter().filter_map(|subject| subject.parse().ok()) {
                erase_details(tenant, user, now).await?;
            }
            let progress = match listed.next {
                Some(next) => Erasure::Deleted { cursor: Some(next.as_str().to_owned()) },
                None => Erasure::Documents { administration: 0, list: 0, cursor: None, kept_until: None },
            };
            Ok(deletes(job, progress, now))
        }
        Erasure::Documents { administration, list, cursor, kept_until } => {
            let place = (*administration, *list, cursor.as_deref(), *kept_until);
            documents(tenant, job, &deletion, place, &author).await
        }
        // Handled above; the match names every step.
        Erasure::Wipe { .. } => Ok(deletes(job, progress.clone(), now)),
    }
}

fn is_of(deletion: &Deletion, job: &Job) -> bool {
    match &deletion.stage {
        DeletionStage::Requested => false,
        DeletionStage::Confirmed { job: of, .. } | DeletionStage::Erasing { job: of, .. } => *of == job.id,
    }
}

/// It was taken back, or never confirmed: logins are opened again. Automatic posting stays off, and tokens are gone.
async fn cancelled(app: &App, tenant: &TenantStore, job: &Job, progress: &Erasure) -> Result<After, ProtectionError> {
    if *progress != Erasure::Close {
        for user in tenant.users().list().await? {
            if user.state == UserState::Active {
                app.logins.open(&user.email).await?;
            }
        }
    }
    let text = "The deletion was cancelled. Users can sign in again. Connect the ledgers anew and switch automatic posting on.";
    let report = vec![Reason::new("cancelled", text)];
    Ok(After::Job(Box::new(job.done(app.clock.now(), report))))
}

/// Automatic posting off, tokens forgotten.
async fn close(tenant: &TenantStore, author: &Author<'_>) -> Result<(), ProtectionError> {
    for connection in tenant.connections().all().await? {
        // None of the ledgers has a call that revokes tokens: they are forgotten, and lapse there by themselves.
        tenant.eraser().credential(connection.id).await?;
        for attempt in 1.. {
            let Some(before) = tenant.connections().get(connection.id, Read::Consistent).await? else { break };
            let mut after = before.clone();
            after.automation = AutomationSwitch::Off;
            if after.state == ConnectionState::Connected {
                after.state = ConnectionState::ReconnectNeeded;
            }
            if after == before {
                break;
            }
            after.version = before.version.saturating_add(1);
            match tenant.connections().replace(&before, &after, author).await {
                Ok(()) => break,
                Err(error) if error.is_conflict() && attempt < EDITS_MAX => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

/// Users become pseudonyms and their logins go, those of the last Superuser too.
async fn persons(app: &App, tenant: &TenantStore, now: Instant, author: &Author<'_>) -> Result<(), ProtectionError> {
    for user in tenant.users().list().await? {
        app.logins.delete(&user.email).await?;
        if user.name != pseudonym(user.id) {
            tenant.users().erase(&user, &erased_user(&user), LastSuperuser::Goes, author).await?;
        }
        erase_details(tenant, user.id, now).await?;
    }
    Ok(())
}

/// The day on which retention ends for a document of an administration, by the country of its ledger's licence.
async fn country_of(tenant: &TenantStore, administration: AdministrationId) -> Result<Option<String>, ProtectionError> {
    let Some(unit) = unit_of(tenant, administration).await? else { return Ok(None) };
    let connection = tenant.connections().get(unit.connection, Read::Eventual).await?;
    Ok(connection.map(|connection| connection.licence_country))
}

fn earlier(one: Option<Date>, other: Date) -> Date {
    one.map_or(other, |one| one.min(other))
}

async fn documents(
    tenant: &TenantStore,
    job: &Job,
    deletion: &Deletion,
    (place, list, cursor, mut kept_until): (usize, usize, Option<&str>, Option<Date>),
    author: &Author<'_>,
) -> Result<After, ProtectionError> {
    let now = author.at;
    let administrations: BTreeSet<AdministrationId> =
        tenant.administrations().all_even_deleted().await?.iter().map(|administration| administration.id).collect();
    let Some(administration) = administrations.iter().nth(place).copied() else {
        return match kept_until {
            None => Ok(deletes(job, Erasure::Wipe { store: 0, cursor: None }, now)),
            Some(day) => {
                // What is kept stays locked until then; the walk begins anew on that day.
                let erasing = deletion.erasing(job.id, now, Some(day));
                if erasing.stage != deletion.stage {
                    tenant.deletion().put(Some(deletion), &erasing, author).await?;
                }
                let again = Erasure::Documents { administration: 0, list: 0, cursor: None, kept_until: None };
                tracing::info!(tenant = %tenant.id(), until = %day, "Documents are kept because a law says so.");
                Ok(deletes(job, again, day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(12)))
            }
        };
    };
    let country = country_of(tenant, administration).await?;
    let next = match LISTS.get(list) {
        Some(list) => {
            let cursor = cursor.map(Cursor::new);
            let filter = Filter::default();
            let of = tenant.documents();
            let listed = of.list(administration, *list, filter, cursor.as_ref(), DOCUMENTS_AT_ONCE).await?;
            for document in &listed.items {
                let erasable = erasable_from(country.as_deref(), document.received_at.date_naive());
                if document.status.is_bound_by_retention() && now.date_naive() < erasable {
                    kept_until = Some(earlier(kept_until, erasable));
                } else {
                    tenant.eraser().document(document.id).await?;
                }
            }
            listed.next.map(|next| next.as_str().to_owned())
        }
        None => {
            // What still waits for a ledger that nobody opens any more is kept as long as the youngest document can be.
            if let Some(unit) = unit_of(tenant, administration).await?
                && !tenant.documents().waiting(&unit, None, 1).await?.items.is_empty()
            {
                let closed = deletion.erases_at().unwrap_or(now).date_naive();
                let erasable = erasable_from(country.as_deref(), closed);
                if now.date_naive() < erasable {
                    kept_until = Some(earlier(kept_until, erasable));
                }
            }
            if let Some(erasable) = sales::erasable_from(tenant, administration, country.as_deref()).await?
                && now.date_naive() < erasable
            {
                kept_until = Some(earlier(kept_until, erasable));
            }
            None
        }
    };
    let progress = match next {
        Some(next) => Erasure::Documents { administration: place, list, cursor: Some(next), kept_until },
        None if list < LISTS.len() => {
            Erasure::Documents { administration: place, list: list + 1, cursor: None, kept_until }
        }
        None => Erasure::Documents { administration: place + 1, list: 0, cursor: None, kept_until },
    };
    Ok(deletes(job, progress, now))
}

/// Erases whatever is left, whoever wrote it; at last the jobs, and a stone says that it was.
async fn wipe(
    tenant: &TenantStore,
    job: &Job,
    (store, cursor): (usize, Option<&str>),
    now: Instant,
) -> Result<After, ProtectionError> {
    let Some(part) = Part::ALL.get(store) else {
        let tombstone = Tombstone { requested_at: job.requested_at, erased_at: now };
        tenant.deletion().bury(&tombstone).await?;
        tenant.eraser().jobs().await?;
        tracing::info!(tenant = %tenant.id(), "Erased.");
        return Ok(After::Gone);
    };
    let progress = match tenant.eraser().wipe(*part, cursor.map(Cursor::new).as_ref()).await? {
        Wiped::More(cursor) => Erasure::Wipe { store, cursor: cursor.map(|cursor| cursor.as_str().to_owned()) },
        Wiped::All => Erasure::Wipe { store: store + 1, cursor: None },
    };
    Ok(deletes(job, progress, now))
}
