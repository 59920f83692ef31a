//! The kit's own record types: every kind of field, unique tuples, two levels of owners.

use std::borrow::Cow;
use std::sync::LazyLock;

use rollbook_core::{Document, Field, Kind, Owner, Record, Schema, Timestamp, Unique, decode};
use serde::{Deserialize, Serialize};

use crate::values::time;

/// What most cases open a store with.
pub(crate) static SCHEMAS: &[&Schema] = &[&MEMBERS, &NOTES, &LINES];

/// Somebody, with a field of each kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) active: bool,
    pub(crate) verified: Option<bool>,
    pub(crate) name: Option<String>,
    pub(crate) about: Option<String>,
    /// Unique by itself.
    pub(crate) handle: Option<String>,
    /// Unique together with `seat`.
    pub(crate) room: Option<String>,
    pub(crate) seat: Option<i64>,
    pub(crate) age: Option<i64>,
    pub(crate) count: i64,
    pub(crate) seen: Option<Timestamp>,
    pub(crate) roles: Vec<String>,
    pub(crate) tags: Option<Vec<String>>,
    /// Not queryable: it rests in the body only.
    pub(crate) extra: serde_json::Value,
}

pub(crate) static MEMBERS: Schema = Schema {
    name: "members",
    fields: &[
        Field::new("$createdAt", Kind::Time, |d| member(d).created.into()).indexed(),
        Field::new("active", Kind::Bool, |d| member(d).active.into()),
        Field::new("verified", Kind::Bool, |d| member(d).verified.into()).indexed(),
        Field::new("name", Kind::Text, |d| member(d).name.as_deref().into()).indexed(),
        Field::new("about", Kind::Text, |d| member(d).about.as_deref().into()),
        Field::new("handle", Kind::Text, |d| member(d).handle.as_deref().into()),
        Field::new("room", Kind::Text, |d| member(d).room.as_deref().into()),
        Field::new("seat", Kind::Int, |d| member(d).seat.into()),
        Field::new("age", Kind::Int, |d| member(d).age.into()).indexed(),
        Field::new("count", Kind::Int, |d| member(d).count.into()),
        Field::new("seen", Kind::Time, |d| member(d).seen.into()),
        Field::new("roles", Kind::List, |d| member(d).roles.as_slice().into()),
        Field::new("tags", Kind::List, |d| member(d).tags.as_deref().into()),
    ],
    uniques: &[
        Unique { name: "handle", fields: &["handle"] },
        Unique { name: "place", fields: &["room", "seat"] },
    ],
    search: Some(|d| {
        let member = member(d);
        let texts = [Some(member.id.as_str()), member.name.as_deref(), member.about.as_deref()];
        let roles = member.roles.iter().map(String::as_str);
        texts.into_iter().flatten().chain(roles).map(Cow::Borrowed).collect()
    }),
    owners: &[],
    decode: decode::<Member>,
};

fn member(document: &Document) -> &Member {
    document.typed()
}

impl Record for Member {
    const SCHEMA: &'static Schema = &MEMBERS;

    fn id(&self) -> &str {
        &self.id
    }
}

impl Member {
    /// A member with nothing but an id.
    pub(crate) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            created: time(0),
            active: true,
            verified: None,
            name: None,
            about: None,
            handle: None,
            room: None,
            seat: None,
            age: None,
            count: 0,
            seen: None,
            roles: Vec::new(),
            tags: None,
            extra: serde_json::Value::Null,
        }
    }

    /// A member with the unique value `handle`.
    pub(crate) fn with_handle(id: &str, handle: &str) -> Self {
        Self { handle: Some(handle.to_owned()), ..Self::new(id) }
    }

    /// A member with a place.
    pub(crate) fn with_place(id: &str, room: Option<&str>, seat: Option<i64>) -> Self {
        Self { room: room.map(ToOwned::to_owned), seat, ..Self::new(id) }
    }
}

/// What a member wrote, or nobody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Note {
    pub(crate) id: String,
    pub(crate) member: Option<String>,
    pub(crate) slug: Option<String>,
    pub(crate) text: String,
}

pub(crate) static NOTES: Schema = Schema {
    name: "notes",
    fields: &[
        Field::new("member", Kind::Text, |d| note(d).member.as_deref().into()),
        Field::new("slug", Kind::Text, |d| note(d).slug.as_deref().into()),
        Field::new("text", Kind::Text, |d| note(d).text.as_str().into()),
    ],
    uniques: &[Unique { name: "slug", fields: &["slug"] }],
    search: Some(|d| vec![Cow::Borrowed(note(d).text.as_str())]),
    owners: &[Owner { field: "member", schema: &MEMBERS }],
    decode: decode::<Note>,
};

fn note(document: &Document) -> &Note {
    document.typed()
}

impl Record for Note {
    const SCHEMA: &'static Schema = &NOTES;

    fn id(&self) -> &str {
        &self.id
    }
}

impl Note {
    /// A note of `member`.
    pub(crate) fn new(id: &str, member: Option<&str>) -> Self {
        let member = member.map(ToOwned::to_owned);
        Self { id: id.to_owned(), member, slug: None, text: String::new() }
    }

    /// The same note under a unique name.
    pub(crate) fn slug(self, slug: &str) -> Self {
        Self { slug: Some(slug.to_owned()), ..self }
    }
}

/// A line of a note, and perhaps of the member who wrote it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) note: String,
    pub(crate) place: i64,
    pub(crate) writer: Option<String>,
}

pub(crate) static LINES: Schema = Schema {
    name: "lines",
    fields: &[
        Field::new("note", Kind::Text, |d| line(d).note.as_str().into()),
        Field::new("place", Kind::Int, |d| line(d).place.into()).indexed(),
        Field::new("writer", Kind::Text, |d| line(d).writer.as_deref().into()),
    ],
    uniques: &[Unique { name: "place", fields: &["note", "place"] }],
    search: None,
    owners: &[Owner { field: "note", schema: &NOTES }, Owner { field: "writer", schema: &MEMBERS }],
    decode: decode::<Line>,
};

fn line(document: &Document) -> &Line {
    document.typed()
}

impl Record for Line {
    const SCHEMA: &'static Schema = &LINES;

    fn id(&self) -> &str {
        &self.id
    }
}

impl Line {
    /// A line of `note`.
    pub(crate) fn new(id: &str, note: &str, place: i64) -> Self {
        Self { id: id.to_owned(), note: note.to_owned(), place, writer: None }
    }

    /// The same line, written by `member`.
    pub(crate) fn by(self, member: &str) -> Self {
        Self { writer: Some(member.to_owned()), ..self }
    }
}

/// The schemas before a change of the program, and after it.
pub(crate) static BEFORE: &[&Schema] = &[&GUESTS_BEFORE];
pub(crate) static AFTER: &[&Schema] = &[&GUESTS_AFTER];

/// A guest as the program wrote it yesterday. Its city was stored, but could not be queried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct GuestBefore {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) city: Option<String>,
}

static GUESTS_BEFORE: Schema = Schema {
    name: "guests",
    fields: &[
        Field::new("name", Kind::Text, |d| d.typed::<GuestBefore>().name.as_str().into()),
        Field::new("email", Kind::Text, |d| d.typed::<GuestBefore>().email.as_deref().into()),
    ],
    uniques: &[],
    search: None,
    owners: &[],
    decode: decode::<GuestBefore>,
};

impl Record for GuestBefore {
    const SCHEMA: &'static Schema = &GUESTS_BEFORE;

    fn id(&self) -> &str {
        &self.id
    }
}

/// The same guest today: the city is a field, the name is indexed, the e-mail is unique, guests are
/// searched, and there are a rank and a mark that yesterday's bodies don't have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct GuestAfter {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) city: Option<String>,
    #[serde(default = "first_rank")]
    pub(crate) rank: i64,
    #[serde(default)]
    pub(crate) vip: bool,
}

fn first_rank() -> i64 {
    1
}

pub(crate) static GUESTS_AFTER: Schema = Schema {
    name: "guests",
    fields: &[
        Field::new("rank", Kind::Int, |d| d.typed::<GuestAfter>().rank.into()).indexed(),
        Field::new("name", Kind::Text, |d| d.typed::<GuestAfter>().name.as_str().into()).indexed(),
        Field::new("email", Kind::Text, |d| d.typed::<GuestAfter>().email.as_deref().into()),
        Field::new("city", Kind::Text, |d| d.typed::<GuestAfter>().city.as_deref().into()),
        Field::new("vip", Kind::Bool, |d| d.typed::<GuestAfter>().vip.into()),
    ],
    uniques: &[Unique { name: "email", fields: &["email"] }],
    search: Some(|d| {
        let guest: &GuestAfter = d.typed();
        let texts = [Some(guest.name.as_str()), guest.city.as_deref()];
        texts.into_iter().flatten().map(Cow::Borrowed).collect()
    }),
    owners: &[],
    decode: decode::<GuestAfter>,
};

impl Record for GuestAfter {
    const SCHEMA: &'static Schema = &GUESTS_AFTER;

    fn id(&self) -> &str {
        &self.id
    }
}

/// The field of `T` called `name`.
pub(crate) fn field<T: Record>(name: &str) -> &'static Field {
    T::SCHEMA.field(name).expect("the kit names fields of its own schemas")
}

/// The queryable fields of [`Member`] that have an order: all but the lists.
pub(crate) static ORDERED: LazyLock<Vec<&'static Field>> = LazyLock::new(|| {
    let all = [&rollbook_core::ID, &rollbook_core::SEQUENCE].into_iter().chain(MEMBERS.fields);
    all.filter(|field| field.kind() != Kind::List).collect()
});
