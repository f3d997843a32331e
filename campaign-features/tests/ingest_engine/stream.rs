//! Blocks, packed files, and files that turn out otherwise than their beginning.

use std::io::{Read, Write};

use campaign_core::Micros;
use campaign_features::ingest::{FileProblem, Ingest, IngestConfig, Kind};

use super::{config, counts};

/// An export longer than the block by which it is read, its rows ending in `last`.
fn long(head: &str, row: impl Fn(u32) -> String, rows: u32, last: &str) -> String {
    let mut out = String::from(head);
    (0..rows).for_each(|i| out.push_str(&row(i)));
    out + last
}

const HEAD: &str = "Day,Ad ID,Ad name,Amount spent (EUR),Impressions\n";
const ROWS: u32 = 60_000;

fn day(i: u32) -> u32 {
    1 + i % 12
}

#[test]
fn a_late_cell_decides_over_all_rows() {
    // Until the last row nothing tells whether the day or the month comes first.
    let row = |i: u32| format!("0{}/05/2026,{i},Ad number {i},1.50,10\n", 1 + i % 9);
    let text = long(HEAD, row, ROWS, "31/05/2026,9,Last,1.50,10\n");
    let mut ingest = Ingest::new(config()).unwrap();
    ingest.read_bytes("a.csv", text.as_bytes());
    let out = ingest.finish().unwrap();
    assert_eq!(counts(&out.sources[0]), [60_001, 60_001, 0, 0, 1]);
    assert_eq!(out.sources[0].first_day.unwrap().to_string(), "2026-05-01");
    // Without it every row is refused.
    let mut ingest = Ingest::new(config()).unwrap();
    ingest.read_bytes("a.csv", long(HEAD, row, ROWS, "").as_bytes());
    // The fifth of May is the fifth of May either way.
    let fifths = (0..ROWS).filter(|i| 1 + i % 9 == 5).count() as u64;
    assert_eq!(ingest.finish().unwrap().sources[0].ok, fifths);
}

#[test]
fn a_late_letter_decides_over_the_encoding() {
    let row = |i: u32| format!("2026-05-{:02},{i},Ad number {i},1.50,10\n", day(i));
    let mut bytes = long(HEAD, row, ROWS, "").into_bytes();
    bytes.extend(b"2026-05-04,x,Caf\xe9,1.50,10\n");
    let mut ingest = Ingest::new(config()).unwrap();
    ingest.read_bytes("a.csv", &bytes);
    let out = ingest.finish().unwrap();
    assert_eq!(out.sources[0].ok, 60_001);
    assert!(out.records.iter().any(|r| r.ad_name.as_deref() == Some("Café")));
    // A NUL takes the whole file back.
    bytes.push(0);
    let mut ingest = Ingest::new(config()).unwrap();
    ingest.read_bytes("a.csv", &bytes);
    let out = ingest.finish().unwrap();
    assert_eq!((out.sources[0].kind, out.records.len()), (Kind::Unreadable, 0));
}

#[test]
fn a_late_decimal_comma_decides_over_all_numbers() {
    let head = "Day;Ad ID;Ad name;Amount spent (EUR);Impressions\n";
    let row = |i: u32| format!("2026-05-{:02};{i};Ad number {i};1.500;10\n", day(i));
    let sum = |last: &str| {
        let mut ingest = Ingest::new(config()).unwrap();
        ingest.read_bytes("a.csv", long(head, row, ROWS, last).as_bytes());
        ingest.finish().unwrap().sources[0].spend.first().unwrap()
    };
    assert_eq!(sum("2026-05-04;x;Last;1,25;10\n"), Micros(60_000 * 1_500_000_000 + 1_250_000));
    assert_eq!(sum("2026-05-04;x;Last;1.25;10\n"), Micros(60_000 * 1_500_000 + 1_250_000));
}

/// Gives seven bytes at a time, as a slow connection does.
struct Drip<'b>(&'b [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let n = 7.min(self.0.len()).min(out.len());
        out[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        Ok(n)
    }
}

#[test]
fn paths_bytes_streams_and_packed_files_give_the_same() {
    let row = |i: u32| format!("2026-05-{:02},{i},\"Ad, \"\"number\"\"\n {i}\",1.50,10\n", day(i));
    let text = long(HEAD, row, 30_000, "");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let zip = archive(&[("a.csv", text.as_bytes(), true)]);
    let folder = tempfile::tempdir().unwrap();
    let of = |read: &dyn Fn(&mut Ingest)| {
        let mut ingest = Ingest::new(config()).unwrap();
        read(&mut ingest);
        let out = ingest.finish().unwrap();
        (out.records, counts(&out.sources[0]), out.sources[0].file.clone())
    };
    let plain = of(&|ingest| ingest.read_bytes("a.csv", text.as_bytes()));
    assert_eq!(plain.1, [30_000, 30_000, 0, 0, 1]);
    for (name, bytes) in [("a.csv", text.as_bytes()), ("a.csv.gz", &gzip), ("a.zip", &zip)] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        for other in [
            of(&|ingest| ingest.read_path(&path).unwrap()),
            of(&|ingest| ingest.read_bytes(name, bytes)),
            of(&|ingest| ingest.read_reader(name, Drip(bytes))),
        ] {
            assert_eq!((&other.0, other.1), (&plain.0, plain.1), "{name}");
            let expected = if name == "a.zip" { "a.zip/a.csv" } else { name };
            assert_eq!(other.2, expected);
        }
    }
}

/// A zip archive, made here so that its every byte is known.
fn archive(files: &[(&str, &[u8], bool)]) -> Vec<u8> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    for (name, bytes, deflated) in files {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let packed = if *deflated {
            let level = flate2::Compression::best();
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), level);
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        } else {
            bytes.to_vec()
        };
        let mut common = vec![20, 0, 0, 0, if *deflated { 8 } else { 0 }, 0, 0, 0, 0, 0];
        common.extend(crc.sum().to_le_bytes());
        common.extend((packed.len() as u32).to_le_bytes());
        common.extend((bytes.len() as u32).to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        list.extend(b"PK\x01\x02\x14\x00");
        list.extend(&common);
        list.extend([0; 10]);
        list.extend((out.len() as u32).to_le_bytes());
        list.extend(name.as_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(packed);
    }
    let offset = out.len() as u32;
    out.extend(&list);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend((files.len() as u16).to_le_bytes());
    out.extend((files.len() as u16).to_le_bytes());
    out.extend((list.len() as u32).to_le_bytes());
    out.extend(offset.to_le_bytes());
    out.extend([0, 0]);
    out
}

fn reasons(config: IngestConfig, bytes: &[u8]) -> Vec<(String, Option<FileProblem>)> {
    let mut ingest = Ingest::new(config).unwrap();
    ingest.read_bytes("a.zip", bytes);
    let sources = ingest.finish().unwrap().sources;
    sources.into_iter().map(|s| (s.file, s.problem)).collect()
}

#[test]
fn every_file_of_an_archive_is_a_source() {
    let table = format!("{HEAD}2026-05-04,7,A,1,1\n");
    let files = [
        ("daily/a.csv", table.as_bytes(), true),
        ("__MACOSX/._a.csv", b"x", false),
        ("daily/", b"", false),
        ("read me.txt", b"hello", false),
    ];
    let zip = archive(&files);
    let got = reasons(config(), &zip);
    assert_eq!(got.len(), 2);
    assert_eq!(got[0], ("a.zip/daily/a.csv".to_owned(), None));
    let FileProblem::Unrecognised { first_line } = got[1].1.clone().unwrap() else { panic!() };
    assert_eq!((got[1].0.as_str(), first_line.as_str()), ("a.zip/read me.txt", "hello"));
    let reason = |bytes: &[u8]| match &reasons(config(), bytes)[0].1 {
        Some(FileProblem::Unreadable(reason)) => reason.clone(),
        other => format!("{other:?}"),
    };
    let book = archive(&[("[Content_Types].xml", b"x", false), ("xl/workbook.xml", b"x", true)]);
    assert!(reason(&book).contains("spreadsheet"), "{}", reason(&book));
    let inner = archive(&[("b.zip", &zip, false)]);
    assert!(reason(&inner).contains("zip archive"), "{}", reason(&inner));
    // A wrong byte in the data is found by the checksum, and its rows are taken back.
    let mut wrong = archive(&[("a.csv", table.as_bytes(), false)]);
    let at = wrong.windows(6).position(|w| w == b",7,A,1").unwrap() + 1;
    wrong[at] = b'8';
    assert!(reason(&wrong).contains("checksum"), "{}", reason(&wrong));
    // Every truncation is an answer.
    for length in 0..zip.len() {
        reasons(config(), &zip[..length]);
    }
}

#[test]
fn a_bomb_hits_the_limit() {
    let zeros = vec![b'1'; 40 << 20];
    let bomb = archive(&[("a.csv", &zeros, true), ("b.csv", &zeros, true)]);
    assert!(bomb.len() < 1 << 20);
    let mut small = config();
    small.max_bytes = 1 << 22;
    for (_, problem) in reasons(small, &bomb) {
        let Some(FileProblem::Unreadable(reason)) = problem else { panic!("{problem:?}") };
        assert!(reason.contains("bytes of text"), "{reason}");
    }
}

#[test]
fn one_stray_quote_costs_one_row() {
    let rows: Vec<String> =
        (1..=9).map(|d| format!("2026-05-0{d},7,\"Ad {d}\",{d}.50,10,note {d}")).collect();
    let head = "Day,Ad ID,Ad name,Amount spent (EUR),Impressions,Ad delivery";
    for (bad, damaged) in [
        (4, "\"2026-05-05,7,Ad 5,5.50,10,note 5"),
        (4, "2026-05-05,7,\"Ad 5,5.50,10,note 5"),
        (4, "2026-05-05,7,Ad 5,5.50,10,\"note 5"),
        (8, "2026-05-09,7,Ad 9,9.50,10,\"note 9"),
        (0, "2026-05-01,\"7,Ad 1,1.50,10,note 1"),
    ] {
        for end in ["\n", "\r\n"] {
            let mut lines = rows.clone();
            lines[bad] = damaged.to_owned();
            let text = format!("{head}{end}{}{end}", lines.join(end));
            let out = super::read(&[("a.csv", &text)]);
            assert_eq!(counts(&out.sources[0]), [9, 8, 1, 0, 1], "{text}");
            let reject = &out.rejects[0];
            assert_eq!(reject.row, bad as u64 + 2);
            assert_eq!(reject.expected, "a quote that closes");
            let left: i64 =
                (1..=9).filter(|d| *d != bad as i64 + 1).map(|d| d * 1_000_000 + 500_000).sum();
            assert_eq!(out.sources[0].spend.first(), Some(Micros(left)));
        }
    }
}
