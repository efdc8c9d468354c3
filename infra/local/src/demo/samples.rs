//! The sample events of `tests/events` with the demo's own ids in them, for `cargo lambda invoke`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{failure::Failure, project};

/// Where the samples stand in the checkout.
const FOLDER: &str = "tests/events";
/// The number in every id there.
const NUMBER: &str = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
/// The division there.
const DIVISION: &str = "/100001\\\"";
/// The login there.
const LOGIN: &str = "1abb10b4-cc59-4a80-b580-b88c82e326bc";

/// What the events are about.
#[derive(Debug)]
pub struct Subjects<'a> {
    /// Ids of a tenant, an administration, a user, a connection, a document, an export run, an order, an issued document and a
    /// mail; the samples keep their own for what is not named.
    pub ids: &'a [&'a str],
    /// The connection's division at the ledger.
    pub division: u32,
    /// The `sub` of the user's tokens.
    pub login: &'a str,
}

/// Writes every sample into a folder of the local cloud's, which it returns.
pub fn write(root: &Path, cloud: &Path, subjects: &Subjects<'_>) -> Result<PathBuf, Failure> {
    let (from, to) = (root.join(FOLDER), cloud.join("events"));
    fs::create_dir_all(&to).map_err(Failure::file(&to))?;
    for entry in fs::read_dir(&from).map_err(Failure::file(&from))? {
        let path = entry.map_err(Failure::file(&from))?.path();
        let Some(name) = path.file_name() else { continue };
        let sample = fs::read_to_string(&path).map_err(Failure::file(&path))?;
        project::write_whole(&to.join(name), filled(&sample, subjects).as_bytes())?;
    }
    Ok(to)
}

fn filled(sample: &str, subjects: &Subjects<'_>) -> String {
    let mut text = sample.replace(LOGIN, subjects.login).replace(DIVISION, &format!("/{}\\\"", subjects.division));
    for id in subjects.ids {
        if let Some((prefix, _)) = id.split_once('_') {
            text = text.replace(&format!("{prefix}_{NUMBER}"), id);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_samples_own_ids_is_left() {
        let root = project::Project::open(project::Instance::Test).unwrap().root;
        let folder = std::env::temp_dir().join(format!("ledgerpost-events-{}", std::process::id()));
        let ids = ["ten_1", "adm_2", "usr_3", "cnn_4", "doc_5", "run_6", "ord_7", "iss_8", "dlv_9"];
        let written = write(&root, &folder, &Subjects { ids: &ids, division: 200_001, login: "me" }).unwrap();
        let mut count = 0;
        for entry in fs::read_dir(&written).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            for own in [NUMBER, LOGIN, DIVISION] {
                assert!(!text.contains(own), "{own}: {text}");
            }
            serde_json::from_str::<serde_json::Value>(&text).unwrap();
            count += 1;
        }
        assert_eq!(count, fs::read_dir(root.join("tests/events")).unwrap().count());
        let turn = fs::read_to_string(written.join("connector-push.json")).unwrap();
        assert!(turn.contains(r#"\"unit\":\"cnn_4/200001\""#), "{turn}");
        let run = fs::read_to_string(written.join("export-run.json")).unwrap();
        assert!(run.contains(r#"\"administration\":\"adm_2\",\"run\":\"run_6\""#), "{run}");
        fs::remove_dir_all(folder).unwrap();
    }
}
