//! Personal data: off by default, because actor and address are the point of an audit log.

use super::{RULE, Rule};

const PERSONAL: Rule = Rule { on: false, ..RULE };

pub(super) const RULES: &[Rule] = &[
    Rule { name: "email", about: "E-mail address.", ..PERSONAL },
    Rule { name: "phone", about: "Telephone number in E.164 form.", ..PERSONAL },
    Rule { name: "ipv4", about: "IPv4 address.", ..PERSONAL },
    Rule { name: "ipv6", about: "IPv6 address.", ..PERSONAL },
    Rule {
        name: "card",
        about: "Payment card number (issuer range and Luhn checksum).",
        ..PERSONAL
    },
    Rule {
        name: "iban",
        about: "International bank account number (length and mod 97).",
        ..PERSONAL
    },
];
