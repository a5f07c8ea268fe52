//! Rows that stand in families, one file each, as one table.

/// How many rows there are in all.
pub(super) const fn count<T>(families: &[&[T]]) -> usize {
    let (mut count, mut family) = (0, 0);
    while family < families.len() {
        count += families[family].len();
        family += 1;
    }
    count
}

/// All rows, in the order of their families. `N` is what [`count`] says.
pub(super) const fn joined<T, const N: usize>(families: &[&'static [T]]) -> [&'static T; N] {
    let mut all = [&families[0][0]; N];
    let (mut at, mut family) = (0, 0);
    while family < families.len() {
        let mut row = 0;
        while row < families[family].len() {
            all[at] = &families[family][row];
            at += 1;
            row += 1;
        }
        family += 1;
    }
    all
}
