//! What the documentation leaves open about the upstream, as switches: a client has to live with each position.

use serde::{Deserialize, Serialize};

use super::{generation::Generation, schema::Shapes};

/// The positions of all switches; the default is the likeliest of each.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields, default)]
pub struct Quirks {
    /// The body of a 404 for a path that does not exist.
    pub unknown_route: UnknownRoute,
    /// What lists say of how many rows there are.
    pub total: Total,
    /// The most rows on a page.
    pub page_cap: PageCap,
    /// The limit that a page states.
    pub page_limit: PageLimit,
    /// Where answers name what they leave out.
    pub omitted: Omitted,
    /// How instants are written.
    pub dates: Dates,
    /// Whoever did something, as an audit names it.
    pub by: By,
    /// How long the answer to a create takes, in milliseconds.
    pub create_delay_ms: u64,
    /// `gt`, `ge`, `lt` and `le` on texts.
    pub text_order: Support,
    /// `in` inside `any` and `all`.
    pub any_in: Support,
    /// Which case `like` and `ilike` tell apart.
    pub text_case: TextCase,
    /// Whether a group lists the members who have not accepted their invitation.
    pub invited_in_groups: Listed,
    /// What is shown of nested objects that only a filter or an order names.
    pub touched: Touched,
    /// How much of the query language is taken.
    pub rql: Rql,
    /// The status for a filter that cannot be read.
    pub broken_rql: Broken,
    /// The bodies of writes where objects have pictures.
    pub bodies: Bodies,
    /// Whether answers are packed for clients that take gzip.
    pub packing: Packing,
    /// Which characters of texts are escaped in JSON.
    pub escapes: Escapes,
}

macro_rules! switch {
    ($(#[$doc:meta])* $name:ident { $first:ident $(= $first_name:literal)? : $first_doc:literal,
        $($rest:ident $(= $rest_name:literal)? : $rest_doc:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name {
            #[default]
            #[doc = $first_doc]
            $(#[serde(rename = $first_name)])?
            $first,
            $(#[doc = $rest_doc] $(#[serde(rename = $rest_name)])? $rest,)*
        }
    };
}

switch!(
    /// The body of a 404 for a path that does not exist.
    UnknownRoute {
        Problem: "A problem, as for an unknown id.",
        StatusCode: "An object with `statusCode` and `message`.",
        Empty: "No body.",
        Html: "A web page.",
    }
);
switch!(
    /// What lists say of how many rows there are.
    Total {
        Given: "The number.",
        Null: "Null.",
        Absent: "Nothing.",
    }
);
switch!(
    /// The most rows on a page.
    PageCap {
        Hundred = "100": "As documented.",
        Thousand = "1000": "What one client of the vendor asks for.",
        Fifty = "50": "What another one asks for.",
    }
);
switch!(
    /// The limit that a page states.
    PageLimit {
        Used: "The one that was applied.",
        Asked: "The one that was asked for.",
    }
);
switch!(
    /// Where answers name what they leave out.
    Omitted {
        Both: "On the list and on each row.",
        Envelope: "On the list.",
        Rows: "On each row.",
        Absent: "Nowhere.",
    }
);
switch!(
    /// How instants are written.
    Dates {
        Z: "With a `Z`.",
        Offset = "+00:00": "With an offset, and seven digits of a second.",
        Bare: "Without a zone.",
    }
);
switch!(
    /// Whoever did something, as an audit names it.
    By {
        Known: "A user, an API token, a service or an extension.",
        Absent: "Nobody.",
        Unknown: "Somebody of a kind that nothing describes.",
    }
);
switch!(
    /// Whether something is supported, and how it is refused.
    Support {
        Works: "It works.",
        Refused = "400": "Answered 400.",
        Fails = "500": "Answered 500.",
    }
);
switch!(
    /// Which case `like` and `ilike` tell apart.
    TextCase {
        Documented: "`like` tells case apart, `ilike` does not.",
        Ignored: "Neither does.",
        Kept: "Both do.",
    }
);
switch!(
    /// Whether something is listed.
    Listed {
        Yes: "It is.",
        No: "It is not.",
    }
);
switch!(
    /// What is shown of nested objects that only a filter or an order names.
    Touched {
        Bare: "The members that are named.",
        Named: "Their ids as well.",
    }
);
switch!(
    /// How much of the query language is taken.
    Rql {
        Lax: "What the upstream's engine takes.",
        Strict: "What its documentation describes.",
    }
);
switch!(
    /// The status for a filter that cannot be read.
    Broken {
        Refused = "400": "Bad Request.",
        Fails = "500": "Internal Server Error.",
    }
);
switch!(
    /// The bodies of writes where objects have pictures.
    Bodies {
        Any: "JSON, and forms with a part of JSON.",
        Forms: "Forms; JSON is answered 415.",
    }
);
switch!(
    /// Whether answers are packed.
    Packing {
        None: "They are not.",
        Gzip: "With gzip.",
    }
);

switch!(
    /// Which characters of texts are escaped in JSON.
    Escapes {
        Needed: "Those that have to be.",
        Web: "Those too that encoders for web pages escape.",
        All: "Every character.",
    }
);

impl PageCap {
    pub(crate) fn rows(self) -> usize {
        match self {
            PageCap::Hundred => 100,
            PageCap::Thousand => 1000,
            PageCap::Fifty => 50,
        }
    }
}

/// How the host behaves that the sandbox stands for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Host {
    pub(crate) generation: Generation,
    pub(crate) quirks: Quirks,
}

impl Host {
    pub(crate) fn shapes(&self) -> Shapes {
        self.generation.shapes()
    }
}
