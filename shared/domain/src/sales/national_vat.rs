//! VAT in the currency in which the seller owes it, on documents in another one (directive 2006/112, art. 230).

use super::{Country, IssueError, IssuedContent, IssuedKind, SalesVat, amounts};
use crate::{
    exchange::ExchangeRate,
    money::{Currency, to_cents},
};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The VAT of a document in the currency in which the seller owes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NationalVat<'a> {
    /// That currency.
    pub currency: Currency,
    /// At which rate.
    pub rate: &'a ExchangeRate,
    /// The VAT of each rate that has any; of a correction the difference.
    pub vat: BTreeMap<SalesVat, Decimal>,
}

impl Country {
    /// The currency in which VAT is owed there; nothing for a country that is not known here.
    pub fn vat_currency(&self) -> Option<Currency> {
        let code = match self.as_str() {
            "AT" | "BE" | "BG" | "CY" | "DE" | "EE" | "ES" | "FI" | "FR" | "GR" | "HR" | "IE" | "IT" | "LT" | "LU"
            | "LV" | "MT" | "NL" | "PT" | "SI" | "SK" => "EUR",
            "CH" | "LI" => "CHF",
            "CZ" => "CZK",
            "DK" => "DKK",
            "GB" => "GBP",
            "HU" => "HUF",
            "NO" => "NOK",
            "PL" => "PLN",
            "RO" => "RON",
            "SE" => "SEK",
            _ => return None,
        };
        code.parse().ok()
    }
}

impl IssuedContent {
    /// The currency in which its VAT has to be given besides its own.
    fn owed_in(&self) -> Option<Currency> {
        self.seller.address.country.vat_currency().filter(|currency| *currency != self.currency)
    }

    /// The VAT of each rate; of a correction the difference. Nothing when it does not fit.
    fn vat_by_rate(&self) -> Option<BTreeMap<SalesVat, Decimal>> {
        let amounts = amounts::by_vat(&self.lines)?;
        let mut vat: BTreeMap<SalesVat, Decimal> = amounts.into_iter().map(|(of, amounts)| (of, amounts.vat)).collect();
        if let Some(corrects) = &self.corrects {
            for (of, before) in amounts::by_vat(&corrects.lines)? {
                let after = vat.entry(of).or_default();
                *after = after.checked_sub(before.vat)?;
            }
        }
        vat.retain(|_, amount| !amount.is_zero());
        Some(vat)
    }

    /// Its VAT in the currency in which the seller owes it, where that is another one and the rate is known. Each sum of a rate is
    /// converted and rounded to cents by itself.
    pub fn national_vat(&self) -> Option<NationalVat<'_>> {
        let (currency, rate) = (self.owed_in()?, self.exchange_rate.as_ref()?);
        let mut vat = self.vat_by_rate()?;
        for amount in vat.values_mut() {
            *amount = to_cents(amount.checked_mul(rate.rate.value())?);
        }
        Some(NationalVat { currency, rate, vat })
    }

    /// Refuses an invoice with VAT in another currency than the one in which the seller owes it, where nothing says at which rate:
    /// as our own document it would lack what the law wants on it. A correction goes by the rate of what it corrects.
    pub fn check_national_vat(&self) -> Result<(), IssueError> {
        match self.kind {
            IssuedKind::Invoice | IssuedKind::Correction => {}
            IssuedKind::Receipt | IssuedKind::ProForma => return Ok(()),
        }
        let Some(owed_in) = self.owed_in() else { return Ok(()) };
        if self.vat_by_rate().ok_or(IssueError::TooLarge)?.is_empty() {
            return Ok(());
        }
        match (&self.exchange_rate, self.national_vat()) {
            (None, _) => Err(IssueError::NoExchangeRate { currency: self.currency, owed_in }),
            (Some(_), None) => Err(IssueError::TooLarge),
            (Some(_), Some(_)) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::Id,
        invoice::InvoiceKind,
        sales::{Issued, Issuing, LineChange, Numbering, OrderData, Seller, Series},
        time::Instant,
    };
    use rust_decimal::dec;
    use serde_json::{Value, json};

    fn issue(kind: &str, changes: Value) -> IssuedContent {
        let mut order = json!({
            "reference": "1", "source": "shop", "currency": "EUR", "prices": "net",
            "customer": {
                "is": "company", "name": "Kunde GmbH",
                "address": { "street": "Weg 1", "post_code": "10115", "city": "Berlin", "country": "DE" }
            },
            "lines": [
                { "name": "Mug", "quantity": "2", "price": "100", "vat": "23" },
                { "name": "Bread", "quantity": "4", "price": "2.5", "vat": "5" },
                { "name": "Voucher", "quantity": "1", "price": "50", "vat": "out_of_scope" }
            ],
            "payment": { "name": "Transfer" }
        });
        let Value::Object(changes) = changes else { panic!("not an object") };
        order.as_object_mut().unwrap().extend(changes);
        let order: OrderData = serde_json::from_value(order).unwrap();
        let (series, seller) = (series(kind), seller());
        let date = "2026-03-10".parse().unwrap();
        Issuing { id: id(3), series: &series, number: "FV 1/03/2026", date, seller: &seller }.of_order(&order).unwrap()
    }

    fn id<T: Id>(n: u128) -> T {
        T::from_ulid(ulid::Ulid::from_parts(1_700_000_000_000, n))
    }

    fn seller() -> Seller {
        let address = json!({ "street": "Morska 5", "post_code": "81-001", "city": "Gdynia", "country": "PL" });
        serde_json::from_value(json!({ "name": "Demo", "tax_number": "5252344078", "address": address })).unwrap()
    }

    fn series(kind: &str) -> Series {
        let (id, administration): (crate::ids::SeriesId, crate::ids::AdministrationId) = (id(7), id(1));
        serde_json::from_value(json!({
            "id": id, "administration": administration, "name": "FV", "kind": kind, "pattern": "FV {n}/{mm}/{yyyy}",
            "reset": "monthly", "first": 1, "hide_payment_date": "no", "payment_days": 14, "version": 1
        }))
        .unwrap()
    }

    fn rate(rate: &str) -> Value {
        json!({ "exchange_rate": { "rate": rate, "date": "2026-03-09", "source": "NBP 046/A/NBP/2026" } })
    }

    #[test]
    fn the_vat_of_each_rate_is_converted_and_rounded_by_itself() {
        let content = issue("invoice", rate("4.2512"));
        let vat = content.national_vat().unwrap();
        assert_eq!(vat.currency.as_str(), "PLN");
        // 46.00 and 0.50 EUR.
        assert_eq!(vat.vat.into_values().collect::<Vec<_>>(), [dec!(2.13), dec!(195.56)]);
        assert_eq!(content.check_national_vat(), Ok(()));
        let written = content.as_invoice("FV 1/03/2026").unwrap();
        assert_eq!(written.tax_currency.map(|currency| currency.to_string()), Some("PLN".to_owned()));
        assert_eq!(written.totals.vat_in_tax_currency, Some(dec!(197.69)));
    }

    #[test]
    fn a_correction_has_the_difference_at_the_rate_of_its_original() {
        let original = issue("invoice", rate("4.2512"));
        let head = Issued::new(&original, (id(1), id(2)), Numbering::Ours, Instant::default()).unwrap();
        let (series, seller) = (series("correction"), seller());
        let date = "2026-05-10".parse().unwrap();
        let issuing = Issuing { id: id(4), series: &series, number: "KOR 1/05/2026", date, seller: &seller };
        let change: LineChange = serde_json::from_value(json!({ "quantity": "1" })).unwrap();
        let reason = "Returned".parse().unwrap();
        let correction = issuing.correction((&head, &original), &[(0, change)].into(), &reason, None).unwrap();
        let vat = correction.national_vat().unwrap();
        assert_eq!(vat.vat.into_values().collect::<Vec<_>>(), [dec!(-97.78)]);
        // As an e-invoice it is a credit note, whose amounts are what is given back.
        let written = correction.as_invoice("KOR 1/05/2026").unwrap();
        assert_eq!((written.kind, written.totals.vat_in_tax_currency), (InvoiceKind::CreditNote, Some(dec!(97.78))));
    }

    #[test]
    fn an_e_invoice_says_what_the_law_wants_said_before_remarks() {
        let mut content = issue("invoice", json!({ "split_payment": "yes", "note": "Ring twice" }));
        content.seller.cash_accounting = crate::office::Choice::Yes;
        let notes = content.as_invoice("FV 1/03/2026").unwrap().notes;
        assert_eq!(notes, ["Mechanizm podzielonej płatności", "Metoda kasowa", "Ring twice"]);
    }

    #[test]
    fn an_invoice_without_a_rate_is_refused_only_where_vat_is_owed_in_another_currency() {
        let wanted = issue("invoice", json!({})).check_national_vat().unwrap_err();
        assert!(wanted.to_string().starts_with("an invoice in EUR must give its VAT in PLN too"), "{wanted}");
        assert_eq!(issue("invoice", json!({ "currency": "PLN" })).check_national_vat(), Ok(()));
        assert_eq!(issue("receipt", json!({})).check_national_vat(), Ok(()));
        let untaxed = json!({ "lines": [{ "name": "Tea", "quantity": "1", "price": "7", "vat": "intra_community" }] });
        assert_eq!(issue("invoice", untaxed).check_national_vat(), Ok(()));
        let mut elsewhere = issue("invoice", json!({}));
        elsewhere.seller.address.country = "NL".parse().unwrap();
        assert_eq!(elsewhere.check_national_vat(), Ok(()));
        assert_eq!(elsewhere.national_vat(), None);
    }
}
