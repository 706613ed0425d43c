//! Names of the schema that more than one part of the graph knows.

/// The ending of a connection type's name.
pub const CONNECTION: &str = "Connection";
/// The ending of a payload type's name.
pub const PAYLOAD: &str = "Payload";
/// The type of the root field `viewer`.
pub const VIEWER_TYPE: &str = "Viewer";
/// The root field that resolves what other subgraphs refer to.
pub const ENTITIES: &str = "_entities";
/// The root field that returns the schema with its directives.
pub const SERVICE: &str = "_service";
/// The argument of [`ENTITIES`], and its type.
pub const REPRESENTATIONS: (&str, &str) = ("representations", "[_Any!]!");
/// The scalar of a representation: an object with `__typename` and the fields of one key.
pub const ANY: &str = "_Any";
