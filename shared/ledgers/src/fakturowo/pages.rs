//! The list of documents, walked from its newest end. Which end that is, nobody publishes: the first page tells.

use super::api::{Page, Row};

/// A walk.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// Pages that were read.
    read: usize,
    /// The page that comes next; the first when absent.
    at: Option<usize>,
    pages: usize,
    /// The oldest come first, so that the last page is the newest.
    backwards: bool,
    pub(super) rows: Vec<Row>,
    over: bool,
    /// The lowest id of the page that was read last.
    lowest: Option<u64>,
}

impl Walk {
    /// The page to ask for.
    pub(super) fn next(&self) -> usize {
        self.at.unwrap_or(1)
    }

    /// How many pages were read.
    pub(super) fn read(&self) -> usize {
        self.read
    }

    /// Takes a page.
    pub(super) fn take(&mut self, page: Page) {
        let number = self.next();
        self.read += 1;
        if self.read == 1 {
            self.pages = page.pages;
            let ends = page.rows.first().zip(page.rows.last());
            self.backwards = ends.is_some_and(|(first, last)| first.id < last.id);
        }
        let next = match (self.backwards, self.read) {
            (true, 1) => Some(self.pages),
            (true, _) => number.checked_sub(1),
            (false, _) => number.checked_add(1),
        };
        // The first page was read already, whichever way it goes.
        self.at = next.filter(|next| (2..=self.pages).contains(next));
        self.over = self.at.is_none();
        self.lowest = page.rows.iter().map(|row| row.id).min();
        self.rows.extend(page.rows);
    }

    /// Whether the newest page is among those that were read.
    pub(super) fn has_newest(&self) -> bool {
        self.over || self.read > usize::from(self.backwards)
    }

    /// Whether every document that is newer than this one is among those that were read.
    pub(super) fn has_all_after(&self, id: u64) -> bool {
        let reached = self.lowest.is_some_and(|lowest| lowest <= id);
        self.over || (reached && self.has_newest())
    }

    /// The id of the newest document; nothing when there is none.
    pub(super) fn newest(&self) -> Option<u64> {
        self.rows.iter().map(|row| row.id).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(pages: usize, ids: &[u64]) -> Page {
        Page { pages, rows: ids.iter().map(|id| Row { id: *id, number: id.to_string() }).collect() }
    }

    #[test]
    fn the_newest_come_first() {
        let mut walk = Walk::default();
        assert_eq!(walk.next(), 1);
        walk.take(page(3, &[30, 29]));
        assert!(walk.has_newest() && walk.has_all_after(29) && !walk.has_all_after(28));
        assert_eq!((walk.newest(), walk.next()), (Some(30), 2));
        walk.take(page(3, &[28, 27]));
        assert!(walk.has_all_after(28) && !walk.has_all_after(1));
        walk.take(page(3, &[26]));
        assert!(walk.has_all_after(1));
    }

    #[test]
    fn the_oldest_come_first() {
        let mut walk = Walk::default();
        walk.take(page(3, &[1, 2]));
        assert!(!walk.has_newest() && !walk.has_all_after(2), "these are the oldest");
        assert_eq!(walk.next(), 3);
        walk.take(page(3, &[5]));
        assert!(walk.has_newest() && walk.has_all_after(5) && !walk.has_all_after(3));
        assert_eq!((walk.newest(), walk.next()), (Some(5), 2));
        walk.take(page(3, &[3, 4]));
        assert!(walk.has_all_after(0) && walk.rows.len() == 5);
    }

    #[test]
    fn one_page_is_all_there_is() {
        for ids in [&[] as &[u64], &[1], &[1, 2], &[2, 1]] {
            let mut walk = Walk::default();
            walk.take(page(1, ids));
            assert!(walk.has_newest() && walk.has_all_after(0));
            assert_eq!(walk.newest(), ids.iter().max().copied());
        }
    }
}
