//! Files of documents: the original bytes, attachments, uploads and downloads.
#![allow(clippy::unwrap_used)]

mod support;

use store::{
    Download, ErrorKind,
    document::{File, SOURCE_BYTES_MAX},
    testing::TestStore,
};
use support::{document_id, id, tenant};

#[tokio::test]
async fn files_read_back_within_their_limit() {
    let store = TestStore::start().await;
    let documents = store.store().tenant(tenant()).documents();
    let doc = document_id();
    let bytes = vec![7; 100_000];
    documents.put_file(doc, File::Source, bytes.clone(), "application/xml").await.unwrap();
    documents.put_file(doc, File::Attachment(0), b"%PDF".to_vec(), "application/pdf").await.unwrap();
    documents.put_file(doc, File::Fields, b"{}".to_vec(), "application/json").await.unwrap();
    assert_eq!(documents.file(doc, File::Source, SOURCE_BYTES_MAX).await.unwrap(), bytes);
    assert_eq!(documents.file(doc, File::Attachment(0), 4).await.unwrap(), b"%PDF");
    let large = documents.file(doc, File::Source, 99_999).await.unwrap_err();
    assert_eq!(large.kind(), ErrorKind::TooLarge);
    let absent = documents.file(doc, File::Attachment(1), 4).await.unwrap_err();
    assert_eq!(absent.kind(), ErrorKind::NotFound);
    let other = store.store().tenant(id(77)).documents();
    let foreign = other.file(doc, File::Source, SOURCE_BYTES_MAX).await.unwrap_err();
    assert_eq!(foreign.kind(), ErrorKind::NotFound, "another tenant");
    let (t, names) = (tenant(), store.object_names());
    assert_eq!(names, [format!("{t}/{doc}/attachment/0"), format!("{t}/{doc}/fields"), format!("{t}/{doc}/source")]);
}

#[tokio::test]
async fn an_upload_becomes_the_source_once_it_is_taken() {
    let store = TestStore::start().await;
    let documents = store.store().tenant(tenant()).documents();
    let doc = document_id();
    let address = documents.upload_address(doc, 900).await.unwrap();
    let name = format!("uploads/{}/{doc}", tenant());
    assert!(address.expose().contains(&name) && address.expose().contains("X-Amz-Signature"));
    assert_eq!(format!("{address:?}"), "(hidden)");
    assert_eq!(documents.take_upload(doc, "application/xml").await.unwrap_err().kind(), ErrorKind::NotFound);
    store.put_object(&name, b"<Invoice/>".to_vec());
    assert_eq!(documents.take_upload(doc, "application/xml").await.unwrap(), 10);
    assert_eq!(documents.file(doc, File::Source, 100).await.unwrap(), b"<Invoice/>");
    store.put_object(&name, b"changed later".to_vec());
    assert_eq!(documents.file(doc, File::Source, 100).await.unwrap(), b"<Invoice/>");
    let large = usize::try_from(SOURCE_BYTES_MAX).unwrap() + 1;
    store.put_object(&name, vec![0; large]);
    assert_eq!(documents.take_upload(doc, "application/xml").await.unwrap_err().kind(), ErrorKind::TooLarge);
}

#[tokio::test]
async fn downloads_are_files_never_pages() {
    let store = TestStore::start().await;
    let documents = store.store().tenant(tenant()).documents();
    let download = Download { file_name: "a\"b.xml", content_type: "application/xml" };
    let address = documents.file_address(document_id(), File::Source, download, 86_400).await.unwrap();
    assert!(address.expose().contains("response-content-disposition=attachment%3B%20filename%3D%22a_b.xml%22"));
    assert!(address.expose().contains("X-Amz-Expires=900"), "no longer than a quarter of an hour");
}
