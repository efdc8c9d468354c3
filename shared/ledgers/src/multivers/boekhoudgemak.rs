//! Boekhoud Gemak: the edition for offices of accountants. Its hosts and registrations are its own, its API is that of
//! Multivers.

use super::{Product, common, options};
use crate::descriptor::{Descriptor, Site};

/// What Boekhoud Gemak is and can do.
pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    system: "boekhoudgemak",
    name: "Boekhoud Gemak",
    sites: &[Site {
        code: "nl",
        name: "Netherlands",
        country: "NL",
        base: "https://api.boekhoudgemak.nl",
        login: "https://api.boekhoudgemak.nl",
    }],
    options: &options::ALL,
    ..common()
};

/// Boekhoud Gemak, as its descriptor says.
pub static BOEKHOUDGEMAK: Product = Product { descriptor: &DESCRIPTOR };
