//! Customers that are created: short name and tax number are unique.

use http::StatusCode;

use super::fields::Fields;
use super::records;
use super::refusal::{Refusal, refusal, wrong};
use super::state::{Customer, Firmao, Strictness};
use crate::json::Node;
use crate::polish::is_nip;
use crate::server::Answer;

/// Creates a customer, or answers who has its short name or number already.
pub(super) fn create(state: &mut Firmao, organisation: &str, body: &Node) -> Result<Answer, Refusal> {
    let settings = state.settings.clone();
    let fields = Fields(body);
    let name = fields.required("name")?;
    let label = fields.text("label")?;
    let nip = fields.text("nipNumber")?;
    check_nip(settings.wrong_tax_numbers, &nip)?;
    let kind = fields.text("customerType")?;
    if !["", "PARTNER", "CUSTOMER", "SUPPLIER"].contains(&kind.as_str()) {
        return Err(wrong("invalidValue", "customerType", Node::Text(kind)));
    }
    let customer = Customer {
        id: 0,
        label: if label.is_empty() { name.clone() } else { label },
        name,
        nip,
        street: fields.text("officeAddress.street")?,
        city: fields.text("officeAddress.city")?,
        zip: fields.text("officeAddress.postCode")?,
        country: fields.text("officeAddress.country")?,
        emails: fields.texts("emails")?,
        phones: fields.texts("phones")?,
        transactions: 0,
    };
    let books = state.organisation(organisation).ok_or_else(|| refusal(404, "notFound"))?;
    let by_nip = books.customers.iter().find(|known| !customer.nip.is_empty() && known.nip == customer.nip);
    let by_label = books.customers.iter().find(|known| known.label == customer.label);
    if let Some((known, field, value)) = by_nip
        .map(|known| (known, "nipNumber", customer.nip.as_str()))
        .or(by_label.map(|known| (known, "label", customer.label.as_str())))
    {
        let duplicate = Node::object([
            ("lineNumber", Node::Int(-1)),
            ("objectId", Node::Int(known.id)),
            ("value", Node::text(value)),
        ]);
        let body = Node::object([
            ("errorCode", Node::text("duplicateValueFoundException")),
            ("objectName", Node::text("customer")),
            ("fieldName", Node::text(field)),
            ("duplicateValues", Node::List(vec![duplicate])),
        ]);
        return Ok(Answer::json(StatusCode::CONFLICT, &body));
    }
    let id = state.new_id();
    let log = Node::List(vec![records::change(&settings, "CREATE", "customer", id, &customer.label)]);
    let books = state.organisation_mut(organisation).ok_or_else(|| refusal(404, "notFound"))?;
    books.customers.push(Customer { id, ..customer });
    Ok(Answer::json(StatusCode::CREATED, &Node::object([("changelog", log)])))
}

/// Looks at a Polish tax number.
pub(super) fn check_nip(wrong_ones: Strictness, nip: &str) -> Result<(), Refusal> {
    let is_foreign = nip.bytes().take(2).all(|byte| byte.is_ascii_alphabetic());
    match wrong_ones {
        Strictness::Refused if !is_foreign && !is_nip(nip) => {
            Err(wrong("invalidNipNumber", "nipNumber", Node::text(nip)))
        }
        Strictness::Refused | Strictness::Taken => Ok(()),
    }
}
