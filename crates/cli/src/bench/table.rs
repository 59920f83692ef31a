//! Tables and numbers for people.

/// Columns of texts, the first to the left and the others to the right, under their names.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let width = |text: &str| text.chars().count();
    let mut widths: Vec<usize> = head.iter().map(|name| width(name)).collect();
    for row in rows {
        for (most, cell) in widths.iter_mut().zip(row) {
            *most = width(cell).max(*most);
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let cells = cells.zip(&widths).enumerate().map(|(column, (cell, width))| match column {
            0 => format!("{cell:width$}"),
            _ => format!("{cell:>width$}"),
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    let mut text = line(&mut head.iter().copied());
    for row in rows {
        text += &line(&mut row.iter().map(String::as_str));
    }
    text
}

/// A number with three digits at least that say something: `0.0123`, `4.56`, `1,234`.
pub(super) fn number(value: f64) -> String {
    match value {
        ..0.1 => format!("{value:.4}"),
        ..10.0 => format!("{value:.2}"),
        ..100.0 => format!("{value:.1}"),
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded")]
        _ => count(value.round() as u64),
    }
}

/// A whole number in groups of three digits.
pub(super) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        let check = |value, text: &str| assert_eq!(number(value), text);
        check(0.012_34, "0.0123");
        check(4.567, "4.57");
        check(45.67, "45.7");
        check(999.9, "1,000");
        check(1_234_567.8, "1,234,568");
        assert_eq!(["0", "999", "1,000", "123,456"], [0, 999, 1000, 123_456].map(count)[..]);
    }

    #[test]
    fn columns_stand_under_their_names() {
        let rows = [
            vec!["Zoë".to_owned(), "1".to_owned()],
            vec!["a longer one".to_owned(), "1,234".to_owned()],
        ];
        insta::assert_snapshot!(table(&["what", "n"], &rows), @r"
        what              n
        Zoë               1
        a longer one  1,234
        ");
    }
}
