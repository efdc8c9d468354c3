//! Records of a ZIP (PKWARE's APPNOTE 6.3): written apart from each other, since a file is made in segments. The crates that
//! write ZIPs keep the directory in memory until the end and cannot take it up again.
//!
//! Names are UTF-8 and say so, the time is always the first that a ZIP knows, and there are no unix rights: the same files give
//! the same bytes. ZIP64 is used where a number does not fit, and nowhere else.

use crate::Entry;
use flate2::{Compression, write::DeflateEncoder};
use std::io::{self, Write as _};

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;
const EXTRA_64: u16 = 1;
const UTF8: u16 = 1 << 11;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
/// What a program needs to know to read it: 2.0, or 4.5 for ZIP64.
const VERSION: u16 = 20;
const VERSION_64: u16 = 45;
/// 1 January 1980, midnight.
const TIME: u16 = 0;
const DATE: u16 = 0x21;
/// What a field of 32 bits says when the number is elsewhere.
const ELSEWHERE: u32 = u32::MAX;

/// Little end first, as everything here.
#[derive(Default)]
struct Record(Vec<u8>);

impl Record {
    fn u16(&mut self, value: u16) -> &mut Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    fn u32(&mut self, value: u32) -> &mut Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    fn u64(&mut self, value: u64) -> &mut Self {
        self.0.extend(value.to_le_bytes());
        self
    }

    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend(bytes);
        self
    }
}

/// A number of 32 bits; what does not fit goes to the extra field.
fn narrow(value: u64, wide: &mut Vec<u64>) -> u32 {
    match u32::try_from(value) {
        Ok(narrow) if narrow != ELSEWHERE => narrow,
        Ok(_) | Err(_) => {
            wide.push(value);
            ELSEWHERE
        }
    }
}

/// Names are ours and short.
fn length(bytes: &[u8]) -> u16 {
    u16::try_from(bytes.len()).unwrap_or(u16::MAX)
}

fn extra(wide: &[u64]) -> Vec<u8> {
    let mut record = Record::default();
    if !wide.is_empty() {
        record.u16(EXTRA_64).u16(u16::try_from(wide.len() * 8).unwrap_or(u16::MAX));
        for value in wide {
            record.u64(*value);
        }
    }
    record.0
}

/// What both headers say of a file. Deflated bytes that are not fewer are not used: so equal lengths mean stored.
fn facts(record: &mut Record, entry: &Entry, version: u16) {
    let method = if entry.stored == entry.size { STORED } else { DEFLATED };
    record.u16(version).u16(UTF8).u16(method).u16(TIME).u16(DATE).u32(entry.crc);
}

/// What stands before a file's bytes. Sizes that do not fit are both in the extra field.
pub(super) fn local_header(entry: &Entry) -> Vec<u8> {
    let is_wide = entry.size.max(entry.stored) >= u64::from(ELSEWHERE);
    let (stored, size, wide) = if is_wide {
        (ELSEWHERE, ELSEWHERE, vec![entry.size, entry.stored])
    } else {
        let mut none = Vec::new();
        (narrow(entry.stored, &mut none), narrow(entry.size, &mut none), none)
    };
    let (name, extra) = (entry.name.as_bytes(), extra(&wide));
    let mut record = Record::default();
    record.u32(LOCAL);
    facts(&mut record, entry, if is_wide { VERSION_64 } else { VERSION });
    record.u32(stored).u32(size).u16(length(name)).u16(length(&extra)).bytes(name).bytes(&extra);
    record.0
}

/// A file with its header, and what the directory will say of it.
pub(super) fn file(name: String, plain: &[u8]) -> (Entry, Vec<u8>) {
    let deflated = deflate(plain).ok().filter(|deflated| deflated.len() < plain.len());
    let stored = deflated.as_deref().unwrap_or(plain);
    let (size, stored_size) = (plain.len() as u64, stored.len() as u64);
    let mut entry = Entry { name, crc: crc32fast::hash(plain), size, stored: stored_size, length: 0 };
    let mut bytes = local_header(&entry);
    bytes.extend(stored);
    entry.length = bytes.len() as u64;
    (entry, bytes)
}

fn deflate(plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain)?;
    encoder.finish()
}

/// The directory of files that follow each other from the start, and the end of the ZIP.
pub(super) fn directory<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<u8> {
    let mut directory = Record::default();
    let (mut start, mut count) = (0_u64, 0_u64);
    for entry in entries {
        let mut wide = Vec::new();
        let (size, stored) = (narrow(entry.size, &mut wide), narrow(entry.stored, &mut wide));
        let offset = narrow(start, &mut wide);
        let version = if wide.is_empty() { VERSION } else { VERSION_64 };
        let (name, extra) = (entry.name.as_bytes(), extra(&wide));
        directory.u32(CENTRAL).u16(version);
        facts(&mut directory, entry, version);
        directory.u32(stored).u32(size).u16(length(name)).u16(length(&extra));
        // No comment, first disk, nothing special inside or outside.
        directory.u16(0).u16(0).u16(0).u32(0).u32(offset).bytes(name).bytes(&extra);
        start += entry.length;
        count += 1;
    }
    let size = directory.0.len() as u64;
    end(&mut directory, start, size, count);
    directory.0
}

/// The last records: where the directory is, its size and how many files it has.
fn end(record: &mut Record, start: u64, size: u64, count: u64) {
    let short = u16::try_from(count).ok().filter(|count| *count != u16::MAX);
    let mut wide = Vec::new();
    let (narrow_size, narrow_start) = (narrow(size, &mut wide), narrow(start, &mut wide));
    if short.is_none() || !wide.is_empty() {
        record.u32(END_64).u64(44).u16(VERSION_64).u16(VERSION_64).u32(0).u32(0);
        record.u64(count).u64(count).u64(size).u64(start);
        record.u32(LOCATOR_64).u32(0).u64(start + size).u32(1);
    }
    let count = short.unwrap_or(u16::MAX);
    record.u32(END).u16(0).u16(0).u16(count).u16(count).u32(narrow_size).u32(narrow_start).u16(0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Read as _};
    use zip::ZipArchive;

    #[test]
    fn what_does_not_shrink_is_stored() {
        let (entry, bytes) = file("a".into(), b"x");
        assert_eq!((entry.stored, entry.length), (1, bytes.len() as u64));
        let (entry, _) = file("b".into(), &[7; 1000]);
        assert!(entry.stored < 100);
    }

    #[test]
    fn more_files_than_a_short_number_counts_need_zip64() {
        let mut bytes = Vec::new();
        let mut entries = Vec::new();
        for number in 0..65_536 {
            let mut entry =
                Entry { name: number.to_string(), crc: crc32fast::hash(b"x"), size: 1, stored: 1, length: 0 };
            let mut file = local_header(&entry);
            file.push(b'x');
            entry.length = file.len() as u64;
            bytes.extend(file);
            entries.push(entry);
        }
        bytes.extend(directory(entries.iter()));
        let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
        assert_eq!(archive.len(), 65_536);
        let mut text = String::new();
        archive.by_name("65535").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "x");
    }

    #[test]
    fn a_file_beyond_four_gigabytes_is_found() {
        let far = Entry { name: "far".into(), crc: 0, size: 1, stored: 1, length: u64::from(u32::MAX) + 10 };
        let (last, _) = file("last".into(), b"x");
        let bytes = directory([&far, &last].into_iter());
        let at = bytes.windows(4).rposition(|window| window == CENTRAL.to_le_bytes()).unwrap();
        assert_eq!(bytes[at + 42..at + 46], ELSEWHERE.to_le_bytes());
        assert_eq!(bytes[at + 50..at + 54], [1, 0, 8, 0]);
        assert_eq!(bytes[at + 54..at + 62], (u64::from(u32::MAX) + 10).to_le_bytes());
        assert!(bytes.windows(4).any(|window| window == END_64.to_le_bytes()));
        let small = directory([&last].into_iter());
        assert!(!small.windows(4).any(|window| window == END_64.to_le_bytes()), "ZIP64 only where it is needed");
    }

    #[test]
    fn a_large_file_has_both_sizes_in_its_header() {
        let size = u64::from(u32::MAX);
        let large = Entry { name: "l".into(), crc: 0, size, stored: size, length: 0 };
        let header = local_header(&large);
        assert_eq!(header.len(), 30 + 1 + 20);
        assert_eq!(header[18..26], [0xff; 8]);
        assert_eq!(header[28..30], 20_u16.to_le_bytes());
    }
}
