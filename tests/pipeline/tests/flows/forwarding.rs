//! Finished documents of a marketplace's orders go to that marketplace, from the order's own actions to what its customers see.

use chrono::TimeDelta;
use connector_push::Registration;
use domain::{
    document::UnitId,
    ids::{ConnectionId, IssuedId},
    sales::ForwardState,
};
use ledgers::{Endpoint, Secret};
use pipeline::Queue;
use pipeline::shop::Office;
use serde_json::{Value, json};
use simulators::{
    amazon::{self, Amazon},
    faults::{Effect, Fault, Stored},
    stand::{Handle, Options},
};
use store::testing::Fault as StoreFault;

/// A shop that sells on Amazon as well.
struct Seller {
    office: Office,
    amazon: Handle<Amazon>,
    account: ConnectionId,
}

impl Seller {
    fn registered(&mut self) {
        self.office.registered();
        let registration = Registration {
            client_id: amazon::seed::CLIENT_ID.to_owned(),
            client_secret: Secret::new(amazon::seed::CLIENT_SECRET),
            endpoint: Some(Endpoint::test(self.amazon.base_url()).unwrap()),
            redirect_uri: String::new(),
            app_per_minute: None,
        };
        let push = &mut self.office.p.push;
        push.registrations = push.registrations.clone().with("amazon", registration);
    }

    fn unit(&self) -> UnitId {
        UnitId { connection: self.account, division: None }
    }

    /// Signed in at Amazon, its documents forwarded or not, and a rule that invoices orders and forwards the invoice.
    async fn start(forward: &str) -> Self {
        let office = Box::pin(Office::start()).await;
        let amazon = Options::<Amazon>::demo().clock(office.p.exact.clock()).start().await.unwrap();
        let account = office.connection;
        let mut seller = Self { office, amazon, account };
        seller.registered();
        let body = json!({ "system": "amazon", "name": "Amazon", "licence_country": "PL" });
        let made = seller.office.ask("POST", "/connections", None, body).await;
        seller.account = made["id"].as_str().unwrap().parse().unwrap();
        seller.office.p.promote(&seller.office.anna, seller.account).await;
        let body = json!({ "fields": { "refresh_token": amazon::seed::REFRESH_TOKEN } });
        let path = format!("/connections/{}/credentials", seller.account);
        let task = seller.office.ask("POST", &path, None, body).await;
        seller.office.p.turn_of(&seller.unit(), None).await;
        let path = format!("/tasks/{}", task["id"].as_str().unwrap());
        let task = seller.office.ask("GET", &path, None, Value::Null).await;
        assert_eq!(task["state"], "done", "{task}");
        let link = json!({ "connection": seller.account, "forward": forward });
        seller.office.ask("PUT", &seller.office.of_books("marketplaces/shop"), None, link).await;
        let rule = json!({
            "name": "Invoice and forward", "trigger": { "on": "order_created" },
            "steps": [
                { "action": { "do": "issue_document", "series": seller.office.series } },
                { "action": { "do": "forward_document" } }
            ]
        });
        seller.office.ask("POST", &seller.office.of_books("order-rules"), None, rule).await;
        seller
    }

    /// Until nothing moves any more: units are woken, and time passes as marketplaces want it.
    async fn settle(&mut self) {
        for _ in 0..12 {
            self.office.p.run_to_rest().await;
            self.office.p.turn_of(&self.unit(), None).await;
            self.office.p.advance(TimeDelta::minutes(3));
            self.office.p.sweep().await;
            self.office.p.run().await;
        }
    }

    async fn states(&self, order: &str) -> Vec<String> {
        let path = self.office.of_books(&format!("orders/{order}/runs"));
        let runs = self.office.ask("GET", &path, None, Value::Null).await;
        let steps = runs["items"][0]["steps"].as_array().unwrap();
        steps.iter().map(|step| format!("{} {}", step["state"].as_str().unwrap(), step["reason"]["code"])).collect()
    }

    async fn issued(&self, order: &str) -> IssuedId {
        let card = self.office.ask("GET", &self.office.of_books(&format!("orders/{order}")), None, Value::Null).await;
        card["documents"][0]["id"].as_str().unwrap().parse().unwrap()
    }

    async fn forwarding(&self, order: &str) -> ForwardState {
        let id = self.issued(order).await;
        self.office.p.office.store().forwardings().get(id, self.account).await.unwrap().unwrap().state
    }

    /// Orders and numbers that Amazon shows to its customers.
    fn shown(&self) -> Vec<(String, String)> {
        let named = |feed: &amazon::Feed| (feed.order().to_owned(), feed.number().to_owned());
        self.amazon.read(|amazon| amazon.shown().map(named).collect())
    }
}

/// As Amazon names its orders.
const ORDER: &str = "404-1234567-1234567";

#[tokio::test]
async fn the_ledgers_document_goes_to_the_marketplace_once_it_is_there() {
    let mut seller = Seller::start("yes").await;
    let order = seller.office.order_at(ORDER, amazon::seed::POLAND).await;
    seller.settle().await;
    assert_eq!(seller.states(&order).await, ["done \"acted_confirmed\"", "done \"acted_forwarded\""]);
    assert_eq!(seller.forwarding(&order).await, ForwardState::Forwarded);
    let issued = seller.office.issued(seller.issued(&order).await).await;
    let number = issued.legal_number().unwrap().to_owned();
    assert_eq!(seller.shown(), [(ORDER.to_owned(), number)], "with the ledger's number");
}

#[tokio::test]
async fn nothing_is_sent_while_the_switch_is_off_or_when_the_ledger_did_not_take_the_document() {
    let mut off = Seller::start("no").await;
    let order = off.office.order_at(ORDER, amazon::seed::POLAND).await;
    off.settle().await;
    assert_eq!(off.states(&order).await, ["done \"acted_confirmed\"", "done \"forwarding_off\""]);
    assert_eq!(off.shown(), []);

    let mut seller = Seller::start("yes").await;
    let refusal = json!({ "code": "error", "message": { "buyer_name": ["zły"] } });
    let refused = Effect::Answer { status: 422, headers: [].into(), body: refusal.to_string(), stored: Stored::No };
    seller.office.ledger.faults().add(Fault::on("POST", "invoices.json", refused).always());
    let order = seller.office.order_at(ORDER, amazon::seed::POLAND).await;
    seller.settle().await;
    assert!(seller.states(&order).await[0].starts_with("failed"), "{:?}", seller.states(&order).await);
    assert_eq!(seller.shown(), [], "never ours in place of the ledger's");
}

#[tokio::test]
async fn a_worker_that_dies_while_it_forwards_shows_no_second_document() {
    let mut deaths = 0;
    for request in (0..).step_by(4) {
        let mut seller = Seller::start("yes").await;
        let order = seller.office.order_at(ORDER, amazon::seed::POLAND).await;
        seller.office.p.store.faults().plan("PutItem", request, StoreFault::Silence);
        // Whichever function it is that puts: the one that acts, or the one that forwards.
        let died = tokio::select! {
            () = seller.office.p.store.faults().silence() => true,
            () = seller.office.p.run() => false,
        };
        seller.office.p.store.faults().clear();
        seller.office.p.restart();
        seller.registered();
        seller.office.p.cloud.lose(Queue::Turns);
        seller.office.p.advance(TimeDelta::minutes(16));
        seller.settle().await;
        assert_eq!(seller.forwarding(&order).await, ForwardState::Forwarded, "request {request}");
        assert_eq!(seller.shown().len(), 1, "request {request}");
        if !died {
            break;
        }
        deaths += 1;
    }
    assert!(deaths >= 2, "{deaths}");
}
