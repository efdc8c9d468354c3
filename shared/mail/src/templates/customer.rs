//! Mails with which customers get their documents.

use super::{Body, Carried, Link, Written, value, words};
use crate::header::HeaderText;
use domain::{
    mail::{MailLanguage, OwnText, Placeholder},
    sales::IssuedKind,
};

/// A document for a customer (CO-4).
#[derive(Debug, Clone, Copy)]
pub struct CustomerMail<'a> {
    /// What is sent.
    pub kind: IssuedKind,
    /// The number that counts.
    pub number: &'a str,
    /// Number of the order.
    pub order: Option<&'a str>,
    /// Name of the customer.
    pub customer: &'a str,
    /// Name of the seller.
    pub seller: &'a str,
    /// How the document goes.
    pub carried: Carried<'a>,
    /// The tenant's own text, in place of ours.
    pub own: Option<&'a OwnText>,
}

/// Subject and body for a customer. A body of the tenant's own that does not say where the document is gets the link at its end.
pub fn customer(mail: &CustomerMail<'_>, language: MailLanguage) -> Written {
    let words = words(language);
    let kind = words.issued(mail.kind);
    let link = match mail.carried {
        Carried::Attached => None,
        // Why it is a link is nothing to a customer.
        Carried::Link(link) | Carried::TooLarge(link) => Some(link),
    };
    if let Some(own) = mail.own {
        return theirs(own, mail, link, language);
    }
    let body = Body::new(words).sentence(&(words.greeting)(&value(mail.customer)));
    let body = match link {
        None => body.sentence(words.customer_attached),
        Some(_) => body,
    };
    let body = body.line(kind, mail.number).line_if(words.order, mail.order);
    let body = match link {
        None => body,
        Some(link) => body.link(words.customer_link, link),
    };
    body.gap().text_line(words.regards).text_line(&value(mail.seller)).written(&format!(
        "{kind} {} - {}",
        value(mail.number),
        value(mail.seller)
    ))
}

fn theirs(own: &OwnText, mail: &CustomerMail<'_>, link: Option<Link<'_>>, language: MailLanguage) -> Written {
    let words = words(language);
    let of = |placeholder: Placeholder| match placeholder {
        Placeholder::InvoiceLink => link.map_or(words.see_attachment, |link| link.address).to_owned(),
        Placeholder::DocumentNumber => value(mail.number),
        Placeholder::OrderNumber => mail.order.map_or_else(|| "-".to_owned(), value),
        Placeholder::CustomerName => value(mail.customer),
        Placeholder::SellerName => value(mail.seller),
    };
    let written = Body::new(words).sentence(own.body(of).trim_end());
    let written = match link.filter(|_| !own.has_link()) {
        Some(link) => written.link(words.customer_link, link),
        None => written,
    };
    Written { subject: HeaderText::new(&own.subject(of)), ..written.written("") }
}
