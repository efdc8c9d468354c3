use super::*;
use crate::template::tests::line;
use rust_decimal::dec;

fn entry(code: &str, vat: Option<VatCodeKind>) -> DirectoryEntry {
    DirectoryEntry { code: code.to_owned(), vat, ..DirectoryEntry::default() }
}

fn agreed(template: Option<&PostingTemplate>, kept: &Kept) -> Agreement {
    let accounts = [entry("4600", None), entry("4700", None), DirectoryEntry { blocked: true, ..entry("4999", None) }];
    let vat_codes = [
        entry("IH", Some(VatCodeKind::Rate { percent: dec!(21) })),
        entry("IN", Some(VatCodeKind::None)),
        entry("IV", Some(VatCodeKind::ReverseCharge)),
        entry("IE", Some(VatCodeKind::IntraCommunity)),
        DirectoryEntry {
            direction: Some(Direction::Sales),
            ..entry("VH", Some(VatCodeKind::Rate { percent: dec!(21) }))
        },
    ];
    let cost_centres = [entry("KP01", None)];
    let listed = Listed { accounts: &accounts, vat_codes: &vat_codes, cost_centres: Some(&cost_centres) };
    agree(template, kept, Direction::Purchase, listed)
}

fn rule_line(account: &str, vat_code: &str, ratio: Decimal) -> RuleLine {
    RuleLine {
        account: account.to_owned(),
        vat_code: vat_code.to_owned(),
        cost_centre: None,
        project: None,
        ratio,
        description: String::new(),
    }
}

fn kept(lines: Vec<RuleLine>) -> Kept {
    Kept::Rule(PostingRule { lines })
}

fn taken(lines: Vec<RuleLine>) -> PostingTemplate {
    match agreed(None, &kept(lines)) {
        Agreement::TakeOver(template) => template,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_rule_becomes_a_template_by_what_its_vat_codes_do() {
    let lines = vec![
        // Ratios are proportions, of whatever total.
        rule_line("4600", "IH", dec!(3000)),
        rule_line("4700", "IH", dec!(1500)),
        rule_line("4600", "IH", dec!(250)),
        rule_line("4600", "IN", dec!(7)),
        rule_line("4600", "IV", dec!(1)),
        RuleLine {
            cost_centre: Some("KP01".into()),
            project: Some("P1".into()),
            description: "Fuel [period]".into(),
            ..rule_line("4600", "IE", dec!(1))
        },
    ];
    let template = taken(lines.clone());
    let said: Vec<_> = template.lines().iter().map(|line| (line.category, line.rate, line.share)).collect();
    let wanted = [
        (VatCategory::S, Some(dec!(21)), dec!(63.16)),
        (VatCategory::S, Some(dec!(21)), dec!(31.58)),
        (VatCategory::S, Some(dec!(21)), dec!(5.26)),
        (VatCategory::Z, None, dec!(100)),
        (VatCategory::AE, None, dec!(100)),
        (VatCategory::K, None, dec!(100)),
    ];
    assert_eq!(said, wanted);
    let last = template.lines().last().unwrap();
    assert_eq!(
        (last.project.as_ref().unwrap().as_str(), last.description.to_string().as_str()),
        ("P1", "Fuel [period]")
    );
    assert_eq!(template.lines()[0].description, LabelText::standard(), "a text that is missing");
    assert_eq!(agreed(Some(&template), &kept(lines)), Agreement::Same, "it says what it was made of");
}

#[test]
fn a_template_and_the_rule_that_is_made_of_it_say_the_same() {
    let mut third = line(VatCategory::S, dec!(21), dec!(33.3333));
    third.vat_code = "IH".parse().unwrap();
    let mut rest = TemplateLine { share: dec!(66.6667), account: "4700".parse().unwrap(), ..third.clone() };
    rest.description = format!("{} [invoice number]", "a".repeat(30)).parse().unwrap();
    let mut exempt = line(VatCategory::E, dec!(0), dec!(100));
    exempt.vat_code = "IN".parse().unwrap();
    let zero = TemplateLine { category: VatCategory::Z, ..exempt.clone() };
    let template = PostingTemplate::new(vec![third, rest, exempt, zero], None).unwrap();
    let rule = PostingRule::of(&template);
    assert_eq!(rule.lines.len(), 3, "zero rated and exempt are one there");
    assert_eq!(rule.lines[1].description, "a".repeat(30), "no label is cut in two");
    assert_eq!((rule.lines[0].ratio, rule.lines[1].ratio), (dec!(33.33), dec!(66.67)));
    assert!(rule.says(&template));
    assert_eq!(agreed(Some(&template), &Kept::Rule(rule.clone())), Agreement::Same);
    assert_eq!(agreed(Some(&template), &Kept::Nothing), Agreement::Write);
    let mut other = rule;
    other.lines[0].account = "4700".to_owned();
    assert_eq!(agreed(Some(&template), &Kept::Rule(other)), Agreement::Differ);
    assert_eq!(agreed(Some(&template), &Kept::Several), Agreement::Differ);
    assert_eq!(agreed(None, &Kept::Nothing), Agreement::Same);
}

#[test]
fn a_rule_that_cannot_be_a_template_says_why() {
    for (line, words) in [
        (rule_line("4999", "IH", dec!(1)), "ledger account '4999'"),
        (rule_line("4600", "XX", dec!(1)), "VAT code 'XX'"),
        (rule_line("4600", "", dec!(1)), "VAT code ''"),
        (rule_line("4600", "VH", dec!(1)), "VAT code 'VH'"),
        (rule_line("4600", "IH", dec!(0)), "ratio 0"),
        (RuleLine { cost_centre: Some("KP9".into()), ..rule_line("4600", "IH", dec!(1)) }, "cost centre 'KP9'"),
        (RuleLine { description: "[colour]".into(), ..rule_line("4600", "IH", dec!(1)) }, "[colour]"),
        // Of 100.00 nothing is left for it.
        (rule_line("4600", "IH", dec!(0.0000001)), "share"),
    ] {
        let lines = vec![line, rule_line("4700", "IH", dec!(100))];
        match agreed(None, &kept(lines)) {
            Agreement::Unusable(error) => assert!(error.to_string().contains(words), "{error}"),
            other => panic!("{words}: {other:?}"),
        }
    }
    assert_eq!(agreed(None, &Kept::Several), Agreement::Unusable(RuleError::Several));
    assert!(matches!(agreed(None, &kept(vec![])), Agreement::Unusable(RuleError::Template(TemplateError::NoLines))));
}
