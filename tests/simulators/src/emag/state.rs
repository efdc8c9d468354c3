//! What the simulator holds. Its JSON is what `/_sim/state` shows.

use serde::{Deserialize, Serialize};

/// A document that goes with an order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Attachment {
    /// `name`
    pub name: String,
    /// `type`: 1 invoice, 11 pro forma
    pub kind: i64,
    /// `url`
    pub url: String,
    /// `order_type`
    pub order_type: i64,
    /// `force_download`, as it was sent
    pub force_download: i64,
    /// How often it was fetched.
    pub fetched: u32,
    /// Bytes of what was fetched last.
    pub bytes: usize,
}

/// An order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Order {
    /// `id`
    pub id: i64,
    /// `status`: 0 cancelled, 1 new, 2 in progress, 3 prepared, 4 finalized, 5 returned
    pub status: i64,
    /// `type`: 2 sent by eMAG, 3 by the seller
    pub kind: i64,
    /// `attachments`
    pub attachments: Vec<Attachment>,
}

/// A user of the seller's account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct User {
    /// The name.
    pub name: String,
    /// The password; none when it was changed.
    pub password: Option<String>,
}

/// How `order/attachments/save` takes what is saved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyForm {
    /// A list.
    #[default]
    List,
    /// One object.
    Object,
    /// A list in `data`.
    Data,
}

/// Whether something is so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// It is not.
    #[default]
    Off,
    /// It is.
    On,
}

/// What nobody is sure of, and limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Whether the caller's address is on the list.
    pub address_allowed: Switch,
    /// How what is saved comes.
    pub body_form: BodyForm,
    /// Whether documents are taken from status 4 on only.
    pub waits_for_finalized: Switch,
    /// Whether `order/read` shows attachments.
    pub order_shows_attachments: Switch,
    /// Whether an address of this machine may be http: tests have no certificates.
    pub http_here: Switch,
    /// A text that each save is refused with, whatever is sent; the document is taken all the same when `unclear_commits`.
    pub unclear: Option<String>,
    /// See `unclear`.
    pub unclear_commits: Switch,
    /// Calls in a second, orders apart.
    pub per_second: u32,
    /// Calls in a minute, orders apart.
    pub per_minute: u32,
    /// Reads of orders in a second.
    pub orders_per_second: u32,
    /// Reads of orders in a minute.
    pub orders_per_minute: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            address_allowed: Switch::On,
            body_form: BodyForm::default(),
            waits_for_finalized: Switch::On,
            order_shows_attachments: Switch::On,
            http_here: Switch::On,
            unclear: None,
            unclear_commits: Switch::Off,
            per_second: 3,
            per_minute: 180,
            orders_per_second: 12,
            orders_per_minute: 720,
        }
    }
}

/// Calls of one kind that were counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Counted {
    /// The second, and calls in it.
    pub second: (i64, u32),
    /// The minute, and calls in it.
    pub minute: (i64, u32),
}

/// Everything the simulator holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Emag {
    /// Switches.
    pub settings: Settings,
    /// Users.
    pub users: Vec<User>,
    /// Orders.
    pub orders: Vec<Order>,
    /// Reads of orders.
    pub order_calls: Counted,
    /// Other calls.
    pub calls: Counted,
}

impl Emag {
    /// An order by its id.
    pub fn order(&self, id: i64) -> Option<&Order> {
        self.orders.iter().find(|order| order.id == id)
    }

    /// An order by its id, to be changed.
    pub fn order_mut(&mut self, id: i64) -> Option<&mut Order> {
        self.orders.iter_mut().find(|order| order.id == id)
    }
}
