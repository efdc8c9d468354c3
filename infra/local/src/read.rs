//! `cargo local read`: what a document says, one JSON line a file.

use std::{
    ffi::OsString,
    fs::File,
    io::{self, Read as _, Write},
    panic,
    path::Path,
};

use documents::{DOCUMENT_BYTES_MAX, summary::Summary};
use serde_json::{Map, Value, json};

use crate::failure::Failure;

/// Writes a line for each file, in order. A file that cannot be read is a line as well.
pub fn read(files: &[OsString], out: &mut impl Write) -> Result<(), Failure> {
    for file in files {
        let mut line = Map::from_iter([("file".to_owned(), json!(file.to_string_lossy()))]);
        match summary(Path::new(file)) {
            Ok(summary) => {
                line.insert("ok".into(), json!(true));
                line.extend(summary);
            }
            Err((code, message)) => {
                line.insert("ok".into(), json!(false));
                line.insert("error".into(), json!({ "code": code, "message": message }));
            }
        }
        writeln!(out, "{}", Value::Object(line)).map_err(Failure::file("standard output"))?;
    }
    Ok(())
}

fn summary(file: &Path) -> Result<Map<String, Value>, (&'static str, String)> {
    let bytes = bytes(file).map_err(|error| ("file_not_readable", error.to_string()))?;
    // The reader refuses what it can't read; should it ever panic instead, that is told of this file and the next is read.
    let read = panic::catch_unwind(|| documents::read(&bytes))
        .map_err(|_| ("internal", "The reader failed on this file; that is a mistake of ours.".to_owned()))?
        .map_err(|error| (error.code.as_str(), error.message))?;
    match serde_json::to_value(Summary::from(&read)) {
        Ok(Value::Object(summary)) => Ok(summary),
        Ok(_) | Err(_) => Err(("internal", "The summary can't be written as JSON.".to_owned())),
    }
}

/// No more bytes than it takes to see that a file is too large.
fn bytes(file: &Path) -> io::Result<Vec<u8>> {
    let limit = u64::try_from(DOCUMENT_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    File::open(file)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const INVOICE: &str = r#"<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
        xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
        xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
        <cbc:ID>F-1</cbc:ID><cbc:IssueDate>2026-03-31</cbc:IssueDate><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
        <cac:AccountingSupplierParty><cac:Party><cac:PartyName><cbc:Name>Bakker</cbc:Name></cac:PartyName></cac:Party></cac:AccountingSupplierParty>
        <cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount currencyID="EUR">100.00</cbc:TaxExclusiveAmount>
        <cbc:TaxInclusiveAmount currencyID="EUR">100.00</cbc:TaxInclusiveAmount>
        <cbc:PayableAmount currencyID="EUR">100.00</cbc:PayableAmount></cac:LegalMonetaryTotal></Invoice>"#;

    fn lines(files: &[OsString]) -> Vec<Value> {
        let mut out = Vec::new();
        read(files, &mut out).unwrap();
        String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn every_file_has_its_line_in_order() {
        let folder = std::env::temp_dir().join(format!("ledgerpost-read-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.join(name);
            fs::write(&path, bytes).unwrap();
            path.into_os_string()
        };
        let files = [
            write("invoice.xml", INVOICE.as_bytes()),
            write("cut.xml", &INVOICE.as_bytes()[..300]),
            write("picture.xml", b"\xff\xd8\xff\xe0 a picture"),
            write("empty.xml", b""),
            write("large.xml", &vec![b' '; DOCUMENT_BYTES_MAX + 5]),
            folder.join("absent.xml").into_os_string(),
            folder.clone().into_os_string(),
        ];
        let lines = lines(&files);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(lines.len(), files.len());
        for (line, file) in lines.iter().zip(&files) {
            assert_eq!(line["file"], file.to_string_lossy().as_ref());
        }
        let first = &lines[0];
        assert_eq!(first["ok"], true);
        assert_eq!(
            (&first["kind"], &first["number"], &first["gross"]),
            (&json!("invoice"), &json!("F-1"), &json!("100.00"))
        );
        assert_eq!((&first["due_date"], &first["supplier"]), (&Value::Null, &json!({ "name": "Bakker", "vat": null })));
        let codes: Vec<&str> = lines[1..].iter().map(|line| line["error"]["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["malformed_xml", "not_xml", "empty", "too_large", "file_not_readable", "file_not_readable"]);
        assert!(lines[1..].iter().all(|line| line["ok"] == false && line["error"]["message"] != ""));
    }
}
