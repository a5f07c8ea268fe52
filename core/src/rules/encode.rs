//! Values that are encoded before they are compared: `utf16`, `base64`, `base64offset`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// How a text becomes bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Wide {
    /// As it stands.
    #[default]
    No,
    /// `utf16le`, `wide`
    Little,
    /// `utf16be`
    Big,
    /// `utf16`: little, behind a byte order mark.
    Marked,
}

/// How bytes become a text again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base64 {
    /// The whole.
    Whole,
    /// As a part of something longer, wherever it begins.
    Part,
}

/// All forms that a text has after this.
pub(super) fn forms(text: &str, wide: Wide, base64: Base64) -> Vec<String> {
    let unit = |to: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to).collect::<Vec<u8>>();
    let bytes = match wide {
        Wide::No => text.as_bytes().to_vec(),
        Wide::Little => unit(u16::to_le_bytes),
        Wide::Big => unit(u16::to_be_bytes),
        Wide::Marked => [&[0xff, 0xfe][..], &unit(u16::to_le_bytes)].concat(),
    };
    match base64 {
        Base64::Whole => vec![STANDARD.encode(bytes)],
        // Of what stands before and after it, some bits share a digit with it: those digits go.
        Base64::Part => (0..3)
            .map(|offset| {
                let mut shifted = vec![0; offset];
                shifted.extend_from_slice(&bytes);
                let digits = STANDARD.encode(&shifted);
                let from = [0, 2, 3][offset];
                let end = digits.len() - [0, 3, 2][shifted.len() % 3];
                digits.get(from..end).unwrap_or_default().to_owned()
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_those_of_the_specification() {
        assert_eq!(forms("foo bar", Wide::No, Base64::Whole), ["Zm9vIGJhcg=="]);
        assert_eq!(forms("ab", Wide::Little, Base64::Whole), ["YQBiAA=="]);
        assert_eq!(forms("ab", Wide::Big, Base64::Whole), ["AGEAYg=="]);
        assert_eq!(forms("ab", Wide::Marked, Base64::Whole), ["//5hAGIA"]);
    }

    /// Whatever stands around a text, one of its forms is in what the whole becomes.
    #[test]
    fn a_part_is_found_wherever_it_begins() {
        for before in 0..7 {
            for after in 0..7 {
                let text = format!("{}/bin/sh{}", "x".repeat(before), "y".repeat(after));
                let whole = STANDARD.encode(text);
                let all = forms("/bin/sh", Wide::No, Base64::Part);
                assert!(all.iter().any(|form| whole.contains(form)), "{before} {after}");
                assert!(all.iter().all(|form| form.len() > 6));
            }
        }
    }
}
