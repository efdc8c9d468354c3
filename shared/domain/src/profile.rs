//! Which set of rules a document claims to follow (BT-24), and which of them may be read without a person.

use serde::{Deserialize, Serialize};

/// A specification named by `CustomizationID` in UBL or by the guideline in CII.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// EN 16931 itself; also the EN 16931 (Comfort) profile of Factur-X, which has the same identifier.
    En16931,
    /// Peppol BIS Billing 3.
    PeppolBilling,
    /// Peppol self-billing 3: the buyer wrote the invoice.
    PeppolSelfBilling,
    /// NLCIUS (SI-UBL 2.0).
    Nlcius,
    /// NLCIUS with the extension that splits the payment over a blocked account.
    NlciusGAccount,
    /// XRechnung, any version.
    XRechnung,
    /// XRechnung with its extension: elements there may change the arithmetic.
    XRechnungExtension,
    /// UBL.BE, the Belgian rules.
    UblBe,
    /// Peppol International (PINT) of any country.
    Pint,
    /// SI-UBL 1.2, before EN 16931.
    SiUbl12,
    /// Factur-X and ZUGFeRD, MINIMUM: no lines, a booking aid.
    FacturXMinimum,
    /// Factur-X and ZUGFeRD, BASIC WL: no lines, a booking aid.
    FacturXBasicWl,
    /// Factur-X and ZUGFeRD, BASIC.
    FacturXBasic,
    /// ZUGFeRD 2.0's own name for EN 16931.
    FacturXEn16931,
    /// Factur-X and ZUGFeRD, EXTENDED: elements there may change the arithmetic.
    FacturXExtended,
    /// None is stated.
    Missing,
    /// One that is not in this list: never read with the meaning of EN 16931.
    Unknown,
}

const EN16931: &str = "urn:cen.eu:en16931:2017";

impl Profile {
    /// Recognises an identifier; white space around it does not count.
    pub fn of(customization: Option<&str>) -> Self {
        let Some(id) = customization.map(str::trim).filter(|id| !id.is_empty()) else { return Self::Missing };
        match id {
            EN16931 => return Self::En16931,
            "urn:factur-x.eu:1p0:minimum" | "urn:zugferd.de:2p0:minimum" => return Self::FacturXMinimum,
            "urn:factur-x.eu:1p0:basicwl" | "urn:zugferd.de:2p0:basicwl" => return Self::FacturXBasicWl,
            _ => {}
        }
        if id.starts_with("urn:peppol:pint:billing-1@") {
            return Self::Pint;
        }
        if id.ends_with("urn:www.simplerinvoicing.org:si:si-ubl:ver1.2") {
            return Self::SiUbl12;
        }
        let Some(rest) = id.strip_prefix(EN16931) else { return Self::Unknown };
        match rest {
            "#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0" => Self::PeppolBilling,
            "#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0" => Self::PeppolSelfBilling,
            "#compliant#urn:fdc:nen.nl:nlcius:v1.0" => Self::Nlcius,
            "#compliant#urn:fdc:nen.nl:nlcius:v1.0#conformant#urn:fdc:nen.nl:gaccount:v1.0" => Self::NlciusGAccount,
            "#compliant#urn:factur-x.eu:1p0:basic" | "#compliant#urn:zugferd.de:2p0:basic" => Self::FacturXBasic,
            "#compliant#urn:zugferd.de:2p0:en16931" => Self::FacturXEn16931,
            "#conformant#urn:factur-x.eu:1p0:extended" | "#conformant#urn:zugferd.de:2p0:extended" => {
                Self::FacturXExtended
            }
            "#conformant#urn:UBL.BE:1.0.0.20180214" => Self::UblBe,
            xrechnung => Self::xrechnung(xrechnung),
        }
    }

    fn xrechnung(rest: &str) -> Self {
        const ROOTS: [&str; 2] =
            ["#compliant#urn:xeinkauf.de:kosit:xrechnung_", "#compliant#urn:xoev-de:kosit:standard:xrechnung_"];
        let Some(version) = ROOTS.iter().find_map(|root| rest.strip_prefix(root)) else { return Self::Unknown };
        let (version, extension) = version.split_once('#').map_or((version, None), |(v, e)| (v, Some(e)));
        if version.is_empty() || !version.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return Self::Unknown;
        }
        match extension {
            None => Self::XRechnung,
            Some(name) if name.starts_with("conformant#") && name.contains(":kosit:extension:xrechnung_") => {
                Self::XRechnungExtension
            }
            Some(_) => Self::Unknown,
        }
    }

    /// Stable text, as in traces and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::En16931 => "en16931",
            Self::PeppolBilling => "peppol_billing",
            Self::PeppolSelfBilling => "peppol_self_billing",
            Self::Nlcius => "nlcius",
            Self::NlciusGAccount => "nlcius_g_account",
            Self::XRechnung => "xrechnung",
            Self::XRechnungExtension => "xrechnung_extension",
            Self::UblBe => "ubl_be",
            Self::Pint => "pint",
            Self::SiUbl12 => "si_ubl_1_2",
            Self::FacturXMinimum => "factur_x_minimum",
            Self::FacturXBasicWl => "factur_x_basic_wl",
            Self::FacturXBasic => "factur_x_basic",
            Self::FacturXEn16931 => "factur_x_en16931",
            Self::FacturXExtended => "factur_x_extended",
            Self::Missing => "missing",
            Self::Unknown => "unknown",
        }
    }

    /// Whether a document of this profile may be posted without a person: it follows EN 16931, or a national or network
    /// rule set that only narrows it. Extensions, unknown and missing profiles, profiles without lines and those from
    /// before EN 16931 are not; self-billing turns the roles round.
    pub fn trusted_for_automation(self) -> bool {
        match self {
            Self::En16931
            | Self::PeppolBilling
            | Self::Nlcius
            | Self::XRechnung
            | Self::FacturXBasic
            | Self::FacturXEn16931 => true,
            // UBL.BE calls itself conformant, so it may extend; PINT has its own core; the others as said above.
            Self::PeppolSelfBilling
            | Self::NlciusGAccount
            | Self::XRechnungExtension
            | Self::UblBe
            | Self::Pint
            | Self::SiUbl12
            | Self::FacturXMinimum
            | Self::FacturXBasicWl
            | Self::FacturXExtended
            | Self::Missing
            | Self::Unknown => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_recognised_whole() {
        for (id, profile) in [
            ("urn:cen.eu:en16931:2017", Profile::En16931),
            (" urn:cen.eu:en16931:2017\n", Profile::En16931),
            ("urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0", Profile::PeppolBilling),
            (
                "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0",
                Profile::PeppolSelfBilling,
            ),
            ("urn:cen.eu:en16931:2017#compliant#urn:fdc:nen.nl:nlcius:v1.0", Profile::Nlcius),
            (
                "urn:cen.eu:en16931:2017#compliant#urn:fdc:nen.nl:nlcius:v1.0#conformant#urn:fdc:nen.nl:gaccount:v1.0",
                Profile::NlciusGAccount,
            ),
            ("urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0", Profile::XRechnung),
            ("urn:cen.eu:en16931:2017#compliant#urn:xoev-de:kosit:standard:xrechnung_2.2", Profile::XRechnung),
            (
                "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0#conformant#urn:xeinkauf.de:kosit:extension:xrechnung_3.0",
                Profile::XRechnungExtension,
            ),
            ("urn:cen.eu:en16931:2017#conformant#urn:UBL.BE:1.0.0.20180214", Profile::UblBe),
            ("urn:peppol:pint:billing-1@jp-1", Profile::Pint),
            ("urn:factur-x.eu:1p0:minimum", Profile::FacturXMinimum),
            ("urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended", Profile::FacturXExtended),
            ("urn:cen.eu:en16931:2017#compliant#urn:example:other", Profile::Unknown),
            ("urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_", Profile::Unknown),
            ("OIOUBL-2.02", Profile::Unknown),
            ("", Profile::Missing),
        ] {
            assert_eq!(Profile::of(Some(id)), profile, "{id}");
        }
        assert_eq!(Profile::of(None), Profile::Missing);
    }

    #[test]
    fn what_may_change_the_arithmetic_is_not_trusted() {
        for profile in [Profile::Missing, Profile::Unknown, Profile::XRechnungExtension, Profile::FacturXMinimum] {
            assert!(!profile.trusted_for_automation(), "{profile:?}");
        }
        assert!(Profile::PeppolBilling.trusted_for_automation());
    }
}
