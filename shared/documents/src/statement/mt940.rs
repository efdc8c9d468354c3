//! SWIFT's MT940: lines that begin with a tag between colons, alone or within the blocks of a SWIFT message.

use super::{STATEMENTS_MAX, StatementSummary, Together, currency, lines, short_date, text};
use domain::{money::Currency, time::Date};

/// Lines that banks put before the first tag: the blocks of SWIFT, the name of the bank, `940`.
const HEADER_LINES_MAX: usize = 6;
const HEADER_LINE_BYTES_MAX: usize = 120;

/// The tag of a line with what follows it: `:60F:C260331EUR1,00`.
fn tagged(line: &[u8]) -> Option<(&[u8], &[u8])> {
    const TAG_BYTES: std::ops::RangeInclusive<usize> = 2..=3;
    let rest = line.strip_prefix(b":")?;
    let end = rest.iter().take(TAG_BYTES.end() + 1).position(|byte| *byte == b':')?;
    let (tag, value) = rest.split_at_checked(end)?;
    let is_tag = TAG_BYTES.contains(&tag.len()) && tag.iter().all(u8::is_ascii_alphanumeric);
    is_tag.then_some((tag, value.get(1..).unwrap_or_default()))
}

/// `C260331EUR1234,56`: credit or debit, date, currency and an amount with a comma.
fn balance(value: &[u8]) -> Option<(Date, Currency)> {
    match value {
        [b'C' | b'D', y1, y2, m1, m2, d1, d2, c1, c2, c3, amount @ ..] => {
            let amount = amount.trim_ascii();
            let mut parts = amount.split(|byte| *byte == b',');
            let one_comma = parts.by_ref().take(2).count() == 2 && parts.next().is_none();
            let is_amount = amount.first().is_some_and(u8::is_ascii_digit)
                && one_comma
                && amount.len() <= 16
                && amount.iter().all(|byte| byte.is_ascii_digit() || *byte == b',');
            let date = short_date(&[*y1, *y2], &[*m1, *m2], &[*d1, *d2])?;
            let currency = currency(&[*c1, *c2, *c3])?;
            is_amount.then_some((date, currency))
        }
        _ => None,
    }
}

/// Nothing that is not a header before the reference of the statement, then account, opening and closing balance in that
/// order.
pub(super) fn is_statement(bytes: &[u8]) -> bool {
    let mut wanted = ["20", "25", "60", "62"].iter();
    let mut next = wanted.next();
    let mut before = 0;
    for line in lines(bytes) {
        let started = next != Some(&"20");
        match tagged(inside_block(line)) {
            Some((b"20", reference)) if !started && !reference.trim_ascii().is_empty() => next = wanted.next(),
            Some((b"25", account)) if next == Some(&"25") && !account.trim_ascii().is_empty() => next = wanted.next(),
            Some((b"60F" | b"60M", value)) if next == Some(&"60") && balance(value).is_some() => next = wanted.next(),
            Some((b"62F" | b"62M", value)) if next == Some(&"62") && balance(value).is_some() => return true,
            _ if started => {}
            _ => {
                before += usize::from(!line.trim_ascii().is_empty());
                if before > HEADER_LINES_MAX || line.len() > HEADER_LINE_BYTES_MAX || !line.is_ascii() {
                    return false;
                }
            }
        }
    }
    false
}

/// What follows the opening of the text block, where the first tag stands on the same line.
fn inside_block(line: &[u8]) -> &[u8] {
    const OPENING: &[u8] = b"{4:";
    if !line.starts_with(b"{") || line.len() > HEADER_LINE_BYTES_MAX {
        return line;
    }
    let at = line.windows(OPENING.len()).position(|window| window == OPENING);
    at.and_then(|at| line.get(at + OPENING.len()..)).filter(|rest| rest.starts_with(b":")).unwrap_or(line)
}

pub(super) fn summary(bytes: &[u8]) -> StatementSummary {
    let mut together = Together::default();
    let mut statements = 0;
    for line in lines(bytes) {
        match tagged(inside_block(line)) {
            Some((b"20", _)) => {
                statements += 1;
                if statements > STATEMENTS_MAX {
                    break;
                }
            }
            Some((b"25", account)) => {
                let (account, stated) = without_currency(account.trim_ascii());
                together.account(text(account));
                together.currency(stated);
            }
            Some((b"28" | b"28C", number)) => together.number(text(number)),
            Some((b"60F" | b"60M", value)) => {
                if let Some((date, currency)) = balance(value.trim_ascii()) {
                    together.from(Some(date));
                    together.currency(Some(currency));
                }
            }
            Some((b"62F" | b"62M", value)) => together.to(balance(value.trim_ascii()).map(|(date, _)| date)),
            _ => {}
        }
    }
    together.finish()
}

/// Some banks put the currency behind the account: `NL91ABNA0417164300 EUR`, `NL91ABNA0417164300EUR`.
fn without_currency(account: &[u8]) -> (&[u8], Option<Currency>) {
    let Some((rest, code)) = account.len().checked_sub(3).and_then(|at| account.split_at_checked(at)) else {
        return (account, None);
    };
    match currency(code).filter(|currency| currency.is_iso4217()) {
        Some(currency) if rest.iter().any(u8::is_ascii_digit) => (rest.trim_ascii(), Some(currency)),
        _ => (account, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_balances() {
        assert_eq!(tagged(b":28C:12/1"), Some((&b"28C"[..], &b"12/1"[..])));
        for line in [&b"28C:1"[..], b":2:1", b":2840:1", b":2 C:1", b"", b":", b":20"] {
            assert_eq!(tagged(line), None, "{line:?}");
        }
        assert!(balance(b"C260331EUR1234,56").is_some() && balance(b"D260331EUR0,").is_some());
        for value in [&b"C260231EUR1,00"[..], b"C260331EUR1.00", b"X260331EUR1,00", b"C260331eur1,00", b"C260331EUR"] {
            assert_eq!(balance(value), None, "{value:?}");
        }
        assert_eq!(without_currency(b"NL91ABNA0417164300EUR").0, b"NL91ABNA0417164300");
        assert_eq!(without_currency(b"0417164300").0, b"0417164300");
    }
}
