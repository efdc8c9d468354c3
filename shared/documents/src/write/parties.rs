//! Parties.

use super::{PartyDetails, codes, xml::Xml};
use domain::{mail::UblFlavour, party::Party};

/// Which of the parties of an invoice is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Supplier(UblFlavour),
    Customer,
}

pub(super) fn supplier(xml: &mut Xml, party: &Party, flavour: UblFlavour, details: &PartyDetails) {
    trading(xml, "cac:AccountingSupplierParty", Side::Supplier(flavour), party, details);
}

pub(super) fn customer(xml: &mut Xml, party: &Party, details: &PartyDetails) {
    trading(xml, "cac:AccountingCustomerParty", Side::Customer, party, details);
}

fn trading(xml: &mut Xml, name: &str, side: Side, party: &Party, details: &PartyDetails) {
    xml.group(name, |xml| {
        xml.group("cac:Party", |xml| {
            if let Some((scheme, address)) = party.endpoint.as_deref().and_then(|endpoint| endpoint.split_once(':')) {
                xml.identifier("cbc:EndpointID", Some(scheme), address);
            }
            identifications(xml, party);
            xml.group("cac:PostalAddress", |xml| {
                xml.some("cbc:StreetName", details.street.as_deref());
                xml.some("cbc:CityName", details.city.as_deref());
                xml.some("cbc:PostalZone", details.post_code.as_deref());
                country(xml, party.country.as_deref());
            });
            tax_scheme(xml, party.vat.as_deref(), "VAT");
            match side {
                Side::Supplier(UblFlavour::XRechnung) => tax_scheme(xml, party.tax_number.as_deref(), "FC"),
                Side::Supplier(UblFlavour::PeppolBis3 | UblFlavour::SiUbl20 | UblFlavour::EFff) => {
                    tax_scheme(xml, party.tax_number.as_deref(), "TAX");
                }
                // EN 16931 has no local tax number of the buyer.
                Side::Customer => {}
            }
            xml.group("cac:PartyLegalEntity", |xml| {
                xml.some("cbc:RegistrationName", party.name.as_deref());
                registry(xml, party);
            });
            contact(xml, details);
        });
    });
}

/// Who gets the money: name, one identifier and the register number.
pub(super) fn payee(xml: &mut Xml, party: &Party) {
    xml.group("cac:PayeeParty", |xml| {
        identifications(xml, party);
        xml.some_in("cac:PartyName", "cbc:Name", party.name.as_deref());
        if party.registry.is_some() {
            xml.group("cac:PartyLegalEntity", |xml| registry(xml, party));
        }
    });
}

/// Who answers for the seller's VAT: name, country and VAT number.
pub(super) fn tax_representative(xml: &mut Xml, party: &Party) {
    xml.group("cac:TaxRepresentativeParty", |xml| {
        xml.some_in("cac:PartyName", "cbc:Name", party.name.as_deref());
        xml.group("cac:PostalAddress", |xml| country(xml, party.country.as_deref()));
        tax_scheme(xml, party.vat.as_deref(), "VAT");
    });
}

pub(super) fn country(xml: &mut Xml, code: Option<&str>) {
    xml.some_in("cac:Country", "cbc:IdentificationCode", code);
}

fn identifications(xml: &mut Xml, party: &Party) {
    for identifier in &party.identifiers {
        let (scheme, id) = codes::split_scheme(identifier);
        xml.group("cac:PartyIdentification", |xml| xml.identifier("cbc:ID", scheme, id));
    }
}

fn registry(xml: &mut Xml, party: &Party) {
    if let Some(number) = &party.registry {
        xml.identifier("cbc:CompanyID", party.registry_scheme.as_deref(), number);
    }
}

fn tax_scheme(xml: &mut Xml, number: Option<&str>, scheme: &str) {
    if let Some(number) = number {
        xml.group("cac:PartyTaxScheme", |xml| {
            xml.value("cbc:CompanyID", number);
            xml.group("cac:TaxScheme", |xml| xml.value("cbc:ID", scheme));
        });
    }
}

fn contact(xml: &mut Xml, details: &PartyDetails) {
    let PartyDetails { contact, telephone, email, .. } = details;
    if contact.is_some() || telephone.is_some() || email.is_some() {
        xml.group("cac:Contact", |xml| {
            xml.some("cbc:Name", contact.as_deref());
            xml.some("cbc:Telephone", telephone.as_deref());
            xml.some("cbc:ElectronicMail", email.as_deref());
        });
    }
}
