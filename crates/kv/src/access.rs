//! Ways to the documents that a filter lets through.

use std::fmt;
use std::ops::{Bound, ControlFlow};

use rollbook_core::{
    Direction, Field, Filter, ID, Kind, Query, SEQUENCE, Schema, SearchWord, StoreError, Unique,
    Value,
};

use crate::encode::{encode_value, sequence_key, sequence_of, text_head, value_key};
use crate::engine::{Entry, Part, Reader, Space};
use crate::layout::{head_of, indexes, token_key};
use crate::walk::{Range, after, successor};

/// Keys under which every document is found that satisfies a filter, and perhaps others.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Access {
    pub(crate) by: By,
    /// Whether no others are found, and nothing else is asked for.
    pub(crate) exact: bool,
    /// What it goes by, for people.
    pub(crate) name: Name,
    /// The sequences that count, both ends included: of a list no more is read.
    pub(crate) within: (u64, u64),
}

/// What a way is called. Only whoever asks for a plan wants the text, and a look-up is short.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Name {
    Id,
    Nothing,
    Unique(&'static str),
    Index(&'static str),
    Range(&'static str),
    Word(String),
    Beginning(String),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum By {
    /// Keys of a space that maps keys to sequences.
    Keys(Space, Vec<Vec<u8>>),
    /// Lists of an index: all entries that differ from these in their sequences only.
    Lists(Space, Vec<Vec<u8>>),
    /// All entries of a range, by value.
    Range(Space, Range),
}

/// The most lists that are merged; what has more is read as a range.
const MOST_LISTS: usize = 256;

/// The most keys that nothing is shorter than.
const FEW_KEYS: usize = 16;

/// The way by a few keys, if the filters name them: most queries are such look-ups, and ask for no other.
pub(crate) fn few_keys(schema: u16, query: &Query) -> Option<Access> {
    let few = |access: &Access| matches!(&access.by, By::Keys(_, keys) if keys.len() <= FEW_KEYS);
    let filters = conjuncts(query.filters()).into_iter();
    let found = filters.filter_map(|filter| of_value(schema, query.schema(), filter)).find(few);
    found.or_else(|| of_tuple(schema, query))
}

/// The way by the one key of a unique tuple, if the filters name a value for each of its fields.
fn of_tuple(schema: u16, query: &Query) -> Option<Access> {
    let of = query.schema();
    let tuples = (0..).zip(of.uniques).filter(|(_, unique)| unique.fields.len() > 1);
    tuples.into_iter().find_map(|(place, unique)| {
        let mut key = Vec::new();
        for field in of.unique_fields(unique) {
            match query.pinned(field)? {
                [value] if !value.is_null() => encode_value(value, &mut key),
                _ => return None,
            }
        }
        let by = By::Keys(Space { schema, part: Part::Unique(place) }, vec![key]);
        Some(Access { by, exact: false, name: Name::Unique(unique.name), within: ALL })
    })
}

/// The ways that the filters of `query` open.
pub(crate) fn all(
    reader: &dyn Reader,
    schema: u16,
    query: &Query,
) -> Result<Vec<Access>, StoreError> {
    let mut found = Vec::new();
    let filters = conjuncts(query.filters());
    let within = sequences(query.filters());
    let alone = filters.len() == 1;
    for filter in &filters {
        if let Some(access) = of_value(schema, query.schema(), filter) {
            let exact = alone && !matches!(filter, Filter::ContainsAll { .. });
            found.push(Access { exact, within, ..access });
        } else if let Filter::Search { search, .. } = filter {
            let only = alone && search.words.len() == 1;
            for word in &search.words {
                found.extend(of_word(reader, schema, word, only)?);
            }
        }
    }
    for (place, field) in (0_u8..).zip(indexes(query.schema())) {
        if let Some((range, exact)) =
            range_among(&filters, field).filter(|(range, _)| *range != everything())
        {
            let space = Space { schema, part: Part::Index(place) };
            let name = Name::Range(field.name());
            found.push(Access { by: By::Range(space, range), exact, name, within: ALL });
        }
    }
    Ok(found)
}

/// The filters that must all hold.
pub(crate) fn conjuncts(filters: &[Filter]) -> Vec<&Filter> {
    let mut parts = Vec::with_capacity(filters.len());
    for filter in filters {
        match filter {
            Filter::And { filters, .. } => parts.extend(conjuncts(filters)),
            filter => parts.push(filter),
        }
    }
    parts
}

/// The way of a filter that names values.
fn of_value(schema: u16, of: &'static Schema, filter: &Filter) -> Option<Access> {
    let space = |part| Space { schema, part };
    let index = |field: &Field| {
        let place = (0..).zip(indexes(of)).find(|(_, index)| *index == field)?.0;
        Some(space(Part::Index(place)))
    };
    let lists = |field: &'static Field, lists: Vec<Vec<u8>>| {
        let name = Name::Index(field.name());
        Some(Access { by: By::Lists(index(field)?, lists), exact: false, name, within: ALL })
    };
    match filter {
        Filter::Equal { field, values, .. } if *field == &ID => {
            // Ids are texts, and keys as they are.
            let id = |value: &Value<'_>| match value {
                Value::Text(id) => Some(id.as_bytes().to_vec()),
                _ => None,
            };
            let keys = values.iter().filter_map(id).collect();
            let name = Name::Id;
            Some(Access { by: By::Keys(space(Part::Ids), keys), exact: false, name, within: ALL })
        }
        Filter::Equal { field, values, .. } => {
            let keys = values.iter().map(value_key).collect();
            let unique = (0..).zip(of.uniques).find(|(_, unique)| match unique {
                Unique { fields: [name], .. } => *name == field.name(),
                _ => false,
            });
            match unique {
                Some((place, _)) => {
                    let by = By::Keys(space(Part::Unique(place)), keys);
                    Some(Access { by, exact: false, name: Name::Unique(field.name()), within: ALL })
                }
                None => lists(field, keys),
            }
        }
        Filter::Contains { field, parts, .. } if field.kind() == Kind::List => {
            let keys = parts.iter().map(|element| value_key(&element.as_str().into()));
            lists(field, keys.collect())
        }
        // Any of them would do.
        Filter::ContainsAll { field, elements, .. } => {
            let first = elements.first()?;
            lists(field, vec![value_key(&first.as_str().into())])
        }
        Filter::IsNull { field, .. } => lists(field, vec![value_key(&Value::Null)]),
        // What no document satisfies is no reason to look at all of them.
        _ if is_never(filter) => {
            let by = By::Keys(space(Part::Ids), Vec::new());
            Some(Access { by, exact: false, name: Name::Nothing, within: ALL })
        }
        _ => None,
    }
}

/// Whether a filter says by its form that nothing satisfies it.
fn is_never(filter: &Filter) -> bool {
    match filter {
        Filter::Search { search, .. } => search.words.is_empty(),
        Filter::Or { filters, .. } => filters.is_empty(),
        _ => false,
    }
}

/// The ways of a word: one for each of its tokens.
fn of_word(
    reader: &dyn Reader,
    schema: u16,
    word: &SearchWord,
    only: bool,
) -> Result<Vec<Access>, StoreError> {
    let exact = only && word.tokens.len() == 1;
    let (tokens, heads) =
        (Space { schema, part: Part::Tokens }, Space { schema, part: Part::Heads });
    let mut found = Vec::new();
    for (place, token) in word.tokens.iter().enumerate() {
        let beginning = word.prefix && place + 1 == word.tokens.len();
        let name = if beginning { Name::Beginning } else { Name::Word }(token.clone());
        let by = if !beginning {
            By::Lists(tokens, vec![token_key(token)])
        } else if head_of(token) == token && token.chars().count() == 2 {
            By::Lists(heads, vec![token_key(token)])
        } else {
            // A single letter begins few heads, and a longer text few words.
            let space = if head_of(token) == token { heads } else { tokens };
            begun(reader, space, token)?
        };
        found.push(Access { by, exact, name, within: ALL });
    }
    Ok(found)
}

/// The lists of all words that begin with `head`, or their range if there are too many.
fn begun(reader: &dyn Reader, space: Space, head: &str) -> Result<By, StoreError> {
    let range = Range { from: head.as_bytes().to_vec(), to: successor(head.as_bytes()) };
    let (mut rest, mut lists) = (range.clone(), Vec::new());
    loop {
        let mut next = None;
        reader.scan(space, rest.bounds(), Direction::Ascending, &mut |key, _| {
            next = Some(key[..key.len().saturating_sub(8)].to_vec());
            ControlFlow::Break(())
        })?;
        let Some(list) = next else { return Ok(By::Lists(space, lists)) };
        if lists.len() == MOST_LISTS {
            return Ok(By::Range(space, range));
        }
        rest.from = after(&list);
        lists.push(list);
    }
}

/// All keys of an index.
pub(crate) const fn everything() -> Range {
    Range { from: Vec::new(), to: None }
}

/// The keys of an index in which all matches are, and whether the filters on `field` say no more than that.
pub(crate) fn range_of(filters: &[Filter], field: &Field) -> Option<(Range, bool)> {
    range_among(&conjuncts(filters), field)
}

/// The same of filters that must all hold.
fn range_among(filters: &[&Filter], field: &Field) -> Option<(Range, bool)> {
    if field.kind() == Kind::List {
        return None;
    }
    let mut range = everything();
    for filter in filters {
        narrow(&mut range, filter, field);
    }
    Some((range, filters.iter().all(|filter| of_range(filter, field))))
}

/// Whether a filter is one that [`narrow`] knows all of.
fn of_range(filter: &Filter, field: &Field) -> bool {
    match filter {
        Filter::Less { field: named, .. }
        | Filter::LessEqual { field: named, .. }
        | Filter::Greater { field: named, .. }
        | Filter::GreaterEqual { field: named, .. }
        | Filter::StartsWith { field: named, .. }
        | Filter::IsNotNull { field: named, .. } => *named == field,
        _ => false,
    }
}

fn narrow(range: &mut Range, filter: &Filter, field: &Field) {
    // Nulls have the key 0, and every value one that begins with more.
    const VALUES: &[u8] = &[1];
    let mut bound = |from: Vec<u8>, to: Option<Vec<u8>>| {
        if from > range.from {
            range.from = from;
        }
        if let Some(to) = to
            && range.to.as_ref().is_none_or(|old| to < *old)
        {
            range.to = Some(to);
        }
    };
    match filter {
        Filter::Less { field: named, value, .. } if *named == field => {
            bound(VALUES.to_vec(), Some(value_key(value)));
        }
        Filter::LessEqual { field: named, value, .. } if *named == field => {
            bound(VALUES.to_vec(), Some(after(&value_key(value))));
        }
        Filter::Greater { field: named, value, .. } if *named == field => {
            bound(after(&value_key(value)), None);
        }
        Filter::GreaterEqual { field: named, value, .. } if *named == field => {
            bound(value_key(value), None);
        }
        Filter::StartsWith { field: named, prefix, .. } if *named == field => {
            let head = text_head(prefix);
            let to = successor(&head);
            bound(head, to);
        }
        Filter::IsNotNull { field: named, .. } if *named == field => bound(VALUES.to_vec(), None),
        Filter::IsNull { field: named, .. } if *named == field => {
            bound(Vec::new(), Some(VALUES.to_vec()));
        }
        // What a descending page begins with: at most this value, or none.
        Filter::Or { filters, .. } => match filters.as_slice() {
            [Filter::LessEqual { field: named, value, .. }, Filter::IsNull { field: null, .. }]
                if *named == field && *null == field =>
            {
                bound(Vec::new(), Some(after(&value_key(value))));
            }
            [Filter::Less { field: named, value, .. }, Filter::IsNull { field: null, .. }]
                if *named == field && *null == field =>
            {
                bound(Vec::new(), Some(value_key(value)));
            }
            _ => {}
        },
        _ => {}
    }
}

/// The sequences to which the filters narrow the matches, both ends included; it need not be exact.
pub(crate) fn sequences(filters: &[Filter]) -> (u64, u64) {
    let (mut from, mut to) = (0, u64::MAX);
    let number = |bound: &i64| u64::try_from(*bound).unwrap_or(0);
    for filter in conjuncts(filters) {
        match filter {
            Filter::Greater { field, value: Value::Int(bound), .. } if *field == &SEQUENCE => {
                from = from.max(number(bound).saturating_add(u64::from(*bound >= 0)));
            }
            Filter::GreaterEqual { field, value: Value::Int(bound), .. } if *field == &SEQUENCE => {
                from = from.max(number(bound));
            }
            Filter::Less { field, value: Value::Int(bound), .. }
            | Filter::LessEqual { field, value: Value::Int(bound), .. }
                if *field == &SEQUENCE =>
            {
                to = to.min(number(bound));
            }
            _ => {}
        }
    }
    (from, to)
}

impl Access {
    /// How many sequences it leads to, but no more than about `most`.
    pub(crate) fn estimate(&self, reader: &dyn Reader, most: u64) -> Result<u64, StoreError> {
        let lists = |space, lists: &[Vec<u8>]| {
            let mut sum = 0;
            for list in lists {
                if sum >= most {
                    break;
                }
                let range = part_of(list, self.within);
                // No engine has to take an inverted range.
                if range.is_empty() {
                    return Ok(0);
                }
                sum += reader.estimate(space, range.bounds(), most - sum)?;
            }
            Ok(sum)
        };
        match &self.by {
            By::Keys(_, keys) => Ok(keys.len() as u64),
            By::Lists(space, all) => lists(*space, all),
            By::Range(_, range) if range.is_empty() => Ok(0),
            By::Range(space, range) => reader.estimate(*space, range.bounds(), most),
        }
    }

    /// Calls `found` with all sequences, some perhaps twice, in no particular order.
    pub(crate) fn each(
        &self,
        reader: &dyn Reader,
        found: &mut dyn FnMut(u64),
    ) -> Result<(), StoreError> {
        let mut scan = |space, bounds: (Bound<&[u8]>, Bound<&[u8]>)| {
            reader.scan(space, bounds, Direction::Ascending, &mut |key, _| {
                sequence_of(key).into_iter().for_each(&mut *found);
                ControlFlow::Continue(())
            })
        };
        match &self.by {
            By::Keys(space, keys) => {
                for key in keys {
                    if let Some(Entry::Sequence(sequence)) = reader.get(*space, key)? {
                        found(sequence);
                    }
                }
                Ok(())
            }
            By::Lists(space, lists) => {
                let ranges = lists.iter().map(|list| part_of(list, self.within));
                let mut ranges = ranges.filter(|range| !range.is_empty());
                ranges.try_for_each(|range| scan(*space, range.bounds()))
            }
            By::Range(_, range) if range.is_empty() => Ok(()),
            By::Range(space, range) => scan(*space, range.bounds()),
        }
    }
}

/// The entries of a list between two sequences.
fn part_of(list: &[u8], (from, to): (u64, u64)) -> Range {
    let from = [list, &sequence_key(from)].concat();
    Range { from, to: Some([list, &sequence_key(to), &[0]].concat()) }
}

/// All sequences.
const ALL: (u64, u64) = (0, u64::MAX);

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Name::Id => f.write_str("$id"),
            Name::Nothing => f.write_str("nothing"),
            Name::Unique(field) => write!(f, "the unique {field}"),
            Name::Index(field) => write!(f, "the index of {field}"),
            Name::Range(field) => write!(f, "the range of {field}"),
            Name::Word(word) => write!(f, "the words that are {word:?}"),
            Name::Beginning(text) => write!(f, "the words that begin with {text:?}"),
        }
    }
}

#[cfg(test)]
mod tests;
