//! Small HTML pages: enough to look at what a simulator holds.

use std::fmt::Write;

const STYLE: &str = "body{font:15px/1.4 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#222}\
table{border-collapse:collapse;margin:.5rem 0 1.5rem;width:100%}th,td{text-align:left;padding:.2rem .7rem;\
border-bottom:1px solid #ddd;vertical-align:top}th{background:#f4f4f4}td.n,th.n{text-align:right;\
font-variant-numeric:tabular-nums}h2{margin-top:2.5rem}h3{margin-bottom:0}.dim{color:#777}";

/// Text that is safe between tags and in attributes.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(c),
        }
    }
    safe
}

/// A page that is being written.
#[derive(Debug)]
pub struct Page(String);

impl Page {
    /// Begins a page.
    pub fn new(title: &str) -> Self {
        let title = escape(title);
        Self(format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
             <style>{STYLE}</style></head><body><h1>{title}</h1>"
        ))
    }

    /// A heading of a level.
    pub fn heading(&mut self, level: u8, text: &str) {
        self.push(&format!("<h{level}>{}</h{level}>", escape(text)));
    }

    /// A paragraph.
    pub fn paragraph(&mut self, text: &str) {
        self.push(&format!("<p>{}</p>", escape(text)));
    }

    /// A table; nothing when it has no rows.
    pub fn table(&mut self, head: &[&str], rows: &[Vec<Field>]) {
        if rows.is_empty() {
            self.push("<p class=\"dim\">none</p>");
            return;
        }
        self.push("<table><tr>");
        for (column, title) in head.iter().enumerate() {
            let number = rows.iter().any(|row| matches!(row.get(column), Some(Field::Number(_))));
            self.push(&format!("<th{}>{}</th>", if number { " class=\"n\"" } else { "" }, escape(title)));
        }
        self.push("</tr>");
        for row in rows {
            self.push("<tr>");
            for field in row {
                let cell = match field {
                    Field::Text(text) => format!("<td>{}</td>", escape(text)),
                    Field::Number(text) => format!("<td class=\"n\">{}</td>", escape(text)),
                    Field::Links(links) => {
                        let links: Vec<String> = links
                            .iter()
                            .map(|(to, text)| format!("<a href=\"{}\">{}</a>", escape(to), escape(text)))
                            .collect();
                        format!("<td>{}</td>", links.join("<br>"))
                    }
                };
                self.push(&cell);
            }
            self.push("</tr>");
        }
        self.push("</table>");
    }

    /// Ends the page.
    pub fn finish(mut self) -> String {
        self.push("</body></html>");
        self.0
    }

    fn push(&mut self, html: &str) {
        // Writing to a String has no way to fail.
        let _ = self.0.write_str(html);
    }
}

/// A field of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// Text.
    Text(String),
    /// An amount or a count, to the right.
    Number(String),
    /// Links: address and text.
    Links(Vec<(String, String)>),
}

impl Field {
    /// Text.
    pub fn text(text: &(impl ToString + ?Sized)) -> Self {
        Self::Text(text.to_string())
    }

    /// A number.
    pub fn number(number: &(impl ToString + ?Sized)) -> Self {
        Self::Number(number.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_stays_text() {
        let mut page = Page::new("A & B");
        page.table(
            &["Name"],
            &[vec![Field::text("<script>")], vec![Field::Links(vec![("/x?a='".into(), "x".into())])]],
        );
        let html = page.finish();
        assert!(html.contains("&lt;script&gt;") && html.contains("A &amp; B") && html.contains("a=&#39;"));
    }
}
