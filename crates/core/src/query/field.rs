//! The filters that a field can make, checked against its type.

use crate::{Field, Filter, Kind, QueryError, Value};

/// The most values that one filter of the query language takes, as the service has it.
pub const MAX_VALUES: usize = 500;

impl Field {
    /// The field's value is one of `values`.
    ///
    /// # Errors
    ///
    /// No value, more than [`MAX_VALUES`], or a value of another type; lists have no equality.
    pub fn equal<V: Into<Value<'static>>>(
        &'static self,
        values: impl IntoIterator<Item = V>,
    ) -> Result<Filter, QueryError> {
        let values: Vec<_> =
            values.into_iter().map(|value| self.value("equal", value)).collect::<Result<_, _>>()?;
        self.check_number("equal", values.len())?;
        Ok(Filter::Equal { field: self, values })
    }

    /// The field has a value, and it is not `value`.
    ///
    /// # Errors
    ///
    /// A value of another type; lists have no equality.
    pub fn not_equal(
        &'static self,
        value: impl Into<Value<'static>>,
    ) -> Result<Filter, QueryError> {
        Ok(Filter::NotEqual { field: self, value: self.value("notEqual", value)? })
    }

    /// The field's value sorts before `value`.
    ///
    /// # Errors
    ///
    /// A value of another type; lists are not compared.
    pub fn less(&'static self, value: impl Into<Value<'static>>) -> Result<Filter, QueryError> {
        Ok(Filter::Less { field: self, value: self.value("lessThan", value)? })
    }

    /// The field's value sorts before `value` or is the same.
    ///
    /// # Errors
    ///
    /// As [`Field::less`].
    pub fn less_equal(
        &'static self,
        value: impl Into<Value<'static>>,
    ) -> Result<Filter, QueryError> {
        Ok(Filter::LessEqual { field: self, value: self.value("lessThanEqual", value)? })
    }

    /// The field's value sorts after `value`.
    ///
    /// # Errors
    ///
    /// As [`Field::less`].
    pub fn greater(&'static self, value: impl Into<Value<'static>>) -> Result<Filter, QueryError> {
        Ok(Filter::Greater { field: self, value: self.value("greaterThan", value)? })
    }

    /// The field's value sorts after `value` or is the same.
    ///
    /// # Errors
    ///
    /// As [`Field::less`].
    pub fn greater_equal(
        &'static self,
        value: impl Into<Value<'static>>,
    ) -> Result<Filter, QueryError> {
        Ok(Filter::GreaterEqual { field: self, value: self.value("greaterThanEqual", value)? })
    }

    /// The field's value is `low`, `high`, or sorts between them; none does if `low` is the greater.
    ///
    /// # Errors
    ///
    /// As [`Field::less`].
    pub fn between<V: Into<Value<'static>>>(
        &'static self,
        low: V,
        high: V,
    ) -> Result<Filter, QueryError> {
        let [low, high] = [self.value("between", low)?, self.value("between", high)?];
        Ok(Filter::and([
            Filter::GreaterEqual { field: self, value: low },
            Filter::LessEqual { field: self, value: high },
        ]))
    }

    /// The field's value sorts before `low` or after `high`.
    ///
    /// # Errors
    ///
    /// As [`Field::less`].
    pub fn not_between<V: Into<Value<'static>>>(
        &'static self,
        low: V,
        high: V,
    ) -> Result<Filter, QueryError> {
        let [low, high] = [self.value("notBetween", low)?, self.value("notBetween", high)?];
        Ok(Filter::or([
            Filter::Less { field: self, value: low },
            Filter::Greater { field: self, value: high },
        ]))
    }

    /// The field's text begins with `prefix`, byte for byte.
    ///
    /// # Errors
    ///
    /// The field is no text.
    pub fn starts_with(&'static self, prefix: impl Into<String>) -> Result<Filter, QueryError> {
        self.check_text("startsWith")?;
        Ok(Filter::StartsWith { field: self, prefix: prefix.into() })
    }

    /// The field has a text, and it does not begin with `prefix`.
    ///
    /// # Errors
    ///
    /// The field is no text.
    pub fn not_starts_with(&'static self, prefix: impl Into<String>) -> Result<Filter, QueryError> {
        self.check_text("notStartsWith")?;
        Ok(self.not(Filter::StartsWith { field: self, prefix: prefix.into() }))
    }

    /// The field's text ends with `suffix`, byte for byte.
    ///
    /// # Errors
    ///
    /// The field is no text.
    pub fn ends_with(&'static self, suffix: impl Into<String>) -> Result<Filter, QueryError> {
        self.check_text("endsWith")?;
        Ok(Filter::EndsWith { field: self, suffix: suffix.into() })
    }

    /// The field has a text, and it does not end with `suffix`.
    ///
    /// # Errors
    ///
    /// The field is no text.
    pub fn not_ends_with(&'static self, suffix: impl Into<String>) -> Result<Filter, QueryError> {
        self.check_text("notEndsWith")?;
        Ok(self.not(Filter::EndsWith { field: self, suffix: suffix.into() }))
    }

    /// The field's text has one of `parts` within, or its list has one of them as an element, byte
    /// for byte.
    ///
    /// # Errors
    ///
    /// The field is neither text nor list, or there are no parts or more than [`MAX_VALUES`].
    pub fn contains<V: Into<String>>(
        &'static self,
        parts: impl IntoIterator<Item = V>,
    ) -> Result<Filter, QueryError> {
        let parts = self.parts("contains", parts)?;
        Ok(Filter::Contains { field: self, parts })
    }

    /// The field has a value that contains none of `parts`.
    ///
    /// # Errors
    ///
    /// As [`Field::contains`].
    pub fn not_contains<V: Into<String>>(
        &'static self,
        parts: impl IntoIterator<Item = V>,
    ) -> Result<Filter, QueryError> {
        let parts = self.parts("notContains", parts)?;
        Ok(self.not(Filter::Contains { field: self, parts }))
    }

    /// The field's text has all of `parts` within, or its list has all of them as elements.
    ///
    /// # Errors
    ///
    /// As [`Field::contains`].
    pub fn contains_all<V: Into<String>>(
        &'static self,
        parts: impl IntoIterator<Item = V>,
    ) -> Result<Filter, QueryError> {
        let parts = self.parts("containsAll", parts)?;
        if self.kind() == Kind::List {
            return Ok(Filter::ContainsAll { field: self, elements: parts });
        }
        let each =
            parts.into_iter().map(|part| Filter::Contains { field: self, parts: vec![part] });
        Ok(Filter::and(each))
    }

    /// The field has no value.
    pub fn is_null(&'static self) -> Filter {
        Filter::IsNull { field: self }
    }

    /// The field has a value.
    pub fn is_not_null(&'static self) -> Filter {
        Filter::IsNotNull { field: self }
    }

    fn not(&'static self, filter: Filter) -> Filter {
        Filter::Not { field: self, filter: Box::new(filter) }
    }

    fn check_number(&self, method: &'static str, number: usize) -> Result<(), QueryError> {
        match number {
            0 => Err(QueryError::NoValue { method }),
            1..=MAX_VALUES => Ok(()),
            _ => Err(QueryError::TooManyValues { attribute: self.name() }),
        }
    }

    fn check_text(&self, method: &'static str) -> Result<(), QueryError> {
        match self.kind() {
            Kind::Text => Ok(()),
            Kind::List => Err(QueryError::List { method, attribute: self.name() }),
            // The service wants values of the field's type here as well, and then finds nothing.
            _ => Err(QueryError::ValueType { attribute: self.name() }),
        }
    }

    fn parts<V: Into<String>>(
        &self,
        method: &'static str,
        parts: impl IntoIterator<Item = V>,
    ) -> Result<Vec<String>, QueryError> {
        if !matches!(self.kind(), Kind::Text | Kind::List) {
            return Err(QueryError::NoParts { method, attribute: self.name() });
        }
        let parts: Vec<String> = parts.into_iter().map(Into::into).collect();
        self.check_number(method, parts.len())?;
        Ok(parts)
    }

    fn value(
        &self,
        method: &'static str,
        value: impl Into<Value<'static>>,
    ) -> Result<Value<'static>, QueryError> {
        let value = value.into();
        match (self.kind(), &value) {
            (Kind::List, _) => Err(QueryError::List { method, attribute: self.name() }),
            (Kind::Bool, Value::Bool(_))
            | (Kind::Int, Value::Int(_))
            | (Kind::Time, Value::Time(_))
            | (Kind::Text, Value::Text(_)) => Ok(value),
            _ => Err(QueryError::ValueType { attribute: self.name() }),
        }
    }
}
