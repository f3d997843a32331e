//! TikTok: Ads Manager exports and tables of its API.

use super::adapter::{Adapter, has, has_any, metrics, table};
use super::header::HeaderCell;
use super::layout::{Clock, Layout, Level, Output, Role};

/// TikTok Ads.
///
/// Exports are recognised by `Cost` beside `Clicks (destination)`, `By Day` or another column in TikTok's
/// words, also in German, Spanish, French, Italian, Portuguese and Japanese (translated, not seen in a file);
/// tables of the API by `stat_time_hour` or `stat_time_day`, whose hours are UTC; tables that
/// describe things by `advertiser_id`. What is attributed counts; `real_time_*` metrics stand beside it.
#[derive(Debug, Clone, Copy, Default)]
pub struct TikTok;

impl Adapter for TikTok {
    fn platform(&self) -> &str {
        "tiktok_ads"
    }

    fn layout(&self, header: &[HeaderCell]) -> Option<Layout> {
        let times = [
            "stat time hour",
            "stat time day",
            "dimensions.stat time hour",
            "dimensions.stat time day",
        ];
        if has_any(header, &times) && has_any(header, &["spend", "metrics.spend"]) {
            let mut layout = table(self.platform(), header, NAMES);
            layout.clock = Clock::Utc;
            metrics(&mut layout, &FAMILIES);
            layout.score += 20;
            return Some(layout);
        }
        let localised = has_any(header, &LOCAL) && has_any(header, &COSTS);
        let old = has(header, "cvr") && has_any(header, &["total cost", "click"]);
        let own = (old || has_any(header, &OWN)) && !has_any(header, &["impr.", "ad set name"]);
        if localised || (has_any(header, &["cost", "total cost"]) && own) {
            let mut layout = table(self.platform(), header, NAMES);
            metrics(&mut layout, &FAMILIES);
            layout.score += 12;
            return Some(layout);
        }
        self.history(header)
    }
}

/// Columns that no other platform has beside a cost.
const OWN: [&str; 17] = [
    "by day",
    "by hour",
    "clicks (destination)",
    "destination clicks",
    "cpc (destination)",
    "ctr (destination)",
    "conversion rate (cvr)",
    "complete payment",
    "primary status",
    "cost per 1,000 people reached",
    "2-second video views",
    "6-second video views",
    "average play time per video view",
    "average watch time per video view",
    "paid likes",
    "adgroup name",
    "adgroup id",
];

/// How columns of metrics begin.
const FAMILIES: [&str; 9] = [
    "real time ",
    "real-time ",
    "skan ",
    "video ",
    "total ",
    "onsite ",
    "secondary goal ",
    "live ",
    "average ",
];

/// Columns of localised exports that no other platform has beside a cost.
const LOCAL: [&str; 16] = [
    "クリック(デスティネーション)",
    "クリック数(デスティネーション)",
    "クリック数(遷移先)",
    "クリック(リンク先)",
    "nach tag",
    "klicks (ziel)",
    "klicks (zielseite)",
    "por dia",
    "clics (destino)",
    "par jour",
    "clics (destination)",
    "giornaliero",
    "clic (destinazione)",
    "cliques (destino)",
    "nombre del grupo de anuncios",
    "nom du groupe publicitaire",
];

const COSTS: [&str; 7] = ["kosten", "coste", "costo", "cout", "custo", "gasto", "コスト"];

impl TikTok {
    fn history(&self, header: &[HeaderCell]) -> Option<Layout> {
        let advertiser = has_any(header, &["license no", "promotion area", "contacter"]);
        let id = has_any(header, &["id", "advertiser id"]);
        let (level, names) = if id && has(header, "timezone") && advertiser {
            (Level::Account, ADVERTISER)
        } else if !has(header, "advertiser id") || has(header, "spend") {
            return None;
        } else if has(header, "ad id") && has_any(header, &["ad name", "ad text"]) {
            (Level::Ad, AD)
        } else if has(header, "adgroup id") && has(header, "adgroup name") {
            (Level::AdGroup, AD_GROUP)
        } else if has(header, "campaign id") && has(header, "campaign name") {
            (Level::Campaign, CAMPAIGN)
        } else {
            return None;
        };
        let mut layout = table(self.platform(), header, names);
        layout.output = Output::Entities(Some(level));
        layout.level = Some(level);
        layout.score += 10;
        Some(layout)
    }
}

const NAMES: &[(&str, Role)] = &[
    ("stat time hour", Role::Hour),
    ("by hour", Role::Hour),
    ("stat time day", Role::Day),
    ("by day", Role::Day),
    ("nach tag", Role::Day),
    ("por dia", Role::Day),
    ("par jour", Role::Day),
    ("giornaliero", Role::Day),
    ("tag", Role::Day),
    ("dia", Role::Day),
    ("jour", Role::Day),
    ("日別", Role::Day),
    ("日付", Role::Day),
    ("date", Role::Day),
    ("day", Role::Day),
    ("advertiser id", Role::Account),
    ("account id", Role::Account),
    ("account name", Role::AccountName),
    ("campaign id", Role::Campaign),
    ("campaign name", Role::CampaignName),
    ("kampagnenname", Role::CampaignName),
    ("nombre de la campana", Role::CampaignName),
    ("nom de la campagne", Role::CampaignName),
    ("nome della campagna", Role::CampaignName),
    ("nome da campanha", Role::CampaignName),
    ("キャンペーン名", Role::CampaignName),
    ("広告グループ名", Role::AdGroupName),
    ("広告名", Role::AdName),
    ("広告id", Role::Ad),
    ("ad group id", Role::AdGroup),
    ("adgroup id", Role::AdGroup),
    ("ad group name", Role::AdGroupName),
    ("adgroup name", Role::AdGroupName),
    ("anzeigengruppenname", Role::AdGroupName),
    ("name der anzeigengruppe", Role::AdGroupName),
    ("nombre del grupo de anuncios", Role::AdGroupName),
    ("nom du groupe d'annonces", Role::AdGroupName),
    ("nom du groupe publicitaire", Role::AdGroupName),
    ("nome del gruppo di annunci", Role::AdGroupName),
    ("nome do grupo de anuncios", Role::AdGroupName),
    ("anzeigen-id", Role::Ad),
    ("id del anuncio", Role::Ad),
    ("identificador del anuncio", Role::Ad),
    ("id de l'annonce", Role::Ad),
    ("id de la publicite", Role::Ad),
    ("ad id", Role::Ad),
    ("ad name", Role::AdName),
    ("anzeigenname", Role::AdName),
    ("nombre del anuncio", Role::AdName),
    ("nom de l'annonce", Role::AdName),
    ("nom de la publicite", Role::AdName),
    ("nome dell'annuncio", Role::AdName),
    ("nome do anuncio", Role::AdName),
    ("spend", Role::Spend),
    ("cost", Role::Spend),
    ("total cost", Role::Spend),
    ("kosten", Role::Spend),
    ("coste", Role::Spend),
    ("costo", Role::Spend),
    ("cout", Role::Spend),
    ("custo", Role::Spend),
    ("gasto", Role::Spend),
    ("コスト", Role::Spend),
    ("インプレッション", Role::Impressions),
    ("インプレッション数", Role::Impressions),
    ("クリック(デスティネーション)", Role::Clicks),
    ("クリック数(デスティネーション)", Role::Clicks),
    ("クリック数(遷移先)", Role::Clicks),
    ("クリック(リンク先)", Role::Clicks),
    ("コンバージョン", Role::Conversions),
    ("コンバージョン数", Role::Conversions),
    ("impressions", Role::Impressions),
    ("impression", Role::Impressions),
    ("impressionen", Role::Impressions),
    ("impresiones", Role::Impressions),
    ("impressioni", Role::Impressions),
    ("impressoes", Role::Impressions),
    ("clicks", Role::Clicks),
    ("clicks (destination)", Role::Clicks),
    ("destination clicks", Role::Clicks),
    ("klicks (ziel)", Role::Clicks),
    ("klicks (zielseite)", Role::Clicks),
    ("clics (destino)", Role::Clicks),
    ("clics (destination)", Role::Clicks),
    ("clic (destinazione)", Role::Clicks),
    ("cliques (destino)", Role::Clicks),
    ("clicks (all)", Role::Clicks),
    ("click", Role::Clicks),
    ("cvr", Role::Metric),
    ("conversion", Role::Conversions),
    ("conversions", Role::Conversions),
    ("konversionen", Role::Conversions),
    ("conversiones", Role::Conversions),
    ("conversioni", Role::Conversions),
    ("conversoes", Role::Conversions),
    ("complete payment", Role::Conversions),
    ("purchases (website)", Role::Conversions),
    ("results", Role::Conversions),
    ("total purchase value", Role::Revenue),
    ("total complete payment rate", Role::Metric),
    ("total complete payment value", Role::Revenue),
    ("complete payment value", Role::Revenue),
    ("total complete payment", Role::Revenue),
    ("conversion value", Role::Revenue),
    ("purchase value", Role::Revenue),
    ("purchase value (website)", Role::Revenue),
    ("video play actions", Role::VideoViews),
    ("video views", Role::VideoViews),
    ("attribution window", Role::Window),
    ("attribution settings", Role::Window),
    ("country code", Role::Country),
    ("province id", Role::Breakdown),
    ("ac", Role::Breakdown),
    ("platform", Role::Breakdown),
    ("wahrung", Role::Currency),
    ("moneda", Role::Currency),
    ("devise", Role::Currency),
    ("valuta", Role::Currency),
    ("moeda", Role::Currency),
    ("primary status", Role::Attribute),
    ("status", Role::Attribute),
    ("delivery status", Role::Attribute),
    ("campaign status", Role::Attribute),
    ("ad group status", Role::Attribute),
    ("ad status", Role::Attribute),
    ("operation status", Role::Attribute),
    ("secondary status", Role::Attribute),
    ("campaign budget", Role::Attribute),
    ("ad group budget", Role::Attribute),
    ("objective", Role::Attribute),
    ("video views p 25", Role::Metric),
    ("video views p 50", Role::Metric),
    ("video views p 75", Role::Metric),
    ("video views p 100", Role::Metric),
    ("video watched 2 s", Role::Metric),
    ("video watched 6 s", Role::Metric),
    ("average video play", Role::Metric),
    ("average video play per user", Role::Metric),
    ("result", Role::Metric),
    ("real time result", Role::Metric),
    ("real time conversion", Role::Metric),
    ("secondary goal result", Role::Metric),
    ("profile visits", Role::Metric),
    ("total sales lead value", Role::Metric),
];

const ADVERTISER: &[(&str, Role)] = &[
    ("id", Role::Id),
    ("advertiser id", Role::Id),
    ("name", Role::Name),
    ("currency", Role::Currency),
    ("timezone", Role::Zone),
    ("country", Role::Attribute),
    ("language", Role::Attribute),
];

const AD: &[(&str, Role)] = &[
    ("ad id", Role::Id),
    ("ad name", Role::Name),
    ("updated at", Role::Version),
    ("modify time", Role::Version),
    ("advertiser id", Role::Account),
    ("campaign id", Role::Campaign),
    ("adgroup id", Role::AdGroup),
    ("ad text", Role::CreativeBody),
    ("video id", Role::CreativeMedia),
    ("image ids", Role::CreativeMedia),
    ("call to action", Role::CreativeAction),
    ("landing page url", Role::CreativeLink),
];

const AD_GROUP: &[(&str, Role)] = &[
    ("adgroup id", Role::Id),
    ("adgroup name", Role::Name),
    ("updated at", Role::Version),
    ("modify time", Role::Version),
    ("advertiser id", Role::Account),
    ("campaign id", Role::Campaign),
];

const CAMPAIGN: &[(&str, Role)] = &[
    ("campaign id", Role::Id),
    ("campaign name", Role::Name),
    ("updated at", Role::Version),
    ("modify time", Role::Version),
    ("advertiser id", Role::Account),
];
