//! Giving documents to orders: what is checked, and that each is fetched.

use super::api::{Refusal, error, whole};
use super::fetch;
use super::state::{Attachment, BodyForm, Emag, Settings, Switch};
use crate::json::Node;

/// The most documents in one call.
const SAVED_MAX: usize = 50;

/// Checks all, fetches all, then stores all.
pub(super) fn save(state: &mut Emag, body: &Node) -> Result<(), Refusal> {
    let one;
    let list: &[Node] = match (state.settings.body_form, body) {
        (BodyForm::List, Node::List(list)) => list,
        (BodyForm::Data, Node::Object(_)) => match body.get("data") {
            Some(Node::List(list)) => list,
            _ => return error("Invalid data"),
        },
        (BodyForm::Object, Node::Object(_)) => {
            one = [body.clone()];
            &one
        }
        _ => return error("Invalid data"),
    };
    if list.is_empty() || list.len() > SAVED_MAX {
        return error("Invalid number of entities");
    }
    let unclear = state.settings.unclear.clone();
    if let Some(text) = unclear.clone().filter(|_| state.settings.unclear_commits == Switch::Off) {
        return error(text);
    }
    let mut saved = Vec::new();
    for given in list {
        saved.push(check(state, given)?);
    }
    for (id, attachment) in saved {
        let Some(order) = state.order_mut(id) else { continue };
        match order.attachments.iter_mut().find(|known| known.url == attachment.url) {
            Some(known) if attachment.force_download == 0 => known.name.clone_from(&attachment.name),
            Some(known) => *known = Attachment { fetched: known.fetched + 1, ..attachment },
            None => order.attachments.push(attachment),
        }
    }
    unclear.map_or(Ok(()), error)
}

fn text(given: &Node, name: &str) -> Result<String, Refusal> {
    match given.get(name).and_then(Node::as_text) {
        Some(text) => Ok(text.to_owned()),
        None => error(format!("Missing {name}")),
    }
}

/// A document as it would be stored, fetched where it has to be.
fn check(state: &Emag, given: &Node) -> Result<(i64, Attachment), Refusal> {
    let Some(id) = given.get("order_id").and_then(whole) else { return error("Missing order_id") };
    let Some(order_type) = given.get("order_type").and_then(whole).filter(|kind| matches!(kind, 2 | 3)) else {
        return error("Invalid order_type");
    };
    let Some(order) = state.order(id) else { return error("Order not found") };
    let kind = given.get("type").map_or(Some(1), whole).unwrap_or_default();
    if !matches!(kind, 1 | 11) {
        return error("Invalid type");
    }
    let name = text(given, "name")?;
    if !(1..=60).contains(&name.chars().count()) {
        return error("Invalid name: 1 to 60 characters");
    }
    let force_download = given.get("force_download").map_or(Some(0), whole).unwrap_or(-1);
    if !matches!(force_download, 0 | 1) {
        return error("Invalid force_download");
    }
    let url = text(given, "url")?;
    check_address(&state.settings, &url)?;
    if state.settings.waits_for_finalized == Switch::On && order.status < 4 {
        return error("Order status does not allow attachments");
    }
    let known = order.attachments.iter().any(|attachment| attachment.url == url);
    let mut attachment = Attachment { name, kind, url, order_type, force_download, fetched: 0, bytes: 0 };
    if !known || force_download == 1 {
        let body = match fetch::get(&attachment.url) {
            Some((200, body)) => body,
            Some((status, _)) => return error(format!("Could not download the url: HTTP {status}")),
            None => return error("Could not download the url"),
        };
        if !body.starts_with(b"%PDF-") {
            return error("The url is not a PDF file");
        }
        (attachment.fetched, attachment.bytes) = (1, body.len());
    }
    Ok((id, attachment))
}

fn check_address(settings: &Settings, address: &str) -> Result<(), Refusal> {
    let Ok(url) = url::Url::parse(address) else { return error("Invalid url") };
    let here = url.host_str().is_some_and(|host| matches!(host, "127.0.0.1" | "localhost" | "[::1]"));
    let plain = settings.http_here == Switch::On && here && url.scheme() == "http";
    if !plain && url.scheme() != "https" {
        return error("Invalid url: https only");
    }
    if address.chars().count() > 1_024 || url.path().rsplit_once('.').is_none_or(|(_, end)| end != "pdf") {
        return error("Invalid url: up to 1024 characters, ending in .pdf");
    }
    Ok(())
}
