//! What a document is to Amazon.

use super::{
    NAME,
    wire::{FEED_TYPE, NewFeed},
};
use crate::{
    ForwardRequest,
    descriptor::{OptionKind, OptionSpec},
    error::{ErrorCode, LedgerError, Operation},
};
use domain::sales::{IssuedKind, MarketplaceOrder, MarketplaceSite, Shipment};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Larger documents are not sent: what Amazon takes is not published.
const PDF_BYTES_MAX: usize = 1_000_000;

/// The shops that take invoices by this feed: Spain, United Kingdom, France, Germany, Italy, Netherlands, Poland, Sweden, Belgium,
/// Ireland.
const MARKETPLACES: &[&str] = &[
    "A1RKKUPIHCS9HS",
    "A1F83G8C2ARO7P",
    "A13V1IB3VIYZZH",
    "A1PA6795UKMFR9",
    "APJ6JRA9NG5V4",
    "A1805IZSGTT6HS",
    "A1C3SOZRARQ6R3",
    "A2NODRKZP88ZB9",
    "AMEN7PMS3EDWL",
    "A28R8C7NBKEWEA",
];

/// For orders that do not say it.
pub(super) const MARKETPLACE: OptionSpec = OptionSpec {
    key: "marketplace",
    name: "The shop of orders that do not name theirs, by Amazon's id of it (A1PA6795UKMFR9 is Germany, A1C3SOZRARQ6R3 Poland)",
    kind: OptionKind::Choice(MARKETPLACES),
    default: None,
};

/// What is sent of a document, checked.
pub(super) struct Mapped<'a> {
    pub(super) marketplace: &'a str,
    options: BTreeMap<&'static str, String>,
}

impl Mapped<'_> {
    pub(super) fn feed<'b>(&'b self, document: &'b str) -> NewFeed<'b> {
        NewFeed {
            feed_type: FEED_TYPE,
            marketplace_ids: [self.marketplace],
            input_feed_document_id: document,
            feed_options: self.options.clone(),
        }
    }
}

fn refused<T>(code: ErrorCode, message: String) -> Result<T, LedgerError> {
    Err(LedgerError::rejected(code, Operation::Prepare, message))
}

/// Everything that can be refused without a request.
pub(super) fn mapped<'a>(request: &ForwardRequest<'a>) -> Result<Mapped<'a>, LedgerError> {
    let kind = match request.kind {
        IssuedKind::Invoice => "Invoice",
        IssuedKind::Correction => "CreditNote",
        IssuedKind::ProForma | IssuedKind::Receipt => {
            return refused(
                ErrorCode::Unsupported,
                format!("{NAME} takes invoices and credit notes, and no pro forma."),
            );
        }
    };
    let named = request.place.and_then(|place: &MarketplaceOrder| place.site.as_ref()).map(MarketplaceSite::as_str);
    let Some(marketplace) = named.or_else(|| request.options.get(&MARKETPLACE)) else {
        let message = format!(
            "The order does not say in which of {NAME}'s shops it was placed. Enter the id of the shop on the order, or set the option \
             'marketplace' of the connection."
        );
        return refused(ErrorCode::MandatoryField, message);
    };
    if !MARKETPLACES.contains(&marketplace) {
        let message = format!(
            "The shop {marketplace} of {NAME} takes no invoices in this way: it is not one of the European ones."
        );
        return Err(LedgerError::rejected(ErrorCode::Unsupported, Operation::Prepare, message).about(marketplace));
    }
    if request.pdf.len() > PDF_BYTES_MAX {
        let message = format!(
            "The PDF is larger than {PDF_BYTES_MAX} bytes, which we send to {NAME}. Make it smaller, or upload it there."
        );
        return refused(ErrorCode::FileTooLarge, message);
    }
    let number = cleaned(request.number);
    if number.is_empty() {
        let message = format!(
            "The number {} has nothing that {NAME} takes: letters, digits, blanks, '-' and '/'.",
            request.number
        );
        return refused(ErrorCode::MandatoryField, message);
    }
    // Of split shipments each has its invoice.
    let shipment = request.place.and_then(|place| place.shipment.as_ref()).map(Shipment::as_str);
    let (key, order) = match shipment {
        Some(shipment) => ("metadata:shippingid", shipment),
        None => ("metadata:orderid", request.order.trim()),
    };
    let options = BTreeMap::from([
        (key, order.to_owned()),
        ("metadata:invoicenumber", number),
        ("metadata:documenttype", kind.to_owned()),
        ("metadata:totalamount", amount(request.gross)),
        ("metadata:totalvatamount", amount(request.vat)),
    ]);
    Ok(Mapped { marketplace, options })
}

/// A credit note says by its type that it reduces.
fn amount(amount: Decimal) -> String {
    format!("{:.2}", amount.abs())
}

/// A number with what Amazon is known to take of it.
pub(super) fn cleaned(number: &str) -> String {
    let kept: String = number.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '/')).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_what_amazon_takes() {
        for (number, kept) in
            [("FV 7/2026", "FV 7/2026"), ("FV\u{a0}7#2026", "FV72026"), ("  A_1.2  (x) -3 ", "A12 x -3"), ("#", "")]
        {
            assert_eq!(cleaned(number), kept, "{number}");
        }
    }

    #[test]
    fn amounts_have_two_decimals_and_no_sign() {
        for (text, shown) in [("123", "123.00"), ("-23.5", "23.50"), ("0", "0.00")] {
            assert_eq!(amount(text.parse().unwrap()), shown);
        }
    }
}
