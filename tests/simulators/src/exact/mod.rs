//! Exact Online: OAuth with rotating refresh tokens, the `OData` resources that Ledgerpost uses, limits, the refusals
//! with their sentences in English and Dutch, and double-entry books that show what a posting did.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use simulators::exact::{Options, Simulator, seed};
//! use simulators::faults::{Effect, Fault, Stored};
//!
//! let exact = Simulator::start(Options::demo()).await?;
//! let tokens = exact.connect(seed::APP, seed::USER);
//! exact.faults().add(Fault::on("POST", "purchaseentry/PurchaseEntries", Effect::hang(Stored::Yes)));
//! // ... a client works with exact.base_url() and tokens.access_token ...
//! assert_eq!(exact.requests().count("POST", "purchaseentry/PurchaseEntries"), 1);
//! assert!(exact.balances(seed::DIVISION).all_zero());
//! # Ok(())
//! # }
//! ```

mod api;
mod auth;
mod booking;
pub mod books;
mod control;
pub mod entity;
pub mod guid;
mod limits;
mod merge;
pub mod messages;
mod odata;
mod refusal;
mod report;
mod resources;
pub mod seed;
mod simulator;
pub mod state;
pub mod table;
mod vat;
mod view;

pub use auth::Tokens;
pub use books::Direction;
pub use guid::Guid;
pub use messages::Message;
pub use report::{Balance, Balances, Booking, BookingFile, BookingLine, BookingPosting};
pub(crate) use simulator::mount;
pub use simulator::{Handle, Options, Simulator};
pub use state::{Language, State};
