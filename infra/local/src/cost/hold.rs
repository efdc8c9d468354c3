//! Holding the relay for a while. On AWS it waits for its batching window before it takes what changed in the table; the local
//! cloud knows no such windows, so this one is acted out.

use serde_json::{Value, json};

use crate::{
    aws::{Aws, text},
    failure::Failure,
    project::Project,
};

/// While it lives, nothing is relayed.
pub struct Hold {
    aws: Aws,
    mappings: Vec<String>,
}

impl Hold {
    /// Holds whatever reads a table's stream.
    pub fn begin(project: &Project) -> Result<Self, Failure> {
        let mut aws = Aws::local(project, &project.memory()?)?;
        let answer = aws.call("lambda", "list_event_source_mappings", &json!({}))?;
        let listed = answer.get("EventSourceMappings").and_then(Value::as_array).cloned().unwrap_or_default();
        let of_streams = listed.iter().filter(|mapping| text(mapping, "/EventSourceArn").contains("/stream/"));
        let mappings = of_streams.map(|mapping| text(mapping, "/UUID").to_owned()).collect();
        let mut hold = Self { aws, mappings };
        hold.set(false)?;
        Ok(hold)
    }

    /// Lets go.
    pub fn end(mut self) -> Result<(), Failure> {
        self.set(true)?;
        self.mappings.clear();
        Ok(())
    }

    fn set(&mut self, enabled: bool) -> Result<(), Failure> {
        for mapping in &self.mappings {
            let change = json!({ "UUID": mapping, "Enabled": enabled });
            self.aws.call("lambda", "update_event_source_mapping", &change)?;
        }
        Ok(())
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if let Err(error) = self.set(true) {
            eprintln!("The relay is still held: {error}. `cargo local down` and `cargo local up` let it go.");
        }
    }
}
