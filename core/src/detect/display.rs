//! Detectors by name.

use std::fmt;
use std::str::FromStr;

use super::{Detector, rules};
use crate::policy::UnknownName;

impl fmt::Display for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Detector {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        rules::number(name).map(Self).ok_or_else(|| {
            UnknownName::of("detector", Self::ALL.iter().map(|detector| detector.name()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for detector in Detector::ALL {
            assert_eq!(detector.to_string().parse(), Ok(*detector));
        }
        let unknown = "jvt".parse::<Detector>().unwrap_err();
        assert!(unknown.to_string().starts_with("no detector has this name; there are "));
        assert!(unknown.known.contains(&"jwt"));
    }
}
