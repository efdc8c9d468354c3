//! Files of documents: the original bytes, attachments, uploads and downloads.
#![allow(clippy::unwrap_used)]

mod support;

use store::{
    Download, ErrorKind,
    document::{BodyHash, Documents, File, Kept, SOURCE_BYTES_MAX},
    testing::TestStore,
};
use support::{document_id, id, tenant};

const UBL: &[u8] = include_bytes!("../../../tests/corpus/ubl/simplerinvoicing-testset/SI-UBL-2.0_ok_minimal.xml");

fn documents(store: &TestStore) -> Documents {
    store.store().tenant(tenant()).documents()
}

/// Bytes that cannot be made smaller.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

#[tokio::test]
async fn files_read_back_within_their_limit() {
    let store = TestStore::start().await;
    let documents = documents(&store);
    let doc = document_id();
    let bytes = noise(100_000);
    documents.put_file(doc, File::Source, bytes.clone(), "application/xml").await.unwrap();
    documents.put_file(doc, File::Attachment(0), b"%PDF".to_vec(), "application/pdf").await.unwrap();
    documents.put_file(doc, File::Fields, b"{}".to_vec(), "application/json").await.unwrap();
    assert_eq!(documents.file(doc, File::Source, SOURCE_BYTES_MAX).await.unwrap(), bytes);
    assert_eq!(documents.file(doc, File::Attachment(0), 4).await.unwrap(), b"%PDF");
    assert_eq!(documents.file(doc, File::Fields, 2).await.unwrap(), b"{}");
    for (file, bytes_max) in [(File::Source, 99_999), (File::Fields, 1)] {
        let large = documents.file(doc, file, bytes_max).await.unwrap_err();
        assert_eq!(large.kind(), ErrorKind::TooLarge);
    }
    for file in [File::Source, File::Fields, File::Attachment(1)] {
        let absent = documents.file(if file == File::Attachment(1) { doc } else { id(5) }, file, 4).await.unwrap_err();
        assert_eq!(absent.kind(), ErrorKind::NotFound);
    }
    let other = store.store().tenant(id(77)).documents();
    let foreign = other.file(doc, File::Source, SOURCE_BYTES_MAX).await.unwrap_err();
    assert_eq!(foreign.kind(), ErrorKind::NotFound, "another tenant");
}

#[tokio::test]
async fn small_files_stand_in_the_table_and_large_ones_in_the_bucket() {
    let store = TestStore::start().await;
    let documents = documents(&store);
    let (small, large) = (document_id(), id(5));
    store.take_costs();
    documents.put_file(small, File::Source, UBL.to_vec(), "application/xml").await.unwrap();
    assert_eq!((store.take_units().0, store.object_names()), (1, vec![]));
    documents.put_file(large, File::Source, noise(9_000), "application/pdf").await.unwrap();
    assert_eq!(store.take_units().0, 1);
    let [name] = store.object_names().try_into().unwrap();
    assert!(name.starts_with(&format!("{}/{large}/source-", tenant())), "{name}");
    for (doc, bytes) in [(small, UBL.to_vec()), (large, noise(9_000))] {
        assert_eq!(documents.file(doc, File::Source, SOURCE_BYTES_MAX).await.unwrap(), bytes);
    }
}

#[tokio::test]
async fn of_two_requests_for_one_document_the_first_ones_file_is_kept() {
    let store = TestStore::start().await;
    let documents = documents(&store);
    let doc = document_id();
    let put = |bytes: Vec<u8>, request: &'static [u8]| {
        documents.put_source(doc, bytes, "application/xml", BodyHash::of(request))
    };
    assert_eq!(put(UBL.to_vec(), b"one").await.unwrap(), Kept::Ours);
    assert_eq!(put(UBL.to_vec(), b"one").await.unwrap(), Kept::Ours, "the same request again");
    assert_eq!(put(b"<other/>".to_vec(), b"two").await.unwrap(), Kept::Others);
    assert_eq!(put(noise(50_000), b"three").await.unwrap(), Kept::Others, "one that would stand in the bucket");
    assert_eq!(documents.file(doc, File::Source, SOURCE_BYTES_MAX).await.unwrap(), UBL);
    // At the same moment, small and large: exactly one is kept, and it is what is read.
    let other = id(5);
    let at_once = [UBL.to_vec(), noise(40_000), noise(50_000), b"<other/>".to_vec()];
    let put = |number: usize| {
        let request = BodyHash::of(&number.to_be_bytes());
        let (documents, bytes) = (&documents, at_once[number].clone());
        async move { documents.put_source(other, bytes, "application/xml", request).await.unwrap() }
    };
    let kept: [Kept; 4] = tokio::join!(put(0), put(1), put(2), put(3)).into();
    let winners: Vec<_> = kept.iter().zip(&at_once).filter(|(kept, _)| **kept == Kept::Ours).collect();
    let [(_, bytes)] = winners.as_slice() else { panic!("{kept:?}") };
    assert_eq!(documents.file(other, File::Source, SOURCE_BYTES_MAX).await.unwrap(), **bytes);
}

#[tokio::test]
async fn a_document_is_read_with_its_files_in_one_query() {
    let store = TestStore::start().await;
    let documents = documents(&store);
    let doc = support::tagged(document_id());
    documents.put_file(doc.id, File::Source, UBL.to_vec(), "application/xml").await.unwrap();
    documents.put_file(doc.id, File::Fields, b"{}".to_vec(), "application/json").await.unwrap();
    assert!(documents.delivered_at_least(doc.id, 1).await.unwrap().is_none(), "there is no head yet");
    documents.create(&doc, None, None, &support::writer("r")).await.unwrap();
    store.take_costs();
    let delivered = documents.delivered_at_least(doc.id, 1).await.unwrap().unwrap();
    assert_eq!(documents.source(&delivered).await.unwrap(), UBL);
    assert_eq!(documents.recognised(&delivered).await.unwrap().as_deref(), Some(b"{}".as_slice()));
    assert_eq!(store.take_units(), (0, 1), "half a read unit");
    assert_eq!(delivered.document, doc);
    let history = documents.history(doc.id).await.unwrap();
    assert!(history.iter().all(|entry| entry.version <= doc.version), "files are no events: {history:?}");
}

#[tokio::test]
async fn an_upload_becomes_the_source_once_it_is_taken() {
    let store = TestStore::start().await;
    let documents = documents(&store);
    let doc = document_id();
    let take = |request: &'static [u8]| documents.take_upload(doc, "application/xml", BodyHash::of(request));
    let address = documents.upload_address(doc, 900).unwrap();
    let name = format!("uploads/{}/{doc}", tenant());
    assert!(address.expose().contains(&name) && address.expose().contains("X-Amz-Signature"));
    assert_eq!(format!("{address:?}"), "(hidden)");
    assert_eq!(take(b"1").await.unwrap_err().kind(), ErrorKind::NotFound);
    store.put_object(&name, b"<Invoice/>".to_vec());
    assert_eq!(take(b"1").await.unwrap(), (10, Kept::Ours));
    assert_eq!(documents.file(doc, File::Source, 100).await.unwrap(), b"<Invoice/>");
    store.put_object(&name, b"changed later".to_vec());
    assert_eq!(documents.file(doc, File::Source, 100).await.unwrap(), b"<Invoice/>");
    assert_eq!(take(b"2").await.unwrap().1, Kept::Others);
    assert_eq!(take(b"1").await.unwrap().1, Kept::Ours, "the same request again");
    assert_eq!(documents.file(doc, File::Source, 100).await.unwrap(), b"<Invoice/>", "still");
    let large = usize::try_from(SOURCE_BYTES_MAX).unwrap() + 1;
    store.put_object(&name, vec![0; large]);
    assert_eq!(take(b"1").await.unwrap_err().kind(), ErrorKind::TooLarge);
}

#[tokio::test]
async fn downloads_are_files_never_pages() {
    let store = TestStore::start().await;
    let documents = documents(&store);
    let download = Download { file_name: "a\"b.xml", content_type: "application/xml" };
    let doc = document_id();
    let none = documents.file_address(doc, File::Source, download, 900).await.unwrap_err();
    assert_eq!(none.kind(), ErrorKind::NotFound);
    documents.put_file(doc, File::Source, UBL.to_vec(), "application/xml").await.unwrap();
    let address = documents.file_address(doc, File::Source, download, 86_400).await.unwrap();
    assert!(address.expose().contains("response-content-disposition=attachment%3B%20filename%3D%22a_b.xml%22"));
    assert!(address.expose().contains("X-Amz-Expires=900"), "no longer than a quarter of an hour");
    let names = store.object_names();
    assert!(address.expose().contains(&names[0]), "it was copied into the bucket");
    documents.file_address(doc, File::Source, download, 900).await.unwrap();
    assert_eq!(store.object_names(), names, "once");
}
