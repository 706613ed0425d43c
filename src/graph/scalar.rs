//! Scalars that GraphQL itself lacks.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

/// A moment as the upstream wrote it.
pub struct DateTime(pub String);

/// A moment in UTC, written as ISO 8601, for example `2025-02-22T08:39:12.176Z`.
#[Scalar]
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
#[Scalar(name = "JSON")]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value))
    }

    fn to_value(&self) -> Value {
        self.0.clone()
    }
}
