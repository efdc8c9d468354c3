//! Sales: numbering series and the seller, the ledger that gets issued documents, orders, and what is issued from them (section 3 of
//! the reference behaviour).

mod connector;
mod forwarding;
mod issue;
mod issued;
mod links;
mod orders;
mod pass_runs;
mod rules;
mod series;
mod share;
mod shared_files;
mod views;

pub use connector::*;
pub use forwarding::*;
pub use issue::*;
pub use issued::*;
pub use links::*;
pub use orders::*;
pub use pass_runs::*;
pub use rules::*;
pub use series::*;
pub use share::*;
pub use shared_files::*;
pub use views::*;

use crate::{
    app::App,
    auth::Caller,
    problem::{Answer, Problem},
};
use domain::{
    ids::{AdministrationId, IssuedId, OrderId},
    sales::{Connector, Issued, Offers, Order},
};
use store::Read;

/// An order that the caller may see.
async fn order(app: &App, caller: &Caller, administration: AdministrationId, id: OrderId) -> Answer<Order> {
    app.check_administration(caller, administration).await?;
    let found = app.of(caller.tenant).orders(administration).get(id, Read::Consistent).await?;
    found.ok_or_else(|| Problem::not_found("order", id))
}

/// An issued document that the caller may see.
pub(crate) async fn issued(app: &App, caller: &Caller, id: IssuedId) -> Answer<Issued> {
    let found = app.of(caller.tenant).issued().get(id, Read::Consistent).await?;
    let found = found.filter(|issued| caller.covers(issued.administration));
    found.ok_or_else(|| Problem::not_found("issued document", id))
}

/// The ledger that gets the issued documents of an administration, and what it offers.
async fn ledger(app: &App, caller: &Caller, administration: AdministrationId) -> Answer<Option<(Connector, Offers)>> {
    Ok(caller.desk(&app.of(caller.tenant)).ledger(administration).await?)
}
