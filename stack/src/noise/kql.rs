//! The query language of Kibana, as far as rules over audit events use it, as queries of the search API.
//!
//! `field:value`, `field:(a or b and not c)`, `and`, `or`, `not`, brackets, quotes, `*` as a wildcard and as
//! "has a value". What is not understood is an error, never left out.

use std::iter::Peekable;
use std::vec::IntoIter;

use serde_json::{Value, json};

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    Colon,
    Quoted(String),
    /// As it stands, escapes and all.
    Word(String),
}

type Tokens = Peekable<IntoIter<Token>>;

/// The query of the search API that finds the same.
pub(super) fn query(text: &str) -> Result<Value, String> {
    let mut tokens = tokens(text)?.into_iter().peekable();
    let query = any(&mut tokens, None)?;
    match tokens.next() {
        None => Ok(query),
        Some(token) => Err(format!("{token:?} is left over")),
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(next) = rest.next() {
        tokens.push(match next {
            '(' => Token::Open,
            ')' => Token::Close,
            ':' => Token::Colon,
            '"' => {
                let mut value = String::new();
                loop {
                    match rest.next().ok_or("a quote has no end")? {
                        '"' => break,
                        '\\' => value.extend(rest.next()),
                        other => value.push(other),
                    }
                }
                Token::Quoted(value)
            }
            space if space.is_whitespace() => continue,
            first => {
                let mut word = String::from(first);
                if first == '\\' {
                    word.extend(rest.next());
                }
                while let Some(next) =
                    rest.next_if(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | ':' | '"'))
                {
                    word.push(next);
                    if next == '\\' {
                        word.extend(rest.next());
                    }
                }
                Token::Word(word)
            }
        });
    }
    Ok(tokens)
}

fn takes(tokens: &mut Tokens, word: &str) -> bool {
    let is = |token: &Token| matches!(token, Token::Word(text) if text.eq_ignore_ascii_case(word));
    tokens.next_if(is).is_some()
}

/// Alternatives; inside the brackets behind a field each value is one of that field.
fn any(tokens: &mut Tokens, field: Option<&str>) -> Result<Value, String> {
    let mut parts = vec![all(tokens, field)?];
    while takes(tokens, "or") {
        parts.push(all(tokens, field)?);
    }
    Ok(match parts.len() {
        1 => parts.remove(0),
        _ => json!({"bool": {"should": parts, "minimum_should_match": 1}}),
    })
}

fn all(tokens: &mut Tokens, field: Option<&str>) -> Result<Value, String> {
    let mut parts = vec![one(tokens, field)?];
    while takes(tokens, "and") {
        parts.push(one(tokens, field)?);
    }
    Ok(if parts.len() == 1 { parts.remove(0) } else { json!({"bool": {"filter": parts}}) })
}

fn one(tokens: &mut Tokens, field: Option<&str>) -> Result<Value, String> {
    if takes(tokens, "not") {
        let none = one(tokens, field)?;
        return Ok(json!({"bool": {"must_not": [none]}}));
    }
    match (tokens.next().ok_or("it ends too early")?, field) {
        (Token::Open, _) => {
            let inner = any(tokens, field)?;
            match tokens.next() {
                Some(Token::Close) => Ok(inner),
                other => Err(format!("{other:?} instead of `)`")),
            }
        }
        (Token::Quoted(value), Some(field)) => Ok(json!({"term": {(field): value}})),
        (Token::Word(word), Some(field)) => Ok(value(field, &word)),
        (Token::Word(field), None) => {
            if tokens.next_if_eq(&Token::Colon).is_none() {
                return Err(format!("`{field}` without a field"));
            }
            one(tokens, Some(&field))
        }
        (token, _) => Err(format!("{token:?} in the wrong place")),
    }
}

fn value(field: &str, word: &str) -> Value {
    if word == "*" {
        return json!({"exists": {"field": field}});
    }
    let (mut plain, mut pattern, mut is_pattern) = (String::new(), String::new(), false);
    let mut rest = word.chars();
    while let Some(next) = rest.next() {
        let literal = if next == '\\' { rest.next().unwrap_or('\\') } else { next };
        if next == '*' {
            is_pattern = true;
            pattern.push('*');
            continue;
        }
        plain.push(literal);
        // Signs of the search API's own patterns.
        if matches!(literal, '*' | '?' | '\\') {
            pattern.push('\\');
        }
        pattern.push(literal);
    }
    if is_pattern {
        json!({"wildcard": {(field): {"value": pattern}}})
    } else {
        json!({"term": {(field): plain}})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rules_are_written_in() {
        for (text, expected) in [
            ("a.b:\"x y\"", json!({"term": {"a.b": "x y"}})),
            ("a : get", json!({"term": {"a": "get"}})),
            ("a:system\\:node\\:*", json!({"wildcard": {"a": {"value": "system:node:*"}}})),
            ("a:/x?limit*", json!({"wildcard": {"a": {"value": "/x\\?limit*"}}})),
            (
                "a:(* and not \"::1\") and not b:(c or d)",
                json!({"bool": {"filter": [
                    {"bool": {"filter": [
                        {"exists": {"field": "a"}},
                        {"bool": {"must_not": [{"term": {"a": "::1"}}]}},
                    ]}},
                    {"bool": {"must_not": [{"bool": {
                        "should": [{"term": {"b": "c"}}, {"term": {"b": "d"}}],
                        "minimum_should_match": 1,
                    }}]}},
                ]}}),
            ),
        ] {
            assert_eq!(query(text), Ok(expected), "{text}");
        }
        for wrong in ["a", "a:", "a:(b", "a:b c:d", "\"a", "a:b)"] {
            assert!(query(wrong).is_err(), "{wrong}");
        }
    }
}
