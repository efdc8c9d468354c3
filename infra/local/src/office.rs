//! A small office on a running local cloud, for whole-system tests and for measuring costs: a tenant with its people, books at
//! the ledger, a supplier with a rule, automatic posting switched on. And the invoices that it gets.

use std::{
    collections::BTreeMap,
    fs,
    time::{SystemTime, UNIX_EPOCH},
};

use rust_decimal::{Decimal, dec};
use serde_json::Value;

use crate::{
    Ports,
    aws::text,
    demo::{
        api::{Client, Payload, Request},
        ledger::Ledger,
        people::People,
        scenario::{Person, Scenario},
        setup::Opened,
    },
    failure::Failure,
    project::Project,
};

/// Where its settings stand in the checkout.
const OFFICE: &str = "tests/system/office.json";
/// Where the pattern of its invoices stands.
const INVOICE: &str = "tests/system/invoice.xml";

/// An office that is set up.
pub struct Office {
    /// The API without anybody's name.
    pub api: Client,
    /// The API as the Superuser.
    pub superuser: Client,
    /// The API as the accountant.
    pub accountant: Client,
    /// Logins.
    pub people: People,
    /// The ledger's books.
    pub ledger: Ledger,
    /// The division at the ledger.
    pub division: u32,
    /// The tenant's id.
    pub tenant: String,
    /// The administration's id.
    pub administration: String,
    /// The settings that it was made from.
    pub scenario: Scenario,
    invoice: String,
}

impl Office {
    /// Sets an office up. Each has a tenant, addresses and a division of its own.
    pub fn open(project: &Project, ports: &Ports, event_sources: &[&str]) -> Result<Self, Failure> {
        let read = |file: &str| {
            let path = project.root.join(file);
            fs::read_to_string(&path).map_err(Failure::file(path))
        };
        let scenario: Scenario = serde_json::from_str(&read(OFFICE)?).map_err(Failure::unexpected(OFFICE))?;
        let invoice = read(INVOICE)?;
        let made = Opened::new(project, ports, &scenario, event_sources)?;
        made.switch_on()?;
        let only = |missing: &str| Failure::State(format!("{OFFICE} has no {missing}."));
        let administration = made.office.administrations.into_values().next().ok_or_else(|| only("administration"))?;
        let division = made.divisions.into_values().next().ok_or_else(|| only("division"))?;
        Ok(Self {
            api: made.api,
            superuser: made.superuser,
            accountant: made.accountant,
            people: made.people,
            ledger: made.ledger,
            division,
            tenant: made.tenant.tenant,
            administration,
            scenario,
            invoice,
        })
    }

    /// Somebody else of the office, by a name of our choice.
    pub fn somebody(login: &str) -> Person {
        Person { name: login.to_owned(), login: login.to_owned() }
    }

    /// An invoice of the supplier whose name is given.
    pub fn invoice(&self, supplier: &str, number: &str, bags: u32) -> Result<String, Failure> {
        let contacts = self.scenario.administrations.iter().flat_map(|administration| &administration.contacts);
        let contact = contacts.into_iter().find(|contact| contact.name == supplier);
        let contact = contact.ok_or_else(|| Failure::State(format!("{OFFICE} has no {supplier}.")))?;
        let shown = |value: Option<String>| value.unwrap_or_default();
        let flour = Decimal::from(bags) * dec!(18.00);
        let net = flour + dec!(12.00);
        let vat = (net * dec!(0.21)).round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
        let amount = |value: Decimal| format!("{value:.2}");
        let fields = BTreeMap::from([
            ("{number}", number.to_owned()),
            ("{issue_date}", "2025-03-31".to_owned()),
            ("{due_date}", "2025-04-30".to_owned()),
            ("{supplier}", contact.name.clone()),
            ("{vat_number}", shown(contact.vat_number.as_ref().map(ToString::to_string))),
            ("{registry_number}", shown(contact.registry_number.as_ref().map(ToString::to_string))),
            ("{iban}", shown(contact.ibans.first().map(ToString::to_string))),
            ("{bags}", bags.to_string()),
            ("{flour}", amount(flour)),
            ("{net}", amount(net)),
            ("{vat}", amount(vat)),
            ("{gross}", amount(net + vat)),
        ]);
        Ok(fields.iter().fold(self.invoice.clone(), |text, (field, value)| text.replace(field, value)))
    }

    /// Delivers a file as the accountant and tags it. The id of the document that it became.
    pub fn deliver(&self, name: &str, bytes: &[u8]) -> Result<String, Failure> {
        let path = format!("/documents?administration={}&tag=purchase", self.administration);
        let payload = Payload::Bytes { media: "application/octet-stream", name: Some(name), bytes };
        let made: Value =
            self.accountant.send(Request { method: "POST", path: &path, payload, seen: None, key: Some(name) })?;
        Ok(text(&made, "/id").to_owned())
    }
}

/// Now, in milliseconds of the Unix clock.
pub fn milliseconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or_default()
}
