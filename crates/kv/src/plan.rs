//! How a query is answered: from which keys, in which order.

use std::fmt;

use rollbook_core::{Direction, Kind, Order, Query, SEQUENCE, Schema, StoreError};

use crate::access::{self, Access, By};
use crate::encode::{sequence_key, value_key};
use crate::engine::{Part, Reader, Space};
use crate::layout::indexes;
use crate::walk::{Range, after};

/// Where a plan changes its mind. The defaults suit engines that find a document in a microsecond or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "there are two numbers")]
pub struct Tuning {
    /// What a filter leads to is read as a whole if it is less than this, 1,000 by default: that is cheaper
    /// than any order.
    pub few: u64,
    /// How many documents are looked at in the order of a query before its smallest set of keys is read
    /// instead, 20,000 by default: so many that few queries get there, so few that those cost little more.
    pub patience: u64,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { few: 1_000, patience: 20_000 }
    }
}

/// The longest page that is read in the order of an index.
const LONGEST_PAGE: u64 = 100_000;

/// Where the matches of a query are, and in which order they are read.
#[derive(Debug)]
pub(crate) enum Plan {
    /// All that a way leads to, sorted afterwards.
    Collect(Access),
    /// Lists, merged in the order of insertion or against it.
    Lists { access: Access, space: Space, lists: Vec<Vec<u8>>, direction: Direction },
    /// An index in the order of its values.
    Index(Index),
    /// The documents in the order of insertion or against it.
    Documents(Direction),
    /// All documents, sorted afterwards.
    Scan,
}

/// An index in the order of its values.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) space: Space,
    pub(crate) field: &'static str,
    pub(crate) range: Range,
    pub(crate) direction: Direction,
    /// The order of documents that have the same value; `None` if other fields decide it.
    pub(crate) ties: Option<Direction>,
    /// Where a page starts within the documents of one value: the value's key, and the sequence before.
    pub(crate) start: Option<(Vec<u8>, u64)>,
}

/// A plan, and what to read instead if it takes too long.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) plan: Plan,
    /// The ways that are left, of which the smallest is read instead.
    pub(crate) otherwise: Vec<Access>,
}

impl Choice {
    /// The way that promises to be the shortest.
    pub(crate) fn of(
        reader: &dyn Reader,
        schema: u16,
        query: &Query,
        few: u64,
    ) -> Result<Self, StoreError> {
        // A key leads to one document: nothing is shorter than a few of them.
        if let Some(access) = access::few_keys(schema, query) {
            return Ok(Self { plan: Plan::Collect(access), otherwise: Vec::new() });
        }
        let mut ways = Vec::new();
        for access in access::all(reader, schema, query)? {
            ways.push((access.estimate(reader, few)?, access));
        }
        ways.sort_by_key(|(estimate, _)| *estimate);
        let page = query.max().map(|most| most.saturating_add(query.skip()));
        let (first, otherwise) = (query.orders().first(), Vec::new());
        if let Some((estimate, _)) = ways.first().filter(|(estimate, _)| *estimate < few) {
            let (estimate, access) = (*estimate, ways.swap_remove(0).1);
            // A list that is in order already is read to the end of the page only.
            let first = first.filter(|_| page.is_some_and(|page| page < estimate / 2));
            let plan = match (first, &access.by) {
                (Some(first), By::Lists(space, lists)) if first.field == &SEQUENCE => {
                    let (space, lists, direction) = (*space, lists.clone(), first.direction);
                    Plan::Lists { access, space, lists, direction }
                }
                _ => Plan::Collect(access),
            };
            return Ok(Self { plan, otherwise });
        }
        let mut ways: Vec<Access> = ways.into_iter().map(|(_, access)| access).collect();
        // All are long. What says most comes first: words, then values that few have, then ranges.
        ways.sort_by_key(rank);
        let plan = match first {
            Some(first) if page.is_some_and(|page| page <= LONGEST_PAGE) => {
                ordered(schema, query, *first, &mut ways)
            }
            _ => None,
        };
        Ok(match plan {
            Some(plan) => Self { plan, otherwise: ways },
            None => match smallest(reader, ways)? {
                Some(access) => Self { plan: Plan::Collect(access), otherwise },
                None => Self { plan: unordered(query), otherwise },
            },
        })
    }
}

fn rank(access: &Access) -> u8 {
    match &access.by {
        By::Keys(..) => 0,
        By::Lists(Space { part: Part::Tokens | Part::Heads, .. }, _) => 1,
        By::Lists(..) => 2,
        By::Range(..) => 3,
    }
}

/// The way with the fewest keys.
pub(crate) fn smallest(
    reader: &dyn Reader,
    ways: Vec<Access>,
) -> Result<Option<Access>, StoreError> {
    let mut best = None;
    let mut least = u64::MAX;
    // One way needs no estimate.
    let alone = ways.len() == 1;
    for access in ways {
        let estimate = if alone { 0 } else { access.estimate(reader, least)? };
        if best.is_none() || estimate < least {
            least = least.min(estimate);
            best = Some(access);
        }
    }
    Ok(best)
}

/// The plan that reads in the order of the query, if there is one.
fn ordered(schema: u16, query: &Query, first: Order, ways: &mut Vec<Access>) -> Option<Plan> {
    if first.field == &SEQUENCE {
        let direction = first.direction;
        let lists = ways.iter().position(|access| matches!(access.by, By::Lists(..)));
        return Some(match lists.map(|place| ways.remove(place)) {
            Some(access) => match &access.by {
                By::Lists(space, lists) => {
                    let (space, lists) = (*space, lists.clone());
                    Plan::Lists { access, space, lists, direction }
                }
                _ => Plan::Documents(direction),
            },
            None => Plan::Documents(direction),
        });
    }
    let of = query.schema();
    let place = (0..).zip(indexes(of)).find(|(_, field)| *field == first.field)?.0;
    if first.field.kind() == Kind::List {
        return None;
    }
    let space = Space { schema, part: Part::Index(place) };
    let (mut range, _) = access::range_of(query.filters(), first.field)?;
    let ties = match query.orders() {
        [_, second] if second.field == &SEQUENCE => Some(second.direction),
        _ => None,
    };
    let start = match (query.start(), ties) {
        (Some([value, rollbook_core::Value::Int(sequence)]), Some(_)) => {
            Some((value_key(value), sequence.cast_unsigned()))
        }
        _ => None,
    };
    if let (Some((value, sequence)), Some(ties)) = (&start, ties)
        && ties == first.direction
    {
        // Straight on from the row.
        let key = [value.as_slice(), &sequence_key(*sequence)].concat();
        match ties {
            Direction::Ascending => range.from = range.from.max([key.as_slice(), &[0]].concat()),
            Direction::Descending => {
                range.to = Some(range.to.map_or(key.clone(), |to| to.min(key)));
            }
        }
        return Some(Plan::Index(Index {
            space,
            field: first.field.name(),
            range,
            direction: first.direction,
            ties: Some(ties),
            start: None,
        }));
    }
    if let Some((value, _)) = &start {
        // The rest of the row's own value is read first.
        match first.direction {
            Direction::Ascending => range.from = range.from.max(after(value)),
            Direction::Descending => {
                let to = value.clone();
                range.to = Some(range.to.map_or(to.clone(), |old| old.min(to)));
            }
        }
    }
    let (field, direction) = (first.field.name(), first.direction);
    Some(Plan::Index(Index { space, field, range, direction, ties, start }))
}

/// The plan of a query that no index helps.
fn unordered(query: &Query) -> Plan {
    match query.orders().first() {
        Some(first) if first.field == &SEQUENCE => Plan::Documents(first.direction),
        _ => Plan::Scan,
    }
}

/// The schema's place among `schemas`.
pub(crate) fn place(schemas: &[&'static Schema], schema: &Schema) -> Result<u16, StoreError> {
    let place = schemas.iter().position(|known| *known == schema);
    place.and_then(|place| u16::try_from(place).ok()).ok_or_else(|| {
        StoreError::backend(format!("the store was not opened with the schema {}", schema.name))
    })
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = |direction: &Direction| match direction {
            Direction::Ascending => "in the order of insertion",
            Direction::Descending => "against the order of insertion",
        };
        match self {
            Self::Collect(access) => write!(f, "read {access}, then sort"),
            Self::Lists { access, direction, .. } => write!(f, "read {access} {}", way(direction)),
            Self::Index(Index { field, direction, .. }) => match direction {
                Direction::Ascending => write!(f, "read the index of {field} in its order"),
                Direction::Descending => write!(f, "read the index of {field} against its order"),
            },
            Self::Documents(direction) => write!(f, "read all {}", way(direction)),
            Self::Scan => f.write_str("read all, then sort"),
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.plan)?;
        match self.otherwise.as_slice() {
            [] => Ok(()),
            [access] => write!(f, "; if that takes long, read {access}, then sort"),
            ways => {
                let names: Vec<String> = ways.iter().map(ToString::to_string).collect();
                let names = names.join(" or ");
                write!(f, "; if that takes long, read {names}, whichever is shorter, then sort")
            }
        }
    }
}

#[cfg(test)]
mod tests;
