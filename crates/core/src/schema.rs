//! What a store knows of a record type: its queryable fields, unique tuples and owner.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::{AnyRecord, Document, QueryError, Value};

/// The type of a queryable field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a store must decide about every kind")]
pub enum Kind {
    /// True or false.
    Bool,
    /// A signed 64-bit number.
    Int,
    /// Milliseconds since the epoch.
    Time,
    /// A UTF-8 text.
    Text,
    /// Several texts.
    List,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "boolean",
            Self::Int => "integer",
            Self::Time => "datetime",
            Self::Text => "string",
            Self::List => "array",
        })
    }
}

/// A field that queries can name: how it is called, its type, and how it is read from a document.
pub struct Field {
    name: &'static str,
    kind: Kind,
    indexed: bool,
    // Of the field of the tenant: the record type whose records have tenants here.
    within: Option<&'static Schema>,
    read: for<'a> fn(&'a Document) -> Value<'a>,
}

impl Field {
    /// A field called `name`, read from a document by `read`, which must yield `kind` or null.
    pub const fn new(
        name: &'static str,
        kind: Kind,
        read: for<'a> fn(&'a Document) -> Value<'a>,
    ) -> Self {
        Self { name, kind, indexed: false, within: None, read }
    }

    /// The same field with an ordered index: filters and orders on it need no scan.
    pub const fn indexed(self) -> Self {
        Self { indexed: true, ..self }
    }

    /// The same field as that by which records of the type `of` are told apart by tenant.
    pub(crate) const fn telling_tenants_of(self, of: &'static Schema) -> Self {
        Self { within: Some(of), ..self }
    }

    /// Another field like this one.
    pub(crate) const fn copied(&self) -> Self {
        Self { ..*self }
    }

    /// The name, as queries write it.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The type of the values.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether the store keeps an ordered index of it.
    pub const fn is_indexed(&self) -> bool {
        self.indexed
    }

    /// The value in `document`, which must be of the field's schema.
    pub fn read<'a>(&self, document: &'a Document) -> Value<'a> {
        (self.read)(document)
    }
}

/// Fields are the same when they have the same name: a query names fields of one schema only.
impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Field {}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The field `$id`, which every schema has: the identifier, unique within the schema.
pub static ID: Field = Field::new("$id", Kind::Text, |document| document.id().into());

/// The field `$sequence`, which every schema has: the place in the order of insertion.
pub static SEQUENCE: Field =
    Field::new("$sequence", Kind::Int, |document| Value::Int(document.sequence().cast_signed()));

/// A tuple of fields whose values no two documents share; a null anywhere in it exempts.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "schemas are written as literals")]
pub struct Unique {
    /// What a [`Conflict`](crate::StoreError::Conflict) calls it.
    pub name: &'static str,
    /// The names of its fields.
    pub fields: &'static [&'static str],
}

/// The record type that this one belongs to.
///
/// A document whose `field` is not null can be stored only while the owner exists, and it is deleted
/// with its owner, in the same commit.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "schemas are written as literals")]
pub struct Owner {
    /// The field that holds the owner's `$id`.
    pub field: &'static str,
    /// The owner's record type.
    pub schema: &'static Schema,
}

/// The texts of a document that a search looks into.
pub type Searched = for<'a> fn(&'a Document) -> Vec<Cow<'a, str>>;

/// Reads a record of one type from its bytes; the schema is the one that this stands in.
pub type Decode = fn(&'static Schema, &[u8]) -> Result<Arc<dyn AnyRecord>, serde_json::Error>;

/// A record type as a store sees it.
///
/// Tables, columns, indexes, key encodings and cascades follow from it; a store never names a record
/// type. Schemas are `static`: two of them are the same when they have the same name.
#[expect(clippy::exhaustive_structs, reason = "schemas are written as literals")]
pub struct Schema {
    /// The name of the table or tree, plural, lower case.
    pub name: &'static str,
    /// The queryable fields, without `$id` and `$sequence`, which all schemas have.
    pub fields: &'static [Field],
    /// What must be unique besides `$id`.
    pub uniques: &'static [Unique],
    /// The texts that are searched, if any.
    pub search: Option<Searched>,
    /// What the records belong to, each a field and a record type; none for records that stand alone.
    pub owners: &'static [Owner],
    /// Reads a record from the bytes that [`AnyRecord::encode`] wrote.
    pub decode: Decode,
}

impl Schema {
    /// The field called `name`.
    ///
    /// # Errors
    ///
    /// [`QueryError::UnknownAttribute`] if there is none.
    pub fn field(&'static self, name: &str) -> Result<&'static Field, QueryError> {
        [&ID, &SEQUENCE]
            .into_iter()
            .chain(self.fields)
            .find(|field| field.name == name)
            .ok_or_else(|| QueryError::UnknownAttribute { attribute: name.to_owned() })
    }

    /// The field that holds the tenant, if the records are of tenants (see
    /// [`tenanted`](crate::tenanted)): whoever reads such records asks for those of one.
    pub fn tenant(&self) -> Option<&'static Field> {
        self.fields.first().filter(|field| field.within.is_some())
    }

    /// What the records are for their tenants, if they are of tenants.
    pub fn within_tenant(&self) -> Option<&'static Schema> {
        self.fields.first().and_then(|field| field.within)
    }

    /// The fields of `unique`.
    ///
    /// # Panics
    ///
    /// If the schema is malformed: a unique tuple names a field that does not exist.
    pub fn unique_fields(
        &'static self,
        unique: &'static Unique,
    ) -> impl Iterator<Item = &'static Field> {
        unique
            .fields
            .iter()
            .map(|name| self.field(name).expect("the unique tuples of a schema name fields of it"))
    }

    /// The fields that hold the owners' ids, each with the owner's schema.
    ///
    /// # Panics
    ///
    /// If the schema is malformed: an owner field does not exist.
    pub fn owner_fields(&'static self) -> impl Iterator<Item = (&'static Field, &'static Schema)> {
        self.owners.iter().map(|owner| {
            let field = self.field(owner.field).expect("the owners of a schema are fields of it");
            (field, owner.schema)
        })
    }

    /// The fields whose documents a store counts as it writes, value by value, so that a list tells its
    /// total at once: those that are true or false, of records that [are tallied](Self::is_tallied).
    pub fn tallied(&'static self) -> impl Iterator<Item = &'static Field> {
        let fields = if self.is_tallied() { self.fields } else { &[] };
        fields.iter().filter(|field| field.kind == Kind::Bool)
    }

    /// Whether there are lists of all records, whose totals a store counts as it writes: not of those that
    /// belong to others, and not of those of tenants, each of which lists its own.
    pub fn is_tallied(&self) -> bool {
        self.owners.is_empty() && self.tenant().is_none()
    }

    /// All that a store derives from the schema, as one text.
    ///
    /// A store keeps it beside its data; when it opens data with another text, it builds its columns
    /// and indexes anew from the bodies.
    pub fn fingerprint(&self) -> String {
        use std::fmt::Write;
        let mut text = self.name.to_owned();
        for field in self.fields {
            let index = if field.indexed { " indexed" } else { "" };
            let _ = write!(text, "; {} {}{index}", field.name, field.kind);
        }
        for unique in self.uniques {
            let _ = write!(text, "; unique {} ({})", unique.name, unique.fields.join(", "));
        }
        if self.search.is_some() {
            text.push_str("; searched");
        }
        for owner in self.owners {
            let _ = write!(text, "; owner {} of {}", owner.field, owner.schema.name);
        }
        text
    }
}

impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Schema {}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
