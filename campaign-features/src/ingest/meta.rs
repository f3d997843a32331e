//! Meta (Facebook, Instagram): Ads Manager exports in four languages and connector tables.

use super::adapter::{Adapter, column, finest, has, has_any, table};
use super::header::HeaderCell;
use super::layout::{Layout, Level, Output, Role};

/// Meta Ads.
///
/// Ads Manager exports are recognised by `Amount spent` in English, German, Spanish or French; tables
/// of the insights API by `inline_link_clicks` or `date_start`, both with a day or period; their `actions` and `action_values` by
/// `action_type`; history tables by `updated_time`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Meta;

const SPEND: [&str; 4] =
    ["amount spent", "ausgegebener betrag", "importe gastado", "montant depense"];

impl Adapter for Meta {
    fn platform(&self) -> &str {
        "meta_ads"
    }

    fn layout(&self, header: &[HeaderCell]) -> Option<Layout> {
        if has_any(header, &["swipe ups", "pin promotion id"]) {
            return None;
        }
        if has_any(header, &SPEND)
            && header.len() > 2
            && let Some(mut layout) = dated(self.platform(), header)
        {
            layout.score += 20;
            return Some(layout);
        }
        if has(header, "action type") && has(header, "value") {
            let mut layout = table(self.platform(), header, ACTIONS);
            layout.output = Output::Actions;
            layout.score += 20;
            return Some(layout);
        }
        let insights = has(header, "inline link clicks") || has(header, "date start");
        if insights
            && has(header, "spend")
            && let Some(mut layout) =
                dated(self.platform(), header).filter(|l| IDENTITY.iter().any(|role| l.has(*role)))
        {
            layout.score += 20;
            return Some(layout);
        }
        self.history(header)
    }
}

/// What a row of the insights API is about.
const IDENTITY: [Role; 8] = [
    Role::Account,
    Role::AccountName,
    Role::Campaign,
    Role::CampaignName,
    Role::AdGroup,
    Role::AdGroupName,
    Role::Ad,
    Role::AdName,
];

/// The layout of a report; none where no column says the day or the period, because a summary of files
/// or accounts is no report.
fn dated(platform: &str, header: &[HeaderCell]) -> Option<Layout> {
    let layout = table(platform, header, NAMES);
    (layout.has(Role::Day) || layout.has(Role::Start)).then_some(layout)
}

impl Meta {
    fn history(&self, header: &[HeaderCell]) -> Option<Layout> {
        let synced = has(header, "fivetran synced");
        let creative = has(header, "object story link data message") && has(header, "id");
        let described = has(header, "id") && has(header, "name") && synced;
        let level = if creative {
            None
        } else if !described {
            return None;
        } else if has(header, "updated time") && has(header, "account id") {
            Some(if has(header, "ad set id") {
                Level::Ad
            } else if has(header, "campaign id") {
                Level::AdGroup
            } else {
                Level::Campaign
            })
        } else if header.len() == 3 {
            // Nothing but id, name and time: of the connectors known here only this one has it.
            Some(Level::Account)
        } else {
            return None;
        };
        let mut layout = table(self.platform(), header, HISTORY);
        if creative {
            for (cell, c) in header.iter().zip(&mut layout.columns) {
                if cell.name == "name" {
                    *c = column(cell, Role::Attribute);
                }
            }
        }
        layout.output = Output::Entities(level);
        layout.level = level.or(Some(finest(&layout))).filter(|_| !creative);
        layout.score += 10;
        Some(layout)
    }
}

/// Where two columns could have a role, the first listed has it.
const NAMES: &[(&str, Role)] = &[
    ("day", Role::Day),
    ("date", Role::Day),
    ("tag", Role::Day),
    ("dia", Role::Day),
    ("jour", Role::Day),
    ("reporting starts", Role::Start),
    ("date start", Role::Start),
    ("inicio del informe", Role::Start),
    ("berichtsstart", Role::Start),
    ("auswertungsbeginn", Role::Start),
    ("auswertungsstart", Role::Start),
    ("debut des rapports", Role::Start),
    ("debut du rapport", Role::Start),
    ("reporting ends", Role::End),
    ("date stop", Role::End),
    ("fin del informe", Role::End),
    ("finalizacion del informe", Role::End),
    ("berichtsende", Role::End),
    ("auswertungsende", Role::End),
    ("fin des rapports", Role::End),
    ("fin du rapport", Role::End),
    ("account id", Role::Account),
    ("identificador de la cuenta", Role::Account),
    ("konto-id", Role::Account),
    ("account name", Role::AccountName),
    ("nombre de la cuenta", Role::AccountName),
    ("kontoname", Role::AccountName),
    ("nom du compte", Role::AccountName),
    ("campaign id", Role::Campaign),
    ("identificador de la campana", Role::Campaign),
    ("kampagnen-id", Role::Campaign),
    ("id de la campagne", Role::Campaign),
    ("identifiant de la campagne", Role::Campaign),
    ("campaign name", Role::CampaignName),
    ("nombre de la campana", Role::CampaignName),
    ("kampagnenname", Role::CampaignName),
    ("nom de la campagne", Role::CampaignName),
    ("ad set id", Role::AdGroup),
    ("adset id", Role::AdGroup),
    ("identificador del conjunto de anuncios", Role::AdGroup),
    ("anzeigengruppen-id", Role::AdGroup),
    ("id de l'ensemble de publicites", Role::AdGroup),
    ("identifiant de l'ensemble de publicites", Role::AdGroup),
    ("ad set name", Role::AdGroupName),
    ("adset name", Role::AdGroupName),
    ("nombre del conjunto de anuncios", Role::AdGroupName),
    ("anzeigengruppenname", Role::AdGroupName),
    ("name der anzeigengruppe", Role::AdGroupName),
    ("nom de l'ensemble de publicites", Role::AdGroupName),
    ("ad id", Role::Ad),
    ("identificador del anuncio", Role::Ad),
    ("anzeigen-id", Role::Ad),
    ("id de la publicite", Role::Ad),
    ("identifiant de la publicite", Role::Ad),
    ("ad name", Role::AdName),
    ("nombre del anuncio", Role::AdName),
    ("anzeigenname", Role::AdName),
    ("name der werbeanzeige", Role::AdName),
    ("nom de la publicite", Role::AdName),
    ("amount spent", Role::Spend),
    ("spend", Role::Spend),
    ("importe gastado", Role::Spend),
    ("ausgegebener betrag", Role::Spend),
    ("montant depense", Role::Spend),
    ("impressions", Role::Impressions),
    ("impresiones", Role::Impressions),
    ("impressionen", Role::Impressions),
    ("link clicks", Role::Clicks),
    ("inline link clicks", Role::Clicks),
    ("clics en el enlace", Role::Clicks),
    ("link-klicks", Role::Clicks),
    ("klicks auf links", Role::Clicks),
    ("clics sur un lien", Role::Clicks),
    ("clics sur le lien", Role::Clicks),
    ("clicks (all)", Role::Clicks),
    ("clics (todos)", Role::Clicks),
    ("klicks (alle)", Role::Clicks),
    ("clics (tous)", Role::Clicks),
    ("clicks", Role::Clicks),
    ("purchases", Role::Conversions),
    ("website purchases", Role::Conversions),
    ("compras", Role::Conversions),
    ("kaufe", Role::Conversions),
    ("achats", Role::Conversions),
    ("results", Role::Conversions),
    ("resultados", Role::Conversions),
    ("ergebnisse", Role::Conversions),
    ("resultats", Role::Conversions),
    ("purchases conversion value", Role::Revenue),
    ("purchase conversion value", Role::Revenue),
    ("website purchases conversion value", Role::Revenue),
    ("valor de conversion de compras", Role::Revenue),
    ("conversion-wert von kaufen", Role::Revenue),
    ("conversion-wert fur kaufe", Role::Revenue),
    ("valeur de conversion des achats", Role::Revenue),
    ("video plays", Role::VideoViews),
    ("thruplays", Role::VideoViews),
    ("3-second video plays", Role::VideoViews),
    ("attribution setting", Role::Window),
    ("configuracion de atribucion", Role::Window),
    ("attributionseinstellung", Role::Window),
    ("parametre d'attribution", Role::Window),
    ("fivetran id", Role::Ignored),
    ("edad", Role::Audience),
    ("alter", Role::Audience),
    ("sexo", Role::Audience),
    ("geschlecht", Role::Audience),
    ("pais", Role::Country),
    ("land", Role::Country),
    ("pays", Role::Country),
    ("platform", Role::Breakdown),
    ("publisher platform", Role::Breakdown),
    ("device platform", Role::Breakdown),
    ("impression device", Role::Breakdown),
    ("plataforma", Role::Breakdown),
    ("plattform", Role::Breakdown),
    ("plateforme", Role::Breakdown),
    ("reach", Role::Metric),
    ("alcance", Role::Metric),
    ("reichweite", Role::Metric),
    ("couverture", Role::Metric),
    ("frequency", Role::Metric),
    ("frecuencia", Role::Metric),
    ("frequenz", Role::Metric),
    ("landing page views", Role::Metric),
    ("adds to cart", Role::Metric),
    ("result indicator", Role::Attribute),
    ("indicador de resultado", Role::Attribute),
    ("campaign delivery", Role::Attribute),
    ("ad set delivery", Role::Attribute),
    ("ad delivery", Role::Attribute),
    ("delivery status", Role::Attribute),
    ("entrega de la campana", Role::Attribute),
    ("entrega del conjunto de anuncios", Role::Attribute),
    ("entrega del anuncio", Role::Attribute),
    ("estado de la entrega", Role::Attribute),
    ("auslieferung der kampagne", Role::Attribute),
    ("auslieferung der anzeigengruppe", Role::Attribute),
    ("auslieferung der anzeige", Role::Attribute),
    ("kampagnenauslieferung", Role::Attribute),
    ("anzeigengruppenauslieferung", Role::Attribute),
    ("anzeigenauslieferung", Role::Attribute),
    ("diffusion de la campagne", Role::Attribute),
    ("diffusion de l'ensemble de publicites", Role::Attribute),
    ("diffusion de la publicite", Role::Attribute),
    ("delivery level", Role::Attribute),
    ("delivery", Role::Attribute),
    ("campaign status", Role::Attribute),
    ("ad set status", Role::Attribute),
    ("ad status", Role::Attribute),
    ("last significant edit", Role::Attribute),
    ("letzte wesentliche bearbeitung", Role::Attribute),
    ("letzte wichtige bearbeitung", Role::Attribute),
    ("ultima edicion importante", Role::Attribute),
    ("ultima edicion significativa", Role::Attribute),
    ("derniere modification importante", Role::Attribute),
    ("derniere modification significative", Role::Attribute),
    ("objective", Role::Attribute),
    ("ad set budget", Role::Attribute),
    ("ad set budget type", Role::Attribute),
    ("campaign budget", Role::Attribute),
    ("campaign budget type", Role::Attribute),
    ("bid", Role::Attribute),
    ("bid type", Role::Attribute),
    ("starts", Role::Attribute),
    ("ends", Role::Attribute),
    ("quality ranking", Role::Attribute),
    ("engagement rate ranking", Role::Attribute),
    ("conversion rate ranking", Role::Attribute),
];

const ACTIONS: &[(&str, Role)] = &[
    ("date", Role::Day),
    ("date start", Role::Day),
    ("account id", Role::Account),
    ("campaign id", Role::Campaign),
    ("ad set id", Role::AdGroup),
    ("adset id", Role::AdGroup),
    ("ad id", Role::Ad),
    ("action type", Role::ActionType),
    ("value", Role::ActionValue),
    ("index", Role::Breakdown),
    ("inline", Role::Metric),
    ("1 d view", Role::Metric),
    ("1d view", Role::Metric),
    ("7 d view", Role::Metric),
    ("7d view", Role::Metric),
    ("28 d view", Role::Metric),
    ("1 d click", Role::Metric),
    ("1d click", Role::Metric),
    ("7 d click", Role::Metric),
    ("7d click", Role::Metric),
    ("28 d click", Role::Metric),
    ("28d click", Role::Metric),
];

const HISTORY: &[(&str, Role)] = &[
    ("id", Role::Id),
    ("name", Role::Name),
    ("updated time", Role::Version),
    ("account id", Role::Account),
    ("campaign id", Role::Campaign),
    ("ad set id", Role::AdGroup),
    ("creative id", Role::Creative),
    ("object story link data message", Role::CreativeBody),
    ("object story link data description", Role::CreativeTitle),
    ("object story link data child attachments", Role::CreativeMedia),
    ("object story link data link", Role::CreativeLink),
    ("page link", Role::Attribute),
    ("template page link", Role::Attribute),
    ("url tags", Role::Attribute),
    ("url tags string", Role::Attribute),
    ("asset feed spec link urls", Role::Attribute),
    ("object story link data caption", Role::Attribute),
    ("template app link spec ios", Role::Attribute),
    ("fivetran id", Role::Ignored),
];
