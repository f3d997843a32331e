use super::super::rows::Changes;
use super::*;

fn manifest(spend: &str) -> (Manifest, RowIndex) {
    let rows =
        RowIndex::new([("ad 1", Digest::of(spend.as_bytes())), ("ad 2", Digest::of(b"same"))])
            .unwrap();
    let output = Content::of(spend.as_bytes())
        .with_rows(&rows)
        .with_column("spend", Digest::of(spend.as_bytes()))
        .with_column("clicks", Digest::of(b"same"));
    let manifest = Manifest::new(Digest::of(b"spec"), Code::this(Some("abc")))
        .with_input("b.csv", Content::of(spend.as_bytes()))
        .and_then(|m| m.with_input("a.csv", Content::of(b"a")))
        .and_then(|m| m.with_output("features.csv", output))
        .unwrap();
    (manifest, rows)
}

#[test]
fn the_form_is_pinned() {
    let manifest = Manifest::new(
        Digest::of(b""),
        Code { package: "p".into(), version: "1".into(), revision: None },
    );
    // Computed by hand: keys in order, no blanks; the id by `printf '%s' TEXT | sha256sum`.
    assert_eq!(
        manifest.to_json().unwrap(),
        "{\"code\":{\"package\":\"p\",\"revision\":null,\"version\":\"1\"},\"format\":1,\
         \"inputs\":{},\"outputs\":{},\"spec\":\
         \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}"
    );
}

#[test]
fn order_of_inputs_does_not_matter() {
    let build = |names: [&str; 2]| {
        names.into_iter().try_fold(Manifest::new(Digest::of(b""), Code::this(None)), |m, name| {
            m.with_input(name, Content::of(name.as_bytes()))
        })
    };
    let ids = [["a", "b"], ["b", "a"]].map(|names| build(names).unwrap().id().unwrap());
    assert_eq!(ids[0], ids[1]);
    assert!(matches!(build(["a", "a"]), Err(ManifestError::Twice(name)) if name == "a"));
}

#[test]
fn only_canonical_manifests_are_read() {
    let (manifest, _) = manifest("1");
    let json = manifest.to_json().unwrap();
    assert_eq!(Manifest::from_json(&json).unwrap(), manifest);
    let spaced = json.replacen(':', ": ", 1);
    assert!(matches!(Manifest::from_json(&spaced), Err(ManifestError::NotCanonical)));
    let later = json.replace("\"format\":1", "\"format\":2");
    assert!(matches!(Manifest::from_json(&later), Err(ManifestError::Format { got: 2 })));
    for cut in 0..json.len() {
        assert!(Manifest::from_json(&json[..cut]).is_err(), "{cut}");
    }
}

#[test]
fn an_archive_gives_back_what_it_holds_and_sees_changes() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path().join("lineage")).unwrap();
    let (manifest, rows) = manifest("1");
    let id = archive.put(&manifest).unwrap();
    let digest = archive.put_rows(&rows).unwrap();
    assert_eq!(archive.put(&manifest).unwrap(), id);
    assert_eq!(archive.manifest(id).unwrap(), Some(manifest));
    assert_eq!(archive.rows(digest).unwrap(), Some(rows));
    assert_eq!(archive.rows(Digest::of(b"none")).unwrap(), None);
    fs::write(archive.file(digest, "rows"), "forged").unwrap();
    assert!(matches!(archive.rows(digest), Err(ManifestError::Content { .. })));
}

#[test]
fn a_difference_names_rows_and_columns() {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).unwrap();
    let ((before, a), (after, b)) = (manifest("1"), manifest("2"));
    let diff = before.diff(&after, &archive).unwrap();
    assert!(matches!(&diff.outputs["features.csv"], ContentDiff::Changed { rows: None, .. }));
    archive.put_rows(&a).unwrap();
    archive.put_rows(&b).unwrap();
    let diff = before.diff(&after, &archive).unwrap();
    assert_eq!((diff.spec, diff.code), (false, false));
    assert_eq!(diff.inputs.keys().collect::<Vec<_>>(), ["b.csv"]);
    let rows = Changes { changed: vec!["ad 1".into()], ..Changes::default() };
    let expected = ContentDiff::Changed { rows: Some(rows), columns: vec!["spend".into()] };
    assert_eq!(diff.outputs["features.csv"], expected);
    let nothing = before.diff(&before, &archive).unwrap();
    assert!(nothing.inputs.is_empty() && nothing.outputs.is_empty());
}

#[test]
fn written_beside_the_output() {
    let dir = tempfile::tempdir().unwrap();
    let output = dir.path().join("features.csv");
    let (manifest, _) = manifest("1");
    let path = manifest.write_beside(&output).unwrap();
    assert_eq!(path, dir.path().join("features.csv.manifest.json"));
    assert_eq!(Manifest::from_json(&fs::read_to_string(&path).unwrap()).unwrap(), manifest);
    let nowhere = dir.path().join("none").join("features.csv");
    assert!(matches!(manifest.write_beside(&nowhere), Err(ManifestError::Io { .. })));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}
