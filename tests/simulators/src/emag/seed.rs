//! The demo: a seller with a user and some orders.

use super::state::{Emag, Order, User};

/// The demo's user.
pub const USER: &str = "api@mugs.example";
/// The password.
pub const PASSWORD: &str = "emag-demo-password";
/// A finalized order that the seller sends.
pub const ORDER: i64 = 516_000_001;
/// A finalized order that eMAG sends.
pub const SENT_BY_EMAG: i64 = 516_000_002;
/// An order that is in progress.
pub const OPEN: i64 = 516_000_003;
/// A cancelled order.
pub const CANCELLED: i64 = 516_000_004;

/// The demo.
pub fn demo() -> Emag {
    let order = |id, status, kind| Order { id, status, kind, attachments: Vec::new() };
    Emag {
        users: vec![User { name: USER.to_owned(), password: Some(PASSWORD.to_owned()) }],
        orders: vec![order(ORDER, 4, 3), order(SENT_BY_EMAG, 4, 2), order(OPEN, 2, 3), order(CANCELLED, 0, 3)],
        ..Emag::default()
    }
}
