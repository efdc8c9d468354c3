//! Runs benches of the workspace and reads what they found.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use serde::Deserialize;

use crate::{deploy, failure::Failure, processes, project::Project};

/// Runs benches, each a package and its target, and returns the mean of every measurement by its full id.
pub fn run(project: &Project, benches: &[(&str, &str)]) -> Result<BTreeMap<String, Duration>, Failure> {
    let begun = SystemTime::now();
    for (package, bench) in benches {
        println!("Running the bench {bench} of {package} ...");
        let mut cargo = deploy::cargo(project);
        cargo.args(["bench", "--quiet", "--locked", "--package", package, "--bench", bench, "--", "--noplot"]);
        processes::read(&mut cargo, &format!("cargo bench --package {package} --bench {bench}"))?;
    }
    let mut times = BTreeMap::new();
    collect(&project.target().join("criterion"), begun, &mut times)?;
    Ok(times)
}

#[derive(Deserialize)]
struct Benchmark {
    full_id: String,
}

#[derive(Deserialize)]
struct Estimates {
    mean: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    /// Nanoseconds.
    point_estimate: f64,
}

/// Takes what was written since `since`: results of benches that are no more stay in the folder.
fn collect(folder: &Path, since: SystemTime, times: &mut BTreeMap<String, Duration>) -> Result<(), Failure> {
    let estimates = folder.join("estimates.json");
    let is_new = |path: &Path| fs::metadata(path).and_then(|it| it.modified()).is_ok_and(|at| at >= since);
    if folder.ends_with("new") && is_new(&estimates) {
        let benchmark: Benchmark = read(&folder.join("benchmark.json"))?;
        let estimates: Estimates = read(&estimates)?;
        times.insert(benchmark.full_id, Duration::from_secs_f64(estimates.mean.point_estimate / 1e9));
        return Ok(());
    }
    for entry in fs::read_dir(folder).map_err(Failure::file(folder))? {
        let path = entry.map_err(Failure::file(folder))?.path();
        if path.is_dir() {
            collect(&path, since, times)?;
        }
    }
    Ok(())
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let bytes = fs::read(path).map_err(Failure::file(path))?;
    serde_json::from_slice(&bytes).map_err(Failure::unexpected(&path.display().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_new_counts() {
        let folder = std::env::temp_dir().join(format!("ledgerpost-criterion-{}", std::process::id()));
        let new = folder.join("group/one/new");
        fs::create_dir_all(&new).unwrap();
        fs::write(new.join("benchmark.json"), r#"{"full_id":"group/one","group_id":"group"}"#).unwrap();
        fs::write(new.join("estimates.json"), r#"{"mean":{"point_estimate":1500.0}}"#).unwrap();
        let mut times = BTreeMap::new();
        collect(&folder, SystemTime::UNIX_EPOCH, &mut times).unwrap();
        assert_eq!(times.get("group/one"), Some(&Duration::from_nanos(1500)));
        let mut none = BTreeMap::new();
        collect(&folder, SystemTime::now() + Duration::from_mins(1), &mut none).unwrap();
        assert!(none.is_empty());
        fs::remove_dir_all(folder).unwrap();
    }
}
