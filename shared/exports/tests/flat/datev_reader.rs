//! Reads a Buchungsstapel by the positions of its fields, as the description of the format says, and knows nothing of the
//! writer.

use rust_decimal::Decimal;

/// A field as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    Text(String),
    Plain(String),
}

impl Field {
    pub fn value(&self) -> &str {
        match self {
            Self::Text(value) | Self::Plain(value) => value,
        }
    }
}

#[derive(Debug)]
pub struct Batch {
    pub header: Vec<Field>,
    pub names: Vec<String>,
    pub rows: Vec<Vec<Field>>,
}

/// A byte of Windows-1252; the few signs of it that the tests use.
fn letter(byte: u8) -> char {
    match byte {
        0x80 => '€',
        0x96 => '–',
        0x81..=0x9F => panic!("byte {byte:#x} is not used in these tests"),
        other => char::from(other),
    }
}

fn fields(line: &str) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let (field, after) = if let Some(mut inside) = rest.strip_prefix('"') {
            let mut text = String::new();
            loop {
                let (before, after) = inside.split_once('"').unwrap();
                text.push_str(before);
                match after.strip_prefix('"') {
                    Some(more) => {
                        text.push('"');
                        inside = more;
                    }
                    None => break (Field::Text(text), after),
                }
            }
        } else {
            let end = rest.find(';').unwrap_or(rest.len());
            let (value, after) = rest.split_at(end);
            assert!(!value.contains('"'), "a quote inside of {value}");
            (Field::Plain(value.to_owned()), after)
        };
        fields.push(field);
        match after.strip_prefix(';') {
            Some(more) => rest = more,
            None if after.is_empty() => return fields,
            None => panic!("'{after}' behind a field"),
        }
    }
}

fn digits(value: &str, from: usize, to: usize) -> bool {
    (from..=to).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit())
}

fn is_amount(value: &str, whole: usize) -> bool {
    value.split_once(',').is_some_and(|(euros, cents)| digits(euros, 1, whole) && digits(cents, 2, 2))
}

fn is_date(value: &str) -> bool {
    digits(value, 8, 8) && chrono::NaiveDate::parse_from_str(value, "%d%m%Y").is_ok()
}

pub fn number(value: &str) -> Decimal {
    value.replace(',', ".").parse().unwrap()
}

/// Reads and checks a file; panics where it breaks the description of the format.
pub fn read(bytes: &[u8]) -> Batch {
    let text: String = bytes.iter().copied().map(letter).collect();
    assert!(text.ends_with("\r\n") && !text.replace("\r\n", "").contains(['\r', '\n']), "lines end in CR LF");
    let mut lines = text.trim_end_matches("\r\n").split("\r\n");
    let header = fields(lines.next().unwrap());
    let names: Vec<String> = lines.next().unwrap().split(';').map(str::to_owned).collect();
    let rows: Vec<Vec<Field>> = lines.map(fields).collect();
    check_header(&header);
    let count = match header[4].value() {
        "9" => 120,
        "12" => 124,
        "13" => 125,
        other => panic!("format version {other}"),
    };
    assert_eq!(names.len(), count);
    let length: usize = header[13].value().parse().unwrap();
    let (from, to) = (header[14].value(), header[15].value());
    for row in &rows {
        assert_eq!(row.len(), count);
        check_row(row, length);
        // Belegdatum has no year: that of the fiscal year.
        let date = row[9].value();
        let month_day = format!("{}{}", &date[2..], &date[..2]);
        let year = if month_day.as_str() >= &header[12].value()[4..] { &from[..4] } else { &to[..4] };
        let whole = format!("{year}{month_day}");
        assert!(from <= whole.as_str() && whole.as_str() <= to, "{whole} is not between {from} and {to}");
    }
    Batch { header, names, rows }
}

fn check_header(header: &[Field]) {
    assert_eq!(header.len(), 31);
    let text = |at: usize| matches!(header[at - 1], Field::Text(_));
    for at in [1, 4, 8, 9, 10, 17, 18, 22, 24, 27, 30, 31] {
        assert!(text(at), "header field {at} is text");
    }
    let value = |at: usize| header[at - 1].value();
    assert_eq!([value(1), value(2), value(3), value(4)], ["EXTF", "700", "21", "Buchungsstapel"]);
    assert!(digits(value(6), 17, 17), "{}", value(6));
    assert!(digits(value(11), 4, 7) && digits(value(12), 1, 5));
    for at in [13, 15, 16] {
        assert!(digits(value(at), 8, 8), "header field {at}");
    }
    assert!(value(15) <= value(16) && value(13) <= value(15));
    assert!(["4", "5", "6", "7", "8"].contains(&value(14)));
    assert!(value(9).chars().count() <= 25 && value(17).chars().count() <= 30 && value(31).len() <= 16);
    assert!(["0", "1"].contains(&value(21)), "an empty lock is a lock");
    assert_eq!(value(22).len(), 3);
}

fn check_row(row: &[Field], length: usize) {
    let value = |at: usize| row[at - 1].value();
    let may = |at: usize, fits: &dyn Fn(&str) -> bool| {
        assert!(value(at).is_empty() || fits(value(at)), "column {at} is '{}'", value(at));
    };
    for at in [2, 3, 6, 9, 11, 12, 14, 37, 38, 40] {
        assert!(matches!(row[at - 1], Field::Text(_)), "column {at} is text");
    }
    assert!(is_amount(value(1), 10) && !number(value(1)).is_zero(), "{}", value(1));
    assert!(["S", "H"].contains(&value(2)));
    let foreign = [3, 4, 5, 6].map(|at| !value(at).is_empty());
    assert!(foreign == [true; 4] || foreign == [false; 4], "foreign currency is whole or not there");
    may(4, &|rate| {
        rate.split_once(',').is_some_and(|(a, b)| digits(a, 1, 4) && !a.starts_with('0') && digits(b, 2, 6))
    });
    may(5, &|amount| is_amount(amount, 10));
    assert!(digits(value(7), length + 1, length + 1), "{}", value(7));
    assert!(digits(value(8), length, length), "{}", value(8));
    may(9, &|key| digits(key, 1, 4));
    assert!(digits(value(10), 4, 4), "{}", value(10));
    let allowed = |c: char| c.is_ascii_alphanumeric() || "$&%*+-/".contains(c);
    may(11, &|number| number.len() <= 36 && number.chars().all(allowed));
    may(14, &|text| text.chars().count() <= 60 && !text.chars().any(char::is_control));
    for at in [37, 38] {
        may(at, &|code| code.chars().count() <= 36 && code.chars().all(|c| c.is_alphanumeric() || "_ ".contains(c)));
    }
    may(40, &|number| number.len() <= 15);
    assert!(["0", "1"].contains(&value(114)), "an empty lock is a lock");
    for at in [115, 116, 117] {
        may(at, &is_date);
    }
    assert_eq!(value(115).is_empty(), value(116).is_empty(), "DATEV takes both or none");
    let filled = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 37, 38, 40, 114, 115, 116, 117];
    for (at, field) in row.iter().enumerate() {
        assert!(filled.contains(&(at + 1)) || field.value().is_empty(), "column {} has a value", at + 1);
    }
}
