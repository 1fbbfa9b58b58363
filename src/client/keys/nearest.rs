//! The likely spelling of a word: the known word that takes the fewest changes to reach.

/// Most `_` and `-` that a known word may lack or have and still be near.
const MARKS: usize = 6;

/// The one of `known` that `word` was most likely meant to be, none where nothing is near enough.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = fold(word);
    let limit = match plain.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        6..=11 => 2,
        _ => 3,
    };
    let others = known.into_iter().filter(|candidate| *candidate != word);
    // Each letter too many or too few is one change.
    let near = others.filter(|candidate| candidate.len().abs_diff(word.len()) <= limit + MARKS);
    let scored = near.map(|candidate| (distance(&plain, &fold(candidate), limit), candidate));
    let scored = scored.filter(|(steps, _)| *steps <= limit);
    scored.min_by_key(|(steps, _)| *steps).map(|(_, candidate)| candidate)
}

/// The word without what people vary freely: case, `_` and `-`.
fn fold(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

/// Insertions, removals, replacements and swaps of neighbours that lead from `a` to `b`; any number
/// above `limit` where they are more than that.
fn distance(a: &str, b: &str, limit: usize) -> usize {
    let b: Vec<char> = b.chars().collect();
    if a.chars().count().abs_diff(b.len()) > limit {
        return limit + 1;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut last = None;
    for (row, from) in a.chars().enumerate() {
        let mut line = vec![row + 1];
        let mut last_to = None;
        for (column, to) in b.iter().copied().enumerate() {
            let at = |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&line, column) + 1)
                .min(at(&above, column + 1) + 1)
                .min(at(&above, column) + usize::from(from != to));
            if last == Some(to) && last_to == Some(from) && column > 0 {
                best = best.min(at(&before, column - 1) + 1);
            }
            line.push(best);
            last_to = Some(to);
        }
        if line.iter().min().is_some_and(|least| *least > limit) {
            return limit + 1;
        }
        before = above;
        above = line;
        last = Some(from);
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 5] =
        ["permissions", "enabledMcpjsonServers", "env", "enableAllProjectMcpServers", "model"];

    #[test]
    fn spelling_case_and_swapped_letters_are_seen_through() {
        for (word, meant) in [
            ("Permissions", Some("permissions")),
            ("permisions", Some("permissions")),
            ("permission", Some("permissions")),
            ("persmissions", Some("permissions")),
            ("enabledMcpsonServers", Some("enabledMcpjsonServers")),
            ("enable_all_project_mcp_servers", Some("enableAllProjectMcpServers")),
            ("ENV", Some("env")),
            ("environment", None),
            ("rules", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, KNOWN), meant, "{word}");
        }
    }

    #[test]
    fn a_swap_counts_once() {
        assert_eq!(distance("ab", "ba", 9), 1);
        assert_eq!(distance("kitten", "sitting", 9), 3);
        assert_eq!(distance("", "abc", 9), 3);
        assert!(distance("kitten", "sitting", 2) > 2);
    }
}
