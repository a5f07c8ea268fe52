//! What is left to ask of an event once it is known what was done to which kind of object, by what
//! kind of user, and how it ended.
//!
//! Most of what conditions ask is about these, and most events of a log are alike in them. So what
//! conditions come to is worked out once for each such class of events and kept; of an ordinary
//! event next to nothing is left.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::Rules;
use super::answer::{Answer, RequestOutcome, Sum};
use super::compile::{Expr, Program, Test};
use super::dispatch::{Dispatch, FIELDS, Row, Rows};
use super::fields::{Derived, Field, Root};
use super::pattern::Pattern;
use super::seen::Seen;
use super::subject::Target;
use super::user::UserKind;

/// What events of one class have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Class {
    pub(super) rows: Rows,
    pub(super) user: Option<UserKind>,
    pub(super) outcome: RequestOutcome,
    /// The event names nobody who is impersonated.
    pub(super) is_plain: bool,
}

impl Class {
    fn key(self) -> (u64, u32) {
        let rows = self.rows.into_iter().fold(0, |all, row| all << 16 | u64::from(row));
        let user = self.user.map_or(u32::from(u8::MAX), |user| user as u32);
        (rows, user << 16 | (self.outcome as u32) << 8 | u32::from(self.is_plain))
    }
}

/// What a test answers for events of a class, worked out for every class when rules are read.
pub(super) enum Known {
    /// Classes have nothing to do with it.
    No,
    /// By row of one of the tables.
    Row(usize, Box<[Option<bool>]>),
    /// By kind of user.
    User(Box<[Option<bool>]>),
    /// By outcome.
    Outcome(Box<[Option<bool>]>),
    /// Where nobody is impersonated.
    Plain(Option<bool>),
}

impl Known {
    pub(super) fn of(test: &Test, dispatch: &Dispatch) -> Self {
        let says = |text: &[u8]| {
            let mut seen = Seen::of(test);
            if !text.is_empty() {
                seen.text(text);
            }
            settled(seen)
        };
        match &test.field {
            Field::Derived(Derived::Outcome) => Self::Outcome(
                RequestOutcome::ALL.into_iter().map(|one| says(one.name().as_bytes())).collect(),
            ),
            Field::Derived(Derived::UserKind) => Self::User(
                UserKind::ALL.into_iter().map(|kind| says(kind.name().as_bytes())).collect(),
            ),
            // A row is for all spellings of its name.
            Field::Derived(_) if test.patterns.iter().any(Pattern::minds_case) => Self::No,
            Field::Derived(field) => {
                let Some(rows) = dispatch.table(*field) else { return Self::No };
                let is_whole = test.patterns.iter().all(Pattern::is_whole);
                let answers = rows.map(|row| match row {
                    Row::Name(name) => says(name),
                    Row::Other if is_whole => {
                        let mut seen = Seen::of(test);
                        seen.other();
                        settled(seen)
                    }
                    Row::Other | Row::Unsaid => None,
                });
                let at = FIELDS.iter().position(|known| known == field);
                at.map_or(Self::No, |at| Self::Row(at, answers.collect()))
            }
            Field::Path(path) if path.root == Root::Username && path.segments.len() == 2 => {
                Self::User(UserKind::ALL.into_iter().map(|kind| of_name(test, kind)).collect())
            }
            Field::Path(path) if path.text.starts_with(b"impersonatedUser.") => {
                Self::Plain(settled(Seen::of(test)))
            }
            _ => Self::No,
        }
    }

    fn answer(&self, class: Class) -> Option<bool> {
        match self {
            Self::No => None,
            Self::Row(table, answers) => answers[usize::from(class.rows[*table])],
            Self::User(answers) => answers[class.user? as usize],
            Self::Outcome(answers) => answers[class.outcome as usize],
            Self::Plain(answer) => answer.filter(|_| class.is_plain),
        }
    }
}

/// What a test answers of all names that users of a kind have.
fn of_name(test: &Test, kind: UserKind) -> Option<bool> {
    let known = kind.prefix()?;
    let begins = |pattern: &Pattern, at_least: bool| {
        pattern.beginning().is_some_and(|wanted| {
            let both = wanted.len().min(known.len());
            let is_same = wanted[..both].eq_ignore_ascii_case(&known[..both]);
            if at_least { is_same && wanted.len() <= known.len() } else { !is_same }
        })
    };
    if test.patterns.iter().any(Pattern::minds_case) {
        None
    } else if test.patterns.iter().any(|one| one.is_beginning() && begins(one, true)) {
        Some(true)
    } else {
        test.patterns.iter().all(|one| begins(one, false)).then_some(false)
    }
}

fn settled(seen: Seen<'_>) -> Option<bool> {
    match seen.answer(None, false) {
        Answer::True => Some(true),
        Answer::False => Some(false),
        Answer::Unknown(_) | Answer::Untouched => None,
    }
}

/// What is left of one rule: its program, and its condition.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) program: u16,
    code: (u32, u32),
}

/// What is left of all rules: steps from one number to another.
#[derive(Clone, Copy)]
pub(super) struct Left {
    pub(super) first: u32,
    pub(super) end: u32,
    /// The path of the URI may be asked for.
    pub(super) needs_path: bool,
}

/// What is left of conditions, by class. Owns the memory for it.
#[derive(Default)]
pub(super) struct Plans {
    known: HashMap<(u64, u32), Left, BuildHasherDefault<Mixer>>,
    steps: Vec<Step>,
    /// Conditions: what stands before a part says what it is.
    code: Vec<Word>,
}

/// One word of a condition.
#[derive(Clone, Copy)]
enum Word {
    Test(u16),
    /// The parts in so many words behind it.
    All(u32),
    Any(u32),
    /// Of the part behind it.
    Not,
    True,
}

/// Most words that are kept. The names of rules bound the classes there are, but users' rules are
/// not bounded.
const MOST: usize = 1 << 16;

impl Plans {
    /// What is left of all rules for events of a class.
    pub(super) fn left(&mut self, rules: &Rules, class: Class, no_signals: bool) -> Left {
        if let Some(left) = self.known.get(&class.key()) {
            return *left;
        }
        if self.code.len() > MOST {
            self.known.clear();
            self.steps.clear();
            self.code.clear();
        }
        let left = self.work_out(rules, class, no_signals);
        self.known.insert(class.key(), left);
        left
    }

    pub(super) fn step(&self, at: u32) -> Step {
        self.steps[at as usize]
    }

    fn work_out(&mut self, rules: &Rules, class: Class, no_signals: bool) -> Left {
        let first = self.steps.len() as u32;
        let from = self.code.len();
        // What else is asked of a match is not written down.
        let mut needs_path = false;
        let likely = rules.likely.of(class);
        for (word, bits) in rules.dispatch.candidates(class.rows).enumerate() {
            let mut bits = bits & likely[word];
            while bits != 0 {
                let number = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let program = &rules.programs[number];
                if program.silent && no_signals {
                    continue;
                }
                let start = self.code.len();
                match fold(&mut self.code, &rules.known, class, &program.expr) {
                    Some(false) => continue,
                    Some(true) => self.code.push(Word::True),
                    None => {}
                }
                needs_path |= !program.exceptions.is_empty() || !program.signals.is_empty();
                let code = (start as u32, self.code.len() as u32);
                self.steps.push(Step { program: number as u16, code });
            }
        }
        needs_path |= self.code[from..].iter().any(|word| match word {
            Word::Test(number) => rules.tests[usize::from(*number)].field.reads_path(),
            _ => false,
        });
        Left { first, end: self.steps.len() as u32, needs_path }
    }

    /// Answers the condition of a step; `test` answers tests.
    #[inline]
    pub(super) fn answer(&self, step: Step, test: &mut impl FnMut(u16) -> Answer) -> Answer {
        let mut code = &self.code[step.code.0 as usize..step.code.1 as usize];
        match code {
            [Word::Test(number)] => test(*number),
            _ => answer(&mut code, test),
        }
    }
}

/// Writes down what is left of a condition; nothing when its answer is known, which is returned.
fn fold(code: &mut Vec<Word>, known: &[Known], class: Class, expr: &Expr) -> Option<bool> {
    let start = code.len();
    let (parts, is_all) = match expr {
        Expr::Test(number) => {
            let answer = known[usize::from(*number)].answer(class);
            if answer.is_none() {
                code.push(Word::Test(*number));
            }
            return answer;
        }
        Expr::Not(inner) => {
            code.push(Word::Not);
            let answer = fold(code, known, class, inner);
            if answer.is_some() {
                code.truncate(start);
            }
            return answer.map(|is| !is);
        }
        Expr::All(parts) => (parts, true),
        Expr::Any(parts) => (parts, false),
    };
    code.push(Word::True);
    let mut left = 0;
    for part in parts {
        match fold(code, known, class, part) {
            None => left += 1,
            Some(is) if is == is_all => {}
            // One false of all, one true of any.
            Some(is) => {
                code.truncate(start);
                return Some(is);
            }
        }
    }
    match left {
        0 => {
            code.truncate(start);
            return Some(is_all);
        }
        1 => {
            code.remove(start);
        }
        _ => {
            let words = (code.len() - start - 1) as u32;
            code[start] = if is_all { Word::All(words) } else { Word::Any(words) };
        }
    }
    None
}

/// Programs that may say something of requests by a kind of user that ended in one way.
#[derive(Default)]
pub(super) struct Likely {
    words: usize,
    sets: Vec<u64>,
}

impl Likely {
    const OUTCOMES: usize = RequestOutcome::ALL.len();

    pub(super) fn new(programs: &[Program], known: &[Known], dispatch: &Dispatch) -> Self {
        let words = programs.len().div_ceil(64);
        let (rows, mut sets) = (dispatch.rows(&Target::default()), Vec::new());
        let mut code = Vec::new();
        for user in UserKind::ALL.into_iter().map(Some).chain([None]) {
            for outcome in RequestOutcome::ALL {
                let class = Class { rows, user, outcome, is_plain: false };
                let first = sets.len();
                sets.resize(first + words, 0);
                // What will come of it is for a later event, or nobody says.
                let is_open =
                    matches!(outcome, RequestOutcome::Unknown | RequestOutcome::Attempted);
                for (at, program) in programs.iter().enumerate() {
                    let is_chosen = program.outcomes & outcome.bit() != 0 || is_open;
                    if is_chosen && fold(&mut code, known, class, &program.expr) != Some(false) {
                        sets[first + at / 64] |= 1 << (at % 64);
                    }
                    code.clear();
                }
            }
        }
        Self { words, sets }
    }

    fn of(&self, class: Class) -> &[u64] {
        let user = class.user.map_or(UserKind::ALL.len(), |user| user as usize);
        let first = (user * Self::OUTCOMES + class.outcome as usize) * self.words;
        &self.sets[first..first + self.words]
    }
}

/// The answer of the part in front, which is taken off.
fn answer(code: &mut &[Word], test: &mut impl FnMut(u16) -> Answer) -> Answer {
    let Some((word, rest)) = code.split_first() else { return Answer::True };
    *code = rest;
    let (words, is_all) = match *word {
        Word::Test(number) => return test(number),
        Word::True => return Answer::True,
        Word::Not => return answer(code, test).not(),
        Word::All(words) => (words, true),
        Word::Any(words) => (words, false),
    };
    let (mut parts, rest) = code.split_at(words as usize);
    *code = rest;
    let mut sum = Sum::new(is_all);
    while !parts.is_empty() {
        if sum.add(answer(&mut parts, test)) {
            return Answer::from(!is_all);
        }
    }
    sum.answer()
}

/// Mixes what a class is made of. Nobody chooses what stands there but whoever writes rules.
#[derive(Default)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
