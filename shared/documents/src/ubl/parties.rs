//! Seller, buyer, payee and tax representative.

use super::{ID, Ubl, first};
use crate::{
    ReadError,
    xml::Space::{Cac, Cbc},
};
use domain::party::Party;

/// The scheme of a creditor identifier for direct debits, which is no identifier of the party.
const SEPA_SCHEME: &str = "SEPA";

impl Ubl<'_> {
    /// The party inside `AccountingSupplierParty` or `AccountingCustomerParty`.
    pub(super) fn accounting_party(&mut self) -> Result<Party, ReadError> {
        let mut party = Party::default();
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Cac, b"Party") => {
                    self.xml.once(element)?;
                    party = self.party()?;
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(party)
    }

    /// A party whose element has been opened.
    pub(super) fn party(&mut self) -> Result<Party, ReadError> {
        let mut party = Party::default();
        let mut legal_name = None;
        let mut trading_name = None;
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Cbc, b"EndpointID") => {
                    let scheme = element.attribute("schemeID");
                    let address = self.xml.single(element)?;
                    party.endpoint = address.map(|address| with_scheme(scheme.as_deref(), address));
                }
                (Cac, b"PartyIdentification") => {
                    self.xml.item(element)?;
                    party.identifiers.extend(self.party_identification()?);
                }
                (Cac, b"PartyName") => first(&mut trading_name, self.xml.text_at(&[(Cbc, b"Name")])?),
                (Cac, b"PostalAddress") => {
                    self.xml.once(element)?;
                    party.country = self.xml.text_at(&[(Cac, b"Country"), (Cbc, b"IdentificationCode")])?;
                }
                (Cac, b"PartyTaxScheme") => self.party_tax_scheme(&mut party)?,
                (Cac, b"PartyLegalEntity") => {
                    self.xml.once(element)?;
                    legal_name = self.party_legal_entity(&mut party)?;
                }
                _ => self.xml.skip()?,
            }
        }
        party.name_is_trading = legal_name.is_none() && trading_name.is_some();
        party.name = legal_name.or(trading_name);
        Ok(party)
    }

    fn party_identification(&mut self) -> Result<Option<String>, ReadError> {
        let mut identifier = None;
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Cbc, b"ID") => {
                    let scheme = element.attribute("schemeID");
                    identifier = self.xml.single(element)?.map(|id| with_scheme(scheme.as_deref(), id));
                    if scheme.as_deref() == Some(SEPA_SCHEME) {
                        identifier = None;
                    }
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(identifier)
    }

    /// The scheme tells the VAT number from a local tax number, not the position.
    fn party_tax_scheme(&mut self, party: &mut Party) -> Result<(), ReadError> {
        let mut number = None;
        let mut scheme = None;
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Cbc, b"CompanyID") => number = self.xml.single(element)?,
                (Cac, b"TaxScheme") => {
                    self.xml.once(element)?;
                    scheme = self.xml.text_at(ID)?;
                }
                _ => self.xml.skip()?,
            }
        }
        if scheme.as_deref() == Some("VAT") {
            first(&mut party.vat, number);
        } else {
            first(&mut party.tax_number, number);
        }
        Ok(())
    }

    /// Gives the legal name; the register number goes into the party.
    fn party_legal_entity(&mut self, party: &mut Party) -> Result<Option<String>, ReadError> {
        let mut name = None;
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Cbc, b"RegistrationName") => name = self.xml.single(element)?,
                (Cbc, b"CompanyID") => {
                    let scheme = element.attribute("schemeID");
                    party.registry = self.xml.single(element)?;
                    if party.registry.is_some() {
                        party.registry_scheme = scheme.map(std::borrow::Cow::into_owned);
                    }
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(name)
    }
}

fn with_scheme(scheme: Option<&str>, identifier: String) -> String {
    match scheme {
        Some(scheme) => format!("{scheme}:{identifier}"),
        None => identifier,
    }
}
