//! Attribution windows in the headers of Amazon's reports.

use campaign_core::Currency;

use crate::ingest::layout::{Layout, Role};

/// Days of the windows that Amazon reports.
const DAYS: [u8; 4] = [1, 7, 14, 30];

/// What a column of a window counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    Sales,
    Orders,
    /// A part of one of them, or something else.
    Other,
}

/// The window of a column, in days, and what it counts there: `7 day total sales`, `sales 14 d`,
/// `attributedsales14d`, `7 tage, umsatz gesamt (€)`. The name is in the form to compare.
pub(super) fn of(name: &str) -> Option<(u8, Measure)> {
    let start = name.find(|c: char| c.is_ascii_digit())?;
    let before = name.get(..start)?;
    let rest = name.get(start..)?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let days: u8 = rest.get(..end)?.parse().ok()?;
    let after = rest.get(end..)?.trim_start_matches([' ', '-']);
    // Japanese has no space behind the unit.
    let unit_end = match after.starts_with(JAPANESE) {
        true => JAPANESE.len(),
        false => after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len()),
    };
    let unit = after.get(..unit_end)?;
    let tail = after.get(unit_end..)?;
    const JAPANESE: &str = "日間";
    const UNITS: [&str; 10] =
        [JAPANESE, "d", "day", "days", "tag", "tage", "dias", "jours", "giorni", "dagen"];
    // `attributedsales14dsamesku`
    let part = unit.starts_with("dsame") || unit.starts_with("dother");
    if !DAYS.contains(&days) || !(UNITS.contains(&unit) || part) {
        return None;
    }
    let measure = if part { Measure::Other } else { measure(&letters(before, tail)) };
    // A window alone is no sign of Amazon: Meta's `7d_click` has one as well.
    let known = measure != Measure::Other || part || is_part(before, tail);
    known.then_some((days, measure))
}

/// The words around the window without articles and signs.
fn letters(before: &str, tail: &str) -> String {
    let words = before.split(|c: char| !c.is_alphanumeric());
    let words = words.chain(tail.split(|c: char| !c.is_alphanumeric()));
    words
        .filter(|word| !["de", "des", "di", "en", "a", "sur", "su", "in", "over"].contains(word))
        .collect()
}

fn measure(words: &str) -> Measure {
    const SALES: [&str; 18] = [
        "広告がクリックされてからの総売上高",
        "の総売上高",
        "totalsales",
        "sales",
        "attributedsales",
        "totalproductsales",
        "productsales",
        "umsatzgesamt",
        "gesamtumsatz",
        "verkaufegesamt",
        "ventastotales",
        "totalventas",
        "totalventes",
        "ventestotales",
        "venditetotali",
        "totalevendite",
        "totaleverkoop",
        "verkooptotaal",
    ];
    const ORDERS: [&str; 19] = [
        "広告がクリックされてからの合計注文数",
        "の総注文数",
        "totalorders",
        "orders",
        "purchases",
        "totalpurchases",
        "attributedconversions",
        "attributedpurchases",
        "conversions",
        "auftragegesamt",
        "bestellungengesamt",
        "gesamtbestellungen",
        "pedidostotales",
        "totalpedidos",
        "totalcommandes",
        "commandestotales",
        "ordinitotali",
        "totaleordini",
        "totaalbestellingen",
    ];
    if SALES.contains(&words) {
        Measure::Sales
    } else if ORDERS.contains(&words) {
        Measure::Orders
    } else {
        Measure::Other
    }
}

/// Whether the words name a part of sales or orders, or units, views or a rate.
fn is_part(before: &str, tail: &str) -> bool {
    const WORDS: [&str; 18] = [
        "販売数",
        "sku",
        "units",
        "brand",
        "sales",
        "purchases",
        "orders",
        "unitssold",
        "halo",
        "conversion",
        "dpv",
        "attributed",
        "einheiten",
        "konversionsrate",
        "unidades",
        "unites",
        "unita",
        "roas",
    ];
    let words = letters(before, tail);
    WORDS.iter().any(|word| words.contains(word))
}

/// The currency that a sign in the header names: `7 Tage, Umsatz gesamt (€)`.
pub(super) fn sign(header: &str) -> Option<Currency> {
    let code = match header {
        text if text.contains("(€)") => "EUR",
        text if text.contains("(£)") => "GBP",
        _ => return None,
    };
    code.parse().ok()
}

/// Gives one window's orders and sales their roles and names it in the layout; columns of the others
/// are metrics that are not kept.
pub(super) fn choose(layout: &mut Layout, display: bool) {
    let order: [u8; 4] = if display { [14, 7, 30, 1] } else { [7, 14, 30, 1] };
    let seen: Vec<Option<(u8, Measure)>> = layout.columns.iter().map(|c| of(&c.name)).collect();
    let has = |days: u8, measure| seen.contains(&Some((days, measure)));
    let both = |days: &&u8| has(**days, Measure::Sales) && has(**days, Measure::Orders);
    let either = |days: &&u8| has(**days, Measure::Sales) || has(**days, Measure::Orders);
    let chosen = order.iter().find(both).or_else(|| order.iter().find(either)).copied();
    let Some(chosen) = chosen else { return };
    let mut others = Vec::new();
    let (mut sales, mut orders) = (false, false);
    for (column, window) in layout.columns.iter_mut().zip(&seen) {
        column.role = match *window {
            Some((days, Measure::Sales)) if days == chosen && !sales => {
                sales = true;
                Role::Revenue
            }
            Some((days, Measure::Orders)) if days == chosen && !orders => {
                orders = true;
                Role::Conversions
            }
            Some((days, measure)) => {
                if measure != Measure::Other && days != chosen && !others.contains(&days) {
                    others.push(days);
                }
                Role::Metric
            }
            None if matches!(column.role, Role::Revenue | Role::Conversions) => Role::Metric,
            None => column.role,
        };
    }
    layout.window = Some(format!("{chosen}-day").into());
    if !others.is_empty() {
        others.sort_unstable();
        let others: Vec<String> = others.iter().map(u8::to_string).collect();
        layout.notes.push(format!(
            "conversions and sales are those of {chosen} days; windows of {} days are not taken",
            others.join(", ")
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::header::HeaderCell;

    #[test]
    fn windows_of_headers() {
        use Measure::{Orders, Other, Sales};
        for (header, expected) in [
            ("7 Day Total Sales ", Some((7, Sales))),
            ("14 Day Total Orders (#)", Some((14, Orders))),
            ("7 Day Other SKU Sales ", Some((7, Other))),
            ("14 Day New-to-brand Sales", Some((14, Other))),
            ("sales_30_d", Some((30, Sales))),
            ("purchases30d", Some((30, Orders))),
            ("purchasesSameSku14d", Some((14, Other))),
            ("attributedSales14d", Some((14, Sales))),
            ("attributedSales14dSameSKU", Some((14, Other))),
            ("attributedConversions1d", Some((1, Orders))),
            ("7 Tage, Umsatz gesamt (€)", Some((7, Sales))),
            ("7 Tage, Aufträge gesamt (#)", Some((7, Orders))),
            ("7 Tage, Verkäufe gesamt", Some((7, Sales))),
            ("Ventas totales de 7 días", Some((7, Sales))),
            ("Pedidos totales de 7 días (#)", Some((7, Orders))),
            ("Vendite totali (€) 7 giorni", Some((7, Sales))),
            ("Totale ordini (#) 7 giorni", Some((7, Orders))),
            ("14d Total purchases", Some((14, Orders))),
            ("3-second video plays", None),
            ("7d_click", None),
            ("video views p 25", None),
            ("2 day total sales", None),
            ("sales", None),
            ("99999999999d sales", None),
        ] {
            assert_eq!(of(&HeaderCell::new(header).name), expected, "{header}");
        }
    }
}
