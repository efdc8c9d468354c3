//! A month's end: documents that no rule posts are released, and a monthly job exports them into a file. The clock goes to the
//! instant at which the job is due, since nobody waits for it.

use std::{
    thread,
    time::{Duration, Instant as Stopwatch},
};

use chrono::TimeDelta;
use domain::{invoice::InvoiceKind, time::Instant};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    api::Client,
    follow::{Followed, Seen, name},
    scenario::{Export as Wanted, Scenario, Total},
    setup::Opened,
};
use crate::{aws::text, failure::Failure, operate::Deployment, processes};

/// A run of a few documents takes seconds.
const PATIENCE: Duration = Duration::from_mins(2);
/// The trigger comes on the quarter of an hour, and a little later.
const AFTER_DUE: TimeDelta = TimeDelta::seconds(30);
/// So many lines of the file are shown, each cut at this length.
const LINES: usize = 5;
/// See there.
const LINE_CHARS: usize = 140;

/// The office when people have done their part.
pub struct Export<'a> {
    /// What is to be exported.
    pub wanted: &'a Wanted,
    /// What was set up and sent.
    pub scenario: &'a Scenario,
    /// The office.
    pub opened: &'a Opened,
    /// The documents.
    pub documents: &'a [Followed<'a>],
}

/// What an export came to.
#[derive(Debug, Default)]
pub struct Exported {
    /// Its run.
    pub run: Option<String>,
    /// Documents that are exported and in the file.
    pub documents: usize,
    /// What is not as the scenario says.
    pub wrong: Vec<String>,
}

/// A document with its id.
struct Subject<'a> {
    id: &'a str,
    file: &'a str,
    seen: &'a Seen,
}

/// The Finance user.
struct Finance<'a> {
    name: &'a str,
    id: &'a str,
    client: &'a Client,
}

/// A run, as the API shows it.
#[derive(Debug, Deserialize)]
struct Run {
    id: String,
    status: String,
    at: Instant,
    documents: u64,
    exported: Vec<Total>,
    #[serde(default)]
    reason: Option<Value>,
    #[serde(default)]
    file: Option<RunFile>,
}

/// Its file.
#[derive(Debug, Deserialize)]
struct RunFile {
    bytes: usize,
}

impl Export<'_> {
    /// Does everything, one step after another.
    pub fn show(&self, deployment: &mut Deployment) -> Result<Exported, Failure> {
        let finance = self.finance()?;
        let subjects = self.subjects()?;
        let books = self.opened.office.administrations.get(&self.wanted.administration);
        let books = books.ok_or_else(|| missing("administration", &self.wanted.administration))?;
        let books = format!("/administrations/{books}");
        release(&finance, &subjects)?;
        let facility = self.facility(&books)?;
        let due = self.job(&finance, &facility)?;

        let at = due + AFTER_DUE;
        println!("  the clock of export-trigger and export-run goes to {}", shown(at));
        let run = deployment.at_another_time(&["ExportTrigger", "ExportRun"], at, |deployment| {
            let triggered = deployment.trigger_exports()?;
            println!("  export-trigger is called as its schedule does: {triggered}");
            wait(&finance, &books, due)
        })?;
        println!("  the clock is set back");
        let mut exported = Exported { run: Some(run.id.clone()), ..Exported::default() };
        let sums: Vec<String> = run.exported.iter().map(|sum| format!("{:.2} {}", sum.gross, sum.currency)).collect();
        println!("  {} of {}: {}, {} documents, {}", run.id, shown(run.at), run.status, run.documents, sums.join(", "));
        if run.status != "completed" {
            let why = run.reason.as_ref().map(|reason| text(reason, "/text").to_owned()).unwrap_or_default();
            exported.wrong.push(format!("{} is {} instead of completed. {why}", run.id, run.status));
        }
        if run.exported != self.wanted.exported {
            exported.wrong.push(format!("{}: exported {:?}, not {:?}", run.id, run.exported, self.wanted.exported));
        }
        match &run.file {
            Some(file) => {
                exported.wrong.extend(self.file(&finance, &format!("{books}/export-runs/{}", run.id), file)?);
            }
            None => exported.wrong.push(format!("{} made no file.", run.id)),
        }
        for subject in &subjects {
            match self.became(subject, &run.id)? {
                None => exported.documents += 1,
                Some(trouble) => exported.wrong.push(trouble),
            }
        }
        Ok(exported)
    }

    fn finance(&self) -> Result<Finance<'_>, Failure> {
        let person = self.scenario.office.finance.as_ref();
        let person = person.ok_or_else(|| missing("person", "of the office for finance"))?;
        let (id, client) = self.opened.finance.as_ref().ok_or_else(|| missing("person", &person.name))?;
        Ok(Finance { name: &person.name, id, client })
    }

    fn subjects(&self) -> Result<Vec<Subject<'_>>, Failure> {
        let mut subjects = Vec::new();
        for wanted in &self.wanted.documents {
            let followed = self.documents.iter().find(|document| document.delivery.file == *wanted);
            let ended = followed.and_then(|followed| Some((followed.id.as_deref()?, followed.seen.as_ref()?)));
            let (id, seen) = ended.ok_or_else(|| missing("document", wanted))?;
            subjects.push(Subject { id, file: name(wanted), seen });
        }
        Ok(subjects)
    }

    /// Sets the facility up step by step and activates it. Its path.
    fn facility(&self, books: &str) -> Result<String, Failure> {
        let superuser = &self.opened.superuser;
        let made = superuser.post(&format!("{books}/export-facilities"), &json!({ "name": self.wanted.facility }))?;
        let path = format!("{books}/export-facilities/{}", text(&made, "/id"));
        let system = json!({ "kind": "file", "format": self.wanted.format });
        let chosen = superuser.put(&format!("{path}/system"), Some(&made), &system)?;
        superuser.put(&format!("{path}/configuration"), Some(&chosen), &self.wanted.configuration)?;
        let active = superuser.post(&format!("{path}/activate"), &Value::Null)?;
        println!(
            "  the facility \"{}\" ({}) is set up by {}: {}; it is {}",
            self.wanted.facility,
            self.wanted.format,
            self.scenario.office.superuser.name,
            steps(&active),
            text(&active, "/state")
        );
        Ok(path)
    }

    /// Sets the job. When it is due.
    fn job(&self, finance: &Finance<'_>, facility: &str) -> Result<Instant, Failure> {
        let superuser = &self.opened.superuser;
        let mut body = self.wanted.job.clone();
        if let Some(body) = body.as_object_mut() {
            body.insert("on_behalf_of".to_owned(), json!([finance.id]));
            body.insert("switch".to_owned(), json!("on"));
        }
        let before: Value = superuser.get(facility)?;
        superuser.put(&format!("{facility}/job"), Some(&before), &body)?;
        let next: NextRuns = finance.client.get(&format!("{facility}/next-runs"))?;
        let due = next.runs.first().ok_or_else(|| Failure::State("The job has no next run.".into()))?.utc;
        let runs: Vec<String> = next.runs.iter().take(4).map(|run| shown(run.utc)).collect();
        println!("  its job {} runs on behalf of {}, next at {} ...", self.wanted.job, finance.name, runs.join(", "));
        Ok(due)
    }

    /// Downloads the file by the address that expires, and shows its beginning. What is wrong with it.
    fn file(&self, finance: &Finance<'_>, run: &str, file: &RunFile) -> Result<Vec<String>, Failure> {
        let address: Value = finance.client.get(&format!("{run}/file"))?;
        let content = Client::new(String::new()).download(text(&address, "/url"))?;
        println!(
            "  {}, {} bytes, from an address that expires at {}:",
            text(&address, "/file_name"),
            content.len(),
            text(&address, "/expires_at")
        );
        for line in content.lines().take(LINES) {
            println!("    {}", line.chars().take(LINE_CHARS).collect::<String>());
        }
        let mut wrong = Vec::new();
        if content.len() != file.bytes {
            wrong.push(format!("The file has {} bytes, and its run says {}.", content.len(), file.bytes));
        }
        wrong.extend(self.subjects()?.iter().filter_map(|subject| not_in_file(&content, subject.file, subject.seen)));
        Ok(wrong)
    }

    /// How a document stands now. What is wrong with that.
    fn became(&self, subject: &Subject<'_>, run: &str) -> Result<Option<String>, Failure> {
        let path = format!("/documents/{}", subject.id);
        let accountant = &self.opened.accountant;
        let now: Value = accountant.get(&path)?;
        let history: Vec<Value> = accountant.get(&format!("{path}/history"))?;
        let last = history.last().unwrap_or(&Value::Null);
        let (status, line) = (text(&now, "/status"), text(last, "/reason/text"));
        println!("  {} is {status}: {line} (by {})", subject.file, text(last, "/by"));
        let as_wanted = status == "exported" && line.contains(run);
        Ok((!as_wanted).then(|| format!("{} ({}) is {status} instead of exported: {line}", subject.file, subject.id)))
    }
}

/// The Finance user releases the documents: from then on no other path posts them.
fn release(finance: &Finance<'_>, subjects: &[Subject<'_>]) -> Result<(), Failure> {
    let ids: Vec<&str> = subjects.iter().map(|subject| subject.id).collect();
    let answer = finance.client.post("/documents/ready", &json!({ "documents": ids }))?;
    let results = answer.get("results").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for result in results {
        let status = result.get("status").and_then(Value::as_u64).unwrap_or_default();
        if status != 200 {
            return Err(Failure::State(format!("{} is not released: {result}", text(result, "/id"))));
        }
    }
    let files: Vec<&str> = subjects.iter().map(|subject| subject.file).collect();
    println!("  {} releases {}", finance.name, files.join(", "));
    Ok(())
}

/// Waits until the run of an instant has come to its end.
fn wait(finance: &Finance<'_>, books: &str, due: Instant) -> Result<Run, Failure> {
    let deadline = Stopwatch::now() + PATIENCE;
    loop {
        let listed: Listed = finance.client.get(&format!("{books}/export-runs"))?;
        let run = listed.items.into_iter().find(|run| run.at == due);
        match run {
            Some(run) if run.status != "in_progress" => return Ok(run),
            Some(_) | None if Stopwatch::now() > deadline => {
                let what = format!("The run of {} does not come to its end; see `cargo local logs`.", shown(due));
                return Err(Failure::State(what));
            }
            Some(_) | None => thread::sleep(Duration::from_millis(200)),
        }
        processes::check_interrupt()?;
    }
}

/// Runs of an administration, the latest first.
#[derive(Debug, Deserialize)]
struct Listed {
    items: Vec<Run>,
}

/// When a job runs.
#[derive(Debug, Deserialize)]
struct NextRuns {
    runs: Vec<NextRun>,
}

/// An instant of it.
#[derive(Debug, Deserialize)]
struct NextRun {
    utc: Instant,
}

/// The steps of a facility's set-up in a line.
fn steps(facility: &Value) -> String {
    let steps = facility.get("steps").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let said = steps.iter().map(|step| {
        let state = if step.get("done").and_then(Value::as_bool) == Some(true) { "done" } else { "open" };
        format!("{} {state}", text(step, "/step"))
    });
    said.collect::<Vec<_>>().join(", ")
}

/// Seconds are enough for people.
fn shown(instant: Instant) -> String {
    instant.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A total as it counts: a credit note takes away.
pub(super) fn signed(kind: Option<InvoiceKind>, gross: Decimal) -> Decimal {
    match kind {
        Some(InvoiceKind::CreditNote) => -gross,
        Some(InvoiceKind::Invoice) | None => gross,
    }
}

/// What is wrong with a document in a file of one row a document.
fn not_in_file(content: &str, file: &str, seen: &Seen) -> Option<String> {
    let number = seen.number.as_deref().unwrap_or_default();
    let rows: Vec<&str> = content.lines().skip(1).filter(|line| line.split(',').any(|cell| cell == number)).collect();
    let [row] = rows.as_slice() else {
        return Some(format!("{file}: {} rows of {number} in the export file", rows.len()));
    };
    let gross = format!("{:.2}", signed(seen.kind, seen.gross?));
    let has = row.split(',').any(|cell| cell == gross);
    (!has).then(|| format!("{file}: its row in the export file has not the total {gross}: {row}"))
}

fn missing(what: &str, which: &str) -> Failure {
    Failure::State(format!("The scenario names a {what} that it does not have: {which}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(kind: &str, number: &str, gross: &str) -> Seen {
        let json = json!({ "status": "exported", "why": {}, "updated_at": "2026-11-30T00:00:31Z", "kind": kind,
            "number": number, "currency": "EUR", "gross": gross });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_document_stands_in_the_file_once_with_its_signed_total() {
        let file = "number,kind,gross\r\nL-1,invoice,218.00\r\nC-1,credit_note,-54.50\r\n";
        assert_eq!(not_in_file(file, "a.xml", &seen("invoice", "L-1", "218.00")), None);
        assert_eq!(not_in_file(file, "c.xml", &seen("credit_note", "C-1", "54.50")), None);
        let other = not_in_file(file, "c.xml", &seen("invoice", "C-1", "54.50")).unwrap();
        assert!(other.contains("has not the total 54.50: C-1,credit_note,-54.50"), "{other}");
        let none = not_in_file(file, "b.xml", &seen("invoice", "L", "1.00")).unwrap();
        assert_eq!(none, "b.xml: 0 rows of L in the export file");
        let twice = not_in_file(&format!("{file}L-1,invoice,218.00\r\n"), "a.xml", &seen("invoice", "L-1", "218.00"));
        assert!(twice.unwrap().contains("2 rows of L-1"));
    }

    #[test]
    fn a_run_is_read_as_the_api_shows_it() {
        let run: Run = serde_json::from_value(json!({
            "id": "run_1", "status": "completed", "at": "2026-11-30T00:00:00Z", "documents": 3, "left_out": 0,
            "exported": [{ "currency": "EUR", "documents": 3, "gross": "463.25" }],
            "file": { "name": "a.csv", "content_type": "text/csv", "bytes": 210 },
        }))
        .unwrap();
        assert_eq!((run.documents, run.exported[0].gross.to_string()), (3, "463.25".to_owned()));
        assert_eq!((shown(run.at + AFTER_DUE), run.file.unwrap().bytes), ("2026-11-30T00:00:30Z".to_owned(), 210));
    }

    #[test]
    fn steps_are_said_in_a_line() {
        let facility =
            json!({ "steps": [{ "step": "system", "done": true }, { "step": "configuration", "done": false }] });
        assert_eq!(steps(&facility), "system done, configuration open");
    }
}
