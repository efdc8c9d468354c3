//! A strict reader of XML files: which elements stand in which order, and what their text looks like. It stands in for the
//! official schemas, which are not kept here.

use quick_xml::{Reader, events::Event};

/// An element.
#[derive(Debug, Default)]
pub struct Element {
    pub name: String,
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    /// Reads a file.
    pub fn read(file: &[u8]) -> Self {
        let text = std::str::from_utf8(file).unwrap();
        let mut reader = Reader::from_str(text);
        let mut open = vec![Element::default()];
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => {
                    let name = start.name().as_ref().to_owned();
                    open.push(Element { name, ..Self::default() });
                }
                Event::End(_) => {
                    let done = open.pop().unwrap();
                    open.last_mut().unwrap().children.push(done);
                }
                Event::Text(part) => open.last_mut().unwrap().text.push_str(&part),
                Event::GeneralRef(name) => {
                    let known = name.resolve_char_ref().unwrap().map(String::from);
                    let named = || quick_xml::escape::resolve_xml_entity(&name).unwrap().to_owned();
                    open.last_mut().unwrap().text.push_str(&known.unwrap_or_else(named));
                }
                Event::Decl(_) => {}
                Event::Eof => break,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(open.len(), 1);
        open.pop().unwrap().children.pop().unwrap()
    }

    /// The elements at a path below this one.
    pub fn all(&self, path: &str) -> Vec<&Element> {
        path.split('/').fold(vec![self], |found, name| {
            found
                .into_iter()
                .flat_map(|element| element.children.iter().filter(move |child| child.name == name))
                .collect()
        })
    }

    /// The text of the only element at a path.
    pub fn one(&self, path: &str) -> &str {
        let found = self.all(path);
        assert_eq!(found.len(), 1, "{path} in {}", self.name);
        &found[0].text
    }

    /// The text of the element at a path, where it is.
    pub fn maybe(&self, path: &str) -> Option<&str> {
        self.all(path).first().map(|element| element.text.as_str())
    }
}

/// What an element holds: children in order (`name`, `name?`, `name*`, `name+`), or text of a kind.
pub enum Holds {
    Children(&'static str),
    /// 1 to so many characters.
    Text(usize),
    /// Two decimals; a sign where it is allowed.
    Amount(Sign),
    /// Digits only.
    Count,
    /// A number with at most so many decimals.
    Number(usize),
    Date,
    OneOf(&'static [&'static str]),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    Never,
    Allowed,
}

/// Rules by element: the last part of its path, or `parent/name` where the name stands for different things.
pub type Rules = &'static [(&'static str, Holds)];

/// Checks an element and all below it.
pub fn check(element: &Element, parent: &str, rules: Rules) {
    let path = format!("{parent}/{}", element.name);
    let rule =
        rules.iter().find(|(name, _)| *name == path).or_else(|| rules.iter().find(|(name, _)| *name == element.name));
    let (_, holds) = rule.unwrap_or_else(|| panic!("nothing is known of {path}"));
    let Holds::Children(order) = holds else {
        assert!(element.children.is_empty(), "{path} has elements");
        assert!(fits(&element.text, holds), "{path} is '{}'", element.text);
        return;
    };
    assert_eq!(element.text.trim(), "", "{path} has text");
    let mut left = element.children.as_slice();
    for wanted in order.split_whitespace() {
        let name = wanted.trim_end_matches(['?', '*', '+']);
        let count = left.iter().take_while(|child| child.name == name).count();
        let fits = match wanted.as_bytes().last() {
            Some(b'?') => count <= 1,
            Some(b'*') => true,
            Some(b'+') => count >= 1,
            _ => count == 1,
        };
        assert!(fits, "{path} has {count} {name}");
        left = &left[count..];
    }
    assert!(left.is_empty(), "{path}: {} is not in its place", left[0].name);
    element.children.iter().for_each(|child| check(child, &element.name, rules));
}

fn fits(text: &str, holds: &Holds) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match holds {
        Holds::Children(_) => false,
        Holds::Text(most) => !text.trim().is_empty() && text.chars().count() <= *most,
        Holds::Amount(sign) => {
            let plain = if *sign == Sign::Allowed { text.strip_prefix('-').unwrap_or(text) } else { text };
            plain.split_once('.').is_some_and(|(whole, cents)| digits(whole) && digits(cents) && cents.len() == 2)
                && plain.len() <= 19
                && text != "-0.00"
        }
        Holds::Count => digits(text),
        Holds::Number(decimals) => {
            let plain = text.strip_prefix('-').unwrap_or(text);
            match plain.split_once('.') {
                Some((whole, part)) => digits(whole) && digits(part) && part.len() <= *decimals,
                None => digits(plain),
            }
        }
        Holds::Date => text.len() == 10 && text.parse::<domain::time::Date>().is_ok(),
        Holds::OneOf(words) => words.contains(&text),
    }
}
