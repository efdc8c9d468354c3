//! What the tests stand on: a running cloud with two offices that have nothing to do with each other, and questions to it.

use std::{
    fmt::Debug,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    Ports,
    aws::text,
    demo::api::{Client, Payload, Request},
    failure::Failure,
    office::Office,
    processes,
    project::Project,
};

/// The source of events that the first office knows.
pub const SOURCE: &str = "scanner.example";
/// The supplier whose invoices are posted.
pub const SUPPLIER: &str = "Molen Supplies B.V.";
/// The supplier on whom the ledger books nothing.
pub const BLOCKED: &str = "Geblokkeerd Transport B.V.";
/// Everything ends within this time unless it hangs; a message that was lost is found by the sweep, which is later.
const PATIENCE: Duration = Duration::from_mins(2);

/// A running cloud with two offices.
pub struct Ground {
    /// The tests' own instance.
    pub project: Project,
    /// Where it listens.
    pub ports: Ports,
    /// The office that things are done in.
    pub office: Office,
    /// Another tenant.
    pub other: Office,
}

/// What the API answered.
#[derive(Debug)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Its body; null when it is no JSON.
    pub body: Value,
}

impl Answer {
    /// The stable code of a problem.
    pub fn code(&self) -> &str {
        text(&self.body, "/code")
    }
}

/// Where a document ended.
#[derive(Debug, PartialEq, Eq)]
pub struct End {
    /// Its status.
    pub status: String,
    /// The code of its reason; empty when there is none.
    pub reason: String,
}

impl End {
    /// As it should be.
    pub fn of(status: &str, reason: &str) -> Self {
        Self { status: status.to_owned(), reason: reason.to_owned() }
    }
}

impl Ground {
    /// Starts the cloud and makes both offices.
    pub fn prepare(project: &Project) -> Result<Self, Failure> {
        let ports = crate::start_built(project)?;
        let office = Office::open(project, &ports, &[SOURCE])?;
        let other = Office::open(project, &ports, &[])?;
        Ok(Self { project: project.clone(), ports, office, other })
    }

    /// Delivers and tags an invoice.
    pub fn invoice(&self, supplier: &str, number: &str, bags: u32) -> Result<String, Failure> {
        self.office.deliver(&format!("{number}.xml"), self.office.invoice(supplier, number, bags)?.as_bytes())
    }

    /// Follows a document to its end.
    pub fn end(&self, document: &str) -> Result<End, Failure> {
        let path = format!("/documents/{document}");
        let deadline = Instant::now() + PATIENCE;
        loop {
            processes::check_interrupt()?;
            let seen: Value = self.office.accountant.get(&path)?;
            let end = End::of(text(&seen, "/status"), text(&seen, "/why/reason/code"));
            let decided = || self.office.accountant.find::<Value>(&format!("{path}/decision"));
            let ended = match end.status.as_str() {
                "tagged" | "posting" => false,
                // Complete comes before the decision; what was decided may be there before it shows.
                "complete" => decided()?.is_some_and(|decision| text(&decision, "/outcome") == "stay"),
                _ => true,
            };
            if ended {
                let seen: Value = self.office.accountant.get(&path)?;
                return Ok(End::of(text(&seen, "/status"), text(&seen, "/why/reason/code")));
            }
            if Instant::now() > deadline {
                return Err(wrong(document, format!("it does not come to an end, it is {}", end.status)));
            }
            thread::sleep(Duration::from_millis(150));
        }
    }
}

/// Sends a request and takes whatever comes back.
pub fn ask(client: &Client, request: Request<'_>) -> Result<Answer, Failure> {
    let what = format!("{} {}", request.method, request.path);
    let mut response =
        client.once(request).map_err(|error| Failure::Cloud { operation: what, message: error.to_string() })?;
    let status = response.status().as_u16();
    let body = response.body_mut().read_to_string().unwrap_or_default();
    Ok(Answer { status, body: serde_json::from_str(&body).unwrap_or_default() })
}

/// A request to see something.
pub fn get(path: &str) -> Request<'_> {
    Request { method: "GET", path, payload: Payload::None, seen: None, key: None }
}

/// A request with JSON.
pub fn with_json<'a>(method: &'static str, path: &'a str, body: &'a Value) -> Request<'a> {
    Request { method, path, payload: Payload::Json(body), seen: None, key: None }
}

/// Fails when two things are not the same.
pub fn same<T: PartialEq + Debug>(what: &str, seen: &T, wanted: &T) -> Result<(), Failure> {
    if seen == wanted { Ok(()) } else { Err(wrong(what, format!("{seen:?} in place of {wanted:?}"))) }
}

/// Fails when an answer is another problem, or none.
pub fn refused(what: &str, answer: &Answer, status: u16, code: &str) -> Result<(), Failure> {
    if (answer.status, answer.code()) == (status, code) {
        return Ok(());
    }
    Err(wrong(what, format!("{} {} in place of {status} {code}", answer.status, answer.body)))
}

/// Something is not what it should be.
pub fn wrong(what: &str, message: String) -> Failure {
    Failure::Unexpected { what: what.to_owned(), message }
}
