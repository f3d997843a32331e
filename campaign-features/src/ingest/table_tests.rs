use super::*;
use proptest::prelude::*;

fn split(text: &str, delimiter: u8) -> Vec<(u64, Vec<String>)> {
    let (mut rows, mut cells, mut out) = (Rows::new(text, delimiter), Vec::new(), Vec::new());
    while let Some(line) = rows.read(&mut cells) {
        out.push((line, cells.iter().map(|c| c.to_string()).collect()));
    }
    out
}

#[test]
fn physical_lines() {
    let rows = split("a,b\r\n\r\n\"x\ny\",2\n\n3,4", b',');
    let lines: Vec<u64> = rows.iter().map(|r| r.0).collect();
    assert_eq!(lines, [1, 3, 6]);
    assert_eq!(rows[1].1, ["x\ny", "2"]);
    assert_eq!(split("a\rb\r\rc", b',').iter().map(|r| r.0).collect::<Vec<_>>(), [1, 2, 4]);
}

#[test]
fn stray_quote_costs_one_cell() {
    let rows = split("1,\"12 inch,x\n2,b,y\n", b',');
    assert_eq!(rows[0].1, ["1", "\"12 inch", "x"]);
    assert_eq!(rows[1], (2, vec!["2".into(), "b".into(), "y".into()]));
}

#[test]
fn cells_beyond_the_limit_are_stepped_over() {
    let mut rows = Rows::new("a,\"b\nb\",c,d\ne,f", b',').with_limit(2);
    let mut cells = Vec::new();
    assert_eq!(rows.read(&mut cells), Some(1));
    assert_eq!((cells.as_slice(), rows.row_bytes()), (&["a".into(), "b\nb".into()][..], 11));
    assert_eq!(rows.read(&mut cells), Some(3));
    assert_eq!((cells.as_slice(), rows.row_bytes()), (&["e".into(), "f".into()][..], 3));
}

proptest! {
    // The reader of the csv crate is the oracle, on texts whose quotes all close.
    #[test]
    fn equals_the_csv_crate(text in "[ab,;\"\n\r ]{0,60}") {
        prop_assume!(closes(&text));
        let expected: Vec<Vec<String>> = csv::ReaderBuilder::new()
            .has_headers(false).flexible(true).from_reader(text.as_bytes())
            .records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
        let got: Vec<Vec<String>> = split(&text, b',').into_iter().map(|r| r.1).collect();
        prop_assert_eq!(got, expected);
    }

    #[test]
    fn never_panics(text in "\\PC*[\"\n\r,]*\\PC*") {
        let lines: Vec<u64> = split(&text, b',').into_iter().map(|r| r.0).collect();
        prop_assert!(lines.windows(2).all(|w| w[0] < w[1]));
    }
}

/// Whether every quoted cell has its closing quote.
fn closes(text: &str) -> bool {
    let (mut start, mut quoted) = (true, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if quoted {
            if c == '"' && chars.peek() == Some(&'"') {
                chars.next();
            } else if c == '"' {
                quoted = false;
            }
        } else if c == '"' && start {
            quoted = true;
            start = false;
        } else {
            start = matches!(c, ',' | '\n' | '\r');
        }
    }
    !quoted
}

/// The rows of a text that comes in blocks of some bytes.
fn in_blocks(text: &str, size: usize) -> Vec<(u64, Vec<String>)> {
    let (mut from, mut line, mut out, mut known) = (0, 1, Vec::new(), 0);
    loop {
        known = (known + size).min(text.len());
        while !text.is_char_boundary(known) {
            known += 1;
        }
        let partial = known < text.len();
        let mut rows = Rows::new(&text[from..known], b',').block(line, partial);
        let mut cells = Vec::new();
        while let Some(line) = rows.read(&mut cells) {
            out.push((line, cells.iter().map(|c| c.to_string()).collect()));
        }
        let (read, next) = rows.position();
        (from, line) = (from + read, next);
        if !partial {
            return out;
        }
    }
}

proptest! {
    #[test]
    fn blocks_change_nothing(text in "[ab,ü\"\n\r]{0,80}", size in 1_usize..30) {
        prop_assert_eq!(in_blocks(&text, size), split(&text, b','));
    }
}

/// Rows of this test have three cells, of which the first is a digit.
fn is_row(line: &str) -> bool {
    let (mut rows, mut cells) = (Rows::new(line, b','), Vec::new());
    rows.read(&mut cells).is_some()
        && cells.len() == 3
        && rows.stray().is_none()
        && cells[0].parse::<u8>().is_ok()
}

#[test]
fn a_quoted_cell_ends_before_a_line_that_is_a_row() {
    for bad in ["\"1,b,c", "1,\"b,c", "1,b,\"c", "1,b\",\"c"] {
        for more in ["2,b,c", "2,\"b\",c", "2,\"b\nb\",c"] {
            for end in ["\n", "\r\n", "\r"] {
                let text = format!("{bad}{end}{more}{end}3,b,c{end}");
                let mut rows = Rows::new(&text, b',').with_row_test(&is_row);
                let (mut cells, mut strays, mut count) = (Vec::new(), Vec::new(), 0);
                while let Some(line) = rows.read(&mut cells) {
                    count += 1;
                    if rows.stray().is_some() {
                        strays.push(line);
                    }
                }
                // A line that begins a cell of several lines is no row by itself.
                if !more.contains('\n') {
                    assert_eq!((count, strays), (3, vec![1]), "{text:?}");
                }
            }
        }
    }
    // A cell of several lines that are no rows stays one cell.
    let text = "1,\"x\ny, z\",c\n2,b,c\n";
    let mut rows = Rows::new(text, b',').with_row_test(&is_row);
    let mut cells = Vec::new();
    assert_eq!(rows.read(&mut cells), Some(1));
    assert_eq!((cells[1].as_ref(), rows.stray()), ("x\ny, z", None));
    assert_eq!(rows.read(&mut cells), Some(3));
}
