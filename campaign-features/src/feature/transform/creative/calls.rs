//! Calls to action in English, German, French and Spanish.

use super::words;

/// Whether a text holds one of the phrases, word by word, in any case.
pub(super) fn calls_to_action(text: &str) -> bool {
    let text = text.to_lowercase();
    let words: Vec<&str> = words(&text).collect();
    CALLS.iter().any(|call| words.windows(call.len()).any(|window| window == *call))
}

/// Phrases, in lower case, word by word.
const CALLS: [&[&str]; 78] = [
    &["shop", "now"],
    &["buy", "now"],
    &["order", "now"],
    &["order", "today"],
    &["get", "yours"],
    &["get", "started"],
    &["get", "offer"],
    &["get", "quote"],
    &["get", "it", "now"],
    &["sign", "up"],
    &["join", "now"],
    &["join", "us"],
    &["subscribe"],
    &["download"],
    &["install", "now"],
    &["learn", "more"],
    &["read", "more"],
    &["see", "more"],
    &["find", "out", "more"],
    &["discover"],
    &["try", "it"],
    &["try", "now"],
    &["try", "for", "free"],
    &["start", "now"],
    &["book", "now"],
    &["apply", "now"],
    &["register", "now"],
    &["watch", "now"],
    &["play", "now"],
    &["contact", "us"],
    &["call", "now"],
    &["save", "now"],
    &["click", "here"],
    &["swipe", "up"],
    &["jetzt", "kaufen"],
    &["jetzt", "bestellen"],
    &["jetzt", "entdecken"],
    &["jetzt", "shoppen"],
    &["jetzt", "sparen"],
    &["jetzt", "anmelden"],
    &["jetzt", "buchen"],
    &["jetzt", "testen"],
    &["jetzt", "sichern"],
    &["jetzt", "starten"],
    &["jetzt", "herunterladen"],
    &["jetzt", "registrieren"],
    &["mehr", "erfahren"],
    &["mehr", "dazu"],
    &["hier", "klicken"],
    &["kostenlos", "testen"],
    &["achetez"],
    &["acheter"],
    &["commandez"],
    &["découvrez"],
    &["profitez"],
    &["réservez"],
    &["téléchargez"],
    &["essayez"],
    &["en", "savoir", "plus"],
    &["en", "profiter"],
    &["inscrivez", "vous"],
    &["abonnez", "vous"],
    &["cliquez", "ici"],
    &["compra", "ahora"],
    &["compra", "ya"],
    &["comprar", "ahora"],
    &["descubre"],
    &["descarga"],
    &["más", "información"],
    &["regístrate"],
    &["suscríbete"],
    &["reserva", "ahora"],
    &["prueba", "gratis"],
    &["pruébalo"],
    &["pide", "ya"],
    &["haz", "clic"],
    &["empieza", "ahora"],
    &["saber", "más"],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_lower_case_words() {
        for call in CALLS {
            assert!(calls_to_action(&call.join(" ").to_uppercase()), "{call:?}");
        }
        assert!(!calls_to_action("shop. nowadays") && !calls_to_action(""));
        assert!(calls_to_action("SIGN-UP"));
    }
}
