//! The table of everything that can be set: each option is declared once, in the file of its topic.
//!
//! A declaration is the field of a struct, with the form of its values, its names, its default and its help. From it
//! come the command line and its help, the known names of the environment and of the file, and how the field is read.

mod general;
mod http;
mod limits;
mod playground;
mod sandbox;
mod trust;
mod upstream;

use std::sync::LazyLock;

use super::option::OptionInfo;
use crate::graph::document::limits::DocumentLimits;

pub use general::Config;
pub(super) use general::{CONFIG, LOG};
pub use http::Http;
pub(super) use http::{CORS_ORIGINS, TRUSTED_DOCUMENTS_ONLY};
pub use limits::Limits;
pub(super) use limits::OPERATION_TIMEOUT;
pub use playground::Playground;
use sandbox::SANDBOX;
pub use sandbox::Sandbox;
pub use trust::Trust;
pub(super) use upstream::UPSTREAM_TIMEOUT;
#[cfg(all(test, feature = "sandbox"))]
pub(super) use upstream::{UPSTREAM, url_or_sandbox};
pub use upstream::{Upstream, Wavefront};

/// Every option, in the order of the help.
#[must_use]
pub fn options() -> &'static [OptionInfo] {
    static OPTIONS: LazyLock<Vec<OptionInfo>> = LazyLock::new(|| {
        let groups: [&[OptionInfo]; 11] = [
            Trust::OPTIONS,
            Config::OPTIONS,
            &[CONFIG.info],
            Http::OPTIONS,
            Upstream::OPTIONS,
            Wavefront::OPTIONS,
            Limits::OPTIONS,
            DocumentLimits::OPTIONS,
            Playground::OPTIONS,
            &[SANDBOX.info],
            Sandbox::OPTIONS,
        ];
        let mut options = groups.concat();
        options.sort_by_key(|option| option.topic);
        options
    });
    &OPTIONS
}

/// Options and the struct that they are read into: `field: Type = how(NAME: Value, FORM) { … }`, where `how` is the method of
/// [`Sources`](super::sources::Sources) that reads the field from the `Setting` `NAME`. A struct that is not of the
/// configuration is filled in: `for Type { field = … }`. `with` lists the fields that have options of their own.
macro_rules! declare {
    (
        $(#[$meta:meta])*
        pub struct $group:ident {
            $(
                $(#[$doc:meta])*
                $field:ident: $type:ty =
                    $how:ident($name:ident: $value:ty, $form:ident $(, $more:expr)?) { $($info:tt)* },
            )*
        }
        $(with { $( $(#[$inner_doc:meta])* $inner:ident: $inner_type:ty, )* })?
    ) => {
        $(#[$meta])*
        pub struct $group {
            $( $(#[$doc])* pub $field: $type, )*
            $($( $(#[$inner_doc])* pub $inner: $inner_type, )*)?
        }

        declare! {
            for $group {
                $( $field = $how($name: $value, $form $(, $more)?) { $($info)* }, )*
            }
            $(with { $( $inner: $inner_type, )* })?
        }
    };
    (
        for $group:ident {
            $( $field:ident = $how:ident($name:ident: $value:ty, $form:ident $(, $more:expr)?) { $($info:tt)* }, )*
        }
        $(with { $( $inner:ident: $inner_type:ty, )* })?
    ) => {
        $(
            #[allow(clippy::needless_update, reason = "few options set every field")]
            pub(in crate::config) const $name: $crate::config::option::Setting<$value> =
                $crate::config::option::setting!($form { $($info)* });
        )*

        impl $group {
            /// The options of the fields, without those of the structs inside.
            pub(in crate::config) const OPTIONS: &'static [$crate::config::option::OptionInfo] = &[$($name.info),*];

            /// Reads every field.
            pub(in crate::config) fn find(
                from: &$crate::config::sources::Sources<'_>,
            ) -> Result<Self, $crate::config::error::ConfigError> {
                Ok(Self {
                    $( $field: from.$how(&$name $(, $more)?)?, )*
                    $($( $inner: <$inner_type>::find(from)?, )*)?
                })
            }
        }
    };
}

use declare;
