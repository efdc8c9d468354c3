//! An office with one administration, a supplier and a customer with templates and rules, connected to Exact Online.

use chrono::TimeDelta;
use domain::{
    automation::{AutomationRule, AutomationSwitch, DocumentScope, RuleState},
    contact::{Contact, OwnIdentifiers},
    document::{Actor, UnitId},
    ids::{AdministrationId, ConnectionId, ContactId, Id, RuleId, TenantId, UserId},
    invoice::VatCategory,
    ledger::{Direction, VatCodeKind},
    office::{Access, Administration, Choice, Connection, ConnectionState, Tenant, User, UserState},
    permission::{Role, Roles},
    template::{PostingTemplate, TemplateLine},
    time::{Instant, TimeZone},
};
use rust_decimal::{Decimal, dec};
use simulators::exact::seed;
use std::collections::{BTreeMap, BTreeSet};
use store::{Read, TenantStore, Writer, settings::Author};
use ulid::Ulid;

/// The source of events that is mapped to the office.
pub(crate) const EVENT_SOURCE: &str = "partner.intake";

fn id<T: Id>(number: u128) -> T {
    T::from_ulid(Ulid::from_parts(1_763_700_000_000, number))
}

/// The ids of the office, and its settings to be looked at and changed.
#[derive(Debug, Clone)]
pub struct Office {
    store: TenantStore,
    /// The tenant.
    pub tenant: TenantId,
    /// Its administration.
    pub administration: AdministrationId,
    /// Its connection to Exact Online.
    pub connection: ConnectionId,
    /// The automation user.
    pub automation_user: UserId,
    /// Papier & Co, known to the ledger as well.
    pub supplier: ContactId,
    /// Afnemer, likewise.
    pub customer: ContactId,
    /// The rule of the supplier: everything up to 5,000.00.
    pub supplier_rule: RuleId,
    /// The rule of the customer: likewise.
    pub customer_rule: RuleId,
}

impl Office {
    /// The office with this number, which is a tenant of its own.
    pub(crate) fn new(store: &store::Store, number: u128) -> Self {
        let first = 100 * number;
        let tenant = id(first + 1);
        Self {
            store: store.tenant(tenant),
            tenant,
            administration: id(first + 2),
            connection: id(first + 3),
            automation_user: id(first + 4),
            supplier: id(first + 5),
            customer: id(first + 6),
            supplier_rule: id(first + 7),
            customer_rule: id(first + 8),
        }
    }

    /// Its repositories.
    pub fn store(&self) -> &TenantStore {
        &self.store
    }

    /// The ledger unit of the administration.
    pub fn unit(&self) -> UnitId {
        UnitId { connection: self.connection, division: Some(seed::DIVISION.to_string().parse().unwrap()) }
    }

    /// The unit of the connection as a whole.
    pub fn whole_connection(&self) -> UnitId {
        UnitId { connection: self.connection, division: None }
    }

    /// Stores everything as it was set up an hour before `now`.
    pub(crate) async fn set_up(&self, now: Instant) {
        let at = now - TimeDelta::hours(1);
        let writer = Writer::new("set-up", 0);
        let author = Author { by: &Actor::Operator, at, writer: &writer };
        let store = &self.store;
        let tenant = Tenant {
            id: self.tenant,
            name: "Kantoor".to_owned(),
            event_sources: BTreeSet::from([EVENT_SOURCE.to_owned()]),
            created_at: at,
        };
        store.office().create(&tenant, &author).await.unwrap();
        let administration = Administration {
            id: self.administration,
            name: "Voorbeeld Handel B.V.".to_owned(),
            time_zone: TimeZone::default(),
            own: OwnIdentifiers {
                names: vec!["Voorbeeld Handel B.V.".to_owned()],
                vat_numbers: vec!["NL820646660B01".parse().unwrap()],
                registry_numbers: vec!["34281100".parse().unwrap()],
                ibans: vec!["NL91ABNA0417164300".parse().unwrap()],
            },
            unit: Some(self.unit()),
            currency: domain::money::Currency::EUR,
            exports: domain::office::ExportRules::default(),
            duplicates: domain::office::DuplicateRules::default(),
            version: 1,
        };
        store.administrations().create(&administration, &author).await.unwrap();
        let division = seed::DIVISION.to_string().parse().unwrap();
        let connection = Connection {
            id: self.connection,
            system: "exact-online".parse().unwrap(),
            name: "Exact".to_owned(),
            state: ConnectionState::Connected,
            licence_country: "NL".to_owned(),
            intermediary: None,
            create_contacts: Choice::Yes,
            options: [
                ("purchase_journal", "60"),
                ("sales_journal", "70"),
                ("credit_notes", "negative"),
                ("attach", "both"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
            ledger_user: Some("robot.facturen".parse().unwrap()),
            divisions: BTreeMap::from([(self.administration, division)]),
            automation: AutomationSwitch::On { since: at },
            automation_user: Some(self.automation_user),
            version: 1,
        };
        store.connections().create(&connection, &author).await.unwrap();
        let user = User {
            id: self.automation_user,
            email: "automaat@example.nl".to_owned(),
            name: "Automatic user".to_owned(),
            roles: Roles::new([Role::Accountant]).unwrap(),
            access: Access::All,
            ledger_users: BTreeMap::from([(self.connection, "robot.facturen".parse().unwrap())]),
            may_change_ibans: Choice::No,
            state: UserState::Active,
            version: 1,
        };
        store.users().create(&user, None, &author).await.unwrap();
        store.units().register(&self.unit()).await.unwrap();
        let papier = Contact {
            name: "Papier & Co B.V.".to_owned(),
            vat_number: Some("NL001234567B01".parse().unwrap()),
            registry_number: Some("12345678".parse().unwrap()),
            ibans: vec!["NL02ABNA0123456789".parse().unwrap()],
            ..contact(self.supplier, Direction::Purchase)
        };
        let purchase = [
            line(VatCategory::S, dec!(21), "21", VatCodeKind::Rate { percent: dec!(21) }),
            line(VatCategory::S, dec!(9), "9", VatCodeKind::Rate { percent: dec!(9) }),
            line(VatCategory::AE, dec!(0), "RC", VatCodeKind::ReverseCharge),
        ];
        self.put_contact(&papier, "4600", &purchase, self.supplier_rule, at).await;
        let afnemer = Contact {
            name: "Afnemer N.V.".to_owned(),
            vat_number: Some("NL001234568B01".parse().unwrap()),
            ..contact(self.customer, Direction::Sales)
        };
        let sales = [line(VatCategory::S, dec!(21), "S21", VatCodeKind::Rate { percent: dec!(21) })];
        self.put_contact(&afnemer, "8000", &sales, self.customer_rule, at).await;
    }

    async fn put_contact(&self, contact: &Contact, account: &str, lines: &[TemplateLine], rule: RuleId, at: Instant) {
        let writer = Writer::new("set-up", 1);
        let author = Author { by: &Actor::Operator, at, writer: &writer };
        self.store.contacts(self.administration).create(contact, &author).await.unwrap();
        let lines =
            lines.iter().map(|line| TemplateLine { account: account.parse().unwrap(), ..line.clone() }).collect();
        let template = PostingTemplate::new(lines, None).unwrap();
        self.store.templates(self.administration).put(contact.id, None, &template, &author).await.unwrap();
        let rule = AutomationRule {
            id: rule,
            version: 1,
            contact: contact.id,
            documents: DocumentScope::All,
            max_amount: Some(dec!(5000)),
            effective_from: at,
            state: RuleState::Active,
        };
        self.store.rules(self.administration).create(&rule, &author).await.unwrap();
    }

    /// The connection.
    pub async fn get_connection(&self) -> Connection {
        self.store.connections().get(self.connection, Read::Consistent).await.unwrap().unwrap()
    }

    /// Changes the connection.
    pub async fn change_connection(&self, now: Instant, change: impl FnOnce(&mut Connection)) {
        let before = self.get_connection().await;
        let mut after = Connection { version: before.version + 1, ..before.clone() };
        change(&mut after);
        let writer = unique(now);
        let author = Author { by: &Actor::Operator, at: now, writer: &writer };
        self.store.connections().replace(&before, &after, &author).await.unwrap();
    }

    /// Changes the automation user.
    pub async fn change_automation_user(&self, now: Instant, change: impl FnOnce(&mut User)) {
        let before = self.store.users().get(self.automation_user, Read::Consistent).await.unwrap().unwrap();
        let mut after = User { version: before.version + 1, ..before.clone() };
        change(&mut after);
        let writer = unique(now);
        let author = Author { by: &Actor::Operator, at: now, writer: &writer };
        self.store.users().replace(&before, &after, &author).await.unwrap();
    }

    /// The supplier.
    pub async fn get_supplier(&self) -> Contact {
        self.store.contacts(self.administration).get(self.supplier, Read::Consistent).await.unwrap().unwrap()
    }

    /// Changes the supplier.
    pub async fn change_supplier(&self, now: Instant, change: impl FnOnce(&mut Contact)) {
        let before = self.get_supplier().await;
        let mut after = Contact { version: before.version + 1, ..before.clone() };
        change(&mut after);
        let writer = unique(now);
        let author = Author { by: &Actor::Operator, at: now, writer: &writer };
        self.store.contacts(self.administration).replace(&before, &after, &author).await.unwrap();
    }

    /// Changes the supplier's rule; what an edit does to the moment from which it holds is up to the caller.
    pub async fn change_rule(&self, now: Instant, change: impl FnOnce(&mut AutomationRule)) {
        let rules = self.store.rules(self.administration);
        let before = rules.get(self.supplier, self.supplier_rule, Read::Consistent).await.unwrap().unwrap();
        let mut after = AutomationRule { version: before.version + 1, ..before.clone() };
        change(&mut after);
        let writer = unique(now);
        rules.replace(&before, &after, &Author { by: &Actor::Operator, at: now, writer: &writer }).await.unwrap();
    }

    /// Removes the supplier's rule.
    pub async fn remove_rule(&self, now: Instant) {
        let rules = self.store.rules(self.administration);
        let before = rules.get(self.supplier, self.supplier_rule, Read::Consistent).await.unwrap().unwrap();
        let writer = unique(now);
        rules.delete(&before, &Author { by: &Actor::Operator, at: now, writer: &writer }).await.unwrap();
    }

    /// Removes the supplier's template, and gives it back for [`Office::put_template`].
    pub async fn remove_template(&self, now: Instant) -> PostingTemplate {
        let templates = self.store.templates(self.administration);
        let before = templates.get(self.supplier, Read::Consistent).await.unwrap().unwrap();
        let writer = unique(now);
        let author = Author { by: &Actor::Operator, at: now, writer: &writer };
        templates.delete(self.supplier, &before, &author).await.unwrap();
        before.value
    }

    /// Stores the supplier's first template.
    pub async fn put_template(&self, now: Instant, template: &PostingTemplate) {
        let writer = unique(now);
        let author = Author { by: &Actor::Operator, at: now, writer: &writer };
        self.store.templates(self.administration).put(self.supplier, None, template, &author).await.unwrap();
    }
}

/// A writer that nobody else has: two changes in a row are two changes.
pub(crate) fn unique(now: Instant) -> Writer {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    Writer::new(&format!("person-{}", now.timestamp_millis()), NEXT.fetch_add(1, Ordering::Relaxed))
}

fn contact(id: ContactId, direction: Direction) -> Contact {
    Contact {
        id,
        direction,
        name: String::new(),
        vat_number: None,
        registry_number: None,
        ibans: Vec::new(),
        other_accounts: Vec::new(),
        payment_days: Some(30),
        ledger_contact: None,
        version: 1,
    }
}

fn line(category: VatCategory, rate: Decimal, code: &str, kind: VatCodeKind) -> TemplateLine {
    TemplateLine {
        category,
        rate: Some(rate),
        share: Decimal::ONE_HUNDRED,
        account: "0".parse().unwrap(),
        vat_code: code.parse().unwrap(),
        vat_code_kind: kind,
        cost_centre: None,
        project: None,
        description: "[contact] [invoice number]".parse().unwrap(),
    }
}
