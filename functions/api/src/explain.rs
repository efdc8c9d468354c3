//! What would happen to the next invoice of a contact, and why: the decision itself, taken on documents that are assumed.

use crate::{
    app::App,
    auth::Caller,
    connections::view::auto_posting,
    contacts,
    documents::view::DecisionView,
    extract::Params,
    problem::Answer,
    reply::{InWords, Shown},
    schema,
    text::Amount,
};
use axum::extract::State;
use chrono::TimeDelta;
use domain::{
    automation::{Automation, AutomationRule, Candidate, Completeness, Decision, DocumentFormat, Outcome, decide},
    ids::{AdministrationId, ContactId},
    time::Instant,
    words::{Amount as Money, Explained, Language, ReasonName, Sentence as _, Text},
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Whose next invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExplainParams {
    /// The administration.
    #[param(schema_with = schema::one::<AdministrationId>)]
    administration: AdministrationId,
    /// Supplier or customer.
    #[param(schema_with = schema::one::<ContactId>)]
    contact: ContactId,
}

/// What would happen to an invoice of one kind whose total lies in one range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CaseView {
    /// What it comes as.
    #[schema(schema_with = schema::one::<DocumentFormat>)]
    pub format: DocumentFormat,
    /// Totals including VAT above this; absent from the lowest on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub above: Option<Amount>,
    /// Totals including VAT up to and with this, whatever the currency; absent without a limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub up_to: Option<Amount>,
    /// In words.
    pub text: String,
    /// The decision, with each condition that was looked at.
    pub decision: DecisionView,
}

/// What would happen to the next invoice of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExplainView {
    /// The administration.
    #[schema(schema_with = schema::one::<AdministrationId>)]
    pub administration: AdministrationId,
    /// The contact.
    #[schema(schema_with = schema::one::<ContactId>)]
    pub contact: ContactId,
    /// What it is called.
    pub contact_name: String,
    /// The invoice is assumed to be received then: just after now.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Instant,
    /// Whether the contact has a posting template: without one an invoice is incomplete.
    pub template: bool,
    /// What is taken for granted about the invoice.
    pub assumed: String,
    /// Each kind of file and each range of totals. Scans are decided as PDF files are.
    pub cases: Vec<CaseView>,
}

/// The totals at which something may change: each maximum of the contact's rules, lowest first, and beyond the last.
fn ranges(rules: &[AutomationRule]) -> Vec<Range> {
    let mut limits: Vec<Decimal> = rules.iter().filter_map(|rule| rule.max_amount).collect();
    limits.sort_unstable();
    limits.dedup();
    let aboves = std::iter::once(None).chain(limits.iter().copied().map(Some));
    aboves.zip(limits.iter().copied().map(Some).chain([None])).collect()
}

/// Totals above the first and up to the second; open where there is none.
type Range = (Option<Decimal>, Option<Decimal>);

fn outcome_of(decision: &Decision) -> Outcome {
    decision.outcome
}

/// The cases of one kind of file; neighbours that end alike are one.
fn cases(automation: &Automation, next: &Candidate<'_>, rules: &[AutomationRule]) -> Vec<(Range, Decision)> {
    let mut cases: Vec<(Range, Decision)> = Vec::new();
    for (above, up_to) in ranges(rules) {
        // The highest total of the range stands for all of it; where there is none, any beyond the last limit.
        let gross = up_to.or_else(|| above.map(|above| above + Decimal::ONE)).unwrap_or(Decimal::ONE);
        let decision = decide(automation, &Candidate { gross: Some(gross), ..next.clone() }, rules);
        match cases.last_mut() {
            Some(((_, last_up_to), last)) if outcome_of(last) == decision.outcome => {
                *last_up_to = up_to;
                *last = decision;
            }
            Some(_) | None => cases.push(((above, up_to), decision)),
        }
    }
    cases
}

fn words(format: DocumentFormat, (above, up_to): Range, decision: &Decision, language: Language) -> String {
    let file = format.into();
    let invoice = match (above.map(Money), up_to.map(Money)) {
        (None, None) => Explained::AnyAmount { file },
        (None, Some(up_to)) => Explained::UpTo { file, up_to },
        (Some(above), None) => Explained::Above { file, above },
        (Some(above), Some(up_to)) => Explained::Between { file, above, up_to },
    };
    let invoice = Text(invoice.write(language));
    match decision.outcome {
        Outcome::Post { rule, version, user } => {
            Explained::WouldPost { invoice, rule: Text::of(rule), version, user: Text::of(user) }
        }
        Outcome::Stay { reason } => Explained::WouldStay { invoice, reason: ReasonName(reason.code().to_owned()) },
    }
    .write(language)
}

/// What would happen to the next invoice of a contact and why: for UBL and for PDF, in each range of totals. It is the same
/// decision that documents get, on an invoice that is assumed to come now, to be recognised and not to be held.
#[utoipa::path(
    get, path = "/automation/explain", tag = "automation",
    params(ExplainParams),
    responses((status = 200, body = ExplainView))
)]
pub async fn explain(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<ExplainParams>,
) -> Answer<InWords<Shown<ExplainView>>> {
    let ExplainParams { administration, contact } = params;
    let books = app.administration(&caller, administration).await?;
    let known = contacts::load(&app, &caller, administration, contact).await?;
    let settings = app.of(caller.tenant);
    let (_, template) = settings.contacts(administration).with_template(contact).await?;
    let facts = match &books.unit {
        Some(unit) => settings.connections().automation_facts(unit.connection).await?,
        None => None,
    };
    let automation = facts.map_or_else(Automation::unconnected, |facts| {
        facts.connection.automation(facts.user.as_ref(), auto_posting(&facts.connection))
    });
    let rules = settings.rules(administration).of_contact(contact).await?;
    let received_at = caller.now + TimeDelta::milliseconds(1);
    let completeness = if template.is_some() { Completeness::Complete } else { Completeness::Incomplete };
    let mut shown = Vec::new();
    for format in [DocumentFormat::Ubl, DocumentFormat::Pdf] {
        let next = Candidate { completeness, contact: Some(contact), format, gross: None, received_at, holds: &[] };
        for (range, decision) in cases(&automation, &next, &rules) {
            let text = words(format, range, &decision, caller.language);
            let (above, up_to) = range;
            shown.push(CaseView {
                format,
                above: above.map(Amount::from),
                up_to: up_to.map(Amount::from),
                text,
                decision: DecisionView::new(&decision, caller.language),
            });
        }
    }
    let view = ExplainView {
        administration,
        contact,
        contact_name: known.name,
        received_at,
        template: template.is_some(),
        assumed: Explained::Assumed.write(caller.language),
        cases: shown,
    };
    Ok(InWords(caller.language, Shown(view)))
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;
