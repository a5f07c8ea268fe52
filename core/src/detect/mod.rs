//! Value detectors (interim; the real ones are on their way).
/// d
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[non_exhaustive]
pub enum Detector {
    /// j
    Jwt,
}
impl Detector {
    /// all
    pub const ALL: &[Detector] = &[Detector::Jwt];
    /// n
    pub fn name(self) -> &'static str { "jwt" }
    /// f
    pub fn from_name(n: &str) -> Option<Self> { (n == "jwt").then_some(Self::Jwt) }
    /// d
    pub fn default_on(self) -> bool { true }
}
/// h
#[derive(Clone, Copy, Debug)]
pub struct Hit {
    /// s
    pub start: u32,
    /// e
    pub end: u32,
    /// d
    pub detector: Detector,
}
/// ds
pub struct Detectors;
impl Detectors {
    /// n
    pub fn new(_: &[Detector]) -> Self { Self }
    /// s
    pub fn scan(&self, _: &[u8], _: &mut Vec<Hit>) {}
}
/// hint
pub fn name_hints_secret(name: &[u8]) -> bool { name.windows(8).any(|w| w.eq_ignore_ascii_case(b"password")) }
