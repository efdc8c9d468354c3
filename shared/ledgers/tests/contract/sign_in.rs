//! Signing in as a person does, and what tokens then open: for ledgers that are connected by a consent.

use crate::bench::Bench;
use domain::ledger::{DirectoryEntry, DirectoryKind};
use ledgers::{
    App, Client, Credentials, Deadline, Directory, Identity, LedgerError, Opener, Page, RateBudget, Secret, Sender,
    Target, TokenSet,
};
use std::time::Duration;

/// Goes through the consent page as a browser does; returns the code.
pub async fn consent<B: Bench>(bench: &B) -> Secret {
    let endpoint = bench.target().endpoint;
    let Credentials::Consent(consent) = B::ledger().descriptor().credentials else { panic!("a consent opens it") };
    let App { client_id, redirect_uri, .. } = bench.app();
    let url = consent.url(&endpoint, &client_id, &redirect_uri, &Secret::new("st&ate")).unwrap();
    drop(rustls::crypto::ring::default_provider().install_default());
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = browser.get(url).send().await.unwrap();
    let back = url::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    let value = |name: &str| back.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    assert_eq!(value("state"), "st&ate");
    Secret::new(value("code"))
}

/// What a registration opens.
pub async fn with<B: Bench, T>(bench: &B, app: &App, work: impl AsyncFnOnce(&Opener<'_>) -> T) -> T {
    let sender = Sender::new().unwrap();
    let now = bench.now();
    let clock = move || now;
    let endpoint = bench.target().endpoint;
    let deadline = Deadline::after(Duration::from_secs(10));
    work(&Opener { ledger: B::ledger(), sender: &sender, endpoint, app, deadline, clock: &clock }).await
}

pub async fn exchange<B: Bench>(bench: &B, code: &Secret) -> Result<TokenSet, LedgerError> {
    with(bench, &bench.app(), async |opener| opener.open(code).await).await
}

pub async fn refresh<B: Bench>(bench: &B, tokens: &TokenSet) -> Result<TokenSet, LedgerError> {
    with(bench, &bench.app(), async |opener| opener.refresh(tokens).await).await
}

/// What these very tokens open, at a set of books or none.
async fn client<B: Bench, T>(
    bench: &B,
    target: Target,
    tokens: &TokenSet,
    work: impl AsyncFnOnce(&mut Client<'_>) -> Result<T, LedgerError>,
) -> Result<T, LedgerError> {
    let sender = Sender::new().unwrap();
    let now = bench.now();
    let clock = move || now;
    let mut client = Client {
        ledger: B::ledger(),
        sender: &sender,
        target,
        access: tokens.access.clone(),
        app: bench.app(),
        budget: RateBudget::default(),
        app_budget: None,
        deadline: Deadline::after(Duration::from_secs(10)),
        clock: &clock,
    };
    work(&mut client).await
}

/// Asks who is connected, before a set of books is chosen.
pub async fn who<B: Bench>(bench: &B, tokens: &TokenSet) -> Result<Identity, LedgerError> {
    let target = Target { division: None, ..bench.target() };
    client(bench, target, tokens, async |client| client.identity().await).await
}

/// A whole directory. Sets of books are listed before one is chosen.
pub async fn directory<B: Bench>(bench: &B, kind: DirectoryKind) -> Result<Vec<DirectoryEntry>, LedgerError> {
    let target = match kind {
        DirectoryKind::Divisions => Target { division: None, ..bench.target() },
        _ => bench.target(),
    };
    client(bench, target, &bench.connect(), async |client| {
        let (mut entries, mut next) = (Vec::new(), Some(Directory::of(kind)));
        while let Some(part) = next {
            // A task that goes on in another turn stores where it stands.
            let stored = serde_json::to_string(&part).unwrap();
            let Page { entries: more, next: after } = client.page(&serde_json::from_str(&stored).unwrap()).await?;
            entries.extend(more);
            next = after;
        }
        Ok(entries)
    })
    .await
}
