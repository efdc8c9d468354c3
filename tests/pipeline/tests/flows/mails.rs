//! Documents go by mail to an accounting package, each once, and what becomes of them is known (ED-1 to ED-26).

use chrono::{TimeDelta, Utc};
use domain::{
    document::Status,
    mail::{DeliveryState, Form, Home},
};
use pipeline::{Fields, File, MailOffice, Ubl, plain_pdf, shop::Office};
use rust_decimal::dec;
use serde_json::{Value, json};
use simulators::ses::Behaviour;
use store::Read;

fn ubl(office: &MailOffice, number: &str) -> Ubl {
    Ubl::new(number, office.p.now().date_naive() - chrono::Days::new(3))
}

// The worked examples of the reference.

#[tokio::test]
async fn an_accepted_purchase_invoice_is_mailed_once_as_it_was_received() {
    let office = MailOffice::start().await;
    let ubl = ubl(&office, "F-2026/42");
    let document = office.accepted(&ubl).await;
    office.p.run().await;
    let mail = office.mail();
    assert_eq!(mail.destinations, ["in@package.example"]);
    let [file] = mail.attachments.as_slice() else { panic!("{:?}", mail.attachments) };
    assert_eq!((file.name.as_str(), file.media_type.as_str()), ("purchase-F-2026-42.xml", "application/xml"));
    assert_eq!(file.bytes, ubl.xml(), "byte for byte");
    for said in ["F-2026/42", "NL820646660B01", "Voorbeeld Handel B.V."] {
        assert!(
            mail.subject.contains(said) || mail.text.as_deref().unwrap().contains(said),
            "{said}: {}",
            mail.subject
        );
    }
    let delivery = office.delivery(document).await;
    assert_eq!((delivery.state, delivery.form), (DeliveryState::Delivered, Form::Attachment));
    assert_eq!(delivery.message_id.as_ref(), Some(&mail.id));
    assert_eq!(MailOffice::delivery_of(&mail), delivery.id);
    let standing = office.standing(document).await;
    assert_eq!(standing["accounting_status"], "ready_to_process", "{standing}");
    let shared = office.p.office.store().documents().get(document, Read::Consistent).await.unwrap().unwrap();
    assert_eq!(shared.status, Status::Shared);
    // Nothing more happens, whatever comes again.
    office.p.sweep().await;
    office.p.run().await;
    assert_eq!(office.sent().len(), 1);
    assert!(office.p.bookings().is_empty(), "it is posted on no other path");
}

#[tokio::test]
async fn with_one_address_a_sent_sales_invoice_goes_there() {
    let addresses = json!({ "mode": "same", "both": "all@package.example" });
    let office = MailOffice::start_with(json!({}), json!({ "addresses": addresses })).await;
    let document = office.received(&ubl(&office, "V-1").sales()).await;
    let (status, refused) =
        office.p.ask(&office.anna, "POST", &format!("/documents/{document}/accept"), None, Value::Null).await;
    assert_eq!(status, 409, "a sales invoice is not accepted: {refused}");
    office.share(document, "mark-sent").await;
    office.p.run().await;
    assert_eq!(office.mail().destinations, ["all@package.example"]);
    assert_eq!(office.mail().attachments[0].name, "sales-V-1.xml");
}

const MT940: &str = ":20:STMT\r\n:25:NL91ABNA0417164300\r\n:28C:1/1\r\n:60F:C260309EUR1000,00\r\n\
                     :61:2603100310D10,00NTRFNONREF\r\n:62F:C260310EUR990,00\r\n-\r\n";

async fn statement(office: &MailOffice) -> domain::ids::DocumentId {
    let headers =
        [("content-type", "application/octet-stream"), ("content-disposition", "attachment; filename=\"maart.sta\"")];
    let path = format!("/documents?administration={}", office.administration());
    let (status, made) = office.p.send(&office.anna, "POST", &path, &headers, MT940.as_bytes().to_vec()).await;
    assert_eq!(status, 201, "{made}");
    made["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_bank_statement_goes_to_the_banks_address_or_nowhere() {
    let office = MailOffice::start().await;
    let document = statement(&office).await;
    office.p.run().await;
    assert!(office.sent().is_empty(), "the client has no address for it");
    let standing = office.standing(document).await;
    assert_eq!(
        (&standing["accounting_status"], &standing["explanation"]["code"]),
        (&json!("queued"), &json!("mail_no_address"))
    );

    let addresses = json!({ "inbound": "in@package.example", "bank_statements": "bank@package.example" });
    office.reconnect(json!({ "addresses": addresses })).await;
    statement(&office).await;
    office.p.run().await;
    let mail = office.mail();
    assert_eq!(mail.destinations, ["bank@package.example"]);
    assert_eq!(
        (mail.attachments[0].name.as_str(), mail.attachments[0].bytes.as_slice()),
        ("maart.sta", MT940.as_bytes())
    );
    assert!(mail.text.unwrap().contains("NL91ABNA0417164300"));
}

#[tokio::test]
async fn the_clients_wish_for_pdfs_wins_over_the_offices() {
    let office = MailOffice::start_with(json!({ "pdf_alongside": false }), json!({ "pdf_alongside": true })).await;
    let pdf = plain_pdf();
    let with = Ubl { pdf: Some(pdf.clone()), ..ubl(&office, "F-1") };
    office.accepted(&with).await;
    office.p.run().await;
    let mail = office.mail();
    let names: Vec<_> = mail.attachments.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["purchase-F-1.xml", "purchase-F-1.pdf"], "both are named alike");
    assert_eq!((mail.attachments[0].bytes.clone(), mail.attachments[1].bytes.clone()), (with.xml(), pdf));
}

#[tokio::test]
async fn nothing_is_sent_while_the_switch_is_off_nor_what_came_before() {
    let office = MailOffice::start_with(json!({}), json!({ "share": false })).await;
    let before = office.accepted(&ubl(&office, "F-1")).await;
    office.p.run().await;
    let standing = office.standing(before).await;
    assert_eq!(
        (&standing["accounting_status"], &standing["explanation"]["code"]),
        (&json!("queued"), &json!("mail_not_sharing"))
    );
    office.reconnect(json!({ "share": true })).await;
    office.p.sweep().await;
    office.p.run().await;
    assert!(office.sent().is_empty(), "turning it on sends nothing of the past");
    assert_eq!(office.standing(before).await["explanation"]["code"], "mail_before_activation");
    // A person may ask for it.
    let body = json!({ "connection": office.connection });
    office.ask("POST", &format!("/documents/{before}/deliveries"), None, body).await;
    office.p.run().await;
    assert_eq!(office.sent().len(), 1);
}

#[tokio::test]
async fn a_link_goes_without_attachment_and_opens_the_document() {
    let office = MailOffice::start_with(json!({ "attach": "link", "link_days": 10 }), json!({})).await;
    let document = office.accepted(&ubl(&office, "F-1")).await;
    office.p.run().await;
    let mail = office.mail();
    assert!(mail.attachments.is_empty());
    let text = mail.text.unwrap();
    let address = text.split_whitespace().find(|word| word.starts_with("https://api.example.nl/shared/")).unwrap();
    assert_eq!(address.rsplit('.').next(), Some("xml"), "{address}");
    let path = address.strip_prefix("https://api.example.nl").unwrap();
    let (status, _) = office.p.send(&office.anna, "GET", path, &[], Vec::new()).await;
    assert_eq!(status, 302);
    let guess = format!("{}x{}", &path[..path.len() - 5], ".xml");
    assert_eq!(office.p.send(&office.anna, "GET", &guess, &[], Vec::new()).await.0, 404);
    // Taken back, it opens nothing.
    let delivery = office.delivery(document).await;
    assert_eq!(delivery.form, Form::Link);
    office.ask("DELETE", &format!("/documents/{document}/deliveries/{}/link", delivery.id), None, Value::Null).await;
    assert_eq!(office.p.send(&office.anna, "GET", path, &[], Vec::new()).await.0, 404);
}

// What goes along.

#[tokio::test]
async fn what_came_without_an_e_invoice_is_written_as_one_when_its_data_is_complete() {
    let office = MailOffice::start().await;
    let fields = Fields::new("F-77", office.p.now().date_naive(), dec!(100.00), dec!(21.00));
    let complete = office.p.deliver(File::Pdf(plain_pdf(), Some(fields.clone()))).await;
    let without = office.p.deliver(File::Pdf(plain_pdf(), Some(fields.without("issue_date")))).await;
    office.p.run().await;
    for document in [complete, without] {
        office.share(document, "accept").await;
    }
    office.p.run().await;
    let mails = office.sent();
    let of = |document| {
        let home = Home::Received(document).to_string();
        mails.iter().find(|mail| mail.tag("home") == Some(home.as_str())).unwrap()
    };
    let written = of(complete);
    assert_eq!(written.attachments.len(), 1, "{:?}", written.attachments);
    let file = &written.attachments[0];
    assert_eq!(file.name, "purchase-F-77.xml", "{:#?}", office.delivery(complete).await.reason);
    let xml = String::from_utf8(file.bytes.clone()).unwrap();
    assert!(xml.contains("urn:fdc:peppol.eu:2017:poacc:billing:3.0") && xml.contains("F-77"), "{xml}");
    let as_is = of(without);
    assert_eq!(
        (as_is.attachments[0].media_type.as_str(), as_is.attachments[0].bytes.clone()),
        ("application/pdf", plain_pdf())
    );
    assert_eq!(office.delivery(without).await.reason.unwrap().code, "mail_not_written");
}

#[tokio::test]
async fn a_mail_that_would_be_too_large_goes_as_a_link_and_says_so() {
    let office = MailOffice::start().await;
    let mut pdf = plain_pdf();
    pdf.resize(12 * 1024 * 1024, b'\n');
    let document = office.p.deliver(File::Pdf(pdf, None)).await;
    office.p.run().await;
    office.share(document, "accept").await;
    office.p.run().await;
    let mail = office.mail();
    assert!(mail.attachments.is_empty() && mail.text.unwrap().contains("/shared/"));
    let delivery = office.delivery(document).await;
    assert_eq!((delivery.state, delivery.form), (DeliveryState::Delivered, Form::LinkForSize));
    assert_eq!(delivery.reason.unwrap().code, "mail_link_for_size");
}

#[tokio::test]
async fn unicode_in_names_and_line_breaks_in_numbers_break_no_header() {
    let office = MailOffice::start().await;
    let odd = ubl(&office, "F-1\r\nBcc: evil@attacker.example");
    let document = office.accepted(&odd).await;
    office.p.run().await;
    let mail = office.mail();
    assert_eq!(mail.destinations, ["in@package.example"]);
    assert!(!mail.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("bcc")), "{:?}", mail.headers);
    assert_eq!(office.delivery(document).await.state, DeliveryState::Delivered);
}

// Rhythms.

#[tokio::test]
async fn a_nightly_connection_sends_in_the_clients_night() {
    let mut office = MailOffice::start_with(json!({}), json!({ "frequency": "nightly" })).await;
    let document = office.accepted(&ubl(&office, "F-1")).await;
    office.p.run().await;
    assert_eq!((office.sent().len(), office.delivery(document).await.state), (0, DeliveryState::Queued));
    let due = office.delivery(document).await.due;
    office.p.advance(due - office.p.now() - TimeDelta::seconds(30));
    office.p.sweep().await;
    office.p.run().await;
    assert!(office.sent().is_empty(), "not a moment early");
    office.p.advance(TimeDelta::seconds(31));
    office.p.sweep().await;
    office.p.run().await;
    assert_eq!((office.sent().len(), office.delivery(document).await.state), (1, DeliveryState::Delivered));
}

#[tokio::test]
async fn what_waits_when_the_switch_is_turned_off_is_not_sent() {
    let mut office = MailOffice::start_with(json!({}), json!({ "frequency": "nightly" })).await;
    let document = office.accepted(&ubl(&office, "F-1")).await;
    office.p.run().await;
    office.reconnect(json!({ "frequency": "nightly", "share": false })).await;
    office.p.advance(TimeDelta::days(1));
    office.p.sweep().await;
    office.p.run().await;
    let delivery = office.delivery(document).await;
    assert_eq!((office.sent().len(), delivery.state), (0, DeliveryState::NotShared));
    assert_eq!(office.standing(document).await["accounting_status"], "queued");
}

#[tokio::test]
async fn two_connections_with_one_address_send_one_mail() {
    let office = MailOffice::start().await;
    office.connect(json!({ "addresses": { "inbound": "IN@package.example" } })).await;
    office.connect(json!({ "addresses": { "inbound": "else@package.example" } })).await;
    office.accepted(&ubl(&office, "F-1")).await;
    office.p.run().await;
    let mut to: Vec<String> = office.sent().iter().flat_map(|mail| mail.destinations.clone()).collect();
    to.sort();
    assert_eq!(to, ["else@package.example", "in@package.example"]);
}

#[tokio::test]
async fn what_waits_goes_to_the_address_that_took_the_place_of_the_old_one() {
    let mut office = MailOffice::start_with(json!({}), json!({ "frequency": "nightly" })).await;
    let queued = office.accepted(&ubl(&office, "F-1")).await;
    office.p.run().await;
    let moved = json!({ "frequency": "nightly", "addresses": { "inbound": "new@package.example" } });
    office.reconnect(moved).await;
    office.p.advance(TimeDelta::days(1));
    office.p.sweep().await;
    office.p.run().await;
    assert_eq!(
        (office.mail().destinations, office.delivery(queued).await.state),
        (vec!["new@package.example".to_owned()], DeliveryState::Delivered)
    );

    // What is held for an address that came back goes to its successor, too.
    let office = MailOffice::start().await;
    office.p.ses.change(|ses| ses.set_rule("in@package.example", Behaviour::HardBounce));
    office.accepted(&ubl(&office, "F-1")).await;
    office.p.run().await;
    let held = office.accepted(&ubl(&office, "F-2")).await;
    office.p.run().await;
    assert_eq!(office.delivery(held).await.state, DeliveryState::Held);
    office.reconnect(json!({ "addresses": { "inbound": "new@package.example" } })).await;
    office.p.run().await;
    let delivery = office.delivery(held).await;
    assert_eq!((delivery.to.as_str(), delivery.state), ("new@package.example", DeliveryState::Delivered));
}

// Feedback.

#[tokio::test]
async fn a_hard_bounce_suspends_the_address_until_somebody_confirms_it() {
    let office = MailOffice::start().await;
    office.p.ses.change(|ses| ses.set_rule("in@package.example", Behaviour::HardBounce));
    let first = office.accepted(&ubl(&office, "F-1")).await;
    office.p.run().await;
    let bounced = office.delivery(first).await;
    assert_eq!((bounced.state, bounced.reason.unwrap().code.as_str()), (DeliveryState::Bounced, "mail_bounced"));
    let standing = office.standing(first).await;
    assert_eq!(standing["accounting_status"], "error");
    // What comes next waits, visibly.
    let second = office.accepted(&ubl(&office, "F-2")).await;
    office.p.run().await;
    assert_eq!((office.sent().len(), office.delivery(second).await.state), (1, DeliveryState::Held));
    let held = office.ask("GET", &office.of_books("deliveries?state=held"), None, Value::Null).await;
    assert_eq!(held["items"].as_array().unwrap().len(), 1, "{held}");
    let suspended = office.ask("GET", &office.of_books("mail-suspensions"), None, Value::Null).await;
    assert_eq!(suspended["items"][0]["address"], "in@package.example", "{suspended}");
    // Confirmed, it goes.
    office.p.ses.change(|ses| ses.set_rule("in@package.example", Behaviour::Deliver));
    let body = json!({ "address": "in@package.example" });
    office.ask("POST", &office.of_books("mail-suspensions/confirm"), None, body).await;
    office.p.run().await;
    assert_eq!((office.sent().len(), office.delivery(second).await.state), (2, DeliveryState::Delivered));
    // The one that came back goes again when somebody asks for it.
    let body = json!({ "connection": office.connection });
    office.ask("POST", &format!("/documents/{first}/deliveries"), None, body).await;
    office.p.run().await;
    assert_eq!(office.sent().len(), 3);
    assert_eq!(office.standing(first).await["accounting_status"], "ready_to_process");
}

#[tokio::test]
async fn soft_bounces_complaints_delays_and_rejects_are_told_apart() {
    for (behaviour, state, code, is_suspended) in [
        (Behaviour::SoftBounce, DeliveryState::Bounced, Some("mail_bounced_for_now"), false),
        (Behaviour::Complain, DeliveryState::Complained, Some("mail_complained"), true),
        (Behaviour::Suppressed, DeliveryState::Bounced, Some("mail_bounced"), true),
        (Behaviour::Reject, DeliveryState::Rejected, Some("mail_thrown_away"), false),
        (Behaviour::Silent, DeliveryState::Sent, None, false),
    ] {
        let office = MailOffice::start().await;
        office.p.ses.change(|ses| ses.set_rule("in@package.example", behaviour));
        let document = office.accepted(&ubl(&office, "F-1")).await;
        office.p.run().await;
        let delivery = office.delivery(document).await;
        let reason = delivery.reason.map(|reason| reason.code);
        assert_eq!((delivery.state, reason.as_deref()), (state, code), "{behaviour:?}");
        let settings = office.p.office.store().mail_connections(office.administration());
        let suspended = settings.all(Read::Consistent).await.unwrap().suspended;
        assert_eq!(!suspended.is_empty(), is_suspended, "{behaviour:?}");
    }
}

#[tokio::test]
async fn feedback_that_comes_early_twice_or_of_strangers_does_no_harm() {
    let office = MailOffice::start().await;
    let document = office.accepted(&ubl(&office, "F-1")).await;
    office.p.run().await;
    let before = office.delivery(document).await;
    let event = |home: &str, delivery: &str| {
        let mail = json!({
            "timestamp": Utc::now(), "messageId": "0102018-stranger", "source": "documents@mail.ledgerpost.example",
            "destination": ["in@package.example"],
            "tags": { "tenant": [office.p.office.tenant], "home": [home], "delivery": [delivery] }
        });
        let delivery =
            json!({ "timestamp": Utc::now(), "recipients": ["in@package.example"], "smtpResponse": "250 ok" });
        json!({ "eventType": "Delivery", "mail": mail, "delivery": delivery }).to_string()
    };
    let known = event(&document.to_string(), &before.id.to_string());
    let stranger = event(&document.to_string(), "dlv_01ARZ3NDEKTSV4RRFFQ69G5FAV");
    for body in [&known, &known, &stranger, &stranger] {
        office.p.cloud.send(pipeline::Queue::Feedback, body);
    }
    office.p.run().await;
    let after = office.delivery(document).await;
    assert_eq!(after, before, "nothing new was said");
    assert!(office.p.cloud.dead(pipeline::Queue::Feedback).is_empty());
}

#[tokio::test]
async fn a_test_mail_says_whether_the_address_takes_mail() {
    let office = MailOffice::start().await;
    let path = office.of_books(&format!("mail-connections/{}/test", office.connection));
    office.ask("POST", &path, None, json!({ "to": "outbound" })).await;
    office.p.run().await;
    let mail = office.mail();
    assert_eq!(mail.destinations, ["out@package.example"]);
    assert!(mail.attachments.is_empty() && mail.subject.contains("Visma"), "{}", mail.subject);
    let shown = office.ask("GET", &office.of_books("mail-connections"), None, Value::Null).await;
    assert_eq!(shown["items"][0]["sender"], pipeline::SENDER, "{shown}");
}

// The same path for what others have mailed.

#[tokio::test]
async fn the_file_of_an_export_run_is_mailed_once() {
    let mut p = super::exports::start().await;
    let e = p.exporting("csv", json!({})).await;
    let path = p.of_books(&format!("export-facilities/{}", e.facility));
    let body = json!({ "mail_to": "books@office.example" });
    let answer = p.asks(&e.superuser, "PUT", &format!("{path}/configuration"), body, 200).await;
    assert_eq!(answer["mail_to"], "books@office.example", "{answer}");
    p.set_job(&e, json!({ "frequency": "monthly", "day": 31 })).await;
    p.ready(&e.finance, &super::exports::invoices(&p)).await;
    p.wait_for_run(&e).await;
    p.trigger().await;
    p.run_exports().await;
    p.run().await;
    let runs = p.export_runs(&e.finance).await;
    let sent = p.ses.read(simulators::ses::Ses::messages);
    let [mail] = sent.as_slice() else { panic!("{} mails", sent.len()) };
    assert_eq!(mail.destinations, ["books@office.example"]);
    assert_eq!(mail.attachments[0].bytes, p.export_file(runs[0]["id"].as_str().unwrap().parse().unwrap()));
    p.sweep().await;
    p.run().await;
    assert_eq!(p.ses.read(simulators::ses::Ses::messages).len(), 1);
}

#[tokio::test]
async fn an_orders_customer_gets_the_ledgers_pdf_and_the_accountant_the_e_invoice() {
    let mut shop = Office::start().await;
    let rule = json!({
        "name": "Invoice and mail", "trigger": { "on": "order_created" },
        "steps": [
            { "action": { "do": "issue_document", "series": shop.series } },
            { "action": { "do": "send_email", "document": "link" } }
        ]
    });
    shop.ask("POST", &shop.of_books("order-rules"), None, rule).await;
    let package = shop.ask("POST", "/mail-packages", None, json!({ "name": "Symfonia", "language": "polish" })).await;
    let connection = json!({
        "package": package["id"], "share": true, "addresses": { "outbound": "sprzedaz@biuro.example" },
        "pdf_alongside": true, "copies_of_posted": true
    });
    shop.ask("POST", &shop.of_books("mail-connections"), None, connection).await;
    shop.p.advance(TimeDelta::seconds(1));
    shop.order("100234").await;
    shop.p.run_to_rest().await;
    let sent = shop.p.ses.read(simulators::ses::Ses::messages);
    let to = |address: &str| sent.iter().find(|mail| mail.destinations == [address]).unwrap();
    let customer = to("zakupy@zielonykubek.example");
    assert!(customer.attachments.is_empty());
    let text = customer.text.clone().unwrap();
    let address = text.split_whitespace().find(|word| word.starts_with("https://api.example.nl/shared/")).unwrap();
    let path = address.strip_prefix("https://api.example.nl").unwrap();
    assert_eq!(shop.p.send(&shop.anna, "GET", path, &[], Vec::new()).await.0, 302);
    // Sent to the customer, it is shared with the accountant.
    let accountant = to("sprzedaz@biuro.example");
    let names: Vec<_> = accountant.attachments.iter().map(|file| file.media_type.as_str()).collect();
    assert_eq!(names, ["application/xml", "application/pdf"], "{:#?}", accountant.text);
    let xml = String::from_utf8(accountant.attachments[0].bytes.clone()).unwrap();
    let ledgers = shop.documents();
    assert!(xml.contains(&ledgers[0].0), "it bears the ledger's number: {xml}");
    assert_eq!(sent.len(), 2);
}
