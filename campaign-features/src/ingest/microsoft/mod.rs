//! Microsoft Advertising: exports of the web interface, reports of the API and tables of connectors.

mod zones;

use crate::ingest::adapter::{Adapter, described, has, has_any, has_exact, table};
use crate::ingest::date::DateOrder;
use crate::ingest::header::HeaderCell;
use crate::ingest::layout::{Layout, Level, Role};

pub(crate) use zones::{described_zone, zone};

/// Microsoft Advertising (Bing Ads).
///
/// Reports are recognised by a column of spend beside `TimePeriod`, `Gregorian date`, `Impr.` or a
/// segment that only Microsoft has (top vs. other, bid match type, device OS); tables that describe
/// things by `modified_time` or by columns of the bulk service.
///
/// - `TimePeriod` is read with its hour (`2026-07-12|13`), so that the hours of a day add up.
/// - `Conversions` counts; `ConversionsQualified` does where the table has no other.
/// - Reports of keywords and search terms are of that level although they name the ad: they cover only
///   searches.
/// - English headers of the web interface write the month first, where the file's own dates do not say
///   otherwise.
#[derive(Debug, Clone, Copy, Default)]
pub struct Microsoft;

const SPEND: [&str; 5] = ["spend", "ausgaben", "gasto", "depenses", "spesa"];

/// The civil day in reports of the web interface; localised forms are translations that no public
/// export confirmed.
const DATE: [&str; 5] = [
    "gregorian date",
    "gregorianisches datum",
    "fecha gregoriana",
    "date gregorienne",
    "data gregoriana",
];

/// Segments and columns that only reports of Microsoft have beside a spend.
const OWN: [&str; 14] = [
    "top vs. other",
    "bid match type",
    "delivered match type",
    "device os",
    "ad distribution",
    "conversions qualified",
    "all conversions qualified",
    "account number",
    "budget association status",
    "impression share percent",
    "impression lost to budget percent",
    "return on ad spend",
    "revenue per conversion",
    "most specific location",
];

impl Adapter for Microsoft {
    fn platform(&self) -> &str {
        "microsoft_ads"
    }

    fn layout(&self, header: &[HeaderCell]) -> Option<Layout> {
        let foreign = has_any(header, &["total spent", "swipe ups", "pin promotion id", "taps"]);
        let period = has_exact(header, "timeperiod") || has_exact(header, "time period");
        let own = OWN.iter().filter(|name| has(header, name)).count();
        let short = has_exact(header, "impr.") || has_exact(header, "conv.");
        let api = has_exact(header, "timeperiod");
        let known = api || has_any(header, &DATE) || short || own > usize::from(!period);
        if !foreign && known && has_any(header, &SPEND) {
            let mut layout = table(self.platform(), header, NAMES);
            layout.score += 20;
            if has(header, "gregorian date") {
                layout.date_order = Some(DateOrder::MonthFirst);
            }
            // The finer word wins: these reports name the ad as well.
            if layout.has(Role::SearchTerm) {
                layout.level = Some(Level::SearchTerm);
            } else if layout.has(Role::Keyword) {
                layout.level = Some(Level::Keyword);
            }
            return Some(layout);
        }
        self.entities(header)
    }
}

impl Microsoft {
    fn entities(&self, header: &[HeaderCell]) -> Option<Layout> {
        if !has(header, "id") || has_any(header, &SPEND) {
            return None;
        }
        let any = |names: &[&str]| has_any(header, names);
        let modified = has(header, "modified time") || has(header, "last modified time");
        let level = if (modified && has(header, "currency code"))
            || any(&["account life cycle status"])
        {
            Level::Account
        } else if (modified && has(header, "ad group id") && has(header, "match type"))
            || (any(&["bid"]) && any(&["text"]) && any(&["match type"]) && any(&["ad group id"]))
        {
            Level::Keyword
        } else if (modified && has(header, "ad group id"))
            || (any(&["ad format preference"]) && any(&["final urls", "type"]))
        {
            Level::Ad
        } else if (has(header, "modified time") && has(header, "campaign id"))
            || (any(&["ad rotation"]) && any(&["name"]))
        {
            Level::AdGroup
        } else if (has(header, "modified time") && has(header, "account id"))
            || (any(&["budget type"]) && any(&["campaign type"]) && any(&["name"]))
        {
            Level::Campaign
        } else {
            return None;
        };
        Some(described(self.platform(), header, Some(level), ENTITY))
    }
}

/// Names in English are those of the web interface and of the API; German, Spanish, French and Italian
/// ones are translations that no public export confirmed.
const NAMES: &[(&str, Role)] = &[
    ("gregorian date", Role::Day),
    ("gregorianisches datum", Role::Day),
    ("fecha gregoriana", Role::Day),
    ("date gregorienne", Role::Day),
    ("data gregoriana", Role::Day),
    ("date", Role::Day),
    ("day", Role::Day),
    ("time period", Role::Hour),
    ("week", Role::Week),
    ("month", Role::Month),
    ("account id", Role::Account),
    ("account number", Role::Attribute),
    ("konto-id", Role::Account),
    ("id de cuenta", Role::Account),
    ("id de compte", Role::Account),
    ("account name", Role::AccountName),
    ("account", Role::AccountName),
    ("kontoname", Role::AccountName),
    ("nombre de cuenta", Role::AccountName),
    ("nom du compte", Role::AccountName),
    ("campaign id", Role::Campaign),
    ("kampagnen-id", Role::Campaign),
    ("id de campana", Role::Campaign),
    ("id de campagne", Role::Campaign),
    ("campaign name", Role::CampaignName),
    ("campaign", Role::CampaignName),
    ("kampagnenname", Role::CampaignName),
    ("kampagne", Role::CampaignName),
    ("nombre de campana", Role::CampaignName),
    ("campana", Role::CampaignName),
    ("nom de la campagne", Role::CampaignName),
    ("campagne", Role::CampaignName),
    ("ad group id", Role::AdGroup),
    ("anzeigengruppen-id", Role::AdGroup),
    ("id de grupo de anuncios", Role::AdGroup),
    ("id de groupe d'annonces", Role::AdGroup),
    ("ad group name", Role::AdGroupName),
    ("ad group", Role::AdGroupName),
    ("anzeigengruppe", Role::AdGroupName),
    ("grupo de anuncios", Role::AdGroupName),
    ("groupe d'annonces", Role::AdGroupName),
    ("asset group id", Role::Breakdown),
    ("asset group name", Role::Attribute),
    ("ad id", Role::Ad),
    ("anzeigen-id", Role::Ad),
    ("id de anuncio", Role::Ad),
    ("id d'annonce", Role::Ad),
    ("keyword id", Role::Keyword),
    ("keyword", Role::Keyword),
    ("search query", Role::SearchTerm),
    ("search term", Role::SearchTerm),
    ("spend", Role::Spend),
    ("ausgaben", Role::Spend),
    ("gasto", Role::Spend),
    ("depenses", Role::Spend),
    ("spesa", Role::Spend),
    ("impressions", Role::Impressions),
    ("impr.", Role::Impressions),
    ("impressionen", Role::Impressions),
    ("impresiones", Role::Impressions),
    ("impressioni", Role::Impressions),
    ("clicks", Role::Clicks),
    ("klicks", Role::Clicks),
    ("clics", Role::Clicks),
    ("clic", Role::Clicks),
    ("conversions", Role::Conversions),
    ("conv.", Role::Conversions),
    ("conversiones", Role::Conversions),
    ("conversioni", Role::Conversions),
    ("conversions qualified", Role::Conversions),
    ("revenue", Role::Revenue),
    ("conv. value", Role::Revenue),
    ("umsatz", Role::Revenue),
    ("ingresos", Role::Revenue),
    ("chiffre d'affaires", Role::Revenue),
    ("video views", Role::VideoViews),
    ("currency code", Role::Currency),
    ("currency", Role::Currency),
    ("wahrungscode", Role::Currency),
    ("codigo de moneda", Role::Currency),
    ("code de devise", Role::Currency),
    ("hour of day", Role::Breakdown),
    ("device type", Role::Breakdown),
    ("device os", Role::Breakdown),
    ("network", Role::Breakdown),
    ("language", Role::Breakdown),
    ("ad distribution", Role::Breakdown),
    ("bid match type", Role::Breakdown),
    ("delivered match type", Role::Breakdown),
    ("match type", Role::Breakdown),
    ("top vs. other", Role::Breakdown),
    ("state", Role::Breakdown),
    ("county", Role::Breakdown),
    ("city", Role::Breakdown),
    ("metro area", Role::Breakdown),
    ("postal code", Role::Breakdown),
    ("neighborhood", Role::Breakdown),
    ("location id", Role::Breakdown),
    ("location type", Role::Breakdown),
    ("most specific location", Role::Breakdown),
    ("proximity target location", Role::Breakdown),
    ("radius", Role::Breakdown),
    ("goal", Role::Breakdown),
    ("goal type", Role::Breakdown),
    ("goal id", Role::Breakdown),
    ("merchant product id", Role::Breakdown),
    ("country/region", Role::Country),
    ("country of interest", Role::Country),
    ("age group", Role::Audience),
    ("audience id", Role::Audience),
    ("audience name", Role::Attribute),
    ("ad title", Role::CreativeTitle),
    ("title part 1", Role::CreativeTitle),
    ("ad description", Role::CreativeBody),
    ("destination url", Role::CreativeLink),
    ("final url", Role::CreativeLink),
    ("time zone", Role::Zone),
    ("customer id", Role::Attribute),
    ("customer name", Role::Attribute),
    ("account status", Role::Attribute),
    ("campaign status", Role::Attribute),
    ("ad group status", Role::Attribute),
    ("asset group status", Role::Attribute),
    ("ad status", Role::Attribute),
    ("keyword status", Role::Attribute),
    ("campaign type", Role::Attribute),
    ("ad type", Role::Attribute),
    ("ad labels", Role::Attribute),
    ("campaign labels", Role::Attribute),
    ("ad group labels", Role::Attribute),
    ("account labels", Role::Attribute),
    ("title part 2", Role::Attribute),
    ("title part 3", Role::Attribute),
    ("tracking template", Role::Attribute),
    ("custom parameters", Role::Attribute),
    ("base campaign id", Role::Attribute),
    ("budget", Role::Attribute),
    ("budget name", Role::Attribute),
    ("budget status", Role::Attribute),
    ("budget association status", Role::Attribute),
    ("bid strategy type", Role::Attribute),
    ("delivery", Role::Attribute),
    ("current max. cpc", Role::Attribute),
    ("quality score", Role::Attribute),
    ("quality impact", Role::Attribute),
    ("assists", Role::Metric),
    ("all revenue", Role::Metric),
    ("all conversions", Role::Metric),
    ("all conversions qualified", Role::Metric),
    ("view through revenue", Role::Metric),
    ("view through conversions", Role::Metric),
    ("view through conversions qualified", Role::Metric),
    ("low quality clicks", Role::Metric),
    ("low quality impressions", Role::Metric),
    ("low quality conversions", Role::Metric),
    ("return on ad spend", Role::Metric),
    ("revenue per conversion", Role::Metric),
    ("revenue per assist", Role::Metric),
    ("phone calls", Role::Metric),
    ("phone impressions", Role::Metric),
    ("ptr", Role::Metric),
    ("ctr", Role::Metric),
];

const ENTITY: &[(&str, Role)] = &[
    ("id", Role::Id),
    ("name", Role::Name),
    ("title part 1", Role::Name),
    ("text", Role::Name),
    ("modified time", Role::Version),
    ("last modified time", Role::Version),
    ("account id", Role::Account),
    ("campaign id", Role::Campaign),
    ("ad group id", Role::AdGroup),
    ("currency code", Role::Currency),
    ("time zone", Role::Zone),
    ("title part 2", Role::CreativeTitle),
    ("final url", Role::CreativeLink),
    ("language", Role::Attribute),
    ("title", Role::Attribute),
];
