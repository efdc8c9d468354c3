//! Documents that go to accounting packages by mail: a client for each example of what may be set and given (ED-5, ED-8 to ED-13,
//! ED-22, ED-23), and one whose address takes no mail (ED-25). People do it through the API; what came of it is read in the mails
//! that left the local cloud, and in what the accountant is shown (ED-16).

mod cases;
mod papers;

use std::{
    thread,
    time::{Duration, Instant},
};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    api::{Client, Payload, Request},
    setup::Opened,
};
use crate::{
    aws::text,
    deploy,
    failure::Failure,
    mailbox::{Captured, Mailbox},
    processes,
};
use cases::{Addresses, BOUNCES, CASES, Carries, Case, Connected, Given, Role};
pub use papers::Papers;
use papers::{CLIENT, Paper};

/// A mail takes seconds, also when what the local SES tells of it comes a second time because it came too early.
const PATIENCE: Duration = Duration::from_mins(3);
const PAUSE: Duration = Duration::from_millis(150);
/// As which files come: as they are.
const BYTES: &str = "application/octet-stream";

/// How the accountant finds a document.
#[derive(Debug, Deserialize)]
pub struct Standing {
    /// Its accounting status.
    pub accounting_status: String,
    /// Why it is so.
    pub explanation: Explanation,
    /// What was mailed of it.
    pub deliveries: Vec<Delivery>,
}

/// Why something is so.
#[derive(Debug, Deserialize)]
pub struct Explanation {
    /// Stable code.
    pub code: String,
    /// In words.
    pub text: String,
}

/// A mail on record.
#[derive(Debug, Deserialize)]
pub struct Delivery {
    /// Its id.
    pub id: String,
    /// To whom.
    pub to: String,
    /// Where it stands.
    pub state: String,
    /// The id that SES gave it.
    pub message_id: Option<String>,
}

impl Delivery {
    /// Whether something still happens to it by itself, and soon.
    pub fn is_under_way(&self) -> bool {
        ["queued", "sending", "sent", "delayed"].contains(&self.state.as_str())
    }
}

/// How the accountant finds a document of which something is mailed, once nothing happens to it any more; in the end as it is.
pub fn settled(api: &Client, document: &str) -> Result<Standing, Failure> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let standing: Standing = api.get(&format!("{document}/deliveries"))?;
        let is_over = !standing.deliveries.is_empty() && !standing.deliveries.iter().any(Delivery::is_under_way);
        if is_over || Instant::now() > deadline {
            return Ok(standing);
        }
        processes::check_interrupt()?;
        thread::sleep(PAUSE);
    }
}

/// The office, and where everything is.
pub struct Mails<'a> {
    /// The office.
    pub opened: &'a Opened,
    /// The files that clients give.
    pub papers: &'a Papers,
    /// Where the API answers.
    pub api_url: &'a str,
    /// The mails that left.
    pub mailbox: &'a Mailbox,
}

/// An example on its way: its client, and what that gave.
struct Example {
    case: Case,
    addresses: Addresses,
    administration: String,
    package: String,
    document: String,
    paper: Paper,
}

/// What came of an example.
struct Outcome {
    standing: Standing,
    mails: Vec<Captured>,
    wrong: Vec<String>,
}

impl Mails<'_> {
    /// Does everything, and says what came of it. What is not as it should be.
    pub fn show(&self) -> Result<Vec<String>, Failure> {
        let mut examples = Vec::new();
        for (number, case) in CASES.into_iter().chain([BOUNCES]).enumerate() {
            processes::check_interrupt()?;
            examples.push(self.begin(case, number)?);
        }
        for example in &examples {
            self.share(example.case.given_document, &example.document)?;
            if example.case.connected == Connected::Afterwards {
                self.connect(example)?;
            }
        }
        let mut wrong = Vec::new();
        for example in &examples {
            let outcome = self.outcome(example)?;
            println!("  {}\n    expected  {}", example.case.given, example.case.expected);
            print(&outcome);
            wrong.extend(outcome.wrong);
        }
        if let Some(bouncing) = examples.last() {
            wrong.extend(self.next_one(bouncing)?);
        }
        // Now that everything has gone out: nothing went where nothing should.
        for example in &examples {
            wrong.extend(self.strays(example)?);
        }
        Ok(wrong)
    }

    /// A client with a package of its own, connected unless that is to be later; and what it gives.
    fn begin(&self, case: Case, number: usize) -> Result<Example, Failure> {
        let superuser = &self.opened.superuser;
        let [name, vat_number, registry_number] = CLIENT;
        let own = json!({
            "names": [name], "vat_numbers": [vat_number], "registry_numbers": [registry_number], "ibans": []
        });
        let body = json!({ "name": format!("{name} ({})", case.key), "time_zone": "Europe/Amsterdam", "own": own });
        let administration = text(&superuser.post("/administrations", &body)?, "/id").to_owned();
        let package = with(json!({ "name": format!("Package ({})", case.key) }), (case.package)());
        let package = text(&superuser.post("/mail-packages", &package)?, "/id").to_owned();
        let addresses = Addresses::of(&case, &self.opened.run);
        let paper = self.papers.paper(case.given_document, &format!("M{}-{number}", self.opened.run));
        let mut example = Example { case, addresses, administration, package, document: String::new(), paper };
        if example.case.connected == Connected::Before {
            self.connect(&example)?;
        }
        example.document = self.deliver(&example, &example.paper)?;
        Ok(example)
    }

    fn connect(&self, example: &Example) -> Result<(), Failure> {
        let body =
            with(json!({ "package": example.package, "share": true }), (example.case.connection)(&example.addresses));
        let path = format!("/administrations/{}/mail-connections", example.administration);
        self.opened.superuser.post(&path, &body).map(drop)
    }

    fn deliver(&self, example: &Example, paper: &Paper) -> Result<String, Failure> {
        let tag = match example.case.given_document {
            Given::Purchase => "&tag=purchase",
            Given::Sales => "&tag=sales",
            Given::Statement => "",
        };
        let path = format!("/documents?administration={}{tag}", example.administration);
        let payload = Payload::Bytes { media: BYTES, name: Some(&paper.name), bytes: &paper.bytes };
        let key = format!("{}-{}", example.administration, paper.filed);
        let request = Request { method: "POST", path: &path, payload, seen: None, key: Some(&key) };
        let made: Value = self.opened.accountant.send(request)?;
        Ok(text(&made, "/id").to_owned())
    }

    /// A person shares a document once it was read. A file of statements shares itself.
    fn share(&self, given: Given, document: &str) -> Result<(), Failure> {
        let how = match given {
            Given::Purchase => "accept",
            Given::Sales => "mark-sent",
            Given::Statement => return Ok(()),
        };
        let (accountant, path) = (&self.opened.accountant, format!("/documents/{document}"));
        let deadline = Instant::now() + PATIENCE;
        loop {
            let seen: Value = accountant.get(&path)?;
            match text(&seen, "/status") {
                "complete" | "incomplete" => break,
                status if Instant::now() > deadline => {
                    return Err(Failure::State(format!("{document} stays {status}; see `cargo local logs`.")));
                }
                _ => {}
            }
            processes::check_interrupt()?;
            thread::sleep(PAUSE);
        }
        accountant.post(&format!("{path}/{how}"), &Value::Null).map(drop)
    }

    /// Waits for what is expected of an example, and compares it with what is there.
    fn outcome(&self, example: &Example) -> Result<Outcome, Failure> {
        let path = format!("/documents/{}", example.document);
        let (standing, mails) = match &example.case.mail {
            Some(mail) => {
                let standing = settled(&self.opened.accountant, &path)?;
                (standing, self.mailbox.arrived(&example.addresses.address(mail.to))?)
            }
            None => (self.opened.accountant.get(&format!("{path}/deliveries"))?, Vec::new()),
        };
        let mut wrong = Vec::new();
        let seen = (standing.accounting_status.as_str(), standing.explanation.code.as_str());
        if seen != example.case.standing {
            wrong.push(format!("the document is {seen:?}, not {:?}", example.case.standing));
        }
        let wanted = example.case.mail.map(|mail| (example.addresses.address(mail.to), mail.state.to_owned()));
        let recorded: Vec<_> =
            standing.deliveries.iter().map(|delivery| (delivery.to.clone(), delivery.state.clone())).collect();
        if recorded != Vec::from_iter(wanted) {
            wrong.push(format!("its deliveries are {recorded:?}"));
        }
        if let (Some(wanted), [mail]) = (&example.case.mail, mails.as_slice()) {
            wrong.extend(self.contents(example, wanted.carries, mail)?);
            let known = standing.deliveries.first().and_then(|delivery| delivery.message_id.as_deref());
            if known != Some(mail.message_id()) {
                wrong.push(format!("the mail is {}, on record is {known:?}", mail.message_id()));
            }
        }
        let wrong = wrong.into_iter().map(|what| format!("{}: {what}", example.case.given)).collect();
        Ok(Outcome { standing, mails, wrong })
    }

    /// What is with a mail and should not be, or the other way round.
    fn contents(&self, example: &Example, carries: Carries, mail: &Captured) -> Result<Vec<String>, Failure> {
        let paper = &example.paper;
        let file = (paper.filed.clone(), paper.bytes.clone());
        let pdf = || (paper.filed.replace(".xml", ".pdf"), self.papers.pdf().to_vec());
        let wanted = match carries {
            Carries::File => vec![file],
            Carries::FileAndPdf => vec![file, pdf()],
            Carries::Link => Vec::new(),
        };
        let names = mail.attachments.iter().map(|attachment| attachment.name.clone());
        let found: Vec<(String, Vec<u8>)> = names.zip(self.mailbox.contents(mail)?).collect();
        let mut wrong = Vec::new();
        if !mail.from.contains(&format!("@{}", deploy::MAIL_DOMAIN)) {
            wrong.push(format!("the mail comes from {}", mail.from));
        }
        if found != wanted {
            let names: Vec<&str> = wanted.iter().map(|(name, _)| name.as_str()).collect();
            wrong.push(format!("with the mail is {}, which is not {names:?} as it was given", mail.files()));
        }
        if carries == Carries::Link {
            let shared = format!("{}/shared/", self.api_url);
            let words = mail.text.iter().flat_map(|text| text.split_whitespace());
            match words.into_iter().find(|word| word.starts_with(&shared)) {
                None => wrong.push("there is no link in the mail".to_owned()),
                Some(link) => {
                    // Whoever follows it is not signed in with us.
                    let reader = Client::new(String::new());
                    if reader.bytes(&reader.redirection(link)?)? != paper.bytes {
                        wrong.push("the link opens another file".to_owned());
                    }
                }
            }
        }
        Ok(wrong)
    }

    /// The next invoice of the client whose address was suspended waits until somebody confirms the address (ED-25).
    fn next_one(&self, example: &Example) -> Result<Vec<String>, Failure> {
        let paper = self.papers.paper(example.case.given_document, &format!("M{}-next", self.opened.run));
        let document = self.deliver(example, &paper)?;
        self.share(example.case.given_document, &document)?;
        let standing = settled(&self.opened.accountant, &format!("/documents/{document}"))?;
        let path = format!("/administrations/{}/mail-suspensions", example.administration);
        let suspended: Value = self.opened.accountant.get(&path)?;
        let suspended = suspended.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
        let suspended: Vec<&str> = suspended.iter().map(|one| text(one, "/address")).collect();
        println!("  the same client's next purchase invoice is accepted");
        println!("    expected  it is held until somebody confirms the address or enters another");
        println!("    suspended {}", suspended.join(", "));
        let mut wrong = Vec::new();
        let seen = (standing.accounting_status.as_str(), standing.explanation.code.as_str());
        let states: Vec<&str> = standing.deliveries.iter().map(|delivery| delivery.state.as_str()).collect();
        if seen != ("queued", "mail_suspended") || states != ["held"] {
            wrong.push(format!("what comes next is {seen:?}, {states:?}"));
        }
        if suspended != [example.addresses.address(Role::Nobody)] {
            wrong.push(format!("suspended are {suspended:?}"));
        }
        print(&Outcome { standing, mails: Vec::new(), wrong: wrong.clone() });
        Ok(wrong)
    }

    /// Mails of an example that should not be, or should and are not.
    fn strays(&self, example: &Example) -> Result<Vec<String>, Failure> {
        let mut wrong = Vec::new();
        for role in Role::ALL {
            let address = example.addresses.address(role);
            let wanted = usize::from(example.case.mail.is_some_and(|mail| mail.to == role));
            let mails = self.mailbox.to(&address)?.len();
            if mails != wanted {
                wrong.push(format!("{}: {mails} mails to {address}, not {wanted}", example.case.given));
            }
        }
        Ok(wrong)
    }
}

/// Lays settings over others.
fn with(mut settings: Value, others: Value) -> Value {
    if let (Value::Object(settings), Value::Object(others)) = (&mut settings, others) {
        settings.extend(others);
    }
    settings
}

/// The mails of something, and how the accountant finds it.
fn print(outcome: &Outcome) {
    for (mail, delivery) in outcome.mails.iter().zip(&outcome.standing.deliveries) {
        println!("    mail      {} to {}: \"{}\", {}", delivery.state, delivery.to, mail.subject, mail.files());
    }
    if outcome.mails.is_empty() {
        println!("    mail      none");
    }
    let Standing { accounting_status, explanation, .. } = &outcome.standing;
    println!("    status    {accounting_status}: {}", explanation.text);
    for line in &outcome.wrong {
        println!("    NOT SO    {line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_over_when_its_end_is_known() {
        let is_over = |state: &str| {
            let delivery = Delivery { id: String::new(), to: String::new(), state: state.to_owned(), message_id: None };
            !delivery.is_under_way()
        };
        assert!(["delivered", "bounced", "held", "failed", "uncertain", "not_shared"].into_iter().all(is_over));
        assert!(!["queued", "sending", "sent"].into_iter().any(is_over));
    }

    #[test]
    fn settings_lie_over_others() {
        let settings = with(json!({ "share": true, "name": "a" }), json!({ "share": false }));
        assert_eq!(settings, json!({ "share": false, "name": "a" }));
    }
}
