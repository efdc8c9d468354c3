//! Orders of a shop, one for each ledger that takes issued documents: what happens to them by itself, from the order to the mail, and
//! one whose ledger says no, which stops there.

use std::{
    thread,
    time::{Duration, Instant},
};

use chrono::Datelike as _;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    api::Client,
    mails::Delivery,
    setup::{Opened, wait_for},
};
use crate::{aws::text, failure::Failure, mailbox::Mailbox, processes};

/// Chains are done in seconds, unless something is broken.
const PATIENCE: Duration = Duration::from_mins(3);
/// Where an order comes to stand once the ledger has its document.
const INVOICED: &str = "invoice generated correctly";

/// A ledger of the local cloud, with what opens its demo account.
struct Shop {
    system: &'static str,
    name: &'static str,
    fields: &'static [(&'static str, &'static str)],
    /// A series of the ledger that our series is linked to, where it wants one.
    series: Option<&'static str>,
    /// Where its order has to end.
    ends: Ends,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// With the mail at the customer.
    Mailed,
    /// At the ledger's refusal.
    Stopped,
}

const IFIRMA_LOGIN: &str = "jan.nowak@example.com";

const SHOPS: &[Shop] = &[
    Shop {
        system: "fakturownia",
        name: "Fakturownia",
        fields: &[("account", "demo-sklep"), ("api_token", "fakturownia-demo-token")],
        series: None,
        ends: Ends::Mailed,
    },
    Shop {
        system: "fakturowo",
        name: "Fakturowo",
        fields: &[("address", "konto.fakturowo.pl/api"), ("api_id", "0f1e2d3c4b5a69788796a5b4c3d2e1f0")],
        series: None,
        ends: Ends::Mailed,
    },
    Shop {
        system: "firmao",
        name: "Firmao",
        fields: &[("organisation", "acme"), ("login", "api-demo"), ("password", "password-demo")],
        series: None,
        ends: Ends::Mailed,
    },
    Shop {
        system: "ifirma",
        name: "iFirma",
        fields: &[("login", IFIRMA_LOGIN), ("invoice_key", "EAB0D8ACF3308F3B")],
        series: None,
        ends: Ends::Mailed,
    },
    Shop {
        system: "infakt",
        name: "inFakt",
        fields: &[("api_key", "infakt-demo-key")],
        series: None,
        ends: Ends::Mailed,
    },
    Shop {
        system: "wfirma",
        name: "wFirma",
        fields: &[("access_key", "access-demo"), ("secret_key", "secret-demo")],
        series: Some("5001"),
        ends: Ends::Mailed,
    },
    Shop {
        system: "fakturownia",
        name: "Fakturownia, with a series that it does not have",
        fields: &[("account", "demo-sklep"), ("api_token", "fakturownia-demo-token")],
        series: Some("999999"),
        ends: Ends::Stopped,
    },
];

/// An order on its way.
struct Way<'a> {
    shop: &'a Shop,
    administration: String,
    order: String,
    /// The customer's address, which nobody else has.
    customer: String,
}

/// What became of the orders.
#[derive(Debug, Default)]
pub struct Shown {
    /// What is not as it should be.
    pub wrong: Vec<String>,
    /// The first order.
    pub first: Option<FirstOrder>,
}

/// An order by its ids.
#[derive(Debug)]
pub struct FirstOrder {
    order: String,
    issued: String,
    mail: String,
}

impl FirstOrder {
    /// Those of the order, of the document that was issued from it, and of its mail.
    pub fn ids(&self) -> [&str; 3] {
        [&self.order, &self.issued, &self.mail]
    }
}

/// Sets a shop up for each ledger, takes an order in, and follows all to their ends.
/// `ledgers` are the simulators.
pub fn show(opened: &Opened, ledgers: &Client, mailbox: &Mailbox) -> Result<Shown, Failure> {
    open_this_month(ledgers)?;
    let mut ways = Vec::new();
    for (number, shop) in SHOPS.iter().enumerate() {
        processes::check_interrupt()?;
        ways.push(Way::begin(opened, shop, number)?);
    }
    let deadline = Instant::now() + PATIENCE;
    let mut shown = Shown::default();
    println!("  {:<50} {:<28} {:<22} {:<9} mail", "ledger", "order", "ledger's number", "PDF");
    for way in &ways {
        let end = way.follow(&opened.accountant, deadline)?;
        let (files, wrong) = end.mail(way, &opened.accountant, mailbox)?;
        println!("{}{files}", end.shown);
        for stopped in &end.stopped {
            println!("    stopped: {stopped}");
        }
        shown.wrong.extend(end.wrong.into_iter().chain(wrong));
        shown.first = shown.first.or(end.ids);
    }
    Ok(shown)
}

/// iFirma takes documents of the month that is open in its books: its accountant opens this one.
fn open_this_month(ledgers: &Client) -> Result<(), Failure> {
    let today = chrono::Utc::now().date_naive();
    let month = json!({ "login": IFIRMA_LOGIN, "month": [today.year(), today.month()] });
    ledgers.post("/ifirma/_sim/account", &month).map(drop)
}

impl<'a> Way<'a> {
    /// An administration with the ledger, a series and the recommended rules; and an order.
    fn begin(opened: &Opened, shop: &'a Shop, number: usize) -> Result<Self, Failure> {
        let (superuser, accountant) = (&opened.superuser, &opened.accountant);
        let body = json!({ "name": format!("Sklep, {}", shop.name), "time_zone": "Europe/Warsaw" });
        let administration = text(&superuser.post("/administrations", &body)?, "/id").to_owned();
        let books = format!("/administrations/{administration}");
        let body = json!({ "system": shop.system, "name": shop.name, "licence_country": "PL" });
        let connection = text(&superuser.post("/connections", &body)?, "/id").to_owned();
        let fields: serde_json::Map<String, Value> =
            shop.fields.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
        let body = json!({ "fields": fields });
        let task = superuser.post(&format!("/connections/{connection}/credentials"), &body)?;
        wait_for(superuser, text(&task, "/id"))?;
        let listed: Value = superuser.get(&format!("/connections/{connection}/directories/divisions"))?;
        let division = text(&listed, "/entries/0/code").to_owned();
        let body = json!({ "administration": administration, "division": division });
        superuser.post(&format!("/connections/{connection}/divisions"), &body)?;
        let seller = json!({
            "name": "Sklep z Kubkami Sp. z o.o.", "tax_number": "5260250274",
            "address": { "street": "Długa 12", "post_code": "80-831", "city": "Gdańsk", "country": "PL" }
        });
        superuser.put(&format!("{books}/seller"), None, &seller)?;
        let series =
            json!({ "name": "Faktury", "kind": "invoice", "pattern": "FV {n}/{mm}/{yyyy}", "reset": "monthly" });
        let series = text(&superuser.post(&format!("{books}/numbering-series"), &series)?, "/id").to_owned();
        let mut links = serde_json::Map::new();
        if let Some(code) = shop.series {
            links.insert(series.clone(), json!({ "to": "series", "code": code }));
        }
        let connector = json!({
            "connection": connection, "numbering": "ledger", "automatic": "yes", "show_ledger_document": "yes",
            "series": links,
        });
        superuser.put(&format!("{books}/connector"), None, &connector)?;
        for rule in [
            json!({
                "name": "Invoice at once", "trigger": { "on": "order_created" },
                "steps": [
                    { "action": { "do": "issue_document", "series": series } },
                    { "action": { "do": "change_status", "to": INVOICED } }
                ]
            }),
            json!({
                "name": "Mail the invoice", "trigger": { "on": "status_changed", "to": INVOICED },
                "steps": [{ "action": { "do": "send_email", "document": "attachment" } }]
            }),
        ] {
            accountant.post(&format!("{books}/order-rules"), &rule)?;
        }
        let customer = format!("zakupy.{}.{number}@zielonykubek.example", opened.run);
        let order = json!({
            "reference": format!("{}-{number}", opened.run), "source": "shop", "currency": "PLN", "prices": "gross",
            "customer": {
                "is": "company", "name": "Zielony Kubek Sp. z o.o.", "tax_number": "1234563218",
                "address": { "street": "Morska 5/2", "post_code": "81-001", "city": "Gdynia", "country": "PL" },
                "email": customer
            },
            "lines": [
                { "name": "Kubek", "quantity": "2", "unit": "szt.", "price": "49.20", "vat": "23" },
                { "name": "Książka", "quantity": "3", "unit": "szt.", "price": "10.50", "vat": "5" }
            ],
            "payment": { "name": "Przelew" }
        });
        let order = text(&accountant.post(&format!("{books}/orders"), &order)?, "/id").to_owned();
        Ok(Self { shop, administration, order, customer })
    }

    /// Waits until nothing more happens to the order by itself.
    fn follow(&self, api: &Client, deadline: Instant) -> Result<End, Failure> {
        let of = |what: &str| format!("/administrations/{}/orders/{}{what}", self.administration, self.order);
        loop {
            processes::check_interrupt()?;
            let runs: Value = api.get(&of("/runs"))?;
            let runs = runs.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
            let is_open = |run: &Value| text(run, "/state") == "open";
            let expected = match self.shop.ends {
                Ends::Mailed => 2,
                Ends::Stopped => 1,
            };
            let stopped = runs.iter().any(|run| text(run, "/state") == "stopped");
            let is_over = !runs.iter().any(is_open) && (stopped || runs.len() >= expected);
            let mails: Mails = api.get(&of("/mails"))?;
            let is_over = is_over && !mails.items.iter().any(Delivery::is_under_way);
            if is_over || Instant::now() > deadline {
                let card: Value = api.get(&of(""))?;
                return Ok(self.end(&card, &mails.items, &runs));
            }
            thread::sleep(Duration::from_millis(200));
        }
    }

    fn end(&self, card: &Value, mails: &[Delivery], runs: &[Value]) -> End {
        let status = text(card, "/status");
        let mailed = mails.first().map_or("-", |mail| mail.state.as_str());
        let copy = match text(card, "/documents/0/passed/copy") {
            "" => "-",
            copy => copy,
        };
        let why = runs.iter().flat_map(|run| run.get("steps").and_then(Value::as_array).into_iter().flatten());
        let why = why.filter(|step| ["failed", "waiting"].contains(&text(step, "/state")));
        let stopped: Vec<String> = why.map(|step| text(step, "/reason/text").to_owned()).collect();
        let is_so = match self.shop.ends {
            Ends::Mailed => status == INVOICED && copy == "fetched" && mailed == "delivered",
            Ends::Stopped => status == "new" && copy == "-" && mailed == "-",
        };
        let wrong = (!is_so).then(|| {
            format!("the order for {} is '{status}', its mail {mailed}: {}", self.shop.name, stopped.join("; "))
        });
        let number = match text(card, "/documents/0/passed/number") {
            "" => "-",
            number => number,
        };
        let shown = format!("  {:<50} {status:<28} {number:<22} {copy:<9} {mailed}", self.shop.name);
        let issued = text(card, "/documents/0/id");
        let ids = mails.first().filter(|_| !issued.is_empty()).map(|mail| FirstOrder {
            order: self.order.clone(),
            issued: issued.to_owned(),
            mail: mail.id.clone(),
        });
        End { shown, stopped, wrong, ids }
    }
}

/// Mails to a customer.
#[derive(Debug, Deserialize)]
struct Mails {
    items: Vec<Delivery>,
}

/// Where an order ended.
struct End {
    shown: String,
    stopped: Vec<String>,
    wrong: Option<String>,
    ids: Option<FirstOrder>,
}

impl End {
    /// What the customer got: in words, and what is not as it should be. With the mail is what a person is shown of the document.
    fn mail(&self, way: &Way<'_>, api: &Client, mailbox: &Mailbox) -> Result<(String, Option<String>), Failure> {
        let Some(ids) = self.ids.as_ref().filter(|_| self.wrong.is_none()) else { return Ok((String::new(), None)) };
        let mails = mailbox.arrived(&way.customer)?;
        let [mail] = mails.as_slice() else {
            return Ok((String::new(), Some(format!("{} mails to {}, not one", mails.len(), way.customer))));
        };
        let pdf: Value = api.get(&format!("/issued-documents/{}/pdf", ids.issued))?;
        let is_same = mailbox.contents(mail)? == [api.bytes(text(&pdf, "/url"))?];
        let wrong = format!("with the mail to {} is {}, which is not the document", way.customer, mail.files());
        Ok((format!(": {}", mail.files()), (!is_same).then_some(wrong)))
    }
}
