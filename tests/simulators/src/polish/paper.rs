//! A document on paper: a small PDF of one page that says what it must.

use std::fmt::Write;

use super::sold::Sold;

/// The bytes of a document's PDF.
pub fn pdf(sold: &Sold) -> Vec<u8> {
    let mut lines = vec![
        format!("{} {}", sold.kind, sold.number),
        format!("Data wystawienia: {}", sold.issued.map(|day| day.to_string()).unwrap_or_default()),
        format!("Nabywca: {} {}", sold.buyer.name, sold.buyer.tax_number),
    ];
    lines.extend(sold.lines.iter().map(|line| {
        format!(
            "{} {} {} x {} VAT {} = {}",
            line.name, line.quantity, line.unit, line.price, line.vat, line.amounts.gross
        )
    }));
    lines.push(format!("Razem: {:.2} {}", sold.totals.gross, sold.currency));
    page(&lines)
}

/// A PDF of one page with lines of text.
pub fn page(lines: &[String]) -> Vec<u8> {
    let mut text = String::from("BT /F1 11 Tf 14 TL 50 790 Td");
    for line in lines {
        // Writing to a String has no way to fail.
        let _ = write!(text, " ({}) Tj T*", escape(line));
    }
    text.push_str(" ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = String::from("%PDF-1.4\n");
    let mut places = Vec::new();
    for (place, object) in objects.iter().enumerate() {
        places.push(file.len());
        let _ = write!(file, "{} 0 obj\n{object}\nendobj\n", place + 1);
    }
    let table = file.len();
    let count = objects.len() + 1;
    let _ = write!(file, "xref\n0 {count}\n0000000000 65535 f \n");
    for place in places {
        let _ = writeln!(file, "{place:010} 00000 n ");
    }
    let _ = write!(file, "trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n");
    file.into_bytes()
}

/// Text in the letters of the built-in fonts: Polish ones lose their marks.
fn escape(text: &str) -> String {
    let mut safe = String::new();
    for c in text.chars() {
        match c {
            '(' | ')' | '\\' => safe.extend(['\\', c]),
            ' '..='~' => safe.push(c),
            _ => safe.push(plain(c)),
        }
    }
    safe
}

fn plain(c: char) -> char {
    match c {
        'ą' => 'a',
        'ć' => 'c',
        'ę' => 'e',
        'ł' => 'l',
        'ń' => 'n',
        'ó' => 'o',
        'ś' => 's',
        'ź' | 'ż' => 'z',
        'Ą' => 'A',
        'Ć' => 'C',
        'Ę' => 'E',
        'Ł' => 'L',
        'Ń' => 'N',
        'Ó' => 'O',
        'Ś' => 'S',
        'Ź' | 'Ż' => 'Z',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_its_lines_and_its_table_points_at_objects() {
        let bytes = page(&["Faktura FV 1/2026 (kopia)".to_owned(), "Żółć".to_owned()]);
        let text = String::from_utf8(bytes).expect("ASCII");
        assert!(text.starts_with("%PDF-") && text.ends_with("%%EOF\n"));
        assert!(text.contains("FV 1/2026 \\(kopia\\)") && text.contains("(Zolc)"));
        let table: usize = text.lines().rev().nth(1).and_then(|line| line.parse().ok()).expect("a place");
        assert!(text[table..].starts_with("xref"));
        let second = text[table..].lines().nth(4).expect("an entry");
        let place: usize = second[..10].parse().expect("a place");
        assert!(text[place..].starts_with("2 0 obj"), "{second}");
    }
}
