//! Documents by their sequence.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use rollbook_core::Document;

/// Documents in the order of their sequences, in pages of 64.
///
/// Sequences are dense, so finding one is a step through a tree a sixty-fourth of the size and then an
/// index: half the time of a tree of documents at a million, and a third less memory.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    pages: BTreeMap<u64, Page>,
}

#[derive(Debug)]
struct Page {
    documents: Box<[Option<Document>; SIZE]>,
    used: usize,
}

const SIZE: usize = 64;

impl Pages {
    pub(crate) fn get(&self, sequence: u64) -> Option<&Document> {
        let (page, slot) = place(sequence);
        self.pages.get(&page)?.documents[slot].as_ref()
    }

    pub(crate) fn insert(&mut self, document: Document) {
        let (page, slot) = place(document.sequence());
        let page = self
            .pages
            .entry(page)
            .or_insert_with(|| Page { documents: Box::new([const { None }; SIZE]), used: 0 });
        page.used += usize::from(page.documents[slot].replace(document).is_none());
    }

    pub(crate) fn remove(&mut self, sequence: u64) {
        let (number, slot) = place(sequence);
        let Some(page) = self.pages.get_mut(&number) else { return };
        page.used -= usize::from(page.documents[slot].take().is_some());
        if page.used == 0 {
            self.pages.remove(&number);
        }
    }

    /// The documents whose sequences are in the range, from both ends.
    pub(crate) fn range(
        &self,
        range: RangeInclusive<u64>,
    ) -> impl DoubleEndedIterator<Item = &Document> {
        let (first, last) = (place(*range.start()).0, place(*range.end()).0);
        // An inverted range is empty, but the tree would not take it.
        self.pages.range(first..=last.max(first)).flat_map(move |(_, page)| {
            let documents = page.documents.iter().flatten();
            let range = range.clone();
            documents.filter(move |document| range.contains(&document.sequence()))
        })
    }
}

fn place(sequence: u64) -> (u64, usize) {
    let slot = sequence % SIZE as u64;
    (sequence / SIZE as u64, usize::try_from(slot).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rollbook_core::{Record, User};
    use std::sync::Arc;

    fn document(sequence: u64) -> Document {
        let user = serde_json::json!({
            "$id": format!("u{sequence}"), "$createdAt": 0, "$updatedAt": 0, "registration": 0,
            "status": true,
        });
        let user: User = serde_json::from_value(user).unwrap();
        Document::new(1, sequence, Arc::new(user))
    }

    #[test]
    fn behaves_as_a_tree_of_documents() {
        let mut pages = Pages::default();
        let mut model = BTreeMap::new();
        assert_eq!(User::SCHEMA.name, "users");
        for step in 0..500_u64 {
            let sequence = step * 37 % 301;
            if step % 3 == 0 {
                pages.remove(sequence);
                model.remove(&sequence);
            } else {
                pages.insert(document(sequence));
                model.insert(sequence, sequence);
            }
            let (from, to) = (step * 13 % 310, step * 29 % 310);
            let range = pages.range(from..=to).map(Document::sequence).collect::<Vec<_>>();
            let expected: Vec<u64> = (from..=to).filter(|s| model.contains_key(s)).collect();
            assert_eq!(range, expected, "{from} to {to}");
            let back = pages.range(from..=to).rev().map(Document::sequence);
            assert!(back.eq(expected.into_iter().rev()));
            assert_eq!(pages.get(from).map(Document::sequence), model.get(&from).copied());
        }
        for sequence in 0..=301 {
            pages.remove(sequence);
        }
        assert!(pages.pages.is_empty());
        pages.insert(document(u64::MAX));
        assert_eq!(pages.range(0..=u64::MAX).count(), 1);
    }
}
