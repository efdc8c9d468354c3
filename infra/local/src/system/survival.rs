//! What is left after everything was stopped.

use serde_json::Value;

use super::ground::{End, Ground, SUPPLIER, same};
use crate::{aws::Aws, failure::Failure, services};

/// Documents, logins, the connection and the ledger's books are there again, and the work goes on.
pub fn down_and_up(ground: &mut Ground) -> Result<(), Failure> {
    let before = ground.invoice(SUPPLIER, "D-1", 70)?;
    same("before", &ground.end(&before)?, &End::of("posted", ""))?;
    let seen: Value = ground.office.accountant.get(&format!("/documents/{before}"))?;
    let bookings = ground.office.ledger.bookings(ground.office.division)?;

    services::stop_all(&ground.project, &mut ground.project.memory()?)?;
    ground.ports = crate::start_built(&ground.project)?;

    let office = &mut ground.office;
    same("the document", &office.accountant.get::<Value>(&format!("/documents/{before}"))?, &seen)?;
    same("the ledger's books", &office.ledger.bookings(office.division)?, &bookings)?;
    let memory = ground.project.memory()?;
    office.people.aws = Aws::local(&ground.project, &memory)?;
    office.accountant = office.people.sign_in(&office.api, &office.scenario.office.accountant)?;
    let after = ground.invoice(SUPPLIER, "D-2", 71)?;
    same("after", &ground.end(&after)?, &End::of("posted", ""))?;
    let booked = ground.office.ledger.bookings(ground.office.division)?.len();
    same("the number of bookings", &booked, &(bookings.len() + 1))
}
