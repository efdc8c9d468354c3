//! An issued document as Fakturownia wants it. Amounts are those of the document; none is computed anew (CO-26).

use super::{
    NAME,
    wire::{self, Buyer, Create, Invoice, Original, Position, Tax},
};
use crate::{
    descriptor::{OptionKind, OptionSpec, Options},
    error::{ErrorCode, LedgerError, Operation},
    invoicing::PassRequest,
    json::Number,
};
use domain::{
    office::Choice,
    sales::{
        Country, Customer, CustomerName, DocumentLanguage, IssuedContent, IssuedKind, IssuedLine, Prices, SalesVat,
    },
};
use rust_decimal::Decimal;

/// The most characters of a telephone number that KSeF takes; a longer one is left out.
const PHONE_CHARS_MAX: usize = 16;

const HOLD: &str = "hold";

/// How a supply to another member state is taxed there.
pub(super) const INTRA_COMMUNITY: OptionSpec = OptionSpec {
    key: "intra_community",
    name: "VAT of a line supplied to another member state: the rate 0, 'np', or held for a person",
    kind: OptionKind::Choice(&[HOLD, "0", "np"]),
    default: Some(HOLD),
};

/// How an export is taxed there.
pub(super) const EXPORT: OptionSpec = OptionSpec {
    key: "export",
    name: "VAT of an exported line: the rate 0, 'np', or held for a person",
    kind: OptionKind::Choice(&[HOLD, "0", "np"]),
    default: Some(HOLD),
};

/// Why a line is outside the scope of VAT, which KSeF asks for.
pub(super) const OUT_OF_SCOPE: OptionSpec = OptionSpec {
    key: "out_of_scope",
    name: "Reason, for KSeF, why a line is outside the scope of VAT",
    kind: OptionKind::Choice(&["not_specified", "export_service", "export_service_eu"]),
    default: Some("not_specified"),
};

/// Whether lines that a correction leaves alone are sent.
pub(super) const UNTOUCHED_LINES: OptionSpec = OptionSpec {
    key: "untouched_lines",
    name: "Lines that a correction does not change: left out, or sent with a difference of nothing",
    kind: OptionKind::Choice(&["left_out", "sent"]),
    default: Some("left_out"),
};

/// Whether net totals go with net prices.
pub(super) const NET_TOTALS: OptionSpec = OptionSpec {
    key: "net_totals",
    name: "Net totals of lines are sent beside the gross ones where prices are net, always, or never",
    kind: OptionKind::Choice(&["net_prices", "always", "never"]),
    default: Some("net_prices"),
};

/// Whether amounts in another currency are shown in zloty as well.
pub(super) const EXCHANGE: OptionSpec = OptionSpec {
    key: "exchange",
    name: "Documents in another currency: as they are, or recalculated into PLN at the rate of the NBP",
    kind: OptionKind::Choice(&["none", "nbp"]),
    default: Some("none"),
};

/// Whether KSeF gets a document at once.
pub(super) const KSEF: OptionSpec = OptionSpec {
    key: "ksef",
    name: "Sending to KSeF: as the account is set, or each document at once",
    kind: OptionKind::Choice(&["account", "send"]),
    default: Some("account"),
};

/// Whether the settlement of a document is said in words beside the amount.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Status {
    /// `issued`, `partial` or `paid`.
    #[default]
    Sent,
    /// Only the amount that is paid.
    LeftOut,
}

/// Refuses what would be refused, or made wrong, before anything is sent.
pub(super) fn check(request: &PassRequest<'_>) -> Result<(), LedgerError> {
    department(request)?;
    if request.content.kind == IssuedKind::Correction {
        original_id(request)?;
    }
    lines(request.content).try_for_each(|line| tax(line.vat, request.options).map(drop))
}

/// Every line that is sent: of a correction those before it, too.
fn lines(content: &IssuedContent) -> impl Iterator<Item = &IssuedLine> {
    content.lines.iter().chain(content.corrects.iter().flat_map(|corrects| &corrects.lines))
}

/// The department that a series is linked to (CO-14).
fn department(request: &PassRequest<'_>) -> Result<Option<u64>, LedgerError> {
    let Some(series) = request.series else { return Ok(None) };
    series.trim().parse().map(Some).map_err(|_| {
        let message = format!(
            "The series of this document is linked to '{series}', which is no id of a department in {NAME}. Link it to the \
             number of the department, or to nothing when there is only one."
        );
        LedgerError::rejected(ErrorCode::UnknownReference, Operation::Prepare, message).about(series)
    })
}

/// The ledger's id of the corrected document.
pub(super) fn original_id(request: &PassRequest<'_>) -> Result<u64, LedgerError> {
    super::id(request.corrected(NAME)?)
}

fn held(option: &OptionSpec) -> LedgerError {
    let message = format!(
        "How {NAME} wants such a line taxed is not certain. Pass one in a test account, set the option '{}' of the \
         connection, and pass this document again; or enter it there by hand.",
        option.key
    );
    LedgerError::rejected(ErrorCode::Held, Operation::Prepare, message).about(option.key)
}

fn tax(vat: SalesVat, options: &Options) -> Result<Tax, LedgerError> {
    let chosen = |option: &OptionSpec| match options.get(option) {
        Some("0") => Ok(Tax::Rate(Number(Decimal::ZERO))),
        Some("np") => Ok(Tax::Word("np")),
        _ => Err(held(option)),
    };
    match vat {
        SalesVat::Rate(percent) => Ok(Tax::Rate(Number(percent.value()))),
        SalesVat::Exempt => Ok(Tax::Word("zw")),
        SalesVat::ReverseCharge => Ok(Tax::Word("oo")),
        SalesVat::OutOfScope => Ok(Tax::Word("np")),
        SalesVat::IntraCommunity => chosen(&INTRA_COMMUNITY),
        SalesVat::Export => chosen(&EXPORT),
    }
}

/// The request that makes a document. `original` is what is corrected, as the ledger has it.
pub(super) fn create<'a>(
    request: &'a PassRequest<'a>,
    key: &'a str,
    original: Option<&'a Original>,
    status: Status,
) -> Result<Create<'a>, LedgerError> {
    let content = request.content;
    let mut buyer = buyer(&content.customer);
    let mut department_id = department(request)?;
    let mut invoice_id = None;
    if let Some(original) = original {
        keep(&mut buyer, original);
        department_id = department_id.or_else(|| original.department_id.as_ref()?.id());
        invoice_id = Some(original_id(request)?);
    }
    let positions = match &content.corrects {
        None => content.lines.iter().map(|line| position(request, line)).collect::<Result<Vec<_>, _>>()?,
        Some(corrects) => differences(request, &corrects.lines)?,
    };
    let foreign = content.currency.as_str() != "PLN" && request.options.get(&EXCHANGE) == Some("nbp");
    let has = |tax: Tax| positions.iter().any(|position| position.tax == tax);
    let (exempt, outside) = (has(Tax::Word("zw")), has(Tax::Word("np")));
    let settled = settled(content);
    Ok(Create {
        invoice: Invoice {
            kind: wire::kind(content.kind),
            number: request.number(),
            department_id,
            issue_date: content.issue_date,
            sell_date: content.sale_date,
            place: content.seller.place.as_deref().unwrap_or(content.seller.address.city.as_str()),
            buyer,
            payment_type: request.payment,
            payment_to_kind: if content.due_date.is_some() { "other_date" } else { "off" },
            payment_to: content.due_date,
            status: settled.filter(|_| status == Status::Sent).map(|(status, _)| status),
            paid: settled.filter(|(_, paid)| !paid.is_zero()).map(|(_, paid)| format!("{paid:.2}")),
            paid_date: settled.and(content.payment.paid_on),
            currency: content.currency.as_str(),
            exchange_currency: foreign.then_some("PLN"),
            exchange_kind: foreign.then_some("nbp"),
            split_payment: (content.split_payment == Choice::Yes).then_some("1"),
            lang: match content.language {
                DocumentLanguage::Polish => "pl",
                DocumentLanguage::English => "en",
            },
            oid: key,
            oid_unique: "yes",
            description: content.note.as_ref().and_then(|note| plain(note.as_str())),
            exempt_tax_kind: content.exemption.as_ref().filter(|_| exempt).map(domain::sales::ItemName::as_str),
            np_tax_kind: request.options.get(&OUT_OF_SCOPE).filter(|_| outside),
            invoice_id,
            from_invoice_id: invoice_id,
            correction_reason: content.corrects.as_ref().map(|corrects| corrects.reason.as_str()),
            positions,
        },
        gov_save_and_send: (request.options.get(&KSEF) == Some("send")).then_some(true),
    })
}

/// What is paid of it, in words and as an amount. A correction says nothing of that.
fn settled(content: &IssuedContent) -> Option<(&'static str, Decimal)> {
    if content.corrects.is_some() {
        return None;
    }
    let paid = content.payment.paid.value();
    let word = match paid {
        paid if paid.is_zero() => "issued",
        paid if paid >= content.total.gross => "paid",
        _ => "partial",
    };
    Some((word, paid))
}

/// Remarks without pictures, which are refused.
fn plain(text: &str) -> Option<String> {
    let is_picture =
        |c: &char| matches!(c, '\u{2600}'..='\u{27bf}' | '\u{fe0f}' | '\u{200d}' | '\u{1f000}'..='\u{1faff}');
    let plain: String = text.chars().filter(|c| !is_picture(c)).collect();
    let plain = plain.trim();
    (!plain.is_empty()).then(|| plain.to_owned())
}

fn buyer(customer: &Customer) -> Buyer<'_> {
    let address = &customer.address;
    let mut buyer = Buyer {
        buyer_name: customer.name.full(),
        buyer_street: address.street.as_str(),
        buyer_post_code: address.post_code.as_ref().map(domain::sales::PostCode::as_str),
        buyer_city: address.city.as_str(),
        buyer_country: (address.country != Country::POLAND).then(|| address.country.as_str()),
        buyer_email: customer.email.as_ref().map(ToString::to_string),
        buyer_phone: customer.phone.as_ref().map(ToString::to_string).filter(|phone| fits(phone)),
        ..Buyer::default()
    };
    match &customer.name {
        CustomerName::Company { tax_number, .. } => {
            buyer.buyer_company = true;
            match tax_number {
                Some(number) => {
                    buyer.buyer_tax_no = number.as_str().replace([' ', '-'], "");
                    buyer.buyer_tax_no_kind = tax_number_kind(&buyer.buyer_tax_no, address.country).map(str::to_owned);
                }
                None => buyer.buyer_tax_no_kind = Some("empty".to_owned()),
            }
        }
        CustomerName::Person { first_name, last_name } => {
            buyer.buyer_first_name = Some(first_name.as_str());
            buyer.buyer_last_name = Some(last_name.as_str());
        }
    }
    buyer
}

fn fits(phone: &str) -> bool {
    phone.chars().count() <= PHONE_CHARS_MAX
}

/// Member states, by the letters that their VAT numbers begin with.
const MEMBER_STATES: &[&str] = &[
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU",
    "LV", "MT", "NL", "PT", "RO", "SE", "SI", "SK", "XI",
];

/// What kind of number it is: nothing for a Polish one.
fn tax_number_kind(number: &str, country: Country) -> Option<&'static str> {
    let letters = number.get(..2).filter(|letters| letters.chars().all(|c| c.is_ascii_alphabetic()));
    let of = letters.map_or_else(|| country.as_str().to_owned(), str::to_ascii_uppercase);
    match of.as_str() {
        "PL" => None,
        of if MEMBER_STATES.contains(&of) => Some("nip_ue"),
        _ => Some("other"),
    }
}

/// With KSeF a correction may change nothing of these: they are taken from the document that it corrects.
fn keep(buyer: &mut Buyer<'_>, original: &Original) {
    if let Some(company) = &original.buyer_company {
        buyer.buyer_company = company.is_true();
    }
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let optional = |value: Option<&str>| value.filter(|value| !value.is_empty()).map(str::to_owned);
    buyer.buyer_tax_no = text(original.buyer_tax_no.as_ref().map(wire::Scalar::as_str));
    buyer.buyer_tax_no_kind = optional(original.buyer_tax_no_kind.as_deref());
    buyer.buyer_email = optional(original.buyer_email.as_deref());
    buyer.buyer_phone = optional(original.buyer_phone.as_ref().map(wire::Scalar::as_str));
    buyer.buyer_note = optional(original.buyer_note.as_deref());
}

fn position<'a>(request: &PassRequest<'a>, line: &'a IssuedLine) -> Result<Position<'a>, LedgerError> {
    let nets = match (request.options.get(&NET_TOTALS), request.content.prices) {
        (Some("always"), Prices::Gross) => Nets::Total,
        (Some("never"), _) | (_, Prices::Gross) => Nets::LeftOut,
        (_, Prices::Net) => Nets::Both,
    };
    Ok(Position {
        name: line.name.as_str(),
        code: match request.skus {
            Choice::Yes => line.sku.as_ref().map(domain::sales::Sku::as_str),
            Choice::No => None,
        },
        quantity: Number(line.quantity),
        quantity_unit: line.unit.as_ref().map(domain::sales::AddressText::as_str),
        tax: tax(line.vat, request.options)?,
        price_net: (nets == Nets::Both).then(|| Number(line.price.value())),
        total_price_net: (nets != Nets::LeftOut).then_some(Number(line.net)),
        total_price_gross: Number(line.gross),
        kind: None,
        before: None,
        after: None,
    })
}

/// Which net amounts of a line are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nets {
    LeftOut,
    Total,
    Both,
}

/// The lines of a correction: each is the difference between what was and what should have been, with both beside it.
fn differences<'a>(request: &PassRequest<'a>, before: &'a [IssuedLine]) -> Result<Vec<Position<'a>>, LedgerError> {
    let all = request.options.get(&UNTOUCHED_LINES) == Some("sent");
    let pairs = before.iter().zip(&request.content.lines).filter(|(was, is)| all || was != is);
    pairs.map(|(was, is)| difference(request, was, is)).collect()
}

fn difference<'a>(
    request: &PassRequest<'a>,
    was: &'a IssuedLine,
    is: &'a IssuedLine,
) -> Result<Position<'a>, LedgerError> {
    let side = |line, kind| Ok(Box::new(Position { kind: Some(kind), ..position(request, line)? }));
    let after = position(request, is)?;
    Ok(Position {
        quantity: Number(is.quantity - was.quantity),
        price_net: None,
        total_price_net: after.total_price_net.map(|_| Number(is.net - was.net)),
        total_price_gross: Number(is.gross - was.gross),
        kind: Some("correction"),
        before: Some(side(was, "correction_before")?),
        after: Some(side(is, "correction_after")?),
        ..after
    })
}

#[cfg(test)]
#[path = "map_tests.rs"]
mod tests;
