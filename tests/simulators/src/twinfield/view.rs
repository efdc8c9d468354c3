//! The page that shows what was booked.

use super::books::{Dimension, LineKind, Office, PostingRule, Transaction, Twinfield};
use crate::page::{Field, Page};

/// The whole page.
pub fn page(books: &Twinfield) -> String {
    let mut page = Page::new("Twinfield (simulator)");
    page.paragraph("Machine-readable: /_sim/state, /_sim/requests");
    for organisation in &books.organisations {
        for office in &organisation.offices {
            page.heading(2, &format!("{} {} ({})", office.code, office.name, organisation.code));
            page.heading(3, "Bookings");
            page.table(
                &[
                    "Daybook",
                    "Number",
                    "Status",
                    "Date",
                    "Due",
                    "Relation",
                    "Invoice",
                    "Lines",
                    "Total",
                    "VAT",
                    "By",
                    "Reference",
                ],
                &office.transactions.iter().map(|transaction| booking(office, transaction)).collect::<Vec<_>>(),
            );
            page.heading(3, "Posting rules");
            let with_rules = office.dimensions.iter().flat_map(|one| one.rules.iter().map(move |rule| (one, rule)));
            let rows: Vec<Vec<Field>> = with_rules.map(|(relation, rule)| posting_rule(relation, rule)).collect();
            page.table(&["Relation", "Rule", "Lines"], &rows);
            page.heading(3, "Balances");
            let balances = office.balances();
            let rows: Vec<Vec<Field>> = balances
                .iter()
                .map(|(code, amount)| vec![Field::text(code), Field::number(&format!("{amount:.2}"))])
                .collect();
            page.table(&["Account or relation", "Balance"], &rows);
        }
    }
    page.finish()
}

fn posting_rule(relation: &Dimension, rule: &PostingRule) -> Vec<Field> {
    let lines = rule.lines.iter().map(|line| {
        let codes = [&line.account, &line.dim2, &line.dim3, &line.vat_code].map(String::as_str).join(" ");
        format!("{codes} {} {}", line.ratio, line.description)
    });
    vec![
        Field::text(&format!("{} {}", relation.code, relation.name)),
        Field::text(&format!("{} {}", rule.id, rule.description)),
        Field::text(&lines.collect::<Vec<_>>().join("; ")),
    ]
}

fn booking(office: &Office, transaction: &Transaction) -> Vec<Field> {
    let relation = office.dimension(&["CRD", "DEB"], transaction.relation());
    let lines = transaction.lines.iter().filter(|line| line.kind != LineKind::Total).map(|line| {
        let side = if line.debit { "debit" } else { "credit" };
        let kind = line.kind.as_str();
        format!("{kind} {} {side} {:.2} {} {}", line.account, line.amount.abs(), line.vat_code, line.description)
    });
    let total = transaction.total().map(|line| line.amount).unwrap_or_default();
    vec![
        Field::text(&transaction.daybook),
        Field::number(&transaction.number),
        Field::text(if transaction.last { "final" } else { "draft" }),
        Field::text(&transaction.date),
        Field::text(&transaction.due.map(|due| due.to_string()).unwrap_or_default()),
        Field::text(&format!(
            "{} {}",
            transaction.relation(),
            relation.map(|relation| relation.name.as_str()).unwrap_or_default()
        )),
        Field::text(&transaction.invoice_number),
        Field::text(&lines.collect::<Vec<_>>().join("; ")),
        Field::number(&format!("{} {:.2}", transaction.currency, total)),
        Field::number(&format!("{:.2}", transaction.vat())),
        Field::text(&transaction.user),
        Field::text(&transaction.free_texts.values().cloned().collect::<Vec<_>>().join(" ")),
    ]
}
