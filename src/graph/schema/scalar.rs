//! Scalars that GraphQL itself lacks.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

/// A date and time as text.
pub struct DateTime(pub String);

/// A date and time in RFC 3339 format, for example `2025-02-22T08:39:12.176Z`. Results are in UTC, end in `Z` and have all
/// the digits of a second that the API returns. Input may have any offset and up to seven digits of a second.
#[Scalar(specified_by_url = "https://datatracker.ietf.org/doc/html/rfc3339#section-5.6")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// A value as the upstream wrote it.
pub struct Json(pub Value);

/// Any JSON value, for what has no fixed shape upstream.
#[Scalar(name = "JSON", specified_by_url = "https://datatracker.ietf.org/doc/html/rfc8259")]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value))
    }

    fn to_value(&self) -> Value {
        self.0.clone()
    }
}
