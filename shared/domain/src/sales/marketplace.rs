//! An order of a marketplace: what has to be known of it beside its reference, so that its invoice finds the way there.

use crate::text::text;
use serde::{Deserialize, Serialize};

text!(
    /// The marketplace's own id of the country's shop in which the order was placed, such as `A1C3SOZRARQ6R3` of Amazon's in Poland.
    MarketplaceSite, "the id of a marketplace's shop", 40
);
text!(
    /// The marketplace's own id of a shipment, where an order goes out in several.
    Shipment, "the id of a shipment", 60
);

/// Who sends the goods.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fulfilment {
    /// Who sells.
    #[default]
    Seller,
    /// The marketplace, from its own warehouse.
    Marketplace,
}

/// What an order of a marketplace says beside its reference.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub struct MarketplaceOrder {
    /// In which of the marketplace's shops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<MarketplaceSite>,
    /// Which shipment, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipment: Option<Shipment>,
    /// Who sends the goods.
    #[serde(default)]
    pub fulfilled_by: Fulfilment,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_of_a_marketplace_reads_back() {
        let text = r#"{"site":"A1C3SOZRARQ6R3","shipment":"DkL7pXz1N","fulfilled_by":"marketplace"}"#;
        let order: MarketplaceOrder = serde_json::from_str(text).unwrap();
        assert_eq!(order.site.as_ref().map(MarketplaceSite::as_str), Some("A1C3SOZRARQ6R3"));
        assert_eq!(order.fulfilled_by, Fulfilment::Marketplace);
        assert_eq!(serde_json::to_string(&order).unwrap(), text);
        assert_eq!(serde_json::from_str::<MarketplaceOrder>("{}").unwrap(), MarketplaceOrder::default());
        for wrong in [r#"{"site":""}"#, r#"{"shop":"x"}"#, r#"{"fulfilled_by":"nobody"}"#] {
            assert!(serde_json::from_str::<MarketplaceOrder>(wrong).is_err(), "{wrong}");
        }
    }
}
