//! What a simulator holds at first: a Dutch user and app, and administrations with the usual accounts and codes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Months, NaiveDate};
use rust_decimal::Decimal;

use super::books::{
    Account, BankAccount, CostCenter, CostUnit, Division, FinancialPeriod, GlAccount, Journal, PaymentCondition,
    VatCode, padded,
};
use super::guid::Guid;
use super::state::{App, Contract, Language, Right, ScopeAccess, State, User};

/// The client id of the demo app.
pub const APP: &str = "0a9f0000-0000-4000-8000-000000000001";
/// Its secret.
pub const SECRET: &str = "exact-demo-secret";
/// Its redirect address.
pub const REDIRECT_URI: &str = "https://app.example/oauth/exact";
/// The user who posts, whose language is Dutch.
pub const USER: Guid = Guid::numbered(0x2b5a, 1);
/// The first administration, where most is allowed.
pub const DIVISION: i32 = 100_001;
/// The second one: no default payment condition.
pub const SECOND_DIVISION: i32 = 100_002;
/// A year whose periods are closed.
pub const CLOSED_YEAR: i32 = 2014;
/// A supplier of each demo administration, `NL001234567B01`, `NL02ABNA0123456789`.
pub const SUPPLIER: &str = "1001";
/// A customer that is no supplier.
pub const CUSTOMER: &str = "1002";
/// A supplier that is blocked.
pub const BLOCKED_SUPPLIER: &str = "1003";
/// A supplier whose payable account is none.
pub const SUPPLIER_WITHOUT_PAYABLE: &str = "1004";

const CONTRACT: &str = "C-1";
const FIRST_YEAR: i32 = 2009;
const LAST_YEAR: i32 = 2035;

/// Code, description, type, `B`/`W`, use of cost centres, VAT code.
type GlRow = (&'static str, &'static str, i32, &'static str, i32, Option<&'static str>);
const GL_ACCOUNTS: &[GlRow] = &[
    ("1100", "Bank", 12, "B", 2, None),
    ("1300", "Debiteuren", 20, "B", 2, None),
    ("1500", "Af te dragen btw", 24, "B", 2, None),
    ("1520", "Te vorderen btw", 24, "B", 2, None),
    ("1600", "Crediteuren", 22, "B", 2, None),
    ("4000", "Personeelskosten", 125, "W", 0, Some("21")),
    ("4300", "Huisvestingskosten", 121, "W", 0, Some("21")),
    ("4400", "Energiekosten", 121, "W", 0, Some("21")),
    ("4500", "Kantoorkosten", 121, "W", 0, Some("21")),
    ("4510", "Telefoon en internet", 121, "W", 0, Some("21")),
    ("4600", "Algemene kosten", 121, "W", 0, Some("21")),
    ("4700", "Advieskosten", 121, "W", 0, Some("21")),
    ("4800", "Projectkosten", 120, "W", 1, Some("21")),
    ("4900", "Afrondingsverschillen", 121, "W", 2, None),
    ("7000", "Inkoop handelsgoederen", 111, "W", 0, Some("21")),
    ("8000", "Omzet", 110, "W", 0, Some("S21")),
    ("8100", "Omzet buitenland", 110, "W", 0, Some("SIC")),
];

/// Code, description, percent, type, purchase or sales or both, charged, listing.
type VatRow = (&'static str, &'static str, i64, &'static str, &'static str, bool, &'static str);
const VAT_CODES: &[VatRow] = &[
    ("0", "Geen btw", 0, "N", "B", false, "N"),
    ("21", "Inkoop hoog", 21, "E", "P", false, "N"),
    ("9", "Inkoop laag", 9, "E", "P", false, "N"),
    ("Z", "Inkoop nultarief", 0, "B", "P", false, "N"),
    ("V", "Inkoop vrijgesteld", 0, "B", "P", false, "N"),
    ("21I", "Inkoop hoog inclusief", 21, "I", "P", false, "N"),
    ("RC", "Inkoop verlegd binnenland", 21, "E", "P", true, "N"),
    ("IC", "Verwerving goederen uit EU", 21, "E", "P", true, "L"),
    ("ICS", "Diensten uit EU", 21, "E", "P", true, "S"),
    ("25", "Inkoop 25%", 25, "E", "P", false, "N"),
    ("22", "Inkoop 22%", 22, "E", "P", false, "N"),
    ("20", "Inkoop 20%", 20, "E", "P", false, "N"),
    ("19", "Inkoop 19%", 19, "E", "P", false, "N"),
    ("15", "Inkoop 15%", 15, "E", "P", false, "N"),
    ("12", "Inkoop 12%", 12, "E", "P", false, "N"),
    ("10", "Inkoop 10%", 10, "E", "P", false, "N"),
    ("7", "Inkoop 7%", 7, "E", "P", false, "N"),
    ("6", "Inkoop 6%", 6, "E", "P", false, "N"),
    ("5", "Inkoop 5%", 5, "E", "P", false, "N"),
    ("S21", "Verkoop hoog", 21, "E", "S", false, "N"),
    ("S9", "Verkoop laag", 9, "E", "S", false, "N"),
    ("S0", "Verkoop nultarief", 0, "B", "S", false, "N"),
    ("SV", "Verkoop vrijgesteld", 0, "B", "S", false, "N"),
    ("SRC", "Verkoop verlegd", 0, "B", "S", false, "N"),
    ("SIC", "Levering goederen binnen EU", 0, "B", "S", false, "L"),
    ("SIS", "Diensten binnen EU", 0, "B", "S", false, "S"),
    ("S25", "Verkoop 25%", 25, "E", "S", false, "N"),
    ("S19", "Verkoop 19%", 19, "E", "S", false, "N"),
    ("S6", "Verkoop 6%", 6, "E", "S", false, "N"),
];

/// Code, description, type, variable currency and rate, VAT.
const JOURNALS: &[(&str, &str, i32, bool, bool)] = &[
    ("20", "Bank", 12, false, true),
    ("60", "Inkoop", 22, true, true),
    ("61", "Inkoop euro", 22, false, true),
    ("65", "Inkoop zonder btw", 22, false, false),
    ("70", "Verkoop", 20, true, true),
    ("90", "Memoriaal", 90, true, true),
];

/// Code, description, days, months to the end of which the date moves.
const PAYMENT_CONDITIONS: &[(&str, &str, i32, i32)] =
    &[("14", "14 dagen", 14, 0), ("30", "30 dagen", 30, 0), ("60", "60 dagen", 60, 0), ("EM", "Einde maand", 30, 1)];

/// Hundredths of a thousandth of a euro for one unit.
const RATES: &[(&str, i64)] = &[
    ("SEK", 8_500),
    ("NOK", 8_600),
    ("DKK", 13_400),
    ("USD", 90_000),
    ("GBP", 115_000),
    ("PLN", 23_000),
    ("CHF", 105_000),
];

/// Scopes the demo app has.
const SCOPES: &[(&str, ScopeAccess)] = &[
    ("crm.accounts", ScopeAccess::Manage),
    ("purchase.invoices", ScopeAccess::Manage),
    ("sales.invoices", ScopeAccess::Manage),
    ("organization.documents", ScopeAccess::Manage),
    ("financial.generalledgers", ScopeAccess::Read),
    ("financial.costcenters", ScopeAccess::Read),
    ("financial.accounting", ScopeAccess::Read),
];

/// A user, an app and two administrations. Ids are the same in each run.
pub fn demo() -> State {
    let mut state = State::default();
    state.apps.put(App {
        id: APP.to_owned(),
        secret: SECRET.to_owned(),
        name: "Ledgerpost".to_owned(),
        redirect_uris: BTreeSet::from([REDIRECT_URI.to_owned()]),
        scopes: SCOPES.iter().map(|(scope, access)| ((*scope).to_owned(), *access)).collect(),
    });
    state.users.put(User {
        id: USER,
        user_name: "robot.facturen".to_owned(),
        full_name: "Robot Facturen".to_owned(),
        email: "robot@example.nl".to_owned(),
        language: Language::Nl,
        current_division: DIVISION,
        rights: BTreeSet::from(Right::ALL),
        ..User::default()
    });
    state.contracts.put(Contract { id: CONTRACT.to_owned(), ..Contract::default() });
    let first = Division {
        description: "Voorbeeld Handel B.V.".to_owned(),
        vat_number: Some("NL820646660B01".to_owned()),
        chamber_of_commerce: Some("34281100".to_owned()),
        is_main: true,
        payment_condition: Some("30".to_owned()),
        ..standard_division(DIVISION)
    };
    let second = Division {
        description: "Voorbeeld Diensten B.V.".to_owned(),
        vat_number: Some("NL820646671B01".to_owned()),
        chamber_of_commerce: Some("34281111".to_owned()),
        ..standard_division(SECOND_DIVISION)
    };
    for mut division in [first, second] {
        add_relations(&mut division);
        open_to_all(&mut state, division);
    }
    state
}

/// Adds an administration that every app and user of the state may enter.
pub fn open_to_all(state: &mut State, mut division: Division) {
    division.apps = state.apps.iter().map(|app| app.id.clone()).collect();
    for user in state.users.iter_mut() {
        user.divisions.insert(division.code);
    }
    state.divisions.put(division);
}

/// A Dutch administration with ledger accounts, journals, VAT codes, payment conditions, cost centres and periods, but
/// without relations.
pub fn standard_division(code: i32) -> Division {
    let mut ids = Ids::of(code);
    let gl_accounts = gl_accounts(&mut ids);
    let role = |wanted: &str| gl_accounts.iter().find(|one| one.code == wanted).map(|one| one.id).unwrap_or_default();
    Division {
        code,
        hid: code % 1_000,
        description: format!("Administratie {code}"),
        country: "NL".to_owned(),
        currency: "EUR".to_owned(),
        contract: CONTRACT.to_owned(),
        payable: role("1600"),
        receivable: role("1300"),
        vat_to_pay: role("1500"),
        vat_to_claim: role("1520"),
        rates: RATES.iter().map(|(currency, rate)| ((*currency).to_owned(), Decimal::new(*rate, 5))).collect(),
        journals: journals(&mut ids).into_iter().collect(),
        vat_codes: vat_codes(&mut ids).into_iter().collect(),
        cost_centers: cost_centers(&mut ids).into_iter().collect(),
        cost_units: [("P100", "Verbouwing"), ("P200", "Webwinkel")]
            .map(|(code, text)| CostUnit { id: ids.next(), code: code.to_owned(), description: text.to_owned() })
            .into_iter()
            .collect(),
        payment_conditions: payment_conditions(&mut ids).into_iter().collect(),
        periods: periods(&mut ids).into_iter().collect(),
        gl_accounts: gl_accounts.into_iter().collect(),
        ..Division::default()
    }
}

/// Rising ids of an administration's master data.
struct Ids(u32, u64);

impl Ids {
    fn of(division: i32) -> Self {
        Self(division.unsigned_abs(), 0)
    }

    fn next(&mut self) -> Guid {
        self.1 += 1;
        Guid::numbered(self.0, self.1)
    }
}

fn gl_accounts(ids: &mut Ids) -> Vec<GlAccount> {
    let account = |ids: &mut Ids, code: &str, description: &str, kind, balance_type: &str| GlAccount {
        id: ids.next(),
        code: code.to_owned(),
        description: description.to_owned(),
        kind,
        balance_type: balance_type.to_owned(),
        ..GlAccount::default()
    };
    let mut accounts: Vec<GlAccount> = GL_ACCOUNTS
        .iter()
        .map(|(code, description, kind, balance_type, use_costcenter, vat_code)| GlAccount {
            use_costcenter: *use_costcenter,
            use_costunit: if *balance_type == "B" { 2 } else { 0 },
            vat_code: vat_code.map(str::to_owned),
            ..account(ids, code, description, *kind, balance_type)
        })
        .collect();
    accounts.push(GlAccount { is_blocked: true, ..account(ids, "4999", "Vervallen kosten", 121, "W") });
    accounts
}

fn journals(ids: &mut Ids) -> Vec<Journal> {
    let journal = |(code, description, kind, variable, vat): &(&str, &str, i32, bool, bool)| Journal {
        id: ids.next(),
        code: (*code).to_owned(),
        description: (*description).to_owned(),
        kind: *kind,
        currency: "EUR".to_owned(),
        allow_variable_currency: *variable,
        allow_variable_exchange_rate: *variable,
        allow_vat: *vat,
        is_blocked: false,
        numbers: BTreeMap::new(),
    };
    JOURNALS.iter().map(journal).collect()
}

fn vat_codes(ids: &mut Ids) -> Vec<VatCode> {
    let mut vat_code = |(code, description, percent, kind, transaction, charged, listing): &VatRow| VatCode {
        id: ids.next(),
        code: (*code).to_owned(),
        description: (*description).to_owned(),
        percentage: Decimal::new(*percent, 2),
        kind: (*kind).to_owned(),
        transaction: (*transaction).to_owned(),
        charged: *charged,
        eu_sales_listing: (*listing).to_owned(),
        ..VatCode::default()
    };
    let mut codes: Vec<VatCode> = VAT_CODES.iter().map(&mut vat_code).collect();
    let old = vat_code(&("19O", "Inkoop hoog tot 2012", 19, "E", "P", false, "N"));
    codes.push(VatCode { is_blocked: true, ..old });
    codes
}

fn cost_centers(ids: &mut Ids) -> Vec<CostCenter> {
    let center = |(code, description, active): (&str, &str, bool)| CostCenter {
        id: ids.next(),
        code: code.to_owned(),
        description: description.to_owned(),
        active,
        end_date: None,
    };
    [("KP01", "Kantoor", true), ("KP02", "Magazijn", true), ("KP09", "Opgeheven", false)].map(center).to_vec()
}

fn payment_conditions(ids: &mut Ids) -> Vec<PaymentCondition> {
    let condition = |(code, description, days, months): &(&str, &str, i32, i32)| PaymentCondition {
        id: ids.next(),
        code: (*code).to_owned(),
        description: (*description).to_owned(),
        payment_days: *days,
        payment_end_of_months: *months,
        payment_method: "B".to_owned(),
    };
    PAYMENT_CONDITIONS.iter().map(condition).collect()
}

/// Months; those of [`CLOSED_YEAR`] are closed.
fn periods(ids: &mut Ids) -> Vec<FinancialPeriod> {
    let month = |year: i32, period: u32| {
        let start = NaiveDate::from_ymd_opt(year, period, 1)?;
        let end = start.checked_add_months(Months::new(1))?.pred_opt()?;
        Some((year, period, start, end))
    };
    let months = (FIRST_YEAR..=LAST_YEAR).flat_map(|year| (1..=12).filter_map(move |period| month(year, period)));
    let period = |(year, period, start, end)| FinancialPeriod {
        id: ids.next(),
        year,
        period: i32::try_from(period).unwrap_or_default(),
        start,
        end,
        closed: year == CLOSED_YEAR,
    };
    months.map(period).collect()
}

fn add_relations(division: &mut Division) {
    let mut ids = Ids(division.code.unsigned_abs(), 10_000);
    let mut account = |code: &str, name: &str, vat: Option<&str>| Account {
        id: ids.next(),
        code: padded(code),
        name: name.to_owned(),
        kind: "A".to_owned(),
        status: Some("A".to_owned()),
        country: Some("NL".to_owned()),
        vat_number: vat.map(str::to_owned),
        ..Account::default()
    };
    let supplier = Account {
        is_supplier: true,
        chamber_of_commerce: Some("12345678".to_owned()),
        ..account(SUPPLIER, "Papier & Co B.V.", Some("NL001234567B01"))
    };
    let customer =
        Account { status: Some("C".to_owned()), ..account(CUSTOMER, "Afnemer N.V.", Some("NL001234568B01")) };
    let blocked = Account { is_supplier: true, blocked: true, ..account(BLOCKED_SUPPLIER, "Oude Leverancier", None) };
    let costs = division.gl_account_by_code("4600").map(|one| one.id);
    let no_payable =
        Account { is_supplier: true, gl_ap: costs, ..account(SUPPLIER_WITHOUT_PAYABLE, "Scheve Leverancier", None) };
    division.bank_accounts.put(BankAccount {
        id: ids.next(),
        account: supplier.id,
        bank_account: "NL02ABNA0123456789".to_owned(),
        bic: Some("ABNANL2A".to_owned()),
        main: true,
        ..BankAccount::default()
    });
    for account in [supplier, customer, blocked, no_payable] {
        division.accounts.put(account);
    }
}
