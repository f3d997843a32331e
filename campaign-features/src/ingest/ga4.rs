//! Google Analytics 4: exports of the web interface and tables of events.

use std::borrow::Cow;
use std::sync::Arc;

use campaign_core::{Currency, SourceId};

use super::adapter::{Adapter, has, has_any, table};
use super::conversion::WebRow;
use super::date::end_of;
use super::header::HeaderCell;
use super::layout::{Layout, Level, Output, Role};
use super::row::{Fault, RowReader};
use super::store::{EventRow, Store};

/// Google Analytics 4.
///
/// A file that compares two periods states both: the rows of the first are read, those of the other are
/// counted in the notes and never added. An event of the tables of BigQuery is the same event in every
/// table that has its user, time, name and place in its batch.
///
/// Exports are recognised by a session dimension beside sessions, key events, conversions or revenue, in
/// English, and in German, Spanish, French, Italian and Japanese as far as no public export had to confirm it;
/// tables of events by `user_pseudo_id`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ga4;

const WHERE_FROM: [&str; 33] = [
    "セッションのメインのチャネル グループ（デフォルト チャネル グループ）",
    "セッションのメインのチャネル グループ",
    "gruppo di canali principale della sessione (gruppo di canali predefinito)",
    "gruppo di canali principale della sessione",
    "session manual source / medium",
    "session manual source",
    "session manual campaign name",
    "session google ads campaign",
    "first user primary channel group (default channel group)",
    "first user primary channel group",
    "first user default channel group",
    "first user source",
    "first user medium",
    "first user campaign",
    "primare channelgruppe der sitzung (standard-channelgruppe)",
    "primare channelgruppe der sitzung",
    "standard-channelgruppe der sitzung",
    "quelle/medium der sitzung",
    "grupo de canales principal de la sesion (grupo de canales predeterminado)",
    "grupo de canales principal de la sesion",
    "fuente/medio de la sesion",
    "groupe de canaux principal de la session (groupe de canaux par defaut)",
    "source/support de la session",
    "session default channel grouping",
    "session primary channel group (default channel group)",
    "session primary channel group",
    "session default channel group",
    "default channel group",
    "session source / medium",
    "session source",
    "session medium",
    "session campaign",
    "first user source / medium",
];

const MEASURES: [&str; 10] = [
    "セッション",
    "sessioni",
    "sitzungen",
    "sesiones",
    "sessions",
    "key events",
    "conversions",
    "total revenue",
    "purchase revenue",
    "engaged sessions",
];

impl Adapter for Ga4 {
    fn platform(&self) -> &str {
        "ga4"
    }

    fn layout(&self, header: &[HeaderCell]) -> Option<Layout> {
        let dated = has_any(header, &["event date", "date"]);
        if has(header, "user pseudo id") && dated && has_any(header, &["event name", "name"]) {
            let mut layout = table(self.platform(), header, EVENTS);
            layout.output = Output::Events;
            layout.level = Some(Level::Event);
            layout.score += 20;
            return Some(layout);
        }
        if has_any(header, &WHERE_FROM) && has_any(header, &MEASURES) {
            let mut layout = table(self.platform(), header, SESSIONS);
            layout.output = Output::Web;
            layout.level = Some(Level::Session);
            layout.score += 15;
            return Some(layout);
        }
        None
    }
}

/// `google / cpc` in two.
fn source_medium(text: &str) -> (&str, Option<&str>) {
    match text.split_once(" / ") {
        Some((source, medium)) => (source.trim(), Some(medium.trim())),
        None => (text, None),
    }
}

/// A row of sessions.
pub(crate) fn web_row(store: &mut Store, reader: &mut RowReader<'_, '_>) -> Result<WebRow, Fault> {
    let (date, last_date, _) = reader.days()?;
    let sessions = reader.count(Role::Sessions)?;
    let key_events = reader.quantity(Role::Conversions)?;
    let revenue = reader.amount(Role::Revenue)?;
    let known = reader.known_at()?.or_else(|| end_of(last_date, &reader.style.zone));
    let source = source_id(reader)?;
    let stated = reader.currency()?.or(revenue.and_then(|(_, currency)| currency));
    let pair = reader.text(Role::SourceMedium).map(source_medium);
    let texts = &mut store.texts;
    let mut keep = |text: Option<&str>| text.map(|text| texts.get(text));
    Ok(WebRow {
        brand: store.settings.brand.clone(),
        source,
        date,
        last_date,
        channel_group: keep(reader.text(Role::ChannelGroup)),
        utm_source: keep(reader.text(Role::UtmSource).or(pair.map(|p| p.0))),
        utm_medium: keep(reader.text(Role::UtmMedium).or(pair.and_then(|p| p.1))),
        campaign: keep(reader.text(Role::CampaignName).or(reader.text(Role::Campaign))),
        sessions,
        key_events,
        revenue: revenue.map(|(micros, _)| micros),
        currency: stated.or(reader.defaults.currency),
        known_at: known.unwrap_or(jiff::Timestamp::MAX),
    })
}

pub(crate) fn source_id(reader: &RowReader<'_, '_>) -> Result<SourceId, Fault> {
    SourceId::new(&*reader.layout.platform)
        .map_err(|error| reader.fault(Role::Platform, "a source id", error.to_string()))
}

/// A web event. Purchases are the key events.
pub(crate) fn event_row(
    store: &mut Store,
    reader: &mut RowReader<'_, '_>,
) -> Result<EventRow, Fault> {
    let (day, _, _) = reader.days()?;
    let name = reader.text(Role::Event).map(str::to_owned);
    let name = name
        .ok_or_else(|| reader.fault(Role::Event, "the name of an event", "no value".to_owned()))?;
    let revenue = reader.amount(Role::Revenue)?;
    let known = reader.known_at()?.or_else(|| end_of(day, &reader.style.zone));
    // The table of a day that is not over yet is older than that of the day.
    let early = reader.layout.columns.iter().zip(reader.cells).any(|(column, cell)| {
        &*column.name == "is intraday" && cell.trim().eq_ignore_ascii_case("true")
    });
    let known = known.map(|at| match at.checked_sub(jiff::SignedDuration::from_secs(1)) {
        Ok(before) if early => before,
        _ => at,
    });
    let in_dollars = reader.positions.of(Role::Revenue).and_then(|i| reader.layout.columns.get(i));
    let in_dollars = in_dollars.is_some_and(|column| column.name.ends_with("in usd"));
    let currency: Option<Currency> = if in_dollars { "USD".parse().ok() } else { None };
    let session = reader.text(Role::Session).map(|session| {
        let user = reader.text(Role::Id).unwrap_or_default();
        Arc::from(format!("{user}/{session}"))
    });
    let texts = &mut store.texts;
    let mut keep = |text: Option<&str>| text.map(|text| texts.get(text));
    Ok(EventRow {
        day,
        source: keep(reader.text(Role::UtmSource)),
        medium: keep(reader.text(Role::UtmMedium)),
        campaign: keep(reader.text(Role::CampaignName)),
        session,
        is_key: name == "purchase",
        revenue: revenue.map(|(micros, _)| micros),
        currency: currency.or(reader.defaults.currency),
        known_at: known.unwrap_or(jiff::Timestamp::MAX),
        platform: reader.layout.platform.clone(),
    })
}

const SESSIONS: &[(&str, Role)] = &[
    ("date", Role::Day),
    ("day", Role::Day),
    ("session primary channel group (default channel group)", Role::ChannelGroup),
    ("session primary channel group", Role::ChannelGroup),
    ("session default channel group", Role::ChannelGroup),
    ("default channel group", Role::ChannelGroup),
    ("session source / medium", Role::SourceMedium),
    ("source / medium", Role::SourceMedium),
    ("session manual source / medium", Role::SourceMedium),
    ("first user source / medium", Role::SourceMedium),
    ("first user primary channel group (default channel group)", Role::ChannelGroup),
    ("first user primary channel group", Role::ChannelGroup),
    ("first user default channel group", Role::ChannelGroup),
    ("session source", Role::UtmSource),
    ("session manual source", Role::UtmSource),
    ("first user source", Role::UtmSource),
    ("session medium", Role::UtmMedium),
    ("session manual medium", Role::UtmMedium),
    ("first user medium", Role::UtmMedium),
    ("session campaign", Role::CampaignName),
    ("session manual campaign name", Role::CampaignName),
    ("session google ads campaign", Role::CampaignName),
    ("first user campaign", Role::CampaignName),
    ("session campaign name", Role::CampaignName),
    ("campaign name", Role::CampaignName),
    ("campaign", Role::CampaignName),
    ("session default channel grouping", Role::ChannelGroup),
    ("property", Role::Breakdown),
    ("property id", Role::Breakdown),
    // Which of two compared periods a row belongs to: only the rows of the first are read.
    ("date range", Role::Attribute),
    ("session campaign id", Role::Campaign),
    ("sessions", Role::Sessions),
    ("key events", Role::Conversions),
    ("conversions", Role::Conversions),
    ("total revenue", Role::Revenue),
    ("purchase revenue", Role::Revenue),
    ("revenue", Role::Revenue),
    ("datum", Role::Day),
    ("fecha", Role::Day),
    ("primare channelgruppe der sitzung (standard-channelgruppe)", Role::ChannelGroup),
    ("primare channelgruppe der sitzung", Role::ChannelGroup),
    ("standard-channelgruppe der sitzung", Role::ChannelGroup),
    ("quelle/medium der sitzung", Role::SourceMedium),
    ("kampagne der sitzung", Role::CampaignName),
    (
        "grupo de canales principal de la sesion (grupo de canales predeterminado)",
        Role::ChannelGroup,
    ),
    ("grupo de canales principal de la sesion", Role::ChannelGroup),
    ("fuente/medio de la sesion", Role::SourceMedium),
    ("campana de la sesion", Role::CampaignName),
    ("groupe de canaux principal de la session (groupe de canaux par defaut)", Role::ChannelGroup),
    ("source/support de la session", Role::SourceMedium),
    ("campagne de la session", Role::CampaignName),
    ("セッションのメインのチャネル グループ（デフォルト チャネル グループ）", Role::ChannelGroup),
    ("セッションのメインのチャネル グループ", Role::ChannelGroup),
    ("セッション", Role::Sessions),
    ("キーイベント", Role::Conversions),
    ("合計収益", Role::Revenue),
    ("日付", Role::Day),
    (
        "gruppo di canali principale della sessione (gruppo di canali predefinito)",
        Role::ChannelGroup,
    ),
    ("gruppo di canali principale della sessione", Role::ChannelGroup),
    ("sessioni", Role::Sessions),
    ("eventi chiave", Role::Conversions),
    ("entrate totali", Role::Revenue),
    ("sitzungen", Role::Sessions),
    ("sesiones", Role::Sessions),
    ("schlusselereignisse", Role::Conversions),
    ("eventos clave", Role::Conversions),
    ("evenements cles", Role::Conversions),
    ("gesamtumsatz", Role::Revenue),
    ("ingresos totales", Role::Revenue),
    ("revenu total", Role::Revenue),
    ("sitzungen mit interaktionen", Role::Metric),
    ("sesiones con interaccion", Role::Metric),
    ("sessions avec engagement", Role::Metric),
    ("active users", Role::Metric),
    ("total users", Role::Metric),
    ("new users", Role::Metric),
    ("engaged sessions", Role::Metric),
    ("engagement rate", Role::Metric),
    ("average engagement time per session", Role::Metric),
    ("events per session", Role::Metric),
    ("event count", Role::Metric),
    ("session key event rate", Role::Metric),
];

const EVENTS: &[(&str, Role)] = &[
    ("event date", Role::Day),
    ("date", Role::Day),
    ("event name", Role::Event),
    ("name", Role::Event),
    ("user pseudo id", Role::Id),
    ("param ga session id", Role::Session),
    ("ga session id", Role::Session),
    ("collected traffic source manual source", Role::UtmSource),
    ("param source", Role::UtmSource),
    ("traffic source source", Role::UtmSource),
    ("collected traffic source manual medium", Role::UtmMedium),
    ("param medium", Role::UtmMedium),
    ("traffic source medium", Role::UtmMedium),
    ("param campaign", Role::CampaignName),
    ("traffic source name", Role::CampaignName),
    ("ecommerce purchase revenue in usd", Role::Revenue),
    ("ecommerce purchase revenue", Role::Revenue),
    ("value in usd", Role::Metric),
    ("ecommerce refund value in usd", Role::Metric),
    ("ecommerce total item quantity", Role::Metric),
    ("platform", Role::Attribute),
    ("timestamp", Role::Breakdown),
    ("event timestamp", Role::Breakdown),
    ("bundle sequence id", Role::Breakdown),
    ("batch event index", Role::Breakdown),
    ("device category", Role::Attribute),
    ("batch page id", Role::Breakdown),
    ("batch ordering id", Role::Breakdown),
    // The tables of a day, of its beginning and of its late events overlap: what they say beside the
    // event's own key does not make another event.
    ("is intraday", Role::Attribute),
    ("table suffix", Role::Attribute),
    ("event previous timestamp", Role::Attribute),
    ("event server timestamp offset", Role::Attribute),
    ("user id", Role::Attribute),
    ("user first touch timestamp", Role::Attribute),
    ("geo city", Role::Attribute),
    ("geo country", Role::Attribute),
    ("geo region", Role::Attribute),
    ("geo continent", Role::Attribute),
    ("stream id", Role::Attribute),
    ("event dimensions hostname", Role::Attribute),
    ("ecommerce transaction id", Role::Attribute),
    ("param gclid", Role::Attribute),
    ("param session engaged", Role::Attribute),
    ("param engaged session event", Role::Attribute),
    ("param engagement time msec", Role::Attribute),
    ("param ga session number", Role::Attribute),
    ("param percent scrolled", Role::Attribute),
    ("param video duration", Role::Attribute),
    ("traffic source.source", Role::UtmSource),
    ("source", Role::UtmSource),
    ("traffic source.medium", Role::UtmMedium),
    ("medium", Role::UtmMedium),
    ("traffic source.name", Role::CampaignName),
    ("campaign", Role::CampaignName),
    ("purchase revenue in usd", Role::Revenue),
    ("purchase revenue", Role::Revenue),
    ("event value in usd", Role::Metric),
];

/// What the notes say of rows of a second period.
pub(crate) const COMPARED: &str = "rows of another, compared period are not read";

/// Which rows of a file belong to the second of two compared periods: those behind a comment that begins
/// another period, and those whose date range is not that of the first row.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    sessions: bool,
    range: Option<usize>,
    first: Option<String>,
    behind: bool,
}

impl Compared {
    pub(crate) fn new(layout: &Layout) -> Self {
        let sessions = layout.output == Output::Web;
        let range = layout.columns.iter().position(|column| &*column.name == "date range");
        Self { sessions, range: range.filter(|_| sessions), first: None, behind: false }
    }

    /// Looks at a line that is no data.
    pub(crate) fn comment(&mut self, cells: &[Cow<'_, str>]) {
        let text = cells.first().and_then(|cell| cell.trim().strip_prefix('#'));
        let begins = |text| super::header::normal(text).starts_with("start date");
        self.behind |= self.sessions && text.is_some_and(begins);
    }

    /// Whether a row belongs to the second period.
    pub(crate) fn is_other(&mut self, cells: &[Cow<'_, str>]) -> bool {
        let cell = self.range.and_then(|index| cells.get(index)).map(|cell| cell.trim());
        let Some(cell) = cell.filter(|cell| !cell.is_empty()) else { return self.behind };
        self.behind || self.first.get_or_insert_with(|| cell.to_owned()).as_str() != cell
    }
}
