//! The last changes of an administration's documents: one item, so that following costs one read.

use super::{ATTEMPTS_MAX, Figures};
use crate::{
    Read, StoreError, Writer,
    expression::Expression,
    item::{Fields, number, text},
    runs::keys,
    schema::WRITER,
    table::{Old, Write, Written},
};
use domain::{
    figures::{Change, Changes},
    time::Instant,
};
use std::fmt::Write as _;

const SEQUENCE: &str = "n";
const LAST: &str = "l";

/// A line for each change.
fn encode(changes: &Changes) -> String {
    changes.last.iter().fold(String::new(), |mut text, change| {
        let Change { document, version, status, at } = change;
        // Writing to a string does not fail.
        let _ = writeln!(text, "{document} {version} {status} {}", at.timestamp_millis());
        text
    })
}

fn decode(line: &str) -> Option<Change> {
    let mut words = line.split(' ');
    Some(Change {
        document: words.next()?.parse().ok()?,
        version: words.next()?.parse().ok()?,
        status: words.next()?.parse().ok()?,
        at: Instant::from_timestamp_millis(words.next()?.parse().ok()?)?,
    })
}

impl Figures {
    /// The last changes. An eventual read costs half a unit and may be a moment behind.
    pub async fn changes(&self, read: Read) -> Result<Changes, StoreError> {
        const OPERATION: &str = "figures.changes";
        let key = keys::changes(self.tenant, self.administration);
        let Some(item) = self.tables.runs.get(OPERATION, &key, read).await? else { return Ok(Changes::default()) };
        let fields = Fields::of(OPERATION, &item);
        let lines = fields.text(LAST)?.unwrap_or_default().lines();
        let last = lines.map(|line| fields.needed(LAST, decode(line))).collect::<Result<_, _>>()?;
        Ok(Changes { sequence: fields.needed(SEQUENCE, fields.parsed(SEQUENCE)?)?, last })
    }

    /// Adds what happened, if it is not told already: one write for all.
    pub async fn tell(&self, happened: &[Change], writer: &Writer) -> Result<(), StoreError> {
        const OPERATION: &str = "figures.tell";
        let key = keys::changes(self.tenant, self.administration);
        for _ in 0..ATTEMPTS_MAX {
            let mut changes = self.changes(Read::Consistent).await?;
            let condition = match changes.sequence {
                0 => Expression::absent(),
                sequence => Expression::new(format!("#{SEQUENCE} = :before")).with("before", number(sequence)),
            };
            if !changes.record(happened.iter().copied()) {
                return Ok(());
            }
            let mut item = key.item();
            item.insert(SEQUENCE.to_owned(), number(changes.sequence));
            item.insert(LAST.to_owned(), text(encode(&changes)));
            item.insert(WRITER.to_owned(), text(writer.as_str()));
            let put = Write::Put { item, condition: Some(condition) };
            match self.tables.runs.write(OPERATION, put, Old::NotNeeded).await? {
                Written::Done(_) => return Ok(()),
                // Somebody else told something, or our own try succeeded: either shows when it is read again.
                Written::Refused(_) => {}
            }
        }
        Err(StoreError::conflict(OPERATION, "others tell of changes all the time"))
    }
}
