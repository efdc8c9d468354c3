//! E-mail delivery: documents go by mail to the address from which an accounting package imports (ED-1 to ED-28).
//!
//! A [`MailPackage`] of the office says how, a [`MailConnection`] of a client to which addresses. Once a document is
//! [`crate::document::Shared`], [`plan()`] says which mails that makes; each is a [`Delivery`] with states of its own.

mod address;
mod budget;
mod connection;
mod delivery;
mod flavour;
mod flow;
mod kind;
mod own_text;
mod package;
mod plan;
mod standing;
mod statement;

pub use address::{AddressError, EmailAddress, MailLanguage};
pub use budget::{Allowance, Budget, Claimed};
pub use connection::{AddressesMissing, ClientAddresses, Frequency, MailConnection, Scope, Sharing, Suspension};
pub use delivery::{
    AskedDelivery, Delivery, DeliveryEvent, DeliveryState, Form, Home, Purpose, SETTLE, Stopped, UnknownDeliveryState,
};
pub use flavour::UblFlavour;
pub use flow::{MailDays, Silence};
pub use kind::MailKind;
pub use own_text::{
    OWN_BODY_CHARS_MAX, OWN_SUBJECT_CHARS_MAX, OwnText, OwnTextError, OwnTextFields, OwnTextPart, Placeholder,
};
pub use package::{AddressMode, Attach, Identifier, LinkDays, LinkDaysError, MailPackage};
pub use plan::{MailPlan, NotMailed, PlannedMail, Plans, plan};
pub use standing::{AccountingStatus, Processed, Standing, Unmailed, standing};
pub use statement::StatementFormat;
