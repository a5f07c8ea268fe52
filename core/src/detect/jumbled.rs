//! Letters that nobody would write as a word: drawn ones of a single case, which have no digit and
//! no capital to show it.
//!
//! Words of any language, names of projects and abbreviations share the pairs of letters that are
//! easy to say or to join. `COST` says how rare a pair is in them; drawn letters cost twice as much.

/// Shortest run that is told.
const LEAST: usize = 10;
/// What a pair of drawn letters costs on average, in tenths. Of drawn runs of fourteen letters 96 %
/// cost more, of 15,670 words and names of packages of ten and more 1 %, most of them jumbled, too.
const DRAWN: usize = 34;

/// Row of the first letter, column of the second: what each halving of how often the pair occurs
/// adds, from 0 (as often as eight of all pairs) to 9 (hardly ever).
static COST: [&[u8; 26]; 26] = [
    b"52125326263020617010234535",
    b"25552677268266259336389759",
    b"15441571282256058231378849",
    b"23441556166446259336366659",
    b"13102335465110424001433246",
    b"36663389287368279454498749",
    b"37561643397454358236488858",
    b"26661898298656267464488948",
    b"23122227674120026211527482",
    b"59894999698979589949587999",
    b"46662778389576468635478969",
    b"15430568085246159633257828",
    b"13551768187436227635377758",
    b"15211306154553258510436747",
    b"33226426353110228022233457",
    b"16551653286266138133377739",
    b"89889999899589999898398999",
    b"04220546073433147312336839",
    b"26250562174345224510264838",
    b"15350462076345149112274727",
    b"33333648397222639112779687",
    b"38681888298757369757699879",
    b"38763975397685379547898899",
    b"68584789489768649774899869",
    b"55565669588544539634687887",
    b"48993999599788589989699976",
];

/// Whether a run of letters in a text is no word.
pub(super) fn is_jumbled(text: &[u8]) -> bool {
    text.split(|byte| !byte.is_ascii_alphabetic()).any(|run| {
        let letter = |byte: u8| usize::from(byte.to_ascii_lowercase() - b'a');
        let cost: usize = run
            .windows(2)
            .map(|pair| usize::from(COST[letter(pair[0])][letter(pair[1])] - b'0'))
            .sum();
        // Letters of one case: where the case changes, another word starts.
        let small = run.iter().filter(|byte| byte.is_ascii_lowercase()).count();
        let one_case = small == run.len() || small == 0;
        run.len() >= LEAST && one_case && cost * 10 >= (run.len() - 1) * DRAWN && !is_row(run)
    })
}

/// `abcdefghijkl`, `aaaaaaaaaaaa`: typed in order, as examples are.
fn is_row(run: &[u8]) -> bool {
    let in_order = run.windows(2).filter(|pair| pair[1].wrapping_sub(pair[0]) <= 1).count();
    in_order * 2 >= run.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_letters_are_told_from_words() {
        for text in ["xkqvtwpzmbrj", "KQZVWXJTPMHD", "till-wjqkzxvbtmfd", "hgqvoxtwpzkd"] {
            assert!(is_jumbled(text.as_bytes()), "{text}");
        }
        for text in [
            "mongodb-credentials",
            "kubernetes-dashboard",
            "postgresqlcredentials",
            "schwarzschild",
            "straightforward",
            "rabbitmqsecret",
            "abcdefghijkl",
            "xxxxxxxxxxxx",
            "externalsecretsoperator",
            "huntertwo",
            "bcdkq-xzqvt",
            "wkhtmltopdfJwtKxQz",
        ] {
            assert!(!is_jumbled(text.as_bytes()), "{text}");
        }
    }
}
