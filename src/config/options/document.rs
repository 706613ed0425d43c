//! Options of what a GraphQL document may contain.

use super::{OptionInfo, Setting, Topic, form};

pub(in crate::config) const MAX_TOKENS: Setting<usize> = Setting {
    info: OptionInfo {
        topic: Topic::Limits,
        flag: "--max-tokens",
        value: "N",
        env: "ACCOUNTS_GRAPH_MAX_TOKENS",
        key: Some("limits.tokens"),
        default: Some("15000"),
        help: "Most names, values and punctuators in a GraphQL document",
        alone: None,
    },
    form: form::COUNT,
};

pub(in crate::config) const MAX_NESTING: Setting<usize> = Setting {
    info: OptionInfo {
        topic: Topic::Limits,
        flag: "--max-nesting",
        value: "N",
        env: "ACCOUNTS_GRAPH_MAX_NESTING",
        key: Some("limits.nesting"),
        default: Some("128"),
        help: "Deepest nesting of brackets in a GraphQL document",
        alone: None,
    },
    form: form::NESTING,
};

pub(in crate::config) const MAX_ALIASES: Setting<usize> = Setting {
    info: OptionInfo {
        topic: Topic::Limits,
        flag: "--max-aliases",
        value: "N",
        env: "ACCOUNTS_GRAPH_MAX_ALIASES",
        key: Some("limits.aliases"),
        default: Some("500"),
        help: "Most fields with an alias in one operation",
        alone: None,
    },
    form: form::COUNT,
};

pub(in crate::config) const MAX_ROOT_FIELDS: Setting<usize> = Setting {
    info: OptionInfo {
        topic: Topic::Limits,
        flag: "--max-root-fields",
        value: "N",
        env: "ACCOUNTS_GRAPH_MAX_ROOT_FIELDS",
        key: Some("limits.root-fields"),
        default: Some("100"),
        help: "Most fields at the root of one operation",
        alone: None,
    },
    form: form::COUNT,
};

pub(in crate::config) const MAX_REPEATED_FIELDS: Setting<usize> = Setting {
    info: OptionInfo {
        topic: Topic::Limits,
        flag: "--max-repeated-fields",
        value: "N",
        env: "ACCOUNTS_GRAPH_MAX_REPEATED_FIELDS",
        key: Some("limits.repeated-fields"),
        default: Some("200"),
        help: "Most fields in one operation that repeat one in the same selection",
        alone: None,
    },
    form: form::COUNT,
};

pub(in crate::config) const MAX_DIRECTIVES: Setting<usize> = Setting {
    info: OptionInfo {
        topic: Topic::Limits,
        flag: "--max-directives",
        value: "N",
        env: "ACCOUNTS_GRAPH_MAX_DIRECTIVES",
        key: Some("limits.directives"),
        default: Some("200"),
        help: "Most directives in one operation",
        alone: None,
    },
    form: form::COUNT,
};

pub(in crate::config) const MAX_FIELDS: Setting<usize> = Setting {
    info: OptionInfo {
        topic: Topic::Limits,
        flag: "--max-fields",
        value: "N",
        env: "ACCOUNTS_GRAPH_MAX_FIELDS",
        key: Some("limits.fields"),
        default: Some("20000"),
        help: "Most fields and fragments in a GraphQL document, and most values in its arguments, fragments counted at each spread",
        alone: None,
    },
    form: form::COUNT,
};

pub(in crate::config) const MAX_INTROSPECTED_FIELDS: Setting<usize> = Setting {
    info: OptionInfo {
        topic: Topic::Limits,
        flag: "--max-introspected-fields",
        value: "N",
        env: "ACCOUNTS_GRAPH_MAX_INTROSPECTED_FIELDS",
        key: Some("limits.introspected-fields"),
        default: Some("500000"),
        help: "Most fields of an answer to introspection, by an estimate that is rather too high",
        alone: None,
    },
    form: form::COUNT,
};
