//! The demo: our registration, and two sellers.

use super::state::{Amazon, Seller};

/// Our registration.
pub const CLIENT_ID: &str = "amzn1.application-oa2-client.ledgerpost";
/// Its secret.
pub const CLIENT_SECRET: &str = "amzn1.oa2-cs.v1.ledgerpost-secret";
/// The demo's seller.
pub const REFRESH_TOKEN: &str = "Atzr|IwEBIDemoSeller";
/// Another one.
pub const OTHER_REFRESH_TOKEN: &str = "Atzr|IwEBIOtherSeller";
/// Amazon in Poland.
pub const POLAND: &str = "A1C3SOZRARQ6R3";
/// The shops that are known.
pub const MARKETPLACES: &[&str] = &[
    "A1RKKUPIHCS9HS",
    "A1F83G8C2ARO7P",
    "A13V1IB3VIYZZH",
    "A1PA6795UKMFR9",
    "APJ6JRA9NG5V4",
    "A1805IZSGTT6HS",
    POLAND,
    "A2NODRKZP88ZB9",
    "AMEN7PMS3EDWL",
    "A28R8C7NBKEWEA",
];

/// The demo.
pub fn demo() -> Amazon {
    let seller = |id: &str, token: &str| Seller {
        id: id.to_owned(),
        refresh_token: Some(token.to_owned()),
        ..Seller::default()
    };
    Amazon {
        sellers: vec![seller("A2DEMO", REFRESH_TOKEN), seller("A2OTHER", OTHER_REFRESH_TOKEN)],
        ..Amazon::default()
    }
}
