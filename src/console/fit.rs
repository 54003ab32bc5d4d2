//! Fitting: how a text of many lines is laid out on a terminal.
//!
//! It breaks and colours lines and must never change a word: what is said is the same everywhere.

use std::fmt::Write as _;

use ::console::Style;

/// How far the rest of a line that had to be broken is set in.
const INDENT: &str = "    ";
/// Below this many columns nothing is broken: the terminal does it as well.
const NARROWEST: usize = 20;

/// The text with lines that are too long broken between words; what goes on is set in further than the line was.
pub(super) fn broken(text: &str, columns: usize) -> String {
    let break_line = |line: &str| {
        let indent = &line[..line.len() - line.trim_start().len()];
        let further = format!("{indent}{INDENT}");
        // A flag is not torn at its hyphens: it may be pasted.
        let options = textwrap::Options::new(columns)
            .subsequent_indent(&further)
            .break_words(false)
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        textwrap::fill(line, options)
    };
    let is_broken = columns >= NARROWEST;
    let lines = text.split('\n').map(|line| if is_broken { break_line(line) } else { line.to_owned() });
    lines.collect::<Vec<_>>().join("\n")
}

/// As much of a line as fits into so many columns.
pub(super) fn cut(line: &str, columns: usize) -> String {
    let mut width = 0;
    let fits = |letter: &char| {
        width += textwrap::core::display_width(letter.encode_utf8(&mut [0; 4]));
        width <= columns
    };
    line.chars().take_while(fits).collect()
}

/// The text with the words that begin a weighty line in colour.
pub(super) fn coloured(text: &str) -> String {
    let (red, yellow) = (Style::new().for_stderr().red().bold(), Style::new().for_stderr().yellow().bold());
    let weighty = [
        ("error:", &red),
        ("a run would be refused:", &red),
        ("cannot be undone:", &red),
        ("cannot be given back:", &yellow),
        ("final after 30 days:", &yellow),
        ("warning:", &yellow),
        ("will not happen:", &yellow),
        ("Deactivate ", &yellow),
        ("Remove ", &red),
    ];
    let lines = text.split_inclusive('\n').map(|line| {
        let found = weighty.iter().find_map(|(words, style)| Some((*words, *style, line.strip_prefix(*words)?)));
        (line, found)
    });
    lines.fold(String::with_capacity(text.len()), |mut coloured, (line, found)| {
        let _ = match found {
            Some((words, style, rest)) => write!(coloured, "{}{rest}", style.apply_to(words).force_styling(true)),
            None => coloured.write_str(line),
        };
        coloured
    })
}

/// An event of the log with its level in colour: the word behind the time.
pub(super) fn coloured_event(event: &str) -> String {
    let style = Style::new().for_stderr();
    let styles = [
        ("ERROR", style.clone().red()),
        ("WARN", style.clone().yellow()),
        ("INFO", style.clone().green()),
        ("DEBUG", style.clone().blue()),
        ("TRACE", style.magenta()),
    ];
    let Some((time, rest)) = event.split_once(' ') else { return event.to_owned() };
    let level = rest.trim_start();
    let padding = &rest[..rest.len() - level.len()];
    let found = styles.iter().find_map(|(word, style)| Some((*word, style, level.strip_prefix(*word)?)));
    match found {
        Some((word, style, rest)) => format!("{time} {padding}{}{rest}", style.apply_to(word).force_styling(true)),
        None => event.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_go_on_further_in() {
        let text = "would be sent:\n  row 7: jane@acme.example, remove: a System Admin\n";
        let expected = "would be sent:\n  row 7:\n      jane@acme.example,\n      remove: a System\n      Admin\n";
        assert_eq!(broken(text, 24), expected);
        assert_eq!(broken(text, 80), text);
        assert_eq!(broken(text, 5), text);
        assert_eq!(broken("  downgrade   MEMBER → VIEWER        212", 80), "  downgrade   MEMBER → VIEWER        212");
    }

    #[test]
    fn a_line_is_cut_where_the_terminal_ends() {
        assert_eq!([cut("größer", 3), cut("日本語", 5), cut("ab", 9)], ["grö", "日本", "ab"]);
    }

    #[test]
    fn colours_add_nothing_but_colours() {
        let text = "warning: a lot\n  12 warning: of these\ncannot be undone: 2 removals\nerror: no\nhint: yes";
        let coloured = coloured(text);
        assert_eq!(coloured.matches("\u{1b}[0m").count(), 3, "{coloured:?}");
        let plain = ["\u{1b}[31m", "\u{1b}[33m", "\u{1b}[1m", "\u{1b}[0m"];
        let plain = plain.iter().fold(coloured, |text, code| text.replace(code, ""));
        assert_eq!(plain, text);
    }
}
