//! Seller, buyer, payee and tax representative.

use super::{Cii, ID};
use crate::{
    ReadError,
    xml::{Element, Space::Ram},
};
use domain::party::Party;

/// The scheme of a VAT number.
const VAT_SCHEME: &str = "VA";

impl<'i> Cii<'i> {
    /// A party whose element has been opened.
    pub(super) fn party(&mut self) -> Result<Party, ReadError> {
        let mut party = Party::default();
        let mut trading_name = None;
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"Name") => party.name = self.xml.single(element)?,
                (Ram, b"ID" | b"GlobalID") => {
                    self.xml.item(element)?;
                    party.identifiers.extend(self.with_scheme(element)?);
                }
                (Ram, b"SpecifiedLegalOrganization") => {
                    self.xml.once(element)?;
                    trading_name = self.legal_organization(&mut party)?;
                }
                (Ram, b"PostalTradeAddress") => {
                    self.xml.once(element)?;
                    party.country = self.xml.text_at(&[(Ram, b"CountryID")])?;
                }
                (Ram, b"URIUniversalCommunication") => {
                    self.xml.once(element)?;
                    party.endpoint = self.electronic_address()?;
                }
                (Ram, b"SpecifiedTaxRegistration") => self.tax_registration(&mut party)?,
                _ => self.xml.skip()?,
            }
        }
        party.name_is_trading = party.name.is_none() && trading_name.is_some();
        party.name = party.name.or(trading_name);
        Ok(party)
    }

    /// Gives the trading name; the register number goes into the party.
    fn legal_organization(&mut self, party: &mut Party) -> Result<Option<String>, ReadError> {
        let mut trading_name = None;
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"ID") => {
                    let scheme = element.attribute("schemeID");
                    party.registry = self.xml.single(element)?;
                    if party.registry.is_some() {
                        party.registry_scheme = scheme.map(std::borrow::Cow::into_owned);
                    }
                }
                (Ram, b"TradingBusinessName") => trading_name = self.xml.single(element)?,
                _ => self.xml.skip()?,
            }
        }
        Ok(trading_name)
    }

    fn electronic_address(&mut self) -> Result<Option<String>, ReadError> {
        let mut address = None;
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"URIID") => {
                    self.xml.once(element)?;
                    address = self.with_scheme(element)?;
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(address)
    }

    /// The scheme tells the VAT number from a local tax number.
    fn tax_registration(&mut self, party: &mut Party) -> Result<(), ReadError> {
        while let Some(element) = self.xml.child()? {
            match (element.space, element.local) {
                (Ram, b"ID") => {
                    let is_vat = element.attribute("schemeID").as_deref() == Some(VAT_SCHEME);
                    let slot = if is_vat { &mut party.vat } else { &mut party.tax_number };
                    let number = self.xml.single(element)?;
                    if slot.is_none() {
                        *slot = number;
                    }
                }
                _ => self.xml.skip()?,
            }
        }
        Ok(())
    }

    fn with_scheme(&mut self, element: Element<'i>) -> Result<Option<String>, ReadError> {
        let scheme = element.attribute("schemeID");
        let text = self.xml.string(element)?;
        Ok(text.map(|text| match scheme {
            Some(scheme) => format!("{scheme}:{text}"),
            None => text,
        }))
    }

    /// The country of a party that is wanted for nothing else.
    pub(super) fn country_of_party(&mut self) -> Result<Option<String>, ReadError> {
        self.xml.text_at(&[(Ram, b"PostalTradeAddress"), (Ram, b"CountryID")])
    }

    /// The identifier of a project or account.
    pub(super) fn identifier(&mut self) -> Result<Option<String>, ReadError> {
        self.xml.text_at(ID)
    }
}
