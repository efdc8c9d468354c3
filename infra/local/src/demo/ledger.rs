//! The books at Exact Online's simulator: made empty for each run, and looked into at its end.

use std::collections::BTreeMap;

use domain::ledger::Direction;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    api::{Client, Payload, Request},
    scenario::{ContactSetup, InLedger, Scenario},
};
use crate::failure::Failure;

/// The first division that a demo may take; the lower ones belong to the simulator's own examples.
const FIRST_DIVISION: u32 = 200_001;

/// The simulator.
#[derive(Debug)]
pub struct Ledger {
    client: Client,
}

/// What a booking says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Booking {
    /// The ledger's id of it.
    pub entry_id: String,
    /// Total including VAT, negative when it reduces what is owed.
    pub amount: Decimal,
    /// Its currency.
    pub currency: String,
}

impl Ledger {
    /// The simulator at an address.
    pub fn at(base: String) -> Self {
        Self { client: Client::new(base) }
    }

    /// Makes a division for each administration, by its key, with the contacts that the ledger knows beforehand, and a user of
    /// the run's own (`run` is its number), who will give the consent. Earlier runs keep their divisions and their consents.
    pub fn prepare(&self, scenario: &Scenario, run: u64) -> Result<BTreeMap<String, u32>, Failure> {
        let free = self.free_divisions(scenario.administrations.len())?;
        let seed = json!({ "standard_divisions": free });
        self.seed(&seed)?;
        let divisions = scenario.administrations.iter().zip(&free).map(|(administration, code)| {
            let known = administration.contacts.iter().filter(|contact| contact.ledger != InLedger::Absent);
            let relations: Vec<Value> = known.zip(2001..).map(|(contact, number)| relation(contact, number)).collect();
            json!({ "code": code, "description": administration.name, "accounts": relations })
        });
        let divisions: Vec<Value> = divisions.collect();
        let user = format!("0000de30-0000-4000-8000-{run:012x}");
        self.seed(&json!({
            "divisions": divisions,
            "users": [{
                "id": user,
                "user_name": "robot.facturen",
                "full_name": "Robot Facturen",
                "email": "robot@example.nl",
                "language": "nl",
                "current_division": free.last(),
                "divisions": free,
                "rights": ["purchase_entries", "sales_entries", "documents", "relations"],
            }],
            "consent": { "user": user },
        }))?;
        Ok(scenario.administrations.iter().map(|administration| administration.key.clone()).zip(free).collect())
    }

    fn free_divisions(&self, count: usize) -> Result<Vec<u32>, Failure> {
        let mut free = Vec::new();
        let mut code = FIRST_DIVISION;
        while free.len() < count {
            if self.client.find::<Value>(&bookings_path(code))?.is_none() {
                free.push(code);
            }
            code += 1;
        }
        Ok(free)
    }

    fn seed(&self, seed: &Value) -> Result<(), Failure> {
        self.client.send::<()>(Request {
            method: "POST",
            path: "/_sim/seed",
            payload: Payload::Json(seed),
            seen: None,
            key: None,
        })
    }

    /// Everything that is booked in a division.
    pub fn bookings(&self, division: u32) -> Result<Vec<Booking>, Failure> {
        self.client.get(&bookings_path(division))
    }
}

/// Where the simulator shows a division's bookings.
pub fn bookings_path(division: u32) -> String {
    format!("/_sim/bookings?division={division}")
}

fn relation(contact: &ContactSetup, number: u32) -> Value {
    let (is_supplier, status) = match contact.direction {
        Direction::Purchase => (true, "A"),
        Direction::Sales => (false, "C"),
    };
    json!({
        "Code": number.to_string(),
        "Name": contact.name,
        "Type": "A",
        "Status": status,
        "IsSupplier": is_supplier,
        "Blocked": contact.ledger == InLedger::Blocked,
        "VATNumber": contact.vat_number,
        "ChamberOfCommerce": contact.registry_number,
    })
}
