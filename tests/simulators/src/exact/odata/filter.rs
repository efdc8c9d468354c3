//! `$filter`: a small recursive-descent parser and its evaluation.
//!
//! ```text
//! or      = and { "or" and }
//! and     = unary { "and" unary }
//! unary   = "not" unary | "(" or ")" | test
//! test    = startswith "(" operand "," operand ")" [ "eq" ("true" | "false") ]
//!         | operand ("eq" | "ne" | "gt" | "ge" | "lt" | "le") operand
//! operand = "trim" "(" operand ")" | property | literal
//! literal = guid'…' | datetime'…' | 'text' | number | true | false | null
//! ```

use std::cmp::Ordering;
use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::Schema;
use crate::exact::entity::{Cell, Kind, instant};
use crate::exact::refusal::Refusal;

/// A condition on a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Both.
    And(Box<Condition>, Box<Condition>),
    /// Either.
    Or(Box<Condition>, Box<Condition>),
    /// Not.
    Not(Box<Condition>),
    /// A comparison.
    Compare(Operand, Comparison, Operand),
    /// Whether a text begins with another.
    StartsWith(Operand, Operand),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `eq`
    Equal,
    /// `ne`
    NotEqual,
    /// `gt`
    Greater,
    /// `ge`
    GreaterOrEqual,
    /// `lt`
    Less,
    /// `le`
    LessOrEqual,
}

impl Comparison {
    fn named(word: &str) -> Option<Self> {
        Some(match word {
            "eq" => Self::Equal,
            "ne" => Self::NotEqual,
            "gt" => Self::Greater,
            "ge" => Self::GreaterOrEqual,
            "lt" => Self::Less,
            "le" => Self::LessOrEqual,
            _ => return None,
        })
    }

    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
        }
    }
}

/// A value in a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// A property, by its place.
    Property(usize),
    /// A literal.
    Literal(Cell),
    /// A text without the spaces around it.
    Trim(Box<Operand>),
}

impl Condition {
    /// Reads a condition on records of a schema.
    pub fn parse(text: &str, schema: &Schema) -> Result<Self, Refusal> {
        let mut parser = Parser { tokens: tokens(text)?, at: 0, schema };
        let condition = parser.or()?;
        match parser.peek() {
            None => Ok(condition),
            Some(_) => Err(parser.wrong()),
        }
    }

    /// Whether a record meets it.
    pub fn holds(&self, record: &[Cell]) -> bool {
        match self {
            Self::And(left, right) => left.holds(record) && right.holds(record),
            Self::Or(left, right) => left.holds(record) || right.holds(record),
            Self::Not(inner) => !inner.holds(record),
            Self::Compare(left, comparison, right) => compare(&left.value(record), *comparison, &right.value(record)),
            Self::StartsWith(text, start) => match (text.value(record), start.value(record)) {
                (Cell::Text(text), Cell::Text(start)) => text.starts_with(&start),
                _ => false,
            },
        }
    }

    /// The places of the properties it looks at.
    pub fn properties(&self) -> BTreeSet<usize> {
        match self {
            Self::And(left, right) | Self::Or(left, right) => &left.properties() | &right.properties(),
            Self::Not(inner) => inner.properties(),
            Self::Compare(left, _, right) | Self::StartsWith(left, right) => {
                left.property().into_iter().chain(right.property()).collect()
            }
        }
    }
}

/// Compares as SQL does: nothing is equal to null but null.
fn compare(left: &Cell, comparison: Comparison, right: &Cell) -> bool {
    match (left, right) {
        (Cell::Null, Cell::Null) => comparison.holds(Ordering::Equal),
        (Cell::Null, _) | (_, Cell::Null) => comparison == Comparison::NotEqual,
        _ => comparison.holds(widened(left).cmp(&widened(right))),
    }
}

fn widened(cell: &Cell) -> Cell {
    match cell {
        Cell::Int(value) => Cell::Number(Decimal::from(*value)),
        other => other.clone(),
    }
}

impl Operand {
    fn value(&self, record: &[Cell]) -> Cell {
        match self {
            Self::Property(position) => record.get(*position).cloned().unwrap_or(Cell::Null),
            Self::Literal(cell) => cell.clone(),
            Self::Trim(inner) => match inner.value(record) {
                Cell::Text(text) => Cell::Text(text.trim().to_owned()),
                other => other,
            },
        }
    }

    fn property(&self) -> Option<usize> {
        match self {
            Self::Property(position) => Some(*position),
            Self::Literal(_) => None,
            Self::Trim(inner) => inner.property(),
        }
    }

    /// The type; `None` for null, which goes with all.
    fn kind(&self, schema: &Schema) -> Option<Kind> {
        match self {
            Self::Property(position) => schema.property(*position).map(|property| property.kind),
            Self::Literal(cell) => match cell {
                Cell::Null => None,
                Cell::Guid(_) => Some(Kind::Guid),
                Cell::Text(_) => Some(Kind::Text),
                Cell::Int(_) => Some(Kind::Int),
                Cell::Number(_) => Some(Kind::Number),
                Cell::Bool(_) => Some(Kind::Bool),
                Cell::Instant(_) => Some(Kind::Instant),
            },
            Self::Trim(_) => Some(Kind::Text),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Literal(Cell),
    Open,
    Close,
    Comma,
}

/// Reads a comma-separated list of literals, as in `$skiptoken`.
pub fn literals(text: &str) -> Result<Vec<Cell>, Refusal> {
    let tokens = tokens(text)?;
    let chunks = tokens.split(|(token, _)| *token == Token::Comma);
    let literal = |chunk: &[(Token, usize)]| match chunk {
        [(Token::Literal(cell), _)] => Ok(cell.clone()),
        [(Token::Word(word), _)] => keyword(word).ok_or_else(|| syntax(0)),
        _ => Err(syntax(0)),
    };
    chunks.map(literal).collect()
}

fn keyword(word: &str) -> Option<Cell> {
    match word {
        "null" => Some(Cell::Null),
        "true" => Some(Cell::Bool(true)),
        "false" => Some(Cell::Bool(false)),
        _ => None,
    }
}

fn syntax(position: usize) -> Refusal {
    Refusal::bad(format!("Syntax error at position {position}."))
}

/// Splits the text into tokens with their positions.
fn tokens(text: &str) -> Result<Vec<(Token, usize)>, Refusal> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let at = text.len() - rest.len();
        let Some(first) = rest.chars().next() else {
            return Ok(tokens);
        };
        let (token, used) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            ',' => (Token::Comma, 1),
            '\'' => {
                let (content, used) = quoted(rest).ok_or_else(|| syntax(at))?;
                (Token::Literal(Cell::Text(content)), used)
            }
            '-' | '0'..='9' => number(rest).ok_or_else(|| syntax(at))?,
            'A'..='Z' | 'a'..='z' | '_' => word(rest).ok_or_else(|| syntax(at))?,
            _ => return Err(syntax(at)),
        };
        tokens.push((token, at));
        rest = rest.get(used..).unwrap_or_default();
    }
}

/// Reads `'it''s'`; returns the text and the bytes it took.
fn quoted(rest: &str) -> Option<(String, usize)> {
    let mut content = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != '\'' {
            content.push(c);
        } else if chars.next_if(|(_, next)| *next == '\'').is_some() {
            content.push('\'');
        } else {
            return Some((content, at + 1));
        }
    }
    None
}

fn number(rest: &str) -> Option<(Token, usize)> {
    let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-')).unwrap_or(rest.len());
    let text = rest.get(..digits)?;
    let cell = match text.parse::<i64>() {
        Ok(whole) => Cell::Int(whole),
        Err(_) => Cell::Number(Decimal::from_str_exact(text).ok()?),
    };
    // A suffix tells the type of a number: 1L, 1.5M.
    let suffix = rest.get(digits..)?.starts_with(['m', 'M', 'd', 'D', 'f', 'F', 'l', 'L']);
    Some((Token::Literal(cell), digits + usize::from(suffix)))
}

fn word(rest: &str) -> Option<(Token, usize)> {
    let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
    let (word, after) = rest.split_at_checked(length)?;
    if !after.starts_with('\'') {
        return Some((Token::Word(word.to_owned()), length));
    }
    let (content, used) = quoted(after)?;
    let cell = match word {
        "guid" => Cell::Guid(content.parse().ok()?),
        "datetime" => Cell::Instant(instant(&content)?),
        _ => return None,
    };
    Some((Token::Literal(cell), length + used))
}

struct Parser<'a> {
    tokens: Vec<(Token, usize)>,
    at: usize,
    schema: &'a Schema,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn next(&mut self) -> Result<Token, Refusal> {
        let token = self.peek().cloned().ok_or_else(|| self.wrong())?;
        self.at += 1;
        Ok(token)
    }

    fn wrong(&self) -> Refusal {
        syntax(self.tokens.get(self.at).map_or(0, |(_, position)| *position))
    }

    fn take_word(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(word)) if word == wanted);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, wanted: &Token) -> Result<(), Refusal> {
        if self.peek() != Some(wanted) {
            return Err(self.wrong());
        }
        self.at += 1;
        Ok(())
    }

    fn or(&mut self) -> Result<Condition, Refusal> {
        let mut left = self.and()?;
        while self.take_word("or") {
            left = Condition::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Condition, Refusal> {
        let mut left = self.unary()?;
        while self.take_word("and") {
            left = Condition::And(Box::new(left), Box::new(self.unary()?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Condition, Refusal> {
        if self.take_word("not") {
            return Ok(Condition::Not(Box::new(self.unary()?)));
        }
        if self.peek() == Some(&Token::Open) {
            self.at += 1;
            let inner = self.or()?;
            self.expect(&Token::Close)?;
            return Ok(inner);
        }
        self.test()
    }

    fn test(&mut self) -> Result<Condition, Refusal> {
        if self.take_word("startswith") {
            self.expect(&Token::Open)?;
            let text = self.text_operand()?;
            self.expect(&Token::Comma)?;
            let start = self.text_operand()?;
            self.expect(&Token::Close)?;
            let test = Condition::StartsWith(text, start);
            if !self.take_word("eq") {
                return Ok(test);
            }
            return match self.next()? {
                Token::Word(word) if word == "true" => Ok(test),
                Token::Word(word) if word == "false" => Ok(Condition::Not(Box::new(test))),
                _ => Err(self.wrong()),
            };
        }
        let left = self.operand()?;
        let comparison = match self.next()? {
            Token::Word(word) => Comparison::named(&word).ok_or_else(|| self.wrong())?,
            _ => return Err(self.wrong()),
        };
        let right = self.operand()?;
        self.same_kind(&left, &right)?;
        Ok(Condition::Compare(left, comparison, right))
    }

    fn text_operand(&mut self) -> Result<Operand, Refusal> {
        let operand = self.operand()?;
        match operand.kind(self.schema) {
            Some(Kind::Text) => Ok(operand),
            _ => Err(Refusal::bad("No applicable function found: the arguments must be of type 'Edm.String'.")),
        }
    }

    fn operand(&mut self) -> Result<Operand, Refusal> {
        let position = self.tokens.get(self.at).map_or(0, |(_, position)| *position);
        match self.next()? {
            Token::Literal(cell) => Ok(Operand::Literal(cell)),
            Token::Word(word) if word == "trim" && self.peek() == Some(&Token::Open) => {
                self.at += 1;
                let inner = self.text_operand()?;
                self.expect(&Token::Close)?;
                Ok(Operand::Trim(Box::new(inner)))
            }
            Token::Word(word) => match (keyword(&word), self.schema.position(&word)) {
                (Some(literal), _) => Ok(Operand::Literal(literal)),
                (None, Some(place)) => Ok(Operand::Property(place)),
                (None, None) => {
                    let of = &self.schema.type_name;
                    Err(Refusal::bad(format!("No property '{word}' exists in type '{of}' at position {position}.")))
                }
            },
            Token::Open | Token::Close | Token::Comma => Err(syntax(position)),
        }
    }

    fn same_kind(&self, left: &Operand, right: &Operand) -> Result<(), Refusal> {
        let number = |kind| matches!(kind, Kind::Int | Kind::Number);
        match (left.kind(self.schema), right.kind(self.schema)) {
            (None, _) | (_, None) => Ok(()),
            (Some(a), Some(b)) if a != Kind::Collection && (a == b || number(a) && number(b)) => Ok(()),
            (Some(a), Some(b)) => Err(Refusal::bad(format!(
                "Operator 'eq' incompatible with operand types 'Edm.{}' and 'Edm.{}'.",
                a.name(),
                b.name()
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::books::Account;
    use crate::exact::entity::Entity;
    use crate::exact::guid::Guid;

    fn meets(filter: &str) -> Result<bool, Refusal> {
        let account = Account {
            id: Guid::numbered(0xa1, 1),
            code: "              1001".to_owned(),
            name: "O'Neill & Co".to_owned(),
            is_supplier: true,
            created: instant("2026-07-01T12:00:00"),
            automatic_process_proposed_entry: 2,
            ..Account::default()
        };
        Condition::parse(filter, &Schema::of::<Account>()).map(|condition| condition.holds(&account.cells()))
    }

    #[test]
    fn literals_of_every_type_compare() {
        for (filter, expected) in [
            ("ID eq guid'000000A1-0000-4000-8000-000000000001'", true),
            ("Name eq 'O''Neill & Co'", true),
            ("IsSupplier eq true", true),
            ("AutomaticProcessProposedEntry eq 2", true),
            ("AutomaticProcessProposedEntry gt 2.5", false),
            ("Created ge datetime'2026-07-01T00:00:00'", true),
            ("Created eq datetime'2026-07-01'", false),
            ("VATNumber eq null", true),
            ("VATNumber eq 'x'", false),
            ("VATNumber ne 'x'", true),
        ] {
            assert_eq!(meets(filter), Ok(expected), "{filter}");
        }
    }

    #[test]
    fn a_code_is_found_with_its_padding_only() {
        assert_eq!(meets("Code eq '1001'"), Ok(false));
        assert_eq!(meets("Code eq '              1001'"), Ok(true));
        assert_eq!(meets("trim(Code) eq '1001'"), Ok(true));
        assert_eq!(meets("startswith(trim(Code),'10')"), Ok(true));
        assert_eq!(meets("startswith(Name,'Neill') eq false"), Ok(true));
    }

    #[test]
    fn and_binds_stronger_than_or() {
        assert_eq!(meets("IsSupplier eq true or Blocked eq true and Name eq 'x'"), Ok(true));
        assert_eq!(meets("(IsSupplier eq true or Blocked eq true) and Name eq 'x'"), Ok(false));
        assert_eq!(meets("not (Name eq 'x') and IsSupplier eq true"), Ok(true));
    }

    #[test]
    fn what_is_wrong_is_refused() {
        for filter in [
            "",
            "Name",
            "Name eq",
            "Name eq 'x",
            "Name eq 'x' and",
            "Nope eq 'x'",
            "Name eq guid'000000a1-0000-4000-8000-000000000001'",
            "ID eq '000000a1-0000-4000-8000-000000000001'",
            "ID eq guid'1'",
            "trim(IsSupplier) eq 'x'",
            "tolower(Name) eq 'x'",
            "(Name eq 'x'",
            "Name eq 'x' Name eq 'y'",
            "Name like 'x'",
        ] {
            assert!(matches!(meets(filter), Err(Refusal::Bad(_))), "{filter}");
        }
    }
}
