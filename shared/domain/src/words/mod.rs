//! The catalogue of what people read: each sentence once in English, Dutch and Polish, under a stable code and with typed
//! values.
//!
//! What is stored is the code and the values; the sentence is made when it is shown, in the language of whoever reads it. A
//! sentence cannot be added without all three languages, and every code of ours is matched to its sentence without a
//! fallback: one that is missing does not compile. Words of others (a ledger, a person) are values, and stay as they came.

mod acted;
mod exports;
mod language;
mod ledger;
mod mailed;
mod notes;
mod reading;
mod reasons;
mod rules;
mod told;
mod values;

pub use acted::{Acted, ActedKind};
pub use exports::{Stop, StopKind, Unfit, UnfitKind};
pub use language::Language;
pub use ledger::{LedgerFact, LedgerTold};
pub use mailed::{Mailed, MailedKind};
pub use notes::{Note, NoteKind};
pub use reading::{Oddity, OddityKind, Unread, UnreadKind};
pub use reasons::{Held, HeldKind, Lacking, LackingKind, Stays, StaysKind};
pub use told::{Explained, ExplainedKind, Looked, LookedKind, Stands, StandsKind};
pub use values::{Amount, Confidences, FieldNames, FileKind, Moment, Place, Rate, ReasonName, RuleNames, Text, Value};

/// A sentence of the catalogue with its values.
pub trait Sentence {
    /// Stable code.
    fn code(&self) -> &'static str;

    /// Its values as they are stored, in the order of the catalogue.
    fn values(&self) -> Vec<String>;

    /// In words. With a value unknown it says what it can say without values.
    fn write(&self, language: Language) -> String;
}

/// Makes an enum of sentences: a variant for each code, its values, its words with them, and (after `or`) without them. The
/// second name is for its variants without their values.
macro_rules! sentences {
    ($(#[$outer:meta])* $family:ident as $bare:ident {
        $($name:ident $({ $($value:ident: $kind:ty),+ })? = $code:literal
            => [$en:literal, $nl:literal, $pl:literal] $(or [$brief_en:literal, $brief_nl:literal, $brief_pl:literal])?;)+
    }) => {
        $(#[$outer])*
        #[allow(clippy::doc_markdown, reason = "the sentences are the documentation")]
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $family {
            $(
                #[doc = $en]
                $name $({ $(#[doc = concat!("Its value `", stringify!($value), "`.")] $value: $kind,)+ })?,
            )+
        }

        /// Which sentence, whatever its values.
        #[allow(clippy::doc_markdown, reason = "the sentences are the documentation")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $bare {
            $(#[doc = $en] $name,)+
        }

        impl $bare {
            /// What can be said without values.
            pub fn brief(self, language: crate::words::Language) -> &'static str {
                language.of(match self {
                    $(Self::$name => crate::words::brief_words!([$en, $nl, $pl] $([$brief_en, $brief_nl, $brief_pl])?),)+
                })
            }
        }

        impl $family {
            /// Each code with its sentences in all languages, with values and without, and the names of its values.
            #[cfg(test)]
            pub(crate) const ENTRIES: &'static [crate::words::Entry] = &[
                $(crate::words::Entry {
                    code: $code,
                    whole: [$en, $nl, $pl],
                    brief: [$($brief_en, $brief_nl, $brief_pl)?].as_slice(),
                    values: &[$($(stringify!($value)),+)?],
                },)+
            ];

            /// The sentence that was stored as this code with these values.
            pub fn read(code: &str, values: &[String]) -> Option<Self> {
                match (code, values) {
                    $(($code, [$($($value),+)?]) => {
                        Some(Self::$name $({ $($value: crate::words::Value::read($value)?,)+ })?)
                    })+
                    _ => None,
                }
            }

            /// What a code says without values.
            pub fn brief(code: &str, language: crate::words::Language) -> Option<&'static str> {
                [$(($code, $bare::$name)),+].into_iter().find(|(known, _)| *known == code).map(|(_, it)| it.brief(language))
            }

            /// Whether the last value of a stored sentence is free text, which may be cut.
            pub fn ends_in_text(code: &str, values: &[String]) -> bool {
                match (code, values.len()) {
                    $((code, count) if code == $code && count == <[&str]>::len(&[$($(stringify!($value)),+)?]) => {
                        let kinds: &[bool] = &[$($(<$kind as crate::words::Value>::IS_TEXT),+)?];
                        kinds.last().copied().unwrap_or(false)
                    })+
                    (_, _) => false,
                }
            }
        }

        impl crate::words::Sentence for $family {
            fn code(&self) -> &'static str {
                match self { $(Self::$name { .. } => $code,)+ }
            }

            fn values(&self) -> Vec<String> {
                match self {
                    $(Self::$name $({ $($value),+ })? => vec![$($(crate::words::Value::stored($value)),+)?],)+
                }
            }

            #[allow(clippy::useless_format, unused_variables, reason = "a sentence need not have values")]
            fn write(&self, language: crate::words::Language) -> String {
                use crate::words::Language;
                if self.values().iter().any(String::is_empty)
                    && let Some(brief) = Self::brief(self.code(), language)
                {
                    return brief.to_owned();
                }
                match self {
                    $(Self::$name $({ $($value),+ })? => {
                        $($(let $value = crate::words::Value::shown($value, language);)+)?
                        match language {
                            Language::English => format!($en),
                            Language::Dutch => format!($nl),
                            Language::Polish => format!($pl),
                        }
                    })+
                }
            }
        }
    };
}

/// The words without values: those that are given for it, else those that have none to begin with.
macro_rules! brief_words {
    ([$($whole:literal),+]) => { [$($whole),+] };
    ([$($whole:literal),+] [$($brief:literal),+]) => { [$($brief),+] };
}

use {brief_words, sentences};

/// An entry of the catalogue, for its tests.
#[cfg(test)]
pub(crate) struct Entry {
    pub code: &'static str,
    pub whole: [&'static str; 3],
    pub brief: &'static [&'static str],
    pub values: &'static [&'static str],
}

/// The sentence that was stored as this code with these values, in words.
pub fn read(code: &str, values: &[String], language: Language) -> Option<String> {
    fn said(sentence: Option<impl Sentence>, language: Language) -> Option<String> {
        sentence.map(|sentence| sentence.write(language))
    }
    said(Lacking::read(code, values), language)
        .or_else(|| said(Held::read(code, values), language))
        .or_else(|| said(Stays::read(code, values), language))
        .or_else(|| said(Unread::read(code, values), language))
        .or_else(|| said(Oddity::read(code, values), language))
        .or_else(|| said(LedgerTold::read(code, values), language))
        .or_else(|| said(Note::read(code, values), language))
        .or_else(|| said(Acted::read(code, values), language))
        .or_else(|| said(Mailed::read(code, values), language))
        .or_else(|| said(Unfit::read(code, values), language))
        .or_else(|| said(Stop::read(code, values), language))
}

/// What a code says without values.
pub fn brief(code: &str, language: Language) -> Option<String> {
    let said = Lacking::brief(code, language)
        .or_else(|| Held::brief(code, language))
        .or_else(|| Stays::brief(code, language))
        .or_else(|| Unread::brief(code, language))
        .or_else(|| Oddity::brief(code, language))
        .or_else(|| Note::brief(code, language))
        .or_else(|| Acted::brief(code, language))
        .or_else(|| Mailed::brief(code, language))
        .or_else(|| Unfit::brief(code, language))
        .or_else(|| Stop::brief(code, language));
    said.map(str::to_owned).or_else(|| LedgerTold::brief(code, language))
}

/// Values that take at most so many characters, one between each two: free text at the end is cut. Nothing when they do not
/// fit: then the sentence does without.
pub fn fitted(code: &str, values: &[String], chars_max: usize) -> Option<Vec<String>> {
    let chars =
        |values: &[String]| values.iter().map(|value| value.chars().count() + 1).sum::<usize>().saturating_sub(1);
    let over = chars(values).saturating_sub(chars_max);
    if over == 0 {
        return Some(values.to_vec());
    }
    let (last, others) = values.split_last()?;
    let is_text = Lacking::ends_in_text(code, values)
        || Held::ends_in_text(code, values)
        || Unread::ends_in_text(code, values)
        || Oddity::ends_in_text(code, values)
        || LedgerTold::ends_in_text(code, values)
        || Note::ends_in_text(code, values)
        || Acted::ends_in_text(code, values)
        || Mailed::ends_in_text(code, values)
        || Unfit::ends_in_text(code, values)
        || Stop::ends_in_text(code, values);
    let left = last.chars().count().checked_sub(over + 1).filter(|left| is_text && *left > 0)?;
    let cut: String = last.chars().take(left).chain(['…']).collect();
    Some(others.iter().cloned().chain([cut]).collect())
}

#[cfg(test)]
#[path = "catalogue_tests.rs"]
mod tests;
