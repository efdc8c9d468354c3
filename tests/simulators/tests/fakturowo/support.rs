//! A client of the simulator, and a document that is right.

use serde_json::{Value, json};
use simulators::fakturowo::{Fakturowo, seed};
use simulators::stand::{Handle, Options};

pub struct Client {
    pub simulator: Handle<Fakturowo>,
    pub http: reqwest::Client,
}

/// The fields of a form.
pub type Form = Vec<(String, String)>;

impl Client {
    pub async fn start() -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let simulator = Options::<Fakturowo>::demo().start().await.unwrap();
        Self { simulator, http: reqwest::Client::new() }
    }

    pub fn ask(&self, form: &Form) -> reqwest::RequestBuilder {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self.http.post(format!("{}/api", self.simulator.base_url())).body(body);
        request.header("content-type", "application/x-www-form-urlencoded")
    }

    /// The lines of an answer.
    pub async fn lines(&self, form: &Form) -> Vec<String> {
        read(self.ask(form)).await
    }

    pub async fn task(&self, task: &str, fields: &[(&str, &str)]) -> Vec<String> {
        self.lines(&with(vec![pair("api_id", seed::KEY), pair("api_zadanie", task)], fields)).await
    }

    /// Issues a document that is right but for some fields; those that are empty are left out.
    pub async fn issue(&self, changes: &[(&str, &str)]) -> Vec<String> {
        self.lines(&with(document(), changes)).await
    }

    pub async fn settings(&self, settings: Value) {
        let request = self.http.post(format!("{}/_sim/settings", self.simulator.base_url())).json(&settings);
        assert_eq!(request.send().await.unwrap().status().as_u16(), 204);
    }

    pub async fn control(&self, path: &str) -> Value {
        let answer = self.http.get(format!("{}/_sim/{path}", self.simulator.base_url())).send().await.unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap_or(json!(null))
    }

    pub fn count(&self) -> usize {
        self.simulator.read(|state| state.account(seed::KEY).unwrap().documents.len())
    }

    /// The only document there is.
    pub async fn only(&self) -> Value {
        let seen = self.control("documents").await;
        assert_eq!(seen["count"], 1, "{seen}");
        seen["documents"][0].clone()
    }
}

pub async fn read(request: reqwest::RequestBuilder) -> Vec<String> {
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    answer.text().await.unwrap().split('\n').map(str::to_owned).collect()
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// The same with other fields.
pub fn with(mut form: Form, changes: &[(&str, &str)]) -> Form {
    for (name, value) in changes {
        form.retain(|(known, _)| known != name);
        if !value.is_empty() {
            form.push(pair(name, value));
        }
    }
    form
}

/// A document that is right.
pub fn document() -> Form {
    with(
        Vec::new(),
        &[
            ("api_id", seed::KEY),
            ("api_zadanie", "1"),
            ("dokument_dostep", "1"),
            ("dokument_rodzaj", "0"),
            ("dokument_pokaz_numer", "1"),
            ("dokument_data_w", "05-03-2026"),
            ("dokument_data_s", "04-03-2026"),
            ("dokument_data_s_oznaczenie", "0"),
            ("dokument_waluta", "0"),
            ("dokument_zaplata", "14"),
            ("dokument_status", "1"),
            ("dokument_zaplacono", "123.00"),
            ("dokument_zamowienie", "10023"),
            ("nabywca_osoba", "0"),
            ("nabywca_nazwa", "Buk"),
            ("nabywca_nip", "5260250274"),
            ("nabywca_ulica", "Polna"),
            ("nabywca_budynek", "3"),
            ("nabywca_kod", "00-622"),
            ("nabywca_miasto", "Warszawa"),
            ("nabywca_kraj", "PL"),
            ("produkt_nazwa_1", "Blue mug"),
            ("produkt_ilosc_1", "1"),
            ("produkt_jm_1", "2"),
            ("produkt_stawka_vat_1", "23"),
            ("produkt_wartosc_brutto_1", "123.00"),
        ],
    )
}
