use super::*;
use domain::{money::Currency, time::Date};
use proptest::prelude::*;
use rust_decimal::Decimal;

fn taken(json: &str) -> Recognised {
    read(json.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn fields_become_an_invoice() {
    let Recognised { invoice, confidences, findings } = taken(
        r#"{"kind":"credit_note","fields":{
            "number":{"value":" F 17\n","confidence":0.98},
            "issue_date":{"value":"2026-03-31","confidence":1},
            "currency":{"value":"EUR","confidence":0.99999},
            "supplier_name":{"value":"Alpha","confidence":0},
            "supplier_vat":{"value":"NL 1234.56.789.B01","confidence":0.5},
            "supplier_iban":{"value":"NL91 ABNA 0417 1643 00","confidence":0.5},
            "payment_reference":{"value":"RF18539007547034","confidence":0.5},
            "net":{"value":100.00,"confidence":0.9800000190734863},
            "vat":{"value":"21.00","confidence":9e-1},
            "gross":{"value":"-121","confidence":0.5}},
          "vat_breakdown":[{"category":"S","rate":21,"taxable":"100.00","vat":"21.00","confidence":0.7}],
          "lines":[{"description":"Paper","quantity":2,"price":"50","net":"100.00","confidence":0.8}],
          "engine":"x"}"#,
    );
    assert_eq!(findings, []);
    assert_eq!(invoice.kind, InvoiceKind::CreditNote);
    assert_eq!(invoice.number.as_deref(), Some("F 17"));
    assert_eq!(invoice.issue_date, Date::from_ymd_opt(2026, 3, 31));
    assert_eq!(invoice.currency, Some(Currency::EUR));
    assert_eq!(invoice.supplier.vat.as_deref(), Some("NL 1234.56.789.B01"));
    assert_eq!(invoice.payment_means.len(), 1);
    assert_eq!(invoice.payment_means[0].account.as_deref(), Some("NL91 ABNA 0417 1643 00"));
    assert_eq!(invoice.totals.net.map(|net| net.to_string()).as_deref(), Some("100.00"));
    assert_eq!(invoice.totals.gross, Some(decimal("-121")));
    assert_eq!(invoice.vat_breakdown[0].treatment.rate, Some(decimal("21")));
    assert_eq!(invoice.lines[0].net, Some(decimal("100")));
    let of = |field| confidences.iter().find(|(f, _)| *f == field).map(|(_, confidence)| confidence.basis_points());
    assert_eq!(of(RecognisedField::Number), Some(9_800));
    assert_eq!(of(RecognisedField::Net), Some(9_800));
    assert_eq!(of(RecognisedField::Vat), Some(9_000));
    assert_eq!(of(RecognisedField::SupplierName), Some(0));
    assert_eq!(of(RecognisedField::IssueDate), Some(10_000));
    assert_eq!(of(RecognisedField::VatBreakdown), Some(7_000));
    assert_eq!(of(RecognisedField::Line), Some(8_000));
}

#[test]
fn garbage_costs_its_field_and_no_more() {
    let recognised = taken(
        r#"{"kind":"invoice","fields":{
            "number":{"value":"1","confidence":0.9},
            "issue_date":{"value":"31-03-2026","confidence":0.9},
            "gross":{"value":"1.234,56","confidence":0.9},
            "net":{"value":"1e5","confidence":0.9},
            "vat":{"value":{"a":1},"confidence":0.9},
            "currency":{"value":"euro","confidence":0.9},
            "supplier_iban":{"value":"NL91ABNA0417164301","confidence":0.9},
            "supplier_vat":{"value":"\u0000","confidence":0.9},
            "customer_name":{"value":null,"confidence":0.9},
            "payable":"12",
            "colour":{"value":"red","confidence":0.9}},
          "vat_breakdown":[{"taxable":"x","vat":"1","confidence":1},7],
          "lines":[{"net":"x","description":"kept","confidence":1}]}"#,
    );
    let invoice = &recognised.invoice;
    assert_eq!(recognised.confidences.len(), 2, "the number and the line");
    assert_eq!(invoice.number.as_deref(), Some("1"));
    assert_eq!(invoice.totals, domain::invoice::Totals::default());
    assert_eq!((invoice.issue_date, invoice.currency, &invoice.supplier.vat), (None, None, &None));
    assert!(invoice.payment_means.is_empty() && invoice.vat_breakdown.is_empty());
    assert_eq!(invoice.lines[0].description.as_deref(), Some("kept"));
    let about: Vec<&str> = recognised.findings.iter().filter_map(|f| f.message.split(' ').nth(2)).collect();
    for name in ["issue_date", "gross", "net", "vat", "currency", "supplier_iban", "supplier_vat", "payable", "colour"]
    {
        assert!(about.contains(&name), "{name}: {about:?}");
    }
    assert!(about.contains(&"vat_breakdown[0]") && about.contains(&"vat_breakdown[1]") && about.contains(&"lines[0]"));
}

#[test]
fn a_confidence_that_is_none_refuses_the_whole_and_names_the_field() {
    for confidence in ["-0.01", "1.01", "\"high\"", "null", "1e400", "true"] {
        let json = format!(r#"{{"kind":"invoice","fields":{{"number":{{"value":"1","confidence":{confidence}}}}}}}"#);
        assert_eq!(read(json.as_bytes()).unwrap_err().field.as_deref(), Some("number"), "{confidence}");
    }
    let json = br#"{"kind":"invoice","lines":[{"net":"1"}]}"#;
    assert_eq!(read(json).unwrap_err().field.as_deref(), Some("lines[0]"));
}

#[test]
fn what_is_no_such_json_is_refused() {
    for json in ["", "{", "[]", "7", r#"{"kind":"invoice","fields":7}"#] {
        assert!(read(json.as_bytes()).is_err(), "{json}");
    }
    for json in ["{}", r#"{"kind":"order"}"#, r#"{"kind":7}"#] {
        assert_eq!(read(json.as_bytes()).unwrap_err().field.as_deref(), Some("kind"), "{json}");
    }
    assert!(read(&vec![b' '; RECOGNISED_BYTES_MAX + 1]).is_err());
    assert_eq!(taken(r#"{"kind":"invoice"}"#).invoice, Invoice::default());
}

proptest! {
    #[test]
    fn no_json_panics(value in "\\PC{0,30}", confidence in "[-0-9.eE]{0,8}") {
        let value = serde_json::to_string(&value).unwrap();
        let json = format!(
            r#"{{"kind":"invoice","fields":{{"gross":{{"value":{value},"confidence":{confidence}}}}},"lines":[{{"net":{value},"confidence":1}}]}}"#
        );
        let _ = read(json.as_bytes());
    }
}
