//! What requests to a large administration cost beside a small one. A program of the workspace fills both in its own process and
//! says what each request asked for.

use std::{fmt::Write as _, process::ExitCode};

use rust_decimal::{Decimal, dec};
use serde::Deserialize;

use crate::{deploy, failure::Failure, processes, project::Project};

/// The program.
const PROGRAM: [&str; 4] = ["--package", "pipeline", "--bin", "scale"];

/// What the same asked for of both.
#[derive(Debug, Deserialize)]
struct Line {
    what: String,
    small: Asked,
    large: Asked,
    same: bool,
}

#[derive(Debug, Deserialize)]
struct Asked {
    requests: u32,
    read_half_units: u32,
}

impl Asked {
    fn read_units(&self) -> Decimal {
        Decimal::from(self.read_half_units) / dec!(2)
    }
}

/// Measures at both sizes and prints it. Succeeds when size costs nothing.
pub fn run(project: &Project) -> Result<ExitCode, Failure> {
    println!("What requests cost with 200,000 documents and with 1,000; making them takes many minutes ...");
    let scale = Scale::measure(project)?;
    println!("\n{}", scale.table());
    let beyond = scale.beyond();
    for line in &beyond {
        println!("Too much: {line}.");
    }
    Ok(if beyond.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How it scales.
#[derive(Debug)]
struct Scale(Vec<Line>);

impl Scale {
    /// Measures: some minutes, most of which it takes to make 200,000 documents.
    fn measure(project: &Project) -> Result<Self, Failure> {
        let mut cargo = deploy::cargo(project);
        cargo.args(["run", "--quiet", "--locked"]).args(PROGRAM);
        Self::of(&processes::read(&mut cargo, "what requests cost at scale")?)
    }

    /// From what the program printed.
    fn of(printed: &str) -> Result<Self, Failure> {
        let lines = printed.lines().map(serde_json::from_str).collect::<Result<_, _>>();
        lines.map(Self).map_err(Failure::unexpected("what requests cost at scale"))
    }

    /// As a table.
    fn table(&self) -> String {
        let mut text = format!(
            "{:<45} {:>10} {:>8} {:>10} {:>8}\n{:<45} {:>19} {:>19}\n",
            "scale", "requests", "reads", "requests", "reads", "", "1,000 documents", "200,000 documents"
        );
        for Line { what, small, large, .. } in &self.0 {
            // Writing to a String cannot fail.
            let _written = writeln!(
                text,
                "{what:<45} {:>10} {:>8.1} {:>10} {:>8.1}",
                small.requests,
                small.read_units(),
                large.requests,
                large.read_units()
            );
        }
        text
    }

    /// What costs more, or less, of the large one; nothing when everything costs the same.
    fn beyond(&self) -> Vec<String> {
        let other = self.0.iter().filter(|line| !line.same);
        other.map(|line| format!("{} does not cost the same with 200,000 documents", line.what)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = r#"{"what":"overview","small":{"requests":5,"read_half_units":12},"large":{"requests":5,"read_half_units":13},"same":true}
{"what":"archive","small":{"requests":5,"read_half_units":12},"large":{"requests":9,"read_half_units":75},"same":false}
"#;

    #[test]
    fn what_the_program_prints_is_shown_and_judged() {
        let scale = Scale::of(PRINTED).unwrap();
        let table = scale.table();
        let row: Vec<&str> = table.lines().nth(2).unwrap().split_whitespace().collect();
        assert_eq!(row, ["overview", "5", "6.0", "5", "6.5"]);
        assert_eq!(scale.beyond(), ["archive does not cost the same with 200,000 documents"]);
        assert!(Scale::of("no JSON").is_err());
    }
}
