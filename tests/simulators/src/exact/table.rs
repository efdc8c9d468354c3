//! A keyed set of records that is a list in JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A record with a key.
pub trait Keyed {
    /// The key's type.
    type Key: Ord + Clone;

    /// The key.
    fn key(&self) -> Self::Key;
}

/// Records by key, in the order of their keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Table<T: Keyed>(BTreeMap<T::Key, T>);

impl<T: Keyed> Default for Table<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Keyed> Table<T> {
    /// Stores a record in place of the one with its key.
    pub fn put(&mut self, record: T) {
        self.0.insert(record.key(), record);
    }

    /// The record with this key.
    pub fn get(&self, key: &T::Key) -> Option<&T> {
        self.0.get(key)
    }

    /// The record with this key, to be changed.
    pub fn get_mut(&mut self, key: &T::Key) -> Option<&mut T> {
        self.0.get_mut(key)
    }

    /// The record with this key; made when there is none.
    pub fn entry(&mut self, key: T::Key, make: impl FnOnce() -> T) -> &mut T {
        self.0.entry(key).or_insert_with(make)
    }

    /// Takes the record with this key out.
    pub fn remove(&mut self, key: &T::Key) -> Option<T> {
        self.0.remove(key)
    }

    /// Keeps the records that pass.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.0.retain(|_, record| keep(record));
    }

    /// All records, by key.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.0.values()
    }

    /// All records, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.values_mut()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Keyed> FromIterator<T> for Table<T> {
    fn from_iter<I: IntoIterator<Item = T>>(records: I) -> Self {
        Self(records.into_iter().map(|record| (record.key(), record)).collect())
    }
}

impl<T: Keyed> IntoIterator for Table<T> {
    type Item = T;
    type IntoIter = std::collections::btree_map::IntoValues<T::Key, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_values()
    }
}

impl<T: Keyed + Serialize> Serialize for Table<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.values())
    }
}

impl<'de, T: Keyed + Deserialize<'de>> Deserialize<'de> for Table<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<T>::deserialize(deserializer).map(Self::from_iter)
    }
}
