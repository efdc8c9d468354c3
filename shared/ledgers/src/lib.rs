//! Accounting systems behind one contract.
//!
//! A ledger is pure: it makes a request as a value ([`Call`]) and reads the [`Answer`]. [`Sender`] does the I/O, and
//! [`Client`] puts the two together, one request at a time, so that the caller can look at its clock, store a
//! [`Checkpoint`] or die between any two of them. See [`Client::advance`].
//!
//! ```no_run
//! # use ledgers::{Advance, Checkpoint, Client, ErrorKind, LedgerDocument, LedgerError, Progress, PushRequest};
//! # async fn store(_: &Checkpoint) {}
//! # async fn push(
//! #     client: &mut Client<'_>, request: &PushRequest<'_>, stored: Option<Checkpoint>,
//! # ) -> Result<LedgerDocument, LedgerError> {
//! // `stored` is None only when no attempt was ever begun; that this one begins was stored before.
//! let mut progress = stored.map_or_else(Progress::first, Progress::again);
//! loop {
//!     match client.advance(request, &mut progress).await {
//!         Ok(Advance::Next) => {}
//!         Ok(Advance::Store) => store(progress.checkpoint()).await,
//!         Ok(Advance::Done(document)) => return Ok(*document),
//!         Err(error) if error.kind() == ErrorKind::Unauthorised => {
//!             // Renew as `TokenSet::advice` says, set `client.access`, and go on with the same `progress`.
//!             return Err(error);
//!         }
//!         // Retryable: due again after that time. Unknown: not before the settle time. Others: for people.
//!         Err(error) => return Err(error),
//!     }
//! }
//! # }
//! ```
//!
//! A new system is a folder here, a line in `registered!` below, a simulator, and a green contract suite: see
//! docs/connectors/adding-a-ledger.md.

pub mod accountview;
pub mod amazon;
mod app_credits;
mod auth;
mod buyers;
mod call;
mod client;
mod counter;
mod descriptor;
pub mod emag;
mod error;
pub mod exact;
pub mod fakturownia;
pub mod fakturowo;
pub mod firmao;
mod forwarding;
mod hosts;
pub mod ifirma;
pub mod infakt;
mod invoicing;
mod json;
mod loose;
pub mod multivers;
mod push;
mod rate;
mod rotating;
#[cfg(test)]
mod sample;
mod sender;
pub mod snelstart;
mod templates;
pub mod twinfield;
pub mod wfirma;

pub use app_credits::{AppBudget, AppCredits, Claimed};
pub use auth::{Advice, App, Replaced, Secret, Seen, TokenRules, TokenSet};
pub use call::{Answer, Call, Effect, Endpoint, NotAHost, NotATestEndpoint, Purpose, Signed, Target};
pub use client::{Client, Opener};
pub use descriptor::{
    Attachments, Capabilities, Consent, CredentialField, Credentials, Currencies, Descriptor, INSTALLATION,
    OptionError, OptionKind, OptionSpec, Options, PdfBy, PostingDate, SerialUnit, Site, Support, TypedError,
};
pub use error::{ErrorCode, ErrorKind, LEDGER_TEXT_CHARS_MAX, LedgerError, Operation, Reach};
pub use forwarding::{ForwardRequest, Forwarded, ForwardedAs, Forwarding};
pub use hosts::{HostError, Hosts};
pub use invoicing::{Invoicing, LedgerCopy, PassRequest, PassedDocument, Pdf, StoredDocument};
pub use push::{
    Advance, Checkpoint, Codes, CreateContacts, Duplicates, File, FileKind, Found, LedgerDocument, Lookup, Progress,
    PushRequest, Step,
};
pub use rate::{Quota, RateBudget, RateHeaders, RateLimits, Verdict, WindowHeaders};
pub use sender::{ANSWER_BYTES_MAX, Deadline, Sender, SenderError, Timeouts};
pub use templates::{KeepsTemplates, Relation, Written};

use emag::fashion_days;
use multivers::boekhoudgemak;

use domain::{
    export::Target as ExportTarget,
    export_format::PostingDateField,
    ledger::{Direction, DirectoryEntry, DirectoryKind, Division, LedgerUser, System},
    money::Currency,
    office::Connection,
    time::Instant,
};
use reqwest::header::{HeaderName, HeaderValue};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Where a ledger sends the browser back after a consent, below the address of the deployment; as registered there.
pub const CALLBACK: &str = "/oauth/callback";

/// One accounting system. Everything here is pure: requests are made and answers are read, nothing is sent. Callers use
/// [`Client`] and [`Opener`], which do the sending.
pub trait Ledger: Send + Sync {
    /// What it is and can do.
    fn descriptor(&self) -> &'static Descriptor;

    /// How documents that were received and coded are booked in it, where they can be.
    fn books(&self) -> Option<&dyn Books> {
        None
    }
    /// How documents that were issued here are passed to it, where they can be (CO-1).
    fn invoicing(&self) -> Option<&dyn Invoicing> {
        None
    }
    /// How finished documents are forwarded to the customers of its orders, where it is a marketplace.
    fn forwarding(&self) -> Option<&dyn Forwarding> {
        None
    }
    /// The request for the next part of a directory.
    fn list(&self, at: &Target, directory: &Directory) -> Result<Call, LedgerError>;

    /// Reads its answer.
    fn listed(&self, at: &Target, directory: &Directory, answer: &Answer) -> Result<Page, LedgerError>;

    /// Asks who is connected.
    fn identity(&self, at: &Target) -> Result<Call, LedgerError>;

    /// Reads its answer.
    fn identified(&self, answer: &Answer) -> Result<Identity, LedgerError>;

    /// Where it keeps posting templates itself: [`Capabilities::templates`].
    fn templates(&self) -> Option<&dyn KeepsTemplates> {
        None
    }

    /// What an answer other than success means, 429 apart.
    fn refusal(&self, purpose: Purpose, answer: &Answer) -> LedgerError;

    /// What an answer says about limits.
    fn rate(&self, answer: &Answer) -> RateHeaders;

    /// Headers that go with every request but those for tokens.
    fn headers(&self, _at: &Target, _app: &App) -> Vec<(HeaderName, HeaderValue)> {
        Vec::new()
    }

    /// Puts the access into a request: as a bearer token to the place of the set of books, unless the ledger has other
    /// ways. It is the last thing before the request is sent.
    fn sign(&self, at: &Endpoint, call: Call, access: &Secret) -> Result<Signed, LedgerError> {
        Ok(Signed::bearing(at, call, access))
    }

    /// Where what a person typed in opens the ledger as it is: the access to sign with. Nothing is asked for and nothing renewed then.
    fn key(&self, _given: &Secret) -> Option<Secret> {
        None
    }

    /// Where the access itself says which set of books it opens: that one, which is then the only one there is to choose, and the one
    /// that credentials typed in later must open.
    fn opens(&self, _access: &Secret) -> Option<Division> {
        None
    }

    /// Asks for the first tokens, with what a person gave: the code of a consent, or what was typed in as
    /// [`Descriptor::typed`] packs it.
    fn open(&self, _app: &App, _given: &Secret) -> Result<Call, LedgerError> {
        Err(no_tokens(self.descriptor(), Operation::ExchangeCode))
    }

    /// Asks for the next pair of tokens.
    fn refresh(&self, _app: &App, _tokens: &TokenSet) -> Result<Call, LedgerError> {
        Err(no_tokens(self.descriptor(), Operation::RefreshToken))
    }

    /// Reads a pair of tokens that was asked for at one instant and came at another. `given` is what they were asked for
    /// with: what was given to [`Ledger::open`], or the refresh token.
    fn tokens(
        &self,
        purpose: Purpose,
        _given: &Secret,
        _answer: &Answer,
        _asked_at: Instant,
        _came_at: Instant,
    ) -> Result<TokenSet, LedgerError> {
        Err(no_tokens(self.descriptor(), purpose.operation))
    }

    /// Asks where new tokens may be used, where that differs from customer to customer.
    fn locate(&self, _operation: Operation, _tokens: &TokenSet) -> Option<Call> {
        None
    }

    /// Reads the answer to [`Ledger::locate`] into the access, which [`Ledger::sign`] takes it from. An error counts as one
    /// of the request for tokens.
    fn located(
        &self,
        _operation: Operation,
        _at: &Endpoint,
        tokens: TokenSet,
        _answer: Result<Answer, LedgerError>,
    ) -> Result<TokenSet, LedgerError> {
        Ok(tokens)
    }

    /// What an answer other than success means when a token was asked for.
    fn token_refusal(&self, purpose: Purpose, _answer: &Answer) -> LedgerError {
        no_tokens(self.descriptor(), purpose.operation)
    }
}

fn no_tokens(descriptor: &Descriptor, operation: Operation) -> LedgerError {
    let message = format!("{} is opened by a key: no tokens are asked for.", descriptor.name);
    LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, operation, message)
}

/// A ledger that books what was received and coded.
pub trait Books: Send + Sync {
    /// The kinds of files that a connection with these options wants attached: others need not even be fetched.
    fn attaches(&self, options: &Options) -> &'static [FileKind];

    /// The next request of a push, or its end. Errors are those that need no request, such as a missing option.
    fn push(&self, at: &Target, request: &PushRequest<'_>, progress: &Progress) -> Result<Step, LedgerError>;

    /// Reads the answer to the request of [`Ledger::push`] into `progress`. On an error `progress` is unchanged.
    fn pushed(
        &self,
        at: &Target,
        request: &PushRequest<'_>,
        progress: &mut Progress,
        purpose: Purpose,
        answer: Result<Answer, LedgerError>,
    ) -> Result<(), LedgerError>;

    /// Asks for a booking by the ledger's own id.
    fn fetch(&self, at: &Target, direction: Direction, id: &str) -> Result<Call, LedgerError>;

    /// Reads its answer.
    fn fetched(&self, direction: Direction, answer: &Answer) -> Result<Rendition, LedgerError>;
}

macro_rules! registered {
    ($($module:ident::$ledger:ident,)*) => {
        static CATALOGUE: &[&Descriptor] = &[$(&$module::DESCRIPTOR,)*];
        static REGISTRY: &[&dyn Ledger] = &[$(&$module::$ledger,)*];
    };
}

// Every ledger there is: the only list.
registered! {
    exact::ExactOnline,
    snelstart::SnelStart,
    twinfield::Twinfield,
    accountview::AccountView,
    multivers::MULTIVERS,
    boekhoudgemak::BOEKHOUDGEMAK,
    fakturownia::Fakturownia,
    wfirma::Wfirma,
    ifirma::Ifirma,
    infakt::Infakt,
    amazon::Amazon,
    emag::EMAG,
    fashion_days::FASHION_DAYS,
    firmao::Firmao,
    fakturowo::Fakturowo,
}

/// What each ledger is and can do. Who calls none asks here: a program that does not name [`registry`] or [`by_system`]
/// holds the code of none.
pub fn catalogue() -> &'static [&'static Descriptor] {
    CATALOGUE
}

/// What the ledger of a system is and can do, if there is one.
pub fn described(system: &System) -> Option<&'static Descriptor> {
    catalogue().iter().copied().find(|descriptor| descriptor.system == system.as_str())
}

/// What becomes of the posting date in the ledger of a connection (EX-3), if there is such a ledger.
pub fn posting_date_field(connection: &Connection) -> Option<PostingDateField> {
    let options = connection.options.clone().into_iter().collect();
    Some(described(&connection.system)?.posting_date_field(&options))
}

/// What becomes of the posting date where a run exports to (EX-3). A ledger that is not known any more is taken to have one date
/// only: no other date is promised.
pub fn posting_date_field_in(target: &ExportTarget, connection: Option<&Connection>) -> PostingDateField {
    match target {
        ExportTarget::File { file } => file.posting_date_field(),
        ExportTarget::Ledger { .. } => {
            connection.and_then(posting_date_field).unwrap_or(PostingDateField::Shared("date"))
        }
    }
}

/// Every ledger, to be called.
pub fn registry() -> &'static [&'static dyn Ledger] {
    REGISTRY
}

/// The ledger of a system, to be called, if there is one.
pub fn by_system(system: &System) -> Option<&'static dyn Ledger> {
    registry().iter().copied().find(|ledger| ledger.descriptor().system == system.as_str())
}

/// Who is connected: the ledger user in whose name everything is booked (AP-11).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The ledger's id of the user.
    pub user: LedgerUser,
    /// Name, for people.
    pub name: String,
    /// The set of books that the user has open: a first value for a choice, never a target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub division: Option<Division>,
    /// Where the credentials open a single set of books: that one. Others of the same connection would then be posted into
    /// the wrong books.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Division>,
}

/// Where a listing stands. Serialisable, so that a task can go on in another turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    pub(crate) kind: DirectoryKind,
    /// Path of the next page; the first when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
    /// A page whose entries still lack something, and what comes after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) half: Option<HalfPage>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HalfPage {
    pub(crate) entries: Vec<DirectoryEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<String>,
}

impl Directory {
    /// The beginning of a directory.
    pub fn of(kind: DirectoryKind) -> Self {
        Self { kind, next: None, half: None }
    }

    /// What it lists.
    pub fn kind(&self) -> DirectoryKind {
        self.kind
    }
}

/// A part of a directory. May be empty although more follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// What this part lists.
    pub entries: Vec<DirectoryEntry>,
    /// How to go on; `None` at the end.
    pub next: Option<Directory>,
}

/// A booking as read back from the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendition {
    /// The ledger's own id.
    pub id: String,
    /// The number that people see there.
    pub number: String,
    /// Number of the invoice, as the ledger has it.
    pub reference: String,
    /// Total with VAT, without a sign.
    pub gross: Decimal,
    /// VAT, without a sign.
    pub vat: Decimal,
    /// Currency of both.
    pub currency: Currency,
    /// Whether it reduces what is owed: a credit note.
    pub reduces: bool,
    /// Who made it, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_ledger_can_be_found_by_its_name() {
        let names: BTreeSet<_> = registry().iter().map(|ledger| ledger.descriptor().system).collect();
        assert_eq!(names.len(), registry().len(), "names are different");
        for name in names {
            let system: System = name.parse().unwrap();
            assert_eq!(by_system(&system).unwrap().descriptor().system, name);
            assert_eq!(described(&system).unwrap().system, name);
        }
        assert_eq!(catalogue().len(), registry().len());
        assert!(by_system(&"abacus".parse().unwrap()).is_none());
    }

    #[test]
    fn who_says_that_it_takes_issued_documents_does() {
        for ledger in registry() {
            let capabilities = ledger.descriptor().capabilities;
            assert_eq!(
                ledger.invoicing().is_some(),
                capabilities.invoicing.is_some(),
                "{}",
                ledger.descriptor().system
            );
            assert_eq!(ledger.forwarding().is_some(), capabilities.forwarding.is_some());
            assert_eq!(ledger.books().is_some(), !capabilities.directions.is_empty(), "{}", ledger.descriptor().system);
        }
    }

    /// A marketplace is no ledger: nothing is booked in it, and nothing is passed to it.
    #[test]
    fn a_marketplace_only_shows_documents() {
        let markets: Vec<_> = catalogue().iter().filter(|descriptor| descriptor.forwards()).collect();
        assert_eq!(markets.iter().map(|market| market.system).collect::<Vec<_>>(), ["amazon", "emag", "fashion-days"]);
        for market in markets {
            assert!(!market.books_received() && market.offers().is_none(), "{}", market.system);
            assert!(market.sites.iter().all(|site| !market.capabilities.offers_auto_posting(site)));
        }
    }

    #[test]
    fn who_says_that_it_keeps_templates_does() {
        for ledger in registry() {
            let says = ledger.descriptor().capabilities.templates == Support::Yes;
            assert_eq!(ledger.templates().is_some(), says, "{}", ledger.descriptor().system);
            let option = ledger.descriptor().options.iter().any(|option| option.key == "templates");
            assert_eq!(option, says, "it can be switched off");
            assert_eq!(ledger.descriptor().syncs_templates(&Options::default()), says);
            assert!(!ledger.descriptor().syncs_templates(&Options::default().with("templates", "off")));
        }
    }

    /// `maintenance` wakes a connection whose tokens are a week old, whatever its ledger.
    #[test]
    fn tokens_are_kept_alive_weekly_and_before_they_die() {
        for ledger in catalogue() {
            let rules = ledger.tokens;
            assert_eq!(rules.keep_alive, chrono::TimeDelta::days(7), "{}", ledger.system);
            assert!(rules.idle_life > rules.keep_alive * 2, "{}", ledger.system);
        }
    }

    #[test]
    fn sites_are_https_hosts_of_their_own() {
        for ledger in catalogue() {
            for site in ledger.sites {
                let endpoint = Endpoint::of_site(ledger, site.code).unwrap();
                for (endpoint, base) in [(endpoint.login(), site.login), (endpoint, site.base)] {
                    let url = endpoint.url("/").unwrap();
                    assert_eq!(url.as_str(), format!("{base}/"));
                    assert_eq!(url.scheme(), "https");
                }
            }
            assert_eq!(Endpoint::of_site(ledger, "xx"), None);
        }
    }
}
