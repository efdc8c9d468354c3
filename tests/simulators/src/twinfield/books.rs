//! What is in the simulator: registrations, organisations with their users, companies, and what was booked.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Everything.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Twinfield {
    /// Registered clients.
    pub apps: Vec<App>,
    /// Organisations.
    pub organisations: Vec<Organisation>,
    /// Codes that consents brought.
    pub codes: Vec<Code>,
    /// Access tokens.
    pub access_tokens: Vec<AccessToken>,
    /// Refresh tokens: one for each app and user.
    pub refresh_tokens: Vec<RefreshToken>,
    /// Who consents; the first user of the first organisation when absent.
    pub consenting: Option<(String, String)>,
    /// Whether the person refuses.
    pub consent_denied: bool,
    /// Credits of an app and organisation in a minute.
    pub credits_per_minute: u32,
    /// Credits of an app in a minute, over all organisations.
    #[serde(default = "certified")]
    pub app_credits_per_minute: u32,
    /// Credits used in a minute, by app.
    #[serde(skip)]
    pub app_usage: BTreeMap<String, Usage>,
    /// Counts what has to be different.
    pub sequence: u64,
}

/// What an app with a certificate has.
fn certified() -> u32 {
    1_000
}

/// Credits that were used in a minute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Which minute, counted from 1970.
    pub minute: i64,
    /// How many.
    pub credits: u32,
    /// The most in any minute so far.
    pub most: u32,
}

impl Usage {
    /// How many of a limit are left in a minute.
    pub fn left(&self, minute: i64, limit: u32) -> u32 {
        if self.minute == minute { limit.saturating_sub(self.credits) } else { limit }
    }

    /// Counts credits.
    pub fn spend(&mut self, minute: i64, credits: u32) {
        let before = if self.minute == minute { self.credits } else { 0 };
        let credits = before.saturating_add(credits);
        *self = Self { minute, credits, most: self.most.max(credits) };
    }
}

/// A registered client.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct App {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// Where consents may come back to.
    pub redirect_uris: Vec<String>,
}

/// A code of a consent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Code {
    /// The code.
    pub code: String,
    /// For which app.
    pub app: String,
    /// Organisation and user.
    pub user: (String, String),
    /// Where it was sent.
    pub redirect_uri: String,
    /// When it was given.
    pub issued: DateTime<Utc>,
}

/// An access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccessToken {
    /// The token.
    pub token: String,
    /// For which app.
    pub app: String,
    /// Organisation and user.
    pub user: (String, String),
    /// End of its life.
    pub expires: DateTime<Utc>,
}

/// A refresh token, which does not rotate.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RefreshToken {
    /// The token.
    pub token: String,
    /// For which app.
    pub app: String,
    /// Organisation and user.
    pub user: (String, String),
}

/// An organisation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Organisation {
    /// Its code.
    pub code: String,
    /// Its id.
    pub id: String,
    /// On which server it is kept: a path here.
    pub cluster: String,
    /// Whether it may be used.
    pub active: bool,
    /// Its users.
    pub users: Vec<User>,
    /// Its companies.
    pub offices: Vec<Office>,
    /// Credits used in a minute, by app.
    #[serde(skip)]
    pub usage: BTreeMap<String, Usage>,
}

/// In which language Twinfield speaks to a user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// Dutch.
    #[default]
    Nl,
    /// English.
    En,
}

/// Whether a user may log on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// May.
    #[default]
    Active,
    /// Disabled.
    Disabled,
    /// Removed.
    Removed,
}

/// A user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Language of messages.
    pub language: Language,
    /// Whether the user may log on.
    pub standing: Standing,
    /// Whether the role may use web services.
    pub web_services: bool,
    /// Companies that the user may open.
    pub offices: BTreeSet<String>,
}

/// A company.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Office {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Currencies: so much of the company's own for one of each.
    pub currencies: BTreeMap<String, Decimal>,
    /// Ledger accounts, relations, cost centres and projects.
    pub dimensions: Vec<Dimension>,
    /// VAT codes.
    pub vat_codes: Vec<VatCode>,
    /// Daybooks.
    pub daybooks: Vec<Daybook>,
    /// Years that have periods, one a month.
    pub years: BTreeSet<i32>,
    /// Periods that are closed.
    pub closed: BTreeSet<(i32, u32)>,
    /// The next number of a relation type; none when numbering is by hand.
    pub next_relation: BTreeMap<String, u32>,
    /// What was booked, oldest first.
    pub transactions: Vec<Transaction>,
}

/// A master record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dimension {
    /// BAS, PNL, CRD, DEB, KPL or PRJ.
    pub kind: String,
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Whether it may be used.
    pub active: bool,
    /// For relations: VAT number.
    pub vat_number: String,
    /// For relations: number in the trade register.
    pub registry: String,
    /// For relations: bank accounts.
    pub ibans: Vec<String>,
    /// For relations: the account on which they are booked.
    pub substitute: String,
    /// For accounts: a cost centre must be given.
    pub needs_cost_centre: bool,
    /// For relations: how they are usually booked.
    #[serde(default)]
    pub rules: Vec<PostingRule>,
}

/// A posting rule of a relation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostingRule {
    /// Its number with this relation.
    pub id: u32,
    /// Currency.
    pub currency: String,
    /// Amount for which it is meant; for any when absent.
    pub amount: Option<Decimal>,
    /// What it says.
    pub description: String,
    /// Its lines.
    pub lines: Vec<RuleLine>,
}

/// A line of a posting rule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleLine {
    /// Ledger account.
    pub account: String,
    /// Cost centre.
    pub dim2: String,
    /// Project.
    pub dim3: String,
    /// Its part, in proportion to the others.
    pub ratio: Decimal,
    /// VAT code.
    pub vat_code: String,
    /// What it says.
    pub description: String,
}

/// What a VAT code does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Charged {
    /// VAT on top.
    #[default]
    Once,
    /// Owed and deducted at once.
    BothSides,
}

/// A VAT code.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VatCode {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Whether it is meant for sales.
    pub sales: bool,
    /// Percentages by the day from which they hold.
    pub percentages: BTreeMap<NaiveDate, Decimal>,
    /// What it does.
    pub charged: Charged,
    /// Account of the VAT.
    pub account: String,
    /// Whether it is listed as a supply within the union.
    pub listed: bool,
    /// Whether it may be used.
    pub active: bool,
}

/// What a daybook does about an invoice number that a relation has already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SameNumber {
    /// Nothing.
    #[default]
    Accept,
    /// It warns.
    Warn,
    /// It refuses.
    Refuse,
}

/// A daybook.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Daybook {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Whether it is one for sales; purchase otherwise.
    pub sales: bool,
    /// Free text fields that may be used.
    pub free_texts: BTreeSet<u8>,
    /// What it does about a number that is there already.
    pub same_number: SameNumber,
}

/// A transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// Daybook.
    pub daybook: String,
    /// Number.
    pub number: u64,
    /// Whether it is final; a draft otherwise.
    pub last: bool,
    /// Date.
    pub date: NaiveDate,
    /// Due date.
    pub due: Option<NaiveDate>,
    /// Year and period.
    pub period: (i32, u32),
    /// Currency.
    pub currency: String,
    /// Invoice number.
    pub invoice_number: String,
    /// Payment reference.
    pub payment_reference: String,
    /// Free texts.
    pub free_texts: BTreeMap<u8, String>,
    /// Code of the user.
    pub user: String,
    /// Lines: the total, the details, and the VAT that Twinfield made of them.
    pub lines: Vec<Line>,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineKind {
    /// The relation's.
    Total,
    /// Costs or revenue.
    Detail,
    /// VAT.
    Vat,
}

impl LineKind {
    /// As in XML.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Detail => "detail",
            Self::Vat => "vat",
        }
    }
}

/// A line. Debit is positive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it is.
    pub kind: LineKind,
    /// Ledger account.
    pub account: String,
    /// Relation, on the total; cost centre, on a detail.
    pub dim2: String,
    /// Project.
    pub dim3: String,
    /// Amount in the transaction's currency: debit is positive.
    pub amount: Decimal,
    /// Whether it stands on the debit side: an amount of nothing has a side too.
    pub debit: bool,
    /// What it says.
    pub description: String,
    /// VAT code.
    pub vat_code: String,
    /// For a VAT line: on what the VAT is computed.
    pub turnover: Decimal,
    /// Fields of the listing of sales within the union, as they came.
    pub performance: Vec<(String, String)>,
}

impl Twinfield {
    /// An organisation.
    pub fn organisation(&self, code: &str) -> Option<&Organisation> {
        self.organisations.iter().find(|organisation| organisation.code == code)
    }

    /// A company, wherever it is.
    pub fn office(&self, code: &str) -> Option<&Office> {
        self.organisations.iter().flat_map(|organisation| &organisation.offices).find(|office| office.code == code)
    }

    /// A company, to be changed.
    pub fn office_mut(&mut self, code: &str) -> Option<&mut Office> {
        self.organisations
            .iter_mut()
            .flat_map(|organisation| &mut organisation.offices)
            .find(|office| office.code == code)
    }

    /// A text that no other has.
    pub fn fresh(&mut self, kind: &str) -> String {
        use std::hash::{BuildHasher, RandomState};
        self.sequence += 1;
        // Not secret: this guards play money.
        format!("{kind}-{}-{:016x}", self.sequence, RandomState::new().hash_one(self.sequence))
    }
}

impl Office {
    /// A master record.
    pub fn dimension(&self, kinds: &[&str], code: &str) -> Option<&Dimension> {
        self.dimensions.iter().find(|one| kinds.contains(&one.kind.as_str()) && one.code == code)
    }

    /// A daybook.
    pub fn daybook(&self, code: &str) -> Option<&Daybook> {
        self.daybooks.iter().find(|daybook| daybook.code == code)
    }

    /// A VAT code.
    pub fn vat_code(&self, code: &str) -> Option<&VatCode> {
        self.vat_codes.iter().find(|vat| vat.code == code)
    }

    /// Closes or opens a period.
    pub fn close(&mut self, year: i32, period: u32, closed: bool) {
        if closed {
            self.closed.insert((year, period));
        } else {
            self.closed.remove(&(year, period));
        }
    }

    /// What stands on each account and with each relation, in the company's currency: debit is positive.
    pub fn balances(&self) -> BTreeMap<String, Decimal> {
        let mut balances: BTreeMap<String, Decimal> = BTreeMap::new();
        for transaction in &self.transactions {
            let rate = self.currencies.get(&transaction.currency).copied().unwrap_or(Decimal::ONE);
            for line in &transaction.lines {
                let amount = (line.amount * rate).round_dp(2);
                *balances.entry(line.account.clone()).or_default() += amount;
                if line.kind == LineKind::Total {
                    *balances.entry(format!("relation {}", line.dim2)).or_default() += amount;
                }
            }
        }
        balances
    }
}

impl Transaction {
    /// The line of the relation.
    pub fn total(&self) -> Option<&Line> {
        self.lines.iter().find(|line| line.kind == LineKind::Total)
    }

    /// The relation.
    pub fn relation(&self) -> &str {
        self.total().map(|line| line.dim2.as_str()).unwrap_or_default()
    }

    /// The VAT, without a sign.
    pub fn vat(&self) -> Decimal {
        let vat = self.lines.iter().filter(|line| line.kind == LineKind::Vat).map(|line| line.amount);
        vat.sum::<Decimal>().abs()
    }
}
