//! The generations of the upstream's API: which routes a host speaks, and in which shapes.

use super::schema::{Entity, Shapes};

/// What a sandbox speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// The API as it is: memberships below `/accounts/{accountId}/users`.
    V5,
    /// September 2025: memberships at `/account-users`.
    September2025,
    /// February 2025: memberships below `/{accountId}/users`.
    February2025,
    /// The routes of all generations, in the shapes of v5.
    All,
}

impl Default for Generation {
    fn default() -> Generation {
        Generation::DEFAULT
    }
}

impl Generation {
    /// What a sandbox speaks unless told otherwise.
    pub const DEFAULT: Generation = Generation::V5;

    /// All of them.
    pub const EACH: [Generation; 4] =
        [Generation::V5, Generation::September2025, Generation::February2025, Generation::All];

    /// The name in options.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Generation::V5 => "v5",
            Generation::September2025 => "2025-09",
            Generation::February2025 => "2025-02",
            Generation::All => "all",
        }
    }

    /// The shapes of its objects.
    pub(crate) fn shapes(self) -> Shapes {
        match self {
            Generation::V5 | Generation::All => Shapes::V5,
            Generation::September2025 | Generation::February2025 => Shapes::Old,
        }
    }

    /// Whether a path without its version prefix may exist.
    pub(crate) fn speaks(self, path: &str) -> bool {
        let mut parts = path.strip_prefix("/accounts/").unwrap_or_default().split('/');
        let (first, second, third) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        let of_v5 = self.shapes() == Shapes::V5;
        match (first, second, third) {
            ("account-users", ..) => matches!(self, Generation::September2025 | Generation::All),
            ("accounts", Some(_), Some("users" | "settings"))
            | ("users", Some(_), Some("sso" | "accounts"))
            | ("buyers", Some(_), Some("synchronize"))
            | ("services", ..) => of_v5,
            // Deprecated in v5, and gone from its newest description.
            ("users", Some(_), Some("sso-check")) => self != Generation::V5,
            (first, Some("users"), _) if Entity::of_segment(first).is_none() => {
                matches!(self, Generation::February2025 | Generation::All)
            }
            _ => true,
        }
    }
}
