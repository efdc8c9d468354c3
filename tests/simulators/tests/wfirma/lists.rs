//! Lists: conditions, pages, and what is there.

use serde_json::json;
use simulators::wfirma::seed;
use simulators::wfirma::state::{KnownNip, Nothing, ReferenceFilter};

use crate::{Client, code, invoice};

#[tokio::test]
async fn records_are_found_by_conditions() {
    let client = Client::start().await;
    for (place, date) in ["2026-03-05", "2026-03-06", "2026-03-07"].iter().enumerate() {
        let mut body = invoice();
        body["date"] = json!(date);
        body["id_external"] = json!(format!("acme-{place}"));
        assert_eq!(code(&client.add(&body).await), "OK");
    }
    for (conditions, total) in [
        (vec![("id_external", "eq", "acme-1")], "1"),
        (vec![("Invoice.id_external", "eq", "acme-9")], "0"),
        (vec![("id_external", "like", "acme-%")], "3"),
        (vec![("id_external", "in", "acme-0,acme-2")], "2"),
        (vec![("date", "ge", "2026-03-06"), ("ContractorDetail.nip", "eq", "5260250274")], "2"),
        (vec![("date", "le", "2026-03-05"), ("type", "eq", "normal")], "1"),
        (vec![("type", "eq", "bill")], "0"),
    ] {
        let found = client.find("invoices", &conditions).await;
        assert_eq!(found["invoices"]["parameters"]["total"], total, "{conditions:?}: {found}");
    }
    let page = json!({ "invoices": { "parameters": { "page": 2, "limit": 2, "order": { "desc": "Invoice.id" } } } });
    let page = client.post("invoices/find", &page).await;
    assert_eq!(page["invoices"]["0"]["invoice"]["id_external"], "acme-0");
    assert!(page["invoices"].get("1").is_none());
    client.settings(|settings| settings.reference_filter = ReferenceFilter::Ignored);
    let all = client.find("invoices", &[("id_external", "eq", "acme-1")]).await;
    assert_eq!(all["invoices"]["parameters"]["total"], "3", "the condition is passed over");
    for wrong in [("nothing", "eq", "1"), ("id", "about", "1")] {
        assert_eq!(code(&client.find("invoices", &[wrong]).await), "INPUT ERROR", "{wrong:?}");
    }
}

#[tokio::test]
async fn a_page_has_twenty_records_when_nothing_is_said() {
    let client = Client::start().await;
    for _ in 0..21 {
        client.add(&invoice()).await;
    }
    let found = client.post("invoices/find", &json!({ "invoices": {} })).await;
    assert_eq!(found["invoices"]["parameters"], json!({ "limit": "20", "page": "1", "total": "21" }));
    assert!(found["invoices"].get("19").is_some() && found["invoices"].get("20").is_none());
}

#[tokio::test]
async fn series_rates_goods_and_buyers_are_listed() {
    let client = Client::start().await;
    let series = client.find("series", &[("type", "eq", "normal")]).await;
    assert_eq!(series["series"]["1"]["series"]["template"], "FS [numer]/[rok]");
    let rates = client.find("vat_codes", &[("code", "eq", "23")]).await;
    assert_eq!(rates["vat_codes"]["0"]["vat_code"]["id"], "222");
    let good = client.find("goods", &[("code", "eq", seed::GOOD.1)]).await;
    assert_eq!(good["goods"]["0"]["good"]["count"], "14.0000");
    let buyer = client.find("contractors", &[("nip", "eq", seed::CONTRACTOR.1)]).await;
    assert_eq!(buyer["contractors"]["0"]["contractor"]["city"], "Warszawa");
    let companies = client.get("user_companies/find").await;
    assert_eq!(companies["user_companies"]["1"]["user_company"]["company"]["id"], seed::EXEMPT_COMPANY.to_string());
    for (nothing, branch) in [(Nothing::Parameters, "parameters"), (Nothing::Absent, "absent"), (Nothing::List, "list")]
    {
        client.settings(|settings| settings.nothing = nothing);
        let none = client.find("goods", &[("code", "eq", "NONE")]).await;
        let shape = match none.get("goods") {
            None => "absent",
            Some(goods) if goods.is_array() => "list",
            Some(_) => "parameters",
        };
        assert_eq!((code(&none), shape), ("OK", branch));
    }
}

#[tokio::test]
async fn a_known_number_may_make_another_card() {
    let client = Client::start().await;
    client.settings(|settings| settings.known_nip = KnownNip::Duplicated);
    client.add(&invoice()).await;
    let cards = client.find("contractors", &[("nip", "eq", seed::CONTRACTOR.1)]).await;
    assert_eq!(cards["contractors"]["parameters"]["total"], "2");
    let mut by_id = invoice();
    by_id["contractor"] = json!({ "id": seed::CONTRACTOR.0 });
    client.add(&by_id).await;
    assert_eq!(client.sold()[1].buyer.street, "Polna 3");
    by_id["contractor"] = json!({ "id": 1 });
    assert_eq!(code(&client.add(&by_id).await), "ERROR");
}
