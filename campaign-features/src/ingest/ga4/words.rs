//! Names of Google Analytics in other languages.
//!
//! A dimension is the word for its thing beside that for the session (or without it, in Universal
//! Analytics), in an order and with articles that differ from language to language and from year to year:
//! `Campagne de la session`, `Sessiecampagne`. The words decide, not the phrases; most phrases were not
//! seen in a public file.

use crate::ingest::header::HeaderCell;

const SESSION: [&str; 8] =
    ["session", "sitzung", "sesion", "sessione", "sessao", "sessie", "sesja", "セッション"];

/// Words that carry no meaning of their own.
const ARTICLES: [&str; 19] = [
    "de", "la", "del", "der", "des", "du", "da", "do", "di", "della", "dello", "van", "voor",
    "per", "en", "el", "le", "-", "の",
];

const CHANNELS: [&str; 10] = [
    "channelgruppe",
    "channel group",
    "grupo de canales",
    "grupos de canales",
    "groupe de canaux",
    "gruppo di canali",
    "grupo de canais",
    "kanaalgroep",
    "チャネル グループ",
    "チャネルグループ",
];

const SOURCES: [&str; 8] =
    ["source", "quelle", "fuente", "origem", "sorgente", "origine", "bron", "参照元"];

const MEDIUMS: [&str; 9] =
    ["medium", "medio", "media", "midia", "mezzo", "support", "meio", "medien", "メディア"];

const CAMPAIGNS: [&str; 7] =
    ["campaign", "kampagne", "campana", "campagne", "campanha", "campagna", "キャンペーン"];

/// Names that are the same in every report.
const WHOLE: [(&str, &[&str]); 8] = [
    ("date", &["datum", "fecha", "data", "日付"]),
    (
        "sessions",
        &[
            "sitzungen",
            "sesiones",
            "sessioni",
            "sessoes",
            "sessies",
            "sesje",
            "セッション",
            "セッション数",
        ],
    ),
    (
        "key events",
        &[
            "schlusselereignisse",
            "eventos clave",
            "evenements cles",
            "eventi chiave",
            "eventos principais",
            "eventos-chave",
            "belangrijke gebeurtenissen",
            "キーイベント",
        ],
    ),
    ("conversions", &["conversiones", "conversioni", "conversoes", "conversies", "コンバージョン"]),
    (
        "total revenue",
        &[
            "gesamtumsatz",
            "ingresos totales",
            "revenu total",
            "entrate totali",
            "receita total",
            "totale opbrengst",
            "totale inkomsten",
            "合計収益",
            "総収益",
        ],
    ),
    (
        "transactions",
        &[
            "transaktionen",
            "transacciones",
            "transazioni",
            "transacoes",
            "transacties",
            "トランザクション",
            "トランザクション数",
        ],
    ),
    (
        "revenue",
        &["umsatz", "ingresos", "revenu", "entrate", "receita", "opbrengst", "inkomsten", "収益"],
    ),
    (
        "bounce rate",
        &[
            "absprungrate",
            "porcentaje de rebote",
            "taux de rebond",
            "frequenza di rimbalzo",
            "taxa de rejeicao",
            "bouncepercentage",
            "直帰率",
        ],
    ),
];

/// A header in which what is known in another language has its English name.
pub(crate) fn in_english(header: &[HeaderCell]) -> Vec<HeaderCell> {
    let translated = |cell: &HeaderCell| {
        let mut cell = cell.clone();
        if let Some(name) = english(&cell.name) {
            name.clone_into(&mut cell.name);
        }
        cell
    };
    header.iter().map(translated).collect()
}

fn english(name: &str) -> Option<&'static str> {
    let whole = WHOLE.iter().find(|(_, names)| names.contains(&name));
    if let Some((english, _)) = whole {
        return Some(english);
    }
    // What is English already has more names than these words tell apart.
    if name.is_ascii() && (name.contains("session ") || name.contains("channel group")) {
        return None;
    }
    let of_session = SESSION.iter().any(|word| name.contains(word));
    let either = |session, alone| Some(if of_session { session } else { alone });
    if CHANNELS.iter().any(|word| name.contains(word)) {
        return either("session primary channel group", "default channel grouping");
    }
    if let Some((source, medium)) = name.split_once('/') {
        let both = any(&SOURCES, source) && any(&MEDIUMS, medium);
        return if both { either("session source / medium", "source / medium") } else { None };
    }
    let apart = name.replace('の', " の ");
    let telling = |word: &&str| !ARTICLES.contains(word) && !is_session(word);
    let mut words = apart.split(' ').filter(|word| !word.is_empty()).filter(telling);
    let (word, None) = (words.next()?, words.next()) else { return None };
    // `Sessiecampagne` is one word.
    let word = SESSION.iter().find_map(|session| word.strip_prefix(session)).unwrap_or(word);
    if CAMPAIGNS.contains(&word) {
        either("session campaign", "campaign")
    } else if SOURCES.contains(&word) {
        either("session source", "source")
    } else if MEDIUMS.contains(&word) {
        either("session medium", "medium")
    } else {
        None
    }
}

fn any(words: &[&str], text: &str) -> bool {
    words.iter().any(|word| text.contains(word))
}

fn is_session(word: &str) -> bool {
    SESSION.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_many_languages() {
        for (text, name) in [
            ("Session source / medium", "session source / medium"),
            ("Session source platform", "session source platform"),
            ("Session campaign ID", "session campaign id"),
            (
                "Primaire kanaalgroep van sessie (standaard kanaalgroep)",
                "session primary channel group",
            ),
            (
                "Grupo de canais principal da sessão (Grupo de canais padrão)",
                "session primary channel group",
            ),
            ("Bron/medium van sessie", "session source / medium"),
            ("Origem/mídia da sessão", "session source / medium"),
            ("セッションの参照元 / メディア", "session source / medium"),
            ("セッションのキャンペーン", "session campaign"),
            ("Sessiecampagne", "session campaign"),
            ("Campagne de la session", "session campaign"),
            ("Quelle/Medium", "source / medium"),
            ("Sitzungen mit Interaktionen", "sitzungen mit interaktionen"),
            ("Receita total", "total revenue"),
            ("Aktive Nutzer", "aktive nutzer"),
        ] {
            let cells = in_english(&[HeaderCell::new(text)]);
            assert_eq!((cells[0].name.as_str(), cells[0].text.as_str()), (name, text));
        }
    }
}
