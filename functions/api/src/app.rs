//! What the handlers work with.

use crate::{
    auth::{Caller, Claims, Doors, REMEMBERED_SECONDS, Remembered, Standing},
    ports::{KmsSealer, Lazy, Logins, PortError, Runner, Sealer, Waker},
    problem::{Answer, Code, Problem},
};
use domain::{
    document::UnitId,
    ids::{AdministrationId, TenantId},
    mail::EmailAddress,
    office::Administration,
    time::Instant,
};
use ledgers::{Descriptor, Endpoint, HostError, Hosts};
use runtime::{aws::Aws, clock::Clock, env, queue::Queue};
use std::{
    collections::{BTreeMap, HashMap},
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
};
use store::{Meter, Names, Read, Store, StoreError, TenantStore, settings::LoginSubject};

/// How we are registered with a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Its name: the ledger, or `<ledger>/<name>` for an installation of a customer's own.
    pub name: String,
    /// Public name of the registration; the secret is not known here.
    pub client_id: String,
    /// In place of the ledger's own sites: its sandbox, an installation of a customer's own, a simulator.
    pub endpoint: Option<Endpoint>,
}

/// What [`App`] is made of.
pub struct Parts {
    /// Tables and bucket.
    pub store: Store,
    /// Logins.
    pub logins: Box<dyn Logins>,
    /// Locks codes away.
    pub sealer: Box<dyn Sealer>,
    /// Wakes ledger units.
    pub waker: Box<dyn Waker>,
    /// Calls export runs.
    pub runner: Box<dyn Runner>,
    /// The time.
    pub clock: Box<dyn Fn() -> Instant + Send + Sync>,
    /// Address under which tenants reach the API, without a slash at the end.
    pub public_url: String,
    /// Who sends our mails: packages that take mail from known senders only have to know it (ED-17).
    pub mail_from: EmailAddress,
    /// Ledgers that can be connected.
    pub registrations: Vec<Registration>,
    /// Users who were looked up within the last minute.
    pub remembered: Remembered,
    /// Administrations that were seen, and when.
    pub known: Mutex<HashMap<(TenantId, AdministrationId), Instant>>,
}

/// Everything the handlers work with. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// From its parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// From the environment of the function.
    pub fn from_env() -> Result<Self, runtime::Error> {
        let aws = Aws::from_env()?;
        let clock = Clock::from_env()?;
        let names = Names::all(env::required)?;
        let base = env::optional("LEDGERPOST_LEDGERS_BASE_URL");
        let hosts = Hosts::new(base, env::by_name("LEDGERPOST_LEDGER_HOSTS")?);
        let registration = |(name, client_id): (String, String)| {
            let endpoint = hosts.of(&name)?;
            Ok::<_, HostError>(Registration { name, client_id, endpoint })
        };
        let registrations = env::by_name("LEDGERPOST_CLIENT_IDS")?.into_iter().map(registration);
        Ok(Self::new(Parts {
            store: Store::new(aws.dynamodb(), Some(aws.bucket("LEDGERPOST_BUCKET")?), names, Meter::to_log()),
            logins: Box::new(aws.user_pool("LEDGERPOST_USER_POOL_ID")?),
            sealer: Box::new(KmsSealer { client: lazy(&aws, Aws::kms), key: env::required("LEDGERPOST_KMS_KEY_ID")? }),
            waker: Box::new(queue(&aws, env::required("LEDGERPOST_TURNS_QUEUE_URL")?)),
            runner: Box::new(queue(&aws, env::required("LEDGERPOST_EXPORTS_QUEUE_URL")?)),
            clock: Box::new(move || clock.now()),
            public_url: env::required("LEDGERPOST_PUBLIC_URL")?,
            mail_from: env::needed("LEDGERPOST_MAIL_FROM")?,
            registrations: registrations.collect::<Result<_, _>>()?,
            remembered: Remembered::default(),
            known: Mutex::default(),
        }))
    }

    /// Now.
    pub fn now(&self) -> Instant {
        (self.clock)()
    }

    /// Everything of one tenant.
    pub fn of(&self, tenant: TenantId) -> TenantStore {
        self.store.tenant(tenant)
    }

    /// How we are registered with a ledger, or with an installation of a customer's own that the options of a connection name.
    pub fn registration(&self, descriptor: &Descriptor, options: &BTreeMap<String, String>) -> Answer<&Registration> {
        let name = descriptor.registration(&options.clone().into_iter().collect());
        self.registrations.iter().find(|known| known.name == name).ok_or_else(|| {
            let detail = format!("Connections to {} are not set up here: ask who runs Ledgerpost.", descriptor.name);
            if name == descriptor.system {
                Problem::new(Code::NotOffered, detail)
            } else {
                let detail = "There is no such installation here: ask who runs Ledgerpost.";
                Problem::new(Code::NotOffered, detail).at("/options/installation", detail)
            }
        })
    }

    /// Tells a unit that it has work. When that fails, maintenance finds the work a few minutes later.
    pub async fn wake(&self, tenant: TenantId, unit: &UnitId) {
        if let Err(error) = self.waker.wake(tenant, unit).await {
            tracing::warn!(%unit, %error, "A unit was not woken; maintenance will do it.");
        }
    }
}

fn lazy<T>(aws: &Aws, make: impl FnOnce(&Aws) -> T + Send + 'static) -> Lazy<T> {
    let aws = aws.clone();
    Lazy::new(Box::new(move || make(&aws)))
}

fn queue(aws: &Aws, url: String) -> Lazy<Queue> {
    lazy(aws, move |aws| aws.queue(url))
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error.kind() {
            store::ErrorKind::Retryable => {
                tracing::warn!(%error, "The store was not available.");
                Self::new(Code::Unavailable, "This is not possible at the moment. Try the same request again.")
            }
            store::ErrorKind::Conflict => {
                let detail = "Somebody changed this at the same moment. Read it again and decide again.";
                Self::new(Code::Conflict, detail)
            }
            store::ErrorKind::NotFound => Self::new(Code::NotFound, "There is no such thing here, or no longer."),
            store::ErrorKind::TooLarge => Self::new(Code::TooLarge, "This is larger than what can be kept."),
            store::ErrorKind::BadCursor => {
                Self::new(Code::Cursor, "The cursor does not belong to this list. Begin again without one.")
            }
            store::ErrorKind::Bug => internal(&error),
        }
    }
}

/// Something outside did not do what it was asked.
pub fn unavailable(error: &PortError) -> Problem {
    tracing::error!(%error, "Something outside failed.");
    Problem::new(Code::Unavailable, "This is not possible at the moment. Try the same request again.")
}

/// A fault of ours: the log says which, the answer does not.
pub fn internal(error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%error, "A request failed.");
    Problem::new(
        Code::Internal,
        "Something went wrong here. It was logged; try again later or ask who runs Ledgerpost.",
    )
}

impl App {
    /// The user of a login, as the settings have him or had him within the last minute.
    pub async fn user_of(&self, claims: &Claims, now: Instant) -> Answer<Standing> {
        if let Some(standing) = self.remembered.get(claims, now) {
            return Ok(standing);
        }
        let login = LoginSubject::new(claims.login.as_str());
        let user = self.of(claims.tenant).users().by_login(&login).await?.ok_or_else(|| {
            Problem::new(Code::UserUnknown, "This login is not a user of the office. Ask a Superuser to invite you.")
        })?;
        let deletion = self.of(claims.tenant).deletion().get(Read::Eventual).await?;
        let doors = if deletion.is_some_and(|deletion| deletion.closes()) { Doors::Closed } else { Doors::Open };
        let standing = Standing { user: Arc::new(user), doors };
        self.remembered.put(claims, standing.clone(), now);
        Ok(standing)
    }

    /// An administration that the caller may see.
    pub async fn administration(&self, caller: &Caller, id: AdministrationId) -> Answer<Administration> {
        let administration = if caller.covers(id) {
            self.of(caller.tenant).administrations().get(id, Read::Consistent).await?
        } else {
            None
        };
        administration.ok_or_else(|| Problem::not_found("administration", id))
    }

    /// Refuses an administration that the caller may not see. One that was seen within the last minute is not looked up
    /// again: what comes to one that was just deleted is kept with it.
    pub async fn check_administration(&self, caller: &Caller, id: AdministrationId) -> Answer<()> {
        let key = (caller.tenant, id);
        let seen = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied();
        let is_recent = |seen: Instant| (0..REMEMBERED_SECONDS).contains(&(caller.now - seen).num_seconds());
        if caller.covers(id) && seen.is_some_and(is_recent) {
            return Ok(());
        }
        self.administration(caller, id).await?;
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, caller.now);
        Ok(())
    }

    /// Looks an administration up again the next time.
    pub fn forget_administration(&self, tenant: TenantId, id: AdministrationId) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(&(tenant, id));
    }
}
