//! Files packed for an item: deflated against a dictionary of what every UBL invoice says anyway, so that a usual one fits
//! into one write unit.
//!
//! A deflate stream may be continued at any byte boundary. So the dictionary is deflated first and left out of what is stored;
//! for reading it is put before it again, as a block that is not compressed.

use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use std::io::{self, Read as _, Write as _};

/// What is stored was packed against these very bytes: they never change. Another dictionary gets another attribute.
const DICTIONARY: &[u8] = include_bytes!("ubl.dict");

/// Packs bytes.
pub(super) fn pack(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(DICTIONARY)?;
    encoder.flush()?;
    let dictionary = encoder.get_ref().len();
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.split_off(dictionary))
}

/// Unpacks bytes, unless they are more than `bytes_max`: then nothing comes back.
pub(super) fn unpack(packed: &[u8], bytes_max: u64) -> io::Result<Option<Vec<u8>>> {
    let length = u16::try_from(DICTIONARY.len()).map_err(io::Error::other)?;
    let [low, high] = length.to_le_bytes();
    let block = [0, low, high, !low, !high];
    let mut decoder = DeflateDecoder::new(block.as_slice().chain(DICTIONARY).chain(packed));
    io::copy(&mut decoder.by_ref().take(u64::from(length)), &mut io::sink())?;
    let mut bytes = Vec::new();
    decoder.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= bytes_max).then_some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    const UBL: &[u8] =
        include_bytes!("../../../../tests/corpus/ubl/simplerinvoicing-testset/SI-UBL-2.0_ok_minimal.xml");

    #[test]
    fn whatever_is_packed_comes_back() {
        let noise: Vec<u8> = (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        for bytes in [b"".as_slice(), b"x", UBL, DICTIONARY, &noise] {
            let packed = pack(bytes).unwrap();
            assert_eq!(unpack(&packed, bytes.len() as u64).unwrap().as_deref(), Some(bytes));
        }
    }

    #[test]
    fn a_usual_invoice_fits_into_one_write_unit() {
        let packed = pack(UBL).unwrap().len();
        assert!(packed < 850, "{packed} of {} bytes", UBL.len());
    }

    #[test]
    fn what_is_larger_than_wanted_does_not_come_back() {
        let packed = pack(&vec![b' '; 5_000_000]).unwrap();
        assert_eq!(unpack(&packed, 4_999_999).unwrap(), None);
    }

    #[test]
    fn what_is_broken_is_an_error() {
        assert!(unpack(b"\xff\xff", 10).is_err());
        let packed = pack(UBL).unwrap();
        assert!(unpack(&packed[..packed.len() / 2], 1 << 20).is_err());
    }

    #[test]
    fn the_dictionary_is_the_one_that_stored_files_were_packed_against() {
        let digest = format!("{:02x?}", Sha256::digest(DICTIONARY).as_slice()).replace(['[', ']', ',', ' '], "");
        assert_eq!(digest, "c28c076864e2736a9eba3499154aabcb92166d3f95cbbf7c58326630280720d0");
    }
}
