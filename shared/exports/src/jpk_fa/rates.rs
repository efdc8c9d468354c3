//! Which sums of the file a VAT category and rate belong to, and what the file calls the rate.

use crate::amounts::{out_of_range, plain};
use domain::{
    export_format::{JpkFaOptions, JpkForeignRates},
    invoice::{VatCategory, VatTreatment},
    reason::Reason,
    words::{Text, Unfit},
};
use rust_decimal::Decimal;

/// The sums of an invoice, in the order of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    /// `P_13_1`: 23 or 22 percent.
    Standard,
    /// `P_13_2`: 8 or 7 percent.
    Reduced,
    /// `P_13_3`: 5 percent.
    SecondReduced,
    /// `P_13_4`: reverse charge within the country, and the flat rates of taxis.
    ReverseOrFlat,
    /// `P_13_5`: supplies outside the country, and the one-stop shop.
    Outside,
    /// `P_13_6`: 0 percent, exports and supplies to other member states among them.
    Zero,
    /// `P_13_7`: exempt.
    Exempt,
}

/// What a line says of its rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RateCode {
    /// `P_12`.
    Polish(&'static str),
    /// `P_12_XII`: the rate of the member state of consumption.
    Foreign(Decimal),
}

/// Where a category and rate belong. `to_poland` tells a reverse charge within the country from services abroad.
pub(super) fn of(
    options: &JpkFaOptions,
    category: VatCategory,
    rate: Option<Decimal>,
    to_poland: bool,
) -> Result<(Group, RateCode), Reason> {
    let polish = |group, code| Ok((group, RateCode::Polish(code)));
    match category {
        VatCategory::S => {
            let missing = || Reason::said(&Unfit::ValueMissing { field: Text::of("VAT rate") });
            let rate = rate.ok_or_else(missing)?;
            match plain(rate).as_str() {
                "23" => polish(Group::Standard, "23"),
                "22" => polish(Group::Standard, "22"),
                "8" => polish(Group::Reduced, "8"),
                "7" => polish(Group::Reduced, "7"),
                "5" => polish(Group::SecondReduced, "5"),
                "4" => polish(Group::ReverseOrFlat, "4"),
                "3" => polish(Group::ReverseOrFlat, "3"),
                other => match options.foreign_rates {
                    JpkForeignRates::LeaveOut => {
                        let code = Text::of(format!("{other}%"));
                        Err(Reason::said(&Unfit::SettingMissing { setting: Text::of("foreign_rates"), code }))
                    }
                    JpkForeignRates::OneStopShop if is_percent(rate) => Ok((Group::Outside, RateCode::Foreign(rate))),
                    JpkForeignRates::OneStopShop => Err(out_of_range("P_12_XII", rate)),
                },
            }
        }
        VatCategory::Z | VatCategory::K | VatCategory::G => polish(Group::Zero, "0"),
        VatCategory::E => polish(Group::Exempt, "zw"),
        VatCategory::AE if to_poland => polish(Group::ReverseOrFlat, "oo"),
        VatCategory::AE | VatCategory::O => polish(Group::Outside, "np"),
        VatCategory::L | VatCategory::M | VatCategory::B => Err(unknown_category(category.as_str())),
    }
}

/// The category and rate of a line: its own, else those of the whole document when there is but one.
pub(super) fn treatment(
    line: &VatTreatment,
    whole: Option<(VatCategory, Option<Decimal>)>,
) -> Result<(VatCategory, Option<Decimal>), Reason> {
    match (&line.category, line.known()) {
        (Some(_), Some(category)) => Ok((category, line.rate)),
        (Some(written), None) => Err(unknown_category(written)),
        (None, _) => {
            whole.ok_or_else(|| Reason::said(&Unfit::ValueMissing { field: Text::of("VAT of a line (P_12)") }))
        }
    }
}

fn is_percent(rate: Decimal) -> bool {
    rate >= Decimal::ZERO && rate <= Decimal::ONE_HUNDRED && rate.normalize().scale() <= 6
}

fn unknown_category(category: &str) -> Reason {
    Reason::said(&Unfit::OutOfRange { field: Text::of("VAT category"), value: Text::of(category) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    #[test]
    fn each_category_and_rate_has_its_place() {
        let options = JpkFaOptions::default();
        for (category, rate, to_poland, wanted) in [
            (VatCategory::S, Some(dec!(23.00)), true, (Group::Standard, "23")),
            (VatCategory::S, Some(dec!(7)), true, (Group::Reduced, "7")),
            (VatCategory::S, Some(dec!(5)), true, (Group::SecondReduced, "5")),
            (VatCategory::S, Some(dec!(4)), true, (Group::ReverseOrFlat, "4")),
            (VatCategory::AE, None, true, (Group::ReverseOrFlat, "oo")),
            (VatCategory::AE, Some(dec!(0)), false, (Group::Outside, "np")),
            (VatCategory::O, None, true, (Group::Outside, "np")),
            (VatCategory::K, None, false, (Group::Zero, "0")),
            (VatCategory::G, None, false, (Group::Zero, "0")),
            (VatCategory::E, None, true, (Group::Exempt, "zw")),
        ] {
            assert_eq!(of(&options, category, rate, to_poland).unwrap(), (wanted.0, RateCode::Polish(wanted.1)));
        }
    }

    #[test]
    fn rates_of_other_countries_are_left_out_or_outside() {
        let mut options = JpkFaOptions::default();
        let refused = of(&options, VatCategory::S, Some(dec!(21)), true).unwrap_err();
        assert_eq!(
            (refused.code.as_str(), refused.values),
            ("export_setting_missing", vec!["foreign_rates".into(), "21%".into()])
        );
        options.foreign_rates = JpkForeignRates::OneStopShop;
        let taken = of(&options, VatCategory::S, Some(dec!(21)), true).unwrap();
        assert_eq!(taken, (Group::Outside, RateCode::Foreign(dec!(21))));
        assert_eq!(of(&options, VatCategory::B, Some(dec!(22)), true).unwrap_err().code, "export_out_of_range");
        assert_eq!(of(&options, VatCategory::S, None, true).unwrap_err().code, "export_value_missing");
    }
}
