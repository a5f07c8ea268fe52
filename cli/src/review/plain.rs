//! Names as they may be shown: what clients chose must not move the cursor, turn the writing
//! direction, hide, or fill the page.

/// Longest name in characters; what is longer is cut and counted under what is left.
pub(super) const LONGEST: usize = 160;

/// Appends `text` with every character that is not plainly visible spelled out, cut to
/// [`LONGEST`].
pub(super) fn push(text: &str, out: &mut String) {
    let plain = |byte: u8| (b' '..=b'~').contains(&byte);
    if text.len() <= LONGEST && text.bytes().all(plain) {
        out.push_str(text);
        return;
    }
    for (at, c) in text.chars().enumerate() {
        if at == LONGEST {
            out.push('…');
            return;
        }
        if is_hidden(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
}

/// The same as a new text.
pub(super) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(4 * LONGEST));
    push(text, &mut out);
    out
}

/// Controls, marks of direction, characters without width, tags, and what XML forbids.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_is_spelled_out() {
        for (text, shown) in [
            ("jane@example.com", "jane@example.com"),
            ("<script>", "<script>"),
            ("a\u{202e}b\u{200f}", "a\\u{202e}b\\u{200f}"),
            ("a\nb\x1b[31m\0", "a\\u{a}b\\u{1b}[31m\\u{0}"),
            ("שלום é 日", "שלום é 日"),
            ("\u{ffff}\u{e0041}\u{feff}", "\\u{ffff}\\u{e0041}\\u{feff}"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }

    #[test]
    fn names_are_cut() {
        let long = visible(&"x".repeat(1 << 20));
        assert_eq!(long.chars().count(), LONGEST + 1);
        assert!(long.ends_with("x…"));
        assert_eq!(visible(&"é".repeat(LONGEST)), "é".repeat(LONGEST));
    }
}
