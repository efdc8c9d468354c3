//! Users: unique by e-mail address, found by their login, and never without an active Superuser.

use super::{
    entity::{Author, Committed, What, all, audited, commit, item_of, next, put},
    keys,
};
use crate::{
    Read, StoreError, Tables,
    expression::{Changes, Expression},
    item::{Fields, Item, Key, decode, number, text},
    schema::WRITER,
    table::{Old, Query, Write, Written},
};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    ids::{TenantId, UserId},
    office::{User, UserState},
    permission::Role,
};
use std::{collections::BTreeSet, sync::Arc};

/// The user that an item points to.
const OWNER: &str = "user";
/// The set of active Superusers.
const IDS: &str = "ids";

/// Under which name the identity provider knows a user: the `sub` of a token.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LoginSubject(String);

impl LoginSubject {
    /// A subject as a verified token states it.
    pub fn new(subject: impl Into<String>) -> Self {
        Self(subject.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a user was not stored.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// The tenant has another user with this e-mail address.
    #[error("another user has this e-mail address: {0}")]
    EmailTaken(UserId),
    /// The login belongs to another user.
    #[error("another user has this login: {0}")]
    LoginTaken(UserId),
    /// Without this user there would be no active Superuser left.
    #[error("the last active Superuser stays")]
    LastSuperuser,
    /// Anything else.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether a tenant may lose its last active Superuser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastSuperuser {
    /// No: as long as the tenant is in use.
    Stays,
    /// Yes: the tenant itself is being erased.
    Goes,
}

/// The users of a tenant.
#[derive(Debug, Clone)]
pub struct Users {
    tables: Arc<Tables>,
    tenant: TenantId,
}

/// What a write beside the user itself is for.
enum Companion {
    Email,
    Login,
    Superusers,
    /// Gives something up; never refused for a reason that a caller can do something about.
    Release,
}

fn is_superuser(user: &User) -> bool {
    user.state == UserState::Active && user.roles.contains(Role::Superuser)
}

fn owner(operation: &'static str, item: Option<&Item>) -> Result<UserId, StoreError> {
    let Some(item) = item else {
        return Err(StoreError::conflict(operation, "an item came and went"));
    };
    let fields = Fields::of(operation, item);
    fields.needed(OWNER, fields.parsed(OWNER)?)
}

/// A pointer to a user that nobody else may have.
fn claim(key: &Key, user: UserId, author: &Author<'_>) -> Write {
    let mut item = key.item();
    item.insert(OWNER.to_owned(), text(user.to_string()));
    item.insert(WRITER.to_owned(), text(author.writer.as_str()));
    let free = Expression::new("attribute_not_exists(#pk) OR #user = :user").with(OWNER, text(user.to_string()));
    Write::Put { item, condition: Some(free) }
}

impl Users {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId) -> Self {
        Self { tables, tenant }
    }

    /// A user.
    pub async fn get(&self, id: UserId, read: Read) -> Result<Option<User>, StoreError> {
        const OPERATION: &str = "users.get";
        let item = self.tables.settings.get(OPERATION, &keys::user(self.tenant, id), read).await?;
        item.map(|item| decode(OPERATION, item)).transpose()
    }

    /// The user who signs in so.
    pub async fn by_login(&self, subject: &LoginSubject) -> Result<Option<User>, StoreError> {
        const OPERATION: &str = "users.by_login";
        let key = keys::login(self.tenant, subject.as_str());
        let Some(item) = self.tables.settings.get_surely(OPERATION, &key).await? else { return Ok(None) };
        let user = keys::user(self.tenant, owner(OPERATION, Some(&item))?);
        let item = self.tables.settings.get_surely(OPERATION, &user).await?;
        item.map(|item| decode(OPERATION, item)).transpose()
    }

    /// All users, in the order in which they were made.
    pub async fn list(&self) -> Result<Vec<User>, StoreError> {
        all(&self.tables.settings, "users.list", &self.tenant.to_string(), keys::USER).await
    }

    /// Those of these users that there are, in one request; at most a hundred are asked for.
    pub async fn some(&self, ids: &BTreeSet<UserId>) -> Result<Vec<User>, StoreError> {
        const OPERATION: &str = "users.some";
        let wanted: Vec<Key> = ids.iter().take(100).map(|id| keys::user(self.tenant, *id)).collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let items = self.tables.settings.batch_get(OPERATION, &wanted).await?;
        items.into_iter().map(|item| decode(OPERATION, item)).collect()
    }

    /// Keeps the set of active Superusers, which must not become empty.
    fn superusers(&self, before: Option<&User>, after: &User) -> Option<Write> {
        let id = AttributeValue::Ss(vec![after.id.to_string()]);
        let mut changes = Changes::default();
        let condition = match (before.is_some_and(is_superuser), is_superuser(after)) {
            (false, false) | (true, true) => return None,
            (false, true) => {
                changes.clause(Expression::new(format!("ADD #{IDS} :id")).with("id", id));
                None
            }
            (true, false) => {
                changes.clause(Expression::new(format!("DELETE #{IDS} :id")).with("id", id));
                let others = Expression::new(format!("size(#{IDS}) > :one OR NOT contains(#{IDS}, :me)"))
                    .with("one", number(1))
                    .with("me", text(after.id.to_string()));
                Some(others)
            }
        };
        Some(Write::Update { key: keys::superusers(self.tenant), changes, condition })
    }

    /// Puts a new user, with a login when it is known already.
    pub async fn create(
        &self,
        user: &User,
        login: Option<&LoginSubject>,
        author: &Author<'_>,
    ) -> Result<(), UserError> {
        let mut companions = vec![(Companion::Email, claim(&keys::email(self.tenant, &user.email), user.id, author))];
        if let Some(login) = login {
            let key = keys::login(self.tenant, login.as_str());
            companions.push((Companion::Login, claim(&key, user.id, author)));
        }
        self.put(("users.create", "user.created"), None, user, companions, author).await
    }

    /// Puts an edited user in place of the one that was read.
    pub async fn replace(&self, before: &User, after: &User, author: &Author<'_>) -> Result<(), UserError> {
        const OPERATION: &str = "users.replace";
        next(OPERATION, before.version, after.version)?;
        let (old, new) = (keys::email(self.tenant, &before.email), keys::email(self.tenant, &after.email));
        let mut companions = Vec::new();
        if old != new {
            let mine = Expression::new("#user = :user").with(OWNER, text(after.id.to_string()));
            companions.push((Companion::Email, claim(&new, after.id, author)));
            companions.push((Companion::Release, Write::Delete { key: old, condition: Some(mine) }));
        }
        self.put((OPERATION, "user.changed"), Some(before), after, companions, author).await
    }

    /// Removes the user that was read, and gives the address up. Refused for the last active Superuser.
    pub async fn delete(&self, before: &User, author: &Author<'_>) -> Result<(), UserError> {
        const OPERATION: &str = "users.delete";
        let unchanged = Expression::new("#version = :before").with("before", number(before.version));
        let mine = Expression::new("#user = :user").with(OWNER, text(before.id.to_string()));
        let address = keys::email(self.tenant, &before.email);
        let mut writes = vec![
            Write::Delete { key: keys::user(self.tenant, before.id), condition: Some(unchanged) },
            Write::Delete { key: address, condition: Some(mine) },
        ];
        let gone = User { state: UserState::Disabled, ..before.clone() };
        let last = self.superusers(Some(before), &gone);
        let guarded = last.is_some();
        writes.extend(last);
        let old = audited(OPERATION, before)?;
        let subject = before.id.to_string();
        let what = What { operation: OPERATION, event: "user.deleted", subject: &subject };
        match commit(&self.tables.settings, self.tenant, what, author, (Some(&old), None), writes).await? {
            Committed::Done => Ok(()),
            Committed::Refused(refusals) if guarded && refusals.is_refused(2) => Err(UserError::LastSuperuser),
            Committed::Refused(_) => Err(StoreError::conflict(OPERATION, "a companion item was changed").into()),
        }
    }

    /// Says whose a login is, once the identity provider has made it.
    pub async fn link_login(&self, user: &User, login: &LoginSubject, author: &Author<'_>) -> Result<(), UserError> {
        const OPERATION: &str = "users.link_login";
        let key = keys::login(self.tenant, login.as_str());
        let claim = claim(&key, user.id, author);
        let written = self.tables.settings.write(OPERATION, claim, Old::NotNeeded).await?;
        match written {
            Written::Done(_) => Ok(()),
            Written::Refused(there) => Err(UserError::LoginTaken(owner(OPERATION, there.as_ref())?)),
        }
    }

    /// Forgets the logins of a user who was deleted: nobody comes in with them any more.
    pub async fn forget_logins(&self, user: UserId) -> Result<(), StoreError> {
        const OPERATION: &str = "users.forget_logins";
        let logins = Query::prefix(&self.tenant.to_string(), keys::LOGIN);
        for item in self.tables.settings.query_all(OPERATION, logins).await? {
            if owner(OPERATION, Some(&item))? == user
                && let Some(key) = Key::of(&item)
            {
                let write = Write::Delete { key, condition: None };
                self.tables.settings.write(OPERATION, write, Old::NotNeeded).await?;
            }
        }
        Ok(())
    }

    /// Puts a pseudonym in place of a user, and forgets his address and his logins. The entry in the audit record does not tell
    /// how he was before.
    pub async fn erase(
        &self,
        before: &User,
        erased: &User,
        last: LastSuperuser,
        author: &Author<'_>,
    ) -> Result<(), UserError> {
        const OPERATION: &str = "users.erase";
        next(OPERATION, before.version, erased.version)?;
        let item = item_of(OPERATION, &keys::user(self.tenant, erased.id), erased, erased.version, author.writer)?;
        let mut writes = vec![put(item, Some(before.version))];
        let superusers = match (self.superusers(Some(before), erased), last) {
            (Some(Write::Update { key, changes, .. }), LastSuperuser::Goes) => {
                Some(Write::Update { key, changes, condition: None })
            }
            (superusers, _) => superusers,
        };
        let keeps_superusers = superusers.is_some();
        writes.extend(superusers);
        let mine =
            || Expression::new("attribute_not_exists(#pk) OR #user = :user").with(OWNER, text(erased.id.to_string()));
        writes.push(Write::Delete { key: keys::email(self.tenant, &before.email), condition: Some(mine()) });
        let logins = Query::prefix(&self.tenant.to_string(), keys::LOGIN);
        for item in self.tables.settings.query_all(OPERATION, logins).await? {
            if owner(OPERATION, Some(&item))? == erased.id
                && let Some(key) = Key::of(&item)
            {
                writes.push(Write::Delete { key, condition: Some(mine()) });
            }
        }
        let new = audited(OPERATION, erased)?;
        let subject = erased.id.to_string();
        let what = What { operation: OPERATION, event: "user.erased", subject: &subject };
        match commit(&self.tables.settings, self.tenant, what, author, (None, Some(&new)), writes).await? {
            Committed::Done => Ok(()),
            Committed::Refused(refusals) if keeps_superusers && refusals.is_refused(1) => Err(UserError::LastSuperuser),
            Committed::Refused(_) => Err(StoreError::conflict(OPERATION, "a companion item was changed").into()),
        }
    }

    async fn put(
        &self,
        (operation, event): (&'static str, &str),
        before: Option<&User>,
        after: &User,
        mut companions: Vec<(Companion, Write)>,
        author: &Author<'_>,
    ) -> Result<(), UserError> {
        let item = item_of(operation, &keys::user(self.tenant, after.id), after, after.version, author.writer)?;
        companions.extend(self.superusers(before, after).map(|write| (Companion::Superusers, write)));
        let (kinds, companions): (Vec<_>, Vec<_>) = companions.into_iter().unzip();
        let mut writes = vec![put(item, before.map(|before| before.version))];
        writes.extend(companions);
        let old = before.map(|before| audited(operation, before)).transpose()?;
        let new = audited(operation, after)?;
        let subject = after.id.to_string();
        let what = What { operation, event, subject: &subject };
        let values = (old.as_ref(), Some(&new));
        let refusals = match commit(&self.tables.settings, self.tenant, what, author, values, writes).await? {
            Committed::Done => return Ok(()),
            Committed::Refused(refusals) => refusals,
        };
        for (place, kind) in kinds.iter().enumerate() {
            if !refusals.is_refused(place + 1) {
                continue;
            }
            let there = refusals.item(place + 1);
            match kind {
                Companion::Email => return Err(UserError::EmailTaken(owner(operation, there)?)),
                Companion::Login => return Err(UserError::LoginTaken(owner(operation, there)?)),
                Companion::Superusers => return Err(UserError::LastSuperuser),
                Companion::Release => {}
            }
        }
        Err(StoreError::conflict(operation, "a companion item was changed").into())
    }
}
