//! In which set of rules a document is written that came without an e-invoice.

use serde::{Deserialize, Serialize};

/// The flavour of UBL in which an accounting package takes documents (ED-5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub enum UblFlavour {
    /// Peppol BIS Billing 3: what most packages import.
    #[default]
    #[serde(rename = "peppol_bis_3")]
    PeppolBis3,
    /// SI-UBL 2.0, the Dutch rules (NLCIUS).
    #[serde(rename = "si_ubl_2_0")]
    SiUbl20,
    /// e-FFF 3.0, the older Belgian agreement.
    #[serde(rename = "e_fff")]
    EFff,
    /// `XRechnung` 3.0, the German rules.
    #[serde(rename = "xrechnung")]
    XRechnung,
}

impl UblFlavour {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::PeppolBis3, Self::SiUbl20, Self::EFff, Self::XRechnung];

    /// Stable text, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PeppolBis3 => "peppol_bis_3",
            Self::SiUbl20 => "si_ubl_2_0",
            Self::EFff => "e_fff",
            Self::XRechnung => "xrechnung",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flavours_read_back() {
        for flavour in UblFlavour::ALL {
            let text = serde_json::to_string(&flavour).unwrap();
            assert_eq!(text, format!("\"{}\"", flavour.as_str()));
            assert_eq!(serde_json::from_str::<UblFlavour>(&text).unwrap(), flavour);
        }
        assert_eq!(UblFlavour::default(), UblFlavour::PeppolBis3);
    }
}
