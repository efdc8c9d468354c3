//! An issued invoice as iFirma wants it. It computes the amounts of lines itself; what it comes to is compared afterwards.

use super::{
    NAME, PAYMENTS,
    wire::{Buyer, Counted, Foreign, Invoice, Line},
};
use crate::{
    buyers::{TaxNumber, polish_name},
    counter,
    descriptor::{OptionKind, OptionSpec},
    error::{ErrorCode, LedgerError, Operation},
    invoicing::PassRequest,
    json::Number,
};
use domain::{
    office::Choice,
    sales::{
        AddressText, Customer, CustomerName, DocumentLanguage, IssuedContent, IssuedKind, IssuedLine, ItemName,
        PostCode, Prices, SalesVat,
    },
};
use rust_decimal::Decimal;

/// Whether the account pays VAT.
pub(super) const VAT_PAYER: OptionSpec = OptionSpec {
    key: "vat_payer",
    name: "Whether the account pays VAT; one that does not takes exempt lines only",
    kind: OptionKind::Choice(&["yes", "no"]),
    default: Some("yes"),
};

/// How a document is paid whose payment type is linked to nothing.
pub(super) const PAYMENT: OptionSpec = OptionSpec {
    key: "payment_method",
    name: "Way of payment of documents whose payment type is not linked",
    kind: OptionKind::Choice(super::PAYMENT_CODES),
    default: Some("PRZ"),
};

/// What becomes of documents in other currencies.
pub(super) const CURRENCIES: OptionSpec = OptionSpec {
    key: "other_currencies",
    name: "Documents in other currencies than PLN: refused, or passed as invoices in a currency",
    kind: OptionKind::Choice(&["refused", "passed"]),
    default: Some("refused"),
};

/// Whether the invoice says what is paid.
pub(super) const PAID_PRINTED: OptionSpec = OptionSpec {
    key: "paid_printed",
    name: "What is paid stands on the invoice, or is recorded only",
    kind: OptionKind::Choice(&["yes", "no"]),
    default: Some("yes"),
};

/// Of accounts with a lump-sum tax.
pub(super) const LUMP_RATE: OptionSpec = OptionSpec {
    key: "lump_rate",
    name: "Rate of the lump-sum tax for every line, as a fraction such as 0.03, of accounts that pay one",
    kind: OptionKind::Text(6),
    default: None,
};

const NAME_CHARS_MAX: usize = 150;
const LINE_CHARS_MAX: usize = 65;
const EMAIL_CHARS_MAX: usize = 65;
const PHONE_CHARS_MAX: usize = 32;
const TAX_NUMBER_CHARS_MAX: usize = 13;
const UNIT_CHARS_MAX: usize = 10;
const BASIS_CHARS_MAX: usize = 30;
const REMARKS_CHARS_MAX: usize = 1_000;
const PLACE_CHARS_MAX: usize = 50;

const RATES: &[u32] = &[23, 8, 5, 0];

fn refused(code: ErrorCode, message: String) -> LedgerError {
    LedgerError::rejected(code, Operation::Prepare, message)
}

/// Whether it is an invoice in another currency: those are of another kind.
pub(super) fn is_foreign(content: &IssuedContent) -> bool {
    content.currency.as_str() != "PLN"
}

/// An invoice, or why it is refused before anything is sent.
pub(super) fn invoice<'a>(request: &PassRequest<'a>) -> Result<Invoice<'a>, LedgerError> {
    let content = request.content;
    if content.kind != IssuedKind::Invoice {
        let message = format!("{NAME} takes only invoices from us. Enter this document there by hand.");
        return Err(refused(ErrorCode::Unsupported, message));
    }
    if is_foreign(content) && request.options.get(&CURRENCIES) != Some("passed") {
        let message = format!(
            "Documents in {} are not passed to {NAME}: the option '{}' of the connection says so.",
            content.currency, CURRENCIES.key
        );
        return Err(refused(ErrorCode::CurrencyNotAllowed, message).about(content.currency));
    }
    let numer = counter::own(request, NAME)?;
    let pays_vat = request.options.get(&VAT_PAYER) != Some("no");
    // Lines of nothing are not taken; they change no amount.
    let lines = content.lines.iter().filter(|line| !line.price.value().is_zero());
    let pozycje: Vec<Line<'a>> = lines.map(|line| line_of(request, line)).collect::<Result<_, _>>()?;
    if pozycje.is_empty() {
        let message = format!("{NAME} takes no invoice whose lines all come to nothing.");
        return Err(refused(ErrorCode::Unsupported, message));
    }
    let paid = Number(content.payment.paid.value().min(content.total.gross));
    let printed = request.options.get(&PAID_PRINTED) == Some("yes");
    Ok(Invoice {
        zaplacono: paid,
        zaplacono_na_dokumencie: if printed { paid } else { Number(Decimal::ZERO) },
        prices: if pays_vat && content.prices == Prices::Net { Counted::Net } else { Counted::Gross },
        split_payment: (content.split_payment == Choice::Yes).then_some(true),
        data_wystawienia: content.issue_date,
        miejsce_wystawienia: content.seller.place.as_deref().filter(|place| place.chars().count() <= PLACE_CHARS_MAX),
        data_sprzedazy: content.sale_date,
        format_daty_sprzedazy: "DZN",
        termin_platnosci: content.due_date,
        sposob_zaplaty: payment(request)?,
        nazwa_serii_numeracji: request.series,
        rodzaj_podpisu_odbiorcy: "BPO",
        uwagi: remarks(request),
        widoczny_numer_gios: false,
        numer,
        kontrahent: buyer(&content.customer)?,
        pozycje,
        foreign: is_foreign(content).then(|| Foreign { waluta: content.currency.as_str(), typ_sprzedazy: "KRAJOWA" }),
    })
}

/// How many lines of nothing are left out.
pub(super) fn left_out(content: &IssuedContent) -> usize {
    content.lines.iter().filter(|line| line.price.value().is_zero()).count()
}

/// The way of payment that ours is linked to, else the default (CO-15).
fn payment<'a>(request: &PassRequest<'a>) -> Result<&'a str, LedgerError> {
    let code = request.payment.or_else(|| request.options.get(&PAYMENT)).unwrap_or_default();
    if PAYMENTS.iter().any(|(known, _)| *known == code) {
        return Ok(code);
    }
    let message = format!(
        "The payment type of this document is linked to '{code}', which {NAME} does not have. Choose it from the list."
    );
    Err(refused(ErrorCode::UnknownReference, message).about(code))
}

/// What is printed below. It begins with our reference: nothing else can carry it.
fn remarks(request: &PassRequest<'_>) -> String {
    let content = request.content;
    let order = match content.language {
        DocumentLanguage::Polish => format!("{}\nZamówienie {}", request.key(), content.order),
        DocumentLanguage::English => format!("{}\nOrder {}", request.key(), content.order),
    };
    let exempt = content.lines.iter().any(|line| line.vat == SalesVat::Exempt);
    let basis = content.exemption.as_ref().filter(|basis| exempt && !fits(basis.as_str(), BASIS_CHARS_MAX));
    let rest = [basis, content.note.as_ref()].into_iter().flatten().map(ToString::to_string);
    let text = [order].into_iter().chain(rest).collect::<Vec<_>>().join("; ");
    text.chars().take(REMARKS_CHARS_MAX).collect()
}

/// Whether remarks carry a reference.
pub(super) fn carries(remarks: &str, key: &str) -> bool {
    remarks.split_whitespace().next() == Some(key)
}

fn fits(text: &str, most: usize) -> bool {
    text.chars().count() <= most
}

fn buyer(customer: &Customer) -> Result<Buyer<'_>, LedgerError> {
    let address = &customer.address;
    let Some(post_code) = address.post_code.as_ref().map(PostCode::as_str) else {
        let message = format!(
            "{NAME} wants a postal code for every buyer, and the order has none. Add it to the order, and issue the document \
             again."
        );
        return Err(refused(ErrorCode::MandatoryField, message));
    };
    let bounded = |what: &str, text: &str, most| {
        if fits(text, most) {
            return Ok(());
        }
        let message =
            format!("{NAME} takes at most {most} characters for the {what} of the buyer. Enter this document by hand.");
        Err(refused(ErrorCode::CustomerRefused, message).about(text))
    };
    bounded("street", address.street.as_str(), LINE_CHARS_MAX)?;
    bounded("town", address.city.as_str(), LINE_CHARS_MAX)?;
    let (prefix, nip) = match TaxNumber::of(customer) {
        TaxNumber::None => (None, None),
        TaxNumber::Nip(nip) => (None, Some(nip)),
        TaxNumber::Eu(state, number) => (Some(state), Some(number)),
        TaxNumber::Other(number) => (None, Some(number)),
    };
    bounded("tax number", nip.as_deref().unwrap_or_default(), TAX_NUMBER_CHARS_MAX)?;
    let name = customer.name.full();
    let rest: String = name.chars().skip(NAME_CHARS_MAX).collect();
    bounded("name", &rest, NAME_CHARS_MAX)?;
    let short = |text: &'_ Option<AddressText>, most| text.as_ref().is_some_and(|text| fits(text.as_str(), most));
    Ok(Buyer {
        nazwa: name.chars().take(NAME_CHARS_MAX).collect(),
        nazwa2: Some(rest).filter(|rest| !rest.is_empty()),
        prefiks_ue: prefix,
        nip,
        ulica: address.street.as_str(),
        kod_pocztowy: post_code,
        kraj: polish_name(address.country),
        kod_kraju: address.country.as_str().to_owned(),
        miejscowosc: address.city.as_str(),
        email: customer.email.as_ref().filter(|_| short(&customer.email, EMAIL_CHARS_MAX)).map(AddressText::as_str),
        telefon: customer.phone.as_ref().filter(|_| short(&customer.phone, PHONE_CHARS_MAX)).map(AddressText::as_str),
        osoba_fizyczna: matches!(customer.name, CustomerName::Person { .. }),
    })
}

fn line_of<'a>(request: &PassRequest<'a>, line: &'a IssuedLine) -> Result<Line<'a>, LedgerError> {
    let content = request.content;
    let (kind, rate) = rate(request, line.vat)?;
    let unit = line.unit.as_ref().map_or("szt", AddressText::as_str);
    let price = line.price.value();
    // Two decimals are taken: a price with more of them is sent as one piece of what the line comes to.
    let (quantity, price, name) = if price.normalize().scale() > 2 {
        let whole = match content.prices {
            Prices::Gross => line.gross,
            Prices::Net => line.net,
        };
        (Decimal::ONE, whole, format!("{} ({} {unit} × {})", line.name, line.quantity.normalize(), price.normalize()))
    } else {
        (line.quantity, price, line.name.to_string())
    };
    let unit: String = unit.chars().take(UNIT_CHARS_MAX).collect();
    let foreign = is_foreign(content);
    let basis = content.exemption.as_ref().map(ItemName::as_str).filter(|basis| fits(basis, BASIS_CHARS_MAX));
    Ok(Line {
        typ_stawki_vat: kind,
        stawka_vat: rate,
        ilosc: Number(quantity),
        cena_jednostkowa: Number(price),
        nazwa_pelna_obca: foreign.then(|| name.clone()),
        jednostka_obca: foreign.then(|| unit.clone()),
        nazwa_pelna: name,
        jednostka: unit,
        podstawa_prawna: basis.filter(|_| kind == "ZW"),
        stawka_ryczaltu: lump_rate(request)?,
    })
}

fn lump_rate(request: &PassRequest<'_>) -> Result<Option<Number>, LedgerError> {
    let Some(text) = request.options.get(&LUMP_RATE) else { return Ok(None) };
    let rate = text.parse().ok().filter(|rate: &Decimal| !rate.is_sign_negative() && *rate < Decimal::ONE);
    rate.map(|rate| Some(Number(rate))).ok_or_else(|| {
        let message = format!("The option '{}' of the connection is no fraction such as 0.03.", LUMP_RATE.key);
        refused(ErrorCode::Option, message).about(LUMP_RATE.key)
    })
}

fn rate(request: &PassRequest<'_>, vat: SalesVat) -> Result<(&'static str, Option<Number>), LedgerError> {
    let no = |why: &str| {
        let message = format!("{NAME} takes {why} from us. Enter this document there by hand.");
        Err(refused(ErrorCode::UnknownVatCode, message).about(vat))
    };
    let pays_vat = request.options.get(&VAT_PAYER) != Some("no");
    match vat {
        SalesVat::Exempt => Ok(("ZW", None)),
        SalesVat::Rate(percent) if pays_vat => {
            let percent = percent.value().normalize();
            if RATES.iter().any(|rate| Decimal::from(*rate) == percent) {
                let mut fraction = percent / Decimal::ONE_HUNDRED;
                fraction.rescale(2);
                return Ok(("PRC", Some(Number(fraction))));
            }
            no("only the rates 23, 8, 5 and 0, and exempt lines,")
        }
        SalesVat::Rate(_) => no("only exempt lines, for an account that pays no VAT,"),
        SalesVat::ReverseCharge | SalesVat::IntraCommunity | SalesVat::Export | SalesVat::OutOfScope => {
            no("only lines with a rate and exempt ones")
        }
    }
}

#[cfg(test)]
#[path = "map_tests.rs"]
mod tests;
