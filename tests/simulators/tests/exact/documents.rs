use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use simulators::exact::seed;
use simulators::exact::state::Right;

use crate::support::{Client, PURCHASES, line, purchase, relation, seconds, start, with};

const DOCUMENTS: &str = "documents/Documents";
const ATTACHMENTS: &str = "documents/DocumentAttachments";

async fn document(client: &Client) -> String {
    let body = json!({"Subject": "Invoice F-2026-118 [5f0c5d1e]", "Type": 20, "DocumentDate": "2026-07-01"});
    client.post(DOCUMENTS, &body).await.d()["ID"].as_str().expect("an id").to_owned()
}

fn file(document: &str, bytes: &[u8]) -> Value {
    json!({"Document": document, "FileName": "F-2026-118.pdf", "Attachment": STANDARD.encode(bytes)})
}

#[tokio::test]
async fn a_document_with_a_file_is_found_by_its_subject_and_downloaded() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let id = document(&client).await;
    let found = client
        .get(
            DOCUMENTS,
            &[
                ("$select", "ID,Subject,HID,DocumentViewUrl,DocumentDate"),
                ("$filter", "Subject eq 'Invoice F-2026-118 [5f0c5d1e]'"),
            ],
        )
        .await
        .results();
    assert_eq!((found.len(), &found[0]["ID"], &found[0]["HID"]), (1, &json!(id), &json!(1001)));
    let page = client.get_url(found[0]["DocumentViewUrl"].as_str().expect("an address")).await;
    assert!(page.text.contains("Invoice F-2026-118"));
    let made = client.post(ATTACHMENTS, &file(&id, b"%PDF-1.7 text")).await;
    assert_eq!((made.status, &made.d()["FileSize"]), (201, &json!(13)));
    let filter = format!("Document eq guid'{id}'");
    let listed = client.get(ATTACHMENTS, &[("$select", "ID,FileName,Url"), ("$filter", &filter)]).await.results();
    assert_eq!(listed[0]["FileName"], json!("F-2026-118.pdf"));

    let url = listed[0]["Url"].as_str().expect("an address").to_owned();
    let download = format!("{url}&Download=1");
    assert_eq!(client.get_url(&download).await.text, "%PDF-1.7 text");
    assert!(client.get_url(&url).await.text.starts_with("<html>"), "a page without Download=1");
    let stranger = Client::anonymous(&exact);
    let page = stranger.http.get(&download).send().await.expect("an answer");
    assert!(page.text().await.expect("a page").contains("Log in"));
    exact.clock().advance(seconds(601));
    assert_eq!(client.get_url(&download).await.status, 302);
}

#[tokio::test]
async fn what_a_document_needs() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let post = async |body: Value| client.post(DOCUMENTS, &body).await;
    let reply = post(json!({})).await;
    assert_eq!((reply.status, reply.message().as_str()), (500, "Mandatory: Subject\nMandatory: Type"));
    assert_eq!(post(json!({"Subject": "x", "Type": 21})).await.message(), "Document Type not allowed");
    let nobody = "000000a1-0000-4000-8000-0000000fffff";
    let reply = post(json!({"Subject": "x", "Type": 20, "Account": nobody})).await;
    assert_eq!(reply.message(), "Invalid reference: Account");
    assert_eq!(post(json!({"Subject": "x", "Type": "20"})).await.status, 400);
    exact.change(|state| {
        state.users.iter_mut().for_each(|user| {
            let _ = user.rights.remove(&Right::Documents);
        });
    });
    assert_eq!(post(json!({"Subject": "x", "Type": 20})).await.message(), "Document Type not allowed");
}

#[tokio::test]
async fn what_an_attachment_needs() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let id = document(&client).await;
    let raw = client.post(ATTACHMENTS, &with(file(&id, b""), "Attachment", "%PDF-1.7 raw bytes")).await;
    assert_eq!(raw.status, 400);
    assert!(raw.message().contains("property 'Attachment' to type 'Byte[]'"));
    let reply = client.post(ATTACHMENTS, &json!({})).await;
    assert_eq!(reply.message(), "Mandatory: Document\nMandatory: File name\nMandatory: Attachment");
    let nothing = client.post(ATTACHMENTS, &file("000000d0-0000-4000-8000-0000000fffff", b"x")).await;
    assert_eq!(nothing.message(), "Invalid reference: Document");
    let large = client.post(ATTACHMENTS, &file(&id, &vec![b'x'; 10 * 1024 * 1024 + 1])).await;
    assert_eq!(large.status, 413);
    let most = client.post(ATTACHMENTS, &file(&id, &vec![b'x'; 10 * 1024 * 1024])).await;
    assert_eq!(most.status, 201);
}

#[tokio::test]
async fn a_document_knows_its_entry_and_stays_while_it_has_one() {
    let exact = start().await;
    let client = Client::connect(&exact);
    let id = document(&client).await;
    client.post(ATTACHMENTS, &file(&id, b"x")).await;
    let path = format!("{DOCUMENTS}(guid'{id}')");
    let entry = with(purchase(&exact, &[line(&exact, "4500", "100", "21")]), "Document", id.as_str());
    let booked = client.post(PURCHASES, &entry).await.d()["EntryID"].as_str().expect("an id").to_owned();
    let read = client.get(&path, &[("$select", "FinancialTransactionEntryID")]).await;
    assert_eq!(read.d()["FinancialTransactionEntryID"], json!(booked));
    assert_eq!(client.delete(&path).await.message(), "In use: Document");
    assert_eq!(client.delete(&format!("{PURCHASES}(guid'{booked}')")).await.status, 204);
    assert_eq!(client.delete(&path).await.status, 204);
    let left = exact.read(|state| state.division(seed::DIVISION).expect("the division").attachments.len());
    assert_eq!(left, 0);
}

#[tokio::test]
async fn records_of_another_division_are_recognised() {
    let exact = start().await;
    let mut client = Client::connect(&exact);
    let supplier = relation(&exact, seed::SUPPLIER).to_string();
    client.division = seed::SECOND_DIVISION;
    let reply = client.post(DOCUMENTS, &json!({"Subject": "x", "Type": 20, "Account": supplier})).await;
    assert_eq!(reply.message(), "Wrong Division");
}
