//! The clock of functions on the local cloud, moved as `ClockOffsetSeconds` of `template.yaml` does: through their environment. A
//! moved function starts anew with it. Everything else goes by the real time.

use std::{
    thread,
    time::{Duration, Instant as Stopwatch},
};

use chrono::Utc;
use domain::time::Instant;
use serde_json::{Value, json};

use crate::{
    aws::{Aws, text},
    failure::Failure,
};

/// The variable that the functions read.
const OFFSET: &str = "LEDGERPOST_CLOCK_OFFSET_SECONDS";
/// A function is changed in less than this.
const PATIENCE: Duration = Duration::from_secs(30);

/// The clock of some functions.
#[derive(Debug)]
pub struct Clock {
    functions: Vec<String>,
}

impl Clock {
    /// Of functions by their names in `template.yaml`.
    pub fn of(aws: &mut Aws, stack: &str, resources: &[&str]) -> Result<Self, Failure> {
        let mut functions = Vec::new();
        for resource in resources {
            let request = json!({ "StackName": stack, "LogicalResourceId": resource });
            let answer = aws.call("cloudformation", "describe_stack_resource", &request)?;
            match text(&answer, "/StackResourceDetail/PhysicalResourceId") {
                "" => return Err(Failure::State(format!("The stack has no function {resource}."))),
                name => functions.push(name.to_owned()),
            }
        }
        Ok(Self { functions })
    }

    /// Sets it so that it is this instant now.
    pub fn set(&self, aws: &mut Aws, instant: Instant) -> Result<(), Failure> {
        self.shift(aws, (instant - Utc::now()).num_seconds())
    }

    /// Sets it to the real time.
    pub fn set_back(&self, aws: &mut Aws) -> Result<(), Failure> {
        self.shift(aws, 0)
    }

    fn shift(&self, aws: &mut Aws, seconds: i64) -> Result<(), Failure> {
        for function in &self.functions {
            let name = json!({ "FunctionName": function });
            let before = aws.call("lambda", "get_function_configuration", &name)?;
            let after = json!({ "FunctionName": function, "Environment": { "Variables": shifted(&before, seconds) } });
            aws.call("lambda", "update_function_configuration", &after)?;
            let deadline = Stopwatch::now() + PATIENCE;
            loop {
                let now = aws.call("lambda", "get_function_configuration", &name)?;
                if text(&now, "/LastUpdateStatus") != "InProgress" {
                    break;
                }
                if Stopwatch::now() > deadline {
                    return Err(Failure::State(format!("The environment of {function} does not change in time.")));
                }
                thread::sleep(Duration::from_millis(100));
            }
        }
        Ok(())
    }
}

/// The environment of a function with another clock; the rest as it is.
fn shifted(configuration: &Value, seconds: i64) -> Value {
    let mut variables = configuration.pointer("/Environment/Variables").cloned().unwrap_or_else(|| json!({}));
    if let Some(variables) = variables.as_object_mut() {
        variables.insert(OFFSET.to_owned(), json!(seconds.to_string()));
    }
    variables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_clock_of_an_environment_changes() {
        let before = json!({ "Environment": { "Variables": { "A": "1", OFFSET: "0" } } });
        assert_eq!(shifted(&before, 86_400), json!({ "A": "1", OFFSET: "86400" }));
        assert_eq!(shifted(&json!({}), -1), json!({ OFFSET: "-1" }));
    }
}
