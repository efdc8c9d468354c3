//! SnelStart's simulator keeps its rules: keys, scopes, fields, codes, balance, numbers, limits.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails a test")]

use serde_json::{Value, json};
use simulators::snelstart::{Snelstart, seed};
use simulators::stand::{Handle, Options};

struct Client {
    simulator: Handle<Snelstart>,
    http: reqwest::Client,
    token: String,
}

impl Client {
    async fn start() -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let simulator = Options::<Snelstart>::demo().start().await.unwrap();
        let mut client = Self { simulator, http: reqwest::Client::new(), token: String::new() };
        let form = format!("grant_type=clientkey&clientkey={}", seed::CLIENT_KEY.replace('=', "%3D"));
        let (status, answer) = client.mint(form).await;
        assert_eq!((status, &answer["expires_in"]), (200, &json!(3_599)));
        answer["access_token"].as_str().unwrap().clone_into(&mut client.token);
        client
    }

    async fn mint(&self, form: String) -> (u16, Value) {
        let request = self.http.post(format!("{}/b2b/token", self.simulator.base_url())).body(form);
        read(request.header("content-type", "application/x-www-form-urlencoded")).await
    }

    fn ask(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}/v2/{path}", self.simulator.base_url()));
        request.header("Ocp-Apim-Subscription-Key", seed::SUBSCRIPTION_KEY).bearer_auth(&self.token)
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        read(self.ask(reqwest::Method::GET, path)).await
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        read(self.ask(reqwest::Method::POST, path).json(body)).await
    }

    fn id(&self, of: &str) -> String {
        self.simulator.read(|state| {
            let books = state.administration(seed::ADMINISTRATION).unwrap();
            let account = books.accounts.iter().find(|account| account.number.to_string() == of);
            let relation = books.relations.iter().find(|relation| relation.code.to_string() == of);
            account.map(|account| account.id.clone()).or(relation.map(|relation| relation.id.clone())).unwrap()
        })
    }

    /// A purchase booking that is right.
    fn booking(&self) -> Value {
        json!({
            "factuurnummer": "F-1", "factuurdatum": "2026-03-14T00:00:00", "leverancier": { "id": self.id("1001") },
            "factuurbedrag": "121.00",
            "boekingsregels": [{ "grootboek": { "id": self.id("4600") }, "bedrag": "100.00", "btwSoort": "Hoog" }],
            "btw": [{ "btwSoort": "InkopenHoog", "btwBedrag": 21.00 }],
        })
    }
}

async fn read(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

#[tokio::test]
async fn a_booking_is_kept_and_makes_an_open_item() {
    let client = Client::start().await;
    let (status, made) = client.post("inkoopboekingen", &client.booking()).await;
    assert_eq!((status, &made["factuurbedrag"]), (201, &json!(121.0)), "{made}");
    let (_, items) = client.get("inkoopfacturen?$filter=Factuurnummer%20eq%20'F-1'").await;
    assert_eq!(
        (&items[0]["inkoopBoeking"]["id"], &items[0]["vervalDatum"]),
        (&made["id"], &json!("2026-04-13T00:00:00"))
    );
    let booking = made["id"].as_str().unwrap();
    let file = json!({ "parentIdentifier": booking, "fileName": "F-1.pdf", "content": "JVBERi0=", "readOnly": true });
    assert_eq!(client.post("documenten/Inkoopboekingen", &file).await.0, 201);
    assert_eq!(client.get(&format!("documenten/Inkoopboekingen/{booking}")).await.1[0]["fileName"], "F-1.pdf");
    let (status, again) = client.post("inkoopboekingen", &client.booking()).await;
    assert_eq!((status, &again[0]["errorCode"]), (400, &json!("BOE-0021")));
}

#[tokio::test]
async fn each_rule_refuses_with_its_code() {
    let client = Client::start().await;
    for (pointer, value, code) in [
        ("/id", json!("x"), "ALG-0100"),
        ("/factuurnummer", json!("1".repeat(26)), "BOE-0058"),
        ("/omschrijving", json!("o".repeat(251)), "BOE-0071"),
        ("/leverancier/id", json!("nobody"), "BOE-0002"),
        ("/leverancier/id", json!(client.id("1002")), "BOE-0003"),
        ("/leverancier/id", json!(client.id("1003")), "BOE-0054"),
        ("/boekingsregels", json!([]), "BOE-0023"),
        ("/boekingsregels/0/bedrag", json!(0), "BOE-0028"),
        ("/boekingsregels/0/grootboek/id", json!("nothing"), "BOE-0037"),
        ("/boekingsregels/0/grootboek/id", json!(client.id("4000")), "BOE-0082"),
        ("/boekingsregels/0/kostenplaats", json!({ "id": "nothing" }), "BOE-0019"),
        ("/btw/0/btwSoort", json!("VerkopenHoog"), "BOE-0082"),
        ("/btw/0/btwSoort", json!("InkopenVerlegd"), "BOE-0062"),
        ("/btw/0/btwSoort", json!("InkopenLaag"), "BOE-0053"),
        ("/btw", json!([]), "BOE-0082"),
        ("/factuurbedrag", json!("121.01"), "BOE-0039"),
        ("/factuurdatum", json!("2001-01-01T00:00:00"), "BOE-0033"),
    ] {
        let mut body = client.booking();
        match body.pointer_mut(pointer) {
            Some(place) => *place = value,
            None => {
                let (parent, name) = pointer.rsplit_once('/').unwrap();
                body.pointer_mut(parent).unwrap()[name] = value;
            }
        }
        let (status, refused) = client.post("inkoopboekingen", &body).await;
        assert_eq!((status, &refused[0]["errorCode"]), (400, &json!(code)), "{pointer}: {refused}");
    }
    for (pointer, value) in [("/factuurdatum", json!("14-03-2026")), ("/btw/0/btwSoort", json!("Veel"))] {
        let mut body = client.booking();
        *body.pointer_mut(pointer).unwrap() = value;
        let (status, refused) = client.post("inkoopboekingen", &body).await;
        assert_eq!((status, refused["modelState"].is_object()), (400, true), "{pointer}: {refused}");
    }
    client.simulator.change(|state| {
        state.administration_mut(seed::ADMINISTRATION).unwrap().blocked.insert((2026, 3));
    });
    let (_, refused) = client.post("inkoopboekingen", &client.booking()).await;
    assert_eq!(refused[0]["errorCode"], "BOE-0042");
    client.simulator.read(|state| assert!(state.administration(seed::ADMINISTRATION).unwrap().bookings.is_empty()));
}

#[tokio::test]
async fn keys_scopes_and_limits_are_looked_at() {
    let client = Client::start().await;
    for form in ["grant_type=clientkey&clientkey=nonsense", "grant_type=password", "grant_type=clientkey&clientkey="] {
        assert_eq!(client.mint(form.to_owned()).await.0, 400, "{form}");
    }
    let bare = client.http.get(format!("{}/v2/companyInfo", client.simulator.base_url()));
    let (status, refused) = read(bare.bearer_auth(&client.token)).await;
    assert_eq!((status, refused["message"].as_str().unwrap().contains("subscription key")), (401, true));
    let unknown = client.http.get(format!("{}/v2/companyInfo", client.simulator.base_url())).bearer_auth("unknown");
    let (status, refused) = read(unknown.header("Ocp-Apim-Subscription-Key", seed::SUBSCRIPTION_KEY)).await;
    assert_eq!((status, refused["message"].as_str().unwrap().contains("subscription key")), (401, false));
    let text = client.ask(reqwest::Method::POST, "relaties").body("{}");
    assert_eq!(read(text).await.0, 415);
    client.simulator.change(|state| {
        state.administration_mut(seed::ADMINISTRATION).unwrap().scopes.remove("relaties:write");
        state.settings.calls_per_minute = 8;
    });
    assert_eq!(client.post("relaties", &json!({})).await.0, 403);
    let mut status = 200;
    for _ in 0..8 {
        status = client.get("dagboeken?$filter=Nummer%20eq%20nonsense").await.0;
    }
    assert_eq!(status, 429);
}

#[tokio::test]
async fn lists_are_bare_paged_and_filtered() {
    let client = Client::start().await;
    let (_, accounts) = client.get("grootboeken?$top=2&$skip=1").await;
    assert_eq!(accounts.as_array().unwrap().len(), 2);
    assert_eq!(client.get("grootboeken?$filter=Nummer%20eq%204600").await.1[0]["omschrijving"], "Algemene kosten");
    for wrong in ["grootboeken?$filter=nummer%20eq%204600", "relaties?$top=501", "relaties?$filter=Naam"] {
        let (status, refused) = client.get(wrong).await;
        assert_eq!((status, &refused[0]["errorCode"]), (400, &json!("ALG-0104")), "{wrong}");
    }
    let (_, journals) = client.get("dagboeken?$filter=Nummer%20eq%201").await;
    assert_eq!(journals.as_array().unwrap().len(), 3, "the filter is passed over");
}
