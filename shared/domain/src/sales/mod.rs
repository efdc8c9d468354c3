//! Sales: orders, the documents that are issued from them, and how those get into a ledger and come back (CO-1 to CO-35).

mod actions;
mod amounts;
mod as_invoice;
mod bulk;
mod connector;
mod customer_copy;
mod forwarding;
mod issued;
mod marketplace;
mod national_vat;
mod numbering;
mod order;
mod passing;
mod vat;

pub use actions::{
    Action, ActionStep, InMail, OrderEvent, OrderRule, OrderRun, Outcome, RULE_STEPS_MAX, RunState, RunStep, StepState,
    Trigger,
};
pub use amounts::{Amounts, IssuedLine, by_vat, total};
pub use bulk::{PassCounts, PassRun, PassRunState, WhichToPass};
pub use connector::{AtIssue, Capability, Connector, Offers, SeriesLink, Unsupported};
pub use customer_copy::CustomerCopy;
pub use forwarding::{DocumentLink, ForwardState, Forwarding, LinkTarget, MarketplaceLink};
pub use issued::{
    Copy, Corrects, IssueError, Issued, IssuedContent, IssuedKind, IssuedNotShareable, Issuing, Ksef, LineChange,
    Numbering, Passed, Replacement, Seller,
};
pub use marketplace::{Fulfilment, MarketplaceOrder, MarketplaceSite, Shipment};
pub use national_vat::NationalVat;
pub use numbering::{Counter, NUMBER_CHARS_MAX, NumberPattern, NumberingError, PatternError, Reset, Series};
pub use order::{
    Address, AddressText, CorrectedQuantity, Country, Customer, CustomerName, DocumentLanguage, ItemName, LINES_MAX,
    NumberError, Order, OrderData, OrderDocument, OrderError, OrderLine, OrderReference, OrderSource, OrderStatus,
    Paid, Payment, PaymentName, PostCode, Prices, Quantity, Sku, UnitPrice,
};
pub use passing::{PassEvent, PassNotAllowed, Passing};
pub use vat::{Percent, SalesVat, UnknownVat};
