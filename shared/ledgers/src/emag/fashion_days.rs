//! Fashion Days: another shop of the same house. Its hosts are its own, its API is that of eMAG.

use super::{Product, common, site};
use crate::descriptor::Descriptor;

/// What Fashion Days is and can do.
pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    system: "fashion-days",
    name: "Fashion Days",
    sites: &[
        site("ro", "Romania", "RO", "https://marketplace-ro-api.fashiondays.com"),
        site("bg", "Bulgaria", "BG", "https://marketplace-bg-api.fashiondays.com"),
    ],
    ..common()
};

/// Fashion Days, as its descriptor says.
pub static FASHION_DAYS: Product = Product { descriptor: &DESCRIPTOR };
