//! What somebody may have meant who wrote a name that does not exist.

/// The name among `known` that is spelled most like `name`, if one is near enough.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    // Longer than any known name and its errors: not worth the comparison.
    if name.len() > 64 {
        return None;
    }
    let name = letters(name);
    let ranked = known.iter().map(|known| (distance(&name, &letters(known)), *known));
    let (distance, nearest) = ranked.min_by_key(|(distance, _)| *distance)?;
    let longer = name.len().max(letters(nearest).len());
    (distance <= longer / 3 && distance < name.len()).then_some(nearest)
}

/// Case, `_`, `-` and `$` are how systems differ, not what a name says.
fn letters(name: &str) -> Vec<char> {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The insertions, deletions, replacements and exchanges of neighbours between two texts (Damerau and
/// Levenshtein, in its restricted form).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut changes = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                changes = changes.min(before[j - 2] + 1);
            }
            row.push(changes);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let known = ["$id", "$createdAt", "email", "emailVerification", "password", "phone"];
        let check = |name, expected| assert_eq!(nearest(name, &known), expected, "{name}");
        check("emial", Some("email"));
        check("E-Mail", Some("email"));
        check("id", Some("$id"));
        check("created_at", Some("$createdAt"));
        check("passwordHash", Some("password"));
        check("phones", Some("phone"));
        check("metadata", None);
        check("x", None);
        check("", None);
        check("$", None);
        check(&"email".repeat(100), None);
    }
}
