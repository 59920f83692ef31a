//! Attributes as constants: what is made of them can't name a field that isn't there.

use std::fmt;
use std::marker::PhantomData;

use crate::{Condition, Field, Filter, Kind, Sort, Timestamp, Value};

/// An attribute of records of type `R`, whose values are of type `T`.
///
/// The constants of a record type, such as [`User::NAME`](crate::User::NAME), are the only ones, so that a
/// query of them has neither a misspelt name nor a value of the wrong type. For names that come from
/// elsewhere there are [`Schema::field`](crate::Schema::field) and
/// [`ListUsers::from_queries`](crate::ListUsers::from_queries).
///
/// ```
/// use rollbook_core::{ListUsers, User};
///
/// let list = ListUsers::new()
///     .filter(User::STATUS.equal(true))
///     .filter(User::EMAIL.ends_with("@example.com").or(User::LABELS.contains("staff")))
///     .order(User::NAME.ascending());
/// # assert!(format!("{list:?}").contains("EndsWith"));
/// assert_eq!(User::EMAIL.name(), "email");
/// ```
///
/// What does not fit does not compile:
///
/// ```compile_fail
/// use rollbook_core::User;
///
/// let blocked = User::STATUS.equal("false");
/// ```
pub struct Attribute<R, T: ?Sized> {
    field: &'static Field,
    types: PhantomData<fn(&T) -> R>,
}

/// A type of attribute values: `bool`, `i64`, [`Timestamp`], `str` or `[String]`.
pub trait Operand: ToOwned<Owned: Into<Value<'static>>> {
    /// The same as data.
    const KIND: Kind;
}

/// A type of attribute values that are compared: all but lists.
pub trait Ordered: Operand {}

macro_rules! operands {
    ($($type:ty: $kind:ident $(, $trait:ident)?;)+) => { $(
        impl Operand for $type {
            const KIND: Kind = Kind::$kind;
        }
        $(impl $trait for $type {})?
    )+ };
}

operands! {
    bool: Bool, Ordered;
    i64: Int, Ordered;
    Timestamp: Time, Ordered;
    str: Text, Ordered;
    [String]: List;
}

/// Declares the fields of a record type once: as a list for its schema, and as constants of the type.
///
/// `$id` and `$sequence`, which every schema has, come along as constants.
macro_rules! attributes {
    ($record:ty, $fields:ident; $($(#[$doc:meta])* $name:ident: $type:ty = $field:expr;)+) => {
        static $fields: &[Field] = &[$($field),+];

        impl $record {
            /// `$id`: the identifier.
            pub const ID: $crate::Attribute<$record, str> = $crate::Attribute::new(&$crate::ID);
            /// `$sequence`: the place in the order of insertion.
            pub const SEQUENCE: $crate::Attribute<$record, i64> =
                $crate::Attribute::new(&$crate::SEQUENCE);
            $(
                $(#[$doc])*
                pub const $name: $crate::Attribute<$record, $type> = {
                    const FIELD: &Field = &$field;
                    $crate::Attribute::new(FIELD)
                };
            )+
        }
    };
}

pub(crate) use attributes;

impl<R, T: Operand + ?Sized> Attribute<R, T> {
    /// The attribute that `field` is. Does not compile in a constant if the types differ.
    pub(crate) const fn new(field: &'static Field) -> Self {
        assert!(field.kind() as u8 == T::KIND as u8, "the field is of another type");
        Self { field, types: PhantomData }
    }

    /// The name, as queries write it.
    pub fn name(self) -> &'static str {
        self.field.name()
    }

    /// There is no value.
    pub fn is_null(self) -> Condition<R> {
        Condition::new(self.field.is_null())
    }

    /// There is a value.
    pub fn is_not_null(self) -> Condition<R> {
        Condition::new(self.field.is_not_null())
    }

    /// Smallest first, nulls first; lists by their JSON text.
    pub fn ascending(self) -> Sort<R> {
        Sort::new(self.field.ascending())
    }

    /// Greatest first, nulls last; lists by their JSON text.
    pub fn descending(self) -> Sort<R> {
        Sort::new(self.field.descending())
    }
}

impl<R, T: Ordered + ?Sized> Attribute<R, T> {
    /// It is `value`.
    pub fn equal(self, value: impl Into<T::Owned>) -> Condition<R> {
        self.any_of([value])
    }

    /// It is one of `values`; none is, if there are none.
    pub fn any_of<V: Into<T::Owned>>(self, values: impl IntoIterator<Item = V>) -> Condition<R> {
        let values: Vec<_> = values.into_iter().map(Self::value).collect();
        Condition::new(match values.as_slice() {
            [] => Filter::or([]),
            _ => Filter::Equal { field: self.field, values },
        })
    }

    /// There is a value, and it is not `value`.
    pub fn not_equal(self, value: impl Into<T::Owned>) -> Condition<R> {
        Condition::new(Filter::NotEqual { field: self.field, value: Self::value(value) })
    }

    /// It sorts before `value`.
    pub fn less(self, value: impl Into<T::Owned>) -> Condition<R> {
        Condition::new(Filter::Less { field: self.field, value: Self::value(value) })
    }

    /// It sorts before `value` or is the same.
    pub fn less_equal(self, value: impl Into<T::Owned>) -> Condition<R> {
        Condition::new(Filter::LessEqual { field: self.field, value: Self::value(value) })
    }

    /// It sorts after `value`.
    pub fn greater(self, value: impl Into<T::Owned>) -> Condition<R> {
        Condition::new(Filter::Greater { field: self.field, value: Self::value(value) })
    }

    /// It sorts after `value` or is the same.
    pub fn greater_equal(self, value: impl Into<T::Owned>) -> Condition<R> {
        Condition::new(Filter::GreaterEqual { field: self.field, value: Self::value(value) })
    }

    /// It is `low`, `high`, or sorts between them.
    pub fn between(self, low: impl Into<T::Owned>, high: impl Into<T::Owned>) -> Condition<R> {
        self.greater_equal(low).and(self.less_equal(high))
    }

    /// It sorts before `low` or after `high`.
    pub fn not_between(self, low: impl Into<T::Owned>, high: impl Into<T::Owned>) -> Condition<R> {
        self.less(low).or(self.greater(high))
    }

    fn value(value: impl Into<T::Owned>) -> Value<'static> {
        value.into().into()
    }
}

impl<R> Attribute<R, str> {
    /// It begins with `prefix`, byte for byte.
    pub fn starts_with(self, prefix: impl Into<String>) -> Condition<R> {
        Condition::new(Filter::StartsWith { field: self.field, prefix: prefix.into() })
    }

    /// There is a text, and it does not begin with `prefix`.
    pub fn not_starts_with(self, prefix: impl Into<String>) -> Condition<R> {
        self.starts_with(prefix).not(self.field)
    }

    /// It ends with `suffix`, byte for byte.
    pub fn ends_with(self, suffix: impl Into<String>) -> Condition<R> {
        Condition::new(Filter::EndsWith { field: self.field, suffix: suffix.into() })
    }

    /// There is a text, and it does not end with `suffix`.
    pub fn not_ends_with(self, suffix: impl Into<String>) -> Condition<R> {
        self.ends_with(suffix).not(self.field)
    }

    /// It has `part` within, byte for byte.
    pub fn contains(self, part: impl Into<String>) -> Condition<R> {
        Condition::new(Filter::Contains { field: self.field, parts: vec![part.into()] })
    }

    /// There is a text, and it does not have `part` within.
    pub fn not_contains(self, part: impl Into<String>) -> Condition<R> {
        self.contains(part).not(self.field)
    }
}

impl<R> Attribute<R, [String]> {
    /// `element` is one of the list.
    pub fn contains(self, element: impl Into<String>) -> Condition<R> {
        self.contains_any([element])
    }

    /// One of `elements` is one of the list; none is, if there are none.
    pub fn contains_any<V: Into<String>>(
        self,
        elements: impl IntoIterator<Item = V>,
    ) -> Condition<R> {
        let parts: Vec<String> = elements.into_iter().map(Into::into).collect();
        Condition::new(match parts.as_slice() {
            [] => Filter::or([]),
            _ => Filter::Contains { field: self.field, parts },
        })
    }

    /// All of `elements` are of the list, of which there must be one.
    pub fn contains_all<V: Into<String>>(
        self,
        elements: impl IntoIterator<Item = V>,
    ) -> Condition<R> {
        let elements: Vec<String> = elements.into_iter().map(Into::into).collect();
        Condition::new(match elements.as_slice() {
            [] => self.field.is_not_null(),
            _ => Filter::ContainsAll { field: self.field, elements },
        })
    }

    /// There is a list, and `element` is not of it.
    pub fn not_contains(self, element: impl Into<String>) -> Condition<R> {
        self.contains(element).not(self.field)
    }
}

impl<R, T: ?Sized> Clone for Attribute<R, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R, T: ?Sized> Copy for Attribute<R, T> {}

impl<R, T: ?Sized> fmt::Debug for Attribute<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.field.fmt(f)
    }
}
