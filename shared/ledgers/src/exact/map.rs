//! Posting to entry, and entry to booking. Pure.

use super::{
    odata, options,
    wire::{Entry, Guid, NewEntry, NewLine},
};
use crate::{
    descriptor::Options,
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    json::Number,
    push::{Booked, Codes, File, FileKind, Found, PushRequest},
};
use domain::{
    invoice::{InvoiceKind, VatCategory},
    ledger::{CostCentre, Direction, LedgerContact, NormalisedNumber, Project},
    posting::{Posting, PostingLine},
};
use std::collections::BTreeSet;

/// The longest `YourRef` that is sent.
pub(super) const YOUR_REF_CHARS_MAX: usize = 30;
/// The longest descriptions that are sent.
pub(super) const DESCRIPTION_CHARS_MAX: usize = 60;
/// The longest payment reference that is sent: a longer one is left out, since a shortened one would be another.
pub(super) const PAYMENT_REFERENCE_CHARS_MAX: usize = 140;
/// The largest file, decoded.
pub(super) const FILE_BYTES_MAX: usize = 10 * 1024 * 1024;

/// What purchase and sales call the same things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) entries: &'static str,
    /// The field of the relation.
    pub(super) relation: &'static str,
    pub(super) document_type: i32,
    pub(super) credit_type: i32,
    pub(super) fields: &'static str,
}

const PURCHASE: Side = Side {
    entries: "purchaseentry/PurchaseEntries",
    relation: "Supplier",
    document_type: 20,
    credit_type: 31,
    fields: "EntryID,EntryNumber,Supplier,YourRef,Document,AmountFC,VATAmountFC,Currency,Type,CreatorFullName",
};
const SALES: Side = Side {
    entries: "salesentry/SalesEntries",
    relation: "Customer",
    document_type: 10,
    credit_type: 21,
    fields: "EntryID,EntryNumber,Customer,YourRef,Document,AmountFC,VATAmountFC,Currency,Type,CreatorFullName",
};

pub(super) fn side(direction: Direction) -> &'static Side {
    match direction {
        Direction::Purchase => &PURCHASE,
        Direction::Sales => &SALES,
    }
}

fn chars(text: &str, most: usize) -> String {
    text.chars().take(most).collect::<String>().trim().to_owned()
}

/// Everything about an entry that does not need an answer of Exact first. Made before the first request, so that what
/// is missing is said before anything is written.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) posting: &'a Posting,
    pub(super) side: &'static Side,
    pub(super) journal: &'a str,
    pub(super) your_ref: String,
    /// Own number of a sales entry.
    pub(super) number: Option<i32>,
    /// Carries our key; the same for each attempt.
    pub(super) subject: String,
    payment_condition: Option<&'a str>,
    cost_centre: Option<&'a str>,
}

impl<'a> Plan<'a> {
    pub(super) fn of(request: &PushRequest<'a>) -> Result<Self, LedgerError> {
        let (posting, options) = (request.posting, request.options);
        let reduces = posting.gross.is_sign_negative();
        let (journal, credit_journal, payment_condition) = match posting.direction {
            Direction::Purchase => {
                (options::PURCHASE_JOURNAL, options::PURCHASE_CREDIT_JOURNAL, options::PURCHASE_PAYMENT_CONDITION)
            }
            Direction::Sales => {
                (options::SALES_JOURNAL, options::SALES_CREDIT_JOURNAL, options::SALES_PAYMENT_CONDITION)
            }
        };
        if reduces && options.get(&options::CREDIT_NOTES) == Some("hold") {
            let message = format!(
                "A credit note is held for a person: how Exact Online wants its sign is not certain. Book it by hand; or \
                 try one in a test company, set '{}' in the connection, and post again.",
                options::CREDIT_NOTES.key
            );
            return Err(
                LedgerError::rejected(ErrorCode::Held, Operation::Prepare, message).about(options::CREDIT_NOTES.key)
            );
        }
        let credit_journal = options.get(&credit_journal).filter(|_| reduces);
        let journal = credit_journal.or(options.get(&journal)).ok_or_else(|| {
            let message = match posting.direction {
                Direction::Purchase => {
                    "No purchase journal is chosen for this administration. Choose one in the connection and post again."
                }
                Direction::Sales => {
                    "No sales journal is chosen for this administration. Choose one in the connection and post again."
                }
            };
            LedgerError::rejected(ErrorCode::Option, Operation::Prepare, message)
        })?;
        let mut names = BTreeSet::new();
        for file in chosen(request) {
            // Files already attached are known by their names.
            if !names.insert(file.name) {
                let message = "Two files of this document have one name. We have to repair that.";
                return Err(LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, Operation::Prepare, message));
            }
            if file.bytes.len() > FILE_BYTES_MAX {
                let message = format!(
                    "The file {} is larger than the 10 MB that Exact Online takes. Choose other files to attach in the \
                     connection, or post the document with a smaller file.",
                    file.name
                );
                return Err(
                    LedgerError::rejected(ErrorCode::FileTooLarge, Operation::Prepare, message).about(file.name)
                );
            }
        }
        let number = match posting.direction {
            Direction::Sales if options.get(&options::SALES_NUMBER) == Some("invoice") => own_number(&posting.number),
            Direction::Sales | Direction::Purchase => None,
        };
        let title = match posting.kind {
            InvoiceKind::Invoice => "Invoice",
            InvoiceKind::CreditNote => "Credit note",
        };
        Ok(Self {
            posting,
            side: side(posting.direction),
            journal,
            your_ref: chars(&posting.number, YOUR_REF_CHARS_MAX),
            number,
            subject: format!("{title} {} [{}]", chars(&posting.number, YOUR_REF_CHARS_MAX), request.key()),
            payment_condition: options.get(&payment_condition),
            cost_centre: options.get(&options::COST_CENTRE),
        })
    }

    /// The entry, once the relation, the document and the ids behind the codes are known.
    pub(super) fn entry(
        &'a self,
        (relation, document): (&'a Guid, &'a Guid),
        period: Option<(i32, i32)>,
        known: &'a Codes,
        learned: &'a Codes,
    ) -> Result<NewEntry<'a>, LedgerError> {
        let posting = self.posting;
        let lines = posting.lines.iter().map(|line| self.line(line, known, learned)).collect::<Result<_, _>>()?;
        let (supplier, customer, purchase_lines, sales_lines) = match posting.direction {
            Direction::Purchase => (Some(relation.as_str()), None, Some(lines), None),
            Direction::Sales => (None, Some(relation.as_str()), None, Some(lines)),
        };
        Ok(NewEntry {
            journal: self.journal,
            supplier,
            customer,
            number: self.number,
            date: odata::date(posting.issue_date),
            due_date: posting.due_date.map(odata::date),
            year: period.map(|(year, _)| year),
            period: period.map(|(_, period)| period),
            currency: posting.currency.as_str(),
            your_ref: &self.your_ref,
            description: chars(&posting.description, DESCRIPTION_CHARS_MAX),
            payment_condition: self.payment_condition,
            payment_reference: posting
                .payment_reference
                .as_deref()
                .filter(|reference| reference.chars().count() <= PAYMENT_REFERENCE_CHARS_MAX),
            document: document.as_str(),
            purchase_lines,
            sales_lines,
        })
    }

    fn line(&'a self, line: &'a PostingLine, known: &'a Codes, learned: &'a Codes) -> Result<NewLine<'a>, LedgerError> {
        let account = learned.accounts.get(&line.account).or_else(|| known.accounts.get(&line.account));
        let vat_code = learned.vat_codes.get(&line.vat_code).or_else(|| known.vat_codes.get(&line.vat_code));
        let (Some(gl_account), Some(vat_code)) = (account, vat_code) else {
            let message = "A code of the posting template is not known in Exact Online.";
            let codes = format!("{}, {}", line.account, line.vat_code);
            return Err(LedgerError::rejected(ErrorCode::UnknownReference, Operation::Prepare, message).about(codes));
        };
        let project = line.project.as_ref();
        if let Some(project) = project.filter(|project| Guid::parse(project.as_str()).is_none()) {
            let message = format!(
                "Exact Online knows a project by its id, and {project} is none. Take the project out of the posting \
                 template, and post again."
            );
            return Err(LedgerError::rejected(ErrorCode::UnknownReference, Operation::Prepare, message).about(project));
        }
        // Reverse charge and acquisitions: Exact computes both sides of the VAT itself.
        let vat = match line.category {
            VatCategory::AE | VatCategory::K => None,
            VatCategory::S
            | VatCategory::Z
            | VatCategory::E
            | VatCategory::G
            | VatCategory::O
            | VatCategory::L
            | VatCategory::M
            | VatCategory::B => Some(Number(line.vat)),
        };
        Ok(NewLine {
            gl_account,
            amount: Number(line.net),
            vat_code,
            vat,
            cost_centre: line.cost_centre.as_ref().map(CostCentre::as_str).or(self.cost_centre),
            project: project.map(Project::as_str),
            description: chars(&line.description, DESCRIPTION_CHARS_MAX),
        })
    }

    /// Whether an entry of the same relation is the same document: same number whatever its dress, and both are
    /// invoices or both credit notes.
    pub(super) fn is_same_document(&self, entry: &Entry) -> bool {
        let numbered = self.number.is_some_and(|number| entry.number == i64::from(number));
        let same_number = entry.your_ref.as_deref().is_some_and(|theirs| {
            NormalisedNumber::of(theirs) == NormalisedNumber::of(&self.your_ref)
                || NormalisedNumber::of(theirs) == NormalisedNumber::of(&self.posting.number)
        });
        let reduces = self.posting.gross.is_sign_negative();
        let same_kind =
            self.posting.gross.is_zero() || entry.kind.is_none_or(|kind| (kind == self.side.credit_type) == reduces);
        (numbered || same_number) && same_kind
    }
}

/// A number that can be an `EntryNumber`: digits only, without leading zeros, within 32 bits.
fn own_number(number: &str) -> Option<i32> {
    let number = number.trim();
    let plain = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
    plain.then(|| number.parse().ok()).flatten()
}

/// The files that the connection wants attached.
pub(super) fn chosen<'a>(request: &PushRequest<'a>) -> impl Iterator<Item = &'a File<'a>> {
    let attached = attached(request.options);
    request.files.iter().filter(move |file| attached.contains(&file.kind))
}

/// The kinds of files that the option names.
pub(super) fn attached(options: &Options) -> &'static [FileKind] {
    match options.get(&options::ATTACH).unwrap_or_default() {
        "pdf" => &[FileKind::Pdf],
        "ubl" => &[FileKind::Ubl],
        "both" => &[FileKind::Pdf, FileKind::Ubl],
        _ => &[],
    }
}

/// An entry of Exact as a booking. `relation` stands in where an answer leaves it out.
pub(super) fn booked(side: &Side, entry: Entry, relation: Option<&LedgerContact>, found: Found) -> Option<Booked> {
    let contact = match entry.relation {
        Some(guid) => guid.as_str().parse().ok(),
        None => relation.cloned(),
    };
    Some(Booked {
        id: entry.id.as_str().to_owned(),
        number: entry.number.to_string(),
        contact: contact?,
        creator: entry.creator,
        gross: entry.amount.map(|amount| amount.0),
        vat: entry.vat.map(|vat| vat.0),
        currency: entry.currency.and_then(|currency| currency.trim().parse().ok()),
        reduces: entry.kind.map(|kind| kind == side.credit_type),
        reference: entry.your_ref,
        found,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use rust_decimal::{Decimal, dec};

    fn line(category: VatCategory, net: Decimal, vat: Decimal) -> PostingLine {
        PostingLine { cost_centre: Some("KP01".parse().unwrap()), ..sample::line(category, "4", net, vat) }
    }

    fn posting(direction: Direction, number: &str, lines: Vec<PostingLine>) -> Posting {
        Posting { number: number.into(), ..sample::posting(direction, lines) }
    }

    fn entry_of(posting: &Posting, options: &crate::Options) -> Result<String, LedgerError> {
        let contact = sample::contact(posting);
        let mut codes = Codes::default();
        codes.accounts.insert("4600".parse().unwrap(), "91000000-0000-4000-8000-000000000001".into());
        codes.vat_codes.insert("4".parse().unwrap(), "4  ".into());
        let request = sample::request(posting, &contact, options, &codes);
        let plan = Plan::of(&request)?;
        let relation = Guid::parse("a1000000-0000-4000-8000-000000000001").unwrap();
        let document = Guid::parse("d0c00000-0000-4000-8000-000000000001").unwrap();
        let learned = Codes::default();
        let entry = plan.entry((&relation, &document), None, &codes, &learned)?;
        Ok(serde_json::to_string(&entry).unwrap())
    }

    fn options() -> crate::Options {
        crate::Options::default().with("purchase_journal", "60").with("sales_journal", "70")
    }

    #[test]
    fn a_purchase_invoice_is_written_exactly() {
        let posting = posting(Direction::Purchase, "F-2026-118", vec![line(VatCategory::S, dec!(100.00), dec!(21.00))]);
        let options = options().with("purchase_payment_condition", "30");
        assert_eq!(
            entry_of(&posting, &options).unwrap(),
            concat!(
                r#"{"Journal":"60","Supplier":"a1000000-0000-4000-8000-000000000001","#,
                r#""EntryDate":"2026-07-01T00:00:00","DueDate":"2026-07-31T00:00:00","Currency":"EUR","#,
                r#""YourRef":"F-2026-118","Description":"Paper Co F-2026-118","PaymentCondition":"30","#,
                r#""PaymentReference":"7000123456789012","Document":"d0c00000-0000-4000-8000-000000000001","#,
                r#""PurchaseEntryLines":[{"GLAccount":"91000000-0000-4000-8000-000000000001","AmountFC":100.00,"#,
                r#""VATCode":"4  ","VATAmountFC":21.00,"CostCenter":"KP01","Description":"Copy paper"}]}"#
            )
        );
    }

    #[test]
    fn a_credit_note_is_negative_and_may_have_its_own_journal() {
        let posting = posting(Direction::Sales, "C-1", vec![line(VatCategory::S, dec!(-0.10), dec!(-0.02))]);
        let held = entry_of(&posting, &options()).unwrap_err();
        assert_eq!((held.kind(), held.code()), (ErrorKind::Rejected, ErrorCode::Held));
        assert!(held.message().contains("'credit_notes'"));
        let options = options().with("credit_notes", "negative");
        let entry = entry_of(&posting, &options.clone().with("sales_credit_journal", "71")).unwrap();
        assert!(entry.contains(r#""Journal":"71""#), "{entry}");
        assert!(entry.contains(r#""AmountFC":-0.10"#) && entry.contains(r#""VATAmountFC":-0.02"#), "{entry}");
        assert!(entry.contains("SalesEntryLines") && entry.contains("Customer"), "{entry}");
        assert!(!entry.contains("\"Type\""), "Exact derives it");
        assert!(entry_of(&posting, &options).unwrap().contains(r#""Journal":"70""#));
    }

    #[test]
    fn vat_is_stated_but_for_what_exact_computes_on_both_sides() {
        for (category, stated) in [
            (VatCategory::S, true),
            (VatCategory::Z, true),
            (VatCategory::E, true),
            (VatCategory::AE, false),
            (VatCategory::K, false),
        ] {
            let posting = posting(Direction::Purchase, "F-1", vec![line(category, dec!(100.00), dec!(0.00))]);
            let entry = entry_of(&posting, &options()).unwrap();
            assert_eq!(entry.contains(r#""VATAmountFC":0.00"#), stated, "{category}");
        }
    }

    #[test]
    fn only_a_plain_number_is_the_number_of_a_sales_entry() {
        for (number, own) in [
            ("20260118", Some(20_260_118)),
            (" 7 ", Some(7)),
            ("2147483648", None),
            ("0118", None),
            ("2026-118", None),
            ("-5", None),
            ("+5", None),
            ("", None),
        ] {
            assert_eq!(own_number(number), own, "{number}");
        }
        let posting = posting(Direction::Sales, "118", vec![line(VatCategory::S, dec!(1.00), dec!(0.21))]);
        assert!(entry_of(&posting, &options()).unwrap().contains(r#""EntryNumber":118"#));
        let exact = options().with("sales_number", "exact");
        assert!(!entry_of(&posting, &exact).unwrap().contains("EntryNumber"));
    }

    #[test]
    fn texts_keep_to_their_limits() {
        let mut posting =
            posting(Direction::Purchase, &"é".repeat(80), vec![line(VatCategory::S, dec!(1.00), dec!(0.21))]);
        posting.description = "d".repeat(200);
        posting.payment_reference = Some("9".repeat(141));
        posting.lines[0].description = "l".repeat(200);
        let entry = entry_of(&posting, &options()).unwrap();
        assert!(entry.contains(&format!(r#""YourRef":"{}""#, "é".repeat(YOUR_REF_CHARS_MAX))));
        assert!(entry.contains(&format!(r#""Description":"{}""#, "d".repeat(DESCRIPTION_CHARS_MAX))));
        assert!(entry.contains(&format!(r#""Description":"{}""#, "l".repeat(DESCRIPTION_CHARS_MAX))));
        assert!(!entry.contains("PaymentReference"), "a shortened reference would be another");
    }

    #[test]
    fn a_journal_must_be_chosen() {
        let posting = posting(Direction::Purchase, "F-1", vec![line(VatCategory::S, dec!(1.00), dec!(0.21))]);
        let error = entry_of(&posting, &crate::Options::default().with("sales_journal", "70")).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Option);
        assert!(error.message().contains("purchase journal"));
    }
}
