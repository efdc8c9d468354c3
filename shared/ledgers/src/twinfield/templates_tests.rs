use super::*;
use domain::{
    invoice::VatCategory,
    ledger::VatCodeKind,
    template::{LabelText, TemplateLine},
};
use rust_decimal::dec;

/// As Twinfield tells of it: with names for people, and with what it does not take back.
const RELATION: &str = "<dimension status='active' result='1'>\
    <office name='Demo' shortname='Demo'>NL001</office><type name='Crediteuren'>CRD</type><code>2001</code>\
    <uid>7b0a</uid><name>Paper Co</name><inuse>true</inuse><cocnumber>12345678</cocnumber><vatnumber/>\
    <financials><matchtype>customersupplier</matchtype><duedays>30</duedays>\
    <substitutewith name='Crediteuren' dimensiontype='BAS'>1600</substitutewith></financials>\
    <addresses><address id='1' type='invoice' default='true'><name>Paper &amp; Co</name><field1/></address></addresses>\
    <banks><bank id='1' default='true'><iban>NL02ABNA0123456789</iban></bank></banks>\
    <postingrules><postingrule id='4' status='active'><currency name='Euro'>EUR</currency><amount>100.00</amount>\
    <description>Huur</description><lines><line><office name=''/><dimension1 name='' dimensiontype=''>4600\n</dimension1>\
    <dimension3>P001</dimension3><ratio>3000</ratio><vatcode type='purchase'>IH</vatcode><description>Huur</description>\
    </line></lines></postingrule></postingrules><paymentconditions/></dimension>";

fn relation() -> Element {
    Element::read(RELATION).unwrap()
}

fn template(account: &str) -> PostingTemplate {
    let line = TemplateLine {
        category: VatCategory::S,
        rate: Some(dec!(21)),
        share: dec!(100.00),
        account: account.parse().unwrap(),
        vat_code: "IH".parse().unwrap(),
        vat_code_kind: VatCodeKind::Rate { percent: dec!(21) },
        cost_centre: Some("KP01".parse().unwrap()),
        project: None,
        description: LabelText::standard(),
    };
    PostingTemplate::new(vec![line], None).unwrap()
}

const MADE: &str = "<postingrule status=\"active\"><currency>EUR</currency><description>Ledgerpost</description><lines><line>\
    <dimension1>4600</dimension1><dimension2>KP01</dimension2><ratio>100</ratio><vatcode>IH</vatcode>\
    <description>[contact] [invoice number]</description></line></lines></postingrule>";
const THEIRS: &str = "<postingrule id=\"4\" status=\"active\"><currency>EUR</currency><amount>100.00</amount>\
    <description>Huur</description><lines><line><office/><dimension1>4600</dimension1><dimension3>P001</dimension3>\
    <ratio>3000</ratio><vatcode>IH</vatcode><description>Huur</description></line></lines></postingrule>";

#[test]
fn our_rule_is_added_and_the_rest_of_the_relation_is_sent_back_as_it_was() {
    let written = changed(&relation(), &Options::default(), Some(&template("4600"))).unwrap().write();
    let wanted = format!(
        "<dimension status=\"active\"><office>NL001</office><type>CRD</type><code>2001</code><name>Paper Co</name>\
         <financials><duedays>30</duedays><substitutewith>1600</substitutewith></financials>\
         <addresses><address id=\"1\" default=\"true\" type=\"invoice\"><name>Paper &amp; Co</name><field1/></address>\
         </addresses><banks><bank id=\"1\" default=\"true\"><iban>NL02ABNA0123456789</iban></bank></banks>\
         <postingrules>{THEIRS}{MADE}</postingrules><paymentconditions/></dimension>"
    );
    assert_eq!(written, wanted);
    let rules_only = Options::default().with("relation_write", "rules");
    let written = changed(&relation(), &rules_only, Some(&template("4600"))).unwrap().write();
    assert!(written.contains("<name>Paper Co</name><postingrules>") && !written.contains("<banks>"), "{written}");
    let own_fields = Options::default().with("new_relation_identifiers", "fields");
    let written = changed(&relation(), &own_fields, Some(&template("4600"))).unwrap().write();
    assert!(written.contains("<cocnumber>12345678</cocnumber><vatnumber/>"), "{written}");
    let third = Options::default().with("cost_centre_field", "dim3");
    let written = changed(&relation(), &third, Some(&template("4600"))).unwrap().write();
    assert!(written.contains("<dimension1>4600</dimension1><dimension3>KP01</dimension3>"), "{written}");
}

#[test]
fn our_rule_is_replaced_or_taken_away_and_no_other_one() {
    let options = Options::default();
    let with_ours =
        |rule: &str| Element::read(&RELATION.replace("</postingrules>", &format!("{rule}</postingrules>"))).unwrap();
    let ours = MADE.replace("<postingrule ", "<postingrule id=\"5\" ");
    let both = with_ours(&ours);
    assert_eq!(changed(&both, &options, Some(&template("4600"))), None, "it is so already");
    let written = changed(&both, &options, Some(&template("0110"))).unwrap().write();
    assert!(written.contains(&format!("{THEIRS}<postingrule id=\"5\" status=\"active\">")), "{written}");
    assert!(written.contains("<dimension1>0110</dimension1>"), "{written}");
    let written = changed(&both, &options, None).unwrap().write();
    assert!(written.contains(&format!("{THEIRS}<postingrule id=\"5\" status=\"deleted\">")), "{written}");
    assert_eq!(changed(&relation(), &options, None), None, "none of ours");
    let deleted = with_ours(&ours.replace("active", "deleted"));
    assert_eq!(changed(&deleted, &options, None), None, "taken away before");
}

#[test]
fn what_is_kept_is_our_rule_or_the_only_one() {
    let options = Options::default();
    let Kept::Rule(rule) = kept(&relation(), &options) else { panic!("one rule") };
    let [line] = rule.lines.as_slice() else { panic!("{rule:?}") };
    assert_eq!((line.account.as_str(), line.project.as_deref(), line.ratio), ("4600", Some("P001"), dec!(3000)));
    let with =
        |rules: &str| Element::read(&RELATION.replace("</postingrules>", &format!("{rules}</postingrules>"))).unwrap();
    assert_eq!(kept(&with(THEIRS), &options), Kept::Several);
    assert_eq!(kept(&with(&THEIRS.replace("active", "deleted")), &options), kept(&relation(), &options));
    assert_eq!(kept(&with(MADE), &options), Kept::Rule(PostingRule::of(&template("4600"))));
    assert_eq!(kept(&Element::new("dimension"), &options), Kept::Nothing);
}
